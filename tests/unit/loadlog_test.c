#include "loadlog.h"

#include <jansson.h>
#include <unistd.h>

#include "experiment_event.h"
#include "file.h"
#include "tap.h"

static char path[] = "/tmp/kt-loadlog-test-XXXXXX";
static const char id[] = "577cb8c3-0c81-456e-9314-349937ca08a9";
static const char measurement[] = "fc6e5b2b-0c81-456e-9314-349937ca08a9";

/* What is in the file, which is empty afterwards. */
static struct kt_buf take(void)
{
	struct kt_buf text = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_file_read(&text, path, 1 << 20, &err), 0);
	CHECK_INT(truncate(path, 0), 0);
	kt_buf_cstr(&text);
	return text;
}

static struct kt_loadlog open_journal(void)
{
	struct kt_loadlog j = {.fd = -1};
	struct kt_err err = {0};
	static int made = -1;
	if (made < 0)
		made = mkstemp(path);
	CHECK_INT(kt_loadlog_open(&j, path, &err), 0);
	return j;
}

#define SPAN "{\"experiment_id\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"name\":\"experiment\"}"
#define MEASUREMENT "{\"measurement_id\":\"fc6e5b2b-0c81-456e-9314-349937ca08a9\",\"name\":\"measurement\"}"

TEST(stages)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	kt_loadlog_stage(&j, id, KT_STAGE_CARRY_OUT);
	kt_loadlog_terminated(&j, id, 27048, 10004, 17000);
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	CHECK(strstr(text.data,
		"+02\",\"level\":\"INFO\",\"fields\":{\"stage\":\"carry out\"},"
		"\"target\":\"experiment_producer::simulator\",\"span\":" SPAN ",\"spans\":[" SPAN "]}\n"));
	CHECK(strstr(text.data,
		"\"fields\":{\"stage\":\"terminated\",\"elapsed\":\"27048\",\"stabilization\":\"10004\","
		"\"carry_out\":\"17000\"},\"target\""));
}

TEST(configuration)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	static const struct kt_load load = {.researcher = "a \"b\""};
	struct kt_experiment e = {.load = &load};
	memcpy(e.id, id, KT_UUID_LEN);
	kt_loadlog_configuration(&j, &e);
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	CHECK(strstr(text.data, "\"fields\":{\"stage\":\"configuration\",\"researcher\":\"a \\\"b\\\"\"},"
				"\"target\":\"experiment_producer::simulator\",\"span\":" SPAN));
}

TEST(samples)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	static const struct kt_load load = {.sensors = 2};
	static const float temperatures[] = {21.5f, 0.1f};
	char sensors[2][KT_UUID_LEN];
	struct kt_experiment e = {.load = &load, .sensors = sensors};
	struct kt_sample s = {.average = 100.011f, .range = KT_RANGE_STABILIZED, .temperatures = temperatures};
	memcpy(e.id, id, KT_UUID_LEN);
	memcpy(sensors[0], id, KT_UUID_LEN);
	memcpy(sensors[1], measurement, KT_UUID_LEN);
	memcpy(s.measurement, measurement, KT_UUID_LEN);
	kt_loadlog_sample(&j, &e, &s);
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	CHECK(strstr(text.data, "\"level\":\"DEBUG\",\"fields\":{\"avg_temperature\":100.01100158691406},"
				"\"target\":\"experiment_producer::events\",\"span\":" MEASUREMENT ",\"spans\":[" SPAN
				"," MEASUREMENT "]}\n"));
	CHECK(strstr(
		text.data, "\"fields\":{\"range_event\":\"Stabilized\"},\"target\":\"experiment_producer::events\""));
	CHECK(strstr(text.data, "\"fields\":{\"sensor\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"temperature\":21.5},"
				"\"target\":\"experiment_producer::simulator\""));
	CHECK(strstr(text.data, "\"temperature\":0.10000000149011612}"));
	s.range = KT_RANGE_NONE;
	kt_loadlog_sample(&j, &e, &s);
	kt_auto(kt_buf_fini) struct kt_buf again = take();
	CHECK(!strstr(again.data, "range_event"));
}

