#include "follow.h"

#include "client.h"
#include "givenout.h"
#include "mem.h"
#include "message.h"
#include "queuefd.h"
#include "topicask.h"
#include "unpacking.h"
#include "when.h"

/* LOOK_MS: between looks at a topic's partitions; SOON_MS: at one that is not there, or whose ends are not known.
 * ASK_MS: for an answer. */
enum { BATCH = 1000, LOOK_MS = 5000, SOON_MS = 500, ASK_MS = 3000, END_MS = 2000, POLL_MS = 1000 };

struct kt_follow {
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_message_headers headers;
	struct kt_followed_own *first;
};

struct kt_followed_own {
	struct kt_followed t;
	struct kt_follow *follow;
	struct kt_followed_own *next;
	struct kt_partition name; /* of the topic, for records */
	rd_kafka_topic_t *rkt;
	rd_kafka_queue_t *queue;
	struct kt_topicask *ask; /* NULL: nothing is asked */
	int64_t look_us;
	unsigned asked_era; /* when that was asked */
	bool anew;          /* its logs are others than those that are read */
	bool asked_anew;    /* that was known when it was asked */
	struct kt_givenout given;
	bool ended; /* goes when its ask has come back */
};

/* What waits for each partition is little: whoever does not take it must not make the process grow. The end of a log is
 * told by an answer that has nothing, which an idle topic's broker keeps for fetch.wait.max.ms. Where a log was cut or
 * recreated the position is not in it any more: then what there is counts. */
static void configure(rd_kafka_conf_t *conf, const struct kt_settings *s)
{
	kt_client_prefer(conf, s, "queued.max.messages.kbytes", "4096");
	if (!kt_settings_get(s, "message.max.bytes") && !kt_settings_get(s, "receive.message.max.bytes"))
		kt_client_prefer(conf, s, "fetch.max.bytes", "4000000");
	kt_client_prefer(conf, s, "fetch.wait.max.ms", "100");
	kt_client_prefer(conf, s, "fetch.queue.backoff.ms", "10");
	rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", NULL, 0);
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
}

int kt_follow_open(
	struct kt_follow **out, const struct kt_settings *settings, const struct kt_owner *owner, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	configure(conf, settings);
	struct kt_follow *f = kt_calloc(1, sizeof(*f));
	if (kt_client_start(&f->client, KT_ROLE_CONSUMER, conf, settings, owner, f, err) < 0) {
		free(f);
		return -1;
	}
	f->rk = kt_client_handle(f->client);
	if (kt_queuefd_init(&f->wake, rd_kafka_queue_get_main(f->rk), err) < 0) {
		kt_follow_close(f);
		return -1;
	}
	*out = f;
	return 0;
}

static bool is_done(struct kt_followed_own *o)
{
	rd_kafka_resp_err_t code;
	const struct rd_kafka_metadata *metadata;
	return !o->ask || kt_topicask_answer(o->ask, &code, &metadata);
}

static void look(struct kt_followed_own *o)
{
	struct kt_err ignored;
	o->asked_era = o->t.era;
	o->asked_anew = o->anew;
	if (kt_topicask_start(&o->ask, o->follow->rk, o->rkt, ASK_MS, o->follow->wake.fd, &ignored) < 0)
		o->look_us = kt_clock_us() + SOON_MS * 1000;
}

struct kt_followed *kt_follow_begin(struct kt_follow *f, const char *topic)
{
	struct kt_followed_own *o = kt_calloc(1, sizeof(*o));
	o->follow = f;
	o->t.own = o;
	o->t.topic = kt_strdup(topic);
	o->name = (struct kt_partition){.topic = o->t.topic, .topic_len = strlen(topic)};
	o->rkt = rd_kafka_topic_new(f->rk, topic, NULL);
	o->queue = rd_kafka_queue_new(f->rk);
	kt_queuefd_add(&f->wake, o->queue);
	o->next = f->first;
	f->first = o;
	look(o);
	return &o->t;
}

