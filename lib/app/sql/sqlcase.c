#include "sqlcase.h"

#include <ctype.h>

#include "clusternames.h"

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* A comment, or a text: how long; 0: neither. */
static size_t passed_len(const char *at)
{
	const char *end;
	if (!strncmp(at, "--", 2))
		return strcspn(at, "\n");
	if (!strncmp(at, "/*", 2))
		end = strstr(at + 2, "*/");
	else if (*at == '\'')
		end = strchr(at + 1, '\'');
	else
		return 0;
	return end ? (size_t)(end - at) + (*at == '\'' ? 1 : 2) : strlen(at);
}

/* The next word, name in quotes, or sign, without its quotes; false: the statement is over. */
static bool next_word(const char **at, struct kt_bytes *word)
{
	for (size_t len; **at; *at += len ? len : 1) {
		len = passed_len(*at);
		if (!len && !isspace((unsigned char)**at))
			break;
	}
	const char *begin = *at, *closing = strchr("\"\"``[]", *begin);
	if (!*begin || *begin == ';')
		return false;
	if (closing && *begin != ']') {
		const char *end = strchr(begin + 1, closing[1]);
		*word = (struct kt_bytes){begin + 1, end ? (size_t)(end - begin) - 1 : strlen(begin + 1)};
		*at = end ? end + 1 : begin + strlen(begin);
		return true;
	}
	do
		++*at;
	while (is_of_word(*begin) && is_of_word(**at));
	*word = (struct kt_bytes){begin, (size_t)(*at - begin)};
	return true;
}

static bool is_word(struct kt_bytes word, const char *text)
{
	return word.len == strlen(text) && !strncasecmp(word.data, text, word.len);
}

/* The topic of a table that SQL takes the word for, and that is spelled otherwise. */
static const char *other_case(const struct kt_sqltables *tables, struct kt_bytes word)
{
	for (size_t i = 0; i < tables->n; i++) {
		const struct kt_sqltable *t = tables->v[i];
		if (!t->file && is_word(word, t->name) && memcmp(t->name, word.data, word.len) != 0)
			return t->name;
	}
	return NULL;
}

/* Where nobody answers, the query itself says so. */
static bool is_topic(const struct kt_sqltables *tables, struct kt_bytes word)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	struct kt_err ignored;
	const struct kt_client_opts *client = tables->reads->client;
	if (kt_clusternames_topics(&names, tables->reads->settings, client->owner, client->timeout_ms, &ignored) < 0)
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (kt_bytes_are(word, names.v[i]))
			return true;
	return false;
}

bool kt_sqlcase_next(struct kt_sqlcase *scan, struct kt_bytes *name)
{
	bool is_table = false;
	while (!is_table && next_word(&scan->at, name)) {
		is_table = scan->table;
		scan->table = is_word(*name, "from") || is_word(*name, "join") || is_word(*name, ",") ||
			      (scan->table && is_word(*name, "("));
	}
	return is_table;
}

int kt_sqlcase_check(const struct kt_sqltables *tables, const char *sql, struct kt_err *err)
{
	struct kt_sqlcase scan = {.at = sql};
	struct kt_bytes word;
	while (kt_sqlcase_next(&scan, &word)) {
		const char *other = other_case(tables, word);
		if (!other || !is_topic(tables, word))
			continue;
		kt_err_set(err, KT_USAGE, "%.*s and %s are two topics, and SQL sees no case", (int)word.len, word.data,
			other);
		return kt_err_hint(
			err, "one run can ask one of them; kt sink sqlite --table NAME gives a copy another name");
	}
	return 0;
}
