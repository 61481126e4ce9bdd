#include "sinkschema.h"

#include "avro_container.h"
#include "avro_write.h"
#include "esc.h"
#include "mem.h"

/* The names and types of Spark's source of Kafka records, where it has them; times are numbers, since not every number
 * is a date to those who read them. */
const char kt_sinkschema_record[] =
	"{\"type\":\"record\",\"name\":\"Record\",\"namespace\":\"kt\",\"fields\":["
	"{\"name\":\"topic\",\"type\":\"string\"},"
	"{\"name\":\"partition\",\"type\":\"int\"},"
	"{\"name\":\"offset\",\"type\":\"long\"},"
	"{\"name\":\"timestamp\",\"type\":[\"null\",\"long\"],\"doc\":\"milliseconds since 1970\"},"
	"{\"name\":\"key\",\"type\":[\"null\",\"bytes\"]},"
	"{\"name\":\"value\",\"type\":[\"null\",\"bytes\"]},"
	"{\"name\":\"headers\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Header\",\"fields\":["
	"{\"name\":\"key\",\"type\":\"string\"},"
	"{\"name\":\"value\",\"type\":[\"null\",\"bytes\"]}]}}}]}";

static void free_schema(struct kt_sinkschema *schema)
{
	kt_avro_printer_free(schema->program);
	kt_buf_fini(&schema->text);
	free(schema);
}

static struct kt_sinkschema *add_schema(struct kt_sinkschemas *s, struct kt_bytes text, struct kt_avro_printer *program)
{
	struct kt_sinkschema *schema = kt_calloc(1, sizeof(*schema));
	schema->program = program;
	kt_buf_add(&schema->text, text.data, text.len);
	s->v = kt_grow(s->v, &s->cap, s->n + 1, sizeof(struct kt_sinkschema *));
	s->v[s->n++] = schema;
	return schema;
}

static void begin(struct kt_sinkschemas *s)
{
	if (s->n)
		return;
	s->run = kt_avro_run_new();
	s->unpacker = kt_unpacker_new();
	add_schema(s, (struct kt_bytes){kt_sinkschema_record, strlen(kt_sinkschema_record)}, NULL);
}

/* Of those that no file is written with, the one that was not used longest gives way where there are too many. */
static void make_room(struct kt_sinkschemas *s)
{
	size_t idle = 0, oldest = 0;
	for (size_t i = 1; i < s->n; i++) {
		if (s->v[i]->held)
			continue;
		idle++;
		if (!oldest || s->v[i]->used < s->v[oldest]->used)
			oldest = i;
	}
	if (idle < KT_SINKSCHEMAS_KEPT)
		return;
	free_schema(s->v[oldest]);
	s->v[oldest] = s->v[--s->n];
}

/* The schema with that text, compiled when it is new; NULL: it is none. */
static struct kt_sinkschema *find(struct kt_sinkschemas *s, struct kt_bytes text)
{
	struct kt_err ignored;
	struct kt_avro_schema *schema;
	for (size_t i = 1; i < s->n; i++)
		if (s->v[i]->text.len == text.len && !memcmp(s->v[i]->text.data, text.data, text.len))
			return s->v[i];
	if (kt_avro_schema_parse(&schema, text.data, text.len, &ignored) < 0)
		return NULL;
	const struct kt_avro_how how = {.form = KT_AVRO_JSON};
	struct kt_avro_printer *program = kt_avro_printer_compile(schema, &how);
	kt_avro_schema_free(schema);
	make_room(s);
	return add_schema(s, text, program);
}

/* Moves *left behind a datum. Those of no bytes, or with values of none, may be any number: they are counted. */
static bool take_datum(struct kt_sinkschemas *s, const struct kt_sinkschema *schema, struct kt_bytes *left)
{
	size_t before = left->len;
	if (kt_avro_printer_skip(schema->program, s->run, left) < 0)
		return false;
	s->empties += KT_AVRO_EMPTIES - s->run->empties + (left->len == before);
	return s->empties <= KT_SINKSCHEMAS_EMPTIES;
}

