/* The live line and the metrics of a run. */
#include "workreport.h"

#include <unistd.h>

#include "httpd.h"
#include "mem.h"
#include "metricsout.h"
#include "num.h"
#include "say.h"
#include "when.h"
#include "workrun_own.h"

enum { LINE_MS = 1000 };

struct kt_workreport {
	struct kt_workrun *run;
	struct kt_httpd *httpd; /* NULL: no metrics */
	int64_t line_us;
	bool terminal;
};

/* -1: not known. */
static int64_t lag_of(const struct kt_workrun *run, const struct kt_workpart *part)
{
	int64_t end = kt_member_end(run->member, &part->at), position = kt_workwindow_position(&part->window);
	if (end < 0 || position < 0)
		return -1;
	return end > position ? end - position : 0;
}

static bool is_ours(const struct kt_workpart *part)
{
	return part->state == KT_WORKPART_OWNED || part->state == KT_WORKPART_LEAVING;
}

static int64_t whole_lag(const struct kt_workrun *run)
{
	int64_t sum = 0;
	for (size_t i = 0; i < run->n_parts; i++) {
		int64_t lag = is_ours(&run->parts[i]) ? lag_of(run, &run->parts[i]) : 0;
		sum += lag > 0 ? lag : 0;
	}
	return sum;
}

/* Of the oldest record that was read and is not finished. */
static int64_t oldest_ms(const struct kt_workrun *run)
{
	int64_t first_us = INT64_MAX;
	for (uint32_t i = 0; i < run->items.n; i++) {
		const struct kt_workitem *item = kt_workitems_at(&run->items, i);
		if (item && !item->orphan && item->read_us < first_us)
			first_us = item->read_us;
	}
	return first_us == INT64_MAX ? 0 : (kt_clock_us() - first_us) / 1000;
}

static void sample(struct kt_buf *out, const char *name, const char *label, const char *text, int64_t value)
{
	kt_metricsout_name(out, name);
	if (label)
		kt_metricsout_label(out, label, text);
	kt_metricsout_i64(out, value);
}

static void gauge(struct kt_buf *out, const char *name, const char *help, int64_t value)
{
	kt_metricsout_family(out, name, "gauge", help);
	sample(out, name, NULL, NULL, value);
}

static void add_lags(const struct kt_workrun *run, struct kt_buf *out)
{
	char digits[16];
	kt_metricsout_family(out, "kt_work_lag_records", "gauge", "Records of a partition that are not finished.");
	for (size_t i = 0; i < run->n_parts; i++) {
		const struct kt_workpart *part = &run->parts[i];
		int64_t lag = is_ours(part) ? lag_of(run, part) : -1;
		if (lag < 0)
			continue;
		snprintf(digits, sizeof(digits), "%d", (int)part->at.partition);
		kt_metricsout_name(out, "kt_work_lag_records");
		kt_metricsout_label(out, "topic", part->at.topic);
		kt_metricsout_label(out, "partition", digits);
		kt_metricsout_i64(out, lag);
	}
}

static void add_metrics(const struct kt_workrun *run, struct kt_buf *out)
{
	const struct kt_workcounts *c = &run->counts;
	kt_metricsout_family(out, "kt_work_records", "counter", "Records that are finished.");
	sample(out, "kt_work_records_total", "state", "done", c->done);
	sample(out, "kt_work_records_total", "state", "dead", c->dead);
	sample(out, "kt_work_records_total", "state", "skipped", c->skipped);
	kt_metricsout_family(out, "kt_work_retries", "counter", "Attempts that failed and were followed by another.");
	sample(out, "kt_work_retries_total", NULL, NULL, c->retried);
	gauge(out, "kt_work_running", "Records that are handed out.", (int64_t)run->running);
	gauge(out, "kt_work_waiting", "Records that wait for another attempt.", (int64_t)run->items.n_waiting);
	kt_metricsout_family(out, "kt_work_oldest_seconds", "gauge", "Age of the oldest record in work.");
	kt_metricsout_name(out, "kt_work_oldest_seconds");
	kt_metricsout_double(out, (double)oldest_ms(run) / 1000);
	add_lags(run, out);
	kt_metricsout_seconds(out, "kt_work_job_seconds", "Duration of attempts.", &run->job_us);
	kt_metricsout_end(out);
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	const struct kt_workreport *report = user;
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = KT_METRICSOUT_TYPE;
	add_metrics(report->run, &answer->body);
	return true;
}

int kt_workreport_open(struct kt_workreport **out, struct kt_workrun *run, const char *listen, struct kt_err *err)
{
	struct kt_workreport *report = kt_calloc(1, sizeof(*report));
	const struct kt_httpd_how how = {.listen = listen, .methods = KT_HTTP_READS, .answer = answer, .user = report};
	report->run = run;
	report->terminal = isatty(STDERR_FILENO);
	if (listen && kt_httpd_open(&report->httpd, &how, err) < 0) {
		free(report);
		return kt_err_wrap(err, "--metrics-listen");
	}
	if (listen)
		kt_say(KT_NORMAL, "metrics at http://%s/metrics", kt_httpd_address(report->httpd));
	*out = report;
	return 0;
}

struct kt_loop_source kt_workreport_metrics(struct kt_workreport *report)
{
	return kt_httpd_source(report->httpd);
}

static void show(struct kt_workreport *report, int64_t now_us)
{
	const struct kt_workrun *run = report->run;
	char done[32], lag[32], age[32];
	kt_say_progress("running %zu, done %s, retried %lld, dead %lld, oldest %s, lag %s", run->running,
		kt_group_digits(run->counts.done, done), (long long)run->counts.retried, (long long)run->counts.dead,
		kt_show_ms(oldest_ms(run), age), kt_group_digits(whole_lag(run), lag));
	report->line_us = now_us + (int64_t)LINE_MS * 1000;
}

static int64_t wait_for_line(void *user, struct pollfd *fd)
{
	struct kt_workreport *report = user;
	int64_t now_us = kt_clock_us();
	(void)fd;
	if (!report->terminal || !report->run->assigned_us)
		return INT64_MAX;
	if (now_us >= report->line_us)
		show(report, now_us);
	return (report->line_us - now_us + 999) / 1000;
}

struct kt_loop_source kt_workreport_line(struct kt_workreport *report)
{
	return (struct kt_loop_source){.user = report, .wait = wait_for_line};
}

void kt_workreport_close(struct kt_workreport *report)
{
	if (!report)
		return;
	kt_httpd_close(report->httpd);
	free(report);
}
