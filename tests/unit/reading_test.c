#include "reading.h"

#include "buf.h"
#include "hear.h"
#include "tap.h"
#include "when.h"

/* A command line of reading options, the settings and topics beside it, and what they come to. */
struct run {
	struct kt_strs words, topics;
	struct kt_settings settings;
	struct kt_read_opts opts;
	struct kt_reading reading;
	struct kt_err err;
	int result;
};

/* args and topics: words with blanks between; settings: "key=value" words. */
static void start(struct run *run, const char *settings, const char *args, const char *topics)
{
	kt_auto(kt_strs_fini) struct kt_strs pairs = {0};
	*run = (struct run){0};
	kt_strs_split(&pairs, settings, " ");
	for (size_t i = 0; i < pairs.n; i++) {
		char *value = strchr(pairs.v[i], '=');
		*value++ = '\0';
		kt_settings_put(&run->settings, KT_RANK_PROFILE, pairs.v[i], value, "a file");
	}
	kt_strs_split(&run->words, args, " ");
	kt_strs_split(&run->topics, topics, " ");
	CHECK_INT(kt_opts_parse(kt_read_opts, (int)run->words.n, run->words.v, &run->opts, &run->err), 0);
	run->result = kt_reading_init(&run->reading, &run->opts, &run->topics, &run->settings, 5000, &run->err);
}

static void finish(struct run *run)
{
	kt_reading_fini(&run->reading);
	kt_opts_fini(kt_read_opts, &run->opts);
	kt_settings_fini(&run->settings);
	kt_strs_fini(&run->words);
	kt_strs_fini(&run->topics);
}

TEST(groups)
{
	static const struct {
		const char *settings, *args, *group;
	} rows[] = {
		{"", "", NULL},
		{"", "-g g", "g"},
		{"", "--group-id g", "g"},
		{"", "--consumer-group g", "g"},
		{"", "-G g", "g"},
		{"", "--group=", NULL},
		{"kt.group=g", "", "g"},
		{"group.id=g", "", "g"},
		{"kt.group=g", "-g h", "h"},
		{"kt.group=g", "--group=", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, rows[i].settings, rows[i].args, "t");
		CHECK_INT(run.result, 0);
		CHECK_STR(run.reading.group, rows[i].group);
		CHECK_STR(run.reading.how.group, rows[i].group);
		CHECK_INT(run.reading.how.timeout_ms, 5000);
		finish(&run);
	}
}

TEST(merging_by_time_needs_an_end_and_no_group)
{
	static const struct {
		const char *args;
		int result;
		bool by_time;
	} rows[] = {
		{"-e", 0, false},
		{"-e --sort none", 0, false},
		{"-e --sort time", 0, true},
		{"-o 1:5 --sort time", 0, true},
		{"-o @-1h:now --sort time -c 3", 0, true},
		{"--sort time", -1, true},
		{"--sort time -c 3", -1, true},
		{"--sort time -o @-1h:", -1, true},
		{"--sort time -e -g g", -1, true},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, "", rows[i].args, "t");
		CHECK_INT(run.result, rows[i].result);
		CHECK_INT(run.reading.how.by_time, rows[i].by_time);
		CHECK_INT(run.err.status, rows[i].result ? KT_USAGE : 0);
		CHECK(!rows[i].result || run.err.hint[0]);
		finish(&run);
	}
}

