/* Requests that another server answers: rows of proxy, and those of the course's gateway. */
#include "httpcheck.h"
#include "job_own.h"
#include "jsonout.h"
#include "mem.h"
#include "random.h"
#include "when.h"

struct passed {
	struct kt_httpd *httpd;
	uint64_t ticket;
	bool gateway;
	int64_t since_us;
};

bool kt_proxy_is_wanted(const struct kt_serve *s)
{
	for (size_t i = 0; i < s->how.n_listen; i++) {
		const struct kt_routes *routes = s->how.listen[i].routes;
		for (size_t k = 0; k < routes->n; k++)
			if (routes->v[k].action->id == KT_ROUTE_PROXY || routes->v[k].action->id == KT_ROUTE_GATEWAY)
				return true;
	}
	return false;
}

static void say(struct kt_answer *answer, bool gateway, unsigned status, const char *as_kong, const char *why)
{
	if (!gateway) {
		kt_serve_error(answer, status, why);
		return;
	}
	answer->status = status;
	answer->type = "application/json; charset=utf-8";
	kt_jsonout_begin(&answer->body, NULL, '{');
	kt_jsonout_words(&answer->body, "message", as_kong);
	kt_jsonout_end(&answer->body, '}');
}

static void add_ms(struct kt_answer *answer, const char *name, int64_t us)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)((us > 0 ? us : 0) / 1000));
	kt_answer_header(answer, name, text);
}

static void answer_passed(
	const struct kt_serve *s, const struct passed *p, struct kt_forwarded *from, struct kt_answer *answer)
{
	if (!from->status && from->timed_out) {
		say(answer, p->gateway, 504, "The upstream server is timing out", from->why);
		return;
	}
	const char *why = !from->status ? from->why : from->body.len && kt_serve_is_full(s) ? KT_SERVE_FULL : NULL;
	if (why) {
		say(answer, p->gateway, 502, "An invalid response was received from the upstream server", why);
		return;
	}
	answer->status = from->status;
	answer->headers = from->headers;
	answer->body = from->body;
	answer->length = from->length > 0 ? (uint64_t)from->length : 0;
	from->headers = (struct kt_strs){0};
	from->body = (struct kt_buf){0};
	if (!p->gateway)
		return;
	add_ms(answer, "X-Kong-Upstream-Latency", from->first_us);
	add_ms(answer, "X-Kong-Proxy-Latency", kt_clock_us() - p->since_us - from->all_us);
	kt_answer_header(answer, "Via", "kong/0.11.1");
}

static void done(void *user, struct kt_forwarded *from)
{
	kt_auto(kt_free_ptr) struct passed *p = from->data;
	kt_auto(kt_answer_fini) struct kt_answer answer = {0};
	answer_passed(user, p, from, &answer);
	kt_httpd_answer(p->httpd, p->ticket, &answer);
}

int kt_proxy_open(struct kt_serve *s, struct kt_err *err)
{
	struct kt_random random;
	const struct kt_forward_how how = {.done = done,
		.user = s,
		.timeout_ms = s->how.deadline_ms,
		.max = (size_t)s->how.limits.max_body,
		.max_all = (size_t)s->how.limits.max_inflight};
	kt_random_start(&random);
	snprintf(s->via, sizeof(s->via), "1.1 kt-%016llx", (unsigned long long)kt_random_next(&random));
	return kt_forward_open(&s->forward, &how, err);
}

static void take_header(void *user, const char *name, const char *value)
{
	struct kt_strs *headers = user;
	kt_strs_add(headers, name);
	kt_strs_add(headers, value);
}

/* All values of a header, and one more. */
static void add_listed(struct kt_strs *replaced, const struct kt_strs *headers, const char *name, const char *more)
{
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	for (size_t i = 0; i + 1 < headers->n; i += 2)
		if (!strcasecmp(headers->v[i], name))
			kt_buf_addf(&list, "%s, ", headers->v[i + 1]);
	kt_buf_adds(&list, more);
	take_header(replaced, name, kt_buf_cstr(&list));
}

