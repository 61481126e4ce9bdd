#include "fetch.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "dlload.h"
#include "mem.h"
#include "when.h"

/* Loaded only when it is asked for: with the two dozen libraries that it needs, libcurl takes longer to start than all
 * of kt. */
#define LIBRARY KT_SONAME_CURL
/* clang-format off */
#define FUNCTIONS(F) \
	F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_setopt) F(easy_strerror) F(global_init) F(multi_add_handle) \
	F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_remove_handle) F(multi_setopt) F(multi_socket_action) \
	F(slist_append) F(slist_free_all)
/* clang-format on */
enum { LOOK_MS = 1000 }; /* at least this often, whatever libcurl is waiting for */
#define DECLARE(name) __typeof__(curl_##name) *name;
static struct {
	FUNCTIONS(DECLARE)
} curl;

struct kt_fetch_transfer {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers, *instead;
	int epoll; /* of libcurl's sockets, so that the caller has one descriptor to wait for */
	int64_t timer_us;
	struct kt_buf answer;
	size_t max;
	bool added, too_large;
	char why[CURL_ERROR_SIZE];
};

int kt_fetch_load(struct kt_err *err)
{
#define ROW(name) {"curl_" #name, &curl.name},
	const struct kt_dlload_row rows[] = {FUNCTIONS(ROW)};
	if (curl.slist_free_all)
		return 0;
	if (kt_dlload(LIBRARY, rows, KT_LEN(rows), err) < 0) {
		kt_err_wrap(err, "cannot speak HTTP");
		err->status = KT_USAGE;
		return kt_err_hint(err, "the library is in the package libcurl4");
	}
	curl.global_init(CURL_GLOBAL_DEFAULT);
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
	const struct kt_fetch_transfer *t = user;
	struct epoll_event event = {.data.fd = fd};
	(void)easy;
	(void)assigned;
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (what == CURL_POLL_REMOVE)
		epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(t->epoll, EPOLL_CTL_MOD, fd, &event) < 0)
		epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &event);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
	struct kt_fetch_transfer *t = user;
	(void)multi;
	t->timer_us = ms < 0 ? INT64_MAX : kt_clock_us() + ms * 1000;
	return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct kt_fetch_transfer *t = user;
	t->too_large = n > t->max - t->answer.len;
	if (t->too_large)
		return 0;
	kt_buf_add(&t->answer, data, size * n);
	return size * n;
}

static void set_blob(CURL *easy, CURLoption option, struct kt_bytes pem)
{
	struct curl_blob blob = {.data = (void *)(uintptr_t)pem.data, .len = pem.len, .flags = CURL_BLOB_COPY};
	if (pem.len)
		curl.easy_setopt(easy, option, &blob);
}

static void set_identity(struct kt_fetch_transfer *t, const struct kt_fetch_identity *who)
{
	set_blob(t->easy, CURLOPT_SSLCERT_BLOB, who->certificates);
	set_blob(t->easy, CURLOPT_SSLKEY_BLOB, who->key);
	set_blob(t->easy, CURLOPT_CAINFO_BLOB, who->cas);
	if (who->ca_dir)
		curl.easy_setopt(t->easy, CURLOPT_CAPATH, who->ca_dir);
	if (who->key_password)
		curl.easy_setopt(t->easy, CURLOPT_KEYPASSWD, who->key_password);
	if (who->user)
		curl.easy_setopt(t->easy, CURLOPT_USERNAME, who->user);
	if (who->password)
		curl.easy_setopt(t->easy, CURLOPT_PASSWORD, who->password);
	for (size_t i = 0; i < who->instead.n; i++)
		t->instead = curl.slist_append(t->instead, who->instead.v[i]);
	curl.easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->instead);
}

