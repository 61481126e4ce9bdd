#include "sinktext.h"

#include "mem.h"
#include "tap.h"

static struct kt_err err;

static const char *line(struct kt_sinktext *t, const struct kt_record *record)
{
	static struct kt_buf out;
	out.len = 0;
	kt_sinktext_add(t, record, false, &out);
	return kt_buf_cstr(&out);
}

static const char *value(struct kt_sinktext *t, const char *text, size_t len)
{
	const struct kt_record record = {.topic = {"t", 1}, .value = {text, len}};
	return line(t, &record);
}

TEST(values_are_a_line_of_json_each)
{
	static const struct {
		struct kt_bytes value;
		const char *line;
	} rows[] = {
		{{"{\"a\": 1.50 ,\n\t\"b\":[ ]}", 22}, "{\"a\":1.50,\"b\":[]}\n"},
		{{"12345678901234567890", 20}, "12345678901234567890\n"},
		{{"\"x\"", 3}, "\"x\"\n"},
		{{"null", 4}, "null\n"},
		{{NULL, 0}, "null\n"},
		{{"", 0}, "\"\"\n"},
		{{" ", 1}, "\" \"\n"},
		{{"{\"a\":1}{", 8}, "\"{\\\"a\\\":1}{\"\n"},
		{{"two\nlines", 9}, "\"two\\nlines\"\n"},
		{{"\xff\0", 2}, "{\"payload\":\"/wA=\",\"payload_encoding\":\"base64\"}\n"},
	};
	kt_auto(kt_sinktext_fini) struct kt_sinktext t = {.format = KT_SINKFORMAT_JSONL, .values = true};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(value(&t, rows[i].value.data, rows[i].value.len), rows[i].line);
}

TEST(csv_of_whole_records)
{
	kt_auto(kt_sinktext_fini) struct kt_sinktext t = {.format = KT_SINKFORMAT_CSV};
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	const struct kt_header header = {{"h", 1}, {"1", 1}};
	struct kt_record r = {.topic = {"t", 1},
		.partition = 3,
		.offset = 4,
		.tstype = KT_TS_CREATE,
		.ts_ms = -5,
		.key = {"", 0},
		.value = {"a,\"b\"\n", 6},
		.headers = &header,
		.n_headers = 1};
	kt_sinktext_head(&t, &head);
	CHECK_STR(kt_buf_cstr(&head), "_topic,_partition,_offset,_timestamp,_key,_value,_headers\n");
	CHECK_STR(line(&t, &r), "t,3,4,-5,\"\",\"a,\"\"b\"\"\n\",\"{\"\"h\"\":\"\"1\"\"}\"\n");
	r = (struct kt_record){.topic = {"t", 1}, .value = {"\xff", 1}};
	CHECK_STR(line(&t, &r), "t,0,0,,,/w==,\n");
}

TEST(csv_of_fields)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_auto(kt_sinktext_fini) struct kt_sinktext t = {.format = KT_SINKFORMAT_CSV};
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	kt_strs_add(&words, "n:int");
	kt_strs_add(&words, "a,b=x.y:real");
	kt_strs_add(&words, "all=$.x:json");
	CHECK_INT(kt_sinktext_columns(&t, &words, &err), 0);
	kt_sinktext_head(&t, &head);
	CHECK_STR(kt_buf_cstr(&head), "_topic,_partition,_offset,_timestamp,_key,n,\"a,b\",all\n");
	CHECK_STR(value(&t, "{\"n\":\"7\",\"x\":{\"y\":2}}", 21), "t,0,0,,,7,2.0,\"{\"\"y\"\":2}\"\n");
	CHECK_STR(value(&t, "none", 4), "t,0,0,,,,,\n");
	CHECK_STR(value(&t, NULL, 0), "t,0,0,,,,,\n");
	CHECK_INT(t.bad, 1);
	kt_strs_add(&words, "_key=n");
	kt_auto(kt_sinktext_fini) struct kt_sinktext other = {.format = KT_SINKFORMAT_CSV};
	CHECK_INT(kt_sinktext_columns(&other, &words, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
}

static void learn(struct kt_sinktext *t, const char *text)
{
	kt_jsoncolumns_learn(&t->columns, (struct kt_bytes){text, strlen(text)});
}

/* What columns that were found do not hold is there as a whole. */
TEST(csv_of_fields_that_were_found)
{
	static const struct {
		const char *value, *rest;
	} rows[] = {
		{"{\"n\":7,\"s\":\"x\"}", "7,x,,\n"},
		{"{\"s\":\"\"}", ",\"\",,\n"},
		{"{\"n\":7,\"later\":null}", "7,,\"{\"\"n\"\":7,\"\"later\"\":null}\",\n"},
		{"{}", ",,{},\n"},
		{"{\"n\":null}", ",,\"{\"\"n\"\":null}\",\n"},
		{"[1]", ",,[1],\n"},
		{"", ",,\"\",\n"},
	};
	kt_auto(kt_sinktext_fini) struct kt_sinktext t = {.format = KT_SINKFORMAT_CSV};
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	static const struct kt_strs none;
	CHECK_INT(kt_sinktext_columns(&t, &none, &err), 0);
	learn(&t, "{\"n\":1,\"s\":\"\"}");
	learn(&t, "no object");
	kt_sinktext_learnt(&t);
	kt_sinktext_head(&t, &head);
	CHECK_STR(kt_buf_cstr(&head), "_topic,_partition,_offset,_timestamp,_key,n,s,_value,_headers\n");
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_free_ptr) char *want = kt_asprintf("t,0,0,,,%s", rows[i].rest);
		CHECK_STR(value(&t, rows[i].value, strlen(rows[i].value)), want);
	}
	CHECK_STR(value(&t, NULL, 0), "t,0,0,,,,,,\n");
	CHECK_INT(t.bad, 2);
}

TEST(a_datum_of_avro_is_json_in_its_line)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_sinktext_fini) struct kt_sinktext t = {.format = KT_SINKFORMAT_JSONL};
	const struct kt_record record = {.topic = {"t", 1}, .value = {"{\"a\":1}", 7}};
	kt_sinktext_add(&t, &record, true, &out);
	CHECK(strstr(kt_buf_cstr(&out), ",\"payload\":{\"a\":1}}\n") != NULL);
	out.len = 0;
	kt_sinktext_add(&t, &record, false, &out);
	CHECK(strstr(kt_buf_cstr(&out), "\"payload\":\"{\\\"a\\\":1}\"") != NULL);
}
