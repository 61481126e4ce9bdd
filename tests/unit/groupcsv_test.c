#include "groupcsv.h"

#include "tap.h"

static struct kt_err err;

static int parse(struct kt_groupcsv *csv, const char *text)
{
	err = (struct kt_err){0};
	return kt_groupcsv_parse(csv, text, strlen(text), "f", &err);
}

TEST(one_group)
{
	kt_auto(kt_groupcsv_fini) struct kt_groupcsv csv = {0};
	CHECK_INT(parse(&csv, "b,1,7\na,0,5\r\n\nb,0,6"), 0);
	CHECK_INT(csv.n, 3);
	CHECK(!kt_groupcsv_names_groups(&csv));
	CHECK_INT(kt_groupcsv_find(&csv, "whoever", "a", 0)->offset, 5);
	CHECK_INT(kt_groupcsv_find(&csv, "whoever", "b", 1)->offset, 7);
	CHECK(!kt_groupcsv_find(&csv, "whoever", "a", 1));
}

TEST(several_groups)
{
	kt_auto(kt_groupcsv_fini) struct kt_groupcsv csv = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	CHECK_INT(parse(&csv, "g,t,0,1\n\"a, \"\"b\"\"\",t,0,2\n"), 0);
	CHECK(kt_groupcsv_names_groups(&csv));
	CHECK_INT(kt_groupcsv_find(&csv, "g", "t", 0)->offset, 1);
	CHECK_INT(kt_groupcsv_find(&csv, "a, \"b\"", "t", 0)->offset, 2);
	CHECK(!kt_groupcsv_find(&csv, "h", "t", 0));
	for (size_t i = 0; i < csv.n; i++)
		kt_groupcsv_line(&out, csv.v[i].group, csv.v[i].topic, csv.v[i].partition, csv.v[i].offset);
	CHECK_STR(kt_buf_cstr(&out), "\"a, \"\"b\"\"\",t,0,2\ng,t,0,1\n");
}

TEST(what_is_no_line)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"", "f: it has no lines"},
		{"t,0\n", "f line 1: it is not topic,partition,offset or group,topic,partition,offset"},
		{"t,0,1\n\ng,t,0,1,2", "f line 3: it is not topic,partition,offset or group,topic,partition,offset"},
		{"t,0,1\ng,t,0,1", "f line 2: it has a group, unlike the line before"},
		{"g,t,0,1\nt,0,1", "f line 2: it has no group, unlike the line before"},
		{",0,1", "f line 1: a name is empty"},
		{"topic,partition,offset", "f line 1: partition: \"partition\" is not a whole number"},
		{"t,0,-1", "f line 1: offset: -1 is too small: at least 0 is needed"},
		{"t,0,9223372036854775808",
			"f line 1: offset: 9223372036854775808 is too large: at most 9223372036854775807"},
		{"t,2147483648,1", "f line 1: partition: 2147483648 is out of range: 0 to 2147483647"},
		{"\"t,0,1", "f line 1: it is not topic,partition,offset or group,topic,partition,offset"},
		{"\"t\"x,0,1", "f line 1: it is not topic,partition,offset or group,topic,partition,offset"},
		{"t,0,1\nu,0,1\nt,0,2", "f: partition 0 of topic t comes twice"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_groupcsv_fini) struct kt_groupcsv csv = {0};
		CHECK_INT(parse(&csv, rows[i].text), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
	}
}
