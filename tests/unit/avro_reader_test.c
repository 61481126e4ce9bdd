#include "avro_reader.h"

#include "esc.h"
#include "tap.h"

static const struct kt_avro_how json = {.form = KT_AVRO_JSON}, python = {.form = KT_AVRO_PYTHON};

/* The whole container of the experiment producer, in hexadecimal. */
static const char experiment[] =
	"4f626a0104166176726f2e736368656d618c027b2274797065223a227265636f7264222c226e616d65223a226578706572696d656e745f"
	"74"
	"65726d696e61746564222c226669656c6473223a5b7b226e616d65223a226578706572696d656e74222c2274797065223a22737472696e"
	"67227d2c7b226e616d65223a2274696d657374616d70222c2274797065223a22646f75626c65227d5d7d146176726f2e636f646563086e"
	"756c6c00000102030405060708090a0b0c0d0e0f025a4835373763623863332d306338312d343536652d393331342d3334393933376361"
	"30386139218029b61c3fd941000102030405060708090a0b0c0d0e0f";

#define SYNC "0123456789abcdef"

static void add_long(struct kt_buf *out, int64_t n)
{
	uint64_t rest = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
	for (; rest >= 0x80; rest >>= 7)
		kt_buf_addc(out, (char)(rest | 0x80));
	kt_buf_addc(out, (char)rest);
}

static void add_bytes(struct kt_buf *out, const char *text)
{
	add_long(out, (int64_t)strlen(text));
	kt_buf_adds(out, text);
}

/* A header without codec. */
static void add_header(struct kt_buf *out, const char *schema)
{
	kt_buf_adds(out, "Obj\1");
	add_long(out, 2);
	add_bytes(out, "avro.schema");
	add_bytes(out, schema);
	add_bytes(out, "other");
	add_bytes(out, "");
	add_long(out, 0);
	kt_buf_adds(out, SYNC);
}

/* A block of longs. */
static void add_block(
	struct kt_buf *out, int64_t count, int64_t size, const int64_t *values, size_t n, const char *sync)
{
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	for (size_t i = 0; i < n; i++)
		add_long(&data, values[i]);
	add_long(out, count);
	add_long(out, size < 0 ? (int64_t)data.len : size);
	kt_buf_add(out, data.data, data.len);
	kt_buf_adds(out, sync);
}

/* Everything that a reader makes of data: texts, and errors in angle brackets with their byte. piece: how many bytes it
 * is given at a time; 0: all at once. */
static void read_all(struct kt_buf *out, struct kt_avro_reader *r, const void *data, size_t len, size_t piece)
{
	size_t start = 0, end = piece ? 0 : len;
	int more;
	kt_avro_begin(r, (struct kt_bytes){data, end}, !piece);
	for (;;) {
		struct kt_err err = {0};
		while ((more = kt_avro_next(r, out, &err)) != 0) {
			if (more < 0)
				kt_buf_addf(out, "<%s @%lld>", err.msg, (long long)kt_avro_failed_at(r));
			kt_buf_addc(out, ' ');
		}
		start += kt_avro_consumed(r);
		if (end == len && !piece)
			break;
		piece = end == len ? 0 : piece;
		end = len - end < piece ? len : end + piece;
		kt_avro_feed(r, (struct kt_bytes){(const char *)data + start, end - start}, !piece);
	}
}

static void check_text(struct kt_avro_reader *r, const void *data, size_t len, const char *expected)
{
	for (size_t piece = 0; piece < 40; piece += 1 + piece / 4) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		read_all(&out, r, data, len, piece);
		CHECK_STR(kt_buf_cstr(&out), expected);
	}
}

static void check_hex(struct kt_avro_reader *r, const char *hex, const char *expected)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	CHECK_INT(kt_hex_decode(&bytes, hex, strlen(hex)), 0);
	check_text(r, bytes.data, bytes.len, expected);
}

TEST(one_message)
{
	struct kt_avro_reader *r = kt_avro_reader_new(&python, KT_AVRO_FIND);
	for (int i = 0; i < 3; i++)
		check_hex(r, experiment,
			"{'experiment': '577cb8c3-0c81-456e-9314-349937ca08a9', 'timestamp': 1694266072.6484454} ");
	CHECK_STR(kt_avro_schema_of(r)->name, "experiment_terminated");
	CHECK_INT(kt_avro_schema_of(r)->number, 0);
	kt_avro_reader_free(r);
}

TEST(blocks_and_containers)
{
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	add_header(&data, "\"long\"");
	add_block(&data, 3, -1, (int64_t[]){1, -200, 70000}, 3, SYNC);
	add_block(&data, 0, -1, NULL, 0, SYNC);
	add_block(&data, 1, -1, (int64_t[]){INT64_MIN}, 1, SYNC);
	add_header(&data, "{\"type\":\"long\",\"logicalType\":\"none\"}");
	add_header(&data, "[\"long\"]");
	add_block(&data, 1, -1, (int64_t[]){0, 5}, 2, SYNC);
	check_text(r, data.data, data.len, "1 -200 70000 -9223372036854775808 5 ");
	kt_avro_reader_free(r);
}

