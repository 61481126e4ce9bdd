#include "conditionscan.h"

#include <ctype.h>

#include "mem.h"
#include "rowvalue.h"

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_len(const char *at)
{
	size_t len = 0;
	while (is_of_word(at[len]))
		len++;
	return len;
}

/* "['…']" and "[12]" of a path: their length, or 0. */
static size_t bracket_len(const char *at)
{
	size_t len = 1;
	if (at[1] == '"') {
		for (len = 2; at[len] && at[len] != '"'; len++)
			len += at[len] == '\\' && at[len + 1];
		return at[len] && at[len + 1] == ']' ? len + 2 : 0;
	}
	while (isdigit((unsigned char)at[len]))
		len++;
	return len > 1 && at[len] == ']' ? len + 1 : 0;
}

/* How long the path after a $ is; 0 when there is none. */
static size_t path_len(const char *at)
{
	size_t all = 0, step;
	for (;; all += step) {
		size_t name = at[all] == '.' ? word_len(at + all + 1) : 0;
		step = at[all] == '[' ? bracket_len(at + all) : name ? name + 1 : 0;
		if (!step)
			return all;
	}
}

/* What is text, a quoted name, or a comment for SQL: how long, or 0. It may have no end. */
static size_t quoted_len(const char *at)
{
	const char *end = NULL;
	if (!strncmp(at, "--", 2))
		return strcspn(at, "\n");
	if (!strncmp(at, "/*", 2)) {
		end = strstr(at + 2, "*/");
		return end ? (size_t)(end - at) + 2 : strlen(at);
	}
	if (*at != '\'' && *at != '"' && *at != '`' && *at != '[')
		return 0;
	end = strchr(at + 1, *at == '[' ? ']' : *at);
	return end ? (size_t)(end - at) + 1 : strlen(at);
}

static void add_term(struct kt_conditionscan *s, int term)
{
	size_t i = 0;
	while (i < s->n && s->terms[i] != term)
		i++;
	if (i == s->n) {
		s->terms = kt_grow(s->terms, &s->cap, s->n + 1, sizeof(*s->terms));
		s->terms[s->n++] = term;
	}
	kt_buf_addf(&s->sql, "?%zu", i + 1);
}

static int add_path(struct kt_conditionscan *s, const char *path, size_t len, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *words = kt_asprintf("c%zu=$%.*s:any", s->columns.n, (int)len, path);
	if (len && kt_jsoncolumns_add(&s->columns, words, err) == 0) {
		add_term(s, (int)s->columns.n - 1);
		return 0;
	}
	kt_err_set(err, KT_USAGE, "$%.*s is not a path", (int)(len ? len : strcspn(path, " ")), path);
	return kt_err_hint(err, "a path is $.a.b, $.list[0].c, or $[\"a name with dots\"].d");
}

/* A word, which may be one of the record's own. */
static void add_word(struct kt_conditionscan *s, const char *word, size_t len)
{
	for (int own = 0; own < KT_OWNS; own++)
		if (strlen(kt_own_names[own]) == len && !strncasecmp(kt_own_names[own], word, len)) {
			add_term(s, -1 - own);
			return;
		}
	kt_buf_add(&s->sql, word, len);
}

/* What is at the front: how long it is, or 0 and err. */
static size_t take(struct kt_conditionscan *s, const char *at, struct kt_err *err)
{
	size_t len = quoted_len(at);
	if (!len && *at == '$') {
		len = path_len(at + 1);
		return add_path(s, at + 1, len, err) < 0 ? 0 : len + 1;
	}
	if (!len && is_of_word(*at)) {
		len = word_len(at);
		add_word(s, at, len);
		return len;
	}
	if (strchr("?:@#", *at)) {
		kt_err_set(err, KT_USAGE, "%c means nothing in a condition", *at);
		kt_err_hint(err, "fields are $.a.b, texts stand in single quotes");
		return 0;
	}
	len = len ? len : 1;
	kt_buf_add(&s->sql, at, len);
	return len;
}

int kt_conditionscan(struct kt_conditionscan *s, const char *text, struct kt_err *err)
{
	kt_buf_adds(&s->sql, "SELECT (");
	while (*text) {
		size_t len = take(s, text, err);
		if (!len)
			return -1;
		text += len;
	}
	/* A comment ends with its line. */
	kt_buf_adds(&s->sql, "\n)");
	return 0;
}

void kt_conditionscan_fini(struct kt_conditionscan *s)
{
	kt_buf_fini(&s->sql);
	kt_jsoncolumns_fini(&s->columns);
	free(s->terms);
	*s = (struct kt_conditionscan){0};
}
