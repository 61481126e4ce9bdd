/* The way of records that a request made: topics, the queue, deliveries. */
#include "job_own.h"

#include "channel.h"
#include "mem.h"
#include "senders.h"
#include "topic.h"
#include "when.h"

static void free_job(struct kt_job *job)
{
	if (job->topic)
		job->topic->jobs--;
	for (size_t i = 0; i < job->n_outcomes; i++)
		free(job->outcomes[i].why);
	free(job->outcomes);
	kt_restbody_fini(&job->records);
	kt_recordjson_fini(&job->line);
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
	s->inflight += job->size;
}

static void give_tag_back(struct kt_serve *s, const struct kt_job *job)
{
	s->jobs[job->tag] = NULL;
	s->free_tags = kt_grow(s->free_tags, &s->cap_free, s->n_free + 1, sizeof(*s->free_tags));
	s->free_tags[s->n_free++] = job->tag;
	s->active--;
	s->inflight -= job->size;
}

static void fail(struct kt_job *job, unsigned status, const char *why)
{
	if (!job->status) {
		job->status = status;
		snprintf(job->why, sizeof(job->why), "%s", why);
	}
}

static void answer_job(struct kt_job *job)
{
	kt_auto(kt_answer_fini) struct kt_answer answer = {0};
	kt_job_write(job, &answer);
	kt_httpd_answer(job->httpd, job->ticket, &answer);
}

/* All its records are accounted for. */
static void finish(struct kt_serve *s, struct kt_job *job)
{
	if (!job->async)
		answer_job(job);
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
		job->ranges[i] = (struct kt_job_range){partition, offset, offset};
	}
	struct kt_job_range *r = &job->ranges[i];
	r->first = offset < r->first ? offset : r->first;
	r->last = offset > r->last ? offset : r->last;
}

unsigned kt_job_status_of(const struct kt_delivery *d)
{
	if (d->failure == KT_FAILURE_FORBIDDEN)
		return 403;
	return d->failure == KT_FAILURE_FINAL && !d->maybe ? 502 : 503;
}

/* What became of its record number i; status 0: it was acknowledged. */
static void note_outcome(
	struct kt_job *job, size_t i, int32_t partition, int64_t offset, unsigned status, const char *why)
{
	if (status)
		fail(job, status, why);
	else
		add_offset(job, partition, offset);
	job->delivered += !status;
	if (job->outcomes)
		job->outcomes[i] = (struct kt_job_outcome){.partition = partition,
			.offset = offset,
			.status = status,
			.why = status ? kt_strdup(why) : NULL};
}

void kt_job_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_serve *s = user;
	if (d->tag >> KT_JOB_RECORD_BITS == KT_CHANNEL_JOB) {
		kt_channel_delivery(s, d);
		return;
	}
	if (d->tag >> KT_JOB_RECORD_BITS == KT_SENDERS_JOB) {
		kt_senders_delivery(s, d);
		return;
	}
	struct kt_job *job = s->jobs[d->tag >> KT_JOB_RECORD_BITS];
	unsigned status = d->failed ? kt_job_status_of(d) : 0;
	job->waiting--;
	note_outcome(job, (size_t)(d->tag & KT_JOB_RECORDS), d->partition, d->offset, status, d->failed);
	job->maybe |= d->maybe;
	if (job->outcomes)
		job->outcomes[d->tag & KT_JOB_RECORDS].maybe = d->maybe;
	job->topic->failed += status != 0;
	job->topic->delivered += !status;
	if (job->sent && !job->sending && !job->waiting)
		finish(s, job);
}

/* The whole body was looked at, so that it can be read. What says where a record was is passed over. */
static bool next_json(struct kt_job *job, size_t *at)
{
	struct kt_err ignored;
	struct kt_bytes line;
	int32_t partition = job->record.partition;
	if (!kt_job_line(&job->body, at, &line) || kt_recordjson_read(&job->line, line.data, line.len, &ignored) < 0)
		return false;
	job->record = job->line.record;
	job->record.partition = partition;
	return true;
}

static bool next_record(struct kt_job *job, size_t *at)
{
	switch (job->form) {
	case KT_JOB_LINES:
		return kt_job_line(&job->body, at, &job->record.value);
	case KT_JOB_JSON_LINES:
		return next_json(job, at);
	case KT_JOB_RECORDS_V2:
		if ((size_t)job->n == job->records.n)
			return false;
		int32_t partition = job->record.partition;
		kt_restbody_record(&job->records, (size_t)job->n, &job->record);
		job->record.partition = job->record.partition < 0 ? partition : job->record.partition;
		return true;
	default:
		job->record.value = (struct kt_bytes){kt_buf_cstr(&job->body), job->body.len};
		return !job->n;
	}
}

unsigned kt_job_status_unsent(const struct kt_err *err)
{
	if (err->status == KT_UNREACHABLE)
		return 503;
	return err->status == KT_FAILED ? 403 : err->status == KT_NOT_FOUND ? 404 : 422;
}

/* Hands over as many records as the queue takes; false: not all yet. */
static bool send_records(struct kt_serve *s, struct kt_job *job)
{
	struct kt_err err;
	unsigned flags = job->form == KT_JOB_JSON_LINES ? 0 : KT_SEND_BORROWED;
	for (size_t at = job->at; next_record(job, &at); job->at = at) {
		int64_t tag = (int64_t)job->tag << KT_JOB_RECORD_BITS | job->n;
		int sent = kt_producer_send(s->producer, job->topic->handle, &job->record, tag, flags, &err);
		if (!sent)
			return false;
		if (sent < 0)
			note_outcome(job, (size_t)job->n, -1, -1, kt_job_status_unsent(&err), err.msg);
		job->n++;
		job->waiting += sent > 0;
	}
	return true;
}

