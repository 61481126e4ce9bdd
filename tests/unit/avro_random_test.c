#include "avro_random.h"

#include <jansson.h>

#include "avro_printer.h"
#include "random.h"
#include "tap.h"
#include "when.h"

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[" fields "]}"
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":" type "}"
#define LOGICAL(type, logical) "{\"type\":\"" type "\",\"logicalType\":\"" logical "\"}"
#define DECIMAL(precision, scale)                                                                                      \
	"{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":" precision ",\"scale\":" scale "}"

/* Data of a schema with rules, and what they say. */
struct data {
	struct kt_avro_schema *schema;
	struct kt_avro_random *random;
	struct kt_avro_printer *program;
	struct kt_avro_run *run;
	struct kt_buf datum, text;
	struct kt_err err;
};

static const uint64_t seed = 7;

static int open_data(struct data *d, const char *schema, bool logical)
{
	struct kt_avro_how how = {.form = KT_AVRO_JSON, .logical = logical};
	*d = (struct data){0};
	if (kt_avro_schema_parse(&d->schema, schema, strlen(schema), &d->err) < 0) {
		TAP_FAIL("%s: %s", schema, d->err.msg);
		return -1;
	}
	d->program = kt_avro_printer_compile(d->schema, &how);
	d->run = kt_avro_run_new();
	return kt_avro_random_new(&d->random, d->schema, &seed, &d->err);
}

static void close_data(struct data *d)
{
	kt_avro_random_free(d->random);
	kt_avro_printer_free(d->program);
	kt_avro_run_free(d->run);
	kt_avro_schema_free(d->schema);
	kt_buf_fini(&d->datum);
	kt_buf_fini(&d->text);
}

/* The next datum as JSON; the whole of it is read. */
static const char *next(struct data *d)
{
	d->datum.len = d->text.len = 0;
	kt_avro_random_make(d->random, &d->datum);
	struct kt_bytes data = {kt_buf_cstr(&d->datum), d->datum.len};
	if (kt_avro_printer_run(d->program, d->run, &data, &d->text, &d->err) < 0)
		TAP_FAIL("%s", d->err.msg);
	CHECK_INT(data.len, 0);
	return kt_buf_cstr(&d->text);
}

static const char everything[] = RECORD(FIELD("null", "\"null\"") "," FIELD("boolean", "\"boolean\"") "," FIELD(
	"int", "\"int\"") "," FIELD("long", "\"long\"") "," FIELD("float", "\"float\"") "," FIELD("double",
	"\"double\"") "," FIELD("bytes", "\"bytes\"") "," FIELD("string", "\"string\"") "," FIELD("enum",
	"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}") "," FIELD("fixed",
	"{\"type\":\"fixed\",\"name\":\"F\",\"size\":13}") "," FIELD("array",
	"{\"type\":\"array\",\"items\":\"E\"}") "," FIELD("map",
	"{\"type\":\"map\",\"values\":\"F\"}") "," FIELD("union",
	"[\"null\",\"string\",\"E\",{\"type\":\"array\",\"items\":\"int\"}]") "," FIELD("tree",
	"{\"type\":\"array\",\"items\":\"R\"}") "," FIELD("more", "{\"type\":\"map\",\"values\":[\"null\",\"R\"]}"));

TEST(every_type_can_be_read_and_ends)
{
	struct data d;
	size_t longest = 0, sum = 0;
	CHECK_INT(open_data(&d, everything, false), 0);
	for (int i = 0; i < 2000; i++) {
		json_t *json = json_loads(next(&d), JSON_ALLOW_NUL, NULL);
		double n = json_number_value(json_object_get(json, "double"));
		CHECK(json && n >= -1e6 && n <= 1e6);
		CHECK(llabs(json_integer_value(json_object_get(json, "int"))) <= 1000000);
		CHECK(json_array_size(json_object_get(json, "array")) <= 3);
		CHECK(json_object_size(json_object_get(json, "map")) <= 3);
		json_decref(json);
		longest = d.datum.len > longest ? d.datum.len : longest;
		sum += d.datum.len;
	}
	CHECK(longest < 100000 && sum / 2000 < 20000 && longest > 1000);
	close_data(&d);
}

