#include "benchhttp.h"

#include <unistd.h>

#include <sys/epoll.h>
#include <sys/resource.h>

#include "benchreport.h"
#include "ending.h"
#include "file.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "say.h"
#include "when.h"

enum { EVENTS = 512, ROUNDS = 64, BODY = 256 << 20, REFUSED = 10, CHECK_US = 200000, RECORDS = 1 << 20 };

static bool has_body(const struct kt_benchhttp *b)
{
	return b->how.file || b->how.records;
}

static int check_word(const char *what, const char *text, bool blanks, struct kt_err *err)
{
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f || (*at == ' ' && !blanks))
			return kt_err_set(err, KT_USAGE, "%s: a character that cannot stand in a request", what);
	return *text ? 0 : kt_err_set(err, KT_USAGE, "%s is empty", what);
}

/* As ab's, line by line, but for who sends it. */
static int make_head(struct kt_benchhttp *b, struct kt_err *err)
{
	const struct kt_benchhttp_how *how = &b->how;
	struct kt_buf *out = &b->head;
	const char *method = how->method ? how->method : has_body(b) ? "POST" : "GET";
	if (check_word("-m", method, false, err) < 0 || check_word("-T", how->type, true, err) < 0)
		return -1;
	kt_buf_addf(out, "%s %s HTTP/1.%d\r\n", method, b->url.path, how->keep);
	if (how->keep)
		kt_buf_adds(out, "Connection: Keep-Alive\r\n");
	bool host = false, agent = false, accept = false;
	for (size_t i = 0; i < how->headers->n; i++) {
		const char *line = how->headers->v[i];
		if (!strchr(line, ':'))
			return kt_err_set(err, KT_USAGE, "-H %.100s: expected NAME: VALUE", line);
		if (check_word("-H", line, true, err) < 0)
			return -1;
		host |= !strncasecmp(line, "host:", 5);
		agent |= !strncasecmp(line, "user-agent:", 11);
		accept |= !strncasecmp(line, "accept:", 7);
	}
	if (!host)
		kt_buf_addf(out, "Host: %s\r\n", b->url.authority);
	if (!agent)
		kt_buf_adds(out, "User-Agent: kt\r\n");
	if (!accept)
		kt_buf_adds(out, "Accept: */*\r\n");
	for (size_t i = 0; i < how->headers->n; i++)
		kt_buf_addf(out, "%s\r\n", how->headers->v[i]);
	return 0;
}

static void add_body(const struct kt_benchhttp *b, struct kt_buf *out, const char *body, size_t len)
{
	kt_buf_add(out, b->head.data, b->head.len);
	if (has_body(b))
		kt_buf_addf(out, "Content-length: %zu\r\nContent-type: %s\r\n", len, b->how.type);
	kt_buf_adds(out, "\r\n");
	kt_buf_add(out, body, len);
}

/* Records of a body are lines. */
static void make_request(struct kt_benchhttp *b, struct kt_buf *out)
{
	struct kt_buf *body = &b->body;
	struct kt_err ignored;
	int64_t n = b->how.per_request ? b->how.per_request : 1;
	body->len = 0;
	for (int64_t i = 0; i < n; i++) {
		if (kt_benchrecords_send(&b->records, NULL, 0, &ignored) < 0)
			break;
		const struct kt_bytes value = kt_benchrecords_value(&b->records);
		if (i)
			kt_buf_addc(body, '\n');
		kt_buf_add(body, value.data, value.len);
	}
	out->len = 0;
	add_body(b, out, body->data, body->len);
}

static int open_records(struct kt_benchhttp *b, struct kt_err *err)
{
	const struct kt_encode_for nobody = {0};
	return kt_benchrecords_open(&b->records, b->how.records, &nobody, BODY, err);
}

/* Those of a seed are the same however many were made to see how fast that is. */
static int reset_records(struct kt_benchhttp *b, struct kt_err *err)
{
	if (!b->how.records)
		return 0;
	kt_benchrecords_fini(&b->records);
	b->records = (struct kt_benchrecords){0};
	return open_records(b, err);
}