TEST(resets)
{
	static const struct {
		const char *settings, *args;
		enum kt_reset reset;
		enum kt_where start;
	} rows[] = {
		/* Without a group it is the start itself. */
		{"", "", KT_RESET_EARLIEST, KT_AT_BEGINNING},
		{"", "--reset earliest", KT_RESET_EARLIEST, KT_AT_BEGINNING},
		{"", "--reset latest", KT_RESET_LATEST, KT_AT_END},
		{"", "--from-beginning", KT_RESET_EARLIEST, KT_AT_BEGINNING},
		{"", "--reset latest -o 7", KT_RESET_LATEST, KT_AT_OFFSET},
		{"auto.offset.reset=latest", "", KT_RESET_EARLIEST, KT_AT_BEGINNING},
		/* With a group it counts where nothing is committed. */
		{"", "-g g", KT_RESET_LATEST, KT_AT_DEFAULT},
		{"", "-g g --reset earliest", KT_RESET_EARLIEST, KT_AT_DEFAULT},
		{"", "-g g --reset latest", KT_RESET_LATEST, KT_AT_DEFAULT},
		{"", "-g g --reset none", KT_RESET_NONE, KT_AT_DEFAULT},
		{"", "-g g --from-beginning", KT_RESET_EARLIEST, KT_AT_DEFAULT},
		{"", "-g g --reset none --from-beginning", KT_RESET_EARLIEST, KT_AT_DEFAULT},
		{"", "-g g --reset none -o end", KT_RESET_NONE, KT_AT_END},
		{"", "-g g -o stored", KT_RESET_LATEST, KT_AT_STORED},
		{"auto.offset.reset=beginning", "-g g", KT_RESET_EARLIEST, KT_AT_DEFAULT},
		{"auto.offset.reset=end", "-g g", KT_RESET_LATEST, KT_AT_DEFAULT},
		{"auto.offset.reset=error", "-g g", KT_RESET_NONE, KT_AT_DEFAULT},
		{"auto.offset.reset=smallest", "-g g", KT_RESET_EARLIEST, KT_AT_DEFAULT},
		{"auto.offset.reset=largest", "-g g", KT_RESET_LATEST, KT_AT_DEFAULT},
		{"auto.offset.reset=earliest", "-g g --reset none", KT_RESET_NONE, KT_AT_DEFAULT},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, rows[i].settings, rows[i].args, "t");
		CHECK_INT(run.result, 0);
		CHECK_INT(run.reading.how.reset, rows[i].reset);
		CHECK_INT(run.reading.how.span.start.where, rows[i].start);
		finish(&run);
	}
}

TEST(offsets_and_ends)
{
	static const struct {
		const char *args;
		struct kt_place start, end;
		bool exit_at_end, bounded;
	} rows[] = {
		{"", {KT_AT_BEGINNING, 0}, {0}, false, false},
		{"-e", {KT_AT_BEGINNING, 0}, {0}, true, true},
		{"-c 5", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"-c 0", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"-c -1", {KT_AT_BEGINNING, 0}, {0}, false, false},
		{"-n 5", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"--max-messages 5", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"-o beginning", {KT_AT_BEGINNING, 0}, {0}, false, false},
		{"-o end", {KT_AT_END, 0}, {0}, false, false},
		{"-o 7", {KT_AT_OFFSET, 7}, {0}, false, false},
		{"-o -7", {KT_AT_TAIL, 7}, {0}, false, false},
		{"-o +7", {KT_AT_HEAD, 7}, {0}, false, false},
		{"-o7:9", {KT_AT_OFFSET, 7}, {KT_AT_OFFSET, 9}, true, true},
		{"-o :9", {KT_AT_BEGINNING, 0}, {KT_AT_OFFSET, 9}, true, true},
		{"-o 7:", {KT_AT_OFFSET, 7}, {0}, false, false},
		{"-o @1700000000000", {KT_AT_TIME, 1700000000000}, {0}, false, false},
		{"-o @1700000000:1700000001", {KT_AT_TIME, 1700000000000}, {KT_AT_TIME, 1700000001000}, true, true},
		{"-o s@1700000000000 -o e@1700000001000", {KT_AT_TIME, 1700000000000}, {KT_AT_TIME, 1700000001000},
			true, true},
		{"-o e@1700000001000", {KT_AT_BEGINNING, 0}, {KT_AT_TIME, 1700000001000}, true, true},
		{"-o 1 -o 2", {KT_AT_OFFSET, 2}, {0}, false, false},
		{"--tail 3", {KT_AT_TAIL, 3}, {0}, false, false},
		{"--tail 0", {KT_AT_TAIL, 0}, {0}, false, false},
		{"--tail 3 -o 1:9", {KT_AT_TAIL, 3}, {KT_AT_OFFSET, 9}, true, true},
		{"-g g", {0}, {0}, false, false},
		{"-g g -e", {0}, {0}, true, true},
		{"-g g --tail 3", {KT_AT_TAIL, 3}, {0}, false, false},
		{"--from end", {KT_AT_END, 0}, {0}, false, false},
		{"--follow", {KT_AT_BEGINNING, 0}, {0}, false, false},
		{"--limit 5", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"--since 1700000000", {KT_AT_TIME, 1700000000000}, {0}, false, false},
		{"-o 0=10", {KT_AT_BEGINNING, 0}, {0}, false, false},
		{"--idle 2s", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"--timeout-ms 2000", {KT_AT_BEGINNING, 0}, {0}, false, true},
		{"-g g -o :9", {0}, {KT_AT_OFFSET, 9}, true, true},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, "", rows[i].args, "t");
		const struct kt_span *span = &run.reading.how.span;
		CHECK_INT(run.result, 0);
		CHECK_INT(span->start.where, rows[i].start.where);
		CHECK_INT(span->start.n, rows[i].start.n);
		CHECK_INT(span->end.where, rows[i].end.where);
		CHECK_INT(span->end.n, rows[i].end.n);
		CHECK_INT(run.reading.how.exit_at_end, rows[i].exit_at_end);
		CHECK_INT(run.reading.bounded, rows[i].bounded);
		finish(&run);
	}
}

