#include "layers.h"

#include <strings.h>

#include "auth.h"
#include "conffile.h"
#include "embedded.h"
#include "list.h"
#include "mem.h"
#include "ownkeys.h"
#include "say.h"

static const char brokers_key[] = "bootstrap.servers";

/* --- addresses --- */

struct address {
	char *host; /* allocated */
	char port[8];
};

/* "HOST", "HOST:PORT", "[::1]:PORT", "SASL_SSL://HOST:PORT"; 9092 is librdkafka's default. */
static struct address address_of(const char *text)
{
	const char *scheme = strstr(text, "://");
	text = scheme ? scheme + 3 : text;
	bool bracket = *text == '[';
	text += bracket;
	size_t len = bracket ? strcspn(text, "]") : strcspn(text, ":");
	const char *port = strchr(text + len, ':');
	struct address a = {.host = kt_strndup(text, len)};
	snprintf(a.port, sizeof(a.port), "%s", port && port[1] ? port + 1 : "9092");
	return a;
}

static bool is_loopback(const char *host)
{
	return !strcasecmp(host, "localhost") || !strcmp(host, "127.0.0.1") || !strcmp(host, "::1");
}

/* Whether a layer says that this host's address is that other one. */
static bool stands_in(const struct kt_layers *l, const char *host, const char *other)
{
	for (size_t rank = 0; rank < KT_LEN(l->of); rank++) {
		kt_auto(kt_free_ptr) char *instead = kt_settings_instead(&l->of[rank], host);
		if (instead && !strcasecmp(instead, other))
			return true;
	}
	return false;
}

static bool is_same(const struct kt_layers *l, const char *a_text, const char *b_text)
{
	struct address a = address_of(a_text), b = address_of(b_text);
	bool same = !strcmp(a.port, b.port) &&
		    (!strcasecmp(a.host, b.host) || (is_loopback(a.host) && is_loopback(b.host)) ||
			    stands_in(l, a.host, b.host) || stands_in(l, b.host, a.host));
	free(a.host);
	free(b.host);
	return same;
}

static bool is_among(const struct kt_layers *l, const char *address, const struct kt_strs *others)
{
	for (size_t i = 0; i < others->n; i++)
		if (is_same(l, address, others->v[i]))
			return true;
	return false;
}

static bool all_among(const struct kt_layers *l, const char *list, const char *others)
{
	kt_auto(kt_strs_fini) struct kt_strs some = {0}, all = {0};
	kt_strs_split(&some, list, ",");
	kt_strs_split(&all, others, ",");
	for (size_t i = 0; i < some.n; i++)
		if (!is_among(l, some.v[i], &all))
			return false;
	return true;
}

bool kt_layers_all_among(const char *brokers, const char *others)
{
	return all_among(&(struct kt_layers){0}, brokers, others);
}

/* --- what belongs to a cluster --- */

/* Names in a cluster (topic, group) and its registry are not secret, but mean nothing to another profile. */
static bool belongs(const char *key, bool names_too)
{
	return kt_setting_is_connection(key) || (names_too && kt_ownkey_find(key) && strcmp(key, "kt.profile") != 0);
}

static bool is_credential(const char *key)
{
	return kt_setting_is_connection(key) && strcmp(key, brokers_key) != 0 && strcmp(key, "kt.resolve") != 0 &&
	       strcmp(key, "security.protocol") != 0;
}

static const struct kt_setting *credential(const struct kt_settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_credential(s->v[i].key))
			return &s->v[i];
	return NULL;
}

static bool is_guarded(const struct kt_settings *s)
{
	return kt_settings_get(s, "kt.auth") || kt_settings_get(s, "kt.oauth.command") ||
	       kt_settings_get(s, "kt.oauth.file") ||
	       strcasecmp(kt_settings_text(s, "security.protocol", "plaintext"), "plaintext") != 0;
}

static void clear(struct kt_settings *s, bool names_too)
{
	for (size_t i = s->n; i > 0; i--)
		if (belongs(s->v[i - 1].key, names_too))
			kt_settings_drop(s, s->v[i - 1].key);
}

/* The brokers in the property file of a folder of credentials, allocated, or NULL. What is wrong with it is said when
 * it is used. */
