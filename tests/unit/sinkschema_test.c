/* Values that are small Avro containers, and what passes for one. */
#include "sinkschema.h"

#include "avro_container.h"
#include "avro_write.h"
#include "tap.h"

static const char sync[KT_AVRO_SYNC] = "0123456789abcde";
static const char longs[] = "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"n\",\"type\":\"long\"}]}";

/* A container of one block: the count and the data that it claims to have. */
static void make(struct kt_buf *out, const char *schema, const char *codec, int64_t count, struct kt_bytes data)
{
	out->len = 0;
	kt_avro_add_head(out, schema, strlen(schema), codec);
	kt_buf_add(out, sync, sizeof(sync));
	kt_avro_add_long(out, count);
	kt_avro_add_bytes(out, data.data, data.len);
	kt_buf_add(out, sync, sizeof(sync));
}

static struct kt_sinkschema *take(struct kt_sinkschemas *s, struct kt_bytes value, struct kt_sinkdata *data)
{
	const struct kt_record record = {.topic = {"t", 1}, .partition = 1, .offset = 2, .value = value};
	return kt_sinkschemas_take(s, &record, data);
}

static struct kt_bytes whole(const struct kt_buf *buf)
{
	return (struct kt_bytes){buf->data, buf->len};
}

TEST(containers_give_their_data)
{
	kt_auto(kt_sinkschemas_fini) struct kt_sinkschemas s = {0};
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	struct kt_sinkdata data;
	make(&value, longs, "null", 3, (struct kt_bytes){"\2\4\6", 3});
	struct kt_sinkschema *schema = take(&s, whole(&value), &data);
	CHECK_MEM(schema->text.data, schema->text.len, longs, strlen(longs));
	CHECK_INT(data.count, 3);
	CHECK_MEM(data.bytes.data, data.bytes.len, "\2\4\6", 3);
	/* Two blocks, and again the same schema. */
	size_t len = value.len;
	kt_avro_add_long(&value, 1);
	kt_avro_add_bytes(&value, "\10", 1);
	kt_buf_add(&value, sync, sizeof(sync));
	CHECK(take(&s, whole(&value), &data) == schema);
	CHECK_INT(data.count, 4);
	CHECK_MEM(data.bytes.data, data.bytes.len, "\2\4\6\10", 4);
	/* None at all. */
	value.len = len - (2 + 3 + sizeof(sync));
	CHECK(take(&s, whole(&value), &data) == schema);
	CHECK_INT(data.count, 0);
	CHECK_INT(data.bytes.len, 0);
	CHECK_INT(s.plain, 0);
}

static bool is_plain(struct kt_sinkschemas *s, struct kt_bytes value)
{
	struct kt_sinkdata data;
	struct kt_sinkschema *schema = take(s, value, &data);
	return schema == s->v[0] && data.count == 1 && data.bytes.len > value.len;
}

TEST(what_is_no_good_container_is_kept_as_it_is)
{
	kt_auto(kt_sinkschemas_fini) struct kt_sinkschemas s = {0};
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	static const struct {
		const char *schema, *codec;
		int64_t count;
		struct kt_bytes data;
	} rows[] = {
		{longs, "null", 2, {"\2", 1}},
		{longs, "null", 2, {"\2\4\6", 3}},
		{longs, "null", 1, {"\x80", 1}},
		{longs, "null", -1, {"\2", 1}},
		{longs, "null", 0, {"\2", 1}},
		{longs, "none", 1, {"\2", 1}},
		{longs, "deflate", 1, {"\2", 1}},
		{"\"null\"", "null", INT64_MAX, {"", 0}},
		{"\"null\"", "null", KT_SINKSCHEMAS_EMPTIES + 1, {"", 0}},
		{"{\"type\":\"nothing\"}", "null", 1, {"\2", 1}},
		{"", "null", 1, {"\2", 1}},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		make(&value, rows[i].schema, rows[i].codec, rows[i].count, rows[i].data);
		if (!is_plain(&s, whole(&value)))
			TAP_FAIL("row %zu passes for a container", i);
	}
	make(&value, longs, "null", 1, (struct kt_bytes){"\2", 1});
	for (size_t len = 0; len < value.len; len++) {
		bool head_only = len == value.len - (2 + 1 + sizeof(sync));
		if (!head_only && !is_plain(&s, (struct kt_bytes){value.data, len}))
			TAP_FAIL("the first %zu bytes pass for a container", len);
	}
	kt_buf_addc(&value, 'x');
	CHECK(is_plain(&s, whole(&value)));
	CHECK(is_plain(&s, (struct kt_bytes){"{}", 2}));
	CHECK(is_plain(&s, (struct kt_bytes){"Obj\1", 4}));
	CHECK(is_plain(&s, (struct kt_bytes){NULL, 0}));
}

TEST(records_with_all_they_have)
{
	kt_auto(kt_sinkschemas_fini) struct kt_sinkschemas s = {0};
	const struct kt_header headers[] = {{{"h\xff", 2}, {NULL, 0}}, {{"g", 1}, {"", 0}}};
	const struct kt_record record = {.topic = {"t", 1},
		.partition = 1,
		.offset = 64,
		.tstype = KT_TS_CREATE,
		.ts_ms = -1,
		.key = {"", 0},
		.value = {NULL, 0},
		.headers = headers,
		.n_headers = 2};
	struct kt_sinkdata data;
	CHECK(kt_sinkschemas_take(&s, &record, &data)->program == NULL);
	CHECK_MEM(data.bytes.data, data.bytes.len,
		"\2t"
		"\2"
		"\x80\1"
		"\2\1"
		"\2\0"
		"\0"
		"\4"
		"\12h\\xff\0"
		"\2g\2\0"
		"\0",
		23);
}

TEST(schemas_are_kept_while_they_are_used)
{
	kt_auto(kt_sinkschemas_fini) struct kt_sinkschemas s = {0};
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	struct kt_sinkdata data;
	make(&value, longs, "null", 1, (struct kt_bytes){"\2", 1});
	struct kt_sinkschema *held = take(&s, whole(&value), &data);
	held->held++;
	for (int i = 0; i < 1000; i++) {
		char schema[100];
		snprintf(schema, sizeof(schema), "{\"type\":\"long\",\"number\":%d}", i);
		make(&value, schema, "null", 1, (struct kt_bytes){"\2", 1});
		CHECK_MEM(take(&s, whole(&value), &data)->text.data, strlen(schema), schema, strlen(schema));
	}
	CHECK(s.n <= KT_SINKSCHEMAS_KEPT + 2);
	make(&value, longs, "null", 1, (struct kt_bytes){"\2", 1});
	CHECK(take(&s, whole(&value), &data) == held);
}
