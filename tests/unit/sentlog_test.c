#include "sentlog.h"

#include "sentcheck.h"
#include "tap.h"

#define ID "577cb8c3-0c81-456e-9314-349937ca08a9"
#define OTHER "03113f5b-0c81-456e-9314-349937ca08a9"
#define MEASUREMENT "fc6e5b2b-0c81-456e-9314-349937ca08a9"
#define SECOND "aa6e5b2b-0c81-456e-9314-349937ca08a9"
#define S1 "11111111-0c81-456e-9314-349937ca08a9"
#define S2 "22222222-0c81-456e-9314-349937ca08a9"

static void log_line(struct kt_sentlog *t, const char *id, const char *measurement, enum kt_log_kind kind,
	const char *text, const char *number, int64_t count)
{
	struct kt_log_entry e = {.kind = kind, .has_experiment = true, .in_experiment = !measurement, .count = count};
	kt_uuid_read(&e.experiment, id, strlen(id));
	e.has_measurement = measurement && kt_uuid_read(&e.measurement, measurement, strlen(measurement));
	e.timestamp = (struct kt_bytes){"2025-09-01T12:00:05.5+02", 24};
	e.text = (struct kt_bytes){text, text ? strlen(text) : 0};
	e.number = (struct kt_bytes){number, number ? strlen(number) : 0};
	e.value = number ? strtod(number, NULL) : 0;
	kt_sentlog_log(t, &e, "2025-09-01T12:00:05");
}

/* An experiment of one sample with two sensors in each phase. */
static struct kt_sentlog make(void)
{
	struct kt_sentlog t = {0};
	log_line(&t, ID, NULL, KT_LOG_STAGE, "configuration", NULL, 0);
	log_line(&t, ID, NULL, KT_LOG_STAGE, "stabilization", NULL, 0);
	log_line(&t, ID, MEASUREMENT, KT_LOG_AVERAGE, NULL, "21.0", 0);
	log_line(&t, ID, MEASUREMENT, KT_LOG_RANGE, "Stabilized", NULL, 0);
	log_line(&t, ID, MEASUREMENT, KT_LOG_SENSOR, S1, "20.5", 0);
	log_line(&t, ID, MEASUREMENT, KT_LOG_SENSOR, S2, "21.5", 0);
	log_line(&t, ID, NULL, KT_LOG_STAGE, "carry out", NULL, 0);
	log_line(&t, ID, SECOND, KT_LOG_AVERAGE, NULL, "22.0", 0);
	log_line(&t, ID, SECOND, KT_LOG_SENSOR, S1, "22", 0);
	log_line(&t, ID, NULL, KT_LOG_STAGE, "terminated", NULL, 0);
	kt_sentlog_sort(&t);
	return t;
}

static void arrive(struct kt_sentlog *t, enum kt_event_kind kind, const char *measurement, const char *sensor,
	float temperature, int64_t offset)
{
	struct kt_arrival a = {.kind = kind, .temperature = temperature, .offset = offset};
	kt_uuid_read(&a.experiment, ID, strlen(ID));
	if (measurement)
		a.measurement = (struct kt_bytes){measurement, strlen(measurement)};
	if (sensor)
		a.sensor = (struct kt_bytes){sensor, strlen(sensor)};
	kt_sentlog_arrived(t, &a);
}

static void arrive_begin(struct kt_sentlog *t)
{
	arrive(t, KT_EVENT_CONFIGURED, NULL, NULL, 0, 0);
	arrive(t, KT_EVENT_STABILIZATION, NULL, NULL, 0, 1);
	arrive(t, KT_EVENT_MEASURED, MEASUREMENT, S2, 21.5f, 2);
	arrive(t, KT_EVENT_MEASURED, MEASUREMENT, S1, 20.5f, 3);
	arrive(t, KT_EVENT_STARTED, NULL, NULL, 0, 4);
}

static void arrive_end(struct kt_sentlog *t)
{
	arrive(t, KT_EVENT_MEASURED, SECOND, S1, 22, 5);
	arrive(t, KT_EVENT_TERMINATED, NULL, NULL, 0, 6);
}

static void check_counts(const struct kt_sentlog *t, int64_t missing, int64_t repeated, int64_t order,
	int64_t different, int64_t unknown)
{
	const int64_t expected[] = {missing, repeated, order, different, unknown};
	for (int i = 0; i < KT_FINDINGS; i++)
		if (t->v[0].counts[i] != expected[i])
			TAP_FAIL("%s: %lld, not %lld", kt_finding_names[i], (long long)t->v[0].counts[i],
				(long long)expected[i]);
}