static void start_part(struct kt_followed_own *o, size_t partition, int64_t offset)
{
	o->t.parts[partition] = (struct kt_followed_part){.next = KT_FOLLOW_UNKNOWN};
	rd_kafka_consume_start_queue(o->rkt, (int32_t)partition, offset, o->queue);
}

/* Partitions beyond those that are read are new: all of them counts, unless the topic itself is new here. */
static void add_parts(struct kt_followed_own *o, int count)
{
	struct kt_followed *t = &o->t;
	int64_t offset = t->found ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
	while (t->n_parts < (size_t)count) {
		t->parts = kt_grow(t->parts, &t->cap_parts, t->n_parts + 1, sizeof(*t->parts));
		start_part(o, t->n_parts++, offset);
	}
	t->found = true;
}

static void stop_parts(struct kt_followed_own *o)
{
	for (size_t i = 0; i < o->t.n_parts; i++)
		rd_kafka_consume_stop(o->rkt, (int32_t)i);
}

/* With its partitions stopped the library drops what is left of them in the queue, and reads nothing of a topic that
 * takes the name before that one is read from its beginning: it would come twice. An answer that was asked for before
 * positions went back is about the topic that was. */
static void note_gone(struct kt_followed_own *o)
{
	struct kt_followed *t = &o->t;
	if (!t->found || t->gone || o->asked_era != t->era)
		return;
	stop_parts(o);
	t->gone = true;
	o->anew = false;
}

static void start_anew(struct kt_followed *t)
{
	t->gone = false;
	t->n_parts = 0;
	t->era++;
}

/* Fewer partitions than there were are believed only of a topic that is known to be new: brokers learn one by one of
 * those that were added. */
static void restart_parts(struct kt_followed_own *o, size_t count)
{
	stop_parts(o);
	o->t.n_parts = count < o->t.n_parts ? count : o->t.n_parts;
	for (size_t i = 0; i < o->t.n_parts; i++)
		start_part(o, i, RD_KAFKA_OFFSET_BEGINNING);
	o->t.era++;
	o->anew = false;
	kt_owner_say(kt_client_owner(o->follow->client), KT_NOTE_RECORDS,
		"topic %s was deleted and recreated: it is read from its beginning", o->t.topic);
}

