/* A record as it is printed: a line of JSON, a format of the user's, what the tutorial's Python consumer prints, what
 * kafka-console-consumer does, or the value alone, maybe after its key.
 *
 *   kt_auto(kt_recordprint_fini) struct kt_recordprint how = {.json = o->json, .encoding = KT_UTF8};
 *   kt_recordprint_choose(&how, out->terminal, o->client.color);
 *   kt_recordprint(&how, &out->buf, &record, NULL);
 */
#ifndef KT_RECORDPRINT_H
#define KT_RECORDPRINT_H

#include "consolewords.h"
#include "fmt.h"
#include "looks.h"
#include "recordjson.h"

/* The first of json, format, python and words.given that is set counts; without any, delim and key_delim. */
struct kt_recordprint {
	bool json, python;
	bool json_key;             /* the key is JSON */
	enum kt_encoding encoding; /* of bytes in JSON */
	struct kt_format *format;
	struct kt_consolewords words;
	struct kt_buf delim, key_delim; /* key_delim without data: no keys */
	const char *null_text;          /* for a null key or value; NULL: nothing */
	struct kt_looks looks;          /* what was asked for in it is set before kt_recordprint_choose() */
	int64_t seen;                   /* its own */
};

/* For a terminal or a pipe. color: of the common options. */
void kt_recordprint_choose(struct kt_recordprint *p, bool terminal, int color);

/* Appends the record. fields: NULL when its value is bytes; else those of a datum, whose text is the value. */
void kt_recordprint(
	struct kt_recordprint *p, struct kt_buf *out, const struct kt_record *r, const struct kt_bytes *fields);

/* Frees all that stands in it. */
void kt_recordprint_fini(struct kt_recordprint *p);

#endif
