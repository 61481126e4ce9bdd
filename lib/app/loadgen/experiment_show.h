/* An event as the log of the original program shows it at level TRACE: Rust's way to print a list of Avro values.
 *
 *   [Record([("experiment", String("577c…")), ("timestamp", Double(1694266072.6484454))])]
 */
#ifndef KT_EXPERIMENT_SHOW_H
#define KT_EXPERIMENT_SHOW_H

#include "avro_schema.h"
#include "experiment.h"

/* Appends the record of an event; value: the container, as experiment_event.h makes it. schema: where the schema of
 * that kind is kept for the next time; starts as NULL, and is the caller's to free. */
void kt_event_show(struct kt_buf *out, struct kt_avro_schema **schema, enum kt_event_kind kind, struct kt_bytes value);

#endif