TEST(a_seed_repeats_them)
{
	struct data a, b;
	CHECK_INT(open_data(&a, everything, false), 0);
	CHECK_INT(open_data(&b, everything, false), 0);
	for (int i = 0; i < 20; i++) {
		(void)next(&a);
		CHECK_STR(next(&b), kt_buf_cstr(&a.text));
	}
	close_data(&a);
	close_data(&b);
	CHECK_INT(open_data(&a, "\"double\"", false), 0);
	kt_avro_random_free(a.random);
	CHECK_INT(kt_avro_random_new(&a.random, a.schema, NULL, &a.err), 0);
	kt_auto(kt_buf_fini) struct kt_buf first = {0};
	kt_buf_adds(&first, next(&a));
	CHECK(strcmp(next(&a), kt_buf_cstr(&first)) != 0);
	close_data(&a);
}

/* Dates and times of about now, in the form of `like`: 9 stands for a digit, everything else for itself. */
static bool is_like(const char *text, const char *like)
{
	for (; *like; like++, text++)
		if (*like == '9' ? *text < '0' || *text > '9' : *text != *like)
			return false;
	return !*text;
}

/* Whatever is made is read back to its last byte, in words where the schema has words for it. */
TEST(every_logical_type_is_read_back)
{
	static const char *const schemas[] = {
		LOGICAL("bytes", "big-decimal"),
		DECIMAL("1", "0"),
		DECIMAL("1", "1"),
		DECIMAL("18", "18"),
		DECIMAL("38", "10"),
		"{\"type\":\"fixed\",\"name\":\"D1\",\"size\":1,\"logicalType\":\"decimal\",\"precision\":2}",
		"{\"type\":\"fixed\",\"name\":\"D3\",\"size\":3,\"logicalType\":\"decimal\",\"precision\":6,"
		"\"scale\":2}",
		"{\"type\":\"fixed\",\"name\":\"D8\",\"size\":8,\"logicalType\":\"decimal\",\"precision\":18}",
		"{\"type\":\"fixed\",\"name\":\"D16\",\"size\":16,\"logicalType\":\"decimal\",\"precision\":38,"
		"\"scale\":38}",
		"{\"type\":\"fixed\",\"name\":\"U\",\"size\":16,\"logicalType\":\"uuid\"}",
		LOGICAL("string", "uuid"),
		"{\"type\":\"fixed\",\"name\":\"T\",\"size\":12,\"logicalType\":\"duration\"}",
		"{\"type\":\"fixed\",\"name\":\"Z\",\"size\":0}",
		"{\"type\":\"fixed\",\"name\":\"S\",\"size\":15,\"logicalType\":\"uuid\"}",
		LOGICAL("long", "timestamp-nanos"),
		LOGICAL("long", "local-timestamp-nanos"),
		LOGICAL("string", "nosuch"),
		"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}",
		"{\"type\":\"map\",\"values\":" LOGICAL("bytes", "big-decimal") "}",
		"[\"null\"," LOGICAL("bytes", "big-decimal") "]",
		RECORD(FIELD("next", "[\"null\",\"R\"]")),
		RECORD(FIELD("next", "[\"R\",\"null\"]")),
		RECORD(FIELD(
			"a", "{\"type\":\"array\",\"items\":[\"null\",\"R\",{\"type\":\"map\",\"values\":\"R\"}]}")),
		RECORD(""),
	};
	for (size_t i = 0; i < KT_LEN(schemas); i++)
		for (int logical = 0; logical < 2; logical++) {
			struct data d;
			CHECK_INT(open_data(&d, schemas[i], logical), 0);
			for (int n = 0; n < 500; n++)
				(void)next(&d);
			close_data(&d);
		}
}