TEST(relative_times_count_from_now)
{
	struct run run;
	int64_t before_ms = kt_now_ms();
	start(&run, "", "-o @-1h:now", "t");
	int64_t after_ms = kt_now_ms();
	const struct kt_span *span = &run.reading.how.span;
	CHECK(span->end.n >= before_ms && span->end.n <= after_ms);
	CHECK_INT(span->end.n - span->start.n, 3600000);
	finish(&run);
}

TEST(times_ago)
{
	static const char *const rows[] = {"-o -1h", "-o -60m", "--since 1h", "--since -1h", "--from -3600s"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		int64_t before_ms = kt_now_ms();
		start(&run, "", rows[i], "t");
		const struct kt_place *from = &run.reading.how.span.start;
		CHECK_INT(run.result, 0);
		CHECK_INT(from->where, KT_AT_TIME);
		CHECK(from->n >= before_ms - 3600000 && from->n <= kt_now_ms() - 3600000);
		finish(&run);
	}
}

TEST(until_is_an_end)
{
	static const char *const rows[] = {"--until 1h", "--until -1h", "--since 2h --until 1h"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		int64_t before_ms = kt_now_ms();
		start(&run, "", rows[i], "t");
		const struct kt_place *to = &run.reading.how.span.end;
		CHECK_INT(run.result, 0);
		CHECK_INT(to->where, KT_AT_TIME);
		CHECK(to->n >= before_ms - 3600000 && to->n <= kt_now_ms() - 3600000);
		CHECK(run.reading.how.exit_at_end);
		finish(&run);
	}
	struct run run;
	start(&run, "", "--since 1h --until 2h", "t");
	CHECK_INT(run.result, -1);
	CHECK_STR(run.err.msg, "--until 2h is before --since 1h");
	finish(&run);
}

TEST(partitions_that_start_elsewhere)
{
	static const struct kt_start starts[] = {
		{0, {KT_AT_OFFSET, 10}}, {1, {KT_AT_TAIL, 5}}, {12, {KT_AT_END, 0}}, {3, {KT_AT_BEGINNING, 0}}};
	struct run run;
	start(&run, "", "-o 0=10,1=-5 -o 12=end,3=earliest -o 7", "t");
	CHECK_INT(run.result, 0);
	CHECK_INT(run.reading.how.span.start.n, 7);
	CHECK_INT(run.reading.how.n_starts, KT_LEN(starts));
	for (size_t i = 0; i < KT_LEN(starts) && i < run.reading.how.n_starts; i++) {
		CHECK_INT(run.reading.how.starts[i].partition, starts[i].partition);
		CHECK_INT(run.reading.how.starts[i].place.where, starts[i].place.where);
		CHECK_INT(run.reading.how.starts[i].place.n, starts[i].place.n);
	}
	finish(&run);
}

