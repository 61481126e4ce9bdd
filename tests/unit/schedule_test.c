/* Appointments: what is understood, their order, and when they come. */
#include "base.h"
#include "schedule.h"

#include "tap.h"

TEST(texts)
{
	static const struct {
		enum kt_do what;
		const char *text;
		int64_t at_ms, member;
		const char *error;
	} rows[] = {
		{KT_DO_JOIN, "5", 5000, 0, NULL},
		{KT_DO_JOIN, "1m", 60000, 0, NULL},
		{KT_DO_KILL, "m2@1.5", 1500, 2, NULL},
		{KT_DO_LEAVE, "17@200ms", 200, 17, NULL},
		{KT_DO_JOIN, "soon", 0, 0, "\"soon\""},
		{KT_DO_JOIN, "m1@5", 0, 0, "\"m1@5\""},
		{KT_DO_KILL, "5", 0, 0, "5: expected MEMBER@TIME, as in m2@5"},
		{KT_DO_KILL, "x@5", 0, 0, "x@5: members are m1, m2, …"},
		{KT_DO_KILL, "@5", 0, 0, "@5: members are m1, m2, …"},
		{KT_DO_KILL, "m@5", 0, 0, "m@5: members are m1, m2, …"},
		{KT_DO_KILL, "0@5", 0, 0, "0@5: members are m1, m2, …"},
		{KT_DO_KILL, "m1@", 0, 0, "\"\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_schedule_fini) struct kt_schedule t = {0};
		struct kt_err err = {0};
		int result = kt_schedule_add(&t, rows[i].what, rows[i].text, &err);
		if (rows[i].error && (result == 0 || !strstr(err.msg, rows[i].error) || err.status != KT_USAGE))
			TAP_FAIL("%s: \"%s\" is not about %s", rows[i].text, err.msg, rows[i].error);
		if (!rows[i].error && (result < 0 || t.n != 1 || t.v[0].at_ms != rows[i].at_ms ||
					      t.v[0].member != rows[i].member || t.v[0].what != rows[i].what))
			TAP_FAIL("%s is not understood: %s", rows[i].text, err.msg);
	}
}

TEST(in_the_order_of_time)
{
	static const char *const texts[] = {"m1@3", "m2@1", "m3@3", "m4@2"};
	kt_auto(kt_schedule_fini) struct kt_schedule t = {0};
	struct kt_err err = {0};
	CHECK(kt_schedule_wait_ms(&t, 0) == INT64_MAX);
	for (size_t i = 0; i < KT_LEN(texts); i++)
		CHECK_INT(kt_schedule_add(&t, KT_DO_KILL, texts[i], &err), 0);
	kt_schedule_sort(&t);
	CHECK(!kt_schedule_due(&t, 999));
	CHECK_INT(kt_schedule_wait_ms(&t, 400), 600);
	CHECK_INT(kt_schedule_due(&t, 1000)->member, 2);
	CHECK(!kt_schedule_due(&t, 1000));
	CHECK_INT(kt_schedule_wait_ms(&t, 5000), 0);
	CHECK_INT(kt_schedule_due(&t, 5000)->member, 4);
	CHECK_INT(kt_schedule_due(&t, 5000)->member, 1);
	CHECK_INT(kt_schedule_due(&t, 5000)->member, 3);
	CHECK(!kt_schedule_due(&t, 5000));
}

TEST(members_that_there_will_be)
{
	kt_auto(kt_schedule_fini) struct kt_schedule t = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_schedule_add(&t, KT_DO_JOIN, "1", &err), 0);
	CHECK_INT(kt_schedule_add(&t, KT_DO_KILL, "m3@2", &err), 0);
	CHECK_INT(kt_schedule_check(&t, 2, &err), 0);
	CHECK_INT(kt_schedule_check(&t, 1, &err), -1);
	CHECK_STR(err.msg, "there is no m3: 1 at the start, and 1 that join");
}
