#include "serve.h"

#include "allowance.h"
#include "channel.h"
#include "instances.h"
#include "job_own.h"
#include "mem.h"
#include "say.h"
#include "senders.h"
#include "sig.h"
#include "socketio.h"
#include "stop.h"
#include "takers.h"
#include "when.h"

enum { TURN_MS = 1000, END_MS = 10000, LOOKUP_MS = 5000 };

static void take_lookups(struct kt_serve *s)
{
	struct kt_lookup_question question;
	struct kt_answer answer;
	while (kt_lookup_take(s->lookup, &question, &answer)) {
		if (question.kind == KT_LOOKUP_EXISTS)
			kt_serve_topic_answered(s, question.data, &answer);
		else
			kt_httpd_answer(question.httpd, question.ticket, &answer);
	}
}

/* From its head to its end. */
struct request {
	struct kt_route_found found;
	int64_t begun_us;
};

/* A path that no row is for has the code of its status alone. */
void kt_serve_refuse(const struct kt_serve_listener *at, const struct kt_http_request *request, unsigned status,
	const char *why, struct kt_answer *answer)
{
	const struct request *its = request->data;
	if (its && its->found.route)
		kt_job_refuse(its->found.route, status, why, answer);
	else if (kt_routes_speak_v2(at->how->routes, request->path))
		kt_serve_error_v2(answer, status, status == 404 ? 404 : 0, why);
	else
		kt_serve_error(answer, status, why);
	if (status == 429)
		kt_answer_header(answer, "Retry-After", "1");
}

static void refuse(
	void *user, const struct kt_http_request *request, unsigned status, const char *why, struct kt_answer *answer)
{
	kt_serve_refuse(user, request, status, why, answer);
}

/* The row that the request is for is found with its head, and kept until its end. */
static bool begin(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	struct kt_serve_listener *at = user;
	struct request *its = kt_calloc(1, sizeof(*its));
	const struct kt_route_found *found = &its->found;
	its->begun_us = kt_clock_us();
	kt_routes_find(at->how->routes, request->method, kt_http_header(request, "Host"), request->path, &its->found);
	request->data = its;
	size_t max = found->route ? found->route->action->max_body : KT_ROUTE_SMALL_BYTES;
	request->body_max = max ? max : (size_t)at->serve->how.limits.max_body;
	return kt_access_begin(at, request, found->route, answer);
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	struct kt_route_found *found = &((struct request *)request->data)->found;
	if (found->route) {
		kt_serve_act(user, request, found, answer);
	} else if (found->allow.len) {
		kt_serve_refuse(user, request, 405, "another method", answer);
		kt_answer_header(answer, "Allow", kt_buf_cstr(&found->allow));
	} else {
		kt_serve_refuse(user, request, 404, "there is no such path", answer);
	}
	return true;
}

/* What was refused before begin(), such as another machine's Host, is no row's, and took no time. */
static void done(void *user, struct kt_http_request *request)
{
	struct kt_serve_listener *at = user;
	struct request *its = request->data;
	if (request->status) {
		kt_serve_count(at->serve, its ? its->found.route : NULL, request->status);
		kt_histogram_add(&at->serve->times, its ? kt_clock_us() - its->begun_us : 0);
		if (at->how->log)
			kt_serve_log(request);
	}
	if (its)
		kt_route_found_fini(&its->found);
	free(its);
}

void kt_serve_settings(struct kt_settings *settings, int64_t deadline_ms)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)deadline_ms);
	kt_settings_put(settings, KT_RANK_BUILTIN, "linger.ms", "1", "kt serve");
	kt_settings_put(settings, KT_RANK_BUILTIN, "delivery.timeout.ms", text, "kt serve");
	kt_settings_put(settings, KT_RANK_FLAG, "allow.auto.create.topics", "false", "kt serve");
}

/* Who can reach it may write, unless something tells clients apart. */
static int check_reach(const struct kt_serve *s, const struct kt_serve_listener *at, struct kt_err *err)
{
	const struct kt_serve_how *how = &s->how;
	if (at->how->open || how->insecure || how->tokens || how->files.client_ca || kt_httpd_is_local(at->httpd))
		return 0;
	kt_err_set(
		err, KT_USAGE, "others can reach %s, and all of them may read and write", kt_httpd_address(at->httpd));
	return kt_err_hint(err, "--token-file or --tls-client-ca say who may; --insecure allows all");
}

