#include "settings.h"

#include "buf.h"
#include "mem.h"
#include "ownkeys.h"

static void entry_fini(struct kt_setting *entry)
{
	/* Any value may hold a password (inside sasl.jaas.config, a URL), so all are wiped. */
	kt_wipe(entry->value);
	free(entry->key);
	free(entry->value);
	free(entry->origin);
	free((char *)entry->from.name);
	free((char *)entry->from.profile);
	free((char *)entry->from.folder);
}

static struct kt_setting *find(const struct kt_settings *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].key, key))
			return &s->v[i];
	return NULL;
}

static char *copy(const char *text)
{
	return text ? kt_strdup(text) : NULL;
}

char *kt_origin_text(const struct kt_origin *from)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_adds(&text, from->name);
	if (from->kind == KT_ORIGIN_FILE)
		kt_buf_addf(&text, ":%u", from->line);
	if (from->profile)
		kt_buf_addf(&text, " [%s]", from->profile);
	if (from->folder)
		kt_buf_addf(&text, " %s", from->folder);
	return kt_strdup(kt_buf_cstr(&text));
}

bool kt_setting_in_file(const struct kt_setting *s, const char *shown)
{
	return s->from.kind == KT_ORIGIN_FILE && !strcmp(s->from.name, shown);
}

void kt_settings_put(struct kt_settings *s, enum kt_rank rank, const char *key, const char *value, const char *origin)
{
	kt_settings_put_from(s, rank, key, value, &(struct kt_origin){.name = origin});
}

void kt_settings_put_like(struct kt_settings *s, const struct kt_setting *like, const char *key, const char *value)
{
	kt_settings_put_from(s, like->rank, key, value, &like->from);
}

void kt_settings_put_from(
	struct kt_settings *s, enum kt_rank rank, const char *key, const char *value, const struct kt_origin *from)
{
	struct kt_setting *old = find(s, key);
	if (old && old->rank > rank)
		return;
	struct kt_setting entry = {kt_strdup(key), kt_strdup(value), kt_origin_text(from), rank, *from};
	entry.from.name = copy(from->name);
	entry.from.profile = copy(from->profile);
	entry.from.folder = copy(from->folder);
	if (old) {
		entry_fini(old);
		*old = entry;
		return;
	}
	s->v = kt_grow(s->v, &s->cap, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = entry;
}

void kt_settings_drop(struct kt_settings *s, const char *key)
{
	struct kt_setting *entry = find(s, key);
	if (!entry)
		return;
	entry_fini(entry);
	size_t behind = s->n - (size_t)(entry - s->v) - 1;
	memmove(entry, entry + 1, behind * sizeof(*entry));
	s->n--;
}

const struct kt_setting *kt_settings_get(const struct kt_settings *s, const char *key)
{
	return find(s, key);
}

const char *kt_settings_text(const struct kt_settings *s, const char *key, const char *fallback)
{
	const struct kt_setting *entry = find(s, key);
	return entry ? entry->value : fallback;
}

bool kt_settings_tls(const struct kt_settings *s)
{
	return strcasestr(kt_settings_text(s, "security.protocol", ""), "ssl") != NULL;
}

void kt_settings_copy(struct kt_settings *s, const struct kt_settings *from)
{
	for (size_t i = 0; i < from->n; i++)
		kt_settings_put_like(s, &from->v[i], from->v[i].key, from->v[i].value);
}

char *kt_settings_instead(const struct kt_settings *s, const char *host)
{
	size_t len = strlen(host);
	const char *at = kt_settings_text(s, "kt.resolve", "");
	for (; *at; at += strcspn(at, " "), at += strspn(at, " "))
		if (!strncasecmp(at, host, len) && at[len] == '=')
			return kt_strndup(at + len + 1, strcspn(at + len + 1, " "));
	return NULL;
}

bool kt_setting_is_secret(const char *key)
{
	static const char *const parts[] = {"password", "secret", "passphrase", "jaas", "token", "credential"};
	const struct kt_ownkey *own = kt_ownkey_find(key);
	static const char *const names[] = {
		"ssl.key.pem", "ssl_key", "ssl.keystore.key", "sasl.oauthbearer.config", "basic.auth.user.info"};
	if (own)
		return own->secret;
	/* Where a token is fetched is not a secret, the token is. */
	if (strstr(key, "token.endpoint.url"))
		return false;
	for (size_t i = 0; i < KT_LEN(parts); i++)
		if (strcasestr(key, parts[i]))
			return true;
	for (size_t i = 0; i < KT_LEN(names); i++)
		if (!strcasecmp(key, names[i]))
			return true;
	return false;
}

bool kt_setting_is_path(const char *key)
{
	const struct kt_ownkey *own = kt_ownkey_find(key);
	size_t len = strlen(key), tail = strlen(".location");
	return own ? own->path : len > tail && !strcmp(key + len - tail, ".location");
}

bool kt_setting_is_connection(const char *key)
{
	const struct kt_ownkey *own = kt_ownkey_find(key);
	return own ? own->connection
		   : !strcmp(key, "metadata.broker.list") || !strncmp(key, "ssl.", 4) || !strncmp(key, "sasl.", 5) ||
			       !strncmp(key, "security.", 9) || !strncmp(key, "enable.ssl.", 11) ||
			       !strncmp(key, "enable.sasl.", 12) || !strncmp(key, "https.", 6);
}

void kt_settings_fini(struct kt_settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		entry_fini(&s->v[i]);
	free(s->v);
	*s = (struct kt_settings){0};
}
