/* Records as the bodies of requests. */
#include "workpost.h"

#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "fetch.h"
#include "json.h"
#include "mem.h"

/* What a request may take if nothing else is said: a server that does not answer must not keep its record for ever. */
enum { TIMEOUT_MS = 60000, HEADER_MOST = 4096 };

struct request {
	struct kt_fetch fetch;
	struct kt_workitem *item; /* NULL: idle */
	struct kt_strs headers;
	char *type;
};

struct workpost {
	struct kt_workrunner_how how;
	const char *url;
	const struct kt_strs *headers;
	struct request *v;
	size_t n_idle;
	struct kt_buf scratch;
	int epoll; /* of the requests' own descriptors */
};

static size_t room(void *self)
{
	const struct workpost *w = self;
	return w->n_idle;
}

/* What can be in a header as it is: visible ASCII, with blanks between. */
static bool is_plain(struct kt_bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	return text.data && text.len && text.len <= HEADER_MOST;
}

static bool is_json(struct workpost *w, struct kt_bytes value)
{
	struct kt_err ignored;
	w->scratch.len = 0;
	kt_buf_reserve(&w->scratch, value.len + KT_JSON_SLACK);
	struct kt_json j = {.start = value.data,
		.at = value.data,
		.end = value.data + value.len,
		.out = &w->scratch,
		.err = &ignored};
	return value.len && kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0;
}

static char *type_of(struct workpost *w, const struct kt_record *r)
{
	static const char name[] = "content-type";
	for (size_t i = 0; i < r->n_headers; i++) {
		const struct kt_header *h = &r->headers[i];
		if (h->name.len == sizeof(name) - 1 && !strncasecmp(h->name.data, name, h->name.len) &&
			is_plain(h->value))
			return kt_strndup(h->value.data, h->value.len);
	}
	return kt_strdup(is_json(w, r->value) ? "application/json" : "application/octet-stream");
}

static void add_headers(struct workpost *w, struct request *q)
{
	const struct kt_record *r = &q->item->read.record;
	struct kt_strs *h = &q->headers;
	const char *topic = r->topic.data;
	kt_strs_fini(h);
	for (size_t i = 0; w->headers && i < w->headers->n; i++)
		kt_strs_add(h, w->headers->v[i]);
	/* No server is asked whether a body is welcome: that costs a round trip, or a second. */
	kt_strs_add(h, "Expect:");
	kt_strs_take(h, kt_asprintf("Kt-Record-Topic: %s", topic));
	kt_strs_take(h, kt_asprintf("Kt-Record-Partition: %d", (int)r->partition));
	kt_strs_take(h, kt_asprintf("Kt-Record-Offset: %lld", (long long)r->offset));
	kt_strs_take(h, kt_asprintf("Kt-Record-Attempt: %lld", (long long)q->item->attempt));
	if (r->tstype != KT_TS_NONE)
		kt_strs_take(h, kt_asprintf("Kt-Record-Timestamp: %lld", (long long)r->ts_ms));
	if (is_plain(r->key))
		kt_strs_take(h, kt_asprintf("Kt-Record-Key: %.*s", (int)r->key.len, r->key.data));
	kt_strs_take(h, kt_asprintf("Idempotency-Key: %s-%d-%lld", topic, (int)r->partition, (long long)r->offset));
}

static void watch(const struct workpost *w, struct request *q)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = q};
	struct pollfd fd = kt_fetch_poll(&q->fetch);
	if (fd.fd >= 0)
		epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd.fd, &event);
}

static int start(void *self, struct kt_workitem *item, struct kt_err *err)
{
	struct workpost *w = self;
	struct request *q = w->v;
	(void)err;
	while (q->item)
		q++;
	const struct kt_record *r = &item->read.record;
	q->item = item;
	free(q->type);
	q->type = type_of(w, r);
	add_headers(w, q);
	q->fetch.url = w->url;
	q->fetch.max = w->how.out_max;
	q->fetch.post = r->value.data ? r->value : (struct kt_bytes){"", 0};
	q->fetch.type = q->type;
	q->fetch.headers = &q->headers;
	w->n_idle--;
	kt_fetch_begin(&q->fetch, w->how.timeout_ms ? w->how.timeout_ms : TIMEOUT_MS);
	watch(w, q);
	return 1;
}

