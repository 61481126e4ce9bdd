#include "conf.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "buf.h"
#include "conffile.h"
#include "embedded.h"
#include "javaprops.h"
#include "layers.h"
#include "mem.h"
#include "oauthsettings.h"
#include "ownkeys.h"
#include "props.h"
#include "say.h"
#include "sig.h"
#include "suggest.h"
#include "tlsalternatives.h"
#include "url.h"
#include "whichprofile.h"

static const char *const colors[] = {"auto", "always", "never", NULL};

#define OPTS struct kt_client_opts
const struct kt_opt kt_client_opts[] = {
	{.name = "brokers",
		.often = true,
		.letter = 'b',
		.also = "bootstrap-server broker-list",
		KT_STR(brokers),
		.arg = "LIST",
		.help = "brokers to start from: HOST[:PORT],…"},
	{.name = "property",
		.letter = 'X',
		.also = "producer-property consumer-property reader-property formatter-property command-property",
		KT_LIST(properties),
		.arg = "NAME=VALUE",
		.comp = KT_COMP_PROPERTY,
		.help = "set a librdkafka property; `-X list` shows them"},
	{.name = "config",
		.letter = 'F',
		.also = "command-config",
		KT_STR(config),
		.arg = "FILE",
		.comp = KT_COMP_FILE,
		.help = "read this configuration file instead of the usual ones"},
	{.name = "profile",
		.often = true,
		KT_STR(profile),
		.arg = "NAME",
		.comp = KT_COMP_PROFILE,
		.help = "use this [profile NAME] of the configuration file; none: no file at all"},
	{.name = "auth",
		.often = true,
		KT_STR(auth),
		.arg = "DIR",
		.comp = KT_COMP_DIR,
		.help = "TLS with the ca.crt and keystore in this folder"},
	{.name = "oauth-command",
		KT_STR(oauth_command),
		.arg = "COMMAND",
		.help = "SASL OAUTHBEARER with the token that this prints"},
	{.name = "oauth-file",
		KT_STR(oauth_file),
		.arg = "FILE",
		.comp = KT_COMP_FILE,
		.help = "SASL OAUTHBEARER with the token in this file"},
	{.name = "resolve",
		KT_LIST(resolve),
		.arg = "NAME=ADDRESS",
		.help = "use this address for a host name, in place of /etc/hosts"},
	{.name = "timeout",
		.letter = 'm',
		KT_MS(timeout_ms),
		.arg = "DUR",
		.def = "5s",
		.help = "how long to try to reach a broker"},
	{.name = "run-for", KT_MS(run_for_ms), .arg = "DUR", .def = "0", .help = "end after this time; 0: no limit"},
	{.name = "color", KT_ENUM(color, colors), .arg = "WHEN", .def = "auto", .help = "colors on a terminal"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "say nothing but errors"},
	{.name = "verbose",
		.letter = 'v',
		KT_COUNT(verbose),
		.help = "say what was decided; twice: the library's log too"},
	{.name = "debug",
		.letter = 'd',
		.hidden = true,
		KT_GONE,
		.help = "-X debug=msg,broker -vv shows the library's log of these; -X debug=all of everything"},
	{.letter = 'E', .hidden = true, KT_GONE, .help = "leave it out: only errors that cannot pass end a run"},
	{.name = "zookeeper",
		.hidden = true,
		KT_GONE,
		.help = "Kafka clients talk to the brokers: -b HOST:9092 in place of --zookeeper HOST:2181"},
	KT_END,
};

/* A folder of credentials while its property file is read: others wrote that file. */
struct folder {
	const char *dir;
	struct kt_buf unfit,
		outside; /* names of what is left out: what is not a credential, what refers to elsewhere */
};

struct loader {
	struct kt_settings *out;
	const struct kt_client_opts *opts;
	struct kt_props props;
	struct folder *folder;    /* NULL: the user's own words are read */
	struct kt_layers *layers; /* where settings go before they are one; NULL: they are */
	struct kt_err *err;
};