static void set_up(struct kt_fetch *f)
{
	struct kt_fetch_transfer *t = f->transfer = kt_calloc(1, sizeof(*t));
	t->timer_us = INT64_MAX;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	t->multi = curl.multi_init();
	t->easy = curl.easy_init();
	curl.multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl.multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl.multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl.multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	/* Signals are this process's own business, and a resolver that gets no answer must not delay its end. */
	curl.easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
	curl.easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.easy_setopt(t->easy, CURLOPT_USERAGENT, "kt");
	/* Everything that libcurl can unpack, also for servers that pack without being asked; max is for what comes
	 * out. */
	curl.easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl.easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
	curl.easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	if (f->direct)
		curl.easy_setopt(t->easy, CURLOPT_PROXY, "");
	if (f->identity)
		set_identity(t, f->identity);
}

static void add_header(struct kt_fetch_transfer *t, const char *name, const char *value)
{
	kt_auto(kt_free_ptr) char *line = kt_asprintf("%s: %s", name, value);
	t->headers = curl.slist_append(t->headers, line);
}

static void set_request(const struct kt_fetch *f, int64_t timeout_ms)
{
	struct kt_fetch_transfer *t = f->transfer;
	curl.slist_free_all(t->headers);
	t->headers = NULL;
	if (f->accept)
		add_header(t, "Accept", f->accept);
	curl.easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, f->remove ? "DELETE" : NULL);
	if (f->post.data) {
		add_header(t, "Content-Type", f->type ? f->type : "application/vnd.schemaregistry.v1+json");
		curl.easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->post.len);
		curl.easy_setopt(t->easy, CURLOPT_POSTFIELDS, f->post.data);
	} else {
		curl.easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
	}
	for (size_t i = 0; f->headers && i < f->headers->n; i++)
		t->headers = curl.slist_append(t->headers, f->headers->v[i]);
	curl.easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl.easy_setopt(t->easy, CURLOPT_URL, f->url);
	curl.easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms)
{
	int running;
	if (!f->transfer)
		set_up(f);
	struct kt_fetch_transfer *t = f->transfer;
	f->err = (struct kt_err){0};
	f->body = (struct kt_bytes){0};
	f->code = f->x509_error = 0;
	f->retry_s = 0;
	f->wrong_name = f->wants_another = false;
	f->state = KT_FETCH_BUSY;
	t->answer.len = 0;
	t->max = f->max;
	t->too_large = false;
	t->why[0] = '\0';
	set_request(f, timeout_ms > 0 ? timeout_ms : 1);
	curl.multi_add_handle(t->multi, t->easy);
	t->added = true;
	curl.multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

struct pollfd kt_fetch_poll(const struct kt_fetch *f)
{
	return (struct pollfd){.fd = f->state == KT_FETCH_BUSY ? f->transfer->epoll : -1, .events = POLLIN};
}

int64_t kt_fetch_left_ms(const struct kt_fetch *f)
{
	if (f->state != KT_FETCH_BUSY)
		return INT64_MAX;
	int64_t left_us = f->transfer->timer_us - kt_clock_us();
	return left_us <= 0 ? 0 : left_us < LOOK_MS * 1000 ? left_us / 1000 + 1 : LOOK_MS;
}

/* libcurl compares the name itself when OpenSSL has nothing to object to; the result is then none, or 1. */
static const char *distrust(struct kt_fetch *f)
{
	long code = 0;
	curl.easy_getinfo(f->transfer->easy, CURLINFO_SSL_VERIFYRESULT, &code);
	f->wrong_name = code <= 1;
	f->x509_error = f->wrong_name ? 0 : (int)code;
	return f->x509_error ? "its certificate is not trusted" : "its certificate is for another host name";
}

/* What OpenSSL says of a handshake that fails, in our words. */
static const char *handshake(struct kt_fetch *f)
{
	static const struct {
		const char *sign, *text;
		bool wants_another;
	} causes[] = {
		{"wrong version number", "it does not speak TLS", false},
		{"packet length too long", "it does not speak TLS", false},
		{"http request", "it does not speak TLS", false},
		{"certificate required", "it wants a certificate of this client", true},
		{"alert bad certificate", "it does not take the certificate of this client", true},
		{"alert unknown ca", "it does not take the certificate of this client", true},
	};
	for (size_t i = 0; i < KT_LEN(causes); i++)
		if (strcasestr(f->transfer->why, causes[i].sign)) {
			f->wants_another = causes[i].wants_another;
			return causes[i].text;
		}
	return NULL;
}

/* With TLS 1.3 the client is done with the handshake before the server has seen its certificate, and may find the
 * connection closed without having read why. */
static const char *hung_up(struct kt_fetch *f)
{
	const char *why = handshake(f);
	if (why || strncasecmp(f->url, "https:", 6) != 0)
		return why;
	f->wants_another = true;
	return f->identity && f->identity->certificates.len ? "it hung up: does it take the certificate of this client?"
							    : "it hung up: does it want a certificate of this client?";
}

static const char *reason(struct kt_fetch *f, CURLcode result)
{
	struct kt_fetch_transfer *t = f->transfer;
	long cause = 0;
	curl.easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &cause);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "there is no such host name";
	case CURLE_COULDNT_CONNECT:
		return cause ? strerror((int)cause) : "no connection";
	case CURLE_OPERATION_TIMEDOUT:
		return "no answer in time";
	case CURLE_PEER_FAILED_VERIFICATION:
		return distrust(f);
	case CURLE_GOT_NOTHING:
		return "it closed the connection without an answer";
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return "no answer in HTTP";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return hung_up(f);
	default:
		return handshake(f);
	}
}

