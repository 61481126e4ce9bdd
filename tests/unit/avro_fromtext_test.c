#include "avro_fromtext.h"

#include "avro_encode.h"
#include "avro_logical.h"
#include "avro_printer.h"
#include "tap.h"

#define BYTES(text) ((struct kt_bytes){text, sizeof(text) - 1})
#define NONE INT64_MIN

TEST(dates_and_times)
{
	static const struct {
		enum kt_avro_logical logical;
		const char *text;
		int64_t n; /* NONE: there is none */
	} rows[] = {
		{KT_AVRO_DATE, "1970-01-01", 0},
		{KT_AVRO_DATE, "2026-11-30", 20787},
		{KT_AVRO_DATE, "1969-12-31", -1},
		{KT_AVRO_DATE, "2000-02-29", 11016},
		{KT_AVRO_DATE, "1900-02-29", NONE},
		{KT_AVRO_DATE, "2026-02-30", NONE},
		{KT_AVRO_DATE, "2026-13-01", NONE},
		{KT_AVRO_DATE, "2026-00-01", NONE},
		{KT_AVRO_DATE, "2026-1-1", NONE},
		{KT_AVRO_DATE, "20260101", NONE},
		{KT_AVRO_DATE, "2026-01-01 ", NONE},
		{KT_AVRO_DATE, "", NONE},
		{KT_AVRO_DATE, "-0001-01-01", -719893},
		{KT_AVRO_DATE, "+5881580-07-11", INT32_MAX},
		{KT_AVRO_DATE, "-5877641-06-23", INT32_MIN},
		{KT_AVRO_DATE, "+5881580-07-12", NONE},
		{KT_AVRO_DATE, "12026-01-01", NONE},
		{KT_AVRO_TIME_MILLIS, "00:00:00.001", 1},
		{KT_AVRO_TIME_MILLIS, "23:59:59.999", 86399999},
		{KT_AVRO_TIME_MILLIS, "12:30", 45000000},
		{KT_AVRO_TIME_MILLIS, "12:30:01", 45001000},
		{KT_AVRO_TIME_MILLIS, "12:30:01.5000", 45001500},
		{KT_AVRO_TIME_MILLIS, "12:30:01.0005", NONE},
		{KT_AVRO_TIME_MILLIS, "12:30:01.", NONE},
		{KT_AVRO_TIME_MILLIS, "24:00:00", NONE},
		{KT_AVRO_TIME_MILLIS, "12:60:00", NONE},
		{KT_AVRO_TIME_MICROS, "00:00:01.000001", 1000001},
		{KT_AVRO_TIMESTAMP_MILLIS, "2026-11-30T12:00:00Z", 1796040000000},
		{KT_AVRO_TIMESTAMP_MILLIS, "2026-11-30T12:00:00.007Z", 1796040000007},
		{KT_AVRO_TIMESTAMP_MILLIS, "2026-11-30 14:00:00+02:00", 1796040000000},
		{KT_AVRO_TIMESTAMP_MILLIS, "2026-11-30T12:00:00", NONE},
		{KT_AVRO_TIMESTAMP_MILLIS, "2026-11-30", NONE},
		{KT_AVRO_TIMESTAMP_MILLIS, "1969-12-31T23:59:59.999Z", -1},
		{KT_AVRO_TIMESTAMP_MICROS, "1970-01-01T00:00:00.000001-00:00", 1},
		{KT_AVRO_TIMESTAMP_NANOS, "2262-04-11T23:47:16.854775807Z", INT64_MAX},
		{KT_AVRO_TIMESTAMP_NANOS, "2262-04-11T23:47:16.854775808Z", NONE},
		{KT_AVRO_TIMESTAMP_NANOS, "1677-09-21T00:12:43.145224193Z", INT64_MIN + 1},
		{KT_AVRO_TIMESTAMP_NANOS, "1677-09-21T00:12:43.145224191Z", NONE},
		{KT_AVRO_LOCAL_MILLIS, "1970-01-01T00:00:00.001", 1},
		{KT_AVRO_LOCAL_MILLIS, "1970-01-01T00:00:00.001Z", NONE},
		{KT_AVRO_PLAIN, "1970-01-01", NONE},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		int64_t n = 0;
		bool fine =
			kt_avro_from_iso(rows[i].logical, (struct kt_bytes){rows[i].text, strlen(rows[i].text)}, &n);
		if (fine != (rows[i].n != NONE) || (fine && n != rows[i].n))
			TAP_FAIL("%s: %lld", rows[i].text, fine ? (long long)n : -999);
	}
}

/* What is printed comes back, as far as it is printed in words. */
TEST(round_trips)
{
	static const int64_t numbers[] = {0, 1, -1, 86399999, 86399999999, -62135596800000, 253402300799999,
		1796040000123, INT64_MAX, INT64_MIN, 951782399999, -68256000001, INT32_MAX, INT32_MIN};
	for (int logical = KT_AVRO_DATE; logical <= KT_AVRO_LOCAL_NANOS; logical++)
		for (size_t i = 0; i < KT_LEN(numbers); i++) {
			kt_auto(kt_buf_fini) struct kt_buf text = {0};
			int64_t n = 0, number = logical == KT_AVRO_DATE ? (int32_t)numbers[i] : numbers[i];
			kt_avro_logical_number(&text, (enum kt_avro_logical)logical, number, false);
			if (text.data[0] != '"')
				continue;
			CHECK(kt_avro_from_iso(
				(enum kt_avro_logical)logical, (struct kt_bytes){text.data + 1, text.len - 2}, &n));
			CHECK_INT(n, number);
		}
}

