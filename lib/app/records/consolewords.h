/* kafka-console-consumer's --property words, for whoever has them in the fingers: they are taken out of the -X options
 * and decide what is printed, as org.apache.kafka.tools.consumer.DefaultMessageFormatter (KIP-431) does.
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

struct kt_consolewords {
	struct kt_client_opts client; /* without those properties; borrows all else */
	bool given;                   /* some were there */
	bool timestamp, partition, offset, headers, key, value;
	const char *key_separator, *line_separator, *headers_separator, *null_literal; /* borrowed */
};

/* KT_USAGE for a print.X that is neither true nor false, and for words of the console that have no equivalent. */
int kt_consolewords_init(
	struct kt_consolewords *w, const struct kt_client_opts *client, struct kt_err *err) kt_must_check;

void kt_consolewords_print(const struct kt_consolewords *w, struct kt_buf *out, const struct kt_record *r);

void kt_consolewords_fini(struct kt_consolewords *w);

#endif
