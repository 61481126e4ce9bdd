/* kafka-console-consumer's --property words, for people who have them in their fingers: they are taken out of the -X
 * options and decide what is printed, as org.apache.kafka.tools.consumer.DefaultMessageFormatter (KIP-431) does.
 *
 *   kt_auto(kt_consolewords_fini) struct kt_consolewords words;
 *   if (kt_consolewords_init(&words, &client_opts, err) < 0)
 *           return -1;
 *   … words.client in place of client_opts …
 *   if (words.given)
 *           kt_consolewords_print(&words, &out, &record);
 */
#ifndef KT_CONSOLEWORDS_H
#define KT_CONSOLEWORDS_H

#include "buf.h"
#include "conf.h"
#include "record.h"

/* A word, and where in a struct its value goes: a const char * of text, else a bool. */
struct kt_consoleword {
	const char *key; /* NULL at the end of a list */
	size_t off;
	bool text;
};

/* Takes the words out of client's -X options and puts their values into a struct; *rest is client without them, and
 * owns the list of its properties. Returns how many there were; KT_USAGE for a bool that is neither true nor false. */
int kt_consolewords_take(struct kt_client_opts *rest, void *into, const struct kt_consoleword *list,
	const struct kt_client_opts *client, struct kt_err *err) kt_must_check;

struct kt_consolewords {
	struct kt_client_opts client; /* without those properties; borrows all else */
	bool given;                   /* some were there */
	bool for_terminal;            /* what a terminal would act on is escaped; the caller's to set */
	bool timestamp, partition, offset, headers, key, value;
	const char *key_separator, *line_separator, *headers_separator, *null_literal; /* borrowed */
};

/* KT_USAGE for a print.X that is neither true nor false, and for words of the console that have no equivalent. */
int kt_consolewords_init(
	struct kt_consolewords *w, const struct kt_client_opts *client, struct kt_err *err) kt_must_check;

void kt_consolewords_print(const struct kt_consolewords *w, struct kt_buf *out, const struct kt_record *r);

void kt_consolewords_fini(struct kt_consolewords *w);

#endif
