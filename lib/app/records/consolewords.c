#include "consolewords.h"

#include <stddef.h>
#include <strings.h>

#include "esc.h"

/* The formatter's own names; those of deserializers are in lists of their own, and mean nothing here. */
static const struct kt_consoleword words[] = {
	{"print.timestamp", offsetof(struct kt_consolewords, timestamp), false},
	{"print.partition", offsetof(struct kt_consolewords, partition), false},
	{"print.offset", offsetof(struct kt_consolewords, offset), false},
	{"print.headers", offsetof(struct kt_consolewords, headers), false},
	{"print.key", offsetof(struct kt_consolewords, key), false},
	{"print.value", offsetof(struct kt_consolewords, value), false},
	{"key.separator", offsetof(struct kt_consolewords, key_separator), true},
	{"line.separator", offsetof(struct kt_consolewords, line_separator), true},
	{"headers.separator", offsetof(struct kt_consolewords, headers_separator), true},
	{"null.literal", offsetof(struct kt_consolewords, null_literal), true},
	{0},
};

/* 1: the property was one of the words. */
static int take(void *into, const struct kt_consoleword *list, const char *property, struct kt_err *err)
{
	const char *equals = strchr(property, '=');
	size_t len = equals ? (size_t)(equals - property) : 0;
	for (; list->key; list++) {
		if (len != strlen(list->key) || strncmp(property, list->key, len) != 0)
			continue;
		bool yes = !strcasecmp(equals + 1, "true");
		if (!list->text && !yes && strcasecmp(equals + 1, "false") != 0)
			return kt_err_set(err, KT_USAGE, "%s: expected true or false", property);
		if (list->text)
			*(const char **)(void *)((char *)into + list->off) = equals + 1;
		else
			*(bool *)((char *)into + list->off) = yes;
		return 1;
	}
	return 0;
}

int kt_consolewords_take(struct kt_client_opts *rest, void *into, const struct kt_consoleword *list,
	const struct kt_client_opts *client, struct kt_err *err)
{
	int taken = 0;
	*rest = *client;
	rest->properties = (struct kt_strs){0};
	for (size_t i = 0; i < client->properties.n; i++) {
		int took = take(into, list, client->properties.v[i], err);
		if (took < 0) {
			kt_strs_fini(&rest->properties);
			return -1;
		}
		taken += took;
		if (!took)
			kt_strs_add(&rest->properties, client->properties.v[i]);
	}
	return taken;
}

int kt_consolewords_init(struct kt_consolewords *w, const struct kt_client_opts *client, struct kt_err *err)
{
	*w = (struct kt_consolewords){
		.value = true,
		.key_separator = "\t",
		.line_separator = "\n",
		.headers_separator = ",",
		.null_literal = "null",
	};
	int taken = kt_consolewords_take(&w->client, w, words, client, err);
	w->given = taken > 0;
	for (size_t i = 0; i < w->client.properties.n; i++) {
		const char *property = w->client.properties.v[i];
		if (strncmp(property, "print.", 6) != 0)
			continue;
		kt_err_set(err, KT_USAGE, "there is nothing like %s to print", property);
		return kt_err_hint(
			err, "print.key, print.value, print.headers, print.timestamp, print.partition, print.offset");
	}
	return taken < 0 ? -1 : 0;
}

static void add(const struct kt_consolewords *w, struct kt_buf *out, struct kt_bytes bytes)
{
	if (bytes.data && w->for_terminal)
		kt_words_text(out, bytes.data, bytes.len);
	else if (bytes.data)
		kt_buf_add(out, bytes.data, bytes.len);
	else
		kt_buf_adds(out, w->null_literal);
}

static void add_headers(const struct kt_consolewords *w, struct kt_buf *out, const struct kt_record *r)
{
	if (!r->n_headers)
		kt_buf_adds(out, "NO_HEADERS");
	for (size_t i = 0; i < r->n_headers; i++) {
		kt_buf_adds(out, i ? w->headers_separator : "");
		add(w, out, r->headers[i].name);
		kt_buf_addc(out, ':');
		add(w, out, r->headers[i].value);
	}
}

static void add_timestamp(struct kt_buf *out, const struct kt_record *r)
{
	if (r->tstype == KT_TS_NONE)
		kt_buf_adds(out, "NO_TIMESTAMP");
	else
		kt_buf_addf(out, "%s:%lld", r->tstype == KT_TS_APPEND ? "LogAppendTime" : "CreateTime",
			(long long)r->ts_ms);
}

void kt_consolewords_print(const struct kt_consolewords *w, struct kt_buf *out, const struct kt_record *r)
{
	bool wanted[] = {w->timestamp, w->partition, w->offset, w->headers, w->key, w->value};
	bool any = false;
	for (size_t i = 0; i < KT_LEN(wanted); i++) {
		if (!wanted[i])
			continue;
		kt_buf_adds(out, any ? w->key_separator : "");
		any = true;
		if (i == 0)
			add_timestamp(out, r);
		else if (i <= 2)
			kt_buf_addf(out, i == 1 ? "Partition:%lld" : "Offset:%lld",
				i == 1 ? (long long)r->partition : (long long)r->offset);
		else if (i == 3)
			add_headers(w, out, r);
		else
			add(w, out, i == 4 ? r->key : r->value);
	}
	if (any)
		kt_buf_adds(out, w->line_separator);
}

void kt_consolewords_fini(struct kt_consolewords *w)
{
	kt_strs_fini(&w->client.properties);
}
