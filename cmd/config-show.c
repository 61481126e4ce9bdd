/* kt config show: every effective value and where it came from. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "jsonout.h"
#include "out.h"
#include "props.h"
#include "table.h"

struct show_opts {
	struct kt_client_opts client;
	bool all, json;
};

#define OPTS struct show_opts
static const struct kt_opt opts[] = {
	{.name = "all", .letter = 'a', KT_FLAG(all), .help = "show the library's defaults too"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per line"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

/* What may be seen of a value: where a secret is kept is not a secret. */
static const char *visible(const struct kt_setting *s)
{
	static const char *const places[] = {"env:", "file:", "ask:"};
	if (!kt_setting_is_secret(s->key))
		return s->value;
	for (size_t i = 0; i < KT_LEN(places); i++)
		if (!strncmp(s->value, places[i], strlen(places[i])))
			return s->value;
	return NULL;
}

static void add_defaults(struct kt_settings *s)
{
	kt_auto(kt_props_fini) struct kt_props props = {0};
	kt_props_load(&props);
	for (size_t i = 0; i < props.n; i++) {
		const struct kt_prop *p = &props.v[i];
		const char *name = kt_props_canonical(&props, p->name);
		if (!kt_settings_get(s, name) && strcmp(name, "group.id"))
			kt_settings_put(s, KT_RANK_BUILTIN, name, p->def, "librdkafka");
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct kt_setting *)a)->key, ((const struct kt_setting *)b)->key);
}

static void write_json(struct kt_buf *out, const struct kt_settings *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *value = visible(&s->v[i]);
		kt_buf_addc(out, '{');
		kt_jsonout_words(out, "key", s->v[i].key);
		kt_jsonout_words(out, "value", value);
		if (!value)
			kt_jsonout_bool(out, "secret", true);
		kt_jsonout_words(out, "origin", s->v[i].origin);
		kt_buf_adds(out, "}\n");
	}
}

static void write_table(struct kt_buf *out, const struct kt_settings *s)
{
	static const struct kt_column columns[] = {{"PROPERTY"}, {"VALUE"}, {"FROM"}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < s->n; i++) {
		const char *value = visible(&s->v[i]);
		kt_table_add(&table, "%s", s->v[i].key);
		kt_table_add(&table, "%s", value ? value : "********");
		kt_table_add(&table, "%s", s->v[i].origin);
	}
	kt_table_render(&table, out, isatty(STDOUT_FILENO));
}

static int run(void *data, struct kt_err *err)
{
	const struct show_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	if (o->all)
		add_defaults(&settings);
	qsort(settings.v, settings.n, sizeof(*settings.v), by_key);
	(o->json ? write_json : write_table)(&text, &settings);
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints each setting that is in effect, its value, and where it came from: a flag, a variable of the "
	"environment, a line of the configuration file or of one of its profiles, the folder of --auth, or kt itself.",
	"Later layers win: file, profile, environment, flags. But what belongs to brokers other than those that win "
	"is left out: `kt help config` (kt-config(5)) has the rule. The file is the argument of -F, else $KT_CONFIG, "
	"else the first that exists of those that `kt config path` prints.",
	"Property files of librdkafka, kcat and the Java client are read as they are. Names of the Java client are "
	"shown as what they mean to librdkafka; of two names for one property the one that Kafka uses is shown.",
	"Passwords and keys are masked. One that is written as env:NAME, file:PATH or ask: stands elsewhere, and is "
	"shown as it is written.",
	NULL,
};

static const char *const examples[] = {
	"What a profile comes to",
	"kt config show --profile lab",
	"Where the brokers come from",
	"kt config show -J | jq -r 'select(.key == \"bootstrap.servers\") | .origin'",
	NULL,
};

const struct kt_cmd kt_cmd_config_show = {
	.name = "config show",
	.summary = "print every setting and where it came from",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
