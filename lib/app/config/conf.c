#include "conf.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "conf_own.h"
#include "conffile.h"
#include "embedded.h"
#include "mem.h"
#include "oauthsettings.h"
#include "ownkeys.h"
#include "say.h"
#include "sig.h"
#include "tlsalternatives.h"
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
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "say only what failed, and warnings"},
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

static struct kt_conf_source named(enum kt_rank rank, const char *name)
{
	return (struct kt_conf_source){rank, {.name = name}, name};
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static void warn_of_open_file(const char *path, const char *shown, const char *what)
{
	struct stat info;
	if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_mode & S_IROTH)
		kt_say(KT_WARNING, "every user of this machine can read %s in %s: chmod go= %s", what, shown, shown);
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
	struct kt_conf_loader *l, const struct kt_conffile *used, const struct kt_properties *file, const char *section)
{
	bool secret = false;
	for (size_t i = 0; i < file->n; i++) {
		const struct kt_property *row = &file->v[i];
		secret = secret || kt_confproperty_tells_secret(row);
		if (row->profile && (!section || strcmp(row->profile, section)))
			continue;
		if (kt_confproperty_put_row(l, row->profile ? KT_RANK_PROFILE : KT_RANK_FILE, row, used->shown) < 0)
			return -1;
	}
	if (secret)
		warn_of_open_file(used->path, used->shown, "the passwords");
	return 0;
}

/* What is to be said after --profile to mean the same again; it lives as long as the layers. */
static void note_profile(struct kt_conf_loader *l, const struct kt_whichprofile *which)
{
	if (which->section)
		kt_settings_put_from(
			&l->layers->of[which->rank], which->rank, "kt.profile", which->section, &which->from);
	l->layers->profile = kt_settings_text(&l->layers->of[which->rank], "kt.profile", KT_PROFILE_FRONT);
}

static int load_file(struct kt_conf_loader *l)
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
static int load_prefixed_environment(struct kt_conf_loader *l)
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
		struct kt_conf_source source = named(KT_RANK_ENV, name);
		if (kt_confproperty_put(l, &source, key, equals + 1) < 0)
			return -1;
	}
	return 0;
}

/* The strongest of a setting's variables that are there. */
static int load_variable(struct kt_conf_loader *l, const struct kt_ownkey *own)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_split(&names, own->env, " ");
	for (size_t i = 0; i < names.n; i++) {
		const char *value = environment(names.v[i]);
		struct kt_conf_source source = named(KT_RANK_ENV, names.v[i]);
		if (value)
			return kt_confproperty_put(l, &source, own->key, value);
	}
	return 0;
}

static int load_environment(struct kt_conf_loader *l)
{
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && own->env && load_variable(l, own) < 0)
			return -1;
	return load_prefixed_environment(l);
}

/* Nothing for a flag that is not there. */
static int put_flag(struct kt_conf_loader *l, const char *key, const char *value, const char *flag)
{
	struct kt_conf_source source = named(KT_RANK_FLAG, flag);
	return value ? kt_confproperty_put(l, &source, key, value) : 0;
}

static int load_resolve(struct kt_conf_loader *l)
{
	kt_auto(kt_buf_fini) struct kt_buf all = {0};
	for (size_t i = 0; i < l->opts->resolve.n; i++)
		kt_buf_addf(&all, "%s%s", i ? " " : "", l->opts->resolve.v[i]);
	return put_flag(l, "kt.resolve", all.len ? kt_buf_cstr(&all) : NULL, "--resolve");
}

static int load_flags(struct kt_conf_loader *l)
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
static void derive(struct kt_conf_loader *l, const char *key, const char *value)
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
static int load_folder_file(struct kt_conf_loader *l, enum kt_rank rank, const char *dir,
	const struct kt_properties *file, const char *shown)
{
	struct kt_conf_folder folder = {.dir = dir};
	int result = 0;
	l->folder = &folder;
	for (size_t i = 0; i < file->n && result == 0; i++) {
		if (file->v[i].profile)
			kt_confproperty_leave_out(&folder.unfit, file->v[i].key);
		else
			result = kt_confproperty_put_row(l, rank, &file->v[i], shown);
	}
	l->folder = NULL;
	if (folder.unfit.len)
		kt_say(KT_WARNING, "%s: left out, since a folder only sets credentials: %s", shown,
			kt_buf_cstr(&folder.unfit));
	if (folder.outside.len)
		kt_say(KT_WARNING, "%s: left out, since it is not in the folder: %s", shown,
			kt_buf_cstr(&folder.outside));
	kt_buf_fini(&folder.unfit);
	kt_buf_fini(&folder.outside);
	return result;
}

/* Brokers that the folder names get nobody's password or token but the folder's, or one that was given with the folder.
 */
static void keep_passwords_from_brokers(struct kt_conf_loader *l, const char *shown, enum kt_rank rank)
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

static int load_auth(struct kt_conf_loader *l)
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
		secret = secret || kt_confproperty_tells_secret(&file.v[i]);
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
static void default_brokers(struct kt_conf_loader *l)
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

static int load_layers(struct kt_conf_loader *l)
{
	struct kt_layers layers = {.section = l->opts->section};
	layers.typed = !layers.section && (l->opts->config || (l->opts->profile && *l->opts->profile));
	l->layers = &layers;
	int result = l->opts->alone && !l->opts->profile ? 0 : load_file(l);
	if (result == 0 && !l->opts->only && !l->opts->alone)
		result = load_environment(l);
	if (result == 0 && !l->opts->only)
		result = load_flags(l);
	l->layers = NULL;
	if (result == 0)
		kt_layers_join(l->out, &layers);
	kt_layers_fini(&layers);
	return result;
}

static int load(struct kt_conf_loader *l)
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
	struct kt_conf_loader l = {.out = &settings, .opts = opts, .err = err};
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

int kt_conf_no_topic(const char *usage, struct kt_err *err)
{
	kt_err_set(err, KT_USAGE, "no topic is given");
	return kt_err_hint(err, "%s; KT_TOPIC or kt.topic in a profile work too", usage);
}
