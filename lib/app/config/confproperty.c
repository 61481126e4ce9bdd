/* A property, from wherever it comes: its name in librdkafka's words, its value checked, and the setting it becomes. */
#include "auth.h"
#include "conf_own.h"
#include "javaprops.h"
#include "mem.h"
#include "ownkeys.h"
#include "say.h"
#include "suggest.h"
#include "url.h"

static void wipe_text(char **text)
{
	kt_wipe(*text);
	free(*text);
}

/* A secret that says where it is kept. */
static bool is_indirect(const char *key, const char *value)
{
	return kt_setting_is_secret(key) &&
	       (!strncmp(value, "env:", 4) || !strncmp(value, "file:", 5) || !strncmp(value, "ask:", 4));
}

static void offer(void *near, const char *name)
{
	kt_suggest_offer(near, name);
}

/* rpk's names, which no spelling leads to ours from. */
static const char *name_of_rpk(const char *key)
{
	static const struct {
		const char *rpk, *name;
	} rows[] = {
		{"brokers", "bootstrap.servers, which is -b LIST on a command line"},
		{"registry.hosts", "kt.registry, the URL of a schema registry"},
		{"user", "sasl.username"},
		{"pass", "sasl.password"},
		{"tls.enabled", "security.protocol=SSL"},
		{"tls.ca", "ssl.ca.location"},
		{"tls.cert", "ssl.certificate.location"},
		{"tls.key", "ssl.key.location"},
		{"tls.insecure_skip_verify", "enable.ssl.certificate.verification=false"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		if (!strcmp(key, rows[i].rpk))
			return rows[i].name;
	return NULL;
}

static int unknown(struct kt_conf_loader *l, const char *key, const char *origin)
{
	const char *name = name_of_rpk(key);
	struct kt_suggest near = {.word = key};
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key)
			kt_suggest_offer(&near, own->key);
	for (size_t i = 0; i < l->props.n; i++)
		kt_suggest_offer(&near, l->props.v[i].name);
	kt_java_names(offer, &near);
	kt_err_set(l->err, KT_USAGE, "%s%sthere is no property \"%.100s\"", origin, *origin ? ": " : "", key);
	if (name)
		return kt_err_hint(l->err, "rpk's %s is %s", key, name);
	if (near.best)
		return kt_err_hint(l->err, "did you mean %s?", near.best);
	return kt_err_hint(l->err, "`-X list` shows all properties");
}

static bool is_known(const struct kt_conf_loader *l, const char *key, const char *canonical)
{
	return kt_props_find(&l->props, canonical) || kt_ownkey_find(key) || kt_java_kept(key) || kt_props_known(key);
}

/* A path may begin with ~/, also where no shell sees it: in files, and after -X NAME= and --auth=. Allocated. */
static char *at_home(const char *key, const char *value)
{
	const char *home = getenv("HOME");
	bool file = is_indirect(key, value) && !strncmp(value, "file:", 5);
	const char *path = value + (file ? 5 : 0);
	if ((!file && !kt_setting_is_path(key)) || !home || !*home || strncmp(path, "~/", 2))
		return kt_strdup(value);
	return kt_asprintf("%s%s%s", file ? "file:" : "", home, path + 1);
}

/* NAME=ADDRESS, as many as there are. */
static int check_resolve(struct kt_conf_loader *l, const char *value, const char *origin)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_strs_split(&words, value, " ");
	for (size_t i = 0; i < words.n; i++) {
		const char *equals = strchr(words.v[i], '=');
		if (!equals || equals == words.v[i] || !equals[1])
			return kt_err_set(
				l->err, KT_USAGE, "%s: expected NAME=ADDRESS, got \"%.100s\"", origin, words.v[i]);
	}
	return 0;
}

static void file(struct kt_conf_loader *l, const struct kt_conf_source *source, const char *key, const char *value)
{
	kt_settings_put_from(
		l->layers ? &l->layers->of[source->rank] : l->out, source->rank, key, value, &source->from);
}

/* A registry's address; what it says about who is asking is kept apart, so that the address can be shown. */
static int put_registry(struct kt_conf_loader *l, const struct kt_conf_source *source, const char *value)
{
	kt_auto(kt_url_fini) struct kt_url url = {0};
	if (kt_url_parse(&url, value, l->err) < 0)
		return kt_err_wrap(l->err, "%s", source->text);
	file(l, source, "kt.registry", url.base);
	if (url.user)
		file(l, source, "kt.registry.username", url.user);
	if (url.password)
		file(l, source, "kt.registry.password", url.password);
	return 0;
}

void kt_confproperty_leave_out(struct kt_buf *names, const char *key)
{
	enum { LONGEST = 400 };
	if (names->len < LONGEST)
		kt_buf_addf(names, "%s%.60s", names->len ? ", " : "", key);
	else if (names->data[names->len - 1] != ' ')
		kt_buf_adds(names, ", … ");
}