/* What follows a damaged block is found by its marker; the rest of a block with a damaged datum is lost. */
TEST(damage_is_passed_over)
{
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	add_header(&data, "[\"null\",\"long\"]");
	add_block(&data, 2, -1, (int64_t[]){1, 7, 0}, 3, SYNC);
	add_block(&data, 3, -1, (int64_t[]){0, 2, 0}, 3, SYNC);
	add_block(&data, 1, -1, (int64_t[]){0, 0}, 2, SYNC);
	add_block(&data, 1, 3, (int64_t[]){0}, 1, "0123456789abcdeX");
	add_block(&data, 1, -1, (int64_t[]){1, 9}, 2, SYNC);
	add_block(&data, 1, -1, (int64_t[]){1, 10}, 2, SYNC);
	kt_buf_adds(&data, "\2\4");
	check_text(r, data.data, data.len,
		"7 null null <branch 2 of a union that has 2; 1 more of its block are lost @81> null "
		"<1 byte is left after the last record of a block @102> "
		"<a block without the container's marker after it @119> 10 "
		"<a block of 2 bytes, but 0 are left of it and its marker of 16 @178> ");
	kt_avro_reader_free(r);
}

TEST(what_is_no_container)
{
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	check_text(r, "", 0, "<not Avro: there is nothing @0> ");
	check_text(r, "hello", 5, "<not Avro: it begins with \"hello\", and no schema was given for bare data @0> ");
	check_text(r, "Obj\1\0", 5, "<the data ends inside the container's header @0> ");
	check_text(r, "Obj\1\0" SYNC, 21, "<the container's header has no avro.schema @0> ");
	check_text(r, "Obj\1\2\1", 6, "<the container's header is damaged: -1 bytes in its metadata @0> ");
	add_header(&data, "\"what\"");
	check_text(r, data.data, data.len, "<the schema is not valid: there is no type \"what\" @0> ");
	check_text(r, "\0\0\0\0\7\2", 6, "<no schema with the number 7 is known @0> ");
	check_text(r, "\xc3\1\1\2\3\4\5\6\7\x8", 10, "<no schema with the fingerprint 0807060504030201 is known @0> ");
	kt_avro_reader_free(r);
}

TEST(given_schemas)
{
	struct kt_err err = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	CHECK_INT(kt_avro_give(r, KT_AVRO_NO_ID, "{ \"type\": \"long\" }", 18, &err), 0);
	check_hex(r, "06", "3 ");
	check_hex(r, "0602", "<1 byte is left after the datum @1> ");
	/* The fingerprint of "long", the lowest byte first. */
	check_hex(r, "c301b71df49344e154d006", "3 ");
	/* The only schema there is counts for every number. */
	check_hex(r, "000000000706", "3 ");
	CHECK_INT(kt_avro_give(r, 7, "\"string\"", 8, &err), 0);
	check_hex(r, "00000000070261", "\"a\" ");
	check_hex(r, "00000000080261", "<6 bytes are left after the datum @1> ");
	check_hex(r, "c3018f014872634503c7", "<no schema with the fingerprint c70345637248018f is known @0> ");
	kt_avro_reader_free(r);

	/* What a registry's framing would begin with can also be a datum. */
	r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	CHECK_INT(kt_avro_give(r, KT_AVRO_NO_ID, "{\"type\":\"fixed\",\"name\":\"f\",\"size\":6}", 36, &err), 0);
	check_hex(r, "000000000141", "\"\\u0000\\u0000\\u0000\\u0000\\u0001A\" ");
	kt_avro_reader_free(r);

	r = kt_avro_reader_new(&json, KT_AVRO_REGISTRY);
	check_hex(r, "06", "<not framed as by a schema registry: it does not begin with 00 and a number @0> ");
	kt_avro_reader_free(r);
	r = kt_avro_reader_new(&json, KT_AVRO_SINGLE);
	check_hex(r, "06", "<not Avro's single-object encoding: it does not begin with C3 01 @0> ");
	kt_avro_reader_free(r);
	r = kt_avro_reader_new(&json, KT_AVRO_CONTAINER);
	check_hex(r, "06", "<not an Avro container: it does not begin with Obj and 1 @0> ");
	kt_avro_reader_free(r);
}

/* Everything is read as one schema. What does not go with it is reported once for a container, and what comes after
 * that is read. */