TEST(logical_types)
{
	static const struct {
		const char *schema, *like;
	} rows[] = {
		{LOGICAL("int", "date"), "\"9999-99-99\""},
		{LOGICAL("int", "time-millis"), "\"99:99:99.999\""},
		{LOGICAL("long", "time-micros"), "\"99:99:99.999999\""},
		{LOGICAL("long", "timestamp-millis"), "\"9999-99-99T99:99:99.999Z\""},
		{LOGICAL("long", "timestamp-micros"), "\"9999-99-99T99:99:99.999999Z\""},
		{LOGICAL("long", "timestamp-nanos"), "\"9999-99-99T99:99:99.999999999Z\""},
		{LOGICAL("long", "local-timestamp-millis"), "\"9999-99-99T99:99:99.999\""},
		{LOGICAL("long", "local-timestamp-micros"), "\"9999-99-99T99:99:99.999999\""},
	};
	char now[40];
	kt_show_when(kt_now_ms(), now);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct data d;
		CHECK_INT(open_data(&d, rows[i].schema, true), 0);
		for (int n = 0; n < 200; n++)
			if (!is_like(next(&d), rows[i].like))
				TAP_FAIL("%s: %s", rows[i].schema, kt_buf_cstr(&d.text));
		/* Of the last full day; a date, of the year before. */
		if (rows[i].like[9] == '-' && d.text.data[1] == '2')
			CHECK(!strncmp(d.text.data + 1, now, 3) && strncmp(d.text.data + 1, now, 10) < 0);
		close_data(&d);
	}
}

TEST(uuids_durations_and_decimals)
{
	static const char *const uuids[] = {
		LOGICAL("string", "uuid"), "{\"type\":\"fixed\",\"name\":\"U\",\"size\":16,\"logicalType\":\"uuid\"}"};
	struct data d;
	for (size_t i = 0; i < KT_LEN(uuids); i++) {
		CHECK_INT(open_data(&d, uuids[i], true), 0);
		for (int n = 0; n < 100; n++) {
			const char *text = next(&d);
			CHECK_INT(strlen(text), KT_UUID_LEN + 2);
			CHECK(text[15] == '4' && strchr("89ab", text[20]));
		}
		close_data(&d);
	}
	CHECK_INT(
		open_data(&d, "{\"type\":\"fixed\",\"name\":\"D\",\"size\":12,\"logicalType\":\"duration\"}", true), 0);
	unsigned months, days, seconds, ms;
	CHECK_INT(sscanf(next(&d), "\"P%uM%uDT%u.%uS\"", &months, &days, &seconds, &ms), 4);
	CHECK(months < 12 && days < 28 && seconds < 86400);
	close_data(&d);
}

TEST(decimals_keep_to_their_digits)
{
	static const struct {
		const char *schema;
		double most;
	} rows[] = {
		{DECIMAL("4", "2"), 99.99},
		{DECIMAL("1", "0"), 9},
		{DECIMAL("18", "0"), 999999999999999999},
		{DECIMAL("30", "10"), 99999999.9999999999},
		{"{\"type\":\"fixed\",\"name\":\"D\",\"size\":1,\"logicalType\":\"decimal\",\"precision\":4,\"scale\":1}",
			12.7},
		{"{\"type\":\"fixed\",\"name\":\"D\",\"size\":12,\"logicalType\":\"decimal\",\"precision\":4,\"scale\":1}",
			999.9},
		{"{\"type\":\"fixed\",\"name\":\"D\",\"size\":0,\"logicalType\":\"decimal\",\"precision\":4}", 0},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct data d;
		double min = 0, max = 0;
		CHECK_INT(open_data(&d, rows[i].schema, true), 0);
		for (int n = 0; n < 500; n++) {
			double value = strtod(next(&d), NULL);
			min = value < min ? value : min;
			max = value > max ? value : max;
		}
		if (max > rows[i].most || min < -rows[i].most || max < rows[i].most * 0.8 || min > -rows[i].most * 0.8)
			TAP_FAIL("%s: %g to %g", rows[i].schema, min, max);
		close_data(&d);
	}
}

