/* The records of a topic that were given out lately, so that a log that is read from its beginning once more gives no
 * record twice. Starts as {0}.
 *
 *   if (!kt_givenout_again(&given, &record, now_us)) …         the same record was not given out a moment ago
 *   kt_givenout_fini(&given);
 *
 * A record is the same where partition, offset, timestamp, sizes and the first bytes of its value are: a topic that
 * took another's name has other records at the same offsets. What is older than some seconds, or behind thousands of
 * others, is forgotten.
 */
#ifndef KT_GIVENOUT_H
#define KT_GIVENOUT_H

#include "record.h"

struct kt_givenout {
	struct kt_givenout_slot *slots; /* NULL: none so far */
};

bool kt_givenout_again(struct kt_givenout *given, const struct kt_record *record, int64_t now_us);

void kt_givenout_fini(struct kt_givenout *given);

#endif