static struct kt_httpd_limits limits_of(const struct kt_serve_limits *l)
{
	return (struct kt_httpd_limits){.connections = (unsigned)l->max_connections,
		.per_address = (unsigned)l->max_per_address,
		.streams = (unsigned)l->max_connections,
		.head_bytes = (size_t)l->max_head,
		.bodies_bytes = (size_t)l->max_inflight,
		.head_ms = l->head_ms,
		.body_ms = l->body_ms,
		.body_rate = (size_t)l->least_rate,
		.idle_ms = l->idle_ms};
}

static int listen_at(
	struct kt_serve *s, struct kt_serve_listener *at, const struct kt_httpd_tls *tls, struct kt_err *err)
{
	const struct kt_serve_how *how = &s->how;
	const struct kt_routes *routes = at->how->routes;
	struct kt_httpd_how http = {
		.listen = at->how->address,
		.limits = limits_of(&how->limits),
		.tls = at->how->open ? NULL : tls,
		.any_host = at->how->hosts && !strcmp(at->how->hosts, "*"),
		.hosts = &at->hosts,
		.begin = begin,
		.answer = answer,
		.refuse = refuse,
		.done = done,
		.user = at,
	};
	at->serve = s;
	for (size_t i = 0; i < how->hosts->n; i++)
		kt_strs_add(&at->hosts, how->hosts->v[i]);
	kt_strs_split(&at->hosts, at->how->hosts ? at->how->hosts : "", ",");
	for (size_t i = 0; i < routes->n; i++)
		if (routes->v[i].host)
			kt_strs_add_new(&at->hosts, routes->v[i].host);
	return kt_httpd_open(&at->httpd, &http, err) < 0 ? -1 : check_reach(s, at, err);
}

static int listen_at_all(struct kt_serve *s, struct kt_err *err)
{
	kt_auto(kt_certificates_fini) struct kt_certificates certificates = {0};
	bool tls = s->how.files.cert;
	if (tls && kt_certificates_read(&certificates, &s->how.files, err) < 0)
		return -1;
	for (size_t i = 0; i < s->how.n_listen; i++) {
		s->listeners[i].how = &s->how.listen[i];
		if (listen_at(s, &s->listeners[i], tls ? &certificates.tls : NULL, err) < 0)
			return -1;
	}
	return 0;
}

static bool has_row(const struct kt_serve *s, enum kt_route_id id)
{
	for (size_t i = 0; i < s->how.n_listen; i++)
		for (size_t k = 0; k < s->how.listen[i].routes->n; k++)
			if (s->how.listen[i].routes->v[k].action->id == id)
				return true;
	return false;
}

int kt_serve_open(struct kt_serve **out, const struct kt_serve_how *how, struct kt_err *err)
{
	struct kt_serve *s = kt_calloc(1, sizeof(*s));
	s->how = *how;
	s->listeners = kt_calloc(how->n_listen, sizeof(*s->listeners));
	s->parked_end = &s->parked;
	s->gather.off = kt_settings_get(how->settings, "linger.ms")->rank != KT_RANK_BUILTIN;
	s->allowance = how->limits.rate ? kt_allowance_new(how->limits.rate) : NULL;
	kt_serve_raise_descriptors(how->limits.max_connections);
	if (how->files.cert)
		kt_sig_take_hup();
	struct kt_producer_how producer = {
		.owner = how->owner,
		.partition = -1,
		.idempotent = true,
		.timeout_ms = how->timeout_ms,
		.done = kt_job_delivery,
		.every_delivery = true,
		.rtt = true,
		.user = s,
	};
	int64_t look_ms = how->deadline_ms < LOOKUP_MS ? how->deadline_ms : LOOKUP_MS;
	if (kt_producer_open(&s->producer, how->settings, &producer, err) < 0 ||
		kt_lookup_open(&s->lookup, how->settings, look_ms, err) < 0 ||
		kt_reads_open(&s->reads, how->settings, (unsigned)how->limits.max_readers, (size_t)how->limits.max_body,
			look_ms, err) < 0 ||
		(has_row(s, KT_ROUTE_OVERVIEW) &&
			kt_overview_open(&s->overview, how->settings, how->topics, err) < 0) ||
		(has_row(s, KT_ROUTE_DECODE) && kt_decoding_open(&s->decoding, how->settings, look_ms, err) < 0) ||
		(kt_proxy_is_wanted(s) && kt_proxy_open(s, err) < 0) || listen_at_all(s, err) < 0) {
		kt_serve_close(s);
		return -1;
	}
	s->streams = kt_streams_new(s);
	kt_channels_open(s);
	kt_socketio_open(s);
	*out = s;
	return 0;
}

