#include "fetch.h"

#include "curlmulti.h"
#include "mem.h"

struct kt_fetch_transfer {
	struct kt_curl_multi m;
	CURL *easy;
	struct curl_slist *headers, *instead;
	struct kt_buf answer;
	size_t max;
	bool added, too_large;
	char why[CURL_ERROR_SIZE];
};

int kt_fetch_load(struct kt_err *err)
{
	return kt_curl_load(err);
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
		kt_curl.easy_setopt(easy, option, &blob);
}

static void set_identity(struct kt_fetch_transfer *t, const struct kt_fetch_identity *who)
{
	set_blob(t->easy, CURLOPT_SSLCERT_BLOB, who->certificates);
	set_blob(t->easy, CURLOPT_SSLKEY_BLOB, who->key);
	set_blob(t->easy, CURLOPT_CAINFO_BLOB, who->cas);
	if (who->ca_dir)
		kt_curl.easy_setopt(t->easy, CURLOPT_CAPATH, who->ca_dir);
	if (who->key_password)
		kt_curl.easy_setopt(t->easy, CURLOPT_KEYPASSWD, who->key_password);
	if (who->user)
		kt_curl.easy_setopt(t->easy, CURLOPT_USERNAME, who->user);
	if (who->password)
		kt_curl.easy_setopt(t->easy, CURLOPT_PASSWORD, who->password);
	for (size_t i = 0; i < who->instead.n; i++)
		t->instead = kt_curl.slist_append(t->instead, who->instead.v[i]);
	kt_curl.easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->instead);
}

static void set_up(struct kt_fetch *f)
{
	struct kt_fetch_transfer *t = f->transfer = kt_calloc(1, sizeof(*t));
	kt_curl_multi_open(&t->m);
	t->easy = kt_curl.easy_init();
	/* Signals are this process's own business, and a resolver that gets no answer must not delay its end. */
	kt_curl.easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	kt_curl.easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
	kt_curl.easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	kt_curl.easy_setopt(t->easy, CURLOPT_USERAGENT, "kt");
	/* Everything that libcurl can unpack, also for servers that pack without being asked; max is for what comes
	 * out. */
	kt_curl.easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
	kt_curl.easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
	kt_curl.easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	kt_curl.easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	if (f->direct)
		kt_curl.easy_setopt(t->easy, CURLOPT_PROXY, "");
	if (f->identity)
		set_identity(t, f->identity);
}

static void add_header(struct kt_fetch_transfer *t, const char *name, const char *value)
{
	kt_auto(kt_free_ptr) char *line = kt_asprintf("%s: %s", name, value);
	t->headers = kt_curl.slist_append(t->headers, line);
}

static void set_request(const struct kt_fetch *f, int64_t timeout_ms)
{
	struct kt_fetch_transfer *t = f->transfer;
	kt_curl.slist_free_all(t->headers);
	t->headers = NULL;
	if (f->accept)
		add_header(t, "Accept", f->accept);
	kt_curl.easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, f->remove ? "DELETE" : NULL);
	if (f->post.data) {
		add_header(t, "Content-Type", f->type ? f->type : "application/vnd.schemaregistry.v1+json");
		kt_curl.easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->post.len);
		kt_curl.easy_setopt(t->easy, CURLOPT_POSTFIELDS, f->post.data);
	} else {
		kt_curl.easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
	}
	for (size_t i = 0; f->headers && i < f->headers->n; i++)
		t->headers = kt_curl.slist_append(t->headers, f->headers->v[i]);
	kt_curl.easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	kt_curl.easy_setopt(t->easy, CURLOPT_URL, f->url);
	kt_curl.easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms)
{
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
	/* This sets its timer to now. Going on here already might be all that there is to do: libcurl 8 reads an answer
	 * that comes quickly over an old connection at once, and then has neither a socket nor a time to wait for. */
	kt_curl.multi_add_handle(t->m.multi, t->easy);
	t->added = true;
}

struct pollfd kt_fetch_poll(const struct kt_fetch *f)
{
	return (struct pollfd){.fd = f->state == KT_FETCH_BUSY ? f->transfer->m.epoll : -1, .events = POLLIN};
}

int64_t kt_fetch_left_ms(const struct kt_fetch *f)
{
	return f->state == KT_FETCH_BUSY ? kt_curl_multi_left_ms(&f->transfer->m) : INT64_MAX;
}

/* libcurl compares the name itself when OpenSSL has nothing to object to; the result is then none, or 1. */
static const char *distrust(struct kt_fetch *f)
{
	long code = 0;
	kt_curl.easy_getinfo(f->transfer->easy, CURLINFO_SSL_VERIFYRESULT, &code);
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
	kt_curl.easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &cause);
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
		kt_curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
		kt_curl.easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_s);
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
		kt_err_set(&f->err, KT_UNREACHABLE, "%s",
			why         ? why
			: t->why[0] ? t->why
				    : kt_curl.easy_strerror(result));
	}
	kt_curl.multi_remove_handle(t->m.multi, t->easy);
	t->added = false;
}

void kt_fetch_go_on(struct kt_fetch *f)
{
	struct kt_fetch_transfer *t = f->transfer;
	int left;
	if (f->state != KT_FETCH_BUSY)
		return;
	kt_curl_multi_go_on(&t->m);
	for (CURLMsg *said; (said = kt_curl.multi_info_read(t->m.multi, &left));)
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
		kt_curl.multi_remove_handle(t->m.multi, t->easy);
	kt_curl.easy_cleanup(t->easy);
	kt_curl_multi_close(&t->m);
	kt_curl.slist_free_all(t->headers);
	kt_curl.slist_free_all(t->instead);
	kt_buf_fini(&t->answer);
	free(t);
	f->transfer = NULL;
	f->state = KT_FETCH_IDLE;
}