/* Where a setting that is being filed comes from. */
struct source {
	enum kt_rank rank;
	struct kt_origin from;
	const char *text; /* from for people */
};

static struct source named(enum kt_rank rank, const char *name)
{
	return (struct source){rank, {.name = name}, name};
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

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

static int unknown(struct loader *l, const char *key, const char *origin)
{
	struct kt_suggest near = {.word = key};
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key)
			kt_suggest_offer(&near, own->key);
	for (size_t i = 0; i < l->props.n; i++)
		kt_suggest_offer(&near, l->props.v[i].name);
	kt_java_names(offer, &near);
	kt_err_set(l->err, KT_USAGE, "%s%sthere is no property \"%.100s\"", origin, *origin ? ": " : "", key);
	if (near.best)
		return kt_err_hint(l->err, "did you mean %s?", near.best);
	return kt_err_hint(l->err, "`-X list` shows all properties");
}

static bool is_known(const struct loader *l, const char *key, const char *canonical)
{
	return kt_props_find(&l->props, canonical) || kt_ownkey_find(key) || kt_java_kept(key) || kt_props_known(key);
}

/* A path may begin with ~/, also where no shell sees it: in files, and after -X NAME= and --auth=. Allocated. */
static char *at_home(const char *key, const char *value)
{
	const char *home = environment("HOME");
	bool file = is_indirect(key, value) && !strncmp(value, "file:", 5);
	const char *path = value + (file ? 5 : 0);
	if ((!file && !kt_setting_is_path(key)) || !home || strncmp(path, "~/", 2))
		return kt_strdup(value);
	return kt_asprintf("%s%s%s", file ? "file:" : "", home, path + 1);
}

/* NAME=ADDRESS, as many as there are. */
static int check_resolve(struct loader *l, const char *value, const char *origin)
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

static void file(struct loader *l, const struct source *source, const char *key, const char *value)
{
	kt_settings_put_from(
		l->layers ? &l->layers->of[source->rank] : l->out, source->rank, key, value, &source->from);
}

/* A registry's address; what it says about who is asking is kept apart, so that the address can be shown. */
static int put_registry(struct loader *l, const struct source *source, const char *value)
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

static void leave_out(struct kt_buf *names, const char *key)
{
	enum { LONGEST = 400 };
	if (names->len < LONGEST)
		kt_buf_addf(names, "%s%.60s", names->len ? ", " : "", key);
	else if (names->data[names->len - 1] != ' ')
		kt_buf_adds(names, ", … ");
}

/* What a folder's property becomes, allocated; NULL when it is left out. */
static char *from_folder(struct folder *folder, const char *key, const char *name, const char *value)
{
	char *text = NULL;
	if (!kt_auth_allows(name)) {
		leave_out(&folder->unfit, key);
		return NULL;
	}
	if (!is_indirect(name, value))
		text = kt_setting_is_path(name) ? kt_auth_path(folder->dir, value) : kt_strdup(value);
	if (!text)
		leave_out(&folder->outside, key);
	return text;
}

/* Read before the rest, and filed by load_file(). */
static int check_profile_key(struct loader *l, const struct source *source)
{
	if (source->rank == KT_RANK_FILE || !strcmp(source->from.name, "KT_PROFILE"))
		return 0;
	kt_err_set(l->err, KT_USAGE, "%s: kt.profile belongs in front of a file's sections, and nowhere else",
		source->text);
	return kt_err_hint(l->err, "--profile NAME and KT_PROFILE=NAME choose a profile");
}

/* Files a property under its one name, if it exists and the value is allowed. */
static int put_property(struct loader *l, const struct source *source, const char *key, const char *text)
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

