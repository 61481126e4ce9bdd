/* JSON in the shapes of kcat, for command lines that are kcat's: -L -J and -Q -J.
 *
 *   kt_kcatjson_metadata(&out, &select, &opts->names);
 *   kt_kcatjson_offsets(&out, list);
 *
 * Members are kcat's. A controller is null: what a client is told of it may be any broker, and `kt cluster` knows.
 */
#ifndef KT_KCATJSON_H
#define KT_KCATJSON_H

#include "topicselect.h"

/* One object: who answered, what was asked, the brokers, and topics with their partitions: those of select.pick where
 * words name any, else all. */
void kt_kcatjson_metadata(struct kt_buf *out, const struct kt_topicselect *select, const struct kt_strs *words);

/* {"t":{"topic":"t","0":{"partition":0,"offset":42}}}, and an "error" where there is one. */
void kt_kcatjson_offsets(struct kt_buf *out, const rd_kafka_topic_partition_list_t *list);

#endif
