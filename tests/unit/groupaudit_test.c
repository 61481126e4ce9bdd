/* What the audit makes of owners, records and commits: each test tells a story and compares the verdict. */
#include "buf.h"
#include "groupaudit.h"

#include "tap.h"

enum { M1, M2, M3 };

static struct kt_groupaudit *group_of_three(void)
{
	struct kt_groupaudit *l = kt_groupaudit_new();
	kt_groupaudit_member(l, "m1");
	kt_groupaudit_member(l, "m2");
	kt_groupaudit_member(l, "m3");
	return l;
}

static bool got_key(struct kt_groupaudit *l, size_t member, int32_t partition, int64_t offset, const char *key)
{
	struct kt_record r = {
		.topic = {"t", 1},
		.partition = partition,
		.offset = offset,
		.key = {key, key ? strlen(key) : 0},
	};
	return kt_groupaudit_record(l, member, &r);
}

static void read_all(struct kt_groupaudit *l, size_t member, int32_t partition, int64_t from, int64_t to)
{
	for (int64_t i = from; i <= to; i++)
		got_key(l, member, partition, i, NULL);
}

static void committed(struct kt_groupaudit *l, int32_t partition, int64_t next)
{
	kt_groupaudit_ask_commit(l, "t", partition, next);
	kt_groupaudit_commit(l, "t", partition, next, NULL);
}

/* The verdict's sentences in one text, "|" between. */
static void check_verdict(struct kt_groupaudit *l, bool holds, const char *expected)
{
	kt_auto(kt_strs_fini) struct kt_strs lines = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_verdict v = kt_groupaudit_judge(l, 9000000, &lines);
	for (size_t i = 0; i < lines.n; i++)
		kt_buf_addf(&text, "%s%s", i ? "|" : "", lines.v[i]);
	CHECK(v.holds == holds);
	CHECK_STR(kt_buf_cstr(&text), expected);
}

TEST(nothing_happened)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = kt_groupaudit_new();
	CHECK_INT(kt_groupaudit_next(l, "t", 0), -1);
	check_verdict(l, true, "no partition had an owner|no records");
}

TEST(an_orderly_hand_over)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 10, 0);
	read_all(l, M1, 0, 10, 19);
	committed(l, 0, 20);
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 1000000);
	kt_groupaudit_take(l, M2, "t", 0, 20, 1350000);
	read_all(l, M2, 0, 20, 24);
	CHECK_INT(kt_groupaudit_next(l, "t", 0), 25);
	CHECK_INT(kt_groupaudit_next(l, "other", 0), -1);
	CHECK_INT(kt_groupaudit_partitions(l), 1);
	check_verdict(l, true,
		"1 partition, with one owner at any time, or none while it changed hands (350 ms at most)|"
		"15 records, each to exactly one member|no record had a key");
}

TEST(gaps_in_the_log_are_nobodys_loss)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	got_key(l, M1, 0, 5, NULL);
	got_key(l, M1, 0, 9, NULL);
	committed(l, 0, 10);
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_take(l, M2, "t", 0, 10, 0);
	got_key(l, M2, 0, 15, NULL);
	check_verdict(l, true,
		"1 partition, with one owner at any time|3 records, each to exactly one member|"
		"no record had a key");
}

TEST(a_member_killed_before_its_commit)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 3, 0, 0);
	read_all(l, M1, 3, 0, 9);
	committed(l, 3, 6);
	kt_groupaudit_yield(l, M1, "t", 3, KT_YIELD_KILLED, 1000000);
	kt_groupaudit_take(l, M2, "t", 3, 6, 7000000);
	CHECK(!got_key(l, M2, 3, 6, NULL));
	read_all(l, M2, 3, 7, 9);
	committed(l, 3, 10);
	CHECK(got_key(l, M2, 3, 10, NULL));
	check_verdict(l, true,
		"1 partition, with one owner at any time, or none while it changed hands (6.0 s at most)|"
		"11 records, 4 read again:|"
		"  m1, then m2: m1 was killed before it had committed them: t [3] 6 to 9|no record had a key");
}