static void finish(struct workpost *w, struct request *q)
{
	struct kt_workitem *item = kt_steal(q->item);
	struct kt_workitem_ending *ending = &item->ending;
	const struct kt_fetch *f = &q->fetch;
	w->n_idle++;
	ending->end = f->code ? KT_WORK_HTTP : KT_WORK_NO_ANSWER;
	ending->code = f->code;
	ending->delay_ms = f->retry_s > 0 ? f->retry_s * 1000 : -1;
	if (f->code / 100 == 2 && w->how.keeps_out)
		kt_buf_add(&ending->out, f->body.data, f->body.len);
	else if (f->code)
		kt_workrunner_keep_words(&ending->words, f->body.data, f->body.len);
	else
		kt_workrunner_keep_words(&ending->words, f->err.msg, strlen(f->err.msg));
	w->how.ended(w->how.user, item);
}

static int serve(void *self, short revents, struct kt_err *err)
{
	struct workpost *w = self;
	(void)revents;
	(void)err;
	for (size_t i = 0; i < w->how.jobs; i++) {
		struct request *q = &w->v[i];
		if (!q->item)
			continue;
		kt_fetch_go_on(&q->fetch);
		if (q->fetch.state != KT_FETCH_BUSY)
			finish(w, q);
	}
	return 0;
}

static int64_t wait(void *self, struct pollfd *fd)
{
	const struct workpost *w = self;
	int64_t least_ms = INT64_MAX;
	*fd = (struct pollfd){.fd = w->n_idle < w->how.jobs ? w->epoll : -1, .events = POLLIN};
	for (size_t i = 0; i < w->how.jobs; i++) {
		int64_t ms = w->v[i].item ? kt_fetch_left_ms(&w->v[i].fetch) : INT64_MAX;
		bool over = w->v[i].item && w->v[i].fetch.state != KT_FETCH_BUSY;
		least_ms = over ? 0 : ms < least_ms ? ms : least_ms;
	}
	return least_ms;
}

/* A request that is given up is reported by the next serve. */
static void kill_some(void *self, const struct kt_workitem *item)
{
	struct workpost *w = self;
	for (size_t i = 0; i < w->how.jobs; i++)
		if (w->v[i].item && (!item || w->v[i].item == item)) {
			kt_fetch_fini(&w->v[i].fetch);
			w->v[i].fetch.code = 0;
		}
}

static void free_all(void *self)
{
	struct workpost *w = self;
	for (size_t i = 0; i < w->how.jobs; i++) {
		kt_fetch_fini(&w->v[i].fetch);
		kt_strs_fini(&w->v[i].headers);
		free(w->v[i].type);
	}
	close(w->epoll);
	kt_buf_fini(&w->scratch);
	free(w->v);
	free(w);
}

int kt_workpost_open(struct kt_workrunner *out, const char *url, const struct kt_strs *headers,
	const struct kt_workrunner_how *how, struct kt_err *err)
{
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		return kt_err_set(err, KT_USAGE, "%s: expected an http:// or https:// address", url);
	for (size_t i = 0; i < headers->n; i++)
		if (!strchr(headers->v[i], ':') || !is_plain((struct kt_bytes){headers->v[i], strlen(headers->v[i])}))
			return kt_err_set(err, KT_USAGE, "--header: expected NAME: VALUE, got \"%s\"", headers->v[i]);
	if (kt_fetch_load(err) < 0)
		return -1;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return kt_err_sys(err, "a descriptor for requests");
	struct workpost *w = kt_calloc(1, sizeof(*w));
	w->how = *how;
	w->url = url;
	w->headers = headers;
	w->epoll = epoll;
	w->v = kt_calloc(how->jobs, sizeof(*w->v));
	w->n_idle = how->jobs;
	*out = (struct kt_workrunner){
		.self = w,
		.source = {.user = w, .wait = wait, .serve = serve},
		.room = room,
		.start = start,
		.kill = kill_some,
		.free = free_all,
	};
	return 0;
}
