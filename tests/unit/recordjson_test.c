#include "recordjson.h"

#include <jansson.h>

#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		literal, sizeof(literal) - 1                                                                           \
	}

static const struct kt_header headers[] = {
	{BYTES("a"), BYTES("x")}, {BYTES("a"), {NULL, 0}}, {BYTES("b"), BYTES("")}, {BYTES("\xff"), BYTES("\xfe\xfd")}};

TEST(writes)
{
	static const struct {
		struct kt_record record;
		enum kt_encoding encoding;
		const char *json;
	} rows[] = {
		{{.topic = BYTES("t"),
			 .partition = 0,
			 .offset = 42,
			 .tstype = KT_TS_CREATE,
			 .ts_ms = 1700000000123,
			 .value = BYTES("h\xc3\xa9\n"),
			 .headers = headers,
			 .n_headers = 2},
			KT_ENC_UTF8,
			"{\"topic\":\"t\",\"partition\":0,\"offset\":42,\"tstype\":\"create\",\"ts\":1700000000123,"
			"\"headers\":[{\"key\":\"a\",\"value\":\"x\"},{\"key\":\"a\",\"value\":null}],"
			"\"key\":null,\"payload\":\"h\xc3\xa9\\n\"}"},
		{{.topic = BYTES("t"), .tstype = KT_TS_APPEND, .ts_ms = -1, .key = BYTES(""), .value = {NULL, 0}},
			KT_ENC_UTF8,
			"{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"tstype\":\"logappend\",\"ts\":-1,\"key\":\"\","
			"\"payload\":null}"},
		{{.partition = -1, .offset = -1, .key = BYTES("\xff"), .value = BYTES("\0\xff")}, KT_ENC_UTF8,
			"{\"key\":\"/w==\",\"key_encoding\":\"base64\",\"payload\":\"AP8=\","
			"\"payload_encoding\":\"base64\"}"},
		{{.partition = -1, .offset = -1, .headers = headers + 3, .n_headers = 1}, KT_ENC_UTF8,
			"{\"headers\":[{\"key\":\"/w==\",\"key_encoding\":\"base64\",\"value\":\"/v0=\","
			"\"encoding\":\"base64\"}],\"key\":null,\"payload\":null}"},
		{{.partition = -1,
			 .offset = -1,
			 .key = BYTES("k"),
			 .value = BYTES("v"),
			 .headers = headers,
			 .n_headers = 1},
			KT_ENC_HEX,
			"{\"headers\":[{\"key\":\"a\",\"value\":\"78\",\"encoding\":\"hex\"}],\"key\":\"6b\","
			"\"key_encoding\":\"hex\",\"payload\":\"76\",\"payload_encoding\":\"hex\"}"},
		{{.partition = -1, .offset = -1, .key = BYTES("k"), .value = {NULL, 0}}, KT_ENC_BASE64,
			"{\"key\":\"aw==\",\"key_encoding\":\"base64\",\"payload\":null}"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_recordjson_write(&out, &rows[i].record, rows[i].encoding);
		CHECK_STR(kt_buf_cstr(&out), rows[i].json);
	}
}

static void check_bytes(struct kt_bytes got, struct kt_bytes expected)
{
	CHECK(!got.data == !expected.data);
	CHECK_MEM(got.data, got.len, expected.data, expected.len);
}

static void check_record(const struct kt_record *got, const struct kt_record *expected)
{
	check_bytes(got->topic, expected->topic);
	CHECK_INT(got->partition, expected->partition);
	CHECK_INT(got->offset, expected->offset);
	CHECK_INT(got->tstype, expected->tstype);
	if (expected->tstype != KT_TS_NONE)
		CHECK_INT(got->ts_ms, expected->ts_ms);
	check_bytes(got->key, expected->key);
	check_bytes(got->value, expected->value);
	CHECK_INT(got->n_headers, expected->n_headers);
	for (size_t i = 0; i < got->n_headers && i < expected->n_headers; i++) {
		check_bytes(got->headers[i].name, expected->headers[i].name);
		check_bytes(got->headers[i].value, expected->headers[i].value);
	}
}

TEST(reads)
{
	static const struct {
		const char *json;
		struct kt_record record;
	} rows[] = {
		{"{}", {.partition = -1, .offset = -1}},
		{" { \"payload\" : \"x\" } \r\n", {.partition = -1, .offset = -1, .value = BYTES("x")}},
		{"{\"value\":\"x\",\"key\":\"\"}",
			{.partition = -1, .offset = -1, .key = BYTES(""), .value = BYTES("x")}},
		{"{\"value\":\"/w\",\"value_encoding\":\"base64\",\"key_encoding\":\"hex\",\"key\":\"fF\"}",
			{.partition = -1, .offset = -1, .key = BYTES("\xff"), .value = BYTES("\xff")}},
		{"{\"payload\":\"a\",\"payload_encoding\":\"utf8\",\"key_encoding\":null}",
			{.partition = -1, .offset = -1, .value = BYTES("a")}},
		{"{\"payload\":null,\"payload_encoding\":\"base64\"}", {.partition = -1, .offset = -1}},
		{"{\"payload\":\"\\u0000\\ud83d\\ude00\"}",
			{.partition = -1, .offset = -1, .value = BYTES("\0\xf0\x9f\x98\x80")}},
		{"{\"topic\":null,\"partition\":null,\"offset\":null,\"ts\":null,\"tstype\":null,\"headers\":null}",
			{.partition = -1, .offset = -1}},
		{"{\"topic\":\"t\",\"partition\":2147483647,\"offset\":9223372036854775807}",
			{.topic = BYTES("t"), .partition = INT32_MAX, .offset = INT64_MAX}},
		{"{\"ts\":-9223372036854775808}",
			{.partition = -1, .offset = -1, .tstype = KT_TS_CREATE, .ts_ms = INT64_MIN}},
		{"{\"ts\":0,\"tstype\":\"logappend\"}", {.partition = -1, .offset = -1, .tstype = KT_TS_APPEND}},
		{"{\"tstype\":\"append\",\"ts\":1}",
			{.partition = -1, .offset = -1, .tstype = KT_TS_APPEND, .ts_ms = 1}},
		{"{\"ts\":-1,\"tstype\":\"unknown\"}", {.partition = -1, .offset = -1}},
		{"{\"tstype\":\"create\"}", {.partition = -1, .offset = -1}},
		{"{\"payload\":{ \"a\" : [1, 2.50, \"x y\\u0041\"] },\"key\": 42 }",
			{.partition = -1,
				.offset = -1,
				.key = BYTES("42"),
				.value = BYTES("{\"a\":[1,2.50,\"x y\\u0041\"]}")}},
		{"{\"broker\":{\"payload\":[{}]},\"broker\":1e999,\"payload\":true}",
			{.partition = -1, .offset = -1, .value = BYTES("true")}},
		{"{\"Partition\":0,\"Offset\":7,\"Key\":\"k\",\"Value\":\"v\"}",
			{.partition = 0, .offset = 7, .key = BYTES("k"), .value = BYTES("v")}},
		{"{\"timestamp\":1700000000123,\"value\":\"v\"}", {.partition = -1,
									  .offset = -1,
									  .tstype = KT_TS_CREATE,
									  .ts_ms = 1700000000123,
									  .value = BYTES("v")}},
		{"{\"timestamp\":\"2023-11-14T23:13:20.123+01:00\"}",
			{.partition = -1, .offset = -1, .tstype = KT_TS_CREATE, .ts_ms = 1700000000123}},
		{"{\"ts\":\"2023-11-14T22:13:20.123Z\",\"tstype\":\"append\"}",
			{.partition = -1, .offset = -1, .tstype = KT_TS_APPEND, .ts_ms = 1700000000123}},
		{"{\"p\\u0061yload\":\"x\"}", {.partition = -1, .offset = -1, .value = BYTES("x")}},
	};
	struct kt_recordjson e = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_recordjson_read(&e, rows[i].json, strlen(rows[i].json), &err), 0);
		CHECK_STR(err.msg, "");
		check_record(&e.record, &rows[i].record);
	}
	kt_recordjson_fini(&e);
}

