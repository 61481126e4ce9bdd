#include "opt.h"

#include "tap.h"

struct common {
	const char *brokers;
	bool quiet;
	int verbose;
	struct kt_strs properties;
};
#define OPTS struct common
static const struct kt_opt common_opts[] = {
	{.name = "brokers",
		.letter = 'b',
		.also = "bootstrap-server broker-list",
		KT_STR(brokers),
		.arg = "LIST",
		.help = "ask these brokers"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "say less"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .help = "say more"},
	{.name = "property", .letter = 'X', KT_LIST(properties), .arg = "K=V", .help = "set a property"},
	{.name = "zookeeper", KT_GONE, .help = "use --brokers"},
	KT_END,
};
#undef OPTS

/* `common` is not the first field, so that a forgotten base offset is noticed. */
struct sample {
	int64_t count, wait_ms, size;
	const char *key, *topic, *offset;
	int color;
	bool json, exit;
	struct common common;
	struct kt_strs files;
};
#define OPTS struct sample
static const char *const colors[] = {"auto", "always", "never", NULL};
static const struct kt_opt sample_opts[] = {
	{.name = "count",
		.letter = 'c',
		.also = "n max-messages",
		KT_I64(count),
		.arg = "N",
		.def = "-1",
		.help = "stop after N; -1: no limit"},
	{.name = "wait", KT_MS(wait_ms), .arg = "DUR", .def = "1.5s", .help = "wait"},
	{.name = "size", KT_BYTES(size), .arg = "SIZE", .help = "size"},
	{.name = "key", .letter = 'k', KT_STR(key), .arg = "KEY", .conflict = 'k', .help = "key"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .conflict = 'k', .help = "JSON"},
	{.name = "exit", .letter = 'e', KT_FLAG(exit), .help = "exit"},
	{.name = "color", KT_ENUM(color, colors), .def = "auto", .help = "color"},
	{.name = "offset", .letter = 'o', KT_STR(offset), .arg = "AT", .help = "offset"},
	{.name = "from-beginning", KT_PRESET(offset, "beginning"), .help = "offset"},
	{KT_INCLUDE(common, "Common", common_opts)},
	{.name = "TOPIC", .positional = true, KT_STR(topic), .required = true, .help = "topic"},
	{.name = "FILE", .positional = true, KT_LIST(files), .help = "files"},
	KT_END,
};
#undef OPTS

static int parse(struct sample *s, struct kt_err *err, const char *line)
{
	static char words[256];
	char *argv[32], *save = NULL;
	int argc = 0;
	*s = (struct sample){0};
	*err = (struct kt_err){0};
	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return kt_opts_parse(sample_opts, argc, argv, s, err);
}

TEST(defaults_are_parsed)
{
	struct sample s;
	struct kt_err err;
	CHECK_INT(parse(&s, &err, "t"), 0);
	CHECK_INT(s.count, -1);
	CHECK_INT(s.wait_ms, 1500);
	CHECK_INT(s.size, 0);
	CHECK_INT(s.color, 0);
	CHECK_STR(s.topic, "t");
	CHECK_STR(s.key, NULL);
	CHECK(!s.json && !s.files.n);
}

TEST(every_type_and_spelling)
{
	struct sample s;
	struct kt_err err;
	CHECK_INT(
		parse(&s, &err, "-c5 t a --wait=2m --size 64k -kx=y b --color=never -evqv -X a=b --property c=d -"), 0);
	CHECK_INT(s.count, 5);
	CHECK_INT(s.wait_ms, 120000);
	CHECK_INT(s.size, 65536);
	CHECK_STR(s.key, "x=y");
	CHECK_INT(s.color, 2);
	CHECK(s.exit && s.common.quiet);
	CHECK_INT(s.common.verbose, 2);
	CHECK_INT(s.common.properties.n, 2);
	CHECK_STR(s.common.properties.v[1], "c=d");
	CHECK_STR(s.topic, "t");
	CHECK_INT(s.files.n, 3);
	CHECK_STR(s.files.v[2], "-");
	kt_opts_fini(sample_opts, &s);
	CHECK_INT(s.files.n, 0);
	CHECK_INT(s.common.properties.n, 0);
}

