/* kafka-console-producer's --property words (org.apache.kafka.tools.LineMessageReader: KIP-798, KIP-810): how a line
 * becomes key, headers and value.
 *
 *   kt_auto(kt_producerwords_fini) struct kt_producerwords words;
 *   if (kt_producerwords_init(&words, &client_opts, err) < 0)
 *           return -1;
 *   … words.client in place of client_opts, words.parse_key …
 */
#ifndef KT_PRODUCERWORDS_H
#define KT_PRODUCERWORDS_H

#include "consolewords.h"

struct kt_producerwords {
	struct kt_client_opts client; /* without those properties; borrows all else */
	bool given;                   /* some were there */
	bool parse_key, parse_headers, ignore_error;
	/* Borrowed, as they are given (no escapes); null_marker is NULL where there is none. */
	const char *key_separator, *headers_delimiter, *headers_separator, *headers_key_separator, *null_marker;
};

/* KT_USAGE for what is neither true nor false, and for separators that are empty. */
int kt_producerwords_init(
	struct kt_producerwords *w, const struct kt_client_opts *client, struct kt_err *err) kt_must_check;

void kt_producerwords_fini(struct kt_producerwords *w);

#endif
