#include "shellwords.h"

#include "mem.h"

struct splitter {
	struct kt_shellwords *out;
	const char *breaks;
	struct kt_buf word;
	bool begun; /* a word, which may be empty: '' is one */
};

static void end_word(struct splitter *s)
{
	if (s->begun)
		kt_strs_add(&s->out->words, kt_buf_cstr(&s->word));
	s->word.len = 0;
	s->out->kept = 0;
	s->begun = false;
}

static void add(struct splitter *s, char c)
{
	kt_buf_addc(&s->word, c);
	s->begun = true;
}

/* The character at line, and one more where it is escaped; returns where it goes on. */
static const char *unquoted(struct splitter *s, const char *line)
{
	char c = *line++;
	if (c == ' ' || c == '\t' || c == '\n') {
		end_word(s);
	} else if (c == '\\') {
		if (*line)
			add(s, *line++);
	} else if (c == '\'' || c == '"') {
		s->out->quote = c;
		s->out->kept = s->word.len;
		s->begun = true;
	} else {
		add(s, c);
		/* readline counts an @ as part of what follows, as the first letter of a host's name. */
		if (strchr(s->breaks, c))
			s->out->kept = s->word.len - (c == '@');
	}
	return line;
}

static const char *quoted(struct splitter *s, const char *line)
{
	char c = *line++;
	if (c == s->out->quote) {
		s->out->quote = '\0';
		s->out->kept = s->word.len;
	} else if (c == '\\' && s->out->quote == '"' && *line && strchr("$`\"\\", *line)) {
		add(s, *line++);
	} else {
		add(s, c);
	}
	return line;
}

void kt_shellwords_split(struct kt_shellwords *out, const char *line, const char *breaks)
{
	struct splitter s = {.out = out, .breaks = breaks};
	while (*line)
		line = out->quote ? quoted(&s, line) : unquoted(&s, line);
	kt_strs_add(&out->words, kt_buf_cstr(&s.word));
	kt_buf_fini(&s.word);
}

/* Characters that mean nothing to a shell wherever they are; bytes of UTF-8 mean nothing to it either. */
static bool is_plain(char c)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
	return strchr(plain, c) || (unsigned char)c >= 0x80;
}

void kt_shellwords_quote(struct kt_buf *out, const char *text, char quote)
{
	for (; *text; text++) {
		if (quote == '\'' && *text == '\'')
			kt_buf_adds(out, "'\\''");
		else if (quote == '"' && *text == '!')
			kt_buf_adds(out, "\"\\!\""); /* between quotes the backslash would stay */
		else if (quote == '"' ? strchr("$`\"\\", *text) != NULL : !quote && !is_plain(*text))
			kt_buf_addf(out, "\\%c", *text);
		else
			kt_buf_addc(out, *text);
	}
}

void kt_shellwords_add(struct kt_buf *out, const char *text)
{
	bool quotes = !*text;
	for (const char *at = text; *at; at++)
		quotes |= !is_plain(*at);
	kt_buf_adds(out, quotes ? "'" : "");
	kt_shellwords_quote(out, text, quotes ? '\'' : 0);
	kt_buf_adds(out, quotes ? "'" : "");
}

void kt_shellwords_fini(struct kt_shellwords *w)
{
	kt_strs_fini(&w->words);
}