static int make_requests(struct kt_benchhttp *b, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf body = {0};
	if (make_head(b, err) < 0)
		return -1;
	if (b->how.records)
		return open_records(b, err);
	if (b->how.file && kt_file_read(&body, b->how.file, BODY, err) < 0)
		return -1;
	add_body(b, &b->request, body.data, body.len);
	return 0;
}

static int64_t wait_for_events(void *user, struct pollfd *fd)
{
	const struct kt_benchhttp *b = user;
	*fd = (struct pollfd){.fd = b->poll, .events = POLLIN};
	return b->busy ? b->how.timeout_ms / 2 + 1 : INT64_MAX;
}

static void serve_timeouts(struct kt_benchhttp *b)
{
	int64_t now_us = kt_clock_us(), most_us = b->how.timeout_ms * 1000;
	if (!b->busy || now_us - b->checked_us < CHECK_US)
		return;
	b->checked_us = now_us;
	for (int64_t i = 0; i < b->how.concurrency; i++) {
		struct kt_benchconn *c = &b->v[i];
		bool asked = c->state != KT_CONN_NONE && c->state != KT_CONN_IDLE;
		if (!asked || now_us - c->start_us < most_us)
			continue;
		kt_benchconn_close(c);
		kt_benchhttp_failed(b, c, KT_HTTP_LATE, "no answer in time");
	}
}

static struct kt_benchconn *take(struct kt_benchhttp *b, int64_t intended_us)
{
	struct kt_benchconn *c = b->idle[--b->n_idle];
	b->busy++;
	c->what = (struct kt_bytes){b->request.data, b->request.len};
	if (b->how.records) {
		make_request(b, &c->made);
		c->what = (struct kt_bytes){c->made.data, c->made.len};
	}
	kt_benchrun_sent(&b->run, intended_us);
	return c;
}

/* Begins what is due, as far as there are connections. */
static void begin_due(struct kt_benchhttp *b)
{
	struct kt_benchrun *run = &b->run;
	int64_t n = b->over ? 0 : kt_benchrun_room(run, EVENTS);
	for (; n > 0 && b->n_idle && !b->over; n--) {
		int64_t intended_us = kt_benchrun_next(run);
		kt_benchconn_begin(take(b, intended_us), intended_us);
	}
	run->full = !b->n_idle;
}

static int serve_events(void *user, short revents, struct kt_err *err)
{
	struct kt_benchhttp *b = user;
	struct epoll_event events[EVENTS];
	(void)revents;
	(void)err;
	int n = EVENTS;
	for (int round = 0; round < ROUNDS && n > 0 && b->busy; round++) {
		n = epoll_wait(b->poll, events, EVENTS, 0);
		/* The next one at once: a server that waits for the rest of a batch would stand idle. */
		for (int i = 0; i < n; i++) {
			kt_benchconn_serve(events[i].data.ptr, events[i].events);
			if (b->n_idle)
				begin_due(b);
		}
	}
	serve_timeouts(b);
	return 0;
}

static void released(struct kt_benchhttp *b, struct kt_benchconn *c)
{
	b->idle[b->n_idle++] = c;
	b->busy--;
}

/* ab takes the length of the first answer for that of all. */
void kt_benchhttp_answered(struct kt_benchhttp *b, struct kt_benchconn *c)
{
	struct kt_benchab *ab = &b->ab;
	int64_t now_us = kt_clock_us(), at_us = now_us - b->run.start_us;
	bool counts = c->intended_us >= b->run.stats.warm_us;
	released(b, c);
	b->answers++;
	if (!counts)
		return;
	ab->received_body += c->answer.body;
	ab->kept += c->answer.keep && b->how.keep;
	if (ab->document < 0) {
		ab->document = c->answer.body;
		memcpy(ab->server, c->answer.server, sizeof(ab->server));
	}
	bool good = c->answer.status / 100 == 2, differs = ab->document != c->answer.body;
	ab->not_2xx += !good;
	ab->failed += differs;
	ab->failed_length += differs;
	if (!good || differs)
		kt_benchstats_refused(&b->run.stats, c->intended_us);
	kt_benchab_add(
		ab, c->fresh ? c->connected_us - c->start_us : 0, now_us - c->start_us, c->read_us - c->written_us);
	kt_benchstats_done(&b->run.stats, c->intended_us, at_us, c->received);
}

