#include "workrules.h"

#include "tap.h"

TEST(statuses)
{
	static const struct {
		enum kt_workend end;
		int code;
		enum kt_workaction action;
	} rows[] = {
		{KT_WORK_EXIT, 0, KT_WORK_DONE},
		{KT_WORK_EXIT, 1, KT_WORK_RETRY},
		{KT_WORK_EXIT, 3, KT_WORK_RETRY},
		{KT_WORK_EXIT, 65, KT_WORK_REJECT},
		{KT_WORK_EXIT, 75, KT_WORK_RETRY},
		{KT_WORK_EXIT, 100, KT_WORK_STOP},
		{KT_WORK_EXIT, 126, KT_WORK_STOP},
		{KT_WORK_EXIT, 127, KT_WORK_STOP},
		{KT_WORK_EXIT, 255, KT_WORK_RETRY},
		{KT_WORK_SIGNAL, 11, KT_WORK_RETRY},
		{KT_WORK_TIMEOUT, 0, KT_WORK_RETRY},
		{KT_WORK_OUTPUT, 0, KT_WORK_RETRY},
	};
	struct kt_workrules rules;
	kt_workrules_init(&rules, false);
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_INT(kt_workrules_of(&rules, rows[i].end, rows[i].code).action, rows[i].action);
}

TEST(http)
{
	static const struct {
		int code;
		enum kt_workaction action;
	} rows[] = {{200, KT_WORK_DONE}, {204, KT_WORK_DONE}, {301, KT_WORK_RETRY}, {400, KT_WORK_REJECT},
		{404, KT_WORK_REJECT}, {408, KT_WORK_RETRY}, {425, KT_WORK_RETRY}, {429, KT_WORK_RETRY},
		{500, KT_WORK_RETRY}, {503, KT_WORK_RETRY}, {0, KT_WORK_RETRY}, {700, KT_WORK_RETRY}};
	struct kt_workrules rules;
	struct kt_err err = {0};
	kt_workrules_init(&rules, true);
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_INT(kt_workrules_of(&rules, KT_WORK_HTTP, rows[i].code).action, rows[i].action);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_NO_ANSWER, 0).action, KT_WORK_RETRY);
	CHECK_INT(kt_workrules_read(&rules, "404=skip", &err), 0);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_HTTP, 404).action, KT_WORK_SKIP);
	CHECK_INT(kt_workrules_read(&rules, "3=skip", &err), -1);
}

TEST(on_exit)
{
	struct kt_workrules rules;
	struct kt_err err = {0};
	kt_workrules_init(&rules, false);
	CHECK_INT(kt_workrules_read(&rules, "3=reject,75=retry:30s, signal=stop,timeout=reject,65=retry", &err), 0);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_EXIT, 3).action, KT_WORK_REJECT);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_EXIT, 65).action, KT_WORK_RETRY);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_EXIT, 75).delay_ms, 30000);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_SIGNAL, 9).action, KT_WORK_STOP);
	CHECK_INT(kt_workrules_of(&rules, KT_WORK_TIMEOUT, 0).action, KT_WORK_REJECT);
	static const char *const wrong[] = {"", "3", "3=", "=retry", "3=maybe", "256=retry", "-1=retry", "x=retry",
		"3=retry:", "3=retry:soon", "3=reject,"};
	for (size_t i = 0; i + 1 < KT_LEN(wrong); i++) {
		CHECK_INT(kt_workrules_read(&rules, wrong[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
}

TEST(backoff)
{
	static const int64_t delays[] = {1000, 2000, 4000, 8000, 10000, 10000};
	struct kt_workrules rules;
	struct kt_err err = {0};
	kt_workrules_init(&rules, false);
	CHECK_INT(kt_workrules_read_retries(&rules, "3", "1s:10s", &err), 0);
	struct kt_workrule rule = kt_workrules_of(&rules, KT_WORK_EXIT, 1);
	for (size_t i = 0; i < KT_LEN(delays); i++)
		CHECK_INT(kt_workrules_delay_ms(&rules, &rule, (int64_t)i + 1), delays[i]);
	CHECK_INT(kt_workrules_delay_ms(&rules, &rule, INT64_MAX), 10000);
	rule.delay_ms = 7;
	CHECK_INT(kt_workrules_delay_ms(&rules, &rule, 5), 7);
	CHECK(kt_workrules_may_retry(&rules, 3));
	CHECK(!kt_workrules_may_retry(&rules, 4));
	CHECK_INT(kt_workrules_read_retries(&rules, "unlimited", "0", &err), 0);
	CHECK(kt_workrules_may_retry(&rules, INT64_MAX));
	CHECK_INT(kt_workrules_delay_ms(&rules, &(struct kt_workrule){KT_WORK_RETRY, -1}, INT64_MAX), 0);
	CHECK_INT(kt_workrules_read_retries(&rules, "0", "1s", &err), 0);
	CHECK(!kt_workrules_may_retry(&rules, 1));
	CHECK_INT(kt_workrules_read_retries(&rules, "-1", "1s", &err), -1);
	CHECK_INT(kt_workrules_read_retries(&rules, "3", "2m:1m", &err), -1);
	CHECK_INT(kt_workrules_read_retries(&rules, "3", "1s:2s:3s", &err), -1);
	CHECK_INT(kt_workrules_read_retries(&rules, "3", "", &err), -1);
}
