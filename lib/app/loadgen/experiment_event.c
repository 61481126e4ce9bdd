#include "experiment_event.h"

#include <endian.h>

#include "avro_write.h"
#include "json.h"
#include "shortest.h"

enum { SYNC_LEN = 16 };

#define RECORD(name, fields) "{\"type\":\"record\",\"name\":\"" name "\",\"fields\":[" fields "]}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define STAGE(name) RECORD(name, FIELD("experiment", "\"string\"") "," FIELD("timestamp", "\"double\""))
#define LIST(items) "{\"type\":\"array\",\"items\":" items "}"
#define RANGE                                                                                                          \
	FIELD("temperature_range", RECORD("temperature_range", FIELD("upper_threshold", "\"float\"") "," FIELD(        \
								       "lower_threshold", "\"float\"")))

static const char *const schemas[KT_EVENT_KINDS] = {
	[KT_EVENT_CONFIGURED] =
		RECORD("ExperimentConfig", FIELD("experiment", "\"string\"") "," FIELD("researcher",
						   "\"string\"") "," FIELD("sensors", LIST("\"string\"")) "," RANGE),
	[KT_EVENT_STABILIZATION] = STAGE("stabilization_started"),
	[KT_EVENT_STARTED] = STAGE("experiment_started"),
	[KT_EVENT_MEASURED] = RECORD("sensor_temperature_measured",
		FIELD("experiment", "\"string\"") "," FIELD("sensor", "\"string\"") "," FIELD(
			"measurement_id", "\"string\"") "," FIELD("timestamp", "\"double\"") "," FIELD("temperature",
			"\"float\"") "," FIELD("measurement_hash", "\"string\"")),
	[KT_EVENT_TERMINATED] = STAGE("experiment_terminated"),
	[KT_EVENT_DOCUMENT] = RECORD("experiment_document",
		FIELD("experiment", "\"string\"") "," FIELD("measurements",
			LIST(RECORD("measurement",
				FIELD("timestamp", "\"double\"") "," FIELD("temperature", "\"float\"")))) "," RANGE),
};

const char *kt_event_schema(enum kt_event_kind kind)
{
	return schemas[kind];
}

static void put_float(char *to, float n)
{
	uint32_t bits;
	memcpy(&bits, &n, sizeof(bits));
	bits = htole32(bits);
	memcpy(to, &bits, sizeof(bits));
}

void kt_event_writer_init(struct kt_event_writer *w)
{
	*w = (struct kt_event_writer){0};
	kt_random_start(&w->random);
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		kt_avro_add_head(&w->heads[kind], schemas[kind], strlen(schemas[kind]), "null");
}

/* The datum in w as a container; its sync markers are put by finish(). Returns where the datum begins in out. */
static size_t wrap(struct kt_event_writer *w, enum kt_event_kind kind)
{
	w->out.len = 0;
	kt_buf_add(&w->out, w->heads[kind].data, w->heads[kind].len);
	kt_buf_reserve(&w->out, SYNC_LEN);
	w->out.len += SYNC_LEN;
	kt_avro_add_long(&w->out, 1);
	kt_avro_add_long(&w->out, (int64_t)w->datum.len);
	size_t at = w->out.len;
	kt_buf_add(&w->out, w->datum.data, w->datum.len);
	w->block_end = w->out.len;
	kt_buf_reserve(&w->out, SYNC_LEN);
	w->out.len += SYNC_LEN;
	return at;
}

static struct kt_bytes finish(struct kt_event_writer *w, enum kt_event_kind kind)
{
	uint64_t sync[] = {kt_random_next(&w->random), kt_random_next(&w->random)};
	_Static_assert(sizeof(sync) == SYNC_LEN, "a sync marker is two random numbers");
	memcpy(w->out.data + w->heads[kind].len, sync, SYNC_LEN);
	memcpy(w->out.data + w->block_end, sync, SYNC_LEN);
	return (struct kt_bytes){w->out.data, w->out.len};
}

static void begin_datum(struct kt_event_writer *w, const struct kt_experiment *e)
{
	w->datum.len = 0;
	kt_avro_add_bytes(&w->datum, e->id, sizeof(e->id));
}

