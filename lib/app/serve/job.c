#include <fnmatch.h>

#include "json.h"
#include "mem.h"
#include "num.h"
#include "query.h"
#include "serve_own.h"
#include "topic.h"
#include "when.h"

/* TOPICS: that are remembered; those that could not be had make room. */
enum { AGAIN_US = 1000000, TOPICS = 1000, HEADERS = 100 };

/* The offsets of a request's records in one partition. */
struct range {
	int32_t partition;
	int64_t first, last;
};

/* A request whose records are on their way. */
struct kt_job {
	struct kt_job *next; /* parked, too */
	uint64_t ticket;
	uint32_t tag; /* of all its records: its place among the jobs */
	struct kt_serve_topic *topic;
	const struct kt_route *route;
	struct kt_buf body; /* where the values are */
	size_t at;          /* of the next record in it */
	bool lines;         /* each is one; else the body is */
	bool sending, sent; /* all that there are */
	struct kt_record record;
	struct kt_strs texts; /* its key, and names and values of headers in turn */
	struct kt_header *headers;
	int64_t n, waiting, delivered;
	unsigned status; /* of the first failure */
	bool maybe;
	char why[sizeof(((struct kt_err *)0)->msg)];
	struct range *ranges;
	size_t n_ranges, cap_ranges;
};

static void free_job(struct kt_job *job)
{
	if (job->topic)
		job->topic->jobs--;
	kt_buf_fini(&job->body);
	kt_strs_fini(&job->texts);
	free(job->headers);
	free(job->ranges);
	free(job);
}

static void take_tag(struct kt_serve *s, struct kt_job *job)
{
	if (s->n_free) {
		job->tag = s->free_tags[--s->n_free];
	} else {
		job->tag = (uint32_t)s->n_jobs++;
		s->jobs = kt_grow(s->jobs, &s->cap_jobs, s->n_jobs, sizeof(*s->jobs));
	}
	s->jobs[job->tag] = job;
	s->active++;
	s->inflight += job->body.len;
}

static void give_tag_back(struct kt_serve *s, const struct kt_job *job)
{
	s->jobs[job->tag] = NULL;
	s->free_tags = kt_grow(s->free_tags, &s->cap_free, s->n_free + 1, sizeof(*s->free_tags));
	s->free_tags[s->n_free++] = job->tag;
	s->active--;
	s->inflight -= job->body.len;
}

static void forget_topic(struct kt_serve_topic *topic)
{
	free(topic->name);
	free(topic);
}

/* Some topic that nobody waits for, and that nothing is counted of, goes; false: there is none. */
static bool make_room(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_topics; i++) {
		struct kt_serve_topic *t = s->topics[i];
		if (t->handle >= 0 || t->jobs || t->delivered || t->failed)
			continue;
		s->topics[i] = s->topics[--s->n_topics];
		forget_topic(t);
		return true;
	}
	return false;
}

static struct kt_serve_topic *topic_of(struct kt_serve *s, const char *name)
{
	for (size_t i = 0; i < s->n_topics; i++)
		if (!strcmp(s->topics[i]->name, name))
			return s->topics[i];
	if (s->n_topics >= TOPICS && !make_room(s))
		return NULL;
	struct kt_serve_topic *t = kt_calloc(1, sizeof(*t));
	*t = (struct kt_serve_topic){.name = kt_strdup(name), .handle = -1};
	s->topics = kt_grow(s->topics, &s->cap_topics, s->n_topics + 1, sizeof(*s->topics));
	s->topics[s->n_topics++] = t;
	return t;
}

/* 1: records may be sent. 0: it is being looked for. -1: topic->why. */
static int find_topic(struct kt_serve *s, struct kt_serve_topic *t)
{
	int64_t now_us = kt_clock_us();
	if (t->handle < 0 && t->again_us > now_us)
		return -1;
	if (t->handle < 0)
		t->handle = kt_producer_topic(s->producer, t->name, &t->why);
	int found = t->handle < 0 ? -1 : kt_producer_found(s->producer, t->handle, &t->why);
	if (found < 0) {
		t->handle = -1;
		t->again_us = now_us + AGAIN_US;
	}
	return found;
}

static void fail(struct kt_job *job, unsigned status, const char *why)
{
	if (!job->status) {
		job->status = status;
		snprintf(job->why, sizeof(job->why), "%s", why);
	}
}

