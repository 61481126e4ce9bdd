#include "experiment_event.h"

#include <endian.h>

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

/* Avro's integers: zig-zag, seven bits a byte. */
static void add_long(struct kt_buf *b, int64_t n)
{
	uint64_t rest = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
	for (; rest > 0x7f; rest >>= 7)
		kt_buf_addc(b, (char)(rest | 0x80));
	kt_buf_addc(b, (char)rest);
}

static void add_string(struct kt_buf *b, const void *data, size_t len)
{
	add_long(b, (int64_t)len);
	kt_buf_add(b, data, len);
}

static void put_float(char *to, float n)
{
	uint32_t bits;
	memcpy(&bits, &n, sizeof(bits));
	bits = htole32(bits);
	memcpy(to, &bits, sizeof(bits));
}

static void add_float(struct kt_buf *b, float n)
{
	put_float(kt_buf_reserve(b, sizeof(n)), n);
	b->len += sizeof(n);
}

static void add_double(struct kt_buf *b, double n)
{
	uint64_t bits;
	memcpy(&bits, &n, sizeof(bits));
	bits = htole64(bits);
	kt_buf_add(b, &bits, sizeof(bits));
}

static void add_head(struct kt_buf *b, const char *schema)
{
	kt_buf_add(b, "Obj\1", 4);
	add_long(b, 2);
	add_string(b, "avro.schema", 11);
	add_string(b, schema, strlen(schema));
	add_string(b, "avro.codec", 10);
	add_string(b, "null", 4);
	add_long(b, 0);
}

void kt_event_writer_init(struct kt_event_writer *w)
{
	*w = (struct kt_event_writer){0};
	kt_random_start(&w->random);
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		add_head(&w->heads[kind], schemas[kind]);
}

/* The datum in w as a container; its sync markers are put by finish(). Returns where the datum begins in out. */
static size_t wrap(struct kt_event_writer *w, enum kt_event_kind kind)
{
	w->out.len = 0;
	kt_buf_add(&w->out, w->heads[kind].data, w->heads[kind].len);
	kt_buf_reserve(&w->out, SYNC_LEN);
	w->out.len += SYNC_LEN;
	add_long(&w->out, 1);
	add_long(&w->out, (int64_t)w->datum.len);
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
	add_string(&w->datum, e->id, sizeof(e->id));
}

static void add_range(struct kt_buf *b, const struct kt_load *load)
{
	add_float(b, load->upper);
	add_float(b, load->lower);
}

struct kt_bytes kt_event_configured(struct kt_event_writer *w, const struct kt_experiment *e)
{
	begin_datum(w, e);
	add_string(&w->datum, e->load->researcher, strlen(e->load->researcher));
	add_long(&w->datum, e->load->sensors);
	for (int64_t i = 0; i < e->load->sensors; i++)
		add_string(&w->datum, e->sensors[i], sizeof(e->sensors[i]));
	add_long(&w->datum, 0);
	add_range(&w->datum, e->load);
	wrap(w, KT_EVENT_CONFIGURED);
	return finish(w, KT_EVENT_CONFIGURED);
}

struct kt_bytes kt_event_stage(
	struct kt_event_writer *w, enum kt_event_kind kind, const struct kt_experiment *e, double timestamp)
{
	begin_datum(w, e);
	add_double(&w->datum, timestamp);
	wrap(w, kind);
	return finish(w, kind);
}

void kt_event_sample(
	struct kt_event_writer *w, const struct kt_experiment *e, const struct kt_sample *sample, struct kt_bytes hash)
{
	struct kt_buf *b = &w->datum;
	begin_datum(w, e);
	size_t sensor_at = b->len + 1; /* behind the length of 36, which takes a byte */
	add_string(b, e->sensors[0], sizeof(e->sensors[0]));
	add_string(b, sample->measurement, sizeof(sample->measurement));
	add_double(b, sample->timestamp);
	size_t temperature_at = b->len;
	add_float(b, 0);
	add_string(b, hash.data, hash.len);
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
		add_long(&w->datum, (int64_t)e->n_measured);
	for (size_t i = 0; i < e->n_measured; i++) {
		add_double(&w->datum, e->measured[i].timestamp);
		add_float(&w->datum, e->measured[i].temperature);
	}
	add_long(&w->datum, 0);
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