static char *folder_brokers(const char *dir)
{
	struct kt_err ignored = {0};
	kt_auto(kt_auth_fini) struct kt_auth auth = {0};
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	if (kt_auth_look(&auth, dir, "", &ignored) < 0 || !auth.properties ||
		kt_conffile_read(&file, auth.properties, "", &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < file.n; i++)
		if (!file.v[i].profile &&
			(!strcmp(file.v[i].key, brokers_key) || !strcmp(file.v[i].key, "metadata.broker.list")))
			return kt_strdup(file.v[i].value);
	return NULL;
}

/* --- joining --- */

/* The layers from the weakest upwards, as far as they have been looked at. */
struct chain {
	struct kt_layers *l;
	char *brokers; /* where they lead; NULL: nowhere in particular */
	enum kt_rank from;
	unsigned seen; /* bits of ranks */
};

/* A profile, a variable or -b outweighs the brokers of a folder. */
static char *brokers_of(const struct chain *c, enum kt_rank rank)
{
	const char *named = kt_settings_text(&c->l->of[rank], brokers_key, NULL);
	const char *folder = kt_settings_text(&c->l->of[rank], "kt.auth", NULL);
	if (named)
		return kt_strdup(named);
	return folder && (!c->brokers || c->from == KT_RANK_FILE) ? folder_brokers(folder) : NULL;
}

/* Whether the settings of a layer are meant for the brokers that a stronger one names. */
static bool is_meant(const struct kt_layers *l, enum kt_rank layer, enum kt_rank by)
{
	if (layer == KT_RANK_ENV || by <= KT_RANK_PROFILE)
		return false;
	if (l->section)
		return layer == KT_RANK_PROFILE || !*l->section;
	return l->typed && by == KT_RANK_FLAG;
}

/* How the same credentials are given in one command, allocated. */
static char *remedy(const struct kt_layers *l, const struct kt_setting *s)
{
	if (s->rank != KT_RANK_ENV)
		return kt_asprintf("--profile %s", l->profile);
	if (!strcmp(s->key, "kt.auth"))
		return kt_asprintf("--auth %s", s->value);
	return kt_asprintf("-X %s=…", s->key);
}

static void tell(const struct chain *c, const struct kt_setting *s, const char *brokers)
{
	kt_auto(kt_free_ptr) char *add = remedy(c->l, s);
	const char *profile = s->from.profile;
	kt_say(KT_WARNING,
		"the credentials in %s%s%s%s are for %.200s and are not sent to %.200s; if that is the same cluster, add %s",
		s->from.name, profile ? " [" : "", profile ? profile : "", profile ? "]" : "", c->brokers, brokers,
		add);
}

/* Whether somebody would miss what is left out: it was for brokers that ask for credentials, or these do, and nothing
 * was given for them. */
static bool is_missed(const struct kt_layers *l, bool guarded, enum kt_rank by)
{
	const char *protocol = NULL;
	for (size_t rank = by; rank < KT_LEN(l->of); rank++) {
		if (credential(&l->of[rank]))
			return false;
		protocol = kt_settings_text(&l->of[rank], "security.protocol", protocol);
	}
	return protocol ? strcasecmp(protocol, "plaintext") != 0 : guarded;
}

/* Layers seen so far that lead elsewhere lose what is about their cluster. */
static void part(struct chain *c, const char *brokers, enum kt_rank by)
{
	const struct kt_setting *missed = NULL;
	bool guarded = false, new_profile = by <= KT_RANK_PROFILE;
	for (int rank = KT_RANK_ENV; rank >= 0; rank--) {
		struct kt_settings *s = &c->l->of[rank];
		if (!(c->seen & 1u << rank) || is_meant(c->l, (enum kt_rank)rank, by))
			continue;
		guarded = guarded || is_guarded(s);
		missed = missed ? missed : credential(s);
	}
	struct kt_embedded embedded;
	if (missed && !new_profile && is_missed(c->l, guarded, by) && !kt_embedded_find(brokers, &embedded))
		tell(c, missed, brokers);
	for (int rank = KT_RANK_ENV; rank >= 0; rank--)
		if (c->seen & 1u << rank && !is_meant(c->l, (enum kt_rank)rank, by))
			clear(&c->l->of[rank], new_profile || (c->l->section && *c->l->section));
}

/* The environment leads elsewhere than the file that was named on this command line. */
static void outweigh_environment(struct chain *c, const char *brokers)
{
	const struct kt_setting *s = kt_settings_get(&c->l->of[KT_RANK_ENV], brokers_key);
	if (s)
		kt_say(KT_WARNING, "%s (%.200s) is not used: the configuration named here is for %.200s", s->from.name,
			brokers, c->brokers);
	clear(&c->l->of[KT_RANK_ENV], false);
}

static void add(struct chain *c, enum kt_rank rank)
{
	char *brokers = brokers_of(c, rank);
	bool elsewhere = brokers && c->brokers && !all_among(c->l, brokers, c->brokers);
	if (elsewhere && rank == KT_RANK_ENV && c->l->typed) {
		outweigh_environment(c, brokers);
		free(brokers);
		return;
	}
	if (elsewhere)
		part(c, brokers, rank);
	c->seen |= 1u << rank;
	if (!brokers)
		return;
	free(c->brokers);
	c->brokers = brokers;
	c->from = rank;
}

/* The embedded broker speaks neither TLS nor SASL; what asks for them was set for another. */
static void leave_embedded_plain(const struct chain *c)
{
	struct kt_embedded found;
	bool any = false;
	for (int rank = 0; rank < KT_RANK_FLAG; rank++)
		any = any || is_guarded(&c->l->of[rank]);
	if (!any || !c->brokers || !kt_embedded_find(c->brokers, &found))
		return;
	kt_say(KT_VERBOSE, "%s is a `kt broker`: no credentials are used", c->brokers);
	for (int rank = 0; rank < KT_RANK_FLAG; rank++) {
		struct kt_settings *s = &c->l->of[rank];
		for (size_t i = s->n; i > 0; i--)
			if (is_credential(s->v[i - 1].key) || !strcmp(s->v[i - 1].key, "security.protocol"))
				kt_settings_drop(s, s->v[i - 1].key);
	}
}

void kt_layers_join(struct kt_settings *out, struct kt_layers *l)
{
	struct chain c = {.l = l};
	for (int rank = KT_RANK_FILE; rank <= KT_RANK_FLAG; rank++)
		add(&c, (enum kt_rank)rank);
	leave_embedded_plain(&c);
	free(c.brokers);
	for (size_t rank = 0; rank < KT_LEN(l->of); rank++)
		kt_settings_copy(out, &l->of[rank]);
}

void kt_layers_fini(struct kt_layers *l)
{
	for (size_t rank = 0; rank < KT_LEN(l->of); rank++)
		kt_settings_fini(&l->of[rank]);
}
