#include "decoding.h"

#include "avro_reader.h"
#include "mem.h"
#include "registry.h"
#include "serve_own.h"
#include "workers.h"

/* WORK: bytes of text that are made of one value, shown or not: a few bytes can stand for any amount. */
enum { WAITING = 100, TEXT = 1 << 20, WORK = 16 << 20 };

struct item {
	struct kt_worker_item item;
	struct kt_httpd *httpd;
	uint64_t ticket;
	struct kt_buf body;
	struct kt_answer answer;
};

/* The reader and the registry belong to the thread. */
struct kt_decoding {
	struct kt_settings settings;
	struct kt_owner owner;
	struct kt_stop stop;
	struct kt_client_opts client;
	struct kt_workers *workers;
	struct kt_avro_how how;
	struct kt_strs wanted; /* no field */
	struct kt_avro_reader *reader;
	struct kt_registry *registry;
};

static void drop(struct kt_worker_item *worker_item)
{
	struct item *item = (struct item *)worker_item;
	kt_answer_fini(&item->answer);
	kt_buf_fini(&item->body);
	free(item);
}

static int ask_registry(void *user, int64_t id, struct kt_buf *text, struct kt_err *err)
{
	struct kt_decoding *d = user;
	return kt_registry_get(d->registry, id, text, err);
}

static void prepare(struct kt_decoding *d)
{
	if (d->reader)
		return;
	d->registry = kt_registry_new(NULL, &d->client, &d->settings);
	d->reader = kt_avro_reader_new(&d->how, KT_AVRO_FIND);
	kt_avro_ask_with(d->reader, ask_registry, d);
}

static int read_data(struct kt_avro_reader *reader, struct kt_buf *out, struct kt_err *err)
{
	uint64_t begun = kt_avro_made(reader);
	int more;
	while ((more = kt_avro_next(reader, out, err)) > 0) {
		kt_buf_addc(out, '\n');
		if (out->len > TEXT || kt_avro_made(reader) - begun > WORK)
			return kt_err_set(err, KT_FAILED, "this is more than %d kB of text", TEXT >> 10);
	}
	return more < 0 || out->len ? more : kt_err_set(err, KT_FAILED, "there are no data in it");
}

static void work(void *user, void **state, struct kt_worker_item *worker_item)
{
	struct kt_decoding *d = user;
	struct item *item = (struct item *)worker_item;
	struct kt_err err = {0};
	(void)state;
	prepare(d);
	kt_avro_begin(d->reader, (struct kt_bytes){item->body.data ? item->body.data : "", item->body.len}, true);
	item->answer.type = "application/x-ndjson";
	if (read_data(d->reader, &item->answer.body, &err) < 0) {
		item->answer.body.len = 0;
		kt_serve_error(&item->answer, err.status == KT_FAILED ? 422 : 503, err.msg);
	}
	kt_avro_end(d->reader);
}

int kt_decoding_open(
	struct kt_decoding **out, const struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_decoding *d = kt_calloc(1, sizeof(*d));
	const struct kt_workers_how how = {.threads = 1, .waiting = WAITING, .work = work, .drop = drop, .user = d};
	d->owner.stop = &d->stop;
	d->client = (struct kt_client_opts){.timeout_ms = timeout_ms, .owner = &d->owner};
	d->how = (struct kt_avro_how){.form = KT_AVRO_JSON, .logical = true, .wanted = &d->wanted};
	kt_settings_copy(&d->settings, settings);
	if (kt_workers_open(&d->workers, &how, err) < 0) {
		kt_decoding_close(d);
		return -1;
	}
	*out = d;
	return 0;
}

void kt_decoding_ask(
	struct kt_decoding *d, struct kt_httpd *httpd, struct kt_http_request *request, struct kt_answer *answer)
{
	if (kt_access_is_from_elsewhere(request)) {
		kt_serve_error(answer, 403, "the request comes from a page of another site");
		return;
	}
	struct item *item = kt_calloc(1, sizeof(*item));
	item->httpd = httpd;
	item->body = kt_http_take_body(request);
	item->ticket = kt_httpd_defer(request);
	if (kt_workers_put(d->workers, &item->item))
		return;
	kt_serve_error(&item->answer, 503, "too many values wait");
	kt_httpd_answer(httpd, item->ticket, &item->answer);
	item->answer = (struct kt_answer){0};
	drop(&item->item);
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_decoding *d = user;
	struct item *item;
	(void)revents, (void)err;
	while ((item = (struct item *)kt_workers_take(d->workers)) != NULL) {
		kt_httpd_answer(item->httpd, item->ticket, &item->answer);
		item->answer = (struct kt_answer){0};
		drop(&item->item);
	}
	return 0;
}

static int64_t wait_for_answers(void *user, struct pollfd *fd)
{
	const struct kt_decoding *d = user;
	*fd = (struct pollfd){.fd = kt_workers_fd(d->workers), .events = POLLIN};
	return INT64_MAX;
}

struct kt_loop_source kt_decoding_source(struct kt_decoding *d)
{
	return (struct kt_loop_source){.user = d, .wait = wait_for_answers, .serve = serve};
}

void kt_decoding_end(struct kt_decoding *d)
{
	kt_stop_call(&d->stop, KT_UNREACHABLE);
}

void kt_decoding_close(struct kt_decoding *d)
{
	if (!d)
		return;
	kt_decoding_end(d);
	kt_workers_close(d->workers);
	kt_avro_reader_free(d->reader);
	kt_registry_free(d->registry);
	kt_settings_fini(&d->settings);
	free(d);
}