/* {"topic":"t","partition":0,"offset":42} */
static void write_one(const struct kt_job *job, struct kt_buf *out)
{
	kt_buf_addf(out, "{\"topic\":\"%s\",\"partition\":%d,\"offset\":%lld}\n", job->topic->name,
		(int)job->ranges[0].partition, (long long)job->ranges[0].first);
}

/* {"records":500,"failed":0,"offsets":{"2":[186151,186650]}} */
static void write_many(const struct kt_job *job, struct kt_buf *out)
{
	kt_buf_addf(out, "{\"records\":%lld,\"failed\":%lld", (long long)job->n, (long long)(job->n - job->delivered));
	if (job->status) {
		kt_buf_adds(out, ",\"error\":");
		kt_json_words(out, job->why);
		kt_buf_adds(out, job->maybe ? ",\"maybe_written\":true" : "");
	}
	kt_buf_adds(out, ",\"offsets\":{");
	for (size_t i = 0; i < job->n_ranges; i++) {
		const struct range *r = &job->ranges[i];
		kt_buf_addf(out, "%s\"%d\":[%lld,%lld]", i ? "," : "", (int)r->partition, (long long)r->first,
			(long long)r->last);
	}
	kt_buf_adds(out, "}}\n");
}

static void write_failure(const struct kt_job *job, struct kt_answer *answer)
{
	kt_serve_error(answer, job->status, job->why);
	if (!job->maybe)
		return;
	answer->body.len -= 2;
	kt_buf_adds(&answer->body, ",\"maybe_written\":true}\n");
}

static void write_answer(const struct kt_job *job, struct kt_answer *answer)
{
	const char *reply = kt_route_param(job->route, "reply"), *type = kt_route_param(job->route, "type");
	if (!job->lines && job->status) {
		write_failure(job, answer);
		return;
	}
	answer->status = !job->status ? 200 : job->delivered ? 207 : job->status;
	answer->type = "application/json";
	if (job->lines) {
		write_many(job, &answer->body);
	} else if (job->route->action->id == KT_ROUTE_EVENT) {
		answer->type = type ? type : "text/plain; charset=utf-8";
		kt_buf_adds(&answer->body, reply ? reply : "");
	} else {
		write_one(job, &answer->body);
	}
	if (answer->status == 503)
		kt_answer_header(answer, "Retry-After", "1");
}

/* All its records are accounted for. */
static void finish(struct kt_serve *s, struct kt_job *job)
{
	kt_auto(kt_answer_fini) struct kt_answer answer = {0};
	write_answer(job, &answer);
	kt_httpd_answer(s->httpd, job->ticket, &answer);
	give_tag_back(s, job);
	free_job(job);
}

static void add_offset(struct kt_job *job, int32_t partition, int64_t offset)
{
	size_t i = 0;
	while (i < job->n_ranges && job->ranges[i].partition != partition)
		i++;
	if (i == job->n_ranges) {
		job->ranges = kt_grow(job->ranges, &job->cap_ranges, ++job->n_ranges, sizeof(*job->ranges));
		job->ranges[i] = (struct range){partition, offset, offset};
	}
	struct range *r = &job->ranges[i];
	r->first = offset < r->first ? offset : r->first;
	r->last = offset > r->last ? offset : r->last;
}

/* What a failure is to a client, by librdkafka's words (rd_kafka_err2str()): a broker's own begin with "Broker: ". Who
 * waited in vain, here or there, may try again. */
static unsigned status_of(const struct kt_delivery *d)
{
	if (strstr(d->failed, "authorization failed"))
		return 403;
	bool refused = !strncmp(d->failed, "Broker: ", 8) && !strstr(d->failed, "timed out") &&
		       !strstr(d->failed, "Not enough");
	return refused && !d->maybe ? 502 : 503;
}

void kt_job_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_serve *s = user;
	struct kt_job *job = s->jobs[d->tag];
	job->waiting--;
	if (d->failed) {
		fail(job, status_of(d), d->failed);
		job->maybe |= d->maybe;
		job->topic->failed++;
	} else {
		add_offset(job, d->partition, d->offset);
		job->delivered++;
		job->topic->delivered++;
	}
	if (job->sent && !job->sending && !job->waiting)
		finish(s, job);
}

/* The next line that is not empty, without its end; false after the last. */
static bool next_line(const struct kt_buf *body, size_t *at, struct kt_bytes *line)
{
	while (*at < body->len) {
		const char *start = body->data + *at, *newline = memchr(start, '\n', body->len - *at);
		size_t len = newline ? (size_t)(newline - start) : body->len - *at;
		*at += len + (newline != NULL);
		len -= len && start[len - 1] == '\r';
		*line = (struct kt_bytes){start, len};
		if (len)
			return true;
	}
	return false;
}

