/* What a request to take records of a group says, and what its client says then.
 *
 *   GET /ws/consume/t?group=g&window=100&reset=earliest
 *   {"ack":"0:43,1:7"}                          all of partition 0 before offset 43, and of 1 before 7
 *   {"ack":{"partition":0,"offset":42}}         this record alone
 */
#ifndef KT_TAKEQUERY_H
#define KT_TAKEQUERY_H

#include "groupreader.h"
#include "readquery.h"

enum { KT_TAKEQUERY_GROUP = 255 }; /* bytes of a group's name */

struct kt_takequery {
	char group[KT_TAKEQUERY_GROUP + 1]; /* "": none is said */
	size_t window;
	enum kt_reset reset;
};

/* Whether it says a group: what else it says is for kt_takequery_parse() then. */
bool kt_takequery_has_group(const char *target);

/* KT_USAGE. */
int kt_takequery_parse(struct kt_takequery *q, const char *target, struct kt_err *err) kt_must_check;

/* At most so many acks are in a message. */
enum { KT_TAKEQUERY_ACKS = KT_READ_PARTITIONS };

/* Their number; -1: err. */
int kt_takequery_acks(struct kt_groupack *acks, struct kt_bytes message, struct kt_err *err) kt_must_check;

#endif