TEST(reads_headers_of_every_form)
{
	static const char *const rows[] = {
		"[{\"key\":\"a\",\"value\":\"x\"},{\"key\":\"a\",\"value\":null},{\"value\":\"\",\"key\":\"b\"},"
		"{\"value\":\"/v0=\",\"encoding\":\"base64\",\"key_encoding\":\"hex\",\"key\":\"ff\"}]",
		"[\"a\",\"x\",\"a\",null,\"b\",\"\",{\"key\":\"/w\",\"key_encoding\":\"base64\",\"value\":\"FEfd\","
		"\"encoding\":\"hex\"}]",
	};
	struct kt_recordjson e = {0};
	struct kt_err err = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf text = {0};
		kt_buf_addf(&text, "{\"headers\":%s}", rows[i]);
		CHECK_INT(kt_recordjson_read(&e, text.data, text.len, &err), 0);
		check_record(&e.record,
			&(struct kt_record){.partition = -1, .offset = -1, .headers = headers, .n_headers = 4});
	}
	static const char members[] =
		"{\"headers\":{\"z\":\"1\",\"a\":[\"x\",null],\"z\":2,\"n\":null,\"e\":[],\"o\":{}}}";
	static const struct kt_header expected[] = {{BYTES("z"), BYTES("1")}, {BYTES("a"), BYTES("x")},
		{BYTES("a"), {NULL, 0}}, {BYTES("z"), BYTES("2")}, {BYTES("n"), {NULL, 0}}, {BYTES("o"), BYTES("{}")}};
	CHECK_INT(kt_recordjson_read(&e, members, strlen(members), &err), 0);
	check_record(&e.record,
		&(struct kt_record){.partition = -1, .offset = -1, .headers = expected, .n_headers = KT_LEN(expected)});
	CHECK_INT(kt_recordjson_read(&e, "{\"headers\":[{\"key\":\"a\"}]}", 25, &err), 0);
	CHECK(e.record.n_headers == 1 && !e.record.headers[0].value.data);
	kt_recordjson_fini(&e);
}

