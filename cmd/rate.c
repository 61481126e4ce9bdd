/* kt rate: how fast counters grow that somebody serves for Prometheus; by default those of kt loadgen. */
#include <unistd.h>

#include "chart.h"
#include "cmd.h"
#include "conf.h"
#include "counters.h"
#include "fetch.h"
#include "json.h"
#include "mem.h"
#include "num.h"
#include "openmetrics.h"
#include "out.h"
#include "say.h"
#include "shortest.h"
#include "sig.h"
#include "when.h"

enum { TIMEOUT_MS = 5000, BAR = 50, SOURCES = 64, LABELS_SHOWN = 4 };

struct rate_opts {
	struct kt_strs words, connections;
	const char *metric, *by;
	int64_t interval_ms, count, run_for_ms;
	bool json, quiet;
	int verbose;
};
#define OPTS struct rate_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "HOST:PORT", .positional = true, KT_LIST(words),
		.help = "producers to ask; their rates are added (default: localhost:3001)"},
	{.name = "producer-connection", KT_LIST(connections), .arg = "HOST:PORT",
		.help = "the same; may be repeated"},
	{.name = "metric", KT_STR(metric), .arg = "NAME", .def = "experiment_producer_event_count_total",
		.help = "the counter, as its samples are named"},
	{.name = "by", KT_STR(by), .arg = "LABEL", .help = "tell the values of a label apart, such as topic or key"},
	{.name = "interval", KT_MS(interval_ms), .arg = "DUR", .def = "1s", .help = "ask that often"},
	{.name = "count", .letter = 'c', KT_I64(count), .arg = "N", .def = "-1",
		.help = "stop after N rates; -1: no limit"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per rate"},
	{.name = "run-for", KT_MS(run_for_ms), .arg = "DUR", .def = "0", .help = "stop after DUR; 0: no limit"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "errors only"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .help = "say more"},
	KT_END,
};
/* clang-format on */

struct source {
	char *host, *port;
	struct kt_fetch fetch;
	struct kt_counters counters;
	int64_t at_us; /* of the last answer */
	double rate;   /* of the last answer but one to the last */
	bool silent;   /* that it does not answer was said */
	bool has_rate;
};

struct rate {
	const struct rate_opts *opts;
	struct source *sources;
	size_t n;
	struct kt_out out;
	struct kt_buf label;
	double max;  /* what a whole bar stands for */
	size_t step; /* how often it was widened */
	int64_t shown, start_us;
	bool answered; /* somebody, once */
};

static int add_source(struct rate *r, const char *text, struct kt_err *err)
{
	struct kt_err ignored;
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[' && colon > text && colon[-1] == ']';
	int64_t port;
	if (!colon || colon == text || kt_parse_i64(colon + 1, 1, 65535, &port, &ignored) < 0) {
		kt_err_set(err, KT_USAGE, "\"%.100s\" is no HOST:PORT", text);
		return kt_err_hint(err, "for example localhost:3001");
	}
	if (r->n == SOURCES)
		return kt_err_set(err, KT_USAGE, "more than %d producers", SOURCES);
	struct source *s = &r->sources[r->n++];
	s->host = kt_strndup(text + v6, (size_t)(colon - text) - (v6 ? 2 : 0));
	s->port = kt_strdup(colon + 1);
	s->fetch = (struct kt_fetch){.host = s->host, .port = s->port, .path = "/metrics", .fd = -1};
	return 0;
}

static void read_answer(struct rate *r, struct source *s)
{
	const char *at = s->fetch.body.data, *end = at + s->fetch.body.len;
	struct kt_sample_line sample;
	kt_counters_begin(&s->counters);
	while (kt_sample_next(&at, end, &sample)) {
		if (!kt_sample_is(&sample, r->opts->metric))
			continue;
		r->label.len = 0;
		if (r->opts->by)
			kt_sample_label(&sample, r->opts->by, &r->label);
		kt_counters_add(&s->counters, kt_buf_cstr(&r->label), sample.value);
	}
}

