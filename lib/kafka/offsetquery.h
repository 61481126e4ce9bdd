/* Offsets of many partitions at once: where their logs begin and end, where a time is, what a group has committed. One
 * request per leader (or coordinator), repeated while leaders change.
 *
 *   kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = …;      topics and partitions
 *   if (kt_offsetquery_offsets(client, ends, KT_OFFSETQUERY_END, timeout_ms, err) < 0)
 *           return -1;
 *   … ends->elems[i].offset …
 */
#ifndef KT_OFFSETQUERY_H
#define KT_OFFSETQUERY_H

#include "client.h"

/* The protocol's special timestamps (ListOffsets request, KIP-79). */
enum { KT_OFFSETQUERY_END = -1, KT_OFFSETQUERY_BEGINNING = -2, KT_OFFSETQUERY_MAX_TIMESTAMP = -3 };

/* Whether the loaded library can ask for the largest timestamp: since 2.3. Before, its version of the request does not
 * know it (KIP-734), and brokers answer UNSUPPORTED_VERSION. */
bool kt_offsetquery_max_timestamp(void);

/* Sets each offset of the list: the first record at or after the time at_ms (-1 when there is none as late), or an end
 * of the log. Fails, with what was looked up in the message, unless all partitions got an answer within timeout_ms; a
 * partition that has no leader has none. An empty list is not a question. */
int kt_offsetquery_offsets(struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t at_ms,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Where the logs begin and end: two lists of the same partitions. Afterwards 0 <= begin <= end for each. */
int kt_offsetquery_bounds(struct kt_client *c, rd_kafka_topic_partition_list_t *begins,
	rd_kafka_topic_partition_list_t *ends, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Lowers each offset of the list, which is where a log ends, to where open transactions begin. stable: of
 * kt_client_open_stable(). A second view that is not to be had within a few seconds (a leader is gone, a topic may not
 * be seen) takes nothing from the first: the list stays as it is. */
void kt_offsetquery_stable(struct kt_client *stable, rd_kafka_topic_partition_list_t *ends, int64_t timeout_ms);

/* The same as kt_offsetquery_offsets() for the offsets that the client's group (group.id) has committed; negative where
 * there is none. */
int kt_offsetquery_committed(struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* An error after which the same request may succeed a moment later: a leader or coordinator that is just being elected,
 * or not known here yet, or a connection that broke. */
bool kt_offsetquery_is_passing(rd_kafka_resp_err_t code);

#endif
