#include "reads.h"

#include "embedded.h"
#include "mem.h"
#include "num.h"
#include "reads_own.h"
#include "serve_own.h"
#include "topic.h"
#include "when.h"

enum { LOOK_US = 1000000, SHARES = 8 };

void kt_read_free(struct kt_read *read)
{
	if (read->link)
		*read->link = read->next;
	if (read->next)
		read->next->link = read->link;
	kt_answer_fini(&read->answer);
	kt_buf_fini(&read->unreadable);
	free(read->topic);
	free(read);
}

static void drop(struct kt_worker_item *item)
{
	struct kt_read *read = (struct kt_read *)item;
	read->answer.status = 503;
	if (read->done)
		read->done(read->user, read);
	kt_read_free(read);
}

int kt_reads_open(struct kt_reads **out, const struct kt_settings *settings, unsigned threads, size_t most_bytes,
	int64_t ask_ms, struct kt_err *err)
{
	struct kt_reads *r = kt_calloc(1, sizeof(*r));
	const struct kt_workers_how how = {.threads = threads,
		.waiting = KT_READS_WAITING,
		.work = kt_read_work,
		.end = kt_read_end,
		.drop = drop,
		.user = r};
	r->most_bytes = most_bytes;
	r->ask_ms = ask_ms;
	r->shares = threads > SHARES ? threads : SHARES;
	r->owner.stop = &r->stop;
	kt_settings_copy(&r->settings, settings);
	kt_embedded_tune(&r->settings);
	if (kt_workers_open(&r->workers, &how, err) < 0) {
		kt_reads_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void kt_read_refuse(bool v2, unsigned status, int64_t code, const char *why, struct kt_answer *answer)
{
	if (v2)
		kt_serve_error_v2(answer, status, code, why);
	else
		kt_serve_error(answer, status, why);
}

/* What a client of the REST proxy's API accepts; anything is binary. */
static bool read_accept(const struct kt_http_request *request, enum kt_rest_format *format)
{
	const char *accept = kt_http_header(request, "Accept");
	*format = KT_REST_BINARY;
	if (kt_rest_format(accept, format))
		return true;
	*format = KT_REST_BINARY;
	return !*accept || strstr(accept, "*/*") || strstr(accept, "application/*");
}

/* The partition of the path. */
static int read_place(struct kt_read *read, const char *text, struct kt_err *err)
{
	int64_t n;
	if (kt_parse_i64(text, 0, INT32_MAX, &n, err) < 0)
		return -1;
	read->query.partitions[0] = (int32_t)n;
	read->query.n_partitions = 1;
	return 0;
}

/* 0, or the status that the request is refused with, its code, and err. */
static unsigned prepare(struct kt_read *read, const struct kt_http_request *request, const struct kt_route_found *found,
	int64_t *code, struct kt_err *err)
{
	struct kt_err ignored;
	const char *topic = kt_route_word(found, 0);
	*code = 0;
	if (kt_topic_check(topic, &ignored) < 0) {
		kt_err_set(err, KT_NOT_FOUND, read->v2 ? "Topic not found." : "this cannot be the name of a topic");
		return 404;
	}
	read->topic = kt_strdup(topic);
	if (kt_readquery_parse(&read->query, request->target, read->v2, err) < 0)
		return 400;
	if (!read->v2)
		return 0;
	if (!read_accept(request, &read->format)) {
		*code = 40601;
		kt_err_set(err, KT_USAGE, "expected to accept application/vnd.kafka.json.v2+json, binary, or text");
		return 406;
	}
	if (read_place(read, kt_route_word(found, 1), &ignored) == 0)
		return 0;
	*code = 40402;
	kt_err_set(err, KT_NOT_FOUND, "Partition not found.");
	return 404;
}

bool kt_reads_put(struct kt_reads *r, struct kt_read *read)
{
	read->reads = r;
	return kt_workers_put(r->workers, &read->item);
}

static void put(struct kt_reads *r, struct kt_read *read)
{
	struct kt_answer refused = {0};
	if (kt_reads_put(r, read)) {
		r->active++;
		read->link = &r->first;
		read->next = r->first;
		if (read->next)
			read->next->link = &read->next;
		r->first = read;
		return;
	}
	kt_read_refuse(read->v2, 503, 0, "too many requests wait for records", &refused);
	kt_httpd_answer(read->httpd, read->ticket, &refused);
	kt_read_free(read);
}

void kt_reads_begin(struct kt_reads *r, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer)
{
	struct kt_read *read = kt_calloc(1, sizeof(*read));
	struct kt_err err = {0};
	int64_t code;
	read->httpd = httpd;
	read->v2 = found->route->action->id == KT_ROUTE_READ;
	read->query.most_bytes = (int64_t)r->most_bytes;
	read->query.max_bytes = r->most_bytes < 1 << 20 ? (int64_t)r->most_bytes : 1 << 20;
	read->asked_us = kt_clock_us();
	unsigned status = prepare(read, request, found, &code, &err);
	if (status) {
		kt_read_refuse(read->v2, status, code, err.msg, answer);
		kt_read_free(read);
		return;
	}
	read->ticket = kt_httpd_defer(request);
	put(r, read);
}

int kt_reads_fd(const struct kt_reads *r)
{
	return kt_workers_fd(r->workers);
}

static void look_at_clients(struct kt_reads *r)
{
	int64_t now_us = kt_clock_us();
	if (now_us < r->look_us)
		return;
	r->look_us = now_us + LOOK_US;
	for (struct kt_read *read = r->first; read; read = read->next)
		if (kt_httpd_has_closed(read->httpd, read->ticket))
			atomic_store(&read->closed, true);
}

void kt_reads_allow(struct kt_reads *r, size_t bytes)
{
	atomic_store_explicit(&r->room, bytes, memory_order_relaxed);
}

void kt_reads_serve(struct kt_reads *r)
{
	struct kt_read *read;
	look_at_clients(r);
	while ((read = (struct kt_read *)kt_workers_take(r->workers)) != NULL) {
		if (read->done) {
			read->done(read->user, read);
		} else {
			kt_httpd_answer(read->httpd, read->ticket, &read->answer);
			r->active--;
		}
		kt_read_free(read);
	}
}

size_t kt_reads_active(const struct kt_reads *r)
{
	return r->active;
}

void kt_reads_hurry(struct kt_reads *r)
{
	atomic_store(&r->hurry, true);
}

void kt_reads_close(struct kt_reads *r)
{
	if (!r)
		return;
	kt_stop_call(&r->stop, KT_FAILED);
	kt_workers_close(r->workers);
	kt_settings_fini(&r->settings);
	free(r);
}
