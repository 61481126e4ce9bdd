/* What a request for a stream says: where it begins, and which records.
 *
 *   kt_auto(kt_eventquery_fini) struct kt_eventquery q = {0};
 *   if (kt_eventquery_parse(&q, "/events/t?partition=1", "0:43,1:7", err) < 0) … 400 …
 *
 * The header Last-Event-ID comes before ?last_event_id=, and both before ?offset=: a browser that comes again sends the
 * first, and asks for what it asked for at first.
 */
#ifndef KT_EVENTQUERY_H
#define KT_EVENTQUERY_H

#include "buf.h"
#include "readquery.h"

struct kt_eventquery {
	struct kt_readquery where; /* its partitions: only those */
	bool from_end;             /* with the records that come from now on */
	bool resumes;              /* where says how far it has come */
	bool has_key;              /* only records with this key */
	struct kt_buf key;
};

/* last_id: of the header; "": none. KT_USAGE. */
int kt_eventquery_parse(
	struct kt_eventquery *q, const char *target, const char *last_id, struct kt_err *err) kt_must_check;

/* Whether a record of this partition and key is one of those. */
bool kt_eventquery_wants(const struct kt_eventquery *q, int32_t partition, struct kt_bytes key);

/* Whether all of them are. */
bool kt_eventquery_wants_all(const struct kt_eventquery *q);

void kt_eventquery_fini(struct kt_eventquery *q);

#endif