TEST(commits)
{
	static const struct {
		const char *settings, *args;
		enum kt_commit commit;
		int64_t every;
		const char *word;
	} rows[] = {
		{"", "", KT_COMMIT_AUTO, 1, "auto"},
		{"", "--commit auto", KT_COMMIT_AUTO, 1, "auto"},
		{"enable.auto.commit=false", "", KT_COMMIT_AUTO, 1, "auto"},
		{"", "-g g", KT_COMMIT_AUTO, 1, "auto"},
		{"", "-g g --commit auto", KT_COMMIT_AUTO, 1, "auto"},
		{"", "-g g --commit none", KT_COMMIT_NONE, 1, "none"},
		{"", "-g g --commit end", KT_COMMIT_END, 1, "end"},
		{"", "-g g --commit each", KT_COMMIT_EACH, 1, "each"},
		{"", "-g g --commit 1", KT_COMMIT_EACH, 1, "1"},
		{"", "-g g --commit 500", KT_COMMIT_EACH, 500, "500"},
		{"enable.auto.commit=false", "-g g", KT_COMMIT_NONE, 1, "none"},
		{"enable.auto.commit=TRUE", "-g g", KT_COMMIT_AUTO, 1, "auto"},
		{"enable.auto.commit=false", "-g g --commit end", KT_COMMIT_END, 1, "end"},
		{"enable.auto.commit=false", "-g g --commit auto", KT_COMMIT_AUTO, 1, "auto"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, rows[i].settings, rows[i].args, "t");
		CHECK_INT(run.result, 0);
		CHECK_INT(run.reading.how.commit, rows[i].commit);
		CHECK_INT(run.reading.how.commit_every, rows[i].every);
		CHECK_STR(run.reading.commit, rows[i].word);
		finish(&run);
	}
}