TEST(rules)
{
	static const struct {
		const char *schema, *path, *rule, *expected; /* of three data */
	} rows[] = {
		{"\"int\"", ".", "sequence", "1 2 3 "},
		{"\"int\"", ".", "sequence:2147483647", "2147483647 2147483647 2147483647 "},
		{"\"long\"", ".", "sequence:-1,5", "-1 4 9 "},
		{"\"float\"", ".", "sequence", "1.0 2.0 3.0 "},
		{"\"double\"", ".", "uniform:2,2", "2.0 2.0 2.0 "},
		{"\"string\"", ".", "sequence:10", "\"10\" \"11\" \"12\" "},
		{DECIMAL("6", "2"), ".", "sequence", "1.00 2.00 3.00 "},
		{DECIMAL("6", "2"), ".", "normal:1.239,0", "1.24 1.24 1.24 "},
		{DECIMAL("4", "2"), ".", "normal:99,0", "99.00 99.00 99.00 "},
		{"\"boolean\"", ".", "constant:true", "true true true "},
		{DECIMAL("5", "2"), ".", "constant:1.23", "1.23 1.23 1.23 "},
		{DECIMAL("20", "18"), ".", "choice:7",
			"7.000000000000000000 7.000000000000000000 7.000000000000000000 "},
		{"{\"type\":\"int\",\"logicalType\":\"date\"}", ".", "constant:2026-11-30",
			"\"2026-11-30\" \"2026-11-30\" \"2026-11-30\" "},
		{"\"bytes\"", ".", "constant:ab", "\"ab\" \"ab\" \"ab\" "},
		{"\"string\"", ".", "constant:true", "\"true\" \"true\" \"true\" "},
		{"\"string\"", ".", "constant:\"x\"", "\"x\" \"x\" \"x\" "},
		{"[\"null\",\"string\"]", ".", "constant:null", "null null null "},
		{"[\"null\",\"int\",\"string\"]", ".", "constant:5", "5 5 5 "},
		{"[\"null\",\"string\",\"long\"]", ".", "sequence", "\"1\" \"2\" \"3\" "},
		{"[\"null\",\"boolean\",\"long\"]", ".", "sequence", "1 2 3 "},
		{RECORD(FIELD("a", "\"int\"") "," FIELD("b", "\"int\"")), "b", "sequence", NULL},
		{RECORD(FIELD("a", "\"int\"")), "a", "sequence", "{\"a\":1} {\"a\":2} {\"a\":3} "},
		{RECORD(FIELD("a", "\"int\"")), ".a", "sequence", "{\"a\":1} {\"a\":2} {\"a\":3} "},
		{RECORD(FIELD("a", "\"int\"")), ".", "constant:{\"a\":5}", "{\"a\":5} {\"a\":5} {\"a\":5} "},
		{RECORD(FIELD("a", "[\"null\",\"R\"]")), ".a.a", "constant:null", NULL},
		{RECORD(FIELD("a", "[\"null\",\"R\"]")), "a", "constant:null",
			"{\"a\":null} {\"a\":null} {\"a\":null} "},
		{"{\"type\":\"array\",\"items\":\"int\"}", ".", "constant:[1,2]", "[1,2] [1,2] [1,2] "},
		{"{\"type\":\"map\",\"values\":\"int\"}", ".", "constant:{\"x\":1}", "{\"x\":1} {\"x\":1} {\"x\":1} "},
		{"\"long\"", ".", "constant:9007199254740993", "9007199254740993 9007199254740993 9007199254740993 "},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct data d;
		kt_auto(kt_buf_fini) struct kt_buf all = {0};
		CHECK_INT(open_data(&d, rows[i].schema, true), 0);
		CHECK_INT(kt_avro_random_rule(d.random, rows[i].path, rows[i].rule, &d.err), 0);
		CHECK_STR(d.err.msg, "");
		for (int n = 0; n < 3; n++)
			kt_buf_addf(&all, "%s ", next(&d));
		if (rows[i].expected)
			CHECK_STR(kt_buf_cstr(&all), rows[i].expected);
		close_data(&d);
	}
}

