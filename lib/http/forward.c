#include "forward.h"

#include "curlmulti.h"
#include "httpcheck.h"
#include "mem.h"

enum { HEAD_MAX = 64 << 10, CONNECTIONS = 256 };

struct transfer {
	struct transfer *next, **link; /* among those that are under way */
	struct kt_forward *forward;
	CURL *easy;
	struct curl_slist *lines;
	struct kt_buf url, target, sent;
	struct kt_forwarded answer;
	struct kt_strs named; /* by the answer's Connection: for this connection only */
	size_t head_bytes;
	bool head_over, too_large;
	char why[CURL_ERROR_SIZE];
};

struct kt_forward {
	struct kt_forward_how how;
	struct kt_curl_multi m;
	struct transfer *busy;
	CURL *spare[CONNECTIONS]; /* handles for further requests */
	size_t n_busy, n_spare, held;
};

int kt_forward_open(struct kt_forward **out, const struct kt_forward_how *how, struct kt_err *err)
{
	if (kt_curl_load(err) < 0)
		return -1;
	struct kt_forward *f = kt_calloc(1, sizeof(*f));
	f->how = *how;
	kt_curl_multi_open(&f->m);
	kt_curl.multi_setopt(f->m.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
	kt_curl.multi_setopt(f->m.multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	*out = f;
	return 0;
}

/* Of an URL that was checked. */
static const char *path_of(const char *url)
{
	const char *authority = strstr(url, "://") + 3;
	return authority + strcspn(authority, "/");
}

int kt_forward_check(const char *url, struct kt_err *err)
{
	bool known = !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
	size_t plain = 0;
	while (url[plain] > ' ' && url[plain] < 0x7f && !strchr("\"<>\\^`{|}?#", url[plain]))
		plain++;
	if (!known || url[plain] || plain > 1000)
		return kt_err_set(err, KT_USAGE, "\"%.80s\" is not a URL such as http://localhost:3000", url);
	const char *host = strstr(url, "://") + 3;
	size_t len = strcspn(host, "/");
	if (!len || host[0] == ':' || memchr(host, '@', len))
		return kt_err_set(err, KT_USAGE, "\"%.80s\": a host is expected, and no user", url);
	return 0;
}

static bool is_for_one_connection(const char *name, const struct kt_strs *named)
{
	static const char *const names[] = {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
		"Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"};
	for (size_t i = 0; i < KT_LEN(names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	for (size_t i = 0; i < named->n; i++)
		if (!strcasecmp(name, named->v[i]))
			return true;
	return false;
}

static const char *value_of(const struct kt_strs *pairs, const char *name)
{
	for (size_t i = 0; i + 1 < pairs->n; i += 2)
		if (!strcasecmp(pairs->v[i], name))
			return pairs->v[i + 1];
	return NULL;
}

/* In libcurl's words a line without a value ends in a semicolon; one that ends in the colon is not sent at all. */
static void add_line(struct transfer *t, const char *name, const char *value)
{
	kt_auto(kt_free_ptr) char *line = kt_asprintf(*value ? "%s: %s" : "%s;", name, value);
	t->lines = kt_curl.slist_append(t->lines, line);
}

static void leave_out(struct transfer *t, const struct kt_strs *headers, const char *name)
{
	kt_auto(kt_free_ptr) char *line = kt_asprintf("%s:", name);
	if (!value_of(headers, name))
		t->lines = kt_curl.slist_append(t->lines, line);
}

static bool set_headers(struct transfer *t, const struct kt_forward_request *r)
{
	kt_auto(kt_strs_fini) struct kt_strs named = {0};
	for (size_t i = 0; i + 1 < r->headers->n; i += 2)
		if (!strcasecmp(r->headers->v[i], "Connection"))
			kt_strs_split(&named, r->headers->v[i + 1], ",");
	for (size_t i = 0; i + 1 < r->headers->n; i += 2) {
		const char *name = r->headers->v[i], *value = r->headers->v[i + 1];
		if (!kt_http_is_token(name) || !kt_http_is_value(value))
			return false;
		if (!is_for_one_connection(name, &named) && strcasecmp(name, "Expect") != 0 &&
			strcasecmp(name, "Host") != 0 && !value_of(r->replaced, name))
			add_line(t, name, value);
	}
	for (size_t i = 0; i + 1 < r->replaced->n; i += 2)
		if (*r->replaced->v[i + 1])
			add_line(t, r->replaced->v[i], r->replaced->v[i + 1]);
	leave_out(t, r->headers, "Accept");
	leave_out(t, r->headers, "Content-Type");
	t->lines = kt_curl.slist_append(t->lines, "Expect:");
	kt_curl.easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->lines);
	return true;
}

/* A path of the address stands in front of the request's. */
static bool set_target(struct transfer *t, const struct kt_forward_request *r)
{
	const char *path = path_of(r->url);
	size_t len = strlen(path);
	len -= len && path[len - 1] == '/';
	for (const char *at = r->target; *at; at++)
		if (*at <= ' ' || *at == 0x7f)
			return false;
	if (r->target[0] != '/' || !kt_http_is_token(r->method))
		return false;
	kt_buf_add(&t->url, r->url, (size_t)(path - r->url));
	kt_buf_add(&t->target, path, len);
	kt_buf_adds(&t->target, r->target);
	kt_curl.easy_setopt(t->easy, CURLOPT_URL, kt_buf_cstr(&t->url));
	kt_curl.easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, kt_buf_cstr(&t->target));
	return true;
}

static void set_method(struct transfer *t, const struct kt_forward_request *r)
{
	bool head = !strcmp(r->method, "HEAD");
	if (r->has_body && !head) {
		kt_curl.easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->sent.len);
		kt_curl.easy_setopt(t->easy, CURLOPT_POSTFIELDS, kt_buf_cstr(&t->sent));
	}
	kt_curl.easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, r->method);
	if (head)
		kt_curl.easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
}

