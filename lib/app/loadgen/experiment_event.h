/* The events of an experiment as bytes: each a complete Avro object container with one record, as the original sends
 * them. Everything that does not change, magic and schema first of all, is made once; the sensors of a sample share
 * all of their container but a few bytes.
 *
 *   kt_auto(kt_event_writer_fini) struct kt_event_writer w;
 *   kt_event_writer_init(&w);
 *   value = kt_event_stage(&w, KT_EVENT_STARTED, &e, now);
 *   kt_event_hash_text(&text, &e, &sample), kt_measurementhash_seal(hash, &sealed, text.data, text.len, err);
 *   kt_event_sample(&w, &e, &sample, (struct kt_bytes){sealed.data, sealed.len});
 *   for (size_t i = 0; i < sensors; i++)
 *           value = kt_event_sensor(&w, &e, &sample, i);
 *
 * What the functions return is valid until the next one is called.
 */
#ifndef KT_EXPERIMENT_EVENT_H
#define KT_EXPERIMENT_EVENT_H

#include "buf.h"
#include "experiment.h"

struct kt_event_writer {
	struct kt_buf heads[KT_EVENT_KINDS]; /* containers up to the first sync marker */
	struct kt_buf datum, out;
	struct kt_random random;                     /* for the sync markers, which are new for each message */
	size_t sensor_at, temperature_at, block_end; /* in out, while a sample is written */
};

void kt_event_writer_init(struct kt_event_writer *w);

/* The text of an event's schema. experiment_terminated carries one of its own. */
const char *kt_event_schema(enum kt_event_kind kind);

struct kt_bytes kt_event_configured(struct kt_event_writer *w, const struct kt_experiment *e);

/* stabilization_started, experiment_started and experiment_terminated. */
struct kt_bytes kt_event_stage(
	struct kt_event_writer *w, enum kt_event_kind kind, const struct kt_experiment *e, double timestamp);

/* Begins a sample; hash is its measurement_hash. */
void kt_event_sample(
	struct kt_event_writer *w, const struct kt_experiment *e, const struct kt_sample *sample, struct kt_bytes hash);

/* What the sensor of that number measured in the sample that was begun. */
struct kt_bytes kt_event_sensor(
	struct kt_event_writer *w, const struct kt_experiment *e, const struct kt_sample *sample, size_t sensor);

struct kt_bytes kt_event_document(struct kt_event_writer *w, const struct kt_experiment *e);

/* Appends the JSON text that a sample's measurement_hash is made of. */
void kt_event_hash_text(struct kt_buf *out, const struct kt_experiment *e, const struct kt_sample *sample);

void kt_event_writer_fini(struct kt_event_writer *w);

#endif