TEST(items_and_choices)
{
	struct data d;
	int seen[256] = {0};
	CHECK_INT(
		open_data(&d,
			RECORD(FIELD("l",
				"{\"type\":\"array\",\"items\":[\"null\",{\"type\":\"map\",\"values\":\"string\"}]}")),
			false),
		0);
	CHECK_INT(kt_avro_random_rule(d.random, "l[][]", "choice:x,y,z", &d.err), 0);
	for (int i = 0; i < 1000; i++)
		for (const char *at = next(&d); (at = strstr(at, "\":\"")); at += 3) {
			seen[(unsigned char)at[3]]++;
			CHECK(at[4] == '"');
		}
	CHECK(seen['x'] > 300 && seen['y'] > 300 && seen['z'] > 300);
	/* A rule replaces the one before. */
	CHECK_INT(kt_avro_random_rule(d.random, "l[][]", "constant:w", &d.err), 0);
	CHECK_INT(kt_avro_random_rule(d.random, "l[]", "constant:{\"k\":\"v\"}", &d.err), 0);
	CHECK_INT(kt_avro_random_rule(d.random, "l", "choice:[[null],[{\"a\":\"b\"}]]", &d.err), 0);
	for (int i = 0; i < 100; i++)
		CHECK(!strcmp(next(&d), "{\"l\":[null]}") || !strcmp(kt_buf_cstr(&d.text), "{\"l\":[{\"a\":\"b\"}]}"));
	close_data(&d);
}

TEST(now)
{
	static const struct {
		const char *schema;
		double per_second;
	} rows[] = {
		{"\"int\"", 1},
		{"\"long\"", 1e3},
		{"\"double\"", 1},
		{LOGICAL("int", "date"), 1.0 / 86400},
		{LOGICAL("long", "timestamp-millis"), 1e3},
		{LOGICAL("long", "local-timestamp-micros"), 1e6},
		{LOGICAL("long", "timestamp-nanos"), 1e9},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct data d;
		double before = (double)time(NULL) - 1;
		CHECK_INT(open_data(&d, rows[i].schema, false), 0);
		CHECK_INT(kt_avro_random_rule(d.random, ".", "now", &d.err), 0);
		double value = strtod(next(&d), NULL) / rows[i].per_second, after = (double)time(NULL) + 1;
		if (value < before - (rows[i].per_second < 1 ? 86400 : 0) || value > after)
			TAP_FAIL("%s: %s", rows[i].schema, kt_buf_cstr(&d.text));
		close_data(&d);
	}
	struct data d;
	CHECK_INT(open_data(&d, LOGICAL("int", "time-millis"), true), 0);
	CHECK_INT(kt_avro_random_rule(d.random, ".", "now", &d.err), 0);
	CHECK(is_like(next(&d), "\"99:99:99.999\""));
	close_data(&d);
	CHECK_INT(open_data(&d, "\"string\"", true), 0);
	CHECK_INT(kt_avro_random_rule(d.random, ".", "now", &d.err), 0);
	CHECK(is_like(next(&d), "\"9999-99-99T99:99:99.999Z\""));
	close_data(&d);
}

