#include "shellwords.h"

#include "tap.h"

TEST(splits_a_line_as_a_shell_does)
{
	static const struct {
		const char *line, *last;
		size_t words, kept;
		char quote;
	} rows[] = {
		{"", "", 1, 0, 0},
		{"kt", "kt", 1, 0, 0},
		{"kt ", "", 2, 0, 0},
		{" \t kt  a", "a", 2, 0, 0},
		{"kt 'a b'", "a b", 2, 3, 0},
		{"kt '' x", "x", 3, 0, 0},
		{"kt 'a b", "a b", 2, 0, '\''},
		{"kt --p='a", "--p=a", 2, 4, '\''},
		{"kt --p=a", "--p=a", 2, 4, 0},
		{"kt --p\\=a", "--p=a", 2, 0, 0},
		{"kt a:b", "a:b", 2, 2, 0},
		{"kt 'a:b", "a:b", 2, 0, '\''},
		{"kt a@b", "a@b", 2, 1, 0},
		{"kt a\\ b", "a b", 2, 0, 0},
		{"kt \"a\\\"\\$\\b", "a\"$\\b", 2, 0, '"'},
		{"kt 'a\\", "a\\", 2, 0, '\''},
		{"kt a\\", "a", 2, 0, 0},
		{"kt x'y'z", "xyz", 2, 2, 0},
		{"kt $(a b", "b", 3, 0, 0},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_shellwords_fini) struct kt_shellwords w = {0};
		kt_shellwords_split(&w, rows[i].line, "\"'@><=;|&(:");
		CHECK_STR(w.words.v[w.words.n - 1], rows[i].last);
		CHECK_INT(w.words.n, rows[i].words);
		CHECK_INT(w.quote, rows[i].quote);
		CHECK_INT(w.kept, rows[i].kept);
	}
}

/* Whatever is in a name, it comes back as one word: unquoted and in both kinds of quotes. */
TEST(what_is_quoted_reads_back)
{
	static const char *const names[] = {"plain", "a b", "$(touch x)", "`x`", "a'b", "a\"b", "a\\b", "\\", "'", "\"",
		"!x", "a;b|c&d>e<f(g)h{i,j}k*l?m[n]o~p#q^r", "~root", "\xc3\xa9", "a=b:c@d%e+f"};
	static const char quotes[] = {'\0', '\'', '"'};
	for (size_t i = 0; i < KT_LEN(names); i++)
		for (size_t q = 0; q < KT_LEN(quotes); q++) {
			kt_auto(kt_shellwords_fini) struct kt_shellwords w = {0};
			kt_auto(kt_buf_fini) struct kt_buf line = {0};
			kt_buf_adds(&line, "kt ");
			if (quotes[q])
				kt_buf_addc(&line, quotes[q]);
			kt_shellwords_quote(&line, names[i], quotes[q]);
			if (quotes[q])
				kt_buf_addc(&line, quotes[q]);
			kt_shellwords_split(&w, kt_buf_cstr(&line), "");
			CHECK_INT(w.words.n, 2);
			CHECK_STR(w.words.v[1], names[i]);
			CHECK_INT(w.quote, 0);
		}
	for (size_t i = 0; i < KT_LEN(names); i++) {
		kt_auto(kt_shellwords_fini) struct kt_shellwords w = {0};
		kt_auto(kt_buf_fini) struct kt_buf line = {0};
		kt_shellwords_add(&line, names[i]);
		kt_shellwords_split(&w, kt_buf_cstr(&line), "");
		CHECK_INT(w.words.n, 1);
		CHECK_STR(w.words.v[0], names[i]);
	}
}

TEST(words_for_people_have_quotes_only_where_they_need_them)
{
	static const char *const rows[][2] = {{"a/b:1,c=d", "a/b:1,c=d"}, {"", "''"}, {"a b", "'a b'"},
		{"^ord.*", "'^ord.*'"}, {"it's", "'it'\\''s'"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_shellwords_add(&out, rows[i][0]);
		CHECK_STR(kt_buf_cstr(&out), rows[i][1]);
	}
}

TEST(every_byte_that_a_shell_could_know_is_escaped)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_shellwords_quote(&out, " !\"#$&'()*;<>?[\\]^`{|}~", '\0');
	CHECK_STR(kt_buf_cstr(&out), "\\ \\!\\\"\\#\\$\\&\\'\\(\\)\\*\\;\\<\\>\\?\\[\\\\\\]\\^\\`\\{\\|\\}\\~");
}
