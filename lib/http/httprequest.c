/* From the first line of a request to the whole of it, and its end. */
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include "httpcheck.h"
#include "httpd_own.h"
#include "mem.h"
#include "when.h"

const char *kt_http_header(const struct kt_http_request *request, const char *name)
{
	const struct kt_http_connection *c = (const struct kt_http_connection *)(const void *)request;
	const char *value = kt_mhd.lookup_connection_value(c->mhd, MHD_HEADER_KIND, name);
	return value ? value : "";
}

void kt_http_client(const struct kt_http_request *request, char text[KT_HTTP_CLIENT_TEXT])
{
	const struct kt_http_connection *c = (const struct kt_http_connection *)(const void *)request;
	const struct sockaddr *address =
		kt_mhd.get_connection_info(c->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	socklen_t len = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (getnameinfo(address, len, text, KT_HTTP_CLIENT_TEXT, NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(text, KT_HTTP_CLIENT_TEXT, "?");
}

uint64_t kt_http_client_key(const struct kt_http_request *request)
{
	const struct kt_http_connection *c = (const struct kt_http_connection *)(const void *)request;
	uint64_t key = 0;
	kt_peer_key(kt_mhd.get_connection_info(c->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, &key);
	return key;
}

struct kt_peer *kt_http_enter(const struct kt_http_request *request, struct kt_peers *peers)
{
	const struct kt_http_connection *c = (const struct kt_http_connection *)(const void *)request;
	return kt_peers_enter(
		peers, kt_mhd.get_connection_info(c->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
}

struct each {
	void (*each)(void *user, const char *name, const char *value);
	void *user;
};

static enum MHD_Result call_each(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	const struct each *e = user;
	(void)kind;
	e->each(e->user, name, value ? value : "");
	return MHD_YES;
}

void kt_http_each_header(const struct kt_http_request *request,
	void (*each)(void *user, const char *name, const char *value), void *user)
{
	const struct kt_http_connection *c = (const struct kt_http_connection *)(const void *)request;
	kt_mhd.get_connection_values(c->mhd, MHD_HEADER_KIND, call_each, &(struct each){each, user});
}

struct kt_buf kt_http_take_body(struct kt_http_request *request)
{
	struct kt_buf body = request->body;
	request->body = (struct kt_buf){0};
	return body;
}

/* Called with the first line of each request, and only then is on_completed() called with its end. */
void *kt_http_on_target(void *user, const char *target, struct MHD_Connection *mhd)
{
	struct kt_httpd *h = user;
	struct kt_http_connection *c = kt_http_connection_of(mhd);
	h->calls++;
	c->state = KT_HTTP_HEAD;
	free(c->target);
	c->target = kt_strdup(target);
	if (!c->crowd)
		kt_http_deadline(c, h->how.limits.head_ms);
	return c;
}

struct heads {
	unsigned hosts, lengths;
	const char *host, *wrong;
	bool coding;
};

static void look_at_header(void *user, const char *name, const char *value)
{
	struct heads *n = user;
	if (!kt_http_is_token(name))
		n->wrong = "the name of a header is not a token";
	if (!kt_http_is_value(value))
		n->wrong = "a control byte in a header";
	if (!strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
		n->lengths++;
		n->coding = true;
		n->wrong = strcasecmp(value, "chunked") != 0 ? "a transfer coding other than chunked" : n->wrong;
	} else if (!strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH)) {
		n->lengths++;
	} else if (!strcasecmp(name, MHD_HTTP_HEADER_HOST)) {
		n->hosts++;
		n->host = value;
	}
}

/* A proxy in front may read such a request differently, and take part of it for another one. NULL when there is none.
 */
static const char *fault_of(const struct kt_http_connection *c, const struct heads *n, bool http_1_0)
{
	if (n->wrong)
		return n->wrong;
	if (n->lengths > 1)
		return "two lengths";
	if (n->coding && http_1_0)
		return "a transfer coding in HTTP/1.0";
	if (n->hosts > 1)
		return "two Hosts";
	if (!n->hosts && !http_1_0)
		return "no Host";
	return kt_http_has_nul(c->target) ? "a NUL in the target" : NULL;
}

/* A web page whose name was made to point to this machine would read what is served to this machine only. */
static bool is_for_another(const struct kt_httpd *h, const char *host)
{
	return h->local && !h->how.any_host && host && !kt_http_is_local(host) &&
	       !kt_http_is_one_of(host, h->how.hosts);
}

void kt_http_refuse(const struct kt_http_connection *c, unsigned status, const char *why, struct kt_answer *answer)
{
	const struct kt_httpd_how *how = &c->httpd->how;
	if (how->refuse) {
		how->refuse(how->user, &c->request, status, why, answer);
		return;
	}
	kt_answer_text(answer, status, why);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		kt_answer_header(answer, MHD_HTTP_HEADER_RETRY_AFTER, "1");
}

/* True when the request is not read on, and answer says why. */
static bool is_refused(
	const struct kt_http_connection *c, const struct heads *n, bool http_1_0, struct kt_answer *answer)
{
	const char *fault = fault_of(c, n, http_1_0);
	if (c->httpd->closing)
		kt_http_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the server ends", answer);
	else if (c->crowd)
		kt_http_refuse(c, MHD_HTTP_TOO_MANY_REQUESTS, "too many connections from this address", answer);
	else if (fault)
		kt_http_refuse(c, MHD_HTTP_BAD_REQUEST, fault, answer);
	else if (is_for_another(c->httpd, n->host))
		kt_http_refuse(
			c, MHD_HTTP_FORBIDDEN, "Host names another machine; this one serves itself only", answer);
	return answer->status;
}

/* Asked once for each connection; what there is to say of it is found before anything of the request is looked at. */
static bool is_distrusted(struct kt_http_connection *c, struct kt_answer *answer)
{
	const char *why = c->trusted || !c->httpd->wants_clients ? NULL : kt_http_distrust(c);
	c->trusted = !why;
	if (why)
		kt_http_refuse(c, MHD_HTTP_FORBIDDEN, why, answer);
	return why;
}

/* "GET, HEAD" */
static bool allows(const char *methods, const char *method)
{
	size_t len = strlen(method);
	const char *at = strstr(methods, method);
	return at && (at == methods || at[-1] == ' ') && (!at[len] || at[len] == ',');
}

/* The same for reasons that leave the connection as it is, so that it can be used again when there is no body. */
static bool is_unwelcome(struct kt_http_connection *c, struct kt_answer *answer)
{
	const struct kt_httpd_how *how = &c->httpd->how;
	struct kt_http_request *r = &c->request;
	if (how->methods && !allows(how->methods, r->method)) {
		kt_auto(kt_buf_fini) struct kt_buf text = {0};
		kt_buf_addf(&text, "only %s", how->methods);
		kt_http_refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, kt_buf_cstr(&text), answer);
		kt_answer_header(answer, MHD_HTTP_HEADER_ALLOW, how->methods);
		return true;
	}
	if (how->begin && !how->begin(how->user, r, answer))
		return true;
	if (strtoull(kt_http_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH), NULL, 10) <= r->body_max)
		return false;
	kt_http_refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large", answer);
	return true;
}

static enum MHD_Result take_head(
	struct kt_http_connection *c, const char *path, const char *method, const char *version)
{
	bool http_1_0 = !strcmp(version, MHD_HTTP_VERSION_1_0);
	struct heads n = {0};
	c->state = KT_HTTP_BODY;
	c->request.method = method;
	c->request.path = path;
	c->request.target = c->target;
	c->request.version = version;
	c->request.body_max = c->httpd->how.limits.body_bytes;
	c->head_taken = true;
	c->body_us = kt_clock_us();
	kt_http_deadline_for(c, c->body_us, 0);
	kt_http_each_header(&c->request, look_at_header, &n);
	if (is_refused(c, &n, http_1_0, &c->answer) || is_distrusted(c, &c->answer))
		return kt_http_respond(c, &c->answer);
	if (!is_unwelcome(c, &c->answer))
		return MHD_YES;
	/* An answer at this point has the library end the connection, of which it leaves the rest unread. */
	bool body = n.coding || strtoull(kt_http_header(&c->request, MHD_HTTP_HEADER_CONTENT_LENGTH), NULL, 10);
	c->refused = c->answer.status ? c->answer.status : MHD_HTTP_OK;
	return body ? kt_http_respond(c, &c->answer) : MHD_YES;
}

static void refuse_later(struct kt_http_connection *c, unsigned status, const char *text)
{
	c->refused = status;
	kt_http_refuse(c, status, text, &c->answer);
	c->httpd->held -= c->held;
	c->held = 0;
	kt_buf_fini(&c->request.body);
}

/* While the body arrives there can be no answer: what is too much is read and dropped, for as much again, so that the
 * client sees the answer. */
static enum MHD_Result take_piece(struct kt_http_connection *c, const char *piece, size_t len)
{
	struct kt_httpd *h = c->httpd;
	struct kt_http_request *r = &c->request;
	c->received += len;
	kt_http_deadline_moved(c, c->body_us, c->received);
	if (!c->refused && c->received > r->body_max)
		refuse_later(c, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too large");
	else if (!c->refused && len > h->how.limits.bodies_bytes - h->held)
		refuse_later(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests are waiting");
	if (c->refused)
		return c->received / 2 > r->body_max ? MHD_NO : MHD_YES;
	kt_buf_add(&r->body, piece, len);
	h->held += len;
	c->held += len;
	return MHD_YES;
}

static enum MHD_Result take_whole(struct kt_http_connection *c)
{
	const struct kt_httpd_how *how = &c->httpd->how;
	/* Who would answer is gone, and the library does not end while a request is deferred. */
	if (c->httpd->closing && !c->refused)
		refuse_later(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the server ends");
	if (c->refused)
		return kt_http_respond(c, &c->answer);
	struct kt_answer answer = {0};
	if (!how->answer(how->user, &c->request, &answer))
		kt_answer_text(&answer, MHD_HTTP_NOT_FOUND, "not found");
	if (c->state == KT_HTTP_BODY)
		return kt_http_respond(c, &answer);
	kt_answer_fini(&answer);
	return MHD_YES;
}

/* Called once for the head, then for each piece of the body, then for the answer, and again for one that was deferred.
 */
enum MHD_Result kt_http_on_request(void *user, struct MHD_Connection *mhd, const char *path, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **context)
{
	struct kt_httpd *h = user;
	struct kt_http_connection *c = *context;
	size_t len = *upload_size;
	(void)mhd;
	h->calls++;
	*upload_size = 0;
	switch (c->state) {
	case KT_HTTP_HEAD:
		*upload_size = len;
		return take_head(c, path, method, version);
	case KT_HTTP_BODY:
		return len ? take_piece(c, upload, len) : take_whole(c);
	case KT_HTTP_READY:
		return kt_http_respond(c, &c->answer);
	default:
		return MHD_YES;
	}
}

void kt_http_end_request(struct kt_http_connection *c)
{
	struct kt_httpd *h = c->httpd;
	struct kt_http_request *r = &c->request;
	if (c->head_taken && h->how.done)
		h->how.done(h->how.user, r);
	h->held -= c->held;
	h->unsent -= c->unsent;
	h->slots[c->slot].request++;
	kt_answer_fini(&c->answer);
	free(c->target);
	c->target = NULL;
	kt_buf_fini(&r->body);
	*r = (struct kt_http_request){0};
	c->received = c->held = c->unsent = 0;
	c->cut = 0;
	c->refused = 0;
	c->head_taken = false;
	c->state = KT_HTTP_IDLE;
}

void kt_http_on_completed(void *user, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
	struct kt_httpd *h = user;
	struct kt_http_connection *c = *context;
	(void)mhd;
	(void)code;
	h->calls++;
	*context = NULL;
	kt_http_end_request(c);
	kt_http_deadline(c, h->how.limits.idle_ms);
}

uint64_t kt_httpd_defer(struct kt_http_request *request)
{
	struct kt_http_connection *c = (struct kt_http_connection *)(void *)request;
	kt_mhd.suspend_connection(c->mhd);
	c->state = KT_HTTP_DEFERRED;
	kt_http_no_deadline(c);
	return (uint64_t)c->httpd->slots[c->slot].request << 32 | c->slot;
}

/* Whose request is deferred still; or NULL. */
static struct kt_http_connection *holder_of(const struct kt_httpd *h, uint64_t ticket)
{
	uint32_t slot = (uint32_t)ticket;
	struct kt_http_connection *c = slot < h->n_slots ? h->slots[slot].connection : NULL;
	return c && h->slots[slot].request == ticket >> 32 && c->state == KT_HTTP_DEFERRED ? c : NULL;
}

bool kt_httpd_has_closed(const struct kt_httpd *h, uint64_t ticket)
{
	const struct kt_http_connection *c = holder_of(h, ticket);
	struct pollfd fd = {.fd = c ? c->fd : -1, .events = POLLRDHUP};
	return poll(&fd, 1, 0) > 0;
}

void kt_httpd_answer(struct kt_httpd *h, uint64_t ticket, struct kt_answer *answer)
{
	struct kt_http_connection *c = holder_of(h, ticket);
	if (!c) {
		kt_answer_fini(answer);
		return;
	}
	c->answer = *answer;
	*answer = (struct kt_answer){0};
	c->state = KT_HTTP_READY;
	kt_http_resume(c);
}
