#include "metrics.h"

#include "tap.h"

static struct kt_workload work;
static struct kt_tally tallies[] = {
	{"577cb8c3-0c81-456e-9314-349937ca08a9", 22, 1},
	{"fc6e5b2b-0c81-456e-9314-349937ca08a9", 0, 0},
	{"03113f5b-0c81-456e-9314-349937ca08a9", 7, 0},
};

#define HELP_COUNT                                                                                                     \
	"# HELP experiment_producer_event_count Count of events produced.\n"                                           \
	"# TYPE experiment_producer_event_count counter\n"
#define HELP_RUNNING                                                                                                   \
	"# HELP experiment_producer_num_experiments Number of experiments running.\n"                                  \
	"# TYPE experiment_producer_num_experiments gauge\n"
#define LINE(id, topic, n) "experiment_producer_event_count_total{key=\"" id "\",topic=\"" topic "\"} " n "\n"

static bool begins(const struct kt_buf *text, const char *with)
{
	return text->len >= strlen(with) && !memcmp(text->data, with, strlen(with));
}

static bool ends(const struct kt_buf *text, const char *with)
{
	return text->len >= strlen(with) && !memcmp(text->data + text->len - strlen(with), with, strlen(with));
}

static void write_metrics(struct kt_buf *text, const char *document)
{
	kt_metrics_write(text, &(struct kt_metrics){.work = &work, .topic = "t", .document = document});
}

TEST(before_the_first_event)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	work = (struct kt_workload){0};
	write_metrics(&text, NULL);
	CHECK(begins(&text, HELP_COUNT HELP_RUNNING "experiment_producer_num_experiments 0\n"));
	CHECK(ends(&text, "\n# EOF\n"));
}

TEST(a_line_per_key_and_topic)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	work = (struct kt_workload){.flights = {.tallies = tallies, .n_tallies = 3}, .running = 2};
	write_metrics(&text, "docs");
	CHECK(begins(&text, HELP_COUNT LINE("577cb8c3-0c81-456e-9314-349937ca08a9", "t", "22")
				    LINE("03113f5b-0c81-456e-9314-349937ca08a9", "t", "7")
					    LINE("577cb8c3-0c81-456e-9314-349937ca08a9", "docs", "1") HELP_RUNNING
		"experiment_producer_num_experiments 2\n# HELP "));
}

TEST(sums_do_not_fall)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	work = (struct kt_workload){.flights.earlier = {.events = 5, .documents = 2}};
	write_metrics(&text, "docs");
	CHECK(begins(&text, HELP_COUNT LINE("earlier", "t", "5") LINE("earlier", "docs", "2") HELP_RUNNING));
}

TEST(latency_and_failures)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	work = (struct kt_workload){.ended = 3, .failed_runs = 1};
	work.flights.counts[KT_EVENT_MEASURED] =
		(struct kt_event_counts){.sent = 9, .delivered = 4, .failed = 2, .refused = 1};
	kt_histogram_add(&work.flights.latency, 700);
	kt_histogram_add(&work.flights.latency, 3000000);
	write_metrics(&text, NULL);
	static const char *const lines[] = {
		"\nexperiment_producer_events_delivered_total{record_name=\"sensor_temperature_measured\"} 4\n",
		"\nexperiment_producer_events_failed_total{record_name=\"sensor_temperature_measured\"} 3\n",
		"\nexperiment_producer_delivery_latency_seconds_bucket{le=\"0.0005\"} 0\n",
		"\nexperiment_producer_delivery_latency_seconds_bucket{le=\"0.001\"} 1\n",
		"\nexperiment_producer_delivery_latency_seconds_bucket{le=\"+Inf\"} 2\n",
		"\nexperiment_producer_delivery_latency_seconds_sum 3.0007\n",
		"\nexperiment_producer_delivery_latency_seconds_count 2\n",
		"\nexperiment_producer_experiments_ended_total 3\n",
		"\nexperiment_producer_experiments_failed_total 1\n",
	};
	for (size_t i = 0; i < KT_LEN(lines); i++)
		if (!strstr(kt_buf_cstr(&text), lines[i]))
			TAP_FAIL("no line %s", lines[i]);
}

TEST(content_types)
{
	CHECK_STR(kt_metrics_type(""), "text/plain; charset=utf-8");
	CHECK_STR(kt_metrics_type("*/*"), "text/plain; charset=utf-8");
	CHECK_STR(kt_metrics_type("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2"),
		"application/openmetrics-text; version=1.0.0; charset=utf-8");
}
