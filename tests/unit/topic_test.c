#include "topic.h"

#include "tap.h"

TEST(names_that_brokers_take)
{
	static const char *const good[] = {"t", "client58", "a.b_c-D9", "...", "_", "__consumer_offsets"};
	struct kt_err err;
	for (size_t i = 0; i < KT_LEN(good); i++)
		CHECK_INT(kt_topic_check(good[i], &err), 0);
}

TEST(names_that_brokers_refuse)
{
	static const struct {
		const char *name, *msg;
	} rows[] = {
		{"", "a topic's name cannot be empty"},
		{".", "a topic cannot be called \".\""},
		{"..", "a topic cannot be called \"..\""},
		{"a b", "a topic cannot be called \"a b\""},
		{"a/b", "a topic cannot be called \"a/b\""},
		{"t\xc3\xb6", "a topic cannot be called \"t\xc3\xb6\""},
		{"t\n", "a topic cannot be called \"t\\n\""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_topic_check(rows[i].name, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, rows[i].msg);
	}
}

TEST(the_longest_name)
{
	char name[251];
	struct kt_err err;
	memset(name, 'x', sizeof(name) - 1);
	name[250] = '\0';
	CHECK_INT(kt_topic_check(name, &err), -1);
	name[249] = '\0';
	CHECK_INT(kt_topic_check(name, &err), 0);
}

TEST(several_names_in_a_word)
{
	static const struct {
		const char *word, *names;
	} rows[] = {{"a", "a"}, {"a,b", "a b"}, {"a,,b,", "a b"}, {"a,a", "a"}, {",", ","}, {"", ""},
		{"^a{1,2}", "^a{1,2}"}, {"a*,b", "a*,b"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_strs_fini) struct kt_strs names = {0};
		kt_auto(kt_buf_fini) struct kt_buf all = {0};
		kt_topic_names(&names, rows[i].word);
		for (size_t k = 0; k < names.n; k++)
			kt_buf_addf(&all, "%s%s", k ? " " : "", names.v[k]);
		CHECK_STR(kt_buf_cstr(&all), rows[i].names);
	}
}