/* A run without a server: the request is made, an answer read, and counted. */
static void make_one(struct kt_benchhttp *b, int64_t intended_us)
{
	static const char canned[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct kt_benchconn *c = take(b, intended_us);
	c->intended_us = intended_us;
	c->start_us = kt_clock_us();
	kt_benchanswer_begin(&c->answer, false);
	c->written_us = kt_clock_us();
	ssize_t taken = kt_benchanswer_take(&c->answer, canned, sizeof(canned) - 1);
	c->received = taken;
	c->read_us = kt_clock_us();
	kt_benchhttp_answered(b, c);
}

static void make_first(void *user)
{
	make_one(user, 0);
}

/* What was counted meanwhile is no answer of the server's, and records of a seed are the same however many were made.
 */
static int calibrate(struct kt_benchhttp *b, struct kt_err *err)
{
	const struct kt_benchab ab = b->ab;
	kt_benchrun_calibrate(&b->run, make_first, b);
	kt_benchab_fini(&b->ab);
	b->ab = ab;
	b->answers = 0;
	return reset_records(b, err);
}

static void count_failure(struct kt_benchhttp *b, enum kt_benchhttp_failure kind)
{
	struct kt_benchab *ab = &b->ab;
	ab->failed++;
	ab->failed_connect += kind == KT_HTTP_CONNECT;
	ab->failed_receive += kind == KT_HTTP_RECEIVE;
	ab->failed_other += kind == KT_HTTP_TLS || kind == KT_HTTP_LATE || kind == KT_HTTP_OTHER;
	b->tls_failed += kind == KT_HTTP_TLS;
	b->timed_out += kind == KT_HTTP_LATE;
}

void kt_benchhttp_failed(
	struct kt_benchhttp *b, struct kt_benchconn *c, enum kt_benchhttp_failure kind, const char *why)
{
	released(b, c);
	if (c->intended_us >= b->run.stats.warm_us)
		count_failure(b, kind);
	kt_benchstats_failed(&b->run.stats, c->intended_us);
	snprintf(b->why, sizeof(b->why), "%s", why);
	/* Nothing listens there, or nobody is trusted: more of the same says nothing more. */
	bool hopeless = kind == KT_HTTP_CONNECT ? !b->reached : kind == KT_HTTP_TLS && !b->answers;
	if (hopeless && ++b->hopeless >= REFUSED)
		b->over = true;
}

/* A descriptor for each connection, and some for everything else. */
static int raise_limit(int64_t connections, struct kt_err *err)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + 64;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return 0;
	limit.rlim_cur = wanted;
	if (wanted > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return kt_err_set(err, KT_USAGE, "-c %lld: this process may have %lld open files (ulimit -n)",
			(long long)connections, (long long)limit.rlim_max);
	return 0;
}

static int open_connections(struct kt_benchhttp *b, struct kt_err *err)
{
	size_t n = (size_t)b->how.concurrency;
	if (raise_limit(b->how.concurrency, err) < 0)
		return -1;
	if ((b->poll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		return kt_err_sys(err, "epoll");
	b->v = kt_calloc(n, sizeof(*b->v));
	b->idle = kt_calloc(n, sizeof(struct kt_benchconn *));
	for (size_t i = 0; i < n; i++) {
		b->v[i].bench = b;
		b->v[i].fd = -1;
		b->idle[n - 1 - i] = &b->v[i];
	}
	b->n_idle = n;
	return 0;
}

int kt_benchhttp_open(struct kt_benchhttp *b, const struct kt_benchhttp_how *how, struct kt_err *err)
{
	const struct kt_limit limit = {kt_clock_us() + how->timeout_ms * 1000, -1};
	b->how = *how;
	b->how.run.silent = true;
	if (how->concurrency < 1 || how->concurrency > KT_BENCHHTTP_CONNECTIONS)
		return kt_err_set(err, KT_USAGE, "-c %lld: expected 1 to %d", (long long)how->concurrency,
			KT_BENCHHTTP_CONNECTIONS);
	if (how->per_request < 0 || how->per_request > RECORDS)
		return kt_err_set(err, KT_USAGE, "--records-per-request %lld: expected 0 to %d",
			(long long)how->per_request, RECORDS);
	if (kt_benchurl_parse(&b->url, how->url, err) < 0 || kt_benchrun_open(&b->run, &b->how.run, err) < 0 ||
		open_connections(b, err) < 0 || make_requests(b, err) < 0 ||
		(b->url.tls && kt_tlsclient_open(&b->tls, how->ca_file, how->insecure, err) < 0) ||
		kt_net_resolve(&b->addresses, &b->url.at, NULL, KT_FAMILY_ANY, &limit, err) < 0)
		return -1;
	b->ab = (struct kt_benchab){.host = b->url.at.host,
		.path = b->url.path,
		.port = b->url.at.port,
		.document = -1,
		.concurrency = how->concurrency,
		.keep = how->keep,
		.posts = has_body(b)};
	if (b->url.tls && !strchr(b->url.at.host, ':') && b->url.at.host[strspn(b->url.at.host, "0123456789.")])
		snprintf(b->ab.tls_name, sizeof(b->ab.tls_name), "%s", b->url.at.host);
	if (calibrate(b, err) < 0)
		return -1;
	b->source = (struct kt_loop_source){.user = b, .wait = wait_for_events, .serve = serve_events};
	kt_loop_add(&b->run.loop, &b->source);
	return 0;
}

static int noop(struct kt_benchhttp *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	while (!kt_benchrun_over(run)) {
		for (int64_t n = kt_benchrun_room(run, EVENTS); n > 0; n--)
			make_one(b, kt_benchrun_next(run));
		if (!kt_benchrun_over(run) && kt_benchrun_turn(run, err) < 0)
			return -1;
	}
	return 0;
}

/* All are sent: the answers that are still to come count, and those of an open loop in any case, which would leave out
 * the slowest otherwise. A closed one that its time ended leaves them, as ab does. */
static int await_rest(struct kt_benchhttp *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	struct kt_stop rest = {.outer = b->how.run.owner->stop};
	int stopped = kt_stop_status(&run->stop), result = 0;
	b->over = true;
	if (!run->complete && (stopped != KT_RUN_ENDED || !run->pace.rate))
		return 0;
	kt_stop_begin(&rest, 0);
	run->loop.stop = &rest;
	while (result == 0 && b->busy && !kt_stop_status(&rest) && !run->out.closed)
		result = kt_benchrun_turn(run, err);
	run->loop.stop = &run->stop;
	return result;
}

static int run_loop(struct kt_benchhttp *b, struct kt_err *err)
{
	struct kt_benchrun *run = &b->run;
	while (!kt_benchrun_over(run) && !b->over) {
		begin_due(b);
		if (kt_benchrun_turn(run, err) < 0)
			return -1;
	}
	return await_rest(b, err);
}

static void report_json(struct kt_benchhttp *b, struct kt_buf *out)
{
	const struct kt_benchab *ab = &b->ab;
	double rate = kt_benchstats_rate(&b->run.stats);
	kt_jsonout_begin(out, NULL, '{');
	kt_benchreport_json(&b->run, out);
	kt_jsonout_i64(out, "concurrency", ab->concurrency);
	kt_jsonout_bool(out, "keep_alive", ab->keep);
	kt_jsonout_i64(out, "failed_connect", ab->failed_connect);
	kt_jsonout_i64(out, "failed_tls", b->tls_failed);
	kt_jsonout_i64(out, "failed_receive", ab->failed_receive);
	kt_jsonout_i64(out, "timed_out", b->timed_out);
	kt_jsonout_i64(out, "length_differs", ab->failed_length);
	kt_jsonout_i64(out, "not_2xx", ab->not_2xx);
	kt_jsonout_i64(out, "received_bytes", ab->received);
	kt_jsonout_i64(out, "sent_bytes", ab->sent);
	if (b->how.per_request)
		kt_jsonout_fixed(out, "records_per_s", rate * (double)b->how.per_request, 1);
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static void report(struct kt_benchhttp *b, struct kt_buf *out)
{
	struct kt_benchab *ab = &b->ab;
	ab->seconds = kt_benchstats_seconds(&b->run.stats);
	if (b->run.how.opts->json) {
		report_json(b, out);
		return;
	}
	if (!b->how.run.rate->noop)
		kt_benchab_report(ab, out);
	kt_benchreport_add(&b->run, out);
	if (ab->done > (int64_t)ab->n && !b->how.run.rate->noop)
		kt_buf_addf(out, "the times above are those of the first %d requests, the percentiles here of all\n",
			KT_BENCHAB_SAMPLES);
	if (b->how.per_request)
		kt_buf_addf(out, "%lld records in each request: %.1f records per second\n",
			(long long)b->how.per_request, kt_benchstats_rate(&b->run.stats) * (double)b->how.per_request);
	if (ab->failed || ab->not_2xx)
		kt_buf_addf(out,
			"connections %lld, TLS %lld, answers %lld, too late %lld failed; %lld lengths differ; %lld not "
			"2xx\n",
			(long long)ab->failed_connect, (long long)b->tls_failed, (long long)ab->failed_receive,
			(long long)b->timed_out, (long long)ab->failed_length, (long long)ab->not_2xx);
}

/* There is nobody to measure. */
static bool is_unreached(const struct kt_benchhttp *b)
{
	return b->hopeless && !b->answers;
}

static int judge(const struct kt_benchhttp *b, struct kt_err *err)
{
	const struct kt_benchab *ab = &b->ab;
	if (is_unreached(b))
		return kt_err_set(err, KT_UNREACHABLE, "%s: %s", b->url.at.name, b->why);
	if (kt_benchreport_judge(&b->run, err) < 0)
		return -1;
	if (ab->failed_length || ab->not_2xx)
		return kt_err_set(err, KT_PARTIAL, "%lld answers were not 2xx, %lld had another length than the first",
			(long long)ab->not_2xx, (long long)ab->failed_length);
	return 0;
}

int kt_benchhttp_run(struct kt_benchhttp *b, struct kt_err *err)
{
	struct kt_ending end = {.err = err};
	end.result = b->how.run.rate->noop ? noop(b, err) : run_loop(b, err);
	kt_benchrun_end(&b->run);
	if (!is_unreached(b))
		report(b, &b->run.out.buf);
	kt_ending_add(&end, kt_out_drain(&b->run.out, kt_ending_err(&end)));
	kt_ending_add(&end, kt_benchreport_save(&b->run, kt_ending_err(&end)));
	if (b->run.stats.failed && !is_unreached(b))
		kt_say(KT_WARNING, "the last request that failed: %s", b->why);
	return end.result < 0 ? -1 : judge(b, err);
}

void kt_benchhttp_fini(struct kt_benchhttp *b)
{
	for (int64_t i = 0; b->v && i < b->how.concurrency; i++) {
		kt_benchconn_close(&b->v[i]);
		kt_buf_fini(&b->v[i].made);
		kt_benchanswer_fini(&b->v[i].answer);
	}
	free(b->v);
	free(b->idle);
	kt_tlsclient_close(b->tls);
	kt_benchurl_fini(&b->url);
	kt_benchrecords_fini(&b->records);
	kt_buf_fini(&b->body);
	kt_buf_fini(&b->head);
	kt_buf_fini(&b->request);
	kt_benchab_fini(&b->ab);
	kt_benchrun_fini(&b->run);
	if (b->poll >= 0)
		close(b->poll);
}
