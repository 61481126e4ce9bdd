/* kt config init: tries a connection, finds out what it needs, and writes that down. */
#include <ctype.h>
#include <unistd.h>

#include "ask.h"
#include "client.h"
#include "cmd.h"
#include "conf.h"
#include "conffile.h"
#include "embedded.h"
#include "file.h"
#include "keystore.h"
#include "layers.h"
#include "mem.h"
#include "profile.h"
#include "say.h"
#include "topic.h"
#include "whichprofile.h"

struct init_opts {
	struct kt_client_opts client;
	const char *topic, *group;
	bool yes;
};

#define OPTS struct init_opts
static const struct kt_opt opts[] = {
	{.name = "topic",
		.letter = 't',
		KT_STR(topic),
		.arg = "TOPIC",
		.comp = KT_COMP_TOPIC,
		.help = "make this the topic when none is given"},
	{.name = "group",
		.letter = 'g',
		KT_STR(group),
		.arg = "GROUP",
		.comp = KT_COMP_GROUP,
		.help = "make this the group when none is given"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "accept what is offered instead of asking"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

struct init {
	const struct init_opts *o;
	struct kt_profile profile;
	struct kt_settings tried;    /* as people write them */
	struct kt_settings revealed; /* as librdkafka takes them */
	struct kt_client *client;
	struct kt_buf brokers, auth; /* as they were typed when they were asked for */
	char cn[256];                /* of the client's certificate */
	struct kt_err *err;
};

static void init_fini(struct init *i)
{
	kt_client_close(i->client);
	kt_settings_fini(&i->revealed);
	kt_settings_fini(&i->tried);
	kt_profile_fini(&i->profile);
	kt_buf_fini(&i->brokers);
	kt_buf_fini(&i->auth);
}

/* An offer: 1 accepted, 0 declined, -1 when it can be neither accepted nor asked about. */
static int offer(struct init *i, const char *question)
{
	kt_auto(kt_buf_fini) struct kt_buf answer = {0};
	kt_auto(kt_free_ptr) char *prompt = kt_asprintf("%s [y/n]", question);
	if (i->o->yes) {
		kt_say(KT_NORMAL, "%s yes", question);
		return 1;
	}
	if (kt_ask(&answer, prompt, false, i->err) < 0)
		return -1;
	return tolower((unsigned char)answer.data[0]) == 'y';
}

static void put(struct init *i, const char *key, const char *value, const char *origin)
{
	if (value)
		kt_settings_put(&i->tried, KT_RANK_FLAG, key, value, origin);
}

/* The settings as they will be when the section is written: what it says already counts, unless a flag beats it. */
static int load(struct init *i)
{
	struct kt_client_opts client = i->o->client;
	client.config = i->profile.exists ? i->profile.path : "/dev/null";
	client.profile = i->profile.has_section ? i->profile.name : "";
	client.section = i->profile.name ? i->profile.name : "";
	client.brokers = i->brokers.len ? kt_buf_cstr(&i->brokers) : client.brokers;
	client.auth = i->auth.len ? kt_buf_cstr(&i->auth) : client.auth;
	if (kt_conf_load(&i->tried, &client, i->err) < 0)
		return -1;
	put(i, "kt.topic", i->o->topic, "-t");
	put(i, "kt.group", i->o->group, "-g");
	return 0;
}

static bool knows_brokers(const struct init *i)
{
	return kt_settings_get(&i->tried, "bootstrap.servers")->rank > KT_RANK_BUILTIN;
}

/* The folder first, since it may name the brokers. One that cannot be used is asked for again. */
static int ask_for_folder(struct init *i)
{
	const char *offered = access("auth", R_OK | X_OK) == 0 ? "./auth" : "none";
	for (;;) {
		i->auth.len = 0;
		if (kt_ask_or(&i->auth, "Folder with credentials, or none", offered, i->err) < 0)
			return -1;
		if (!strcmp(kt_buf_cstr(&i->auth), "none"))
			i->auth.len = 0;
		if (load(i) == 0)
			return 0;
		kt_say_plain("%s", i->err->msg);
		if (!i->auth.len)
			return -1;
	}
}

/* Only when somebody is at the terminal: what a script lacks is an error. */
static int ask_for_the_rest(struct init *i)
{
	kt_say(KT_NORMAL, "Enter takes what is in brackets; Ctrl-C leaves everything as it is");
	if (!kt_settings_get(&i->tried, "kt.auth") && !kt_settings_get(&i->tried, "security.protocol") &&
		ask_for_folder(i) < 0)
		return -1;
	const char *offered =
		knows_brokers(i) ? kt_settings_text(&i->tried, "bootstrap.servers", "") : "localhost:9092";
	return kt_ask_or(&i->brokers, "Brokers, HOST:PORT,…", offered, i->err) < 0 || load(i) < 0 ? -1 : 0;
}

static int need_brokers(struct init *i)
{
	const struct kt_setting *brokers = kt_settings_get(&i->tried, "bootstrap.servers");
	if (!i->o->yes && isatty(STDIN_FILENO))
		return ask_for_the_rest(i);
	kt_err_set(i->err, KT_USAGE, "which brokers is the profile for?");
	/* It would outlive the broker, whose port may be another the next time. */
	if (brokers->from.kind == KT_ORIGIN_EMBEDDED)
		return kt_err_hint(i->err,
			"name at least one: -b HOST:PORT; the `kt broker` at %s is found without a profile",
			brokers->value);
	return kt_err_hint(i->err, "name at least one: -b HOST:PORT");
}

/* Whether the file says in these settings who somebody is. */
static bool identifies(const struct kt_settings *settings)
{
	for (size_t n = 0; n < settings->n; n++) {
		const struct kt_setting *s = &settings->v[n];
		if (s->rank > KT_RANK_BUILTIN && s->rank < KT_RANK_ENV && kt_setting_is_connection(s->key) &&
			(kt_setting_is_secret(s->key) || kt_setting_is_path(s->key)) &&
			strcmp(s->key, "ssl.ca.location"))
			return true;
	}
	return false;
}

/* The brokers that the section has credentials for, allocated; NULL where it has none. */
static char *guarded_brokers(const struct init *i)
{
	struct kt_err ignored = {0};
	kt_auto(kt_settings_fini) struct kt_settings was = {0};
	const char *name = i->profile.name ? i->profile.name : KT_PROFILE_FRONT;
	struct kt_client_opts client = {.config = i->profile.path, .profile = name, .only = &i->profile.file};
	if (!i->profile.exists || (i->profile.name && !i->profile.has_section) ||
		kt_conf_load(&was, &client, &ignored) < 0 || !identifies(&was))
		return NULL;
	const struct kt_setting *brokers = kt_settings_get(&was, "bootstrap.servers");
	return brokers->rank > KT_RANK_BUILTIN ? kt_strdup(brokers->value) : NULL;
}

/* What the file has was for its brokers; others take their place, and get their credentials, if that is wanted. */
static int check_cluster(struct init *i)
{
	kt_auto(kt_free_ptr) char *old = guarded_brokers(i);
	const char *new = kt_settings_text(&i->tried, "bootstrap.servers", ""), *name = i->profile.name;
	if (!old || kt_layers_all_among(new, old))
		return 0;
	kt_auto(kt_free_ptr) char *where =
		kt_asprintf("%s%s%s%s", i->profile.shown, name ? " [" : "", name ? name : "", name ? "]" : "");
	kt_auto(kt_free_ptr) char *question = kt_asprintf("%s is for %s: put %s in its place%s?", where, old, new,
		identifies(&i->tried) ? ", with the credentials that are there" : "");
	int answer = offer(i, question);
	if (answer > 0 || (answer < 0 && i->err->status >= KT_SIGNAL))
		return answer > 0 ? 0 : -1;
	kt_err_set(i->err, KT_USAGE, "%s is for %s, and stays so: nothing was written", where, old);
	return kt_err_hint(i->err, "--profile NAME puts another cluster beside it; --yes puts it in its place");
}

static int reveal(struct init *i)
{
	kt_settings_fini(&i->revealed);
	kt_settings_copy(&i->revealed, &i->tried);
	if (kt_conf_resolve(&i->revealed, i->err) < 0)
		return -1;
	/* What was typed once is not asked for again on a second attempt. */
	const struct kt_setting *typed = kt_settings_get(&i->revealed, "ssl.keystore.password");
	if (typed && !kt_settings_get(&i->tried, typed->key))
		kt_settings_put_from(&i->tried, KT_RANK_FLAG, typed->key, typed->value, &typed->from);
	return 0;
}

static int attempt(struct init *i)
{
	kt_client_close(kt_steal(i->client));
	if (reveal(i) < 0 || kt_client_open(&i->client, KT_ROLE_ADMIN, &i->revealed, i->o->client.owner, i->err) < 0)
		return -1;
	return kt_client_reach(i->client, i->o->client.timeout_ms, i->err);
}

static int reach(struct init *i)
{
	static const char check[] = "ssl.endpoint.identification.algorithm";
	if (attempt(i) == 0)
		return 0;
	if (!i->client || !kt_client_wrong_name(i->client))
		return -1;
	struct kt_err refused = *i->err;
	kt_auto(kt_free_ptr) char *question = kt_asprintf("%s: go on without comparing names?", refused.msg);
	int answer = offer(i, question);
	if (answer <= 0) {
		if (answer < 0 && i->err->status != KT_USAGE)
			return -1;
		*i->err = refused;
		return kt_err_hint(i->err, "if that is as it should be, accept it: --yes, or -X %s=none", check);
	}
	put(i, check, "none", "accepted");
	return attempt(i);
}

static void read_certificate(struct init *i)
{
	struct kt_err ignored = {0};
	struct kt_keystore store;
	kt_auto(kt_buf_fini) struct kt_buf file = {0};
	const char *path = kt_settings_text(&i->revealed, "ssl.keystore.location", NULL);
	const char *password = kt_settings_text(&i->revealed, "ssl.keystore.password", "");
	if (kt_settings_tls(&i->revealed) && path && kt_file_read(&file, path, KT_STORE_MAX, &ignored) == 0 &&
		kt_keystore_open(&store, file.data, file.len, password, path, &ignored) == 0)
		snprintf(i->cn, sizeof(i->cn), "%s", store.cn);
}

static bool topic_exists(struct init *i, const char *name)
{
	struct kt_err ignored = {0};
	const struct rd_kafka_metadata *answer;
	if (kt_topic_check(name, &ignored) < 0 ||
		kt_client_metadata(i->client, name, i->o->client.timeout_ms, &answer, &ignored) < 0)
		return false;
	bool exists = answer->topic_cnt == 1 && !answer->topics[0].err && answer->topics[0].partition_cnt > 0;
	rd_kafka_metadata_destroy(answer);
	return exists;
}

/* Courses hand out one topic per certificate, under the certificate's name, which ACLs know in lower case. */
static void find_topic(struct init *i)
{
	char lower[sizeof(i->cn)];
	if (i->o->topic || !i->cn[0])
		return;
	for (size_t n = 0; n < sizeof(lower); n++)
		lower[n] = (char)tolower((unsigned char)i->cn[n]);
	if (topic_exists(i, i->cn))
		put(i, "kt.topic", i->cn, "the certificate's CN");
	else if (strcmp(lower, i->cn) && topic_exists(i, lower))
		put(i, "kt.topic", lower, "the certificate's CN");
}

/* A secret that was given on the command line, in the environment or at the prompt has to be kept somewhere. */
static int place_secrets(struct init *i, struct kt_settings *chosen)
{
	static const char *const places[] = {"env:", "file:", "ask:"};
	for (size_t n = 0; n < chosen->n;) {
		const struct kt_setting *s = &chosen->v[n];
		bool elsewhere = !kt_setting_is_secret(s->key);
		for (size_t p = 0; p < KT_LEN(places); p++)
			elsewhere = elsewhere || !strncmp(s->value, places[p], strlen(places[p]));
		kt_auto(kt_free_ptr) char *question = kt_asprintf(
			"Write %s (from %s) into %s, which only you can read?", s->key, s->origin, i->profile.shown);
		int answer = elsewhere ? 1 : offer(i, question);
		if (answer < 0 && i->err->status != KT_USAGE)
			return -1;
		if (answer < 0)
			return kt_err_hint(
				i->err, "--yes accepts; or say where it stands: -X %s=file:PATH or env:NAME", s->key);
		if (answer)
			n++;
		else
			kt_settings_drop(chosen, s->key);
	}
	return 0;
}

static void summarize(const struct init *i, const struct kt_settings *chosen)
{
	const char *name = i->profile.name;
	kt_say(KT_NORMAL, "reached %s%s%s", kt_client_brokers(i->client), i->cn[0] ? " as " : "", i->cn);
	kt_say(KT_NORMAL, "wrote to %s%s%s%s:", i->profile.shown, name ? " [profile " : "", name ? name : "",
		name ? "]" : "");
	for (size_t n = 0; n < chosen->n; n++) {
		const struct kt_setting *s = &chosen->v[n];
		kt_say(KT_NORMAL, "  %s=%s", s->key, kt_setting_is_secret(s->key) ? "********" : s->value);
	}
	const struct kt_setting *password = kt_settings_get(&i->tried, "ssl.keystore.password");
	if (password && password->rank < KT_RANK_ENV && !kt_setting_in_file(password, i->profile.shown))
		kt_say(KT_NORMAL, "the keystore's password stays in %s", password->origin);
	kt_say(KT_NORMAL, "from now on: kt produce%s%s%s", kt_settings_get(&i->tried, "kt.topic") ? "" : " TOPIC",
		name ? " --profile " : "", name ? name : "");
	if (name && i->o->client.profile)
		kt_say(KT_NORMAL, "kt config use %s makes it the one that is used without --profile", name);
}

/* kt's own file hides the ones after it. */
static void warn_of_hidden_file(const struct init *i)
{
	struct kt_err ignored = {0};
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	if (i->profile.exists || kt_conffiles_find(&files, i->o->client.config, &ignored) < 0)
		return;
	const struct kt_conffile *used = kt_conffiles_used(&files);
	if (used && strcmp(used->path, i->profile.path))
		kt_say(KT_WARNING, "%s is no longer read: %s comes first", used->shown, i->profile.shown);
}

static int run(void *data, struct kt_err *err)
{
	kt_auto(init_fini) struct init i = {.o = data, .err = err};
	kt_auto(kt_settings_fini) struct kt_settings chosen = {0};
	if (kt_profile_find(&i.profile, &i.o->client, false, err) < 0 || load(&i) < 0 ||
		(!knows_brokers(&i) && need_brokers(&i) < 0) || check_cluster(&i) < 0 || reach(&i) < 0)
		return -1;
	read_certificate(&i);
	find_topic(&i);
	kt_profile_choose(&chosen, &i.tried);
	if (place_secrets(&i, &chosen) < 0)
		return -1;
	warn_of_hidden_file(&i);
	if (kt_profile_write(&i.profile, &chosen, &i.tried, err) < 0)
		return -1;
	summarize(&i, &chosen);
	return 0;
}

static const char *const about[] = {
	"Connects with the flags that are given, and when that works writes them to the configuration file, so that "
	"later commands need none: to the section of --profile NAME, else in front of all sections.",
	"On a terminal it asks for the folder of credentials and the brokers where none are known; elsewhere that is an "
	"error. A profile that names brokers stands alone: nothing of the cluster in front of the sections, or of another "
	"profile, is used for it.",
	"Anything else that the connection needed is offered: no comparison of host names where the certificates are "
	"for others, and a place for the password. Where the certificate's CN is a topic, it becomes the topic to "
	"use when none is given. Paths are written in full. Nothing is written when the cluster cannot be reached.",
	"The file is the argument of -F, else $KT_CONFIG, else ~/.config/kt/config. It is replaced in one step, and "
	"only its owner can read it then; what does not concern the connection stays as it is, comments included.",
	NULL,
};

static const char *const examples[] = {
	"The credentials folder of a course, once",
	"kt config init --auth ./auth -b kafka1.example.org:19093",
	"A second cluster, from then on reached with --profile lab",
	"kt config init --profile lab -b localhost:9092 -t orders",
	NULL,
};

const struct kt_cmd kt_cmd_config_init = {
	.name = "config init",
	.summary = "try a connection and write it to the configuration",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