static void take_answer(
	struct kt_followed_own *o, rd_kafka_resp_err_t code, const struct rd_kafka_metadata_topic *topic)
{
	struct kt_followed *t = &o->t;
	if (code)
		return;
	if (topic->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		note_gone(o);
	if (topic->err || !topic->partition_cnt)
		return;
	if (t->gone)
		start_anew(t);
	else if (o->asked_anew)
		restart_parts(o, (size_t)topic->partition_cnt);
	add_parts(o, topic->partition_cnt);
}

bool kt_followed_is_ready(const struct kt_followed *t)
{
	for (size_t i = 0; i < t->n_parts; i++)
		if (t->parts[i].next == KT_FOLLOW_UNKNOWN)
			return false;
	return t->found && !t->gone;
}

static void hear_answer(struct kt_followed_own *o)
{
	rd_kafka_resp_err_t code;
	const struct rd_kafka_metadata *metadata;
	if (!kt_topicask_answer(o->ask, &code, &metadata))
		return;
	take_answer(o, code, metadata ? &metadata->topics[0] : NULL);
	kt_topicask_free(kt_steal(o->ask), END_MS);
	bool soon = !o->t.found || o->t.gone || o->anew;
	o->look_us = kt_clock_us() + (soon ? SOON_MS : LOOK_MS) * 1000;
}

void kt_followed_restart(struct kt_followed *t)
{
	if (!t->found || t->gone)
		return;
	t->own->anew = true;
	t->own->look_us = kt_clock_us();
}

int kt_follow_fd(const struct kt_follow *f)
{
	return f->wake.fd;
}

int64_t kt_follow_wait_ms(const struct kt_follow *f)
{
	int64_t wait_ms = POLL_MS;
	for (const struct kt_followed_own *o = f->first; o; o = o->next) {
		int64_t left_ms = o->ask ? POLL_MS : kt_until_ms(o->look_us);
		wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
	}
	return wait_ms;
}

/* A thread that is still inside the library has to find its topic there. */
static void release(struct kt_followed_own *o)
{
	bool back = kt_topicask_free(o->ask, END_MS);
	if (!back)
		kt_client_leave(o->follow->client);
	rd_kafka_queue_io_event_enable(o->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(o->queue);
	if (back)
		rd_kafka_topic_destroy(o->rkt);
	kt_givenout_fini(&o->given);
	free(o->t.parts);
	free(o->t.topic);
	free(o);
}

static void drop_ended(struct kt_follow *f, bool all)
{
	struct kt_followed_own **link = &f->first;
	while (*link) {
		struct kt_followed_own *o = *link;
		if (!o->ended || (!all && !is_done(o))) {
			link = &o->next;
			continue;
		}
		*link = o->next;
		release(o);
	}
}

void kt_follow_serve(struct kt_follow *f)
{
	kt_queuefd_clear(&f->wake);
	rd_kafka_poll(f->rk, 0);
	drop_ended(f, false);
	for (struct kt_followed_own *o = f->first; o; o = o->next) {
		if (o->ask && !o->ended)
			hear_answer(o);
		else if (!o->ended && kt_until_ms(o->look_us) <= 0)
			look(o);
	}
}

/* In place of a record: the end of a log, or why there are none. What passes by itself is waited for. */
static void take_error(const struct kt_followed_own *o, struct kt_followed_part *part, const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		part->next = part->next == KT_FOLLOW_UNKNOWN ? m->offset : part->next;
		return;
	}
	if (kt_unpacking_is_refusal(m->err) || part->error == m->err)
		return;
	part->error = m->err;
	kt_owner_say(kt_client_owner(o->follow->client), KT_NOTE_RECORDS, "%s [%d] cannot be read on: %s", o->t.topic,
		(int)m->partition, rd_kafka_err2str(m->err));
}

/* Its position is behind m from now on. False: that is no record of ours. */
static bool move(struct kt_followed_own *o, const rd_kafka_message_t *m)
{
	if (m->partition < 0 || (size_t)m->partition >= o->t.n_parts)
		return false;
	struct kt_followed_part *part = &o->t.parts[m->partition];
	if (m->err) {
		take_error(o, part, m);
		return false;
	}
	o->t.era += m->offset < part->next;
	*part = (struct kt_followed_part){.next = m->offset + 1};
	return true;
}

size_t kt_followed_take(
	struct kt_followed *t, size_t max, void (*each)(void *user, const struct kt_record *record), void *user)
{
	rd_kafka_message_t *batch[BATCH];
	struct kt_record record;
	struct kt_follow *f = t->own->follow;
	ssize_t got = rd_kafka_consume_batch_queue(t->own->queue, 0, batch, max < BATCH ? max : BATCH);
	int64_t now_us = kt_clock_us();
	for (ssize_t i = 0; i < got; i++) {
		if (move(t->own, batch[i])) {
			kt_message_record(&record, batch[i], &t->own->name, &f->headers);
			if (!kt_givenout_again(&t->own->given, &record, now_us))
				each(user, &record);
		}
		rd_kafka_message_destroy(batch[i]);
	}
	return got > 0 ? (size_t)got : 0;
}

void kt_follow_end(struct kt_followed *t)
{
	if (!t->gone)
		stop_parts(t->own);
	t->own->ended = true;
}

void kt_follow_close(struct kt_follow *f)
{
	if (!f)
		return;
	for (struct kt_followed_own *o = f->first; o; o = o->next)
		if (!o->ended)
			kt_follow_end(&o->t);
	drop_ended(f, true);
	kt_message_headers_fini(&f->headers);
	kt_queuefd_fini(&f->wake);
	kt_client_close(f->client);
	free(f);
}