static void take_answer(struct rate *r, struct source *s)
{
	int64_t now_us = kt_clock_us();
	double elapsed_s = (double)(now_us - s->at_us) / 1e6;
	s->has_rate = false;
	if (s->fetch.state != KT_FETCH_DONE) {
		if (!s->silent)
			kt_say(KT_NORMAL, "%s:%s: %s; asking on", s->host, s->port, s->fetch.err.msg);
		s->silent = true;
		return;
	}
	if (s->silent)
		kt_say(KT_NORMAL, "%s:%s answers", s->host, s->port);
	s->silent = false;
	r->answered = true;
	read_answer(r, s);
	s->has_rate = s->counters.scraped;
	s->rate = kt_counters_end(&s->counters) / (elapsed_s > 0 ? elapsed_s : 1);
	for (size_t i = 0; i < s->counters.n; i++)
		s->counters.v[i].grown /= elapsed_s > 0 ? elapsed_s : 1;
	s->at_us = now_us;
}

/* Asks all of them at once. */
static void scrape(struct rate *r)
{
	struct pollfd fds[SOURCES];
	for (size_t i = 0; i < r->n; i++)
		kt_fetch_begin(&r->sources[i].fetch, TIMEOUT_MS);
	for (;;) {
		int64_t wait_ms = INT64_MAX;
		for (size_t i = 0; i < r->n; i++) {
			struct kt_fetch *f = &r->sources[i].fetch;
			kt_fetch_go_on(f);
			fds[i] = kt_fetch_poll(f);
			int64_t left_ms = kt_fetch_left_ms(f);
			wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
		}
		if (wait_ms == INT64_MAX || kt_sig_caught())
			break;
		kt_wait(fds, r->n, wait_ms);
	}
	for (size_t i = 0; i < r->n; i++)
		take_answer(r, &r->sources[i]);
}

/* Rates of one label from all sources; false when an earlier one has the label too. */
static bool sum_label(const struct rate *r, size_t source, const char *label, double *sum)
{
	*sum = 0;
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->sources[i].counters.n; k++) {
			const struct kt_counter *c = &r->sources[i].counters.v[k];
			if (strcmp(c->label, label) != 0)
				continue;
			if (i < source)
				return false;
			*sum += r->sources[i].has_rate ? c->grown : 0;
		}
	return true;
}

/* Calls each label once, with its rate. */
static void add_labels(const struct rate *r, struct kt_buf *out)
{
	double sum;
	size_t shown = 0;
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->sources[i].counters.n; k++) {
			const char *label = r->sources[i].counters.v[k].label;
			if (!sum_label(r, i, label, &sum) || (!r->opts->json && (!(sum > 0) || shown == LABELS_SHOWN)))
				continue;
			if (r->opts->json) {
				kt_buf_adds(out, shown ? "," : "");
				kt_json_string(out, label, strlen(label));
				kt_buf_addc(out, ':');
				kt_json_double(out, sum);
			} else {
				kt_buf_addf(out, "  %s %.1f", label, sum);
			}
			shown++;
		}
}

static void add_line(struct rate *r, double rate)
{
	char now[40];
	struct kt_buf *out = &r->out.buf;
	kt_show_when(kt_now_ms(), now);
	if (r->opts->json) {
		kt_buf_addf(out, "{\"time\":\"%s\",\"rate\":", now);
		kt_json_double(out, rate);
		kt_buf_adds(out, r->opts->by ? ",\"by\":{" : "");
		if (r->opts->by)
			add_labels(r, out);
		kt_buf_adds(out, r->opts->by ? "}}\n" : "}\n");
		return;
	}
	if (r->out.terminal) {
		kt_buf_addf(out, "%.8s %9.1f/s ", now + 11, rate);
		kt_chart_bar(out, rate, r->max, BAR);
	} else {
		kt_buf_addf(out, "%s\t%.1f", now, rate);
	}
	if (r->opts->by)
		add_labels(r, out);
	kt_buf_addc(out, '\n');
}

/* What a whole bar stands for: 1, 2 or 5 times a power of ten, so that it changes seldom. */
static void widen_scale(struct rate *r, double rate)
{
	static const double steps[] = {2, 2.5, 2};
	double before = r->max;
	r->max = r->max > 0 ? r->max : 1;
	for (size_t i = r->step; r->max < rate; i++) {
		r->max *= steps[i % KT_LEN(steps)];
		r->step = i + 1;
	}
	if (r->out.terminal && !r->opts->json && r->max > before)
		kt_say(KT_NORMAL, "a whole bar is %g/s", r->max);
}

