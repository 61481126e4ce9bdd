#include "channel.h"
#include "chat.h"
#include "instances.h"
#include "job_own.h"
#include "metricsout.h"
#include "num.h"
#include "openapi.h"
#include "senders.h"
#include "socketio.h"
#include "socketiopacket.h"
#include "takequery.h"
#include "takers.h"
#include "topic.h"
#include "ui.h"

static void answer_text(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)at, (void)request;
	struct kt_err ignored;
	int64_t status = 200;
	const char *type = kt_route_param(found->route, "type"), *code = kt_route_param(found->route, "status");
	if (code && kt_parse_i64(code, 200, 599, &status, &ignored) < 0)
		status = 200;
	answer->status = (unsigned)status;
	answer->type = type ? type : "text/plain; charset=utf-8";
	kt_buf_adds(&answer->body, kt_route_word(found, 0));
	kt_serve_like(found->route, answer);
}

/* Its script and style stand in it, and it loads nothing else. */
static void answer_page(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)at, (void)request;
	const char *pod = getenv("podname");
	answer->type = "text/html; charset=utf-8";
	kt_answer_header(answer, "Content-Security-Policy",
		"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:; "
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
	kt_answer_header(answer, "X-Content-Type-Options", "nosniff");
	if (kt_route_param(found->route, "of"))
		kt_socketio_page(&answer->body);
	else
		kt_chat_page(&answer->body, pod && *pod ? pod : "Unknown Pod Name");
}

/* What brokers have to be asked for is answered later. */
static void ask(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	enum kt_lookup_kind kind, struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	const char *partition =
		kind == KT_LOOKUP_OFFSETS ? kt_route_word(found, 1) : kt_route_value(found, "partition");
	int64_t n = -1;
	struct kt_err ignored;
	struct kt_lookup_question question = {
		.kind = kind, .allowed = s->how.topics, .who = request->client, .httpd = at->httpd};
	question.topic = found->route->words.n ? kt_route_word(found, 0) : NULL;
	if (question.topic && (!kt_access_sees(s->how.topics, request->client, question.topic) ||
				      kt_topic_check(question.topic, &ignored) < 0)) {
		kt_serve_error_v2(answer, 404, 40401, "Topic not found.");
		return;
	}
	if (partition && kt_parse_i64(partition, 0, INT32_MAX, &n, &ignored) < 0) {
		kt_serve_error_v2(answer, 404, 40402, "Partition not found.");
		return;
	}
	question.partition = (int32_t)n;
	question.ticket = kt_httpd_defer(request);
	if (kt_lookup_ask(s->lookup, &question))
		return;
	struct kt_answer refused = {0};
	kt_job_refuse(found->route, 503, "too many requests wait for the brokers", &refused);
	kt_httpd_answer(at->httpd, question.ticket, &refused);
}

static void be_ready(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	const char *waits_for = kt_channels_wait_for(at->serve);
	if (at->serve->draining || waits_for)
		kt_serve_error(answer, 503, waits_for ? waits_for : "the server ends");
	else
		ask(at, request, found, KT_LOOKUP_READY, answer);
}

static void read_records(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	const struct kt_serve *s = at->serve;
	const char *topic = kt_route_word(found, 0);
	if (!kt_access_sees(s->how.topics, request->client, topic))
		kt_job_refuse(found->route, 404, "there is no such topic here", answer);
	else if (!kt_access_may(s, request, KT_RIGHT_CONSUME, topic))
		kt_job_refuse(found->route, 403, "this topic may not be read with this token", answer);
	else if (found->route->action->id == KT_ROUTE_WS_CONSUME && kt_takequery_has_group(request->target))
		kt_takers_begin(at, request, found, answer);
	else if (found->route->action->id != KT_ROUTE_READ && found->route->action->id != KT_ROUTE_CONSUME)
		kt_streams_events(s->streams, at->httpd, request, found, answer);
	else
		kt_reads_begin(s->reads, at->httpd, request, found, answer);
}