TEST(synonyms_presets_and_the_last_wins)
{
	struct sample s;
	struct kt_err err;
	CHECK_INT(parse(&s, &err, "t -n 3 --max-messages 4 --bootstrap-server h:1 -b h:2 -o 5 --from-beginning"), 0);
	CHECK_INT(s.count, 4);
	CHECK_STR(s.common.brokers, "h:2");
	CHECK_STR(s.offset, "beginning");
	CHECK_INT(parse(&s, &err, "t --from-beginning -o -5"), 0);
	CHECK_STR(s.offset, "-5");
}

TEST(two_dashes_end_the_options)
{
	struct sample s;
	struct kt_err err;
	CHECK_INT(parse(&s, &err, "-e -- -c --help -- x"), 0);
	CHECK_STR(s.topic, "-c");
	CHECK_INT(s.files.n, 3);
	CHECK_STR(s.files.v[0], "--help");
	CHECK_STR(s.files.v[1], "--");
	kt_opts_fini(sample_opts, &s);
}

TEST(help_and_version_come_before_mistakes)
{
	struct sample s;
	struct kt_err err;
	CHECK_INT(parse(&s, &err, "--help"), 'H');
	CHECK_INT(parse(&s, &err, "-eh --nonsense"), 'h');
	CHECK_INT(parse(&s, &err, "-V"), 'V');
	CHECK_INT(parse(&s, &err, "-k -h t"), 0);
	CHECK_STR(s.key, "-h");
}