static int show(struct rate *r, struct kt_err *err)
{
	double rate = 0;
	bool any = false;
	for (size_t i = 0; i < r->n; i++) {
		any |= r->sources[i].has_rate;
		rate += r->sources[i].has_rate ? r->sources[i].rate : 0;
	}
	if (!any)
		return 0;
	widen_scale(r, rate);
	r->shown++;
	add_line(r, rate);
	return kt_out_drain(&r->out, err);
}

/* Waits for the next multiple of the interval on the wall clock, so that several observers see the same seconds. */
static void wait_for_turn(const struct rate *r)
{
	int64_t interval_ms = r->opts->interval_ms, end_ms = (kt_now_ms() / interval_ms + 1) * interval_ms, left_ms;
	while (!kt_sig_caught() && (left_ms = end_ms - kt_now_ms()) > 0 && left_ms <= interval_ms) {
		int64_t run_ms = kt_left_ms(r->start_us, r->opts->run_for_ms);
		if (!run_ms)
			return;
		kt_wait(NULL, 0, left_ms < run_ms ? left_ms : run_ms);
	}
}

static int run_loop(struct rate *r, struct kt_err *err)
{
	const struct rate_opts *o = r->opts;
	while (!kt_sig_caught() && kt_left_ms(r->start_us, o->run_for_ms) && (o->count < 0 || r->shown < o->count)) {
		scrape(r);
		if (show(r, err) < 0)
			return -1;
		if (r->out.closed || (o->count >= 0 && r->shown >= o->count))
			return 0;
		wait_for_turn(r);
	}
	if (!r->answered && !kt_left_ms(r->start_us, o->run_for_ms))
		return kt_err_set(err, KT_UNREACHABLE, "no answer from %s:%s", r->sources[0].host, r->sources[0].port);
	if (o->count < 0 || r->shown >= o->count)
		return 0;
	return kt_sig_caught() ? kt_err_set(err, KT_SIGNAL + kt_sig_caught(), "ended by a signal")
			       : kt_err_set(err, KT_RUN_ENDED, "--run-for ended the run before --count was reached");
}

static void tear_down(struct rate *r)
{
	for (size_t i = 0; i < r->n; i++) {
		kt_fetch_fini(&r->sources[i].fetch);
		kt_counters_fini(&r->sources[i].counters);
		free(r->sources[i].host);
		free(r->sources[i].port);
	}
	free(r->sources);
	kt_buf_fini(&r->label);
	kt_out_fini(&r->out);
}

static int add_sources(struct rate *r, struct kt_err *err)
{
	const struct kt_strs *lists[] = {&r->opts->words, &r->opts->connections};
	for (size_t l = 0; l < KT_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->n; i++)
			if (add_source(r, lists[l]->v[i], err) < 0)
				return -1;
	return r->n ? 0 : add_source(r, "localhost:3001", err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(tear_down) struct rate r = {.opts = o};
	r.sources = kt_calloc(SOURCES, sizeof(*r.sources));
	kt_out_init(&r.out, STDOUT_FILENO);
	if (o->interval_ms < 1)
		return kt_err_set(err, KT_USAGE, "--interval 0: expected a millisecond at least");
	if (add_sources(&r, err) < 0)
		return -1;
	r.start_us = kt_clock_us();
	return run_loop(&r, err);
}

static const char *const about[] = {
	"Asks one or several producers each second for their metrics and prints by how much a counter grew per second, "
	"all of its samples and all producers together: with a bar on a terminal, as time and rate elsewhere. It may be "
	"started before the producer, and stays when that one is started anew: a counter that falls began again at 0.",
	"Any counter that is served at /metrics for Prometheus will do: --metric names its samples as they stand there, "
	"with _total where it has that.",
	NULL,
};

static const char *const examples[] = {
	"the rate of a kt loadgen, or of the original, on this machine",
	"kt rate",
	"three producers together, by topic",
	"kt rate localhost:3001 localhost:3002 localhost:3003 --by topic",
	"another program's counter",
	"kt rate host:9100 --metric node_network_receive_bytes_total --by device",
	NULL,
};

const struct kt_cmd kt_cmd_rate = {
	.name = "rate",
	.summary = "show how fast a producer's counters grow",
	.section = "Exercises",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
