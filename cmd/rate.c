/* kt rate: how fast counters grow that somebody serves for Prometheus, by default those of kt loadgen. */
#include <unistd.h>

#include <math.h>

#include "chart.h"
#include "cmd.h"
#include "command.h"
#include "conf.h"
#include "ending.h"
#include "esc.h"
#include "json.h"
#include "jsonout.h"
#include "metrics.h"
#include "openmetrics.h"
#include "out.h"
#include "page.h"
#include "say.h"
#include "scrape.h"
#include "shortest.h"
#include "sig.h"
#include "when.h"

enum { BAR = 50, LABELS_SHOWN = 4, LABEL_BYTES = 200 };

struct rate_opts {
	struct kt_strs words, connections;
	const char *metric, *by, *listen;
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
	{.name = "listen", KT_STR(listen), .arg = "ADDR:PORT",
		.help = "serve a page with a live chart there (port 8501 for an ADDR alone)"},
	{.name = "metric", KT_STR(metric), .arg = "NAME", .def = KT_METRICS_EVENTS,
		.help = "the counter, as its samples are named"},
	{.name = "by", KT_STR(by), .arg = "LABEL", .help = "tell the values of a label apart, such as topic or key"},
	{.name = "interval", KT_MS(interval_ms), .arg = "DUR", .def = "1s", .help = "ask this often"},
	{.name = "count", .letter = 'c', KT_I64(count), .arg = "N", .def = "-1",
		.help = "stop after N rates; -1: no limit"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per rate"},
	{.name = "run-for", KT_MS(run_for_ms), .arg = "DUR", .def = "0", .help = "stop after DUR; 0: no limit"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "errors only"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .help = "say more"},
	KT_END,
};
/* clang-format on */

struct rate {
	const struct rate_opts *opts;
	struct kt_strs from;
	struct kt_scrape scrape;
	struct kt_counters by; /* `now` of each is a rate */
	struct kt_page page;
	struct kt_httpd *httpd; /* NULL: no page */
	struct kt_out out;
	double max;             /* what a full bar stands for */
	size_t step;            /* how many times it was widened */
	int64_t shown, lacking; /* turns: those with a rate, and those in which nobody had the metric */
	struct kt_stop stop;
	int64_t turn_ms;     /* wall clock: when the sources were asked */
	int64_t answered_ms; /* and when the last of the answers came that were shown; 0: none came */
	bool due;            /* nothing is shown yet of what was asked for */
};

/* Somebody else's label may be as long as the whole answer. */
static void cut(struct kt_buf *value)
{
	if (value->len <= LABEL_BYTES)
		return;
	for (value->len = LABEL_BYTES; ((unsigned char)value->data[value->len] & 0xc0) == 0x80; value->len--)
		;
	kt_buf_adds(value, "…");
}

/* Sums the rates of all sources by the values of the label. */
static void sum_labels(struct rate *r)
{
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	kt_counters_begin(&r->by);
	for (size_t i = 0; i < r->scrape.n; i++) {
		const struct kt_source *s = &r->scrape.v[i];
		for (size_t k = 0; s->fresh && k < s->counters.n; k++) {
			const struct kt_counter *c = &s->counters.v[k];
			value.len = 0;
			kt_label((struct kt_bytes){c->label, strlen(c->label)}, r->opts->by, &value);
			cut(&value);
			kt_counters_add(&r->by, kt_buf_cstr(&value), c->grown / s->seconds);
		}
	}
}

static void add_labels(struct rate *r, struct kt_buf *out)
{
	size_t shown = 0;
	sum_labels(r);
	for (size_t i = 0; i < r->by.n; i++) {
		const struct kt_counter *c = &r->by.v[i];
		if (r->opts->json && c->seen) {
			kt_jsonout_key(out, NULL);
			kt_json_words(out, c->label);
			kt_buf_addc(out, ':');
			kt_json_double(out, c->now);
		} else if (!r->opts->json && c->now > 0 && shown < LABELS_SHOWN) {
			kt_words_addf(out, "  %s %.1f", c->label, c->now);
			shown++;
		}
	}
}

static void add_line(struct rate *r, double rate)
{
	char now[40];
	struct kt_buf *out = &r->out.buf;
	kt_show_when(kt_now_ms(), now);
	if (r->opts->json) {
		kt_buf_addc(out, '{');
		kt_jsonout_text(out, "time", now);
		kt_jsonout_double(out, "rate", rate);
		if (r->opts->by) {
			kt_jsonout_begin(out, "by", '{');
			add_labels(r, out);
			kt_jsonout_end(out, '}');
		}
		kt_buf_adds(out, "}\n");
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

/* What a full bar stands for: 1, 2 or 5 times a power of ten, so that it seldom changes. */
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

static void note_answers(struct rate *r)
{
	int64_t at_us = 0;
	for (size_t i = 0; i < r->scrape.n; i++)
		if (r->scrape.v[i].fresh && r->scrape.v[i].at_us > at_us)
			at_us = r->scrape.v[i].at_us;
	r->answered_ms = at_us ? kt_wall_ms(at_us) : 0;
}

/* The point is drawn where the last answer came: its rate goes up to there, also when that was long after the turn. */
static void add_point(struct rate *r, double rate)
{
	kt_auto(kt_buf_fini) struct kt_buf trouble = {0};
	for (size_t i = 0; i < r->scrape.n; i++) {
		const struct kt_source *s = &r->scrape.v[i];
		if (s->fresh)
			kt_page_add(&r->page, &s->counters, s->seconds);
		if (s->silent)
			kt_buf_addf(&trouble, "%s%s: %s", trouble.len ? "; " : "", s->name, s->fetch.err.msg);
	}
	kt_page_point(&r->page, r->answered_ms ? r->answered_ms : kt_now_ms(), rate,
		trouble.len ? kt_buf_cstr(&trouble) : NULL);
	kt_httpd_wake(r->httpd, &r->page.feed);
}

static int show(struct rate *r, struct kt_err *err)
{
	double rate;
	bool any = kt_scrape_rate(&r->scrape, &rate);
	note_answers(r);
	if (r->httpd)
		add_point(r, any ? rate : NAN);
	r->lacking += kt_scrape_lacks(&r->scrape);
	if (any) {
		widen_scale(r, rate);
		r->shown++;
		add_line(r, rate);
	}
	kt_scrape_done(&r->scrape);
	return kt_out_drain(&r->out, err);
}

/* Turns are at multiples of the interval on the wall clock, so that several observers see the same seconds; the first
 * one is now, and the next not too soon after it, nor after a late answer: the rate of a moment says nothing. */
static int64_t next_turn_ms(const struct rate *r)
{
	int64_t interval_ms = r->opts->interval_ms;
	int64_t turn_ms = r->turn_ms + interval_ms / 2, answered_ms = r->answered_ms + interval_ms / 4;
	int64_t after_ms = turn_ms > answered_ms ? turn_ms : answered_ms;
	return r->turn_ms ? (after_ms / interval_ms + 1) * interval_ms : kt_now_ms();
}

static bool is_turn(const struct rate *r)
{
	int64_t now_ms = kt_now_ms();
	return now_ms >= next_turn_ms(r) || now_ms < r->turn_ms - r->opts->interval_ms;
}

static int64_t wait_for_turn(void *user, struct pollfd *fd)
{
	const struct rate *r = user;
	int64_t left_ms = next_turn_ms(r) - kt_now_ms();
	(void)fd;
	/* Also when the clock was set back. */
	return left_ms < 0 ? 0 : left_ms < r->opts->interval_ms ? left_ms : r->opts->interval_ms;
}

static bool is_over(const struct rate *r)
{
	const struct rate_opts *o = r->opts;
	int64_t turns = r->shown ? r->shown : r->lacking;
	return r->out.closed || kt_stop_status(&r->stop) || (o->count >= 0 && turns >= o->count);
}

static void begin_turn(struct rate *r)
{
	int64_t turn_ms = next_turn_ms(r), now_ms = kt_now_ms();
	kt_scrape_begin(&r->scrape);
	r->turn_ms = now_ms < turn_ms ? now_ms : now_ms - now_ms % r->opts->interval_ms;
	r->due = true;
}

/* What has come is shown once everybody has answered, and before the next turn at the latest. */
static int take_turn(struct rate *r, struct kt_err *err)
{
	if (r->due && (is_turn(r) || kt_scrape_settled(&r->scrape))) {
		r->due = false;
		if (show(r, err) < 0)
			return -1;
	}
	if (!r->due && is_turn(r))
		begin_turn(r);
	return 0;
}

static int run_loop(struct rate *r, struct kt_err *err)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &r->stop};
	struct kt_loop_source clock = {.user = r, .wait = wait_for_turn}, page = kt_httpd_source(r->httpd);
	kt_scrape_join(&r->scrape, &loop);
	kt_loop_add(&loop, &page);
	kt_loop_add(&loop, &clock);
	while (!is_over(r))
		if (kt_loop_turn(&loop, err) < 0 || (!is_over(r) && take_turn(r, err) < 0))
			return -1;
	return 0;
}

static int judge(const struct rate *r, struct kt_err *err)
{
	const struct rate_opts *o = r->opts;
	int stopped = kt_stop_status(&r->stop);
	if (!r->scrape.answered && stopped == KT_RUN_ENDED)
		return kt_err_set(err, KT_UNREACHABLE, "no answer from %s", r->scrape.v[0].name);
	bool enough = o->count > 0 && r->lacking >= o->count;
	if (!r->shown && (enough || (r->lacking && stopped == KT_RUN_ENDED)))
		return kt_err_set(err, KT_NOT_FOUND, "there is no metric \"%s\"", o->metric);
	if (r->out.closed || o->count < 0 || r->shown >= o->count)
		return 0;
	return kt_ended(stopped, err, "before --count was reached");
}

static void tear_down(struct rate *r)
{
	kt_httpd_close(r->httpd);
	kt_page_fini(&r->page);
	kt_scrape_fini(&r->scrape);
	kt_counters_fini(&r->by);
	kt_strs_fini(&r->from);
	kt_out_fini(&r->out);
}

static int add_sources(struct rate *r, struct kt_err *err)
{
	const struct kt_strs *lists[] = {&r->opts->words, &r->opts->connections};
	for (size_t l = 0; l < KT_LEN(lists); l++)
		for (size_t i = 0; i < lists[l]->n; i++)
			kt_strs_add(&r->from, lists[l]->v[i]);
	if (!r->from.n)
		kt_strs_add(&r->from, "localhost:3001");
	for (size_t i = 0; i < r->from.n; i++)
		if (kt_scrape_add(&r->scrape, r->from.v[i], err) < 0)
			return -1;
	return 0;
}

static int open_page(struct rate *r, struct kt_err *err)
{
	const struct rate_opts *o = r->opts;
	bool events = !strcmp(o->metric, KT_METRICS_EVENTS);
	const struct kt_page_how how = {
		.title = events ? KT_PAGE_TITLE : o->metric,
		.metric = o->metric,
		.unit = events ? KT_PAGE_UNIT : "per second",
		.by = o->by,
		.from = &r->from,
		.interval_ms = o->interval_ms,
	};
	return kt_page_serve(&r->page, &how, o->listen, &r->httpd, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(tear_down) struct rate r = {.opts = o, .scrape.metric = o->metric, .stop.outer = kt_command.stop};
	kt_out_init(&r.out, STDOUT_FILENO);
	if (o->interval_ms < 1)
		return kt_err_set(err, KT_USAGE, "--interval 0: expected at least a millisecond");
	if (add_sources(&r, err) < 0 || (o->listen && open_page(&r, err) < 0))
		return -1;
	kt_stop_begin(&r.stop, o->run_for_ms);
	return run_loop(&r, err) < 0 ? -1 : judge(&r, err);
}
static const char *const about[] = {
	"Asks one or more producers every second for their metrics and prints by how much a counter grew per second, "
	"all of its samples and all producers together: with a bar on a terminal, as time and rate elsewhere. It may be "
	"started before the producer, and goes on when that one is restarted: a counter that falls began again at 0.",
	"--listen shows the same as a page: the last five minutes in sum or by label, for everybody who looks. It is "
	"served on the address that is named, without a password. On localhost it is for this machine only: a request "
	"that was made for another host name is refused, so that web pages cannot read it. On any other address "
	"it is for everybody who can reach it, by any name; it shows rates, and nothing can be changed through it. "
	"kt loadgen serves such a page of its own beside its metrics.",
	"Any counter that is served at /metrics for Prometheus will do: --metric names its samples as they appear "
	"there, with _total where it has that. As long as no producer that answers has it, there is no rate, and "
	"after --count such turns, or --run-for, the status is 4. Values of --by are cut after 200 bytes.",
	NULL,
};

static const char *const examples[] = {
	"the rate of a kt loadgen, or of the original, on this machine",
	"kt rate",
	"three producers together, by topic",
	"kt rate localhost:3001 localhost:3002 localhost:3003 --by topic",
	"the same as a page at http://localhost:8501/",
	"kt rate --listen localhost",
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