static bool next_record(struct kt_job *job, size_t *at)
{
	if (job->lines)
		return next_line(&job->body, at, &job->record.value);
	job->record.value = (struct kt_bytes){kt_buf_cstr(&job->body), job->body.len};
	return !job->n;
}

/* Hands over as many records as the queue takes; false: not all yet. */
static bool send_records(struct kt_serve *s, struct kt_job *job)
{
	struct kt_err err;
	for (size_t at = job->at; next_record(job, &at); job->at = at) {
		int sent = kt_producer_send(
			s->producer, job->topic->handle, &job->record, job->tag, KT_SEND_BORROWED, &err);
		if (!sent)
			return false;
		job->n++;
		job->waiting += sent > 0;
		if (sent < 0)
			fail(job, 422, err.msg);
	}
	return true;
}

/* True: it needs nothing more but its deliveries, and may be gone. */
static bool go_on(struct kt_serve *s, struct kt_job *job)
{
	int found = find_topic(s, job->topic);
	if (!found)
		return false;
	job->sending = true;
	if (found < 0)
		fail(job, job->topic->why.status == KT_NOT_FOUND ? 404 : 503, job->topic->why.msg);
	job->sent = found < 0 || send_records(s, job);
	job->sending = false;
	if (job->sent && !job->waiting)
		finish(s, job);
	else
		return job->sent;
	return true;
}

void kt_job_retry(struct kt_serve *s)
{
	struct kt_job *list = s->parked;
	s->parked = NULL;
	s->parked_end = &s->parked;
	while (list) {
		struct kt_job *job = list;
		list = job->next;
		job->next = NULL;
		if (go_on(s, job))
			continue;
		*s->parked_end = job;
		s->parked_end = &job->next;
	}
}

/* A page of another site may send its visitor's browser here, but not unseen: browsers say where a request comes from.
 */
static bool is_from_elsewhere(const struct kt_http_request *request)
{
	const char *origin = kt_http_header(request, "Origin"), *host = kt_http_header(request, "Host");
	const char *authority = strstr(origin, "://");
	if (!strcmp(kt_http_header(request, "Sec-Fetch-Site"), "cross-site"))
		return true;
	return *origin && (!authority || strcasecmp(authority + 3, host) != 0);
}

static bool may_be_written(const struct kt_serve *s, const char *topic)
{
	const struct kt_strs *patterns = s->how.topics;
	bool any = !patterns->n;
	for (size_t i = 0; i < patterns->n; i++)
		any |= !fnmatch(patterns->v[i], topic, 0);
	return any && strncmp(topic, "__", 2) != 0;
}

static int read_param(struct kt_job *job, const struct kt_query *q, struct kt_err *err)
{
	int64_t n;
	struct kt_record *r = &job->record;
	if (!strcmp(q->name.data, "key")) {
		kt_strs_add(&job->texts, q->value.data);
		r->key = (struct kt_bytes){job->texts.v[job->texts.n - 1], q->value.len};
	} else if (!strcmp(q->name.data, "partition")) {
		if (kt_parse_i64(q->value.data, 0, INT32_MAX, &n, err) < 0)
			return kt_err_wrap(err, "partition");
		r->partition = (int32_t)n;
	} else if (!strcmp(q->name.data, "timestamp")) {
		if (kt_parse_i64(q->value.data, 1, INT64_MAX, &r->ts_ms, err) < 0)
			return kt_err_wrap(err, "timestamp");
		r->tstype = KT_TS_CREATE;
	} else {
		return kt_err_set(
			err, KT_USAGE, "\"%.60s\" is not a parameter: key, partition, timestamp", q->name.data);
	}
	return 0;
}

static int read_query(struct kt_job *job, const char *target, struct kt_err *err)
{
	kt_auto(kt_query_fini) struct kt_query q = kt_query_of(target);
	while (kt_query_next(&q))
		if (read_param(job, &q, err) < 0)
			return -1;
	return q.malformed ? kt_err_set(err, KT_USAGE, "a %% in the query without two digits") : 0;
}

static void take_header(void *user, const char *name, const char *value)
{
	static const char mark[] = "Kt-Header-";
	struct kt_job *job = user;
	if (strncasecmp(name, mark, sizeof(mark) - 1) != 0)
		return;
	kt_strs_add(&job->texts, name + sizeof(mark) - 1);
	kt_strs_add(&job->texts, value);
}

