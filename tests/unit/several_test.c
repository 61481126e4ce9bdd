#include "several.h"

#include "hear.h"
#include "tap.h"

static struct kt_err err;
static const char *said;

/* Does what each letter says: . well, n(ot found), f(ailed), u(nreachable), p(artly), s(ignal). Returns what close
 * returns. */
static int do_several(const char *items)
{
	struct kt_several several = {.kind = "topic", .done_word = "deleted", .total = strlen(items)};
	err = (struct kt_err){0};
	hear_stderr();
	for (const char *item = items; *item; item++) {
		struct kt_err one = {0};
		int result = *item == '.' ? 0 : -1;
		if (*item == 'n')
			kt_err_set(&one, KT_NOT_FOUND, "topic %td does not exist", item - items);
		if (*item == 'f')
			kt_err_set(&one, KT_FAILED, "topic %td stays", item - items);
		if (*item == 'f')
			kt_err_hint(&one, "ask for it");
		if (*item == 'u')
			kt_err_set(&one, KT_UNREACHABLE, "nobody there");
		if (*item == 'p')
			kt_err_set(&one, KT_PARTIAL, "topic %td is half gone", item - items);
		if (*item == 's')
			kt_err_set(&one, KT_SIGNAL + 2, "interrupted");
		if (!kt_several_add(&several, result, &one))
			break;
	}
	said = heard();
	return kt_several_close(&several, &err);
}

TEST(all_done)
{
	CHECK_INT(do_several(""), 0);
	CHECK_INT(do_several("..."), 0);
	CHECK_STR(said, "");
}

TEST(a_single_one_fails_with_its_own_error)
{
	CHECK_INT(do_several("f"), -1);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_STR(err.msg, "topic 0 stays");
	CHECK_STR(err.hint, "ask for it");
	CHECK_STR(said, "");
}

TEST(each_failure_is_a_line)
{
	CHECK_INT(do_several(".fn"), -1);
	CHECK_STR(said, "% topic 1 stays; ask for it\n% topic 2 does not exist\n");
	CHECK_STR(err.msg, "2 of 3 topics were not deleted");
	CHECK_STR(err.hint, "");
	CHECK_INT(do_several(".n"), -1);
	CHECK_STR(err.msg, "1 of 2 topics was not deleted");
}

TEST(the_status)
{
	static const struct {
		const char *items;
		int status;
	} rows[] = {
		{"n.", KT_PARTIAL},
		{".fn", KT_PARTIAL},
		{"nn", KT_NOT_FOUND},
		{"ff", KT_FAILED},
		{"fn", KT_FAILED},
		{"nf", KT_FAILED},
		{"u..", KT_UNREACHABLE},
		{".u", KT_PARTIAL},
		{"p", KT_PARTIAL},
		{"pp", KT_PARTIAL},
		{"fp", KT_PARTIAL},
		{"ps", KT_SIGNAL + 2},
		{".s", KT_SIGNAL + 2},
		{"s.", KT_SIGNAL + 2},
		{"ns", KT_SIGNAL + 2},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		CHECK_INT(do_several(rows[i].items), -1);
		CHECK_INT(err.status, rows[i].status);
	}
}

TEST(what_is_not_tried_is_not_done)
{
	CHECK_INT(do_several(".u..."), -1);
	CHECK_STR(err.msg, "4 of 5 topics were not deleted");
}