/* What is logged under a filter: one letter for a stage, a sensor, an average, a failure and a message. */
static void check_filter(const char *directives, const char *expected)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	static const struct kt_load load = {.sensors = 1};
	static const float temperature = 21.5f;
	char sensor[1][KT_UUID_LEN], got[8] = "";
	struct kt_experiment e = {.load = &load, .sensors = sensor};
	struct kt_sample s = {.temperatures = &temperature};
	memset(&e.id, 'e', KT_UUID_LEN);
	memset(sensor, 's', KT_UUID_LEN);
	memset(s.measurement, 'm', KT_UUID_LEN);
	if (directives)
		kt_loadlog_filter(&j, directives);
	j.topic = "t";
	kt_loadlog_stage(&j, id, KT_STAGE_CARRY_OUT);
	kt_loadlog_sample(&j, &e, &s);
	kt_loadlog_failure(&j, id, NULL, KT_EVENT_STARTED, 1, 0, "why");
	kt_loadlog_message(&j, id, NULL, KT_EVENT_STARTED, (struct kt_bytes){"", 0});
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	static const char *const words[] = {"\"stage\"", "\"sensor\"", "avg_temp", "maybe_written", "\"topic\""};
	for (size_t i = 0; i < KT_LEN(words); i++)
		if (text.len && strstr(text.data, words[i]))
			got[strlen(got)] = "SsafM"[i];
	if (strcmp(got, expected) != 0)
		TAP_FAIL("%s: %s, not %s", directives ? directives : "none", got, expected);
}

TEST(filters)
{
	check_filter(NULL, "Ssaf");
	check_filter("", "Ssaf");
	check_filter("info", "Sf");
	check_filter("ERROR", "f");
	check_filter("off", "");
	check_filter("0", "");
	check_filter("Debug", "Ssaf");
	check_filter("trace", "SsafM");
	check_filter("5", "SsafM");
	check_filter("experiment_producer=debug", "Ssaf");
	check_filter("experiment_producer", "SsafM");
	check_filter("info,experiment_producer::events=debug", "Saf");
	check_filter("experiment_producer::events=trace,info", "SafM");
	check_filter("experiment_producer::simulator=debug", "Ssf");
	check_filter("debug, librdkafka=trace", "Ssaf");
	check_filter("librdkafka=trace", "Ssaf");
	check_filter("experiment_producer=loud", "Ssaf");
}