TEST(why_records_come_again)
{
	static const struct {
		enum kt_yield how;
		bool ask;
		const char *refused;
		int64_t committed;
		bool holds;
		const char *why;
	} rows[] = {
		{KT_YIELD_LOST, false, NULL, -1, true, "had lost the partition before it could commit them"},
		{KT_YIELD_KILLED, true, NULL, -1, true, "was killed before it had committed them"},
		{KT_YIELD_GAVE, true, "rebalancing", -1, true, "gave the partition away, and its commit was refused"},
		{KT_YIELD_GAVE, true, NULL, -1, true, "gave the partition away before its commit was answered"},
		{KT_YIELD_GAVE, false, NULL, -1, false, "had not committed them"},
		{KT_YIELD_GAVE, true, NULL, 1, false, "had committed them"},
		{KT_YIELD_KILLED, true, NULL, 1, false, "had committed them"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
		char expected[256];
		kt_groupaudit_take(l, M1, "t", 0, 0, 0);
		got_key(l, M1, 0, 0, NULL);
		if (rows[i].ask)
			kt_groupaudit_ask_commit(l, "t", 0, 1);
		if (rows[i].refused || rows[i].committed >= 0)
			kt_groupaudit_commit(l, "t", 0, 1, rows[i].refused);
		kt_groupaudit_yield(l, M1, "t", 0, rows[i].how, 0);
		kt_groupaudit_take(l, M3, "t", 0, 0, 0);
		got_key(l, M3, 0, 0, NULL);
		snprintf(expected, sizeof(expected),
			"1 partition, with one owner at any time|1 record, 1 read again:|  m1, then m3: m1 %s: t [0] 0|"
			"%sno record had a key",
			rows[i].why, rows[i].refused ? "  the last refusal: rebalancing|" : "");
		check_verdict(l, rows[i].holds, expected);
	}
}

TEST(a_later_owner_is_told_the_one_before_it)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	for (size_t member = M1; member <= M3; member++) {
		kt_groupaudit_take(l, member, "t", 0, 0, 0);
		read_all(l, member, 0, 0, 4);
		kt_groupaudit_yield(l, member, "t", 0, KT_YIELD_KILLED, 0);
	}
	check_verdict(l, true,
		"1 partition, with one owner at any time|5 records, 10 read again:|"
		"  m1, then m2: m1 was killed before it had committed them: t [0] 0 to 4|"
		"  m2, then m3: m2 was killed before it had committed them: t [0] 0 to 4|no record had a key");
}

TEST(two_owners_at_once)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 1000000);
	read_all(l, M1, 0, 0, 2);
	kt_groupaudit_take(l, M2, "t", 0, 0, 2000000);
	kt_groupaudit_take(l, M2, "t", 0, 0, 2000000);
	read_all(l, M2, 0, 0, 1);
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_LOST, 2500000);
	kt_groupaudit_take(l, M3, "t", 7, 0, 2500000);
	check_verdict(l, false,
		"2 partitions, with two owners at once 1 time:|  t [0]: m1 and m2 for 500 ms|3 records, 2 read again:|"
		"  m1, then m2: m1 owned the partition at the same time: t [0] 0 to 1|no record had a key");
}

TEST(two_owners_until_now)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 1000000);
	kt_groupaudit_take(l, M2, "t", 0, 0, 2000000);
	check_verdict(l, false, "1 partition, with two owners at once 1 time:|  t [0]: m1 and m2 for 7.0 s|no records");
}

TEST(offsets_passed_over)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	read_all(l, M1, 0, 0, 4);
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_take(l, M2, "t", 0, 8, 0);
	read_all(l, M2, 0, 8, 8);
	check_verdict(l, false,
		"1 partition, with one owner at any time|6 records, each to exactly one member|3 offsets passed over:|"
		"  m1 had stopped there, m2 began after them: t [0] 5 to 7|no record had a key");
}

TEST(a_record_after_a_later_one)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	got_key(l, M1, 0, 0, "k");
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_take(l, M2, "t", 0, 2, 0);
	got_key(l, M2, 0, 2, "k");
	CHECK(got_key(l, M2, 0, 1, "k"));
	check_verdict(l, false,
		"1 partition, with one owner at any time|3 records, each to exactly one member|"
		"1 record came after a later one of the partition; 1 key, it was in one partition");
}

TEST(keys)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	kt_groupaudit_take(l, M2, "t", 1, 0, 0);
	got_key(l, M1, 0, 0, "a");
	got_key(l, M1, 0, 1, "a");
	got_key(l, M2, 1, 0, "");
	got_key(l, M2, 1, 1, NULL);
	check_verdict(l, true,
		"2 partitions, each with one owner at any time|4 records, each to exactly one member|"
		"2 keys, each in one partition and in order");
	got_key(l, M2, 1, 2, "a");
	got_key(l, M1, 0, 2, "a");
	check_verdict(l, false,
		"2 partitions, each with one owner at any time|6 records, each to exactly one member|"
		"2 keys, 1 of them in more than one partition:|  \"a\": t [0], then [1]");
}

TEST(a_key_of_two_topics)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	struct kt_record r = {.topic = {"other", 5}, .partition = 3, .key = {"a", 1}};
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	kt_groupaudit_take(l, M1, "other", 3, 0, 0);
	got_key(l, M1, 0, 0, "a");
	kt_groupaudit_record(l, M1, &r);
	CHECK(kt_groupaudit_judge(l, 0, NULL).holds);
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).keys, 2);
}

TEST(more_keys_than_are_watched)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	char key[16];
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	for (int i = 0; i < KT_GROUPAUDIT_KEYS + 5; i++) {
		snprintf(key, sizeof(key), "key-%d", i);
		got_key(l, M1, 0, i, key);
	}
	check_verdict(l, true,
		"1 partition, with one owner at any time|65,541 records, each to exactly one member|"
		"65,536 keys, each in one partition and in order (5 records had further keys, which were not watched)");
}