static int read_headers(struct kt_job *job, const struct kt_http_request *request, struct kt_err *err)
{
	size_t key = job->texts.n;
	kt_http_each_header(request, take_header, job);
	size_t n = (job->texts.n - key) / 2;
	if (n > HEADERS)
		return kt_err_set(err, KT_USAGE, "more than %d headers", HEADERS);
	job->headers = kt_calloc(n + 1, sizeof(*job->headers));
	for (size_t i = 0; i < n; i++) {
		const char *name = job->texts.v[key + 2 * i], *value = job->texts.v[key + 2 * i + 1];
		job->headers[i] = (struct kt_header){{name, strlen(name)}, {value, strlen(value)}};
	}
	job->record.headers = job->headers;
	job->record.n_headers = n;
	return 0;
}

static bool has_lines(const struct kt_http_request *request)
{
	static const char type[] = "application/x-ndjson";
	const char *given = kt_http_header(request, "Content-Type");
	return !strncasecmp(given, type, sizeof(type) - 1) && strchr(" ;", given[sizeof(type) - 1]);
}

/* The whole body is looked at before its first record is sent. 0, or the status with err. */
static unsigned look_at_body(const struct kt_serve *s, struct kt_job *job, struct kt_err *err)
{
	size_t most = kt_producer_max_record(s->how.settings), at = 0, n = 0;
	struct kt_bytes line;
	if (!job->lines && job->body.len > most) {
		kt_err_set(err, KT_USAGE, "the body is %s", KT_TOO_LARGE);
		return 413;
	}
	while (job->lines && next_line(&job->body, &at, &line)) {
		n++;
		if (line.len <= most)
			continue;
		kt_err_set(err, KT_USAGE, "record %zu is %s", n, KT_TOO_LARGE);
		return 413;
	}
	if (job->lines && !n)
		kt_err_set(err, KT_USAGE, "there are no records");
	return job->lines && !n ? 400 : 0;
}

/* 0, or the status that the request is refused with, and err. */
static unsigned fill(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request,
	struct kt_route_found *found, struct kt_err *err)
{
	job->route = found->route;
	job->record.partition = -1;
	if (found->route->action->id == KT_ROUTE_EVENT) {
		kt_buf_adds(&job->body, kt_route_word(found, 1));
		return 0;
	}
	if (read_query(job, request->target, err) < 0 || read_headers(job, request, err) < 0)
		return 400;
	job->lines = has_lines(request);
	job->body = kt_http_take_body(request);
	return look_at_body(s, job, err);
}

/* Why a request for this topic is refused, or NULL. */
static const char *refusal(
	const struct kt_serve *s, const struct kt_http_request *request, const char *topic, unsigned *status)
{
	struct kt_err ignored;
	*status = 403;
	if (is_from_elsewhere(request))
		return "the request comes from a page of another site";
	if (!may_be_written(s, topic))
		return "this topic may not be written here";
	*status = 404;
	if (kt_topic_check(topic, &ignored) < 0)
		return "this cannot be the name of a topic";
	*status = 503;
	return s->draining ? "the server ends" : NULL;
}

void kt_job_begin(
	struct kt_serve *s, struct kt_http_request *request, struct kt_route_found *found, struct kt_answer *answer)
{
	const char *topic = kt_route_word(found, 0), *type = kt_route_param(found->route, "type"), *why;
	struct kt_err err = {0};
	unsigned status;
	if (!strcmp(request->method, "HEAD")) {
		answer->type = type ? type : "text/plain; charset=utf-8";
		return;
	}
	why = refusal(s, request, topic, &status);
	if (why) {
		kt_serve_error(answer, status, why);
		return;
	}
	struct kt_job *job = kt_calloc(1, sizeof(*job));
	status = fill(s, job, request, found, &err);
	job->topic = status ? NULL : topic_of(s, topic);
	if (!job->topic) {
		kt_serve_error(answer, status ? status : 503, status ? err.msg : "too many topics");
		free_job(job);
		return;
	}
	job->topic->jobs++;
	take_tag(s, job);
	job->ticket = kt_httpd_defer(request);
	/* The loop goes on with it, after those that came before. */
	*s->parked_end = job;
	s->parked_end = &job->next;
}

void kt_job_fini(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_jobs; i++)
		if (s->jobs[i])
			free_job(s->jobs[i]);
	for (size_t i = 0; i < s->n_topics; i++)
		forget_topic(s->topics[i]);
	free(s->jobs);
	free(s->free_tags);
	free(s->topics);
}