static void add_range(struct kt_buf *b, const struct kt_load *load)
{
	kt_avro_add_float(b, load->upper);
	kt_avro_add_float(b, load->lower);
}

struct kt_bytes kt_event_configured(struct kt_event_writer *w, const struct kt_experiment *e)
{
	begin_datum(w, e);
	kt_avro_add_bytes(&w->datum, e->load->researcher, strlen(e->load->researcher));
	kt_avro_add_long(&w->datum, e->load->sensors);
	for (int64_t i = 0; i < e->load->sensors; i++)
		kt_avro_add_bytes(&w->datum, e->sensors[i], sizeof(e->sensors[i]));
	kt_avro_add_long(&w->datum, 0);
	add_range(&w->datum, e->load);
	wrap(w, KT_EVENT_CONFIGURED);
	return finish(w, KT_EVENT_CONFIGURED);
}

struct kt_bytes kt_event_stage(
	struct kt_event_writer *w, enum kt_event_kind kind, const struct kt_experiment *e, double timestamp)
{
	begin_datum(w, e);
	kt_avro_add_double(&w->datum, timestamp);
	wrap(w, kind);
	return finish(w, kind);
}

void kt_event_sample(
	struct kt_event_writer *w, const struct kt_experiment *e, const struct kt_sample *sample, struct kt_bytes hash)
{
	struct kt_buf *b = &w->datum;
	begin_datum(w, e);
	size_t sensor_at = b->len + 1; /* after the length of 36, which takes a byte */
	kt_avro_add_bytes(b, e->sensors[0], sizeof(e->sensors[0]));
	kt_avro_add_bytes(b, sample->measurement, sizeof(sample->measurement));
	kt_avro_add_double(b, sample->timestamp);
	size_t temperature_at = b->len;
	kt_avro_add_float(b, 0);
	kt_avro_add_bytes(b, hash.data, hash.len);
	size_t at = wrap(w, KT_EVENT_MEASURED);
	w->sensor_at = at + sensor_at;
	w->temperature_at = at + temperature_at;
}

struct kt_bytes kt_event_sensor(
	struct kt_event_writer *w, const struct kt_experiment *e, const struct kt_sample *sample, size_t sensor)
{
	memcpy(w->out.data + w->sensor_at, e->sensors[sensor], sizeof(e->sensors[sensor]));
	put_float(w->out.data + w->temperature_at, sample->temperatures[sensor]);
	return finish(w, KT_EVENT_MEASURED);
}

struct kt_bytes kt_event_document(struct kt_event_writer *w, const struct kt_experiment *e)
{
	begin_datum(w, e);
	if (e->n_measured)
		kt_avro_add_long(&w->datum, (int64_t)e->n_measured);
	for (size_t i = 0; i < e->n_measured; i++) {
		kt_avro_add_double(&w->datum, e->measured[i].timestamp);
		kt_avro_add_float(&w->datum, e->measured[i].temperature);
	}
	kt_avro_add_long(&w->datum, 0);
	add_range(&w->datum, e->load);
	wrap(w, KT_EVENT_DOCUMENT);
	return finish(w, KT_EVENT_DOCUMENT);
}

void kt_event_hash_text(struct kt_buf *out, const struct kt_experiment *e, const struct kt_sample *sample)
{
	const char *type = kt_range_names[sample->range];
	kt_buf_adds(out, "{\"notification_type\":");
	if (type)
		kt_json_string(out, type, strlen(type));
	else
		kt_buf_adds(out, "null");
	kt_buf_adds(out, ",\"researcher\":");
	kt_json_string(out, e->load->researcher, strlen(e->load->researcher));
	kt_buf_adds(out, ",\"experiment_id\":");
	kt_json_string(out, e->id, sizeof(e->id));
	kt_buf_adds(out, ",\"measurement_id\":");
	kt_json_string(out, sample->measurement, sizeof(sample->measurement));
	kt_buf_adds(out, ",\"timestamp\":");
	kt_json_double(out, sample->timestamp);
	kt_buf_addc(out, '}');
}

void kt_event_writer_fini(struct kt_event_writer *w)
{
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		kt_buf_fini(&w->heads[kind]);
	kt_buf_fini(&w->datum);
	kt_buf_fini(&w->out);
}
