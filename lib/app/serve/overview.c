#include "overview.h"

#include "embedded.h"
#include "jsonout.h"
#include "mem.h"
#include "overview_own.h"
#include "serve_own.h"
#include "when.h"
#include "workers.h"

/* REST: so many times longer than asking took nobody is asked again, but MOST at most: a broker that hangs takes the
 * time, not the work. */
enum { ASK_MS = 10000, LEAST_MS = 2000, MOST_MS = 20000, REST = 10, WAITING = 1000 };

struct asker {
	struct asker *next;
	struct kt_httpd *httpd;
	uint64_t ticket;
	const struct kt_token *who;
};

struct look {
	struct kt_worker_item item;
	struct kt_overview_known known;
	int64_t took_ms;
	bool failed;
	struct kt_err err;
};

struct kt_overview {
	struct kt_settings settings;
	struct kt_owner owner;
	struct kt_stop stop;
	struct kt_workers *workers;
	const struct kt_strs *topics;
	struct kt_client *client; /* the thread's */
	struct kt_overview_sizes *sizes;
	struct kt_overview_known known;
	int64_t again_us; /* not asked again before that; 0: nothing is known */
	int64_t again_ms;
	bool looking;
	struct asker *askers;
	size_t n_askers;
};

static void drop(struct kt_worker_item *item)
{
	struct look *look = (struct look *)item;
	kt_overview_known_fini(&look->known);
	free(look);
}

static void work(void *user, void **state, struct kt_worker_item *item)
{
	struct kt_overview *o = user;
	struct look *look = (struct look *)item;
	int64_t begun_us = kt_clock_us();
	bool connects = !o->client;
	(void)state;
	look->failed =
		(!o->client && kt_client_open(&o->client, KT_ROLE_ADMIN, &o->settings, &o->owner, &look->err) < 0) ||
		kt_overview_look(o->client, o->topics, ASK_MS, &look->known, &look->err) < 0;
	/* The first one's time is that of connections. */
	look->took_ms = connects ? 0 : (kt_clock_us() - begun_us) / 1000;
}

int kt_overview_open(
	struct kt_overview **out, const struct kt_settings *settings, const struct kt_strs *topics, struct kt_err *err)
{
	struct kt_overview *o = kt_calloc(1, sizeof(*o));
	const struct kt_workers_how how = {.threads = 1, .waiting = 1, .work = work, .drop = drop, .user = o};
	o->topics = topics;
	o->owner.stop = &o->stop;
	kt_settings_copy(&o->settings, settings);
	kt_embedded_tune(&o->settings);
	if (kt_workers_open(&o->workers, &how, err) < 0 ||
		kt_overview_sizes_open(&o->sizes, &o->settings, &o->stop, err) < 0) {
		kt_overview_close(o);
		return -1;
	}
	*out = o;
	return 0;
}

static void write_topic(
	struct kt_buf *out, const struct kt_overview_topic *topic, int64_t bytes, const struct kt_token *who)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "topic", topic->name);
	kt_jsonout_i64(out, "partitions", topic->partitions);
	kt_jsonout_count(out, "records", topic->records);
	kt_jsonout_count(out, "written", topic->written);
	kt_jsonout_count(out, "bytes", bytes);
	kt_jsonout_bool(out, "consume", !who || kt_token_may(who, KT_RIGHT_CONSUME, topic->name));
	kt_jsonout_bool(out, "produce", !who || kt_token_may(who, KT_RIGHT_PRODUCE, topic->name));
	kt_jsonout_end(out, '}');
}

static void write_group(struct kt_buf *out, const struct kt_overview_group *group, const struct kt_strs *topics,
	const struct kt_token *who)
{
	int64_t lag = 0;
	size_t start = out->len, shown = 0;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "group", group->name);
	kt_jsonout_words(out, "state", group->state);
	kt_jsonout_count(out, "members", group->members);
	kt_jsonout_begin(out, "topics", '[');
	for (size_t i = 0; i < group->n; i++) {
		const struct kt_overview_lag *part = &group->lags[i];
		if (!kt_access_sees(topics, who, part->topic))
			continue;
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_words(out, "topic", part->topic);
		kt_jsonout_count(out, "lag", part->lag);
		kt_jsonout_end(out, '}');
		lag = lag < 0 || part->lag < 0 ? -1 : lag + part->lag;
		shown++;
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_count(out, "lag", lag);
	kt_jsonout_end(out, '}');
	if (!shown)
		out->len = start;
}