TEST(errors_name_the_option_and_what_to_do)
{
	static const struct {
		const char *line, *msg, *hint;
	} rows[] = {
		{"t --kye 1", "unknown option --kye", "did you mean --key?"},
		{"t --kye=1", "unknown option --kye", "did you mean --key?"},
		{"t --bootstrap-servers x", "unknown option --bootstrap-servers", "did you mean --bootstrap-server?"},
		{"t --from", "unknown option --from", "did you mean --from-beginning?"},
		{"t --hlep", "unknown option --hlep", "did you mean --help?"},
		{"t --xyzzy", "unknown option --xyzzy", ""},
		{"t --n 1", "unknown option --n", ""},
		{"t --FILE x", "unknown option --FILE", ""},
		{"t -j", "unknown option -j", "did you mean -J?"},
		{"t -ey", "unknown option -y", ""},
		{"t -c", "--count needs an argument: N", ""},
		{"t -c x", "--count: \"x\" is not a whole number", ""},
		{"t -n x", "--count: \"x\" is not a whole number", ""},
		{"t --wait soon", "--wait: \"soon\" is not a duration", "for example 500ms, 10s, 1h30m, 7d"},
		{"t --color alwasy", "--color: \"alwasy\" is not one of auto, always, never", "did you mean always?"},
		{"t --json=1", "--json takes no argument", ""},
		{"t -J -k x", "--json and --key exclude each other", ""},
		{"t --zookeeper h:1", "--zookeeper is not an option here", "use --brokers"},
		{"", "TOPIC is missing", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct sample s;
		struct kt_err err;
		CHECK_INT(parse(&s, &err, rows[i].line), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
		kt_opts_fini(sample_opts, &s);
	}
}

TEST(too_many_words)
{
	struct kt_err err = {0};
	struct common c = {0};
	char *argv[] = {(char[]){"x"}};
	CHECK_INT(kt_opts_parse(common_opts, 1, argv, &c, &err), -1);
	CHECK_STR(err.msg, "unexpected argument \"x\"");
}

TEST(a_table_without_mistakes_passes)
{
	struct kt_err err = {0};
	CHECK_INT(kt_opts_check(sample_opts, &err), 0);
	CHECK_STR(err.msg, "");
}

TEST(mistakes_of_tables_are_found)
{
#define OPTS struct sample
#define GOOD KT_STR(key), .arg = "X", .help = "h"
	static const struct {
		struct kt_opt row[3];
		const char *msg;
	} rows[] = {
		{{{GOOD}, KT_END}, "a row has no name"},
		{{{.name = "a", GOOD}, {.name = "a", GOOD}, KT_END}, "--a has a name that another row has"},
		{{{.name = "a", .also = "b c", GOOD}, {.name = "dd", .letter = 'c', GOOD}, KT_END},
			"--dd has a name that another row has"},
		{{{.name = "help", GOOD}, KT_END}, "--help has a name that another row has"},
		{{{.name = "a", KT_STR(key), .arg = "X"}, KT_END}, "--a has no help"},
		{{{.name = "a", KT_STR(key), .arg = "X", .help = "do."}, KT_END},
			"--a has help that ends in a full stop"},
		{{{.name = "a", KT_STR(key), .help = "do"}, KT_END}, "--a has no placeholder for its argument"},
		{{{.name = "a",
			  KT_FLAG(json),
			  .help = "123456789 123456789 123456789 123456789 123456789 "
				  "123456789 123456789 123456789 1"},
			 KT_END},
			"--a has help of more than 80 columns"},
		{{{.name = "a", GOOD, .required = true, .def = "x"}, KT_END}, "--a is required and has a default"},
		{{{.name = "a", KT_FLAG(json), .help = "h", .def = "x"}, KT_END}, "--a cannot have a default"},
		{{{.name = "a", KT_ENUM(color, colors), .help = "h", .def = "x"}, KT_END},
			"--a has a default that the parser refuses"},
		{{{.name = "a", GOOD, .def = "-1"}, KT_END}, "--a has a default that its help does not explain"},
		{{{.name = "a", KT_ENUM(color, NULL), .help = "h"}, KT_END}, "--a has no placeholder for its argument"},
		{{{.name = "A", KT_LIST(files), .positional = true, .help = "h"},
			 {.name = "B", KT_STR(key), .positional = true, .help = "h"}, KT_END},
			"B stands after a positional that takes its words"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_opts_check(rows[i].row, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
	}
#undef OPTS
}

struct inner_opts {
	const char *file;
};
struct outer_opts {
	struct inner_opts inner;
	struct kt_strs words;
};

TEST(a_row_takes_over_the_name_of_an_included_one)
{
#define OPTS struct inner_opts
	static const struct kt_opt inner[] = {
		{.name = "config", .letter = 'F', KT_STR(file), .arg = "FILE", .help = "file"}, KT_END};
#undef OPTS
#define OPTS struct outer_opts
	static const struct kt_opt outer[] = {
		{.name = "config", .takes_over = true, KT_LIST(words), .arg = "K=V", .help = "word"},
		{KT_INCLUDE(inner, "Common", inner)}, KT_END};
	static char name[] = "--config", word[] = "a=b", letter[] = "-F", file[] = "f";
	char *const args[] = {name, word, letter, file};
	struct outer_opts o = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_opts_check(outer, &err), 0);
	CHECK_INT(kt_opts_parse(outer, 4, args, &o, &err), 0);
	CHECK_INT(o.words.n, 1);
	CHECK_STR(o.inner.file, "f");
	CHECK(kt_opts_row(outer, &inner[0]).name == NULL);
	CHECK_STR(kt_opts_row(outer, &outer[0]).name, "config");
	CHECK_STR(kt_opts_row(inner, &inner[0]).name, "config");
	kt_opts_fini(outer, &o);
#undef OPTS
}

struct turns {
	int64_t n, t;
	int n_turn, t_turn;
};
#define OPTS struct turns
static const struct kt_opt turn_opts[] = {
	{.letter = 'n', .name = "number", KT_I64(n), KT_TURN(n_turn), .arg = "N", .help = "number", .def = "-1"},
	{.letter = 't', .name = "time", KT_I64(t), KT_TURN(t_turn), .arg = "N", .help = "time"},
	KT_END,
};
#undef OPTS

/* Which of two options came last, each time it is given. */
TEST(the_order_of_options)
{
	static const char *const lines[] = {"-n 5 -t 1", "-t1 -n5", "-n4 -t1 --number=5", "-t 1"};
	for (size_t i = 0; i < 4; i++) {
		kt_auto(kt_strs_fini) struct kt_strs words = {0};
		struct turns o = {0};
		struct kt_err err = {0};
		kt_strs_split(&words, lines[i], " ");
		CHECK_INT(kt_opts_parse(turn_opts, (int)words.n, words.v, &o, &err), 0);
		CHECK((o.n_turn < o.t_turn) == (i == 0 || i == 3));
		CHECK((o.n_turn == 0) == (i == 3)); /* a default has no place */
	}
}