/* The request is over: its answer must say 200. */
static void finish(struct kt_fetch *f, CURLcode result)
{
	struct kt_fetch_transfer *t = f->transfer;
	long code = 0;
	curl_off_t retry_s = 0;
	if (result == CURLE_OK) {
		curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
		curl.easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_s);
		f->code = (int)code;
		f->retry_s = retry_s;
		f->body = (struct kt_bytes){kt_buf_cstr(&t->answer), t->answer.len};
		f->state = code == 200 ? KT_FETCH_DONE : KT_FETCH_FAILED;
		if (code != 200)
			kt_err_set(&f->err, KT_FAILED, "status %ld", code);
	} else if (t->too_large) {
		f->state = KT_FETCH_FAILED;
		kt_err_set(&f->err, KT_FAILED, "the answer is larger than %zu bytes", f->max);
	} else {
		const char *why = reason(f, result);
		f->state = KT_FETCH_FAILED;
		kt_err_set(&f->err, KT_UNREACHABLE, "%s", why ? why : t->why[0] ? t->why : curl.easy_strerror(result));
	}
	curl.multi_remove_handle(t->multi, t->easy);
	t->added = false;
}

void kt_fetch_go_on(struct kt_fetch *f)
{
	struct kt_fetch_transfer *t = f->transfer;
	struct epoll_event events[8];
	int n, running, left;
	if (f->state != KT_FETCH_BUSY)
		return;
	n = epoll_wait(t->epoll, events, KT_LEN(events), 0);
	for (int i = 0; i < n; i++) {
		int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
		curl.multi_socket_action(t->multi, events[i].data.fd, mask, &running);
	}
	if (t->timer_us <= kt_clock_us())
		curl.multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	for (CURLMsg *said; (said = curl.multi_info_read(t->multi, &left));)
		if (said->msg == CURLMSG_DONE) {
			finish(f, said->data.result);
			return;
		}
}

void kt_fetch_fini(struct kt_fetch *f)
{
	struct kt_fetch_transfer *t = f->transfer;
	if (!t)
		return;
	if (t->added)
		curl.multi_remove_handle(t->multi, t->easy);
	curl.easy_cleanup(t->easy);
	curl.multi_cleanup(t->multi);
	curl.slist_free_all(t->headers);
	curl.slist_free_all(t->instead);
	close(t->epoll);
	kt_buf_fini(&t->answer);
	free(t);
	f->transfer = NULL;
	f->state = KT_FETCH_IDLE;
}
