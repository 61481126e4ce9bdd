#include "received.h"

#include "json.h"

enum { EXPERIMENT, MEASUREMENT, SENSOR, TEMPERATURE, HASH, RESEARCHER, SENSORS, FIELDS };

static const char *const fields[FIELDS] = {
	"experiment", "measurement_id", "sensor", "temperature", "measurement_hash", "researcher", "sensors"};

static bool same(struct kt_bytes a, struct kt_bytes b)
{
	return a.data && b.data && a.len == b.len && !memcmp(a.data, b.data, a.len);
}

int kt_received_init(struct kt_received *a, struct kt_sentlog *sent, const char *secret_key, struct kt_err *err)
{
	*a = (struct kt_received){.sent = sent};
	if (kt_measurementhash_new(&a->hash, secret_key, err) < 0)
		return -1;
	for (size_t i = 0; i < FIELDS; i++)
		kt_strs_add(&a->wanted, fields[i]);
	a->how = (struct kt_avro_how){.form = KT_AVRO_JSON, .wanted = &a->wanted};
	a->reader = kt_avro_reader_new(&a->how, KT_AVRO_CONTAINER);
	return 0;
}

static enum kt_event_kind kind_of(const struct kt_record *record)
{
	for (size_t i = 0; i < record->n_headers; i++) {
		if (!kt_bytes_are(record->headers[i].name, "record_name") || !record->headers[i].value.data)
			continue;
		for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
			if (kt_bytes_are(record->headers[i].value, kt_event_names[kind]))
				return kind;
	}
	return KT_EVENT_NONE;
}

/* A field as JSON. */
static struct kt_bytes json_field(const struct kt_received *a, int number)
{
	const struct kt_avro_noted *noted = kt_avro_noted(a->reader) + number;
	return noted->there ? (struct kt_bytes){a->text.data + noted->at, noted->len} : (struct kt_bytes){0};
}

/* Without the quotes of a string: neither ids nor hashes have anything to escape in them. */
static struct kt_bytes field(const struct kt_received *a, int number)
{
	struct kt_bytes text = json_field(a, number);
	return text.len > 1 && text.data[0] == '"' ? (struct kt_bytes){text.data + 1, text.len - 2} : text;
}

/* Whether the text under the hash says what the event and the log say. */
static bool agrees(struct kt_received *a, const struct kt_sentlog_experiment *x, enum kt_range_event range)
{
	struct kt_err ignored;
	struct kt_bytes name, text;
	int more, right = 0;
	a->decoded.len = 0;
	kt_buf_reserve(&a->decoded, a->plain.len + KT_JSON_SLACK);
	struct kt_json j = {.start = a->plain.data,
		.at = a->plain.data,
		.end = a->plain.data + a->plain.len,
		.out = &a->decoded,
		.err = &ignored};
	if (kt_json_enter(&j, '{') < 0)
		return false;
	while ((more = kt_json_member(&j, &name)) > 0) {
		bool type = kt_bytes_are(name, "notification_type");
		if (type && kt_json_null(&j)) {
			right += range == KT_RANGE_NONE;
			continue;
		}
		if (kt_json_peek(&j) != '"' ? kt_json_skip(&j) < 0 : kt_json_text(&j, &text) < 0)
			return false;
		right += type && range != KT_RANGE_NONE && kt_bytes_are(text, kt_range_names[range]);
		right += kt_bytes_are(name, "measurement_id") && same(text, field(a, MEASUREMENT));
		right += kt_bytes_are(name, "experiment_id") && same(text, field(a, EXPERIMENT));
		right += kt_bytes_are(name, "researcher") && (!x->researcher || kt_bytes_are(text, x->researcher));
	}
	return more == 0 && right == 4;
}

/* What is wrong between an event and its hash, or NULL when all is well. */
static const char *check_hash(struct kt_received *a, const struct kt_sentlog_experiment *x)
{
	struct kt_err err = {0};
	struct kt_bytes hash = field(a, HASH);
	const struct kt_sentlog_sample *sample = kt_sentlog_sample(a->sent, x, field(a, MEASUREMENT));
	a->plain.len = 0;
	if (!sample)
		return NULL;
	if (!hash.data)
		return "it has no measurement_hash";
	if (kt_measurementhash_open(a->hash, &a->plain, hash.data, hash.len, &err) < 0) {
		a->sealed++;
		snprintf(a->unlike, sizeof(a->unlike), "%.200s", err.msg);
		return a->unlike;
	}
	return agrees(a, x, sample->range) ? NULL : "its measurement_hash says something else";
}

