#include "suggest.h"

#include "tap.h"

static const char *nearest(const char *word, const char *const *candidates)
{
	struct kt_suggest near = {.word = word};
	for (; *candidates; candidates++)
		kt_suggest_offer(&near, *candidates);
	return near.best;
}

TEST(finds_the_nearest_within_a_third)
{
	static const char *const names[] = {"produce", "consume", "config", "help", "topic-create", "-P", "", NULL};
	static const struct {
		const char *word, *best;
	} rows[] = {
		{"produce", "produce"},
		{"prodcue", "produce"}, /* a swap is one edit */
		{"Produce", "produce"},
		{"porduec", "produce"},
		{"hlep", "help"},
		{"hepl", "help"},
		{"topiccreate", "topic-create"},
		{"confg", "config"},
		{"cfg", NULL}, /* three of three edits away */
		{"xyzzy", NULL},
		{"", NULL},
		{"-p", "-P"},
		{"produceproduceproduceproduceproduceproduceproduceproduceproduceproduce", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(nearest(rows[i].word, names), rows[i].best);
}

TEST(a_word_that_begins_otherwise_is_another_one)
{
	CHECK_STR(nearest("from-file", (const char *const[]){"profile", NULL}), NULL);
	CHECK_STR(nearest("rofile", (const char *const[]){"profile", NULL}), "profile");
}

TEST(keeps_the_first_of_equals)
{
	CHECK_STR(nearest("kex", (const char *const[]){"key", "kex1", "ke", NULL}), "key");
	CHECK_STR(nearest("kex", (const char *const[]){"key", "kex", NULL}), "kex");
}
