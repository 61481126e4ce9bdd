/* A record as Server-Sent Events have it, and where a topic is read from then on.
 *
 *   id: 0:43,1:7
 *   data: {"topic":"t","partition":0,"offset":42,…}
 *   (an empty line)
 *
 * The id is the positions of all partitions after the record: what a browser sends back when it comes again.
 */
#ifndef KT_EVENTTEXT_H
#define KT_EVENTTEXT_H

#include "buf.h"
#include "record.h"

enum { KT_EVENTTEXT_END = 2 }; /* bytes behind the JSON */

/* Appends the event; returns where its JSON begins, counted from out's beginning. */
size_t kt_eventtext(struct kt_buf *out, struct kt_bytes id, const struct kt_record *record);

/* Appends "0:43", with a comma in front unless out is empty. */
void kt_eventtext_position(struct kt_buf *out, size_t partition, int64_t next);

/* Appends that records are missing: event: gap, and where the topic's partition goes on. */
void kt_eventtext_gap(struct kt_buf *out, int32_t partition, int64_t asked, int64_t next);

#endif
