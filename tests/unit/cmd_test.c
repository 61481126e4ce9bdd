#include "cmd.h"

#include "buf.h"
#include "command.h"
#include "guess.h"
#include "help.h"
#include "tap.h"

struct no_opts {
	int64_t count;
	int color;
	struct kt_strs files;
};
#define OPTS struct no_opts
static const char *const colors[] = {"auto", "always", "never", NULL};
static const struct kt_opt opts[] = {
	{.name = "count",
		.letter = 'c',
		.also = "n max-messages",
		KT_I64(count),
		.arg = "N",
		.def = "-1",
		.help = "stop after so many records, which is said at such length that the line has to go on"},
	{.name = "color", KT_ENUM(color, colors), .def = "auto", .help = "when to print in color"},
	{.name = "secret-handshake", KT_I64(count), .arg = "N", .help = "hidden", .hidden = true},
	{.name = "zookeeper", KT_GONE, .help = "gone"},
	{.name = "FILE", .positional = true, KT_LIST(files), .help = "read these"},
	KT_END,
};
static const char *const about[] = {"First paragraph of a text that is a good deal longer than one line of eighty "
				    "columns can be.",
	"Second.", NULL};
static const char *const examples[] = {"read two files", "kt produce t a b", NULL};

static const struct kt_cmd produce = {.name = "produce",
	.also = "-P",
	.summary = "write records to a topic",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts};
static const struct kt_cmd group_demo = {.name = "group-demo", .summary = "s", .section = "Demos", .opts = opts};
static const struct kt_cmd create = {.name = "topic create", .summary = "s", .section = "Admin", .opts = opts};
static const struct kt_cmd list = {
	.name = "topic list", .also = "-L topics-all", .summary = "s", .section = "Admin", .opts = opts};
static const struct kt_cmd consume = {
	.name = "consume", .also = "-C", .summary = "s", .section = "Records", .opts = opts};
static const struct kt_cmd token = {
	.name = "consume token add", .summary = "s", .section = "Z", .opts = opts, .hidden = true};
static const struct kt_cmd hidden = {.name = "hidden", .summary = "s", .section = "Z", .opts = opts, .hidden = true};
static const struct kt_cmd *const cmds[] = {&produce, &group_demo, &create, &list, &consume, &token, &hidden, NULL};
static const struct kt_program program = {.name = "kt", .version = "1.2", .summary = "a toolkit", .cmds = cmds};

static const struct kt_cmd *find(const char *a, const char *b, int *used, struct kt_err *err)
{
	char first[32], second[32];
	char *argv[] = {first, second, NULL};
	snprintf(first, sizeof(first), "%s", a);
	snprintf(second, sizeof(second), "%s", b ? b : "");
	*err = (struct kt_err){0};
	return kt_cmd_find(&program, b ? 2 : 1, argv, used, err);
}

TEST(finds_by_every_spelling)
{
	static const struct {
		const char *a, *b;
		const struct kt_cmd *cmd;
		int used;
	} rows[] = {
		{"produce", NULL, &produce, 1},
		{"produce", "t", &produce, 1},
		{"-P", "t", &produce, 1},
		{"-C", NULL, &consume, 1},
		{"-L", NULL, &list, 1},
		{"topics-all", NULL, &list, 1},
		{"topic", "create", &create, 2},
		{"topics", "create", &create, 2},
		{"topic-create", "x", &create, 1},
		{"topics-list", NULL, &list, 1},
		{"topic create", NULL, &create, 1},
		{"group-demo", "t", &group_demo, 1},
		{"group", "demo", &group_demo, 2},
		{"hidden", NULL, &hidden, 1},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err;
		int used = 0;
		const struct kt_cmd *cmd = find(rows[i].a, rows[i].b, &used, &err);
		CHECK_STR(cmd ? cmd->name : NULL, rows[i].cmd->name);
		CHECK_INT(used, rows[i].used);
	}
}

