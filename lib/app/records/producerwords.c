#include "producerwords.h"

#include <stddef.h>

#define AT(member) offsetof(struct kt_producerwords, member)

static const struct kt_consoleword words[] = {
	{"parse.key", AT(parse_key), false},
	{"parse.headers", AT(parse_headers), false},
	{"ignore.error", AT(ignore_error), false},
	{"key.separator", AT(key_separator), true},
	{"headers.delimiter", AT(headers_delimiter), true},
	{"headers.separator", AT(headers_separator), true},
	{"headers.key.separator", AT(headers_key_separator), true},
	{"null.marker", AT(null_marker), true},
	{0},
};

int kt_producerwords_init(struct kt_producerwords *w, const struct kt_client_opts *client, struct kt_err *err)
{
	*w = (struct kt_producerwords){
		.key_separator = "\t",
		.headers_delimiter = "\t",
		.headers_separator = ",",
		.headers_key_separator = ":",
	};
	int taken = kt_consolewords_take(&w->client, w, words, client, err);
	w->given = taken > 0;
	for (const struct kt_consoleword *word = words; taken > 0 && word->key; word++) {
		const char *text = word->text ? *(const char **)(void *)((char *)w + word->off) : NULL;
		if (text && !*text && word->off != AT(null_marker))
			return kt_err_set(err, KT_USAGE, "%s cannot be empty", word->key);
	}
	return taken < 0 ? -1 : 0;
}

void kt_producerwords_fini(struct kt_producerwords *w)
{
	kt_strs_fini(&w->client.properties);
}
