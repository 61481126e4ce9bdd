#include "say.h"

#include "hear.h"
#include "tap.h"

TEST(says_what_the_level_allows)
{
	static const char *const expected[] = {
		[KT_QUIET + 1] = "% q\n", "% q\n% n\n", "% q\n% n\n% v\n", "% q\n% n\n% v\n% d\n"};
	for (int level = KT_QUIET; level <= KT_DEBUG; level++) {
		kt_say_level(level);
		hear_stderr();
		kt_say(KT_QUIET, "q");
		kt_say(KT_NORMAL, "n");
		kt_say(KT_VERBOSE, "v");
		kt_say(KT_DEBUG, "d");
		CHECK_STR(heard(), expected[level + 1]);
	}
	kt_say_level(KT_NORMAL);
}

TEST(escapes_what_a_terminal_would_obey)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"plain", "% plain\n"},
		{"a\nb\tc", "% a\\nb\\tc\n"},
		{"\033]0;x\a\x7f", "% \\x1b]0;x\\x07\\x7f\n"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "% caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n"},
		{"\xc2\x9b"
		 "1m",
			"% \\xc2\\x9b1m\n"},
		{"\x9b"
		 "1m \xff \xc3",
			"% \\x9b1m \\xff \\xc3\n"},
		{"", "% \n"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		hear_stderr();
		kt_say(KT_NORMAL, "%s", rows[i].text);
		CHECK_STR(heard(), rows[i].shown);
	}
}

TEST(plain_lines_have_no_mark_and_no_level)
{
	kt_say_level(KT_QUIET);
	hear_stderr();
	kt_say_plain("kt: %d", 1);
	CHECK_STR(heard(), "kt: 1\n");
	kt_say_level(KT_NORMAL);
}

TEST(no_progress_without_a_terminal)
{
	hear_stderr();
	kt_say_progress("%d %%", 50);
	CHECK_STR(heard(), "");
}