/* Names and values of an answer; those of 1xx in front of it count for nothing. */
static void take_header(struct transfer *t, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	if (!colon)
		return;
	char *name = kt_strndup(line, (size_t)(colon - line));
	const char *value = colon + 1, *end = line + len;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (!strcasecmp(name, "Connection")) {
		kt_auto(kt_free_ptr) char *list = kt_strndup(value, (size_t)(end - value));
		kt_strs_split(&t->named, list, ",");
	}
	if (!strcasecmp(name, "Content-Length"))
		t->answer.length = strtoll(value, NULL, 10);
	kt_strs_take(&t->answer.headers, name);
	kt_strs_take(&t->answer.headers, kt_strndup(value, (size_t)(end - value)));
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	size_t len = size * n;
	long status = 0;
	t->head_bytes += len;
	if (t->head_bytes > HEAD_MAX) {
		t->too_large = true;
		return 0;
	}
	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	if (t->head_over)
		return size * n;
	kt_curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (len > 5 && !memcmp(data, "HTTP/", 5)) {
		kt_strs_fini(&t->answer.headers);
		kt_strs_fini(&t->named);
		t->answer.length = -1;
	} else if (len) {
		take_header(t, data, len);
	} else {
		t->head_over = status >= 200;
	}
	return size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	struct kt_forward *f = t->forward;
	size_t len = size * n;
	t->head_over = true;
	if (len > f->how.max - t->answer.body.len || len > f->how.max_all - f->held) {
		t->too_large = true;
		return 0;
	}
	kt_buf_add(&t->answer.body, data, len);
	f->held += len;
	return len;
}

static void set_rest(struct transfer *t)
{
	CURL *easy = t->easy;
	kt_curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	kt_curl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	kt_curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	kt_curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	kt_curl.easy_setopt(easy, CURLOPT_PROXY, "");
	kt_curl.easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	kt_curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, t->why);
	kt_curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	kt_curl.easy_setopt(easy, CURLOPT_HEADERDATA, t);
	kt_curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	kt_curl.easy_setopt(easy, CURLOPT_WRITEDATA, t);
	kt_curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)t->forward->how.timeout_ms);
	kt_curl.easy_setopt(easy, CURLOPT_PRIVATE, t);
}

static void free_transfer(struct transfer *t)
{
	struct kt_forward *f = t->forward;
	if (t->link) {
		*t->link = t->next;
		if (t->next)
			t->next->link = t->link;
		f->n_busy--;
	}
	if (f->n_spare < CONNECTIONS) {
		kt_curl.easy_reset(t->easy);
		f->spare[f->n_spare++] = t->easy;
	} else {
		kt_curl.easy_cleanup(t->easy);
	}
	kt_curl.slist_free_all(t->lines);
	kt_buf_fini(&t->url);
	kt_buf_fini(&t->target);
	kt_buf_fini(&t->sent);
	kt_buf_fini(&t->answer.body);
	kt_strs_fini(&t->answer.headers);
	kt_strs_fini(&t->named);
	free(t);
}

