#include "complete.h"

#include "mem.h"
#include "tap.h"

struct common {
	const char *brokers, *profile;
	struct kt_strs properties;
};
#define OPTS struct common
static const struct kt_opt common_opts[] = {
	{.name = "brokers",
		.letter = 'b',
		.also = "bootstrap-server",
		KT_STR(brokers),
		.arg = "LIST",
		.help = "brokers"},
	{.name = "property", .letter = 'X', KT_LIST(properties), .arg = "K=V", .comp = KT_COMP_PROPERTY, .help = "set"},
	{.name = "profile", KT_STR(profile), .arg = "NAME", .comp = KT_COMP_PROFILE, .help = "profile"},
	KT_END,
};
#undef OPTS

struct sample {
	int64_t count;
	int color;
	bool json;
	const char *topic, *dir;
	struct common common;
	struct kt_strs files;
};
#define OPTS struct sample
static const char *const colors[] = {"auto", "always", "never", NULL};
static const struct kt_opt opts[] = {
	{.name = "count", .letter = 'c', .also = "n", KT_I64(count), .arg = "N", .help = "stop after N"},
	{.name = "color", KT_ENUM(color, colors), .def = "auto", .help = "color"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "JSON"},
	{.name = "auth", KT_STR(dir), .arg = "DIR", .comp = KT_COMP_DIR, .help = "folder"},
	{.name = "secret", KT_FLAG(json), .help = "hidden", .hidden = true},
	{.name = "zookeeper", KT_GONE, .help = "gone"},
	{KT_INCLUDE(common, "Common", common_opts)},
	{.name = "TOPIC", .positional = true, KT_STR(topic), .comp = KT_COMP_TOPIC, .help = "topic"},
	{.name = "FILE", .positional = true, KT_LIST(files), .comp = KT_COMP_FILE, .help = "files"},
	KT_END,
};

#define CMD(id, typed, more)                                                                                           \
	static const struct kt_cmd id = {                                                                              \
		.name = typed, .summary = "about " #id, .section = "S", .opts = opts, .opts_size = sizeof(OPTS), more}
CMD(produce, "produce", );
CMD(profile, "profile-it", );
CMD(topic_create, "topic create", );
CMD(topic_list, "topic list", );
CMD(hidden, "hidden", .hidden = true);
static const struct kt_cmd *const cmds[] = {&produce, &profile, &topic_create, &topic_list, &hidden, NULL};
static const struct kt_program program = {.name = "kt", .version = "1", .summary = "s", .cmds = cmds};

/* Shows that what comes before the cursor was understood. */
static void list_topics(struct kt_strs *out, const struct kt_cmd *cmd, const void *parsed, const char *word)
{
	const struct sample *s = parsed;
	kt_strs_take(out, kt_asprintf("%s-at-%s\tof %s, after \"%s\"", s->topic ? s->topic : "t",
				  s->common.brokers ? s->common.brokers : "none", cmd->name, word));
	kt_strs_add(out, "bad\nname");
	kt_strs_add(out, "other");
}

static void list_properties(struct kt_strs *out, const struct kt_cmd *cmd, const void *parsed, const char *word)
{
	(void)cmd, (void)parsed, (void)word;
	kt_strs_add(out, "ssl.ca.location=\tCA file");
	kt_strs_add(out, "acks=\tall or a number");
}

static const char *complete(struct kt_buf *out, const char *line)
{
	static const struct kt_completers completers = {.topics = list_topics, .properties = list_properties};
	char words[128], *argv[16];
	int argc = 0;
	snprintf(words, sizeof(words), "%s", line);
	for (char *at = words; at; argc++) {
		argv[argc] = at;
		at = strchr(at, ' ');
		if (at)
			*at++ = '\0';
	}
	out->len = 0;
	kt_complete(out, &program, &completers, argc, argv);
	return kt_buf_cstr(out);
}

TEST(completes)
{
	static const struct {
		const char *line, *expected;
	} rows[] = {
		{"", "produce\tabout produce\nprofile-it\tabout profile\ntopic\tcreate, list\n"
		     "help\tlist the commands, or explain one\n"},
		{"pro", "produce\tabout produce\nprofile-it\tabout profile\n"},
		{"xyzzy", ""},
		{"--v", "--version\tprint the versions of kt and its libraries\n"},
		{"help prod", "produce\tabout produce\n"},
		{"help topic c", "create\tabout topic_create\n"},
		{"topic ", "create\tabout topic_create\nlist\tabout topic_list\n"},
		{"topics l", "list\tabout topic_list\n"},
		{"topic create --co", "--count\tstop after N\n--color\tcolor\n"},
		{"nosuch --c", ""},
		{"produce --co", "--count\tstop after N\n--color\tcolor\n"},
		{"produce --boot", "--bootstrap-server\tbrokers\n"},
		{"produce --se", ""},
		{"produce --zoo", ""},
		{"produce --hel", "--help\tprint this help; -h: what is used most\n"},
		{"produce --color a", "auto\nalways\n"},
		{"produce --color=ne", "--color=never\n"},
		{"produce --count ", ""},
		{"produce --json=", ""},
		{"produce --auth ", ":dir\n"},
		{"produce --auth=x", ":dir\n"},
		{"produce -X s", "ssl.ca.location=\tCA file\n"},
		{"produce -Xac", "-Xacks=\tall or a number\n"},
		{"produce --property=", "--property=acks=\tall or a number\n--property=ssl.ca.location=\tCA file\n"},
		{"produce --profile ", ""},
		{"produce o", "other\n"},
		{"produce -b h:1 -J t", "t-at-h:1\tof produce, after \"t\"\n"},
		{"produce --bogus --bootstrap-server=h:1 t", "t-at-h:1\tof produce, after \"t\"\n"},
		{"produce t ", ":file\n"},
		{"produce t a.txt -c 5 ", ":file\n"},
		{"produce -- -", ""},
		{"produce -- t -", ":file\n"},
		{"-b h:1 prod", "produce\tabout produce\n"},
		{"-J --bootstrap-server h:1 topic l", "list\tabout topic_list\n"},
		{"-b h:1 produce t", "t-at-h:1\tof produce, after \"t\"\n"},
		{"-b h:1 produce -J t", "t-at-h:1\tof produce, after \"t\"\n"},
		{"-b ", ""},
	};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		const char *got = complete(&out, rows[i].line);
		if (strcmp(got, rows[i].expected) != 0)
			TAP_FAIL("\"%s\" becomes \"%s\", not \"%s\"", rows[i].line, got, rows[i].expected);
	}
}