TEST(as_another_schema)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema;
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	static const char text[] = "[\"double\",\"null\"]";
	CHECK_INT(kt_avro_schema_parse(&schema, text, strlen(text), &err), 0);
	const struct kt_avro_how how = {.form = KT_AVRO_TAGGED, .reader = schema};
	struct kt_avro_reader *r = kt_avro_reader_new(&how, KT_AVRO_FIND);
	add_header(&data, "\"long\"");
	add_block(&data, 2, -1, (int64_t[]){1, -200}, 2, SYNC);
	add_header(&data, "{\"type\":\"array\",\"items\":\"long\"}");
	add_block(&data, 2, -1, (int64_t[]){0, 0}, 2, SYNC);
	add_block(&data, 1, -1, (int64_t[]){0}, 1, SYNC);
	add_header(&data, "[\"null\",\"long\",\"boolean\"]");
	add_block(&data, 3, -1, (int64_t[]){0, 1, 7, 2, 0}, 5, SYNC);
	add_block(&data, 1, -1, (int64_t[]){0}, 1, SYNC);
	check_text(r, data.data, data.len,
		"{\"double\":1.0} {\"double\":-200.0} <the data cannot be read with the reader's schema: "
		"no branch of the reader's union takes array @69> null {\"double\":7.0} "
		"<no branch of the reader's union takes boolean @254> null ");
	CHECK_STR(kt_avro_schema_of(r)->name, "union");
	CHECK_INT(kt_avro_give(r, 1, "\"float\"", 7, &err), 0);
	CHECK_INT(kt_avro_given_fits(r, &err), 0);
	CHECK_INT(kt_avro_give(r, 2, "\"bytes\"", 7, &err), 0);
	CHECK_INT(kt_avro_given_fits(r, &err), -1);
	check_hex(r, "00000000010000803f", "{\"double\":1.0} ");
	check_hex(r, "000000000200",
		"<the data cannot be read with the reader's schema: no branch of the reader's union takes bytes @0> ");
	kt_avro_reader_free(r);
	kt_avro_schema_free(schema);
}

/* More schemas than are kept: each is read, whether it is still known or not. */
TEST(many_schemas)
{
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3 * KT_AVRO_CACHED; i++) {
			kt_auto(kt_buf_fini) struct kt_buf data = {0}, schema = {0}, out = {0};
			char name[32], expected[64];
			snprintf(name, sizeof(name), "R%d", i);
			kt_buf_addf(&schema,
				"{\"type\":\"record\",\"name\":\"%s\",\"fields\":[{\"name\":\"f%d\",\"type\":"
				"\"long\"}]}",
				name, i);
			add_header(&data, kt_buf_cstr(&schema));
			add_block(&data, 1, -1, (int64_t[]){i}, 1, SYNC);
			read_all(&out, r, data.data, data.len, 0);
			snprintf(expected, sizeof(expected), "{\"f%d\":%d} ", i, i);
			CHECK_STR(kt_buf_cstr(&out), expected);
			CHECK_STR(kt_avro_schema_of(r)->name, name);
		}
	}
	kt_avro_reader_free(r);
}

TEST(records_without_bytes)
{
	kt_auto(kt_buf_fini) struct kt_buf data = {0}, out = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	add_header(&data, "\"null\"");
	add_block(&data, 3, -1, NULL, 0, SYNC);
	check_text(r, data.data, data.len, "null null null ");
	add_block(&data, INT64_MAX, -1, NULL, 0, SYNC);
	read_all(&out, r, data.data, data.len, 0);
	CHECK(out.len < 6 * KT_AVRO_EMPTIES);
	CHECK(strstr(kt_buf_cstr(&out), "<a block of more than 100000 records that take no bytes; "));
	kt_avro_reader_free(r);
}

/* What cannot be shown, or cannot be read as the reader's schema, ends where the writer's schema says: the other data
 * are there. */