static int put(struct loader *l, const struct source *source, const char *key, const char *value)
{
	kt_auto(kt_java_fini) struct kt_java java = {0};
	if (kt_java_translate(&java, key, value, l->err) < 0)
		return kt_err_wrap(l->err, "%s", source->text);
	if (java.kind == KT_JAVA_OTHER)
		return put_property(l, source, key, value);
	if (java.kind == KT_JAVA_IGNORED && kt_props_known(key))
		return put_property(l, source, key, value);
	if (java.kind == KT_JAVA_IGNORED)
		kt_say(source->rank == KT_RANK_FLAG ? KT_NORMAL : KT_VERBOSE, "%s: %s is ignored: %s", source->text,
			key, java.note);
	for (size_t i = 0; i < java.n; i++)
		if (put_property(l, source, java.v[i].key, java.v[i].value) < 0)
			return -1;
	return 0;
}

/* A row of a property file; its ${VAR} filled in where the user wrote it. */
static int put_row(struct loader *l, enum kt_rank rank, const struct kt_property *row, const char *shown)
{
	struct source source = {rank, {KT_ORIGIN_FILE, shown, row->line, row->profile, NULL}, NULL};
	kt_auto(kt_free_ptr) char *origin = kt_origin_text(&source.from);
	source.text = origin;
	kt_auto(wipe_text) char *value =
		l->folder ? kt_strdup(row->value) : kt_properties_expand(row->value, getenv, l->err);
	if (!value)
		return kt_err_wrap(l->err, "%s", origin);
	if (row->dropped)
		kt_say(KT_NORMAL, "%s: %s: a backslash is left out, as Java does: write two for one that stays", origin,
			row->key);
	return put(l, &source, row->key, value);
}

/* Whether the row itself holds a secret, and does not only say where one is. */
static bool tells_secret(const struct kt_property *row)
{
	return kt_setting_is_secret(row->key) && *row->value && !is_indirect(row->key, row->value) &&
	       !strstr(row->value, "${");
}

static void warn_of_open_file(const char *path, const char *shown, const char *what)
{
	struct stat info;
	if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_mode & S_IROTH)
		kt_say(KT_NORMAL, "every user of this machine can read %s in %s: chmod go= %s", what, shown, shown);
}

/* A key that no password protects. Keystores and other keys have one. */
static void warn_of_open_key(const struct kt_settings *s)
{
	char text[4096];
	const char *path = kt_settings_text(s, "ssl.key.location", NULL);
	int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	if (strstr(text, "PRIVATE KEY") && !strstr(text, "ENCRYPTED"))
		warn_of_open_file(path, path, "the private key");
}

/* The rows before the first section, and those of the chosen profile. */
static int put_rows(
	struct loader *l, const struct kt_conffile *used, const struct kt_properties *file, const char *section)
{
	bool secret = false;
	for (size_t i = 0; i < file->n; i++) {
		const struct kt_property *row = &file->v[i];
		secret = secret || tells_secret(row);
		if (row->profile && (!section || strcmp(row->profile, section)))
			continue;
		if (put_row(l, row->profile ? KT_RANK_PROFILE : KT_RANK_FILE, row, used->shown) < 0)
			return -1;
	}
	if (secret)
		warn_of_open_file(used->path, used->shown, "the passwords");
	return 0;
}

/* What is to be said after --profile to mean the same again; it lives as long as the layers. */
static void note_profile(struct loader *l, const struct kt_whichprofile *which)
{
	if (which->section)
		kt_settings_put_from(
			&l->layers->of[which->rank], which->rank, "kt.profile", which->section, &which->from);
	l->layers->profile = kt_settings_text(&l->layers->of[which->rank], "kt.profile", KT_PROFILE_FRONT);
}