/* Its topic is known: what cannot be sent to it is noticed before its first record is sent. */
static unsigned check_partitions(const struct kt_serve *s, struct kt_job *job, struct kt_err *err)
{
	int32_t count = kt_producer_partitions(s->producer, job->topic->handle);
	if (job->record.partition >= count) {
		job->no_partition = true;
		kt_err_set(err, KT_FAILED, "there is no partition %d", (int)job->record.partition);
		return job->form == KT_JOB_RECORDS_V2 ? 404 : 422;
	}
	for (size_t i = 0; i < job->records.n; i++)
		if (job->records.v[i].partition >= count) {
			kt_err_set(err, KT_FAILED, "record %zu: there is no partition %d", i + 1,
				(int)job->records.v[i].partition);
			return 422;
		}
	return 0;
}

/* Nothing of it has been sent: true when something may be. */
static bool may_begin(const struct kt_serve *s, struct kt_job *job, int found)
{
	struct kt_err err = {0};
	unsigned status = 0;
	if (found < 0)
		fail(job, job->topic->refused, job->topic->why.msg);
	else if (!found)
		fail(job, 503, "no broker has said in time whether there is such a topic");
	else if (!job->n && (status = check_partitions(s, job, &err)) != 0)
		fail(job, status, err.msg);
	return found > 0 && !status;
}

/* True when it needs nothing more but its deliveries, and may be gone. */
static bool go_on(struct kt_serve *s, struct kt_job *job)
{
	int found = kt_serve_topic_find(s, job->topic);
	if (!found && kt_clock_us() < job->until_us)
		return false;
	job->sending = true;
	job->sent = !may_begin(s, job, found) || send_records(s, job);
	job->sending = false;
	if (!job->sent)
		return false;
	if (job->async)
		answer_job(job);
	if (!job->waiting)
		finish(s, job);
	return true;
}

/* The loop goes on with it, after those that came before. */
static void park(struct kt_serve *s, struct kt_job *job)
{
	*s->parked_end = job;
	s->parked_end = &job->next;
}

void kt_job_retry(struct kt_serve *s)
{
	struct kt_job *list = s->parked;
	enum kt_gather_word word = kt_gather_look(&s->gather, kt_producer_waiting(s->producer), kt_clock_us());
	if (word == KT_GATHER_WAIT)
		return;
	s->parked = NULL;
	s->parked_end = &s->parked;
	while (list) {
		struct kt_job *job = list;
		list = job->next;
		job->next = NULL;
		if (go_on(s, job))
			continue;
		park(s, job);
	}
	if (word == KT_GATHER_HURRY)
		kt_producer_hurry(s->producer);
}

unsigned kt_job_refusal(
	const struct kt_serve *s, const struct kt_http_request *request, const char *topic, struct kt_err *err)
{
	unsigned status = 0;
	struct kt_err ignored;
	const char *why = NULL;
	if (kt_access_is_from_elsewhere(request)) {
		status = 403;
		why = "the request comes from a page of another site";
	} else if (!kt_access_may(s, request, KT_RIGHT_PRODUCE, topic)) {
		status = 403;
		why = "this topic may not be written to here";
	} else if (kt_topic_check(topic, &ignored) < 0) {
		status = 404;
		why = "this cannot be the name of a topic";
	} else if (s->ending) {
		status = 503;
		why = "the server ends";
	}
	if (why)
		kt_err_set(err, KT_FAILED, "%s", why);
	return status;
}

/* Nobody waits for the answers of some requests (async), and what they hold is held still; and answers that have a part
 * for each record are not made for those who do not take them. */
static const char *have_no_room(const struct kt_serve *s, struct kt_job *job)
{
	job->size = job->body.len + kt_restbody_size(&job->records) + job->n_outcomes * sizeof(*job->outcomes);
	if (s->inflight && s->inflight + job->size > (size_t)s->how.limits.max_inflight)
		return "too many requests are waiting";
	return job->outcomes && kt_serve_is_full(s) ? KT_SERVE_FULL : NULL;
}

/* 0, or the status that the request is refused with, and err. */
static unsigned prepare(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_err *err)
{
	const char *topic;
	unsigned status = kt_job_read(s, job, request, found, &topic, err);
	if (!status)
		status = kt_job_refusal(s, request, topic, err);
	if (status)
		return status;
	const char *why = have_no_room(s, job);
	job->topic = why ? NULL : kt_serve_topic(s, topic);
	if (!job->topic)
		kt_err_set(err, KT_FAILED, "%s", why ? why : "too many topics");
	return job->topic ? 0 : 503;
}

void kt_job_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer)
{
	struct kt_serve *s = at->serve;
	const char *type = kt_route_param(found->route, "type");
	struct kt_err err = {0};
	if (!strcmp(request->method, "HEAD")) {
		answer->type = type ? type : "text/plain; charset=utf-8";
		return;
	}
	struct kt_job *job = kt_calloc(1, sizeof(*job));
	unsigned status = prepare(s, job, request, found, &err);
	if (status) {
		fail(job, status, err.msg);
		kt_job_write_failure(job, answer);
		free_job(job);
		return;
	}
	job->topic->jobs++;
	int64_t now_us = kt_clock_us();
	job->until_us = now_us + s->how.deadline_ms * 1000;
	take_tag(s, job);
	job->httpd = at->httpd;
	job->ticket = kt_httpd_defer(request);
	park(s, job);
	kt_gather_add(&s->gather, job->size, job->async, now_us);
}

void kt_job_fini(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_jobs; i++)
		if (s->jobs[i])
			free_job(s->jobs[i]);
	free(s->jobs);
	free(s->free_tags);
}