TEST(refused)
{
	static const char record[] = RECORD(FIELD("id", "\"int\"") "," FIELD("l",
		"{\"type\":\"array\",\"items\":[\"null\",\"R\"]}") "," FIELD("u", "[\"null\",\"int\"]") "," FIELD("d",
		DECIMAL("4", "2")) "," FIELD("v", "[\"null\",\"boolean\",\"bytes\"]"));
	static const struct {
		const char *path, *rule, *msg, *hint;
	} rows[] = {
		{"idd", "uuid", "n.R has no field idd", "did you mean id?"},
		{"", "uuid", "uuid does not fit n.R", ""},
		{"id.", "uuid", "int has no fields", ""},
		{"id.x", "uuid", "int has no fields", ""},
		{"id[]", "uuid", "int is not a list", ""},
		{"l[0]", "uuid", "expected [] and nothing in it", ""},
		{"l.id", "uuid", "array has no fields", "its items are reached with [], as in lines[].price"},
		{"l[].idd", "uuid", "n.R has no field idd", "did you mean id?"},
		{"l[][]", "uuid", "the union holds no list", ""},
		{"u.x", "uuid", "the union holds no record", ""},
		{"id", "uuid", "uuid does not fit int", ""},
		{"u", "uuid", "uuid does not fit int", ""},
		{"v", "uuid", "uuid fits no branch of the union", ""},
		{"v", "now", "now fits no branch of the union", ""},
		{"u", "uniform:1,1.5", "uniform has to have whole numbers here", ""},
		{"id", "zipf:1000000000", NULL, NULL},
		{"id", "uniform:0,3000000000", "uniform has 3e+09, which is beyond 2.14748e+09", ""},
		{"id", "sequence:-3000000000", "sequence has -3e+09, which is beyond -2.14748e+09", ""},
		{"d", "uniform:0,100", "uniform has 100, which is beyond 99.99", ""},
		{"d", "uuid", "uuid does not fit bytes", ""},
		{".", "now", "now does not fit n.R", ""},
		{"id", "constant:5000000000", "5000000000 is not an int", ""},
		{"id", "choice:1,x", "expected int, got a string", ""},
		{"d", "constant:1.234",
			"1.234 has more digits after the point than the scale of bytes (4 digits, 2 of them after the point)",
			""},
		{"d", "choice:1,100",
			"100 has more digits than the precision of bytes (4 digits, 2 of them after the point)", ""},
		{"id", "sequenc", "there is no generator \"sequenc\"", "did you mean sequence?"},
		{"l", "constant:[{\"id\":1}]", "[0].l: is missing, and has no default", ""},
	};
	struct data d;
	CHECK_INT(open_data(&d, record, false), 0);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		d.err = (struct kt_err){0};
		int result = kt_avro_random_rule(d.random, rows[i].path, rows[i].rule, &d.err);
		CHECK_INT(result, rows[i].msg ? -1 : 0);
		CHECK_STR(d.err.msg, rows[i].msg ? rows[i].msg : "");
		CHECK_STR(d.err.hint, rows[i].msg ? rows[i].hint : "");
		CHECK_INT(d.err.status, rows[i].msg ? KT_USAGE : 0);
	}
	(void)next(&d);
	close_data(&d);
}

TEST(keys)
{
	static const struct {
		const char *type, *rule, *key; /* key NULL: null */
	} rows[] = {
		{"\"string\"", "constant:a b", "a b"},
		{"\"string\"", "constant:", ""},
		{"\"bytes\"", "constant:xy", "xy"},
		{"{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}", "constant:zz", "zz"},
		{"\"int\"", "constant:-7", "-7"},
		{"\"long\"", "constant:9223372036854775807", "9223372036854775807"},
		{"\"boolean\"", "constant:true", "true"},
		{"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}", "constant:B", "B"},
		{"[\"null\",\"string\"]", "constant:null", NULL},
		{"[\"null\",\"string\",\"int\"]", "constant:12", "12"},
		{"[\"null\",\"string\",\"long\"]", "sequence:3", "3"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct data d;
		kt_auto(kt_buf_fini) struct kt_buf schema = {0};
		kt_buf_addf(&schema,
			RECORD(FIELD(
				"x", "{\"type\":\"record\",\"name\":\"I\",\"fields\":[{\"name\":\"k\",\"type\":%s}]}")),
			rows[i].type);
		CHECK_INT(open_data(&d, kt_buf_cstr(&schema), false), 0);
		CHECK_INT(kt_avro_random_rule(d.random, "x.k", rows[i].rule, &d.err), 0);
		CHECK_INT(kt_avro_random_key(d.random, "x.k", &d.err), 0);
		for (int n = 0; n < 2; n++) {
			(void)next(&d);
			struct kt_bytes key = kt_avro_random_key_of(d.random);
			if (rows[i].key && n == 0 &&
				(key.len != strlen(rows[i].key) || !key.data ||
					memcmp(key.data, rows[i].key, key.len) != 0))
				TAP_FAIL("%s: %.*s", rows[i].type, (int)key.len, key.data ? key.data : "(null)");
			CHECK(rows[i].key || !key.data);
		}
		close_data(&d);
	}
}

TEST(no_keys)
{
	static const struct {
		const char *path, *msg;
	} rows[] = {
		{"l", "array is not a key"},
		{"l[]", "an item of a list is not a key"},
		{"f", "double is not a key"},
		{"u", "float is not a key"},
		{"k", "n.R has no field k"},
		{".", "n.R is not a key"},
	};
	struct data d;
	CHECK_INT(open_data(&d,
			  RECORD(FIELD("l", "{\"type\":\"array\",\"items\":\"int\"}") "," FIELD(
				  "f", "\"double\"") "," FIELD("u", "[\"int\",\"float\"]")),
			  false),
		0);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		CHECK_INT(kt_avro_random_key(d.random, rows[i].path, &d.err), -1);
		CHECK_STR(d.err.msg, rows[i].msg);
	}
	(void)next(&d);
	CHECK(!kt_avro_random_key_of(d.random).data);
	close_data(&d);
}