/* As if there were no such row. */
static void answer_ui(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	if (!kt_ui_answer(kt_route_word(found, 0), kt_http_header(request, "Accept"), answer))
		kt_serve_refuse(at, request, 404, "there is no such path", answer);
}

static void look_up(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	enum kt_route_id id = found->route->action->id;
	enum kt_lookup_kind kind = id == KT_ROUTE_TOPICS       ? KT_LOOKUP_TOPICS
				   : id == KT_ROUTE_TOPIC      ? KT_LOOKUP_TOPIC
				   : id == KT_ROUTE_PARTITIONS ? KT_LOOKUP_PARTITIONS
							       : KT_LOOKUP_OFFSETS;
	ask(at, request, found, kind, answer);
}

static void ask_overview(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)found;
	kt_overview_ask(at->serve->overview, at->httpd, request, request->client, answer);
}

static void ask_decoding(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)found;
	kt_decoding_ask(at->serve->decoding, at->httpd, request, answer);
}

static void answer_healthy(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)at, (void)request, (void)found;
	kt_answer_text(answer, 200, "ok");
}

static void answer_openapi(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)request, (void)found;
	answer->type = "application/json";
	kt_openapi_write(&answer->body, at->how->routes, at->serve->how.tokens && !at->how->open);
}

static void answer_metrics(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	(void)found;
	answer->type = KT_METRICSOUT_TYPE;
	kt_serve_metrics(at->serve, request->client, &answer->body);
}

typedef void action_fn(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer);

/* Of each row of routeactions.h, or the compiler says which one is missing. */
static action_fn *action_of(enum kt_route_id id)
{
	/* clang-format off */
	switch (id) {
	case KT_ROUTE_TEXT: return answer_text;
	case KT_ROUTE_PAGE: return answer_page;
	case KT_ROUTE_UI: return answer_ui;
	case KT_ROUTE_HEALTHY: return answer_healthy;
	case KT_ROUTE_READY: return be_ready;
	case KT_ROUTE_METRICS: return answer_metrics;
	case KT_ROUTE_OPENAPI: return answer_openapi;
	case KT_ROUTE_OVERVIEW: return ask_overview;
	case KT_ROUTE_DECODE: return ask_decoding;
	case KT_ROUTE_CHAT: return kt_chat_begin;
	case KT_ROUTE_SOCKETIO: return kt_socketio_begin;
	case KT_ROUTE_WS_PRODUCE: return kt_senders_begin;
	case KT_ROUTE_TOPICS: case KT_ROUTE_TOPIC: case KT_ROUTE_PARTITIONS: case KT_ROUTE_OFFSETS:
		return look_up;
	case KT_ROUTE_READ: case KT_ROUTE_CONSUME: case KT_ROUTE_EVENTS: case KT_ROUTE_WS_CONSUME:
		return read_records;
	case KT_ROUTE_CONSUMERS: case KT_ROUTE_INSTANCE: case KT_ROUTE_SUBSCRIPTION: case KT_ROUTE_ASSIGNMENTS:
	case KT_ROUTE_POSITIONS: case KT_ROUTE_INSTANCE_RECORDS: case KT_ROUTE_INSTANCE_OFFSETS:
		return kt_instances_begin;
	case KT_ROUTE_PROXY: case KT_ROUTE_GATEWAY: return kt_proxy_begin;
	case KT_ROUTE_APIS: case KT_ROUTE_API_ADD: return kt_proxy_admin;
	case KT_ROUTE_PRODUCE: case KT_ROUTE_EVENT: case KT_ROUTE_MESSAGE: case KT_ROUTE_ECHO: case KT_ROUTE_RECORDS:
		break;
	}
	/* clang-format on */
	return kt_job_begin;
}

void kt_serve_act(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	action_of(found->route->action->id)(at, request, found, answer);
}