int kt_forward_begin(struct kt_forward *f, struct kt_forward_request *r)
{
	struct transfer *t = kt_calloc(1, sizeof(*t));
	*t = (struct transfer){.forward = f, .sent = r->body, .answer = {.data = r->data, .length = -1}};
	r->body = (struct kt_buf){0};
	t->easy = f->n_spare ? f->spare[--f->n_spare] : kt_curl.easy_init();
	set_rest(t);
	int result = f->n_busy >= KT_FORWARD_MOST ? 0 : set_target(t, r) && set_headers(t, r) ? 1 : -1;
	if (result <= 0) {
		free_transfer(t);
		return result;
	}
	set_method(t, r);
	t->next = f->busy;
	t->link = &f->busy;
	if (t->next)
		t->next->link = &t->next;
	f->busy = t;
	f->n_busy++;
	kt_curl.multi_add_handle(f->m.multi, t->easy);
	return 1;
}

static void drop_headers(struct transfer *t)
{
	struct kt_strs all = t->answer.headers;
	t->answer.headers = (struct kt_strs){0};
	for (size_t i = 0; i + 1 < all.n; i += 2) {
		/* The server that the client asked has its own. */
		if (is_for_one_connection(all.v[i], &t->named) || !kt_http_is_token(all.v[i]) ||
			!strcasecmp(all.v[i], "Date"))
			continue;
		kt_strs_add(&t->answer.headers, all.v[i]);
		kt_strs_add(&t->answer.headers, all.v[i + 1]);
	}
	kt_strs_fini(&all);
}

static void finish(struct transfer *t, CURLcode result)
{
	struct kt_forward *f = t->forward;
	struct kt_forwarded *answer = &t->answer;
	long status = 0;
	curl_off_t first_us = 0, all_us = 0;
	kt_curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	kt_curl.easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_us);
	kt_curl.easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &all_us);
	kt_curl.multi_remove_handle(f->m.multi, t->easy);
	f->held -= answer->body.len;
	answer->first_us = first_us;
	answer->all_us = all_us;
	answer->timed_out = result == CURLE_OPERATION_TIMEDOUT;
	if (result == CURLE_OK && status >= 200 && status <= 599) {
		answer->status = (unsigned)status;
		drop_headers(t);
	} else {
		answer->why = t->too_large ? "the answer is too large"
			      : t->why[0]  ? t->why
					   : kt_curl.easy_strerror(result);
	}
	f->how.done(f->how.user, answer);
	free_transfer(t);
}

static int64_t wait_for_answers(void *user, struct pollfd *fd)
{
	const struct kt_forward *f = user;
	*fd = (struct pollfd){.fd = f->m.epoll, .events = POLLIN};
	return f->n_busy ? kt_curl_multi_left_ms(&f->m) : INT64_MAX;
}

static int serve_answers(void *user, short revents, struct kt_err *err)
{
	struct kt_forward *f = user;
	int left;
	(void)revents, (void)err;
	kt_curl_multi_go_on(&f->m);
	for (CURLMsg *said; (said = kt_curl.multi_info_read(f->m.multi, &left)) != NULL;) {
		struct transfer *t;
		if (said->msg != CURLMSG_DONE)
			continue;
		kt_curl.easy_getinfo(said->easy_handle, CURLINFO_PRIVATE, &t);
		finish(t, said->data.result);
	}
	return 0;
}

size_t kt_forward_active(const struct kt_forward *f)
{
	return f ? f->n_busy : 0;
}

struct kt_loop_source kt_forward_source(struct kt_forward *f)
{
	return (struct kt_loop_source){.user = f, .wait = wait_for_answers, .serve = serve_answers};
}

void kt_forward_close(struct kt_forward *f)
{
	if (!f)
		return;
	while (f->busy) {
		kt_curl.multi_remove_handle(f->m.multi, f->busy->easy);
		free_transfer(f->busy);
	}
	while (f->n_spare)
		kt_curl.easy_cleanup(f->spare[--f->n_spare]);
	kt_curl_multi_close(&f->m);
	free(f);
}