static void read_sensors(const struct kt_received *a, struct kt_idmap *sensors)
{
	kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
	struct kt_err ignored;
	struct kt_bytes list = json_field(a, SENSORS), text;
	struct kt_uuid id;
	kt_buf_reserve(&decoded, list.len + KT_JSON_SLACK);
	struct kt_json j = {
		.start = list.data, .at = list.data, .end = list.data + list.len, .out = &decoded, .err = &ignored};
	if (!list.len || kt_json_enter(&j, '[') < 0)
		return;
	while (kt_json_element(&j) > 0 && kt_json_text(&j, &text) == 0)
		if (kt_uuid_read(&id, text.data, text.len))
			*kt_idmap_put(sensors, &id) = 0;
}

/* What the configuration says that the log does not, or NULL. */
static const char *check_configuration(struct kt_received *a, const struct kt_sentlog_experiment *x)
{
	kt_auto(kt_idmap_fini) struct kt_idmap sensors = {0};
	a->decoded.len = 0;
	if (x->researcher) {
		kt_json_string(&a->decoded, x->researcher, strlen(x->researcher));
		if (!same((struct kt_bytes){a->decoded.data, a->decoded.len}, json_field(a, RESEARCHER)))
			return "its researcher is another one in the log";
	}
	read_sensors(a, &sensors);
	return kt_sentlog_has_sensors(a->sent, x, &sensors) ? NULL : "its sensors are others in the log";
}

static void take_event(
	struct kt_received *a, struct kt_sentlog_experiment *x, const struct kt_record *record, enum kt_event_kind kind)
{
	struct kt_arrival arrival = {
		.kind = kind, .experiment = x->id, .partition = record->partition, .offset = record->offset};
	if (!same(field(a, EXPERIMENT), record->key))
		arrival.unlike = "its field experiment is not its key";
	else if (kind == KT_EVENT_CONFIGURED && !x->stages[kind].found.count)
		arrival.unlike = check_configuration(a, x);
	if (kind == KT_EVENT_MEASURED) {
		struct kt_bytes number = field(a, TEMPERATURE);
		char text[64];
		arrival.measurement = field(a, MEASUREMENT);
		arrival.sensor = field(a, SENSOR);
		snprintf(text, sizeof(text), "%.*s", number.len < 60 ? (int)number.len : 60,
			number.data ? number.data : "");
		arrival.temperature = strtof(text, NULL);
		if (!arrival.unlike)
			arrival.unlike = check_hash(a, x);
	}
	kt_sentlog_arrived(a->sent, &arrival);
}

void kt_received_take(struct kt_received *a, const struct kt_record *record)
{
	struct kt_err err = {0};
	struct kt_uuid id;
	struct kt_bytes key = record->key, value = record->value;
	struct kt_sentlog_experiment *x =
		key.data && kt_uuid_read(&id, key.data, key.len) ? kt_sentlog_find(a->sent, &id) : NULL;
	enum kt_event_kind kind = kind_of(record);
	a->taken++;
	a->strangers += !x;
	if (!x)
		return;
	if (kind == KT_EVENT_NONE) {
		kt_sentlog_finding(a->sent, x, KT_FINDING_UNKNOWN, "a record without a known record_name at %d:%lld",
			(int)record->partition, (long long)record->offset);
		return;
	}
	a->text.len = 0;
	kt_avro_begin(a->reader, value.data ? value : (struct kt_bytes){"", 0}, true);
	int got = kt_avro_next(a->reader, &a->text, &err);
	if (got > 0)
		take_event(a, x, record, kind);
	else
		kt_sentlog_finding(a->sent, x, KT_FINDING_DIFFERENT, "%s at %d:%lld cannot be decoded: %s",
			kt_event_names[kind], (int)record->partition, (long long)record->offset,
			got < 0 ? err.msg : "it holds no record");
}

void kt_received_fini(struct kt_received *a)
{
	if (a->reader)
		kt_avro_reader_free(a->reader);
	kt_measurementhash_free(&a->hash);
	kt_strs_fini(&a->wanted);
	kt_buf_fini(&a->text);
	kt_buf_fini(&a->plain);
	kt_buf_fini(&a->decoded);
}