/* Appends the data of a block, if they are so many of the schema, and nothing else. */
static bool take_block(struct kt_sinkschemas *s, const struct kt_sinkschema *schema, enum kt_codec codec,
	const struct kt_avro_block *block)
{
	struct kt_err ignored;
	struct kt_bytes left = block->data;
	if (codec != KT_CODEC_NULL) {
		if (kt_unpack(s->unpacker, codec, block->data, &s->unpacked, KT_AVRO_BLOCK_MAX, &ignored) < 0)
			return false;
		left = (struct kt_bytes){s->unpacked.len ? s->unpacked.data : "", s->unpacked.len};
	}
	struct kt_bytes all = left;
	for (int64_t i = 0; i < block->count; i++)
		if (!take_datum(s, schema, &left))
			return false;
	if (left.len || s->encoded.len + all.len > KT_AVRO_BLOCK_MAX)
		return false;
	kt_buf_add(&s->encoded, all.data, all.len);
	return true;
}

/* The data of a value that is a container; NULL: it is none, or not a good one. */
static struct kt_sinkschema *take_container(struct kt_sinkschemas *s, struct kt_bytes value, struct kt_sinkdata *data)
{
	struct kt_err ignored;
	struct kt_avro_header header;
	enum kt_codec codec;
	size_t used;
	if (value.len < 4 || !kt_avro_is_container(value) ||
		kt_avro_header_read(&header, value, true, &used, &ignored) < 0 ||
		kt_codec_find(&codec, header.codec, &ignored) < 0)
		return NULL;
	struct kt_sinkschema *schema = find(s, header.schema);
	for (struct kt_bytes left = {value.data + used, value.len - used}; schema && left.len;) {
		struct kt_avro_block block;
		if (kt_avro_block_read(&block, left, true, header.sync, &used, &ignored) < 0 ||
			!take_block(s, schema, codec, &block))
			return NULL;
		data->count += block.count;
		left = (struct kt_bytes){left.data + used, left.len - used};
	}
	return schema;
}

static void add_optional(struct kt_buf *out, struct kt_bytes bytes)
{
	kt_avro_add_long(out, bytes.data != NULL);
	if (bytes.data)
		kt_avro_add_bytes(out, bytes.data, bytes.len);
}

/* The names of headers are text to who reads them; what is not is escaped. */
static void add_name(struct kt_buf *out, struct kt_bytes name)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_utf8_valid(name.data, name.len)) {
		kt_avro_add_bytes(out, name.data, name.len);
		return;
	}
	kt_words_add(&text, name.data, name.len);
	kt_avro_add_bytes(out, text.data, text.len);
}

static void add_headers(struct kt_buf *out, const struct kt_record *r)
{
	if (r->n_headers)
		kt_avro_add_long(out, (int64_t)r->n_headers);
	for (size_t i = 0; i < r->n_headers; i++) {
		add_name(out, r->headers[i].name);
		add_optional(out, r->headers[i].value);
	}
	kt_avro_add_long(out, 0);
}

static void add_record(struct kt_buf *out, const struct kt_record *r)
{
	kt_avro_add_bytes(out, r->topic.data, r->topic.len);
	kt_avro_add_long(out, r->partition);
	kt_avro_add_long(out, r->offset);
	kt_avro_add_long(out, r->tstype != KT_TS_NONE);
	if (r->tstype != KT_TS_NONE)
		kt_avro_add_long(out, r->ts_ms);
	add_optional(out, r->key);
	add_optional(out, r->value);
	add_headers(out, r);
}

struct kt_sinkschema *kt_sinkschemas_take(
	struct kt_sinkschemas *s, const struct kt_record *record, struct kt_sinkdata *data)
{
	begin(s);
	s->encoded.len = 0;
	s->empties = 0;
	*data = (struct kt_sinkdata){0};
	struct kt_sinkschema *schema = record->value.data ? take_container(s, record->value, data) : NULL;
	if (!schema) {
		schema = s->v[0];
		s->encoded.len = 0;
		data->count = 1;
		add_record(&s->encoded, record);
		s->plain++;
	} else {
		s->data += data->count;
	}
	schema->used = ++s->number;
	data->bytes = (struct kt_bytes){s->encoded.len ? s->encoded.data : "", s->encoded.len};
	return schema;
}

void kt_sinkschemas_fini(struct kt_sinkschemas *s)
{
	for (size_t i = 0; i < s->n; i++)
		free_schema(s->v[i]);
	free(s->v);
	if (s->run)
		kt_avro_run_free(s->run);
	if (s->unpacker)
		kt_unpacker_free(s->unpacker);
	kt_buf_fini(&s->unpacked);
	kt_buf_fini(&s->encoded);
	*s = (struct kt_sinkschemas){0};
}