TEST(ground_truth)
{
	static const char expected[] =
		"\n*******************************************************\n"
		"*******************************************************\n"
		"*** EXPERIMENT " ID " ***\n"
		"*******************************************************\n"
		"*******************************************************\n\n[\n"
		"  {\n    \"timestamp\": \"2025-09-01T12:00:05.5+02\",\n    \"event_type\": \"new_stage\",\n"
		"    \"value\": \"configuration\"\n  },\n";
	static const char average[] =
		"    \"event_type\": \"avg_temperature\",\n    \"value\": {\n"
		"      \"measurement_id\": \"" MEASUREMENT "\",\n      \"average\": 21.0\n    }\n  },\n";
	static const char range[] =
		"    \"event_type\": \"range_event\",\n    \"value\": {\n"
		"      \"measurement_id\": \"" MEASUREMENT "\",\n      \"event\": \"Stabilized\"\n    }\n  },";
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_sentlog_print(&t, t.order[0], &out);
	CHECK(!strncmp(kt_buf_cstr(&out), expected, strlen(expected)));
	CHECK(strstr(out.data, average) && strstr(out.data, range));
	CHECK(strstr(out.data, "\"value\": \"terminated\"\n  }\n]\n"));
}

TEST(time_and_order)
{
	struct kt_log_entry e = {.kind = KT_LOG_STAGE, .has_experiment = true, .in_experiment = true};
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	struct kt_uuid id;
	kt_uuid_read(&id, OTHER, 36);
	e.experiment = id;
	e.text = (struct kt_bytes){"configuration", 13};
	e.timestamp = (struct kt_bytes){"2025-09-01T12:00:04.9+02", 24};
	kt_sentlog_log(&t, &e, "2025-09-01T12:00:05.999");
	kt_sentlog_sort(&t);
	CHECK_INT(t.order[0], 1);
	CHECK_INT(t.order[1], 0);
	CHECK(!kt_sentlog_find(&t, &id));
	e.timestamp = (struct kt_bytes){"2025-09-01T12:00:05.1+02", 24};
	kt_sentlog_log(&t, &e, "2025-09-01T12:00:05.999");
	CHECK(kt_sentlog_find(&t, &id) == &t.v[1]);
}

TEST(all_is_there)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	arrive_begin(&t);
	arrive_end(&t);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 0, 0, 0, 0, 0);
	CHECK_INT(t.v[0].expected, 7);
	CHECK_INT(t.v[0].there, 7);
	CHECK_INT(t.findings.n, 0);
}

TEST(missing)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	arrive_begin(&t);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 2, 0, 0, 0, 0);
	CHECK_STR(t.findings.v[0], ID ": missing: experiment_terminated");
	CHECK_STR(t.findings.v[1], ID ": missing: measurement " SECOND ", sensor " S1);
}

TEST(not_acknowledged_may_be_missing)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	log_line(&t, ID, SECOND, KT_LOG_FAILURE, "sensor_temperature_measured", NULL, 1);
	log_line(&t, ID, NULL, KT_LOG_FAILURE, "experiment_terminated", NULL, 1);
	arrive_begin(&t);
	arrive(&t, KT_EVENT_TERMINATED, NULL, NULL, 0, 6);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 0, 0, 0, 0, 0);
	CHECK_INT(t.v[0].unacknowledged, 1);
	CHECK_INT(t.v[0].there, 6);
}

TEST(repeated_and_out_of_order)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	arrive_begin(&t);
	arrive(&t, KT_EVENT_TERMINATED, NULL, NULL, 0, 5);
	arrive(&t, KT_EVENT_MEASURED, SECOND, S1, 22, 6);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, S1, 20.5f, 7);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 0, 1, 1, 0, 0);
	CHECK_STR(t.findings.v[0],
		ID ": out of order: measurement " SECOND ", sensor " S1 " at 0:6 comes after something later");
	CHECK_STR(t.findings.v[1], ID ": repeated: measurement " MEASUREMENT ", sensor " S1 " at 0:7, first at 0:3");
}