TEST(finds_three_words)
{
	static struct {
		char words[4][20];
		const struct kt_cmd *cmd;
		int used;
	} rows[] = {
		{{"consume", "token", "add", "x"}, &token, 3},
		{{"consume", "token-add", "x", "y"}, &token, 2},
		{{"consume-token-add", "x", "y", "z"}, &token, 1},
		{{"consume", "token", "-a", "add"}, &consume, 1},
		{{"topic", "create", "add", "x"}, &create, 2},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		int used = 0;
		char *argv[] = {rows[i].words[0], rows[i].words[1], rows[i].words[2], rows[i].words[3], NULL};
		CHECK(kt_cmd_find(&program, 4, argv, &used, &err) == rows[i].cmd);
		CHECK_INT(used, rows[i].used);
	}
}

TEST(says_what_it_could_be)
{
	static const struct {
		const char *a, *b, *msg, *hint;
	} rows[] = {
		{"prodcue", "t", "unknown command \"prodcue\"", "did you mean `kt produce t`?"},
		{"hlep", NULL, "unknown command \"hlep\"", "did you mean `kt help`?"},
		{"topic", NULL, "topic: a subcommand is missing", "one of: create, list"},
		{"topics", NULL, "topics: a subcommand is missing", "one of: create, list"},
		{"topic", "craete", "unknown command \"topic craete\"", "did you mean `kt topic create`?"},
		{"topic", "frobnicate", "unknown command \"topic frobnicate\"", "one of: create, list"},
		{"topc", "create", "unknown command \"topc\"", "did you mean `kt topic create`?"},
		{"xyzzy", NULL, "unknown command \"xyzzy\"", ""},
		{"hiden", NULL, "unknown command \"hiden\"", ""},
		{"-X", NULL, "unknown command \"-X\"", "did you mean `kt -P`?"},
		{"", NULL, "unknown command \"\"", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err;
		int used;
		CHECK(!find(rows[i].a, rows[i].b, &used, &err));
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
		if (rows[i].a[0] != '-')
			CHECK_STR(err.hint, rows[i].hint);
	}
}

/* Of a command that takes no words itself; one that does takes it. */
TEST(says_what_is_missing_after_a_command)
{
	static const struct kt_opt none[] = {KT_END};
	static const struct kt_cmd serve = {.name = "serve", .opts = none},
				   add = {.name = "serve token add", .opts = opts};
	static const struct kt_cmd *const both[] = {&serve, &add, &consume, &token, NULL};
	static const struct kt_program p = {.name = "kt", .cmds = both};
	static char words[][10] = {"serve", "token", "tokens", "tok", "consume", "add", ""};
	static const struct {
		int words[3];
		const struct kt_cmd *cmd;
	} rows[] = {{{0, 1, 6}, NULL}, {{0, 2, 6}, NULL}, {{0, 3, 6}, &serve}, {{0, 6, 6}, &serve}, {{0, 1, 5}, &add},
		{{4, 1, 6}, &consume}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		int used = 0;
		char *argv[] = {words[rows[i].words[0]], words[rows[i].words[1]], words[rows[i].words[2]], NULL};
		CHECK(kt_cmd_find(&p, rows[i].words[2] == 6 ? 2 : 3, argv, &used, &err) == rows[i].cmd);
		CHECK_STR(err.hint, rows[i].cmd ? "" : "one of: add");
		CHECK(rows[i].cmd || strstr(err.msg, ": a subcommand is missing"));
	}
}

TEST(says_the_guess_that_was_meant)
{
	static const struct kt_guess guesses[] = {
		{"publish TOPIC", "produce TOPIC", KT_GUESS_RUNS, NULL, NULL},
		{"truncate TOPIC", "topic create TOPIC", KT_GUESS_SAID, NULL, NULL},
		{0},
	};
	static char rows[][3][48] = {
		{"pubilsh", "a b", "did you mean `kt produce 'a b'`?"},
		{"trunkate", "t", "did you mean `kt topic create t`?"},
		{"xyzzy", "t", "`kt help` lists the commands"},
	};
	struct kt_program with = program;
	with.guesses = guesses;
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		char *argv[] = {rows[i][0], rows[i][1]};
		kt_guess_meant(&with, 2, argv, &err);
		CHECK_STR(err.hint, rows[i][2]);
	}
}

