#include "journal.h"

#include <jansson.h>
#include <unistd.h>

#include "file.h"
#include "tap.h"

static char path[] = "/tmp/kt-journal-test-XXXXXX";
static const char id[] = "577cb8c3-0c81-456e-9314-349937ca08a9";
static const char measurement[] = "fc6e5b2b-0c81-456e-9314-349937ca08a9";

/* What stands in the file, which is then empty. */
static struct kt_buf take(void)
{
	struct kt_buf text = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_file_read(&text, path, 1 << 20, &err), 0);
	CHECK_INT(truncate(path, 0), 0);
	kt_buf_cstr(&text);
	return text;
}

static struct kt_journal open_journal(void)
{
	struct kt_journal j = {.fd = -1};
	struct kt_err err = {0};
	static int made = -1;
	if (made < 0)
		made = mkstemp(path);
	CHECK_INT(kt_journal_open(&j, path, &err), 0);
	return j;
}

#define SPAN "{\"experiment_id\":\"577cb8c3-0c81-456e-9314-349937ca08a9\",\"name\":\"experiment\"}"
#define MEASUREMENT "{\"measurement_id\":\"fc6e5b2b-0c81-456e-9314-349937ca08a9\",\"name\":\"measurement\"}"

TEST(stages)
{
	kt_auto(kt_journal_close) struct kt_journal j = open_journal();
	kt_journal_stage(&j, id, KT_STAGE_CARRY_OUT);
	kt_journal_terminated(&j, id, 27048, 10004, 17000);
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
	kt_auto(kt_journal_close) struct kt_journal j = open_journal();
	static const struct kt_load load = {.researcher = "a \"b\""};
	struct kt_experiment e = {.load = &load};
	memcpy(e.id, id, KT_UUID_LEN);
	kt_journal_configuration(&j, &e);
	kt_auto(kt_buf_fini) struct kt_buf text = take();
	CHECK(strstr(text.data, "\"fields\":{\"stage\":\"configuration\",\"researcher\":\"a \\\"b\\\"\"},"
				"\"target\":\"experiment_producer::simulator\",\"span\":" SPAN));
}

TEST(samples)
{
	kt_auto(kt_journal_close) struct kt_journal j = open_journal();
	static const struct kt_load load = {.sensors = 2};
	static const float temperatures[] = {21.5f, 0.1f};
	char sensors[2][KT_UUID_LEN];
	struct kt_experiment e = {.load = &load, .sensors = sensors};
	struct kt_sample s = {.average = 100.011f, .range = KT_RANGE_STABILIZED, .temperatures = temperatures};
	memcpy(e.id, id, KT_UUID_LEN);
	memcpy(sensors[0], id, KT_UUID_LEN);
	memcpy(sensors[1], measurement, KT_UUID_LEN);
	memcpy(s.measurement, measurement, KT_UUID_LEN);
	kt_journal_sample(&j, &e, &s);
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
	kt_journal_sample(&j, &e, &s);
	kt_auto(kt_buf_fini) struct kt_buf again = take();
	CHECK(!strstr(again.data, "range_event"));
}

TEST(every_line_is_json)
{
	kt_auto(kt_journal_close) struct kt_journal j = open_journal();
	kt_journal_stage(&j, id, "a \"quoted\"\nstage");
	kt_journal_failure(&j, id, NULL, KT_EVENT_STARTED, 1, 0, "queue \"full\"");
	kt_journal_failure(&j, id, measurement, KT_EVENT_MEASURED, 3, 2, "timed out");
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
	kt_auto(kt_journal_close) struct kt_journal j = {.fd = -1};
	CHECK_INT(kt_journal_open(&j, "/dev/full", &err), 0);
	kt_journal_stage(&j, id, "one");
	CHECK_STR(j.failed.msg, "writing the log /dev/full: No space left on device");
	kt_journal_stage(&j, id, "two");
	CHECK_INT(j.fd, -1);
	kt_auto(kt_journal_close) struct kt_journal other = {.fd = -1};
	CHECK_INT(kt_journal_open(&other, "/nowhere/log", &err), -1);
	CHECK_STR(err.msg, "cannot write the log /nowhere/log: No such file or directory");
	unlink(path);
}