TEST(what_cannot_be_shown_is_passed_over)
{
	struct kt_err err = {0};
	struct kt_avro_schema *schema;
	kt_auto(kt_buf_fini) struct kt_buf data = {0}, other = {0};
	static const char text[] = "[\"int\",\"string\"]";
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	add_header(&data, "\"string\"");
	kt_buf_add(&data,
		"\x08\x0e\x02"
		"a\x02\xff\x02"
		"b\0" SYNC,
		25);
	kt_buf_add(&data, "\x02\x04\x02\xfe" SYNC, 20);
	check_text(r, data.data, data.len,
		"\"a\" <a string that is not UTF-8 @55> \"b\" \"\" <a string that is not UTF-8 @78> ");
	add_header(&other, "{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":[\"null\",\"string\"]}}");
	/* {"a": [null, bad]}, {bad: []}, {"b": []} */
	kt_buf_add(&other,
		"\x06\x28\x02\x02"
		"a\x04\0\x02\x02\xff\0\0\x02\x02\xff\0\0\x02\x02"
		"b\0\0" SYNC,
		38);
	kt_buf_addc(&other, 0);
	check_text(r, other.data, other.len,
		"<[\"a\"][1]: a string that is not UTF-8 @118> <a string that is not UTF-8 @123> {\"b\":[]} ");
	kt_avro_reader_free(r);

	CHECK_INT(kt_avro_schema_parse(&schema, text, strlen(text), &err), 0);
	const struct kt_avro_how how = {.form = KT_AVRO_JSON, .reader = schema};
	r = kt_avro_reader_new(&how, KT_AVRO_FIND);
	other.len = 0;
	add_header(&other, "[\"null\",\"int\",\"string\"]");
	kt_buf_add(&other, "\x08\x10\x02\x0a\0\x04\x02x\x02", 9);
	kt_buf_add(&other, "\x0c" SYNC, 17);
	check_text(r, other.data, other.len, "5 <no branch of the reader's union takes null @70> \"x\" 6 ");
	kt_avro_reader_free(r);
	kt_avro_schema_free(schema);
}

/* A datum of too much text is passed over as well, whatever the text is made of; what is printed again for it counts
 * as work. */
TEST(text_is_bounded)
{
	enum { SYMBOL = 1 << 20, ITEMS = 40 };
	kt_auto(kt_buf_fini) struct kt_buf schema = {0}, data = {0}, body = {0}, out = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&json, KT_AVRO_FIND);
	kt_buf_adds(&schema, "[{\"type\":\"array\",\"items\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"");
	memset(kt_buf_reserve(&schema, SYMBOL), 's', SYMBOL);
	schema.len += SYMBOL;
	kt_buf_adds(&schema, "\"]}},\"int\",\"bytes\"]");
	add_header(&data, kt_buf_cstr(&schema));
	add_long(&body, 0);
	add_long(&body, ITEMS);
	memset(kt_buf_reserve(&body, ITEMS + 1), 0, ITEMS + 1);
	body.len += ITEMS + 1;
	add_long(&body, 1);
	add_long(&body, 7);
	add_long(&body, 2);
	add_long(&body, KT_AVRO_TEXT_MAX - 1);
	memset(kt_buf_reserve(&body, KT_AVRO_TEXT_MAX - 1), 'b', KT_AVRO_TEXT_MAX - 1);
	body.len += KT_AVRO_TEXT_MAX - 1;
	add_long(&body, 1);
	add_long(&body, 8);
	add_long(&data, 4);
	add_long(&data, (int64_t)body.len);
	kt_buf_add(&data, body.data, body.len);
	kt_buf_adds(&data, SYNC);
	uint64_t before = kt_avro_made(r);
	read_all(&out, r, data.data, data.len, 0);
	CHECK_MEM(kt_buf_cstr(&out), 33, "<[15]: more than 16 MiB of text @", 33);
	CHECK(strstr(kt_buf_cstr(&out), "> 7 <more than 16 MiB of text @"));
	CHECK_STR(kt_buf_cstr(&out) + out.len - 4, "> 8 ");
	CHECK(kt_avro_made(r) - before > 2ULL * KT_AVRO_TEXT_MAX);
	kt_avro_reader_free(r);
}

static int count_met(struct kt_avro_reader *r, struct kt_bytes data, int *data_too)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_err err = {0};
	int more, met = 0;
	kt_avro_begin(r, data, true);
	for (*data_too = 0; (more = kt_avro_next(r, &out, &err)) != 0; *data_too += more == 1)
		met += more == KT_AVRO_MET;
	return met;
}

/* Schemas are met where there are no data of them. */
TEST(schemas_that_are_met)
{
	const struct kt_avro_how heads = {.heads = true}, blind = {.heads = true, .blind = true};
	kt_auto(kt_buf_fini) struct kt_buf data = {0};
	struct kt_avro_reader *r = kt_avro_reader_new(&heads, KT_AVRO_FIND),
			      *b = kt_avro_reader_new(&blind, KT_AVRO_FIND);
	struct kt_err err = {0};
	int n;
	add_header(&data, "\"long\"");
	add_header(&data, "\"null\"");
	add_block(&data, 2, -1, NULL, 0, SYNC);
	add_header(&data, "[\"int\"]");
	add_block(&data, 1, -1, (int64_t[]){9}, 1, SYNC);
	struct kt_bytes all = {data.data, data.len};
	CHECK_INT(count_met(r, all, &n), 3);
	CHECK_INT(n, 2);
	CHECK_INT(count_met(b, all, &n), 3);
	CHECK_INT(n, 0);
	CHECK_INT(kt_avro_give(b, KT_AVRO_NO_ID, "\"string\"", 8, &err), 0);
	CHECK_INT(count_met(b, (struct kt_bytes){"\xff", 1}, &n), 1);
	CHECK_STR(kt_avro_schema_of(b)->name, "string");
	kt_avro_reader_free(r);
	kt_avro_reader_free(b);
}
