/* Records as lines of a text file: JSON, or CSV.
 *
 *   struct kt_sinktext text = {.format = KT_SINKFORMAT_CSV};
 *   if (kt_sinktext_columns(&text, &opts->columns, err) < 0)
 *           return -1;
 *   kt_sinktext_head(&text, &out);                           what a file begins with
 *   kt_sinktext_add(&text, &record, false, &out);
 *   kt_sinktext_fini(&text);
 */
#ifndef KT_SINKTEXT_H
#define KT_SINKTEXT_H

#include "jsoncolumns.h"
#include "list.h"
#include "record.h"
#include "sinkname.h"

/* Starts as {0}, but for: */
struct kt_sinktext {
	enum kt_sinkformat format; /* one of text */
	bool values;               /* of JSON: a line is the value, not the record */
	/* The rest is sinktext.c's own. */
	struct kt_jsoncolumns columns;
	bool found; /* columns that nobody named: what they do not hold of a value is kept too */
	struct kt_buf scratch;
	int64_t bad; /* values that columns were to be cut from, and that are no object of JSON */
};

/* --column, of CSV; none: the value is one column, unless columns are learnt from a sample. KT_USAGE. */
int kt_sinktext_columns(struct kt_sinktext *t, const struct kt_strs *words, struct kt_err *err) kt_must_check;

void kt_sinktext_head(const struct kt_sinktext *t, struct kt_buf *out);

/* Columns were learnt (kt_jsoncolumns_learn()); without any the value is one. */
void kt_sinktext_learnt(struct kt_sinktext *t);

/* Appends one line, whatever the record holds. json: its value is text of JSON that stands for Avro. */
void kt_sinktext_add(struct kt_sinktext *t, const struct kt_record *record, bool json, struct kt_buf *out);

void kt_sinktext_fini(struct kt_sinktext *t);

#endif
