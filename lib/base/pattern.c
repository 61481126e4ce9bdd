#include "pattern.h"

#include "esc.h"
#include "sig.h"

enum { FULL = 1 << 20, WITHOUT_END = -1, SHOWN = 80 };

/* How large a part of a pattern is; nothing is counted beyond FULL, so that no product is too large for the type. */
struct size {
	uint64_t parts, branches;
};

struct scan {
	const char *at;
	struct size before[KT_PATTERN_DEPTH + 1]; /* by depth: all before the last part, which may be repeated */
	struct size last;
	size_t depth;
};

static uint64_t capped(uint64_t n)
{
	return n < FULL ? n : FULL;
}

static void add(struct size *to, struct size what)
{
	to->parts = capped(to->parts + what.parts);
	to->branches = capped(to->branches + what.branches);
}

/* A repeat that follows is no longer about what was the last part. */
static void put(struct scan *s, struct size next)
{
	add(&s->before[s->depth], s->last);
	s->last = next;
}

static void repeat(struct scan *s, int64_t least, int64_t most)
{
	/* a{2,} is aaa*, and what may be left out is compiled as well. */
	int64_t times = most == WITHOUT_END ? least + 1 : most;
	uint64_t copies = times > 0 ? (uint64_t)times : 1;
	uint64_t optional = most == WITHOUT_END ? 1 : most > least ? (uint64_t)(most - least) : 0;
	s->last.parts = capped(s->last.parts * copies);
	s->last.branches = capped(s->last.branches * copies + optional);
}

/* Leaves *at after the digits, if there are any. */
static bool take_number(const char **at, int64_t *n)
{
	const char *start = *at;
	for (*n = 0; **at >= '0' && **at <= '9'; ++*at)
		*n = *n < FULL ? *n * 10 + (**at - '0') : FULL;
	return *at > start;
}

/* {m} {m,} {,n} {m,n} {,}; anything else is for regcomp() to judge. */
static bool take_interval(struct scan *s)
{
	const char *at = s->at + 1;
	int64_t least, most;
	bool any = take_number(&at, &least);
	most = least;
	if (*at == ',') {
		at++;
		any = true;
		if (!take_number(&at, &most))
			most = WITHOUT_END;
	}
	if (!any || *at != '}')
		return false;
	repeat(s, least, most < FULL ? most : FULL);
	s->at = at;
	return true;
}

/* Leaves at on the closing bracket: []a], [^]a], [[:alpha:]], [[.].]]. */
static void skip_bracket(struct scan *s)
{
	const char *at = s->at + 1;
	at += *at == '^';
	at += *at == ']';
	for (; *at && *at != ']'; at++) {
		if (*at != '[' || !at[1] || !strchr(".:=", at[1]))
			continue;
		const char end[] = {at[1], ']', '\0'};
		const char *closed = strstr(at + 2, end);
		at = closed ? closed + 1 : at;
	}
	s->at = *at ? at : at - 1;
}

static void close_group(struct scan *s)
{
	const struct size nothing = {0, 0}, group = {1, 2};
	put(s, nothing);
	s->last = s->before[s->depth--];
	add(&s->last, group);
}

static void take(struct scan *s)
{
	const struct size one = {1, 0}, nothing = {0, 0}, branch = {1, 1};
	switch (*s->at) {
	case '*':
	case '?':
		repeat(s, 0, 1);
		return;
	case '+':
		repeat(s, 1, WITHOUT_END);
		return;
	case '|':
		put(s, branch);
		put(s, nothing);
		return;
	case '(':
		put(s, nothing);
		s->before[++s->depth] = nothing;
		return;
	case '{':
		if (!take_interval(s))
			put(s, one);
		return;
	case ')':
		if (s->depth)
			close_group(s);
		return;
	case '\\':
		s->at += s->at[1] != '\0';
		break;
	case '[':
		skip_bracket(s);
		break;
	}
	put(s, one);
}

static int refuse(const char *text, struct kt_err *err)
{
	char shown[SHOWN];
	kt_quote(shown, sizeof(shown), (struct kt_bytes){text, strlen(text)});
	kt_err_set(err, KT_USAGE, "the pattern %s is too large when its repeats are written out", shown);
	return kt_err_hint(err,
		"a{9} is nine a, (a{9}){9} are 81: %d characters, %d alternatives and repeats, and parentheses %d deep "
		"are allowed",
		KT_PATTERN_PARTS, KT_PATTERN_BRANCHES, KT_PATTERN_DEPTH);
}

int kt_pattern_check(const char *text, struct kt_err *err)
{
	struct scan s = {.at = text};
	for (; *s.at; s.at++) {
		if (*s.at == '(' && s.depth == KT_PATTERN_DEPTH)
			return refuse(text, err);
		take(&s);
	}
	put(&s, (struct size){0, 0});
	/* Parentheses that are left open are not a pattern. */
	for (; s.depth; s.depth--)
		add(&s.before[s.depth - 1], s.before[s.depth]);
	bool small = s.before[0].parts <= KT_PATTERN_PARTS && s.before[0].branches <= KT_PATTERN_BRANCHES;
	return small ? 0 : refuse(text, err);
}

int kt_pattern_compile(regex_t *out, const char *text, int flags, struct kt_err *err)
{
	char why[128], shown[SHOWN];
	if (kt_pattern_check(text, err) < 0)
		return -1;
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	int code = regcomp(out, text, REG_EXTENDED | flags);
	if (!code)
		return 0;
	regerror(code, out, why, sizeof(why));
	kt_quote(shown, sizeof(shown), (struct kt_bytes){text, strlen(text)});
	return kt_err_set(err, KT_USAGE, "%s is not a regular expression: %s", shown, why);
}