static int load_file(struct loader *l)
{
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	struct kt_whichprofile which = kt_whichprofile_named(l->opts->profile);
	if (which.none && l->opts->config)
		return kt_err_set(l->err, KT_USAGE, "-F names a configuration file, and %s=none says to use none",
			which.from.name);
	if (!which.none && kt_conffiles_find(&files, l->opts->config, l->err) < 0)
		return -1;
	const struct kt_conffile *used = kt_conffiles_used(&files);
	const struct kt_properties *rows = l->opts->only ? l->opts->only : &file;
	if (used && !l->opts->only && kt_conffile_read(&file, used->path, used->shown, l->err) < 0)
		return -1;
	if (kt_whichprofile_find(&which, rows, used ? used->shown : NULL, l->err) < 0)
		return -1;
	if (used)
		kt_say(KT_VERBOSE, "configuration from %s%s%s", used->shown, which.section ? ", profile " : "",
			which.section ? which.section : "");
	note_profile(l, &which);
	return used ? put_rows(l, used, rows, which.section) : 0;
}

/* KT_X_SSL_CA_LOCATION=… is ssl.ca.location. */
static int load_prefixed_environment(struct loader *l)
{
	static const char prefix[] = "KT_X_";
	for (char *const *at = environ; at && *at; at++) {
		const char *equals = strchr(*at, '=');
		if (strncmp(*at, prefix, sizeof(prefix) - 1) || !equals || !equals[1])
			continue;
		kt_auto(kt_free_ptr) char *name = kt_strndup(*at, (size_t)(equals - *at));
		kt_auto(kt_free_ptr) char *key = kt_strdup(name + sizeof(prefix) - 1);
		for (char *c = key; *c; c++)
			*c = *c == '_' ? '.' : (char)tolower((unsigned char)*c);
		struct source source = named(KT_RANK_ENV, name);
		if (put(l, &source, key, equals + 1) < 0)
			return -1;
	}
	return 0;
}

/* The strongest of a setting's variables that are there. */
static int load_variable(struct loader *l, const struct kt_ownkey *own)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_split(&names, own->env, " ");
	for (size_t i = 0; i < names.n; i++) {
		const char *value = environment(names.v[i]);
		struct source source = named(KT_RANK_ENV, names.v[i]);
		if (value)
			return put(l, &source, own->key, value);
	}
	return 0;
}

static int load_environment(struct loader *l)
{
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && own->env && load_variable(l, own) < 0)
			return -1;
	return load_prefixed_environment(l);
}

/* Nothing for a flag that is not there. */
static int put_flag(struct loader *l, const char *key, const char *value, const char *flag)
{
	struct source source = named(KT_RANK_FLAG, flag);
	return value ? put(l, &source, key, value) : 0;
}

static int load_resolve(struct loader *l)
{
	kt_auto(kt_buf_fini) struct kt_buf all = {0};
	for (size_t i = 0; i < l->opts->resolve.n; i++)
		kt_buf_addf(&all, "%s%s", i ? " " : "", l->opts->resolve.v[i]);
	return put_flag(l, "kt.resolve", all.len ? kt_buf_cstr(&all) : NULL, "--resolve");
}

static int load_flags(struct loader *l)
{
	const struct kt_client_opts *opts = l->opts;
	for (size_t i = 0; i < opts->properties.n; i++) {
		const char *text = opts->properties.v[i], *equals = strchr(text, '=');
		if (!equals || equals == text) {
			/* What comes after the name may be a password with a wrong sign before it. */
			int len =
				(int)strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
			kt_err_set(l->err, KT_USAGE, "-X: expected NAME=VALUE, got \"%.*s%s\"", len > 100 ? 100 : len,
				text, text[len] ? "…" : "");
			return kt_err_hint(l->err, "`-X list` shows the properties");
		}
		kt_auto(kt_free_ptr) char *key = kt_strndup(text, (size_t)(equals - text));
		if (put_flag(l, key, equals + 1, "-X") < 0)
			return -1;
	}
	if (put_flag(l, "bootstrap.servers", opts->brokers, "-b") < 0 ||
		put_flag(l, "kt.auth", opts->auth, "--auth") < 0 ||
		put_flag(l, "kt.oauth.command", opts->oauth_command, "--oauth-command") < 0 ||
		put_flag(l, "kt.oauth.file", opts->oauth_file, "--oauth-file") < 0)
		return -1;
	return load_resolve(l);
}

