#include "tail.h"

#include "mem.h"
#include "queuefd.h"
#include "sig.h"
#include "unpacking.h"
#include "when.h"

enum { BATCH = 1000, WAIT_MS = 100 };

/* One partition: windows [from, to) of offsets, the last one first, until enough records were found in them. */
struct window {
	struct kt_partition *part; /* of the caller */
	int64_t from, to, wanted;  /* wanted: records that are still to be found */
	int64_t *ring;             /* offsets of the last `wanted` records of this window */
	int64_t seen, size;        /* how many there were, and how many offsets ring has room for */
	rd_kafka_topic_t *rkt;
	bool open;          /* being read */
	int64_t first_read; /* of the search: what was taken before belongs to the window before this one */
};

struct search {
	struct kt_client *client;
	struct kt_queuefd wake;
	struct window *v;
	size_t n;
	int64_t reads;
};

static void tear_down(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].rkt)
			rd_kafka_topic_destroy(s->v[i].rkt);
		free(s->v[i].ring);
	}
	free(s->v);
	kt_queuefd_fini(&s->wake);
	kt_client_close(s->client);
}

static int open_search(struct search *s, struct kt_client *c, struct kt_err *err)
{
	const struct kt_settings *settings = kt_client_settings(c);
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	/* With one it would commit what it reads. */
	rd_kafka_conf_set(conf, "group.id", NULL, NULL, 0);
	/* Only this event says that nothing follows the last record. */
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", NULL, 0);
	kt_client_prefer(conf, settings, "fetch.wait.max.ms", "10");
	if (kt_client_start(&s->client, KT_ROLE_CONSUMER, conf, settings, kt_client_owner(c), NULL, err) < 0)
		return -1;
	return kt_queuefd_init(&s->wake, rd_kafka_queue_new(kt_client_handle(s->client)), err);
}

static int begin(struct search *s, struct window *w, struct kt_err *err)
{
	struct kt_partition *part = w->part;
	w->seen = 0;
	w->first_read = s->reads + 1;
	w->size = w->wanted < w->to - w->from ? w->wanted : w->to - w->from;
	free(w->ring);
	w->ring = kt_calloc((size_t)w->size, sizeof(*w->ring));
	w->open = true;
	if (rd_kafka_consume_start_queue(w->rkt, part->partition, w->from, s->wake.queue) == 0)
		return 0;
	return kt_client_fail(
		s->client, rd_kafka_last_error(), err, "reading %s [%d]", part->topic, (int)part->partition);
}

/* The window was read: the start is in it, or the next one is before it and twice as large. */
static int end(struct search *s, struct window *w, struct kt_err *err)
{
	rd_kafka_consume_stop(w->rkt, w->part->partition);
	w->open = false;
	if (w->seen >= w->wanted) {
		w->part->start = w->ring[w->seen % w->size];
		return 0;
	}
	w->wanted -= w->seen;
	int64_t width = 2 * (w->to - w->from);
	w->to = w->from;
	w->from = w->to - w->part->begin > width ? w->to - width : w->part->begin;
	w->part->start = w->part->begin;
	return w->from < w->to ? begin(s, w, err) : 0;
}

static int take(struct search *s, const rd_kafka_message_t *m, struct kt_err *err)
{
	struct window *w = NULL;
	for (size_t i = 0; i < s->n && !w; i++)
		if (s->v[i].rkt == m->rkt && s->v[i].part->partition == m->partition)
			w = &s->v[i];
	if (!w || !w->open || s->reads < w->first_read)
		return 0;
	bool at_end = m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
	if (kt_unpacking_is_refusal(m->err))
		return 0;
	if (m->err && !at_end)
		return kt_client_fail(s->client, m->err, err, "looking for the last records of %s [%d]", w->part->topic,
			(int)w->part->partition);
	if (!m->err && m->offset >= w->from && m->offset < w->to)
		w->ring[w->seen++ % w->size] = m->offset;
	return at_end || m->offset + 1 >= w->to ? end(s, w, err) : 0;
}

static bool is_open(const struct search *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].open)
			return true;
	return false;
}

/* Until every window was read. */
static int read_all(struct search *s, int64_t timeout_ms, struct kt_err *err)
{
	rd_kafka_message_t *batch[BATCH];
	int64_t came_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting waiting = {.owner = kt_client_owner(s->client)};
	int result = 0;
	while (!result && is_open(s)) {
		struct pollfd fd = {.fd = s->wake.fd, .events = POLLIN};
		kt_queuefd_clear(&s->wake);
		rd_kafka_poll(kt_client_handle(s->client), 0);
		s->reads++;
		ssize_t got = rd_kafka_consume_batch_queue(s->wake.queue, 0, batch, BATCH);
		for (ssize_t i = 0; i < got; i++) {
			result = result ? result : take(s, batch[i], err);
			rd_kafka_message_destroy(batch[i]);
		}
		int stopped = kt_client_stopped(s->client);
		if (stopped)
			return kt_err_set(err, stopped, "interrupted while looking for the last records");
		came_us = got > 0 ? kt_clock_us() : came_us;
		if (kt_clock_us() - came_us > timeout_ms * 1000)
			return kt_client_fail(
				s->client, RD_KAFKA_RESP_ERR__TIMED_OUT, err, "looking for the last records");
		if (got > 0)
			continue;
		kt_waiting_say(&waiting, "the last records to be found");
		kt_wait(&fd, 1, WAIT_MS);
	}
	return result;
}

/* Without metadata the first fetch would wait half a second for the leader. */
static int warm_up(struct search *s, const struct kt_tail *tails, size_t n, int64_t timeout_ms, struct kt_err *err)
{
	for (size_t i = 0; i < n; i++)
		if ((!i || strcmp(tails[i].part->topic, tails[i - 1].part->topic) != 0) &&
			kt_client_metadata(s->client, tails[i].part->topic, timeout_ms, NULL, err) < 0)
			return -1;
	return 0;
}

int kt_tail_find(struct kt_client *c, const struct kt_tail *tails, size_t n, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(tear_down) struct search s = {.v = kt_calloc(n, sizeof(struct window))};
	if (open_search(&s, c, err) < 0 || warm_up(&s, tails, n, timeout_ms, err) < 0)
		return -1;
	for (; s.n < n; s.n++) {
		struct kt_partition *part = tails[s.n].part;
		int64_t records = tails[s.n].records;
		struct window *w = &s.v[s.n];
		int64_t held = part->log_end - part->begin;
		*w = (struct window){.part = part, .to = part->log_end, .wanted = records};
		w->from = records < held ? part->log_end - records : part->begin;
		w->rkt = rd_kafka_topic_new(kt_client_handle(s.client), part->topic, NULL);
		part->start = w->from;
		/* All of the log: however many records that is, there are no more. */
		if (records < held && begin(&s, w, err) < 0)
			return -1;
	}
	return read_all(&s, timeout_ms, err);
}