/* A token is for this server alone, wherever it stands. */
static void replace_headers(const struct kt_serve *s, const struct kt_serve_listener *at,
	const struct kt_http_request *request, const struct kt_strs *headers, struct kt_strs *replaced)
{
	char client[KT_HTTP_CLIENT_TEXT];
	kt_http_client(request, client);
	add_listed(replaced, headers, "Via", s->via);
	add_listed(replaced, headers, "X-Forwarded-For", client);
	take_header(replaced, "X-Forwarded-Host", kt_http_header(request, "Host"));
	take_header(replaced, "X-Forwarded-Proto", s->how.files.cert && !at->how->open ? "https" : "http");
	if (!s->how.tokens)
		return;
	take_header(replaced, "Authorization", "");
	take_header(replaced, "Sec-WebSocket-Protocol", "");
}

static bool came_through_here(const struct kt_serve *s, const struct kt_strs *headers)
{
	for (size_t i = 0; i + 1 < headers->n; i += 2)
		if (!strcasecmp(headers->v[i], "Via") && strstr(headers->v[i + 1], s->via))
			return true;
	return false;
}

static void pass_on(struct kt_serve_listener *at, struct kt_http_request *request, const char *url, bool gateway,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	kt_auto(kt_strs_fini) struct kt_strs headers = {0}, replaced = {0};
	kt_http_each_header(request, take_header, &headers);
	if (came_through_here(s, &headers)) {
		say(answer, gateway, 508, "this request has come through here already",
			"this request has come through here already");
		return;
	}
	replace_headers(s, at, request, &headers, &replaced);
	struct passed *p = kt_calloc(1, sizeof(*p));
	*p = (struct passed){.httpd = at->httpd, .gateway = gateway, .since_us = kt_clock_us()};
	struct kt_forward_request r = {.url = url,
		.method = request->method,
		.target = request->target,
		.headers = &headers,
		.replaced = &replaced,
		.has_body = *kt_http_header(request, "Content-Length") || *kt_http_header(request, "Transfer-Encoding"),
		.data = p};
	r.body = kt_http_take_body(request);
	int begun = kt_forward_begin(s->forward, &r);
	if (begun > 0) {
		p->ticket = kt_httpd_defer(request);
		return;
	}
	free(p);
	const char *why =
		begun < 0 ? "servers may read this request differently" : "too many requests are on their way";
	say(answer, gateway, begun < 0 ? 400 : 503, why, why);
}

/* The server it goes to may read /public/../private as /private, which the row did not mean; some take a backslash for
 * a slash, and what follows a semicolon for no part of a name. */
static bool has_dots(const char *path)
{
	for (; (path = strpbrk(path, "/\\")) != NULL; path++) {
		size_t dots = strspn(path + 1, ".");
		if ((dots == 1 || dots == 2) && strchr("/\\;", path[1 + dots]))
			return true;
	}
	return false;
}

void kt_proxy_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	bool gateway = found->route->action->id == KT_ROUTE_GATEWAY;
	const struct kt_api *api = gateway ? kt_apis_find(&at->serve->apis, kt_http_header(request, "Host")) : NULL;
	if (at->serve->ending)
		say(answer, gateway, 503, "the server ends", "the server ends");
	else if (kt_serve_is_full(at->serve))
		say(answer, gateway, 503, KT_SERVE_FULL, KT_SERVE_FULL);
	else if (!gateway && has_dots(request->path))
		kt_serve_error(answer, 400, "a path with . or .. for a part");
	else if (gateway && !api)
		say(answer, true, 404, "no API found with those values", "");
	else
		pass_on(at, request, gateway ? api->url : kt_route_word(found, 0), gateway, answer);
}

/* The gateway's own address: whoever is let in here, and has a right for a host, says where its requests go. */
void kt_proxy_admin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	answer->type = "application/json; charset=utf-8";
	if (found->route->action->id == KT_ROUTE_APIS)
		kt_apis_list(&s->apis, request->client, &answer->body);
	else if (kt_access_is_from_elsewhere(request))
		kt_serve_error(answer, 403, "the request comes from a page of another site");
	else
		answer->status =
			kt_apis_add(&s->apis, kt_buf_cstr(&request->body), request->client, kt_now_ms(), &answer->body);
}

void kt_proxy_fini(struct kt_serve *s)
{
	kt_forward_close(s->forward);
	kt_apis_fini(&s->apis);
}