/* What the folder's contents mean, unless a setting as strong as the one that named the folder says otherwise. */
static void derive(struct loader *l, const char *key, const char *value)
{
	const struct kt_setting *auth = kt_settings_get(l->out, "kt.auth");
	struct kt_origin from = auth->from;
	from.folder = auth->value;
	if (value && kt_tlsalternatives_rank(l->out, key) < (int)auth->rank)
		kt_settings_put_from(l->out, auth->rank, key, value, &from);
}

/* TLS, unless the folder's own file says more (SASL over TLS); allocated. */
static char *folder_protocol(const struct kt_properties *file)
{
	const char *named = "ssl";
	for (size_t i = 0; i < file->n; i++)
		if (!file->v[i].profile && !strcmp(file->v[i].key, "security.protocol"))
			named = file->v[i].value;
	char *protocol = kt_strdup(named);
	for (char *c = protocol; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return protocol;
}

/* Sections in it are not profiles. */
static int load_folder_file(
	struct loader *l, enum kt_rank rank, const char *dir, const struct kt_properties *file, const char *shown)
{
	struct folder folder = {.dir = dir};
	int result = 0;
	l->folder = &folder;
	for (size_t i = 0; i < file->n && result == 0; i++) {
		if (file->v[i].profile)
			leave_out(&folder.unfit, file->v[i].key);
		else
			result = put_row(l, rank, &file->v[i], shown);
	}
	l->folder = NULL;
	if (folder.unfit.len)
		kt_say(KT_NORMAL, "%s: left out, since a folder only sets credentials: %s", shown,
			kt_buf_cstr(&folder.unfit));
	if (folder.outside.len)
		kt_say(KT_NORMAL, "%s: left out, since it is not in the folder: %s", shown,
			kt_buf_cstr(&folder.outside));
	kt_buf_fini(&folder.unfit);
	kt_buf_fini(&folder.outside);
	return result;
}

/* Brokers that the folder names get nobody's password or token but the folder's, or one that was given with the folder.
 */
static void keep_passwords_from_brokers(struct loader *l, const char *shown, enum kt_rank rank)
{
	static const char *const keys[] = {"sasl.username", "sasl.password", "kt.oauth.command", "kt.oauth.file",
		"sasl.oauthbearer.client.secret"};
	const struct kt_setting *brokers = kt_settings_get(l->out, "bootstrap.servers");
	if (!brokers || !kt_setting_in_file(brokers, shown))
		return;
	for (size_t i = 0; i < KT_LEN(keys); i++) {
		const struct kt_setting *s = kt_settings_get(l->out, keys[i]);
		if (s && s->rank < rank && !kt_setting_in_file(s, shown))
			kt_settings_drop(l->out, keys[i]);
	}
}

static int load_auth(struct loader *l)
{
	const struct kt_setting *given = kt_settings_get(l->out, "kt.auth");
	if (!given)
		return 0;
	enum kt_rank rank = given->rank, file_rank = rank == KT_RANK_FILE ? KT_RANK_BUILTIN : KT_RANK_AUTH_FILE;
	kt_auto(kt_free_ptr) char *dir = kt_strdup(given->value);
	kt_auto(kt_auth_fini) struct kt_auth auth = {0};
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	if (kt_auth_look(&auth, dir, given->origin, l->err) < 0)
		return -1;
	kt_auto(kt_free_ptr) char *shown = auth.properties ? kt_conffile_shown(auth.properties) : NULL;
	if (shown && kt_conffile_read(&file, auth.properties, shown, l->err) < 0)
		return -1;
	if (load_folder_file(l, file_rank, dir, &file, shown) < 0)
		return -1;
	bool secret = false;
	for (size_t i = 0; i < file.n; i++)
		secret = secret || tells_secret(&file.v[i]);
	if (secret)
		warn_of_open_file(auth.properties, shown, "the passwords");
	if (shown)
		keep_passwords_from_brokers(l, shown, rank);
	kt_auto(kt_free_ptr) char *protocol = folder_protocol(&file);
	derive(l, "security.protocol", protocol);
	derive(l, "ssl.ca.location", auth.ca);
	derive(l, "ssl.truststore.location", auth.truststore);
	derive(l, "ssl.keystore.location", auth.keystore);
	return 0;
}

/* With nothing configured: the embedded broker that this user is running, else the port where Kafka usually listens. */
static void default_brokers(struct loader *l)
{
	char bootstrap[KT_EMBEDDED_BOOTSTRAP];
	if (kt_settings_get(l->out, "bootstrap.servers"))
		return;
	bool plain = !strcasecmp(kt_settings_text(l->out, "security.protocol", "plaintext"), "plaintext");
	if (plain && kt_embedded_broker(bootstrap, sizeof(bootstrap))) {
		kt_settings_put_from(l->out, KT_RANK_BUILTIN, "bootstrap.servers", bootstrap,
			&(struct kt_origin){.kind = KT_ORIGIN_EMBEDDED, .name = "kt broker"});
		return;
	}
	kt_settings_put(l->out, KT_RANK_BUILTIN, "bootstrap.servers", "localhost:9092", "default");
}

static int load_layers(struct loader *l)
{
	struct kt_layers layers = {.section = l->opts->section};
	layers.typed = !layers.section && (l->opts->config || (l->opts->profile && *l->opts->profile));
	l->layers = &layers;
	int result = load_file(l);
	if (result == 0 && !l->opts->only)
		result = load_environment(l) < 0 || load_flags(l) < 0 ? -1 : 0;
	l->layers = NULL;
	if (result == 0)
		kt_layers_join(l->out, &layers);
	kt_layers_fini(&layers);
	return result;
}

static int load(struct loader *l)
{
	if (load_layers(l) < 0 || load_auth(l) < 0)
		return -1;
	kt_tlsalternatives_drop_weaker(l->out);
	if (kt_oauthsettings(l->out, l->err) < 0)
		return -1;
	default_brokers(l);
	warn_of_open_key(l->out);
	return 0;
}

int kt_conf_load(struct kt_settings *out, const struct kt_client_opts *opts, struct kt_err *err)
{
	struct kt_settings settings = {0};
	struct loader l = {.out = &settings, .opts = opts, .err = err};
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	kt_props_load(&l.props);
	int result = load(&l);
	kt_props_fini(&l.props);
	if (result < 0) {
		kt_settings_fini(&settings);
		return -1;
	}
	kt_settings_fini(out);
	*out = settings;
	return 0;
}

int kt_conf_check(const char *key, const char *value, const char *origin, struct kt_err *err)
{
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	struct loader l = {.out = &settings, .opts = &(struct kt_client_opts){0}, .err = err};
	struct source source = named(KT_RANK_FLAG, origin);
	kt_props_load(&l.props);
	int result = put(&l, &source, key, value);
	kt_props_fini(&l.props);
	return result;
}

char *kt_conf_key(const char *key, struct kt_err *err)
{
	struct loader l = {.err = err};
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

void kt_conf_profiles(struct kt_strs *out, const struct kt_client_opts *opts)
{
	struct kt_err err = {0};
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	if (kt_conffiles_find(&files, opts->config, &err) < 0)
		return;
	const struct kt_conffile *used = kt_conffiles_used(&files);
	if (!used || kt_conffile_read(&file, used->path, used->shown, &err) < 0)
		return;
	for (size_t i = 0; i < file.profiles.n; i++)
		kt_strs_add(out, file.profiles.v[i]);
}
