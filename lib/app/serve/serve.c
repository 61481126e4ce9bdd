#include "serve.h"

#include "json.h"
#include "mem.h"
#include "num.h"
#include "serve_own.h"
#include "sig.h"
#include "stop.h"
#include "when.h"

/* SMALL_BYTES: of a body that nothing is made of. */
enum { TURN_MS = 1000, DRAIN_MS = 10000, SMALL_BYTES = 64 << 10 };

void kt_serve_error(struct kt_answer *answer, unsigned status, const char *text)
{
	answer->status = status;
	answer->type = "application/json";
	answer->body.len = 0;
	kt_buf_adds(&answer->body, "{\"error\":");
	kt_json_words(&answer->body, text);
	kt_buf_adds(&answer->body, "}\n");
	if (status == 503)
		kt_answer_header(answer, "Retry-After", "1");
}

static void answer_text(const struct kt_route *route, struct kt_route_found *found, struct kt_answer *answer)
{
	struct kt_err ignored;
	int64_t status = 200;
	const char *type = kt_route_param(route, "type"), *code = kt_route_param(route, "status");
	if (code && kt_parse_i64(code, 200, 599, &status, &ignored) < 0)
		status = 200;
	answer->status = (unsigned)status;
	answer->type = type ? type : "text/plain; charset=utf-8";
	kt_buf_adds(&answer->body, kt_route_word(found, 0));
}

static void act(
	struct kt_serve *s, struct kt_http_request *request, struct kt_route_found *found, struct kt_answer *answer)
{
	switch (found->route->action->id) {
	case KT_ROUTE_TEXT:
		answer_text(found->route, found, answer);
		break;
	case KT_ROUTE_HEALTHY:
		kt_answer_text(answer, 200, "ok");
		break;
	case KT_ROUTE_METRICS:
		answer->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
		kt_serve_metrics(s, &answer->body);
		break;
	case KT_ROUTE_PRODUCE:
	case KT_ROUTE_EVENT:
		kt_job_begin(s, request, found, answer);
		break;
	}
}

static bool find(struct kt_serve *s, const struct kt_http_request *request, struct kt_route_found *found)
{
	return kt_routes_find(s->how.routes, request->method, kt_http_header(request, "Host"), request->path, found);
}

static bool begin(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	struct kt_serve *s = user;
	kt_auto(kt_route_found_fini) struct kt_route_found found;
	(void)answer;
	bool produces = find(s, request, &found) && found.route->action->id == KT_ROUTE_PRODUCE;
	request->body_max = produces ? s->how.max_body : SMALL_BYTES;
	return true;
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	struct kt_serve *s = user;
	kt_auto(kt_route_found_fini) struct kt_route_found found;
	if (find(s, request, &found)) {
		request->data = (void *)(uintptr_t)found.route;
		act(s, request, &found, answer);
	} else if (found.allow.len) {
		kt_serve_error(answer, 405, "another method");
		kt_answer_header(answer, "Allow", kt_buf_cstr(&found.allow));
	} else {
		kt_serve_error(answer, 404, "there is no such path");
	}
	return true;
}

static void done(void *user, struct kt_http_request *request)
{
	if (request->status)
		kt_serve_count(user, request->data, request->status);
}

void kt_serve_settings(struct kt_settings *settings, int64_t deadline_ms)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)deadline_ms);
	kt_settings_put(settings, KT_RANK_BUILTIN, "linger.ms", "1", "kt serve");
	kt_settings_put(settings, KT_RANK_BUILTIN, "message.timeout.ms", text, "kt serve");
	kt_settings_put(settings, KT_RANK_FLAG, "allow.auto.create.topics", "false", "kt serve");
}

static int listen_at(struct kt_serve *s, struct kt_err *err)
{
	const struct kt_serve_how *how = &s->how;
	struct kt_httpd_how http = {
		.listen = how->listen,
		.limits = {.connections = how->max_connections,
			.per_address = how->max_per_address,
			.bodies_bytes = how->max_inflight,
			.head_ms = 5000,
			.idle_ms = 60000},
		.hosts = &s->hosts,
		.begin = begin,
		.answer = answer,
		.done = done,
		.user = s,
	};
	for (size_t i = 0; i < how->hosts->n; i++)
		kt_strs_add(&s->hosts, how->hosts->v[i]);
	for (size_t i = 0; i < how->routes->n; i++)
		if (how->routes->v[i].host)
			kt_strs_add_new(&s->hosts, how->routes->v[i].host);
	return kt_httpd_open(&s->httpd, &http, err);
}

int kt_serve_open(struct kt_serve **out, const struct kt_serve_how *how, struct kt_err *err)
{
	struct kt_serve *s = kt_calloc(1, sizeof(*s));
	s->how = *how;
	s->parked_end = &s->parked;
	struct kt_producer_how producer = {
		.owner = how->owner,
		.partition = -1,
		.idempotent = true,
		.timeout_ms = how->timeout_ms,
		.done = kt_job_delivery,
		.every_delivery = true,
		.user = s,
	};
	if (kt_producer_open(&s->producer, how->settings, &producer, err) < 0 || listen_at(s, err) < 0) {
		kt_serve_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

const char *kt_serve_address(const struct kt_serve *s)
{
	return kt_httpd_address(s->httpd);
}

static int turn(struct kt_serve *s, int64_t left_ms, struct kt_err *err)
{
	struct pollfd fds[] = {
		{.fd = kt_httpd_fd(s->httpd), .events = POLLIN},
		{.fd = kt_producer_fd(s->producer), .events = POLLIN},
	};
	int64_t wait_ms = kt_httpd_wait_ms(s->httpd);
	wait_ms = wait_ms < TURN_MS ? wait_ms : TURN_MS;
	kt_wait(fds, KT_LEN(fds), left_ms < wait_ms ? left_ms : wait_ms);
	if (kt_producer_serve(s->producer, err) < 0)
		return -1;
	kt_httpd_serve(s->httpd);
	kt_job_retry(s);
	return 0;
}

int kt_serve_run(struct kt_serve *s, const struct kt_stop *stop, struct kt_err *err)
{
	while (!kt_stop_status(stop))
		if (turn(s, kt_stop_left_ms(stop), err) < 0)
			return -1;
	s->draining = true;
	for (int64_t start_us = kt_clock_us(); s->active;) {
		int64_t left_ms = kt_left_ms(start_us, DRAIN_MS);
		if (!left_ms)
			return kt_err_set(err, KT_PARTIAL, "%zu requests were left without an answer", s->active);
		if (turn(s, left_ms, err) < 0)
			return -1;
	}
	/* The last answers are on their way. */
	kt_httpd_serve(s->httpd);
	return 0;
}

void kt_serve_close(struct kt_serve *s)
{
	if (!s)
		return;
	/* Records that are left may be reported until the producer is closed, and their requests are answered until the
	 * server is. */
	kt_producer_close(s->producer);
	kt_httpd_close(s->httpd);
	kt_job_fini(s);
	kt_serve_counts_fini(s);
	kt_strs_fini(&s->hosts);
	free(s);
}