TEST(refuses)
{
	static const struct {
		const char *json, *msg;
	} rows[] = {
		{"", "expected an object, got the end of the text (column 1)"},
		{"[]", "expected an object, got a list (column 1)"},
		{"{} {}", "expected nothing more, got an object (column 4)"},
		{"{\"payload\":\"x\"", "expected ',' or '}', got the end of the text (column 15)"},
		{"{\"payload\":\"\\ud800\"}", "payload: half of a surrogate pair (column 19)"},
		{"{\"payload\":\"a\",\"payload\":\"b\"}", "\"payload\" is given twice"},
		{"{\"payload\":\"a\",\"value\":\"b\"}", "\"value\" is given twice"},
		{"{\"payload_encoding\":\"b64\",\"payload\":\"\"}",
			"payload_encoding: expected \"base64\" or \"hex\", got \"b64\""},
		{"{\"payload_encoding\":1}", "payload_encoding: expected a string, got a number (column 21)"},
		{"{\"payload_encoding\":\"base64\",\"payload\":\"/\"}", "payload_encoding: the text is not base64"},
		{"{\"key_encoding\":\"hex\",\"key\":\"0\"}", "key_encoding: the text is not hexadecimal"},
		{"{\"key_encoding\":\"hex\",\"key\":0}", "key_encoding: is given for something that is not a string"},
		{"{\"partition\":-1}", "partition: expected a whole number from 0 to 2147483647, got -1"},
		{"{\"partition\":2147483648}",
			"partition: expected a whole number from 0 to 2147483647, got 2147483648"},
		{"{\"partition\":1.5}", "partition: expected a whole number from 0 to 2147483647, got 1.5"},
		{"{\"offset\":-1}", "offset: expected a whole number from 0 to 9223372036854775807, got -1"},
		{"{\"ts\":9223372036854775808}", "ts: expected a whole number from -9223372036854775808 to "
						 "9223372036854775807, got 9223372036854775808"},
		{"{\"tstype\":\"x\"}", "tstype: expected \"create\", \"logappend\" or \"unknown\", got \"x\""},
		{"{\"topic\":1}", "topic: expected a string, got a number (column 10)"},
		{"{\"headers\":1}", "headers: expected a list, got a number (column 12)"},
		{"{\"headers\":[1]}", "headers[0]: expected a string, got a number (column 13)"},
		{"{\"headers\":[\"a\",\"x\",\"b\"]}", "headers[1]: a name without a value"},
		{"{\"headers\":[null]}", "headers[0]: expected a string, got \"n\" (column 13)"},
		{"{\"headers\":[{\"value\":\"x\"}]}", "headers[0]: \"key\" is missing"},
		{"{\"headers\":[{\"key\":null}]}", "headers[0]: expected a string, got \"n\" (column 20)"},
		{"{\"headers\":[{\"key\":\"a\",\"key\":\"b\"}]}", "headers[0]: \"key\" is given twice"},
		{"{\"headers\":[\"a\",1,{\"key\":\"a\",\"value\":\"!\",\"encoding\":\"hex\"}]}",
			"headers[1].encoding: the text is not hexadecimal"},
		{"{\"headers\":[{\"key\":\"!\",\"key_encoding\":\"hex\"}]}",
			"headers[0].key_encoding: the text is not hexadecimal"},
		{"{\"headers\":{\"a\":\"x\",\"b\\u0000c\":\"\"}}",
			"headers[1]: the name \"b\\x00c\" holds a NUL byte, which cannot be sent"},
		{"{\"headers\":[\"\\u0000\",null]}",
			"headers[0]: the name \"\\x00\" holds a NUL byte, which cannot be sent"},
		{"{\"headers\":[{\"key\":\"AA==\",\"key_encoding\":\"base64\"}]}",
			"headers[0]: the name \"\\x00\" holds a NUL byte, which cannot be sent"},
		{"{\"headers\":{\"a\":[1}}", "headers[1]: expected ',' or ']', got \"}\" (column 19)"},
		{"{\"headers\":{\"a\":1]}", "headers[1]: expected ',' or '}', got \"]\" (column 18)"},
		{"{\"broker\":{]}}", "broker: expected a string, got \"]\" (column 12)"},
		{"{\"event_type\":\"x\"}", "\"event_type\" is not a member of a record"},
		{"{\"payload\":\"x\",\"comment\":1}", "\"comment\" is not a member of a record"},
		{"{\"headers\":[{\"key\":\"a\",\"z\":1}]}", "headers[0]: \"z\" is not a member of a header"},
		{"{\"headers\":[{\"Key\":\"YQ==\"}]}", "headers[0]: \"Key\" is not a member of a header"},
		{"{\"timestamp\":1,\"ts\":1}", "\"ts\" is given twice"},
		{"{\"timestamp\":\"now\"}",
			"timestamp: expected milliseconds or a time as RFC 3339 has it, got \"now\""},
		{"{\"timestamp\":\"1700000000123\"}",
			"timestamp: expected milliseconds or a time as RFC 3339 has it, got \"1700000000123\""},
	};
	struct kt_recordjson e = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		CHECK_INT(kt_recordjson_read(&e, rows[i].json, strlen(rows[i].json), &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_FAILED);
	}
	kt_recordjson_fini(&e);
}

