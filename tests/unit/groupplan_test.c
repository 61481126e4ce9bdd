#include "groupplan.h"

#include "tap.h"

static struct kt_err err;

static int add(struct kt_plan_topics *topics, const char *text)
{
	err = (struct kt_err){0};
	return kt_plan_topic(topics, text, &err);
}

static bool wants(const struct kt_plan_topics *topics, const char *name, int32_t partition)
{
	for (size_t i = 0; i < topics->n; i++)
		if (kt_plan_covers(&topics->v[i], name, partition))
			return true;
	return false;
}

TEST(topics_and_partitions)
{
	struct kt_plan_topics topics = {0};
	CHECK_INT(add(&topics, "a"), 0);
	CHECK_INT(add(&topics, "b:0,4-6"), 0);
	CHECK_INT(add(&topics, "exp*:1"), 0);
	CHECK_INT(add(&topics, "b:9"), 0);
	CHECK_INT(add(&topics, "^reg.x:3"), 0);
	static const struct {
		const char *topic;
		int32_t partition;
		bool wanted;
	} rows[] = {
		{"a", 0, true},
		{"a", 99, true},
		{"aa", 0, false},
		{"b", 0, true},
		{"b", 1, false},
		{"b", 4, true},
		{"b", 6, true},
		{"b", 7, false},
		{"b", 9, true},
		{"exp2", 1, true},
		{"exp2", 2, false},
		{"ex", 1, false},
		{"regex", 3, true},
		{"regex.2", 3, true},
		{"regex", 4, false},
		{"aregex", 3, false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_INT(wants(&topics, rows[i].topic, rows[i].partition), rows[i].wanted);
	kt_plan_topics_fini(&topics);
}

TEST(what_is_no_topic)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"", "--topic : expected TOPIC or TOPIC:PARTITION,…"},
		{":1", "--topic :1: expected TOPIC or TOPIC:PARTITION,…"},
		{"a:", "--topic a:: expected TOPIC or TOPIC:PARTITION,…"},
		{"a:x", "--topic a:x: \"x\" is not a whole number"},
		{"a:1,-2", "--topic a:1,-2: \"\" is not a whole number"},
		{"a:3-1", "--topic a:3-1: 1 is out of range: 3 to 2147483647"},
		{"a:1-2-3", "--topic a:1-2-3: \"2-3\" is not a whole number"},
		{"a:2147483648", "--topic a:2147483648: 2147483648 is out of range: 0 to 2147483647"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_plan_topics topics = {0};
		CHECK_INT(add(&topics, rows[i].text), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
		kt_plan_topics_fini(&topics);
	}
}

static char topic[] = "t";

/* A log from 10 to 20. */
static struct kt_group_part part(int32_t number, int64_t committed)
{
	return (struct kt_group_part){
		.log = {.topic = topic, .partition = number, .begin = 10, .log_end = 20},
		.committed = committed,
		.member = -1,
	};
}

TEST(shifted_inside_the_log)
{
	static const struct {
		int64_t committed, shift, to;
		enum kt_plan_note note;
	} rows[] = {
		{12, 0, 12, KT_PLAN_PLAIN},
		{12, 3, 15, KT_PLAN_PLAIN},
		{12, -2, 10, KT_PLAN_PLAIN},
		{12, -3, 10, KT_PLAN_BEGIN},
		{12, 8, 20, KT_PLAN_PLAIN},
		{12, 9, 20, KT_PLAN_END},
		{12, INT64_MAX, 20, KT_PLAN_END},
		{12, INT64_MIN, 10, KT_PLAN_BEGIN},
		{INT64_MAX, 1, 20, KT_PLAN_END},
		{3, 0, 10, KT_PLAN_BEGIN},
		{KT_NO_OFFSET, 1, KT_NO_OFFSET, KT_PLAN_NONE},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_group_part one = part(0, rows[i].committed);
		const struct kt_group group = {.parts = &one, .n_parts = 1};
		struct kt_plan plan = {0};
		kt_plan_make(&plan, &group,
			&(struct kt_plan_how){
				.by = KT_PLAN_SHIFT, .shift = rows[i].shift, .topics = &(struct kt_plan_topics){0}});
		CHECK_INT(plan.n, 1);
		CHECK_INT(plan.v[0].to, rows[i].to);
		CHECK_INT(plan.v[0].note, rows[i].note);
		CHECK_INT(plan.moved, rows[i].to != KT_NO_OFFSET);
		CHECK_INT(plan.none, rows[i].to == KT_NO_OFFSET);
		kt_plan_fini(&plan);
	}
}

TEST(current_is_the_end_where_nothing_is_committed)
{
	struct kt_group_part parts[] = {part(0, 12), part(1, KT_NO_OFFSET), part(2, 3)};
	const struct kt_group group = {.parts = parts, .n_parts = KT_LEN(parts)};
	struct kt_plan plan = {0};
	kt_plan_make(
		&plan, &group, &(struct kt_plan_how){.by = KT_PLAN_CURRENT, .topics = &(struct kt_plan_topics){0}});
	CHECK_INT(plan.moved, 3);
	CHECK_INT(plan.none, 0);
	CHECK_INT(plan.v[0].to, 12);
	CHECK_INT(plan.v[1].to, 20);
	CHECK_INT(plan.v[1].note, KT_PLAN_FIRST);
	CHECK_INT(plan.v[2].to, 10);
	CHECK_INT(plan.v[2].note, KT_PLAN_BEGIN);
	kt_plan_fini(&plan);
}

TEST(after_another_group)
{
	struct kt_group_part ours[] = {part(0, 11), part(1, KT_NO_OFFSET), part(2, 13), part(3, 14)};
	struct kt_group_part theirs[] = {part(0, 15), part(1, 30), part(3, KT_NO_OFFSET)};
	const struct kt_group group = {.parts = ours, .n_parts = KT_LEN(ours)};
	const struct kt_group other = {.parts = theirs, .n_parts = KT_LEN(theirs)};
	struct kt_plan plan = {0};
	kt_plan_make(&plan, &group,
		&(struct kt_plan_how){.by = KT_PLAN_OTHER, .other = &other, .topics = &(struct kt_plan_topics){0}});
	CHECK_INT(plan.n, 4);
	CHECK_INT(plan.moved, 2);
	CHECK_INT(plan.v[0].to, 15);
	CHECK_INT(plan.v[1].to, 20);
	CHECK_INT(plan.v[1].note, KT_PLAN_END);
	CHECK_INT(plan.v[2].note, KT_PLAN_NONE);
	CHECK_INT(plan.v[3].note, KT_PLAN_NONE);
	kt_plan_fini(&plan);
}

TEST(to_a_place)
{
	struct kt_group_part parts[] = {part(0, 11), part(1, 12), part(2, KT_NO_OFFSET), part(3, 13), part(4, 13)};
	const struct kt_group group = {.parts = parts, .n_parts = KT_LEN(parts)};
	struct kt_plan_topics topics = {0};
	struct kt_plan plan = {0};
	for (size_t i = 0; i < KT_LEN(parts); i++)
		parts[i].log.start = 16;
	parts[1].log.start = 20;
	parts[1].log.why = KT_START_EXPIRED;
	parts[3].code = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	CHECK_INT(add(&topics, "t:0-3"), 0);
	kt_plan_make(&plan, &group, &(struct kt_plan_how){.by = KT_PLAN_START, .topics = &topics});
	CHECK_INT(plan.n, 4);
	CHECK_INT(plan.moved, 3);
	CHECK_INT(plan.hidden, 1);
	CHECK_INT(plan.v[0].to, 16);
	CHECK_INT(plan.v[0].note, KT_PLAN_PLAIN);
	CHECK_INT(plan.v[1].note, KT_PLAN_END);
	CHECK_INT(plan.v[2].to, 16);
	CHECK_INT(plan.v[3].to, KT_NO_OFFSET);
	CHECK_INT(plan.v[3].note, KT_PLAN_HIDDEN);
	CHECK(!kt_plan_unmet(&plan, &topics));
	CHECK_INT(add(&topics, "t:3,7-9,8"), 0);
	CHECK_INT(kt_plan_unmet(&plan, &topics) - topics.v, 2);
	kt_plan_fini(&plan);
	kt_plan_topics_fini(&topics);
}

TEST(an_offset_beyond_the_end_is_refused)
{
	static const struct {
		enum kt_plan_by by;
		struct kt_place at;
		int result;
	} rows[] = {
		{KT_PLAN_START, {KT_AT_OFFSET, 20}, 0},
		{KT_PLAN_START, {KT_AT_OFFSET, 0}, 0},
		{KT_PLAN_START, {KT_AT_OFFSET, 21}, -1},
		{KT_PLAN_START, {KT_AT_OFFSET, INT64_MAX}, -1},
		{KT_PLAN_START, {KT_AT_TAIL, 21}, 0},
		{KT_PLAN_START, {KT_AT_TIME, 1796079757000}, 0},
		{KT_PLAN_SHIFT, {KT_AT_END, 21}, 0},
	};
	struct kt_group_part parts[] = {part(0, 11), part(1, 12), part(2, 13)};
	const struct kt_group group = {.parts = parts, .n_parts = KT_LEN(parts)};
	struct kt_plan_topics topics = {0};
	parts[0].log.log_end = INT64_MAX;
	parts[1].code = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	parts[1].log.log_end = 0;
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		const struct kt_plan_how how = {.by = rows[i].by, .topics = &topics};
		struct kt_plan plan = {0};
		err = (struct kt_err){0};
		kt_plan_make(&plan, &group, &how);
		CHECK_INT(kt_plan_check(&plan, &how, rows[i].at, &err), rows[i].result);
		CHECK_INT(err.status, rows[i].result ? KT_FAILED : 0);
		kt_plan_fini(&plan);
	}
	CHECK_INT(kt_place_beyond(21, "t", 2, 10, 20, "--to", &err), -1);
	CHECK_STR(err.msg, "t [2]: offset 21 is out of range: the log is from 10 to 20");
	CHECK_STR(err.hint, "--to end is where each log ends, --to @TIME where it was at a time");
	CHECK_INT(kt_place_beyond(1796079757, "t", 2, 10, 20, "--to", &err), -1);
	CHECK_STR(err.hint, "a time is written with @: --to @1796079757");
}
