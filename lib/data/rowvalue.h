/* Values of a row: fields, and the record's own columns. */
#ifndef KT_ROWVALUE_H
#define KT_ROWVALUE_H

#include "jsoncolumns.h"
#include "record.h"

/* A record's own columns. */
enum kt_own {
	KT_OWN_TOPIC,
	KT_OWN_PARTITION,
	KT_OWN_OFFSET,
	KT_OWN_TIMESTAMP,
	KT_OWN_KEY,
	KT_OWN_VALUE,
	KT_OWN_HEADERS,
	KT_OWNS
};
extern const char *const kt_own_names[]; /* "_topic", …; NULL at the end */

struct kt_rowvalue {
	struct kt_cell cell;
	bool blob; /* its text is none */
};

/* headers: where those may be put. */
void kt_rowvalue_own(struct kt_rowvalue *v, const struct kt_record *record, enum kt_own own, struct kt_buf *headers);

#endif