static void write_answer(const struct kt_overview *o, const struct kt_token *who, struct kt_answer *answer)
{
	struct kt_buf *out = &answer->body;
	const struct kt_overview_known *known = &o->known;
	answer->type = "application/json";
	kt_answer_header(answer, "Cache-Control", "no-store");
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "at", known->at_ms);
	kt_jsonout_i64(out, "again_ms", o->again_ms);
	kt_jsonout_begin(out, "topics", '[');
	for (size_t i = 0; i < known->n_topics; i++) {
		const struct kt_overview_topic *topic = &known->topics[i];
		if (kt_access_sees(o->topics, who, topic->name))
			write_topic(out, topic, kt_overview_sizes_of(o->sizes, topic), who);
	}
	kt_jsonout_end(out, ']');
	if (known->tells_groups) {
		kt_jsonout_begin(out, "groups", '[');
		for (size_t i = 0; i < known->n_groups; i++)
			write_group(out, &known->groups[i], o->topics, who);
		kt_jsonout_end(out, ']');
	} else {
		kt_jsonout_null(out, "groups");
	}
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static void begin_look(struct kt_overview *o)
{
	struct look *look = kt_calloc(1, sizeof(*look));
	o->looking = kt_workers_put(o->workers, &look->item);
	if (!o->looking)
		drop(&look->item);
}

void kt_overview_ask(struct kt_overview *o, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_token *who, struct kt_answer *answer)
{
	if (o->again_us && kt_until_ms(o->again_us) > 0) {
		write_answer(o, who, answer);
		return;
	}
	if (!o->looking)
		begin_look(o);
	if (!o->looking || o->n_askers == WAITING) {
		kt_serve_error(answer, 503, "too many requests wait for the brokers");
		return;
	}
	struct asker *asker = kt_calloc(1, sizeof(*asker));
	*asker = (struct asker){o->askers, httpd, kt_httpd_defer(request), who};
	o->askers = asker;
	o->n_askers++;
}

static void take(struct kt_overview *o, struct look *look)
{
	o->looking = false;
	if (look->failed)
		return;
	int64_t rest_ms = look->took_ms * REST;
	kt_overview_known_fini(&o->known);
	o->known = look->known;
	look->known = (struct kt_overview_known){0};
	kt_overview_sizes_renew(o->sizes, &o->known);
	o->again_ms = rest_ms < LEAST_MS ? LEAST_MS : rest_ms > MOST_MS ? MOST_MS : rest_ms;
	/* A page that comes again after that time gets something new. */
	o->again_us = kt_clock_us() + (o->again_ms - LEAST_MS / 4) * 1000;
}

static void answer_all(struct kt_overview *o, const struct look *look)
{
	while (o->askers) {
		struct asker *asker = o->askers;
		struct kt_answer answer = {0};
		o->askers = asker->next;
		if (look->failed)
			kt_serve_error(&answer, 503, look->err.msg);
		else
			write_answer(o, asker->who, &answer);
		kt_httpd_answer(asker->httpd, asker->ticket, &answer);
		free(asker);
	}
	o->n_askers = 0;
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_overview *o = user;
	struct look *look;
	(void)revents, (void)err;
	while ((look = (struct look *)kt_workers_take(o->workers)) != NULL) {
		take(o, look);
		answer_all(o, look);
		drop(&look->item);
	}
	return 0;
}

static int64_t wait_for_answers(void *user, struct pollfd *fd)
{
	const struct kt_overview *o = user;
	*fd = (struct pollfd){.fd = kt_workers_fd(o->workers), .events = POLLIN};
	return INT64_MAX;
}

struct kt_loop_source kt_overview_source(struct kt_overview *o)
{
	return (struct kt_loop_source){.user = o, .wait = wait_for_answers, .serve = serve};
}

void kt_overview_end(struct kt_overview *o)
{
	kt_stop_call(&o->stop, KT_FAILED);
}

void kt_overview_close(struct kt_overview *o)
{
	if (!o)
		return;
	kt_overview_end(o);
	kt_workers_close(o->workers);
	kt_client_close(o->client);
	kt_overview_sizes_close(o->sizes);
	while (o->askers) {
		struct asker *asker = o->askers;
		o->askers = asker->next;
		free(asker);
	}
	kt_overview_known_fini(&o->known);
	kt_settings_fini(&o->settings);
	free(o);
}