/* A field whose type is a record, M and the number, of one or two fields of a type. */
static void add_record(struct kt_buf *schema, int number, const char *type, bool two)
{
	kt_buf_addf(schema,
		",{\"name\":\"b%d\",\"type\":{\"type\":\"record\",\"name\":\"M%d\",\"fields\":[{\"name\":\"x\",\"type\":"
		"\"%s\"}",
		number, number, type);
	if (two)
		kt_buf_addf(schema, ",{\"name\":\"y\",\"type\":\"%s\"}", type);
	kt_buf_adds(schema, "]}}");
}

TEST(what_cannot_be_made)
{
	struct data d;
	kt_auto(kt_buf_fini) struct kt_buf many = {0}, deep = {0};
	static const char *const fine[] = {
		RECORD(FIELD("a", "[\"R\",\"null\"]")),
		RECORD(FIELD("a", "{\"type\":\"array\",\"items\":\"R\"}")),
		/* The list has to stay empty, and the other branch cannot be taken. */
		RECORD(FIELD(
			"a", "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"X\",\"fields\":[" FIELD(
				     "x", "\"X\"") "]}}") "," FIELD("b", "[\"X\",\"int\"]")),
	};
	for (size_t i = 0; i < KT_LEN(fine); i++) {
		CHECK_INT(open_data(&d, fine[i], false), 0);
		for (int n = 0; n < 200; n++)
			(void)next(&d);
		close_data(&d);
	}
	CHECK_INT(open_data(&d, RECORD(FIELD("a", "\"R\"")), false), -1);
	CHECK_STR(d.err.msg, "data of n.R would hold itself without end, or more than 1000000 values or 1000 levels");
	close_data(&d);
	CHECK_INT(open_data(&d, "[]", false), -1);
	close_data(&d);
	/* Each record holds the one before twice, or once. */
	kt_buf_adds(&many, "{\"type\":\"record\",\"name\":\"Z\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}");
	kt_buf_adds(&deep, kt_buf_cstr(&many));
	for (int i = 0; i < 1200; i++) {
		char type[16] = "int";
		if (i)
			snprintf(type, sizeof(type), "M%d", i - 1);
		add_record(&deep, i, type, false);
		if (i < 30)
			add_record(&many, i, type, true);
	}
	kt_buf_adds(&many, "]}");
	kt_buf_adds(&deep, "]}");
	CHECK_INT(open_data(&d, kt_buf_cstr(&many), false), -1);
	CHECK(strstr(d.err.msg, "without end"));
	close_data(&d);
	CHECK_INT(open_data(&d, kt_buf_cstr(&deep), false), -1);
	CHECK(strstr(d.err.msg, "without end"));
	close_data(&d);
}
