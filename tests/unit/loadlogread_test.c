#include "loadlogread.h"

#include "tap.h"

#define ID "577cb8c3-0c81-456e-9314-349937ca08a9"
#define MEASUREMENT "fc6e5b2b-0c81-456e-9314-349937ca08a9"
#define IN_EXPERIMENT                                                                                                  \
	"\"span\":{\"experiment_id\":\"" ID "\",\"name\":\"experiment\"},\"spans\":[{\"experiment_id\":\"" ID          \
	"\",\"name\":\"experiment\"}]"
#define IN_MEASUREMENT                                                                                                 \
	"\"span\":{\"measurement_id\":\"" MEASUREMENT                                                                  \
	"\",\"name\":\"measurement\"},\"spans\":[{\"experiment_id\":\"" ID                                             \
	"\",\"name\":\"experiment\"},{\"measurement_id\":\"" MEASUREMENT "\",\"name\":\"measurement\"}]"
#define LINE(fields, spans)                                                                                            \
	"{\"timestamp\":\"2025-09-01T12:00:00.5+02\",\"level\":\"INFO\",\"fields\":{" fields                           \
	"},\"target\":\"t\"," spans "}"

static struct kt_err err;
static struct kt_buf decoded;

static int read_line(struct kt_log_entry *e, const char *line)
{
	err = (struct kt_err){0};
	return kt_log_read(e, &decoded, line, strlen(line), &err);
}

TEST(kinds)
{
	static const struct {
		const char *line;
		enum kt_log_kind kind;
		bool in_experiment;
		const char *text;
		double value;
	} rows[] = {
		{LINE("\"stage\":\"carry out\"", IN_EXPERIMENT), KT_LOG_STAGE, true, "carry out", 0},
		{LINE("\"stage\":\"terminated\",\"elapsed\":\"27048\",\"stabilization\":\"1\",\"carry_out\":\"2\"",
			 IN_EXPERIMENT),
			KT_LOG_STAGE, true, "terminated", 0},
		{LINE("\"avg_temperature\":25.5", IN_MEASUREMENT), KT_LOG_AVERAGE, false, NULL, 25.5},
		{LINE("\"avg_temperature\":\"25.5\"", IN_MEASUREMENT), KT_LOG_AVERAGE, false, NULL, 25.5},
		{LINE("\"range_event\":\"Stabilized\"", IN_MEASUREMENT), KT_LOG_RANGE, false, "Stabilized", 0},
		{LINE("\"sensor\":\"" ID "\",\"temperature\":1e1", IN_MEASUREMENT), KT_LOG_SENSOR, false, ID, 10},
		{LINE("\"message\":\"m\",\"record_name\":\"experiment_started\",\"count\":2,\"maybe_written\":1",
			 IN_EXPERIMENT),
			KT_LOG_FAILURE, true, "experiment_started", 0},
		{LINE("\"message\":\"Client configured with SSL\"", "\"x\":[]"), KT_LOG_OTHER, false, NULL, 0},
		{LINE("\"message\":\"m\"", IN_EXPERIMENT), KT_LOG_OTHER, true, NULL, 0},
		{LINE("\"avg_temperature\":25.5", IN_EXPERIMENT), KT_LOG_OTHER, true, NULL, 25.5},
		{LINE("\"avg_temperature\":null", IN_MEASUREMENT), KT_LOG_OTHER, false, NULL, 0},
		{LINE("\"avg_temperature\":\"warm\"", IN_MEASUREMENT), KT_LOG_OTHER, false, NULL, 0},
		{LINE("\"stage\":5", IN_EXPERIMENT), KT_LOG_OTHER, true, NULL, 0},
		{"{}", KT_LOG_OTHER, false, NULL, 0},
		{"{\"fields\":[],\"span\":7,\"spans\":{},\"timestamp\":1}", KT_LOG_OTHER, false, NULL, 0},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_log_entry e;
		CHECK_INT(read_line(&e, rows[i].line), 0);
		if (e.kind != rows[i].kind || e.in_experiment != rows[i].in_experiment || e.value < rows[i].value ||
			e.value > rows[i].value)
			TAP_FAIL("row %zu: kind %d, value %g", i, (int)e.kind, e.value);
		if (rows[i].text)
			CHECK_MEM(e.text.data, e.text.len, rows[i].text, strlen(rows[i].text));
	}
}

TEST(details)
{
	struct kt_log_entry e;
	char id[37];
	CHECK_INT(read_line(&e, LINE("\"avg_temperature\":21.0", IN_MEASUREMENT)), 0);
	CHECK_MEM(e.timestamp.data, e.timestamp.len, "2025-09-01T12:00:00.5+02", 24);
	CHECK_MEM(e.number.data, e.number.len, "21.0", 4);
	CHECK_STR(kt_uuid_show(&e.experiment, id), ID);
	CHECK_STR(kt_uuid_show(&e.measurement, id), MEASUREMENT);
	CHECK_INT(read_line(&e, LINE("\"record_name\":\"x\",\"count\":\"3\",\"maybe_written\":-1", IN_EXPERIMENT)), 0);
	CHECK_INT(e.count, 3);
	CHECK_INT(e.maybe, 0);
}

TEST(no_json)
{
	static const char *const lines[] = {
		"", "INFO something", "[]", "{\"fields\":{", LINE("", "") "x", "{\"a\":1}{"};
	struct kt_log_entry e;
	for (size_t i = 0; i < KT_LEN(lines); i++)
		CHECK_INT(read_line(&e, lines[i]), -1);
	kt_buf_fini(&decoded);
}
