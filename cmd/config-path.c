/* kt config path: which configuration files there could be, and which one is used. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "conffile.h"
#include "jsonout.h"
#include "out.h"
#include "table.h"

struct path_opts {
	struct kt_client_opts client;
	bool json;
};

#define OPTS struct path_opts
static const struct kt_opt opts[] = {
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per line"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static void write_json(struct kt_buf *out, const struct kt_conffile *file, const struct kt_strs *profiles)
{
	kt_buf_addc(out, '{');
	kt_jsonout_words(out, "path", file->path);
	kt_jsonout_text(out, "from", file->from);
	kt_jsonout_bool(out, "exists", file->exists);
	kt_jsonout_bool(out, "used", file->used);
	if (file->used) {
		kt_jsonout_begin(out, "profiles", '[');
		for (size_t i = 0; i < profiles->n; i++)
			kt_jsonout_words(out, NULL, profiles->v[i]);
		kt_jsonout_end(out, ']');
	}
	kt_buf_adds(out, "}\n");
}

static void add_row(struct kt_table *table, const struct kt_conffile *file, const struct kt_strs *profiles)
{
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	for (size_t i = 0; file->used && i < profiles->n; i++)
		kt_buf_addf(&names, "%s%s", i ? ", " : "", profiles->v[i]);
	kt_table_add(table, "%s", file->path);
	kt_table_add(table, "%s", file->used ? "used" : file->exists ? "not used: another comes first" : "not there");
	kt_table_add(table, "%s", names.len ? kt_buf_cstr(&names) : "-");
}

static int run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"FILE"}, {"STATE"}, {"PROFILES"}, {NULL}};
	const struct path_opts *o = data;
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	kt_auto(kt_strs_fini) struct kt_strs profiles = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_conffiles_find(&files, o->client.config, err) < 0)
		return -1;
	kt_conf_profiles(&profiles, &o->client);
	for (size_t i = 0; i < files.n; i++)
		if (o->json)
			write_json(&text, &files.v[i], &profiles);
		else
			add_row(&table, &files.v[i], &profiles);
	kt_table_render(&table, &text, isatty(STDOUT_FILENO));
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints each place where a configuration file is looked for, in order, and whether it is the one that is "
	"used: the first that exists. With -F or $KT_CONFIG only that file counts.",
	"A file has lines NAME=VALUE, for every property of librdkafka (`-X list`) and of the Java client, and for "
	"kt's own kt.topic, kt.group (the defaults), kt.auth (as --auth) and kt.resolve (as --resolve, blanks "
	"between). What stands after [profile NAME], up to the next such line, counts with --profile NAME, "
	"KT_PROFILE=NAME or kt.profile=NAME in front of the sections only. Lines that begin with #, ! or ; are comments; a backslash at the end joins the next "
	"line; ${VAR} is the environment's, $${ a plain ${. A path may begin with ~/.",
	"Lines end in LF, CR LF or CR. Blanks at the end of a value are dropped, as Kafka's tools and kcat do. Files named "
	"*.properties follow Java's rules for backslashes (\\\\ is one, \\n, \\u00e9, and one before any other character "
	"is left out, which is said) and are read as UTF-8, and where that fails as ISO 8859-1; in all others a backslash is "
	"a backslash, as in kcat's, except in \\: and \\=, and bytes are taken as they are.",
	"In such a file \\u0000 and half of a surrogate pair, \\ud83d without its other half, are refused: no text has them, "
	"and Java would send a question mark.",
	"A password, key or token may stand elsewhere: env:NAME, file:PATH, or ask: to be asked for it.",
	"A token for SASL OAUTHBEARER comes from kt.oauth.command (--oauth-command, KT_OAUTH_COMMAND), which sh runs with an "
	"empty input, or from kt.oauth.file. It is taken as it is, after \"Bearer\", or from access_token of the JSON that "
	"token endpoints answer. Runs go on past its end: the command is run again (or the file read again) when four "
	"fifths of the token's time are over. A JWT or expires_in tells that time; otherwise it is five minutes.",
	"The property file in a folder of --auth is somebody else's. It may name brokers (which -b, a variable or a "
	"profile outweigh), the protocol, and certificates, keys, users and passwords, in files of that folder only and "
	"without ${VAR}, env:, file: and ask:. All else is left out, and kt says so.",
	"In the environment KT_BROKERS, KT_TOPIC, KT_GROUP and KT_AUTH stand for the flags, and KT_X_NAME with _ for "
	"each dot for a property: KT_X_SSL_CA_LOCATION. KAFKA_BROKER, KAFKA_BROKERS and TOPIC are taken where those "
	"are not set.",
	NULL,
};

static const char *const examples[] = {
	"Where to write settings",
	"kt config path",
	NULL,
};

const struct kt_cmd kt_cmd_config_path = {
	.name = "config path",
	.summary = "print where configuration is looked for",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
