#include "match.h"

#include "tap.h"

static struct kt_strs existing;

/* Blanks between the names. */
static const char *picked(const char *names)
{
	static char text[512];
	struct kt_strs words = {0};
	struct kt_match pick = {0};
	size_t len = 0;
	if (!existing.n)
		kt_strs_split(&existing, "zebra orders orders.dlq a.b [x] x __offsets __txn _schemas", " ");
	kt_strs_split(&words, names, " ");
	kt_match(&pick, &words, &existing, "__");
	text[0] = '\0';
	for (size_t i = 0; i < pick.found.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", pick.found.v[i]);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "|");
	for (size_t i = 0; i < pick.missing.n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s", pick.missing.v[i]);
	kt_match_fini(&pick);
	kt_strs_fini(&words);
	return text;
}

TEST(names_and_patterns)
{
	static const struct {
		const char *words, *picked;
	} rows[] = {
		{"zebra orders", "zebra orders |"},
		{"zebra zebra", "zebra |"},
		{"order", "| order"},
		{"order zebra order Zebra", "zebra | order Zebra"},
		{"order*", "orders orders.dlq |"},
		{"orders.dlq order*", "orders.dlq orders |"},
		{"order* *", "orders orders.dlq [x] _schemas a.b x zebra |"},
		{"[a-z]", "x |"},
		{"a?b", "a.b |"},
		{"a\\?b", "| a\\?b"},
		{"q* zebra q* [", "zebra | q* ["},
		{"[x]", "[x] |"},
		{"__offsets", "__offsets |"},
		{"__*", "__offsets __txn |"},
		{"_*", "_schemas |"},
		{"?_offsets", "| ?_offsets"},
		{"^ord", "orders orders.dlq |"},
		{"^ord.*q$ ^[az]", "orders.dlq a.b zebra |"},
		{"^.*", "[x] _schemas a.b orders orders.dlq x zebra |"},
		{"^__", "__offsets __txn |"},
		{"^_", "_schemas |"},
		{"^( ^q", "| ^( ^q"},
		{"", "|"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(picked(rows[i].words), rows[i].picked);
}

TEST(without_internal_names)
{
	struct kt_strs words = {0}, names = {0};
	struct kt_match pick = {0};
	kt_strs_add(&words, "*");
	kt_strs_add(&names, "__mine");
	kt_match(&pick, &words, &names, NULL);
	CHECK_INT(pick.found.n, 1);
	kt_match_fini(&pick);
	kt_strs_fini(&words);
	kt_strs_fini(&names);
}

TEST(what_is_said_of_missing_ones)
{
	static const struct {
		const char *word, *msg, *hint;
	} rows[] = {
		{"oders", "topic oders does not exist on h:1",
			"did you mean orders? `kt topic list` shows what is there"},
		{"nothing", "topic nothing does not exist on h:1", "`kt topic list` shows what is there"},
		{"q*", "no topic on h:1 matches q*", "`kt topic list` shows what is there"},
	};
	picked("");
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_match_missing("topic", rows[i].word, "h:1", &existing, &err), -1);
		CHECK_INT(err.status, KT_NOT_FOUND);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
	}
	struct kt_err err = {0};
	CHECK_INT(kt_match_missing("topic", "^q", "h:1", &existing, &err), -1);
	CHECK_STR(err.msg, "no topic on h:1 matches ^q");
	CHECK_INT(kt_match_missing("topic", "ord.*", "h:1", &existing, &err), -1);
	CHECK_STR(err.hint, "a regular expression begins with ^: '^ord.*'");
	CHECK_INT(kt_match_missing("topic", "^(", "h:1", &existing, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK(!strncmp(err.msg, "^(: ", 4));
}

static const char *shown(int n)
{
	static char text[256];
	struct kt_strs names = {0};
	struct kt_buf out = {0};
	for (char name[2] = "a"; n; n--, name[0]++)
		kt_strs_add(&names, name);
	kt_match_show(&out, "group", &names);
	snprintf(text, sizeof(text), "%s", kt_buf_cstr(&out));
	kt_buf_fini(&out);
	kt_strs_fini(&names);
	return text;
}

TEST(names_in_a_sentence)
{
	CHECK_STR(shown(1), "group a");
	CHECK_STR(shown(2), "2 groups (a, b)");
	CHECK_STR(shown(10), "10 groups (a, b, c, d, e, f, g, h, i, j)");
	CHECK_STR(shown(13), "13 groups (a, b, c, d, e, f, g, h, i, j and 3 more)");
}
