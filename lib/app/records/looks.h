/* How other people's bytes get to a person: escaped where a terminal would act on them, JSON in colour and indented.
 *
 *   kt_auto(kt_looks_fini) struct kt_looks looks = {.pretty = o->pretty, .raw = o->raw};
 *   kt_looks_choose(&looks, out->terminal, o->client.color);
 *   kt_looks_key(&looks, &buf, record.key, NULL), kt_looks_value(&looks, &buf, record.value, NULL)
 *   size_t from = buf.len; … JSON is appended …; kt_looks_json(&looks, &buf, from);
 *
 * In a pipe, without --pretty and --color always, everything is as it came.
 */
#ifndef KT_LOOKS_H
#define KT_LOOKS_H

#include "jsonshow.h"

struct kt_looks {
	bool pretty, raw;       /* as asked for */
	bool escapes;           /* what a terminal would act on is escaped */
	bool shows_json;        /* JSON does not stay as it is */
	struct kt_jsonshow how; /* but becomes this */
	struct kt_buf plain;    /* its own */
};

/* color: of the common options. */
void kt_looks_choose(struct kt_looks *l, bool terminal, int color);

/* Appends a key, or a value, which may be JSON; for a null one null_text, or nothing. */
void kt_looks_key(const struct kt_looks *l, struct kt_buf *out, struct kt_bytes key, const char *null_text);
void kt_looks_value(const struct kt_looks *l, struct kt_buf *out, struct kt_bytes value, const char *null_text);

/* What was appended since the buffer had `from` bytes is JSON. */
void kt_looks_json(struct kt_looks *l, struct kt_buf *out, size_t from);

void kt_looks_fini(struct kt_looks *l);

#endif