/* In hexadecimal, or why not. */
static const char *decimal(struct kt_buf *hex, const struct kt_avro_type *type, const char *number)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	const char *why = kt_avro_from_number(&out, type, (struct kt_bytes){number, strlen(number)});
	hex->len = 0;
	kt_buf_add_hex(hex, out.data, out.len);
	return why ? why : kt_buf_cstr(hex);
}

TEST(decimals)
{
	static const char scale[] = "has more digits after the point than the scale",
			  precision[] = "has more digits than the precision";
	const struct kt_avro_type bytes = {.kind = KT_AVRO_BYTES,
					  .logical = KT_AVRO_DECIMAL,
					  .precision = 5,
					  .scale = 2},
				  fixed = {.kind = KT_AVRO_FIXED, .size = 2, .precision = 20, .scale = 0},
				  large = {.kind = KT_AVRO_BYTES, .precision = 4000, .scale = 0};
	const struct {
		const struct kt_avro_type *type;
		const char *number, *hex;
	} rows[] = {
		{&bytes, "1.23", "7b"},
		{&bytes, "-1.23", "85"},
		{&bytes, "1.28", "0080"},
		{&bytes, "-1.28", "80"},
		{&bytes, "2.55", "00ff"},
		{&bytes, "0", "00"},
		{&bytes, "-0.00", "00"},
		{&bytes, "0e999999999999", "00"},
		{&bytes, "0.01", "01"},
		{&bytes, "1.2300", "7b"},
		{&bytes, "123e-2", "7b"},
		{&bytes, "0.0123E+2", "7b"},
		{&bytes, "999.99", "01869f"},
		{&bytes, "1.234", scale},
		{&bytes, "1e-3", scale},
		{&bytes, "1e-999999999999", scale},
		{&bytes, "1000", precision},
		{&bytes, "1e999999999999", precision},
		{&fixed, "1", "0001"},
		{&fixed, "-1", "ffff"},
		{&fixed, "32767", "7fff"},
		{&fixed, "-32768", "8000"},
		{&fixed, "32768", "does not fit into its bytes"},
		{&large, "340282366920938463463374607431768211456", "0100000000000000000000000000000000"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf hex = {0};
		CHECK_STR(decimal(&hex, rows[i].type, rows[i].number), rows[i].hex);
	}
	CHECK(kt_avro_within_precision(BYTES("\x01\x86\x9f"), 5) &&
		!kt_avro_within_precision(BYTES("\x01\x86\xa0"), 5));
	CHECK(kt_avro_within_precision(BYTES("\0\0\0\0\0\0\0\0\x7b"), 3) && kt_avro_within_precision(BYTES(""), 1));
	CHECK(kt_avro_within_precision(BYTES("\xff\xff\xff\x85"), 3) && !kt_avro_within_precision(BYTES("1.23"), 5));
}

TEST(durations)
{
	char out[12];
	static const char right[] = "\x01\0\0\0\x02\0\0\0\xbc\x0b\0\0";
	CHECK(kt_avro_from_duration(out, BYTES("P1M2DT3.004S")) && !memcmp(out, right, 12));
	CHECK(kt_avro_from_duration(out, BYTES("P4294967295M0DT4294967.295S")) &&
		!memcmp(out + 8, "\xff\xff\xff\xff", 4));
	CHECK(!kt_avro_from_duration(out, BYTES("P4294967296M0DT0S")));
	CHECK(!kt_avro_from_duration(out, BYTES("P1M2DT3.0045S")) && !kt_avro_from_duration(out, BYTES("P1M2D")));
}

/* What --logical prints goes back in, and in a union it does not take the place of what already fits. */
TEST(values)
{
	static const char schema[] =
		"{\"type\":\"record\",\"name\":\"R\",\"fields\":["
		"{\"name\":\"d\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}},"
		"{\"name\":\"day\",\"type\":[\"null\",{\"type\":\"int\",\"logicalType\":\"date\"}]},"
		"{\"name\":\"t\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"
		"{\"name\":\"u\",\"type\":{\"type\":\"fixed\",\"name\":\"U\",\"size\":16,\"logicalType\":\"uuid\"}},"
		"{\"name\":\"p\",\"type\":{\"type\":\"fixed\",\"name\":\"P\",\"size\":12,\"logicalType\":\"duration\"}},"
		"{\"name\":\"s\",\"type\":[{\"type\":\"int\",\"logicalType\":\"date\"},\"string\"]},"
		"{\"name\":\"f\",\"type\":[{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9},\"double\"]}]}";
	static const char json[] =
		"{\"d\":1234.50,\"day\":\"2026-11-30\",\"t\":\"2026-11-30T12:00:00.000001Z\","
		"\"u\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"p\":\"P1M2DT3.004S\",\"s\":\"2026-11-30\",\"f\":2.0}";
	struct kt_err err = {0};
	struct kt_avro_schema *parsed = NULL;
	kt_auto(kt_buf_fini) struct kt_buf out = {0}, text = {0};
	struct kt_avro_how how = {.form = KT_AVRO_JSON, .logical = true};
	CHECK_INT(kt_avro_schema_parse(&parsed, schema, strlen(schema), &err), 0);
	kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = parsed->root};
	CHECK_INT(kt_avro_encode(&e, &out, json, strlen(json), &err), 0);
	CHECK_STR(err.msg, "");
	struct kt_avro_printer *printer = kt_avro_printer_compile(parsed, &how);
	struct kt_avro_run *run = kt_avro_run_new();
	struct kt_bytes data = {kt_buf_cstr(&out), out.len};
	CHECK_INT(kt_avro_printer_run(printer, run, &data, &text, &err), 0);
	CHECK_STR(kt_buf_cstr(&text), json);
	kt_avro_run_free(run);
	kt_avro_printer_free(printer);
	kt_avro_schema_free(parsed);
}
