/* The records of several topics as lines, for the text files of a sink: each topic has columns of its own.
 *
 *   kt_auto(kt_sinklines_fini) struct kt_sinklines lines = {0};
 *   if (kt_sinklines_open(&lines, &how, err) < 0)
 *           return -1;
 *   struct kt_sinktext *text = kt_sinklines_text(&lines, "orders", err);     NULL: -1
 *   more = kt_sinklines_take(&lines, text, &record, &data, err);             only with lines.decode.on
 *   kt_sinklines_say(&lines);
 */
#ifndef KT_SINKLINES_H
#define KT_SINKLINES_H

#include "sinksample.h"
#include "sinkschema.h"
#include "sinktext.h"

/* Borrows all of it. */
struct kt_sinklines_how {
	enum kt_sinkformat format;
	bool values;                     /* as in struct kt_sinktext */
	const struct kt_strs *columns;   /* --column; none: of CSV they are found */
	struct kt_sinksample_how sample; /* where; and how values are decoded */
};

struct kt_sinklines_topic {
	char *name;
	struct kt_sinktext text;
};

/* Starts as {0}. */
struct kt_sinklines {
	struct kt_sinklines_how how;
	struct kt_sinklines_topic **v;
	size_t n, cap;
	struct kt_sinkdecode decode;
	struct kt_buf lines; /* of a message */
};

/* KT_USAGE. */
int kt_sinklines_open(struct kt_sinklines *l, const struct kt_sinklines_how *how, struct kt_err *err) kt_must_check;

/* What the lines of a topic are like, from when the first one is written. Its columns are found, where they are, and
 * said. Valid until the end. */
struct kt_sinktext *kt_sinklines_text(struct kt_sinklines *l, const char *topic, struct kt_err *err);

/* The lines of a message of Avro: 0; 1: the filter leaves it out; -1. */
int kt_sinklines_take(struct kt_sinklines *l, struct kt_sinktext *text, const struct kt_record *record,
	struct kt_sinkdata *data, struct kt_err *err) kt_must_check;

/* What columns do not have. */
void kt_sinklines_say(const struct kt_sinklines *l);

void kt_sinklines_fini(struct kt_sinklines *l);

#endif