const char *kt_serve_address(const struct kt_serve *s, size_t i)
{
	return kt_httpd_address(s->listeners[i].httpd);
}

static int64_t wait_for_reports(void *user, struct pollfd *fd)
{
	const struct kt_serve *s = user;
	int64_t gathered_ms = kt_until_ms(kt_gather_until_us(&s->gather));
	*fd = (struct pollfd){.fd = kt_producer_fd(s->producer), .events = POLLIN};
	return gathered_ms < TURN_MS ? gathered_ms : TURN_MS;
}

static int serve_reports(void *user, short revents, struct kt_err *err)
{
	const struct kt_serve *s = user;
	(void)revents;
	return kt_producer_serve(s->producer, err);
}

static int64_t wait_for_lookups(void *user, struct pollfd *fd)
{
	const struct kt_serve *s = user;
	*fd = (struct pollfd){.fd = kt_lookup_fd(s->lookup), .events = POLLIN};
	return INT64_MAX;
}

static int serve_lookups(void *user, short revents, struct kt_err *err)
{
	(void)revents, (void)err;
	take_lookups(user);
	return 0;
}

size_t kt_serve_unsent(const struct kt_serve *s)
{
	size_t bytes = 0;
	for (size_t i = 0; i < s->how.n_listen; i++)
		bytes += kt_httpd_unsent(s->listeners[i].httpd);
	return bytes;
}

bool kt_serve_is_full(const struct kt_serve *s)
{
	return kt_serve_unsent(s) >= (size_t)s->how.limits.max_inflight;
}

/* Clients that take nothing end before others have to be refused. */
static void make_room(struct kt_serve *s)
{
	size_t most = (size_t)s->how.limits.max_inflight, now = kt_serve_unsent(s), much = most - most / KT_HTTPD_SPARE;
	kt_reads_allow(s->reads, now < most ? most - now : 0);
	for (size_t i = 0; now > much && i < s->how.n_listen; i++)
		kt_httpd_make_room(s->listeners[i].httpd, now - much);
}

size_t kt_serve_members(const struct kt_serve *s)
{
	return kt_takers_count(s) + kt_instances_count(s);
}

static int64_t wait_for_reads(void *user, struct pollfd *fd)
{
	const struct kt_serve *s = user;
	*fd = (struct pollfd){.fd = kt_reads_fd(s->reads), .events = POLLIN};
	return INT64_MAX;
}

static int serve_reads(void *user, short revents, struct kt_err *err)
{
	const struct kt_serve *s = user;
	(void)revents, (void)err;
	kt_reads_serve(s->reads);
	return 0;
}

static void join(struct kt_serve *s, struct kt_loop *loop)
{
	s->reports = (struct kt_loop_source){.user = s, .wait = wait_for_reports, .serve = serve_reports};
	s->lookups = (struct kt_loop_source){.user = s, .wait = wait_for_lookups, .serve = serve_lookups};
	kt_loop_add(loop, &s->reports);
	s->readings = (struct kt_loop_source){.user = s, .wait = wait_for_reads, .serve = serve_reads};
	kt_loop_add(loop, &s->lookups);
	kt_loop_add(loop, &s->readings);
	if (s->overview) {
		s->overviews = kt_overview_source(s->overview);
		kt_loop_add(loop, &s->overviews);
	}
	if (s->decoding) {
		s->decodings = kt_decoding_source(s->decoding);
		kt_loop_add(loop, &s->decodings);
	}
	kt_streams_run(s->streams, loop);
	if (s->forward) {
		s->forwards = kt_forward_source(s->forward);
		kt_loop_add(loop, &s->forwards);
	}
	s->live = kt_serve_live(s);
	kt_loop_add(loop, &s->live);
	for (size_t i = 0; i < s->how.n_listen; i++) {
		s->listeners[i].requests = kt_httpd_source(s->listeners[i].httpd);
		kt_loop_add(loop, &s->listeners[i].requests);
	}
}

