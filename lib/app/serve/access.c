/* Who asks, and what they may. */
#include "allowance.h"
#include "handshake.h"
#include "httpcheck.h"
#include "job_own.h"
#include "when.h"

uint64_t kt_access_client(const struct kt_http_request *request)
{
	return request->client ? (uint64_t)(uintptr_t)request->client : kt_http_client_key(request);
}

/* A browser's WebSocket has no header for it but one. */
static const struct kt_token *find_token(const struct kt_tokens *tokens, const struct kt_http_request *request)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *authorization = kt_http_header(request, "Authorization");
	if (!*authorization && *kt_http_header(request, "Upgrade") &&
		kt_handshake_token(kt_http_header(request, "Sec-WebSocket-Protocol"), &text))
		authorization = kt_buf_cstr(&text);
	return kt_tokens_find(tokens, authorization);
}

/* The page asks for the token that its requests then have. */
static bool is_open(const struct kt_route *route)
{
	return route && route->action->id == KT_ROUTE_UI;
}

bool kt_access_begin(const struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route *route,
	struct kt_answer *answer)
{
	const struct kt_serve *s = at->serve;
	if (at->how->open)
		return true;
	if (s->how.tokens)
		request->client = find_token(s->how.tokens, request);
	if (s->allowance && !kt_allowance_take(s->allowance, kt_access_client(request), kt_clock_us())) {
		kt_serve_refuse(at, request, 429, "too many requests", answer);
		return false;
	}
	if (s->how.tokens && !request->client && !is_open(route)) {
		kt_serve_refuse(at, request, 401, "a token is needed: Authorization: Bearer TOKEN", answer);
		kt_answer_header(answer, "WWW-Authenticate", "Bearer");
		return false;
	}
	return true;
}

bool kt_access_is_from_elsewhere(const struct kt_http_request *request)
{
	const char *origin = kt_http_header(request, "Origin");
	if (!strcmp(kt_http_header(request, "Sec-Fetch-Site"), "cross-site"))
		return true;
	return *origin && !kt_http_is_own_origin(origin, kt_http_header(request, "Host"));
}

bool kt_access_may(
	const struct kt_serve *s, const struct kt_http_request *request, enum kt_right right, const char *topic)
{
	const struct kt_token *who = request->client;
	return kt_lookup_allows(s->how.topics, topic) && (!who || kt_token_may(who, right, topic));
}

bool kt_access_sees(const struct kt_strs *topics, const struct kt_token *who, const char *topic)
{
	return kt_lookup_allows(topics, topic) &&
	       (!who || kt_token_may(who, KT_RIGHT_PRODUCE, topic) || kt_token_may(who, KT_RIGHT_CONSUME, topic));
}