/* What a folder's property becomes, allocated; NULL when it is left out. */
static char *from_folder(struct kt_conf_folder *folder, const char *key, const char *name, const char *value)
{
	char *text = NULL;
	if (!kt_auth_allows(name)) {
		kt_confproperty_leave_out(&folder->unfit, key);
		return NULL;
	}
	if (!is_indirect(name, value))
		text = kt_setting_is_path(name) ? kt_auth_path(folder->dir, value) : kt_strdup(value);
	if (!text)
		kt_confproperty_leave_out(&folder->outside, key);
	return text;
}

/* Read before the rest, and filed by load_file(). */
static int check_profile_key(struct kt_conf_loader *l, const struct kt_conf_source *source)
{
	if (source->rank == KT_RANK_FILE || !strcmp(source->from.name, "KT_PROFILE"))
		return 0;
	kt_err_set(l->err, KT_USAGE, "%s: kt.profile belongs in front of a file's sections, and nowhere else",
		source->text);
	return kt_err_hint(l->err, "--profile NAME and KT_PROFILE=NAME choose a profile");
}

/* Files a property under its one name, if it exists and the value is allowed. */
static int put_property(
	struct kt_conf_loader *l, const struct kt_conf_source *source, const char *key, const char *text)
{
	const char *name = kt_props_canonical(&l->props, key);
	kt_auto(wipe_text) char *value = l->folder ? from_folder(l->folder, key, name, text) : at_home(name, text);
	if (!value)
		return 0;
	if (!strcmp(name, "kt.profile"))
		return check_profile_key(l, source);
	bool listed = kt_props_find(&l->props, name) != NULL;
	if (!is_known(l, key, name))
		return unknown(l, key, source->text);
	if (listed && !is_indirect(name, value) && kt_props_check(name, value, l->err) < 0)
		return kt_err_wrap(l->err, "%s", source->text);
	if (!strcmp(name, "bootstrap.servers") && !*value)
		return kt_err_set(l->err, KT_USAGE, "%s: no broker is named", source->text);
	if (!strcmp(name, "kt.resolve") && check_resolve(l, value, source->text) < 0)
		return -1;
	if (!strcmp(name, "kt.registry"))
		return put_registry(l, source, value);
	file(l, source, strcmp(name, "group.id") ? name : "kt.group", value);
	return 0;
}

int kt_confproperty_put(
	struct kt_conf_loader *l, const struct kt_conf_source *source, const char *key, const char *value)
{
	kt_auto(kt_java_fini) struct kt_java java = {0};
	if (kt_java_translate(&java, key, value, l->err) < 0)
		return kt_err_wrap(l->err, "%s", source->text);
	if (java.kind == KT_JAVA_OTHER)
		return put_property(l, source, key, value);
	if (java.kind == KT_JAVA_IGNORED && kt_props_known(key))
		return put_property(l, source, key, value);
	if (java.kind == KT_JAVA_IGNORED)
		kt_say(source->rank == KT_RANK_FLAG ? KT_WARNING : KT_VERBOSE, "%s: %s is ignored: %s", source->text,
			key, java.note);
	for (size_t i = 0; i < java.n; i++)
		if (put_property(l, source, java.v[i].key, java.v[i].value) < 0)
			return -1;
	return 0;
}

int kt_confproperty_put_row(
	struct kt_conf_loader *l, enum kt_rank rank, const struct kt_property *row, const char *shown)
{
	struct kt_conf_source source = {rank, {KT_ORIGIN_FILE, shown, row->line, row->profile, NULL}, NULL};
	kt_auto(kt_free_ptr) char *origin = kt_origin_text(&source.from);
	source.text = origin;
	kt_auto(wipe_text) char *value =
		l->folder ? kt_strdup(row->value) : kt_properties_expand(row->value, getenv, l->err);
	if (!value)
		return kt_err_wrap(l->err, "%s", origin);
	if (row->dropped)
		kt_say(KT_WARNING, "%s: %s: a backslash is left out, as Java does: write two for one that stays",
			origin, row->key);
	return kt_confproperty_put(l, &source, row->key, value);
}

bool kt_confproperty_tells_secret(const struct kt_property *row)
{
	return kt_setting_is_secret(row->key) && *row->value && !is_indirect(row->key, row->value) &&
	       !strstr(row->value, "${");
}

int kt_conf_check(const char *key, const char *value, const char *origin, struct kt_err *err)
{
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	struct kt_conf_loader l = {.out = &settings, .opts = &(struct kt_client_opts){0}, .err = err};
	struct kt_conf_source source = {KT_RANK_FLAG, {.name = origin}, origin};
	kt_props_load(&l.props);
	int result = kt_confproperty_put(&l, &source, key, value);
	kt_props_fini(&l.props);
	return result;
}

char *kt_conf_key(const char *key, struct kt_err *err)
{
	struct kt_conf_loader l = {.err = err};
	char *name = NULL;
	kt_props_load(&l.props);
	const char *canonical = kt_props_canonical(&l.props, key);
	if (is_known(&l, key, canonical))
		name = kt_strdup(strcmp(canonical, "group.id") ? canonical : "kt.group");
	else
		(void)unknown(&l, key, "");
	kt_props_fini(&l.props);
	return name;
}
