#include "table.h"

#include "tap.h"

static const struct kt_column columns[] = {{"TOPIC"}, {"N", .right = true}, {"NOTE"}, {NULL}};

static void fill(struct kt_table *t)
{
	kt_table_add(t, "%s", "caf\xc3\xa9");
	kt_table_add(t, "%d", 7);
	kt_table_add(t, "%s", "a\tb\n\033");
	kt_table_add(t, "%s", "t");
	kt_table_add(t, "%d", 1234);
	kt_table_add(t, "%s", "");
}

TEST(aligned_for_people)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	fill(&t);
	kt_table_render(&t, &out, true);
	CHECK_STR(kt_buf_cstr(&out), "TOPIC     N  NOTE\n"
				     "caf\xc3\xa9      7  a\\tb\\n\\x1b\n"
				     "t      1234\n");
}

TEST(tabs_for_programs)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	fill(&t);
	kt_table_render(&t, &out, false);
	CHECK_STR(kt_buf_cstr(&out), "caf\xc3\xa9\t7\ta\\tb\\n\\x1b\nt\t1234\t\n");
}

TEST(counts_that_may_not_be_known)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	kt_table_add_count(&t, INT64_MAX);
	kt_table_add_count(&t, 0);
	kt_table_add_count(&t, -1);
	kt_table_render(&t, &out, false);
	CHECK_STR(kt_buf_cstr(&out), "9223372036854775807\t0\t-\n");
}

TEST(empty_and_unfinished)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	kt_table_render(&t, &out, false);
	CHECK_INT(out.len, 0);
	kt_table_add(&t, "x");
	kt_table_render(&t, &out, false);
	CHECK_INT(out.len, 0);
	kt_table_render(&t, &out, true);
	CHECK_STR(kt_buf_cstr(&out), "TOPIC  N  NOTE\n");
}