TEST(topics_and_partitions)
{
	static const struct {
		const char *settings, *args, *topics, *seen;
	} rows[] = {
		{"", "", "a", "a"},
		{"", "", "a b a", "a b"},
		{"", "-t a", "", "a"},
		{"", "-t b", "a b", "b a"},
		{"kt.topic=c", "", "", "c"},
		{"kt.topic=c", "-t a", "", "a"},
		{"kt.topic=c", "", "a", "a"},
		{"", "-g g", "^a.* b", "^a.* b"},
		{"", "", "^a.* b", "^a.* b"},
		{"", "-t ord*", "", "^ord.*$"},
		{"", "-t a.b?[!0-9]", "", "^a\\.b.[^0-9]$"},
		{"", "-t a -t b -t a", "c", "a b c"},
		{"", "-t a,b", "b,c d", "a b c d"},
		{"", "", "^a{1,2}$", "^a{1,2}$"},
		{"", "-p 0,1 -p 4-6", "a", "a [0] [1] [4] [5] [6]"},
		{"", "-p 0", "a", "a [0]"},
		{"", "-p 3 --partition=1 -p 2147483647", "a", "a [3] [1] [2147483647]"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		struct run run;
		start(&run, rows[i].settings, rows[i].args, rows[i].topics);
		const struct kt_consumer_how *how = &run.reading.how;
		CHECK_INT(run.result, 0);
		for (size_t at = 0; at < how->topics->n; at++)
			kt_buf_addf(&seen, "%s%s", at ? " " : "", how->topics->v[at]);
		for (size_t at = 0; at < how->n_partitions; at++)
			kt_buf_addf(&seen, " [%d]", (int)how->partitions[at]);
		CHECK_STR(kt_buf_cstr(&seen), rows[i].seen);
		finish(&run);
	}
}

TEST(isolation_becomes_a_setting)
{
	struct run run;
	start(&run, "isolation.level=read_committed", "--isolation-level read_uncommitted", "t");
	const struct kt_setting *level = kt_settings_get(&run.settings, "isolation.level");
	CHECK_STR(level->value, "read_uncommitted");
	CHECK_STR(level->origin, "--isolation");
	finish(&run);
}

TEST(what_makes_no_sense_is_refused)
{
	static const char forms[] =
		"understood: beginning, end, stored, N, -N (the last N), +N, A:B, @TIME, -1h (ago), @FROM:TO, "
		"s@TIME, e@TIME";
	static const struct {
		const char *settings, *args, *topics, *msg, *hint;
	} rows[] = {
		{"", "", "", "no topic is given",
			"name one on the command line; KT_TOPIC or kt.topic in a profile work too"},
		{"", "--reset soon", "t", "--reset soon: expected earliest, latest or none", ""},
		{"", "--reset Earliest", "t", "--reset Earliest: expected earliest, latest or none", ""},
		{"", "--reset none", "t", "--reset none needs a group: -g GROUP", ""},
		{"", "-o stored", "t", "-o stored needs a group: -g GROUP", ""},
		{"", "-o somewhere", "t", "--offset: \"somewhere\" is not an offset", forms},
		{"", "-o 9:7", "t", "--offset: \"9:7\" ends before it starts", forms},
		{"", "--tail x", "t", "--tail: \"x\" is not a whole number", ""},
		{"", "--tail -1", "t", "--tail: -1 is too small: at least 0 is needed", ""},
		{"", "--commit none", "t", "--commit none needs a group: -g GROUP", ""},
		{"", "--commit 10", "t", "--commit 10 needs a group: -g GROUP", ""},
		{"", "-g g --commit 0", "t", "--commit 0: expected none, auto, each, end or a number", ""},
		{"", "-g g --commit often", "t", "--commit often: expected none, auto, each, end or a number", ""},
		{"", "-o 0=@5", "t", "--offset: \"@5\" is not where one partition starts",
			"understood: beginning, end, stored, N, -N (the last N)"},
		{"", "-o x=5", "t", "--offset: \"x\" is not a whole number", ""},
		{"", "-o 0=1,2", "t", "--offset: 2: expected PARTITION=WHERE", ""},
		{"", "-o 0=stored", "t", "--offset: stored needs a group: -g GROUP", ""},
		{"", "-t orders:3:42", "", "a topic cannot be called \"orders:3:42\"",
			"a partition and an offset are options: -t orders -p 3 -o 42"},
		{"", "-t orders:3", "", "a topic cannot be called \"orders:3\"",
			"a partition and an offset are options: -t orders -p 3"},
		{"", "-t orders:x", "", "a topic cannot be called \"orders:x\"",
			"letters, digits, dot, underscore and minus are allowed"},
		{"", "-p 5-3", "t", "--partition: 3 is out of range: 5 to 2147483647", ""},
		{"", "-p x", "t", "--partition: \"x\" is not a whole number", ""},
		{"", "-p -1", "t", "--partition: -1 is out of range: 0 to 2147483647", ""},
		{"", "-p 2147483648", "t", "--partition: 2147483648 is out of range: 0 to 2147483647", ""},
		{"", "-g g -p 0", "t", "--partition does not go with a group, which hands out the partitions itself",
			"leave out -g to read a partition by hand"},
		{"kt.group=g", "-p 0", "t",
			"--partition does not go with a group, which hands out the partitions itself",
			"leave out -g to read a partition by hand"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, rows[i].settings, rows[i].args, rows[i].topics);
		CHECK_INT(run.result, -1);
		CHECK_STR(run.err.msg, rows[i].msg);
		CHECK_STR(run.err.hint, rows[i].hint);
		CHECK_INT(run.err.status, KT_USAGE);
		finish(&run);
	}
}

TEST(topic_names_are_judged)
{
	static const struct {
		const char *settings, *args, *topics;
	} rows[] = {{"", "", "a/b"}, {"", "-t ..", "a"}, {"kt.topic=a:b", "", ""}, {"", "-g g", "a/b"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		start(&run, rows[i].settings, rows[i].args, rows[i].topics);
		CHECK_INT(run.result, -1);
		CHECK_INT(run.err.status, KT_USAGE);
		finish(&run);
	}
}

/* Two partitions of t: the first is what the test is about, the second one went on from 5. */
static const char *start_of(const char *args, struct kt_partition first)
{
	struct run run;
	struct kt_partitions parts = {0};
	kt_partitions_add(&parts, "t", 0);
	kt_partitions_add(&parts, "t", 1);
	parts.v[1].start = 5;
	parts.v[1].why = KT_START_BEGINNING;
	first.topic = parts.v[0].topic;
	parts.v[0] = first;
	parts.v[1].assigned = first.assigned;
	start(&run, "", args, "t");
	hear_stderr();
	kt_reading_say_start(&run.reading, &parts);
	const char *text = heard();
	kt_partitions_fini(&parts);
	finish(&run);
	return text;
}

TEST(what_is_said_about_the_start)
{
	static const struct {
		const char *args;
		struct kt_partition first;
		const char *said;
	} rows[] = {
		{"", {.assigned = true}, ""},
		{"--show-assign", {.assigned = true, .start = 3, .why = KT_START_ASKED},
			"% assigned: t [0] from 3 (asked for), t [1] from 5 (beginning)\n"},
		{"-g g", {.assigned = true, .start = 3, .why = KT_START_COMMITTED},
			"% group g, commits: auto\n% assigned: t [0] from 3 (committed), t [1] from 5 (beginning)\n"},
		{"-g g --commit 10", {.assigned = false},
			"% group g, commits: 10\n% assigned: nothing, other members have every partition\n"},
		{"-g g --reset earliest", {.assigned = true, .start = 3, .why = KT_START_COMMITTED},
			"% group g, commits: auto\n% assigned: t [0] from 3 (committed), t [1] from 5 (beginning)\n"
			"% --reset earliest has no effect where group g has committed offsets (1 of 2 partitions): take "
			"another group, `kt group reset` this one, or -o beginning\n"},
		{"-g g --from-beginning", {.assigned = true, .start = 3, .why = KT_START_COMMITTED},
			"% group g, commits: auto\n% assigned: t [0] from 3 (committed), t [1] from 5 (beginning)\n"
			"% --from-beginning has no effect where group g has committed offsets (1 of 2 partitions): take "
			"another group, `kt group reset` this one, or -o beginning\n"},
		{"--reset earliest", {.assigned = true, .start = 3, .why = KT_START_COMMITTED}, ""},
		{"-o 1", {.assigned = true, .begin = 7, .log_end = 9, .start = 7, .why = KT_START_EXPIRED},
			"% t [0]: the start is not in the log, which holds 7 to 9; starting at 7\n"},
		{"-o 1", {.assigned = true, .empty = true}, ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(start_of(rows[i].args, rows[i].first), rows[i].said);
}

TEST(empty_topics_are_named)
{
	static const struct {
		const char *topics, *said;
		const char *args;
	} rows[] = {{"t", "% t is empty\n", ""}, {"t u", "% every topic is empty\n", ""},
		{"t*", "% every topic is empty\n", ""}, {"t", "% no records in t [0-1]\n", "-p 0 -p 1"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct run run;
		struct kt_partitions parts = {0};
		kt_partitions_add(&parts, "t", 0)->assigned = true;
		kt_partitions_add(&parts, "t", 1)->assigned = true;
		parts.v[0].empty = parts.v[1].empty = true;
		start(&run, "", rows[i].args, rows[i].topics);
		hear_stderr();
		kt_reading_say_start(&run.reading, &parts);
		CHECK_STR(heard(), rows[i].said);
		kt_partitions_fini(&parts);
		finish(&run);
	}
}

/* At each rebalance the assignment is said again, the advice is not. */
TEST(advice_is_given_once)
{
	struct run run;
	struct kt_partitions parts = {0};
	kt_partitions_add(&parts, "t", 0)->assigned = true;
	parts.v[0].why = KT_START_COMMITTED;
	start(&run, "", "-g g --reset earliest", "t");
	hear_stderr();
	kt_reading_say_start(&run.reading, &parts);
	CHECK(strstr(heard(), "--reset earliest has no effect"));
	hear_stderr();
	kt_reading_say_start(&run.reading, &parts);
	CHECK_STR(heard(), "% group g, commits: auto\n% assigned: t [0] from 0 (committed)\n");
	kt_partitions_fini(&parts);
	finish(&run);
}

TEST(starts_that_are_alike_are_a_range)
{
	struct run run;
	struct kt_partitions parts = {0};
	static const int32_t order[] = {2, 0, 1, 4, 3};
	for (size_t i = 0; i < KT_LEN(order); i++)
		kt_partitions_add(&parts, "t", order[i])->assigned = true;
	kt_partitions_find(&parts, "t", 3)->start = 7;
	start(&run, "", "-g g", "t");
	hear_stderr();
	kt_reading_say_start(&run.reading, &parts);
	CHECK_STR(heard(),
		"% group g, commits: auto\n% assigned: t [0-2] from 0 (committed), t [3] from 7 (committed), "
		"t [4] from 0 (committed)\n");
	kt_partitions_fini(&parts);
	finish(&run);
}

TEST(ends_are_said_as_kcat_does_or_in_one_line)
{
	char t[] = "t", u[] = "u";
	struct kt_partition parts[] = {{.topic = t, .partition = 3, .end = 42}, {.topic = t, .partition = 1},
		{.topic = u, .partition = 0}, {.topic = t, .partition = 2}};
	hear_stderr();
	kt_reading_say_ends(parts, 2, false, true);
	kt_reading_say_ends(parts, 1, true, false);
	kt_reading_say_ends(parts, 4, true, false);
	CHECK_STR(heard(), "% Reached end of topic t [3] at offset 42\n"
			   "% Reached end of topic t [1] at offset 0\n"
			   "% Reached end of topic t [3] at offset 42: exiting\n"
			   "% Reached the end of t [1-3], u [0]: exiting\n");
}