TEST(messages)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	kt_auto(kt_event_writer_fini) struct kt_event_writer w;
	static const struct kt_load load = {.researcher = "d \"l\"", .sensors = 2, .lower = 25.5f, .upper = 26.5f};
	static const float temperatures[] = {21, 0.1f};
	char sensors[2][KT_UUID_LEN];
	struct kt_experiment e = {.load = &load, .sensors = sensors};
	struct kt_sample s = {.timestamp = 1694266072.6484454, .temperatures = temperatures};
	memcpy(e.id, id, KT_UUID_LEN);
	memcpy(sensors[0], id, KT_UUID_LEN);
	memcpy(sensors[1], measurement, KT_UUID_LEN);
	memcpy(s.measurement, measurement, KT_UUID_LEN);
	kt_event_writer_init(&w);
	kt_loadlog_filter(&j, "trace");
	j.topic = "main";
	j.document = "documents";
	kt_loadlog_message(&j, id, NULL, KT_EVENT_CONFIGURED, kt_event_configured(&w, &e));
	kt_event_sample(&w, &e, &s, (struct kt_bytes){"h.s", 3});
	kt_loadlog_message(&j, id, measurement, KT_EVENT_MEASURED, kt_event_sensor(&w, &e, &s, 1));
	kt_loadlog_message(&j, id, NULL, KT_EVENT_TERMINATED, kt_event_stage(&w, KT_EVENT_TERMINATED, &e, 7));
	kt_loadlog_message(&j, id, NULL, KT_EVENT_DOCUMENT, kt_event_document(&w, &e));
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	static const char *const records[] = {
		"[Record([(\"experiment\", String(\"577cb8c3-0c81-456e-9314-349937ca08a9\")), (\"researcher\", String(\"d "
		"\\\"l\\\"\")), (\"sensors\", Array([String(\"577cb8c3-0c81-456e-9314-349937ca08a9\"), "
		"String(\"fc6e5b2b-0c81-456e-9314-349937ca08a9\")])), (\"temperature_range\", "
		"Record([(\"upper_threshold\", Float(26.5)), (\"lower_threshold\", Float(25.5))]))])]",
		"[Record([(\"experiment\", String(\"577cb8c3-0c81-456e-9314-349937ca08a9\")), (\"sensor\", "
		"String(\"fc6e5b2b-0c81-456e-9314-349937ca08a9\")), (\"measurement_id\", "
		"String(\"fc6e5b2b-0c81-456e-9314-349937ca08a9\")), (\"timestamp\", Double(1694266072.6484454)), "
		"(\"temperature\", Float(0.1)), (\"measurement_hash\", String(\"h.s\"))])]",
		"[Record([(\"experiment\", String(\"577cb8c3-0c81-456e-9314-349937ca08a9\")), (\"timestamp\", "
		"Double(7.0))])]",
		"[Record([(\"experiment\", String(\"577cb8c3-0c81-456e-9314-349937ca08a9\")), (\"measurements\", "
		"Array([])), (\"temperature_range\", Record([(\"upper_threshold\", Float(26.5)), "
		"(\"lower_threshold\", Float(25.5))]))])]",
	};
	size_t n = 0;
	for (char *at = text.data, *newline; (newline = strchr(at, '\n')) && n < KT_LEN(records);
		at = newline + 1, n++) {
		json_t *line = json_loadb(at, (size_t)(newline - at), 0, NULL),
		       *fields = json_object_get(line, "fields");
		CHECK_STR(json_string_value(json_object_get(line, "level")), "TRACE");
		CHECK_STR(json_string_value(json_object_get(line, "target")), "experiment_producer::events");
		CHECK_STR(json_string_value(json_object_get(fields, "topic")), n == 3 ? "documents" : "main");
		CHECK_STR(json_string_value(json_object_get(fields, "key")),
			"Some(\"577cb8c3-0c81-456e-9314-349937ca08a9\")");
		CHECK_STR(json_string_value(json_object_get(fields, "record")), records[n]);
		CHECK_INT(json_array_size(json_object_get(line, "spans")), n == 1 ? 2 : 1);
		json_decref(line);
	}
	CHECK_INT(n, 4);
}

TEST(every_line_is_json)
{
	kt_auto(kt_loadlog_close) struct kt_loadlog j = open_journal();
	kt_loadlog_stage(&j, id, "a \"quoted\"\nstage");
	kt_loadlog_failure(&j, id, NULL, KT_EVENT_STARTED, 1, 0, "queue \"full\"");
	kt_loadlog_failure(&j, id, measurement, KT_EVENT_MEASURED, 3, 2, "timed out");
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	int lines = 0;
	for (char *at = text.data, *newline; (newline = strchr(at, '\n')); at = newline + 1, lines++) {
		json_t *line = json_loadb(at, (size_t)(newline - at), 0, NULL);
		json_t *span = json_array_get(json_object_get(line, "spans"), 0);
		CHECK_STR(json_string_value(json_object_get(span, "experiment_id")), id);
		json_decref(line);
	}
	CHECK_INT(lines, 3);
	CHECK(strstr(text.data,
		"\"level\":\"ERROR\",\"fields\":{\"message\":\"Failed to produce message\",\"record_name\":"
		"\"sensor_temperature_measured\",\"count\":3,\"maybe_written\":2,\"error\":\"timed out\"}"));
}

TEST(a_full_disk_ends_it)
{
	struct kt_err err = {0};
	kt_auto(kt_loadlog_close) struct kt_loadlog j = {.fd = -1};
	CHECK_INT(kt_loadlog_open(&j, "/dev/full", &err), 0);
	kt_loadlog_stage(&j, id, "one");
	CHECK_STR(j.failed.msg, "writing the log /dev/full: No space left on device");
	kt_loadlog_stage(&j, id, "two");
	CHECK_INT(j.fd, -1);
	kt_auto(kt_loadlog_close) struct kt_loadlog other = {.fd = -1};
	CHECK_INT(kt_loadlog_open(&other, "/nowhere/log", &err), -1);
	CHECK_STR(err.msg, "cannot write the log /nowhere/log: No such file or directory");
	unlink(path);
}
