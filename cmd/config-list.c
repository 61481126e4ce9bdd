/* kt config list: the profiles, which of them is in use, and where they lead. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "conffile.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "table.h"
#include "whichprofile.h"

struct list_opts {
	struct kt_client_opts client;
	bool json;
};

#define OPTS struct list_opts
static const struct kt_opt opts[] = {
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per line"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

struct listing {
	bool json;
	struct kt_whichprofile which; /* the one in use */
	const struct kt_conffile *file;
	const struct kt_properties *rows; /* what it holds: a pipe can be read only once */
	struct kt_table table;
	struct kt_buf text;
	size_t broken;
	bool gone; /* the one that should be used is not there */
};

static void listing_fini(struct listing *l)
{
	kt_table_fini(&l->table);
	kt_buf_fini(&l->text);
}

static bool is_used(const struct listing *l, const char *name)
{
	if (l->which.none || l->gone)
		return false;
	return !strcmp(name, l->which.section ? l->which.section : KT_PROFILE_FRONT);
}

static void write_json(struct listing *l, const char *name, const struct kt_settings *s, const char *wrong)
{
	kt_auto(kt_free_ptr) char *from = l->which.word ? kt_origin_text(&l->which.from) : NULL;
	kt_buf_addc(&l->text, '{');
	kt_jsonout_words(&l->text, "profile", name);
	kt_jsonout_bool(&l->text, "used", is_used(l, name));
	if (is_used(l, name))
		kt_jsonout_words(&l->text, "from", from ? from : "default");
	kt_jsonout_words(&l->text, "brokers", kt_settings_text(s, "bootstrap.servers", NULL));
	kt_jsonout_words(&l->text, "protocol", kt_settings_text(s, "security.protocol", "plaintext"));
	kt_jsonout_words(&l->text, "topic", kt_settings_text(s, "kt.topic", NULL));
	kt_jsonout_words(&l->text, "file", l->file->path);
	if (wrong)
		kt_jsonout_words(&l->text, "error", wrong);
	kt_buf_adds(&l->text, "}\n");
}

static void add_row(struct listing *l, const char *name, const struct kt_settings *s, const char *wrong)
{
	kt_auto(kt_free_ptr) char *from = l->which.word ? kt_origin_text(&l->which.from) : NULL;
	kt_table_add(&l->table, "%s", name);
	kt_table_add(&l->table, "%s", !is_used(l, name) ? "-" : from ? from : "yes");
	kt_table_add(&l->table, "%s", wrong ? "?" : kt_settings_text(s, "bootstrap.servers", "-"));
	kt_table_add(&l->table, "%s", wrong ? "?" : kt_settings_text(s, "security.protocol", "plaintext"));
	kt_table_add(&l->table, "%s", wrong ? "?" : kt_settings_text(s, "kt.topic", "-"));
}

/* What the file alone says about a profile. */
static void add_profile(struct listing *l, const char *name)
{
	struct kt_err wrong = {0};
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	struct kt_client_opts client = {.config = l->file->path, .profile = name, .only = l->rows};
	if (kt_conf_load(&settings, &client, &wrong) < 0) {
		kt_say(KT_WARNING, "profile %s: %s", name, wrong.msg);
		l->broken++;
	}
	const struct kt_setting *brokers = kt_settings_get(&settings, "bootstrap.servers");
	if (brokers && brokers->rank == KT_RANK_BUILTIN && !kt_setting_in_file(brokers, l->file->shown))
		kt_settings_drop(&settings, "bootstrap.servers");
	(l->json ? write_json : add_row)(l, name, &settings, wrong.msg[0] ? wrong.msg : NULL);
}

static void add_profiles(struct listing *l)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_add(&names, KT_PROFILE_FRONT);
	for (size_t i = 0; i < l->rows->profiles.n; i++)
		kt_strs_add_new(&names, l->rows->profiles.v[i]);
	for (size_t i = 0; i < names.n; i++)
		if (strcmp(names.v[i], KT_PROFILE_NONE) != 0)
			add_profile(l, names.v[i]);
}

static int run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {
		{"PROFILE"}, {"IN USE"}, {"BROKERS"}, {"PROTOCOL"}, {"TOPIC"}, {NULL}};
	const struct list_opts *o = data;
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	kt_auto(listing_fini) struct listing l = {
		.json = o->json, .which = kt_whichprofile_named(o->client.profile), .table = {.columns = columns}};
	if (kt_conffiles_find(&files, o->client.config, err) < 0)
		return -1;
	l.file = kt_conffiles_used(&files);
	if (!l.file) {
		kt_say(KT_NORMAL, "there is no configuration file: `kt config init` writes one");
		return 0;
	}
	if (kt_conffile_read(&file, l.file->path, l.file->shown, err) < 0)
		return -1;
	struct kt_err why = {0};
	l.gone = kt_whichprofile_find(&l.which, &file, l.file->shown, &why) < 0;
	if (l.gone)
		kt_say(KT_WARNING, "%s", why.msg);
	if (l.which.none)
		kt_say(KT_NORMAL, "%s says that no configuration is used", l.which.from.name);
	l.rows = &file;
	add_profiles(&l);
	kt_table_render(&l.table, &l.text, isatty(STDOUT_FILENO));
	if (kt_out_print(STDOUT_FILENO, &l.text, err) < 0)
		return -1;
	if (!l.broken)
		return 0;
	return kt_err_set(
		err, KT_PARTIAL, "%zu profile%s of %s cannot be used", l.broken, kt_plural(l.broken), l.file->shown);
}

static const char *const about[] = {
	"Prints each profile of the configuration file with what it says of its cluster: brokers, protocol, topic. The "
	"one called default is what stands in front of all sections. Neither the environment nor other options count "
	"here; `kt config show` prints what all of them come to.",
	"IN USE says who chose the profile: --profile, KT_PROFILE, the line of kt.profile that `kt config use` writes, or "
	"yes where nobody has.",
	"Status 3 says that a profile cannot be used, and a line on stderr says why.",
	NULL,
};

static const char *const examples[] = {
	"Which clusters are there?",
	"kt config list",
	"The names alone",
	"kt config list -J | jq -r .profile",
	NULL,
};

const struct kt_cmd kt_cmd_config_list = {
	.name = "config list",
	.summary = "print the profiles, and which is in use",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
