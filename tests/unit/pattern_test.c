#include "pattern.h"

#include "mem.h"
#include "tap.h"

static bool is_refused(const char *text)
{
	struct kt_err err = {0};
	bool refused = kt_pattern_check(text, &err) < 0;
	CHECK_INT(err.status, refused ? KT_USAGE : KT_OK);
	return refused;
}

TEST(repeats_multiply)
{
	static const struct {
		const char *text;
		bool refused;
	} rows[] = {
		{"", false},
		{"a{1,255}", false},
		{"a{255}", false},
		{"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", false},
		{"(.{1,40}, ?){1,25}", false},
		{"a{1,3001}", false},
		{"a{1,3002}", true},
		{"a{0,3000}", false},
		{"a{,3001}", true},
		{"a{32767}", false},
		{"a{1,32767}", true},
		{"a{1,99999999999999999999}", true},
		{"a{99999999999999999999,}", true},
		{"(((a{1,99}){1,99}){1,99})", true},
		{"((a{1,99}){1,99}){1,99}", true},
		{"((a{99}){99}){99}", true},
		{"((a{99}){99}){9}", false},
		{"a{1,255}{1,255}", true},
		{"a{1,255}{2}{2}{2}", false},
		{"a{1,255}{2}{2}{2}{2}", true},
		{"(a|b){1000}", false},
		{"(a|b){1001}", true},
		{"(a?){1000}", false},
		{"(a?){1001}", true},
		{"(a*b*){750}", false},
		{"(a*b*){751}", true},
		{"a++++++++++", false},
		{"a++++++++++++++++++++++++++++++", true},
		{"((((((((((a+)+)+)+)+)+)+)+)+)+)+", true},
		{"a{2,}{2,}{2,}{2,}{2,}{2,}{2,}", false},
		{"a{2,}{2,}{2,}{2,}{2,}{2,}{2,}{2,}", true},
		/* What repeats nothing. */
		{"[{1,9999}]", false},
		{"[]{1,9999}]", false},
		{"[^]{1,9999}]", false},
		{"[[:alpha:]{1,9999}]", false},
		{"[[.].]{1,9999}]", false},
		{"\\a\\{1,9999}", false},
		/* What repeats something after that. */
		{"[a]]{1,9999}", true},
		{"[^]a]{1,9999}", true},
		{"[[:alpha:]]{1,9999}", true},
		{"[[.].]]{1,9999}", true},
		{"\\\\{1,9999}", true},
		{"\\(a{1,9999}", true},
		{")a{1,9999}", true},
		{"(a{1,99})(b{1,99}", false},
		{"((a{1,2000})(b{1,2000}", true},
		/* Not an expression, but saying so is not this function's job. */
		{"(", false},
		{"[", false},
		{"[[:", false},
		{"[^", false},
		{"a{", false},
		{"a{1", false},
		{"a{,", false},
		{"a{1,2,3}", false},
		{"\\", false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		if (is_refused(rows[i].text) != rows[i].refused)
			TAP_FAIL("%s: %s", rows[i].text, rows[i].refused ? "taken" : "refused");
}

/* `part` so many times. */
static char *many(const char *part, size_t n)
{
	size_t len = strlen(part);
	char *text = kt_calloc(n * len + 1, 1);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, part, len);
	return text;
}

TEST(so_does_length)
{
	static const struct {
		const char *part;
		size_t most;
	} rows[] = {
		{"a", KT_PATTERN_PARTS},
		{"a?", KT_PATTERN_BRANCHES},
		{"a|", KT_PATTERN_BRANCHES},
		{"a*", KT_PATTERN_BRANCHES},
		{"a{,}", KT_PATTERN_BRANCHES},
		{"a{0,1}", KT_PATTERN_BRANCHES},
		{"a+", KT_PATTERN_BRANCHES},
		{"(", KT_PATTERN_DEPTH},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		char *taken = many(rows[i].part, rows[i].most), *refused = many(rows[i].part, rows[i].most + 1);
		if (is_refused(taken) || !is_refused(refused))
			TAP_FAIL("%s: not %zu of them are taken", rows[i].part, rows[i].most);
		free(taken);
		free(refused);
	}
}

TEST(compiles)
{
	struct kt_err err = {0};
	regex_t regex;
	CHECK_INT(kt_pattern_compile(&regex, "^a{2}$", REG_ICASE, &err), 0);
	CHECK_INT(regexec(&regex, "AA", 0, NULL, 0), 0);
	CHECK_INT(regexec(&regex, "aaa", 0, NULL, 0), REG_NOMATCH);
	regfree(&regex);
	CHECK_INT(kt_pattern_compile(&regex, "\x1b(", 0, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_STR(err.msg, "\"\\x1b(\" is not a regular expression: Unmatched ( or \\(");
	CHECK_INT(kt_pattern_compile(&regex, "a{1,255}{1,255}", 0, &err), -1);
	CHECK_STR(err.msg, "the pattern \"a{1,255}{1,255}\" is too large when its repeats are written out");
}