TEST(more_hand_overs_than_are_remembered)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	for (int i = 0; i < 3 * KT_GROUPAUDIT_SPANS; i++) {
		kt_groupaudit_take(l, (size_t)i % 2, "t", 0, i, 0);
		CHECK(got_key(l, (size_t)i % 2, 0, i, NULL));
		committed(l, 0, i + 1);
		kt_groupaudit_yield(l, (size_t)i % 2, "t", 0, KT_YIELD_GAVE, 0);
	}
	kt_groupaudit_take(l, M3, "t", 0, 0, 0);
	CHECK(!got_key(l, M3, 0, 0, NULL));
	check_verdict(l, false,
		"1 partition, with one owner at any time|12,288 records, 1 read again:|"
		"  an earlier owner, then m3: an earlier owner had committed them: t [0] 0|no record had a key");
}

TEST(many_findings_are_counted)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	for (int32_t p = 0; p < 100; p++) {
		kt_groupaudit_take(l, M1, "t", p, 0, 0);
		got_key(l, M1, p, 0, NULL);
		kt_groupaudit_yield(l, M1, "t", p, KT_YIELD_KILLED, 0);
		kt_groupaudit_take(l, M2, "t", p, 0, 0);
		got_key(l, M2, p, 0, NULL);
	}
	kt_auto(kt_strs_fini) struct kt_strs lines = {0};
	struct kt_verdict v = kt_groupaudit_judge(l, 0, &lines);
	CHECK_INT(v.repeats, 100);
	CHECK_INT(v.unexplained, 0);
	CHECK_INT(lines.n, 5);
	CHECK_STR(lines.v[2], "  m1, then m2: m1 was killed before it had committed them: "
			      "t [0] 0, t [1] 0, t [2] 0, t [3] 0 and 60 more");
	CHECK_STR(lines.v[3], "  (the first 64 findings)");
}

TEST(owners_outside_of_the_run)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	read_all(l, M1, 0, 0, 4);
	committed(l, 0, 5);
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_outside(l, "t", 0);
	kt_groupaudit_outside(l, "t", 1);
	kt_groupaudit_take(l, M1, "t", 0, 50, 5000000);
	check_verdict(l, true,
		"2 partitions, each with one owner at any time|"
		"  2 of them also belonged to members outside this run|"
		"5 records, each to exactly one member|no record had a key");
}

TEST(what_was_not_committed)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 5, 0);
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).uncommitted, 0);
	read_all(l, M1, 0, 5, 9);
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).uncommitted, 5);
	committed(l, 0, 8);
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).uncommitted, 2);
	kt_groupaudit_commit(l, "t", 0, 10, "refused");
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).uncommitted, 2);
	committed(l, 0, 10);
	CHECK_INT(kt_groupaudit_judge(l, 0, NULL).uncommitted, 0);
}

TEST(reading_again_twice_is_two_findings)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	for (int64_t from = 0; from < 30; from += 10) {
		kt_groupaudit_take(l, M1, "t", 0, from, 0);
		read_all(l, M1, 0, from, from + 12);
		kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_LOST, 0);
	}
	check_verdict(l, true,
		"1 partition, with one owner at any time|33 records, 6 read again:|"
		"  m1, then again: m1 had lost the partition before it could commit them: t [0] 10 to 12, t [0] 20 to "
		"22|"
		"no record had a key");
}

TEST(an_owner_in_between_that_reads_nothing)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	kt_groupaudit_take(l, M1, "t", 0, 0, 0);
	read_all(l, M1, 0, 0, 4);
	kt_groupaudit_ask_commit(l, "t", 0, 5);
	kt_groupaudit_commit(l, "t", 0, 5, "rebalancing");
	kt_groupaudit_yield(l, M1, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_take(l, M2, "t", 0, 0, 0);
	committed(l, 0, 0);
	kt_groupaudit_yield(l, M2, "t", 0, KT_YIELD_GAVE, 0);
	kt_groupaudit_take(l, M3, "t", 0, 0, 0);
	read_all(l, M3, 0, 0, 5);
	check_verdict(l, true,
		"1 partition, with one owner at any time|6 records, 5 read again:|"
		"  m1, then m3: m1 gave the partition away, and its commit was refused: t [0] 0 to 4|"
		"  the last refusal: rebalancing|no record had a key");
}

TEST(what_has_no_reason_is_told_first)
{
	kt_auto(kt_groupaudit_free) struct kt_groupaudit *l = group_of_three();
	for (int32_t p = 0; p <= KT_GROUPAUDIT_TOLD; p++) {
		kt_groupaudit_take(l, M1, "t", p, 0, 0);
		got_key(l, M1, p, 0, NULL);
		kt_groupaudit_yield(l, M1, "t", p, p < KT_GROUPAUDIT_TOLD ? KT_YIELD_KILLED : KT_YIELD_GAVE, 0);
		kt_groupaudit_take(l, M2, "t", p, 0, 0);
		got_key(l, M2, p, 0, NULL);
	}
	kt_auto(kt_strs_fini) struct kt_strs lines = {0};
	CHECK_INT(kt_groupaudit_judge(l, 0, &lines).unexplained, 1);
	CHECK_STR(lines.v[2], "  m1, then m2: m1 had not committed them: t [64] 0");
}