TEST(knows_the_line_that_was_typed)
{
	static char words[][8] = {"produce", "t", "a b", "-k", "t", "c"};
	char *argv[KT_LEN(words)], longest[1000];
	kt_auto(kt_strs_fini) struct kt_strs without = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (size_t i = 0; i < KT_LEN(argv); i++)
		argv[i] = words[i];
	CHECK(!kt_command_line(&out, NULL, ""));
	kt_command_typed("kt", KT_LEN(argv), argv);
	CHECK(kt_command_line(&out, NULL, "--yes"));
	CHECK_STR(kt_buf_cstr(&out), "kt produce t 'a b' -k t c --yes");
	out.len = 0;
	kt_strs_add(&without, "t");
	kt_strs_add(&without, "c");
	CHECK(kt_command_line(&out, &without, ""));
	CHECK_STR(kt_buf_cstr(&out), "kt produce t 'a b' -k");
	out.len = 0;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	argv[0] = longest;
	CHECK(!kt_command_line(&out, NULL, ""));
	CHECK_INT(out.len, 0);
	kt_command_typed(NULL, 0, NULL);
}

TEST(help_of_a_command)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_help_command(&text, &program, &produce);
	CHECK_STR(kt_buf_cstr(&text), "Usage: kt produce [OPTIONS] [FILE...]\n"
				      "\n"
				      "write records to a topic\n"
				      "\n"
				      "First paragraph of a text that is a good deal longer than one line of eighty\n"
				      "columns can be.\n"
				      "\n"
				      "Second.\n"
				      "\n"
				      "Arguments:\n"
				      "  FILE                      read these\n"
				      "\n"
				      "Options:\n"
				      "  -c, --count N             stop after so many records, which is said at such\n"
				      "                            length that the line has to go on; also -n,\n"
				      "                            --max-messages (default: -1)\n"
				      "      --color auto|always|never\n"
				      "                            when to print in color (default: auto)\n"
				      "\n"
				      "Help:\n"
				      "  -h, --help                print this help; -h: what is used most\n"
				      "  -V, --version             print the versions of kt and its libraries\n"
				      "\n"
				      "Examples:\n"
				      "  read two files\n"
				      "      kt produce t a b\n"
				      "\n"
				      "Exit statuses, files and environment: man kt-produce\n");
}

TEST(help_of_the_program)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_help_program(&text, &program);
	CHECK_STR(kt_buf_cstr(&text),
		"kt 1.2: a toolkit\n"
		"\n"
		"Usage: kt COMMAND [OPTIONS] [ARGUMENTS]\n"
		"\n"
		"Records:\n"
		"  produce           write records to a topic\n"
		"  consume           s\n"
		"\n"
		"Demos:\n"
		"  group-demo        s\n"
		"\n"
		"Admin:\n"
		"  topic create      s\n"
		"  topic list        s\n"
		"\n"
		"`kt help COMMAND` or `kt COMMAND --help` tells more, `kt --version` what is built in.\n");
}

TEST(help_of_a_family)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	CHECK(kt_help_family(&text, &program, "topics"));
	CHECK_STR(kt_buf_cstr(&text), "Usage: kt topic COMMAND [OPTIONS] [ARGUMENTS]\n"
				      "\n"
				      "Commands:\n"
				      "  topic create      s\n"
				      "  topic list        s\n");
	text.len = 0;
	CHECK(!kt_help_family(&text, &program, "produce") && !kt_help_family(&text, &program, "topicx"));
	CHECK_INT(text.len, 0);
}