TEST(different_and_unknown)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	arrive_begin(&t);
	arrive(&t, KT_EVENT_MEASURED, SECOND, S1, 22.5f, 5);
	arrive(&t, KT_EVENT_MEASURED, SECOND, S2, 22, 6);
	arrive(&t, KT_EVENT_MEASURED, "no id\n", S2, 22, 7);
	arrive(&t, KT_EVENT_TERMINATED, NULL, NULL, 0, 8);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 0, 0, 0, 1, 2);
	CHECK_STR(
		t.findings.v[0], ID ": different: measurement " SECOND ", sensor " S1 " at 0:5 is 22.5, in the log 22");
	CHECK_STR(t.findings.v[2], ID ": not in the log: measurement \"no id\\n\", sensor " S2 " at 0:7");
}

TEST(a_log_without_sensors)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = {0};
	log_line(&t, ID, NULL, KT_LOG_STAGE, "configuration", NULL, 0);
	log_line(&t, ID, MEASUREMENT, KT_LOG_AVERAGE, NULL, "21.0", 0);
	arrive(&t, KT_EVENT_CONFIGURED, NULL, NULL, 0, 0);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, S2, 21.5f, 2);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, S1, 20.5f, 3);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	check_counts(&t, 0, 0, 0, 0, 0);
	CHECK_INT(t.v[0].expected, 1);
}

TEST(stored)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	struct kt_bytes none = {0}, first = {MEASUREMENT, 36}, second = {SECOND, 36}, sensor = {S1, 36};
	kt_sentlog_stored(&t, &t.v[0], second, none, 22.0009, 1);
	kt_sentlog_settle(&t, KT_SENTLOG_SAMPLES, true);
	check_counts(&t, 0, 0, 0, 0, 0);
	CHECK_INT(t.v[0].expected, 1);
	kt_sentlog_stored(&t, &t.v[0], second, none, 22, 2);
	kt_sentlog_stored(&t, &t.v[0], first, none, 21.1, 3);
	check_counts(&t, 0, 1, 0, 1, 0);
	CHECK_STR(t.findings.v[0], ID ": repeated: measurement " SECOND " at line 2, first at line 1");
	kt_sentlog_stored(&t, &t.v[0], second, sensor, 22, 4);
	kt_sentlog_settle(&t, KT_SENTLOG_SENSORS, true);
	check_counts(&t, 0, 1, 0, 1, 0);
}

TEST(findings_are_bounded)
{
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = make();
	for (int i = 0; i < 1000; i++)
		kt_sentlog_finding(&t, &t.v[0], KT_FINDING_ORDER, "%d", i);
	CHECK_INT(t.findings.n, KT_SENTLOG_FINDINGS);
	CHECK_INT(t.v[0].counts[KT_FINDING_ORDER], 1000);
}

/* Many sensors in one sample, against the order of the log, twice each: every one is found, and none takes long to
 * find. */
TEST(sensors_out_of_turn)
{
	enum { SENSORS = 40000 };
	kt_auto(kt_sentlog_fini) struct kt_sentlog t = {0};
	char id[37];
	log_line(&t, ID, NULL, KT_LOG_STAGE, "configuration", NULL, 0);
	for (int i = 0; i < 2 * SENSORS; i++)
		log_line(&t, ID, MEASUREMENT, KT_LOG_SENSOR,
			kt_uuid_show(&(struct kt_uuid){7, (uint64_t)i % SENSORS}, id), "20.5", 0);
	kt_sentlog_sort(&t);
	arrive(&t, KT_EVENT_CONFIGURED, NULL, NULL, 0, 0);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, kt_uuid_show(&(struct kt_uuid){7, 0}, id), 20.5f, 1);
	for (int i = 2 * SENSORS; --i > 0;)
		arrive(&t, KT_EVENT_MEASURED, MEASUREMENT,
			kt_uuid_show(&(struct kt_uuid){7, (uint64_t)i % SENSORS}, id), 20.5f, i + 1);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, kt_uuid_show(&(struct kt_uuid){7, 5}, id), 20.5f, 3 * SENSORS);
	arrive(&t, KT_EVENT_MEASURED, MEASUREMENT, kt_uuid_show(&(struct kt_uuid){8, 5}, id), 20.5f, 3 * SENSORS);
	kt_sentlog_settle(&t, KT_SENTLOG_EVENTS, false);
	CHECK_INT(t.v[0].expected, 2 * SENSORS + 1);
	CHECK_INT(t.v[0].there, 2 * SENSORS + 1);
	CHECK_INT(t.v[0].counts[KT_FINDING_REPEATED], 1);
	CHECK_INT(t.v[0].counts[KT_FINDING_UNKNOWN], 1);
	CHECK_INT(t.v[0].counts[KT_FINDING_MISSING], 0);
}