/* Random bytes, null, empty, ASCII, UTF-8 or anything, into room; no NUL when it is a name. */
static struct kt_bytes random_bytes(char *room, size_t most, bool name)
{
	size_t len = (size_t)random() % most;
	int kind = (int)(random() % 5);
	if (kind == 0)
		return (struct kt_bytes){name ? room : NULL, 0};
	for (size_t i = 0; i < len; i++) {
		room[i] = (char)(kind == 1 ? 'a' + random() % 26 : kind == 2 ? random() % 128 : random() % 256);
		if (name && !room[i])
			room[i] = '"';
	}
	for (size_t i = 0; kind == 3 && i < len; i++)
		room[i] = i % 2 || i + 1 == len ? (char)0xa9 & (char)(i % 2 ? 0xff : 0x29) : (char)0xc3;
	return (struct kt_bytes){room, len};
}

TEST(reads_what_it_writes)
{
	struct kt_recordjson e = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	char room[10][50];
	srandom(4);
	for (unsigned round = 0; round < 20000; round++) {
		struct kt_header some[4];
		struct kt_record record = {
			.topic = round % 5 ? (struct kt_bytes){"topic", 5} : (struct kt_bytes){0},
			.partition = (int32_t)(random() % 20) - 1,
			.offset = round % 7 ? random() : -1,
			.tstype = (enum kt_tstype)(random() % 3),
			.ts_ms = round % 3 ? random() : -random(),
			.key = random_bytes(room[0], sizeof(room[0]), false),
			.value = random_bytes(room[1], sizeof(room[1]), false),
			.headers = some,
			.n_headers = (size_t)random() % 5,
		};
		for (size_t i = 0; i < record.n_headers; i++) {
			some[i].name = random_bytes(room[2 + 2 * i], sizeof(room[0]), true);
			some[i].value = random_bytes(room[3 + 2 * i], sizeof(room[0]), false);
		}
		struct kt_err err = {0};
		out.len = 0;
		kt_recordjson_write(&out, &record, (enum kt_encoding)(random() % 3));
		CHECK_INT(kt_recordjson_read(&e, out.data, out.len, &err), 0);
		CHECK_STR(err.msg, "");
		check_record(&e.record, &record);
		json_t *json = json_loadb(out.data, out.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
		CHECK(json_is_object(json));
		json_decref(json);
	}
	kt_recordjson_fini(&e);
}

TEST(carries_many_headers_and_large_payloads)
{
	enum { MANY = 100000, LARGE = 1 << 20 };
	struct kt_header *many = calloc(MANY, sizeof(*many));
	char *large = calloc(1, LARGE);
	struct kt_recordjson e = {0};
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (size_t i = 0; i < MANY; i++)
		many[i] = headers[i % KT_LEN(headers)];
	struct kt_record record = {
		.partition = -1, .offset = -1, .value = {large, LARGE}, .headers = many, .n_headers = MANY};
	for (enum kt_encoding encoding = KT_ENC_UTF8; encoding <= KT_ENC_HEX; encoding++) {
		out.len = 0;
		kt_recordjson_write(&out, &record, encoding);
		CHECK_INT(kt_recordjson_read(&e, out.data, out.len, &err), 0);
		check_record(&e.record, &record);
	}
	kt_recordjson_fini(&e);
	free(many);
	free(large);
}