/* What cannot be had leaves everything as it was; a listener that cannot take them keeps its own, the others do not. */
static void renew(struct kt_serve *s)
{
	kt_auto(kt_certificates_fini) struct kt_certificates certificates = {0};
	struct kt_err err = {0};
	bool all = true;
	if (kt_certificates_read(&certificates, &s->how.files, &err) < 0) {
		kt_say(KT_WARNING, "the certificates stay as they were: %s", err.msg);
		return;
	}
	for (size_t i = 0; i < s->how.n_listen; i++) {
		struct kt_httpd *httpd = s->listeners[i].httpd;
		if (s->how.listen[i].open || kt_httpd_renew(httpd, &certificates.tls, &err) == 0)
			continue;
		all = false;
		kt_say(KT_WARNING, "the certificates of %s stay as they were: %s", kt_httpd_address(httpd), err.msg);
	}
	if (all)
		kt_say(KT_NORMAL, "read the certificates again");
}

static void hear_signals(struct kt_serve *s)
{
	for (int sig; (sig = kt_sig_user()) != 0;)
		if (sig == SIGHUP)
			renew(s);
}

static int turn(struct kt_serve *s, struct kt_loop *loop, struct kt_err *err)
{
	if (kt_loop_turn(loop, err) < 0)
		return -1;
	kt_job_retry(s);
	kt_senders_turn(s);
	make_room(s);
	hear_signals(s);
	return 0;
}

static bool is_busy(const struct kt_serve *s)
{
	size_t n = s->active + kt_streams_open(s->streams) + kt_serve_members(s) + kt_senders_waiting(s) +
		   (size_t)s->chatting;
	for (size_t i = 0; i < s->how.n_listen; i++)
		n += kt_httpd_busy(s->listeners[i].httpd);
	return n > 0;
}

static int run_until(struct kt_serve *s, struct kt_loop *loop, const struct kt_stop *stop, struct kt_err *err)
{
	loop->stop = stop;
	while (!kt_stop_status(stop) && !(s->ending && !is_busy(s)))
		if (turn(s, loop, err) < 0)
			return -1;
	return 0;
}

/* Whoever balances load hears that it is not ready, and sends nothing more; then nobody can connect, and what has begun
 * is answered. */
static int end(struct kt_serve *s, struct kt_loop *loop, struct kt_err *err)
{
	struct kt_stop drain = {0};
	s->draining = true;
	kt_stop_begin(&drain, s->how.drain_ms);
	if (s->how.drain_ms && run_until(s, loop, &drain, err) < 0)
		return -1;
	s->ending = true;
	kt_reads_hurry(s->reads);
	if (s->overview)
		kt_overview_end(s->overview);
	if (s->decoding)
		kt_decoding_end(s->decoding);
	kt_socketio_end(s->socketio);
	kt_streams_end(s->streams);
	kt_senders_end(s);
	kt_takers_end(s);
	kt_instances_end(s);
	for (size_t i = 0; i < s->how.n_listen; i++)
		kt_httpd_stop_listening(s->listeners[i].httpd);
	kt_stop_begin(&drain, END_MS);
	if (run_until(s, loop, &drain, err) < 0)
		return -1;
	size_t left = s->active + kt_senders_waiting(s) + kt_reads_active(s->reads) + kt_forward_active(s->forward);
	return !left ? 0
		     : kt_err_set(err, KT_PARTIAL, "%zu request%s left without an answer", left,
			       left == 1 ? " was" : "s were");
}

int kt_serve_run(struct kt_serve *s, const struct kt_stop *stop, struct kt_err *err)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {0};
	join(s, &loop);
	make_room(s);
	int result = run_until(s, &loop, stop, err) < 0 ? -1 : end(s, &loop, err);
	kt_say_progress("%s", "");
	return result;
}

void kt_serve_close(struct kt_serve *s)
{
	if (!s)
		return;
	/* Records that are left may be reported until the producer is closed, and their requests are answered until the
	 * server is. */
	kt_producer_close(s->producer);
	kt_lookup_close(s->lookup);
	kt_overview_close(s->overview);
	kt_decoding_close(s->decoding);
	kt_reads_close(s->reads);
	kt_proxy_fini(s);
	kt_socketio_end(s->socketio);
	kt_streams_drop(s->streams);
	for (size_t i = 0; i < s->how.n_listen; i++) {
		kt_httpd_close(s->listeners[i].httpd);
		kt_strs_fini(&s->listeners[i].hosts);
	}
	kt_socketio_close(s->socketio);
	kt_channels_fini(s);
	kt_senders_fini(s);
	kt_takers_fini(s);
	kt_instances_fini(s);
	kt_streams_close(s->streams);
	kt_job_fini(s);
	kt_serve_topics_fini(s);
	kt_serve_counts_fini(s);
	kt_allowance_free(s->allowance);
	free(s->listeners);
	free(s);
}
