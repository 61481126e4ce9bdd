#include "trimplan.h"

#include "admin.h"
#include "tap.h"

static struct kt_err err;

static int read_how(struct kt_trim_how *how, const char *before, const char *datetime, const char *partition)
{
	kt_auto(kt_strs_fini) struct kt_strs partitions = {0};
	if (partition)
		kt_strs_split(&partitions, partition, " ");
	err = (struct kt_err){0};
	return kt_trim_how_read(how, before, datetime, &partitions, &err);
}

TEST(where)
{
	struct kt_trim_how how = {0};
	CHECK_INT(read_how(&how, "100", NULL, NULL), 0);
	CHECK_INT(how.at.where, KT_AT_OFFSET);
	CHECK_INT(how.at.n, 100);
	CHECK_INT(read_how(&how, "-100", NULL, NULL), 0);
	CHECK_INT(how.at.where, KT_AT_TAIL);
	CHECK_INT(read_how(&how, "latest", NULL, NULL), 0);
	CHECK_INT(how.at.where, KT_AT_END);
	CHECK_INT(read_how(&how, NULL, "2026-01-01T00:00:00.000", NULL), 0);
	CHECK_INT(how.at.where, KT_AT_TIME);
	CHECK_INT(how.at.n, 1767225600000);
}

TEST(partitions)
{
	struct kt_trim_how how = {0};
	CHECK_INT(read_how(&how, NULL, NULL, "3:1000 0:latest 1:-1 2:0"), 0);
	CHECK_INT(how.n, 4);
	CHECK_INT(how.at.where, KT_AT_DEFAULT);
	CHECK_INT(how.parts[0].partition, 3);
	CHECK_INT(how.parts[0].at.n, 1000);
	CHECK_INT(how.parts[1].at.where, KT_AT_END);
	CHECK_INT(how.parts[2].at.where, KT_AT_END);
	CHECK_INT(how.parts[3].at.where, KT_AT_OFFSET);
	kt_trim_how_fini(&how);
	CHECK_INT(read_how(&how, "-100", NULL, "3 0"), 0);
	CHECK_INT(how.n, 2);
	CHECK_INT(how.at.where, KT_AT_DEFAULT);
	CHECK_INT(how.parts[1].partition, 0);
	CHECK_INT(how.parts[1].at.where, KT_AT_TAIL);
	CHECK_INT(how.parts[1].at.n, 100);
	kt_trim_how_fini(&how);
	CHECK_INT(read_how(&how, NULL, "2026-01-01", "7"), 0);
	CHECK_INT(how.parts[0].at.where, KT_AT_TIME);
	kt_trim_how_fini(&how);
	CHECK_INT(read_how(&how, "5", NULL, "3 0:1"), -1);
	CHECK_STR(err.msg, "--partition 0:1 has an offset, and --before another one");
	kt_trim_how_fini(&how);
}

TEST(what_is_no_place)
{
	static const char *const partitions[] = {"1", "1:", ":1", "x:1", "-1:1", "1:-2", "1:1 1:2", "99999999999:1"};
	static const char *const before[] = {"stored", "1:2", "+5", "soon", ""};
	struct kt_trim_how how = {0};
	CHECK_INT(read_how(&how, NULL, NULL, NULL), -1);
	for (size_t i = 0; i < KT_LEN(partitions); i++) {
		CHECK_INT(read_how(&how, NULL, NULL, partitions[i]), -1);
		CHECK_INT(err.status, KT_USAGE);
		kt_trim_how_fini(&how);
	}
	for (size_t i = 0; i < KT_LEN(before); i++) {
		CHECK_INT(read_how(&how, before[i], NULL, NULL), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
}

TEST(assignments)
{
	static const char *const bad[] = {"", ",", "1:1", "1,2:3", "x", "1:-1", "1:99999999999"};
	struct kt_assignment a = {0};
	CHECK_INT(kt_assignment_parse(&a, "1:2,2:3,3:1", &err), 0);
	CHECK_INT(a.partitions, 3);
	CHECK_INT(a.replicas, 2);
	CHECK_INT(a.ids[4], 3);
	kt_assignment_fini(&a);
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		CHECK_INT(kt_assignment_parse(&a, bad[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		kt_assignment_fini(&a);
	}
}