TEST(a_dash_offers_every_option_once_with_letters)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	const char *got = complete(&out, "produce -");
	CHECK(strstr(got, "--count\tstop after N\n-c\tstop after N\n"));
	CHECK(strstr(got, "-h\tprint this help; -h: what is used most\n"));
	CHECK(!strstr(got, "bootstrap-server"));
	CHECK(!strstr(got, "zookeeper") && !strstr(got, "secret"));
}

/* The shell's line, and the candidates as they go into it. */
TEST(a_line_of_bash)
{
	static const char breaks[] = "\"'@><=;|&(:";
	static const struct {
		const char *line, *expected;
	} rows[] = {
		{"kt pro", "produce\tabout produce\nprofile-it\tabout profile\n"},
		{"/usr/bin/kt topic  create --color=al", "always\n"},
		{"kt produce --auth='x", ":dir\n"},
		{"kt produce --property=", "acks=\tall or a number\nssl.ca.location=\tCA file\n"},
		{"kt produce -Xssl.ca", "-Xssl.ca.location=\tCA file\n"},
		{"kt produce -b \"h\\\"1\" t", "t-at-h\\\"1\tof produce, after \"t\"\n"},
	};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	static const struct kt_completers completers = {.topics = list_topics, .properties = list_properties};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		out.len = 0;
		kt_complete_line(&out, &program, &completers, rows[i].line, breaks);
		if (strcmp(kt_buf_cstr(&out), rows[i].expected) != 0)
			TAP_FAIL(
				"\"%s\" becomes \"%s\", not \"%s\"", rows[i].line, kt_buf_cstr(&out), rows[i].expected);
	}
}

static void list_hostile(struct kt_strs *out, const struct kt_cmd *cmd, const void *parsed, const char *word)
{
	(void)cmd, (void)parsed, (void)word;
	static const char *const names[] = {"--all", "-X", ":file", ":dir", "a\x1b[2J",
		"a\xc2\x9b"
		"2J",
		"a\x7f", "a\xff", "\n", "", "fine"};
	for (size_t i = 0; i < KT_LEN(names); i++)
		kt_strs_add(out, names[i]);
}

TEST(names_that_are_not_offered)
{
	static const struct kt_completers completers = {.topics = list_hostile};
	static const char *const words[] = {"produce", ""}, *const dashed[] = {"produce", "--", "-"};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_complete(&out, &program, &completers, 2, (char *const *)words);
	CHECK_STR(kt_buf_cstr(&out), "fine\n");
	out.len = 0;
	kt_complete(&out, &program, &completers, 3, (char *const *)dashed);
	CHECK_STR(kt_buf_cstr(&out), "");
}
