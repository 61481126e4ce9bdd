#include "poller.h"

#include "client.h"
#include "mem.h"
#include "membership.h"
#include "message.h"
#include "offsetquery.h"
#include "queuefd.h"
#include "sig.h"
#include "when.h"

enum { IDLE_MS = 1000, RESOLVE_MS = 2000, HELD_MOST = 1000, HELD_BYTES = 8 << 20 };

/* A message that was taken off the library's queue, where it stood in front of what has to be told at once. */
struct held {
	rd_kafka_event_t *event;
	rd_kafka_message_t *message; /* borrowed from the event; NULL: the end of a partition */
};

struct kt_poller {
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_strs topics;
	char *group;
	enum kt_reset reset;
	int64_t timeout_ms, poll_ms, joined_us;
	struct kt_partitions parts;
	struct held *held; /* records from given_held on wait to be given out */
	size_t n_held, given_held, held_cap, held_bytes;
	rd_kafka_event_t *lent;      /* what the caller's event borrows from */
	rd_kafka_event_t *rebalance; /* a revocation that is carried out at the next call */
	struct kt_polled_part *told;
	size_t told_cap;
	struct kt_message_headers headers;
	bool auto_commit, paused;
	bool stopped; /* the library was told to pause: enough is held */
	bool started; /* the first assignment has come */
	bool leaving, left;
};

static int set(rd_kafka_conf_t *conf, const char *key, const char *value, struct kt_err *err)
{
	char why[256];
	if (!value || rd_kafka_conf_set(conf, key, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return 0;
	return kt_err_set(err, KT_USAGE, "%s=%s: %s", key, value, why);
}

static int configure(rd_kafka_conf_t *conf, const struct kt_poller_how *how, struct kt_err *err)
{
	/* For what is not in the log any more; where to start is decided by kt_startoffsets_resolve(). */
	static const char *const resets[] = {"earliest", "latest", "error"};
	/* What the library takes off its queue is not given out yet, so positions are stored by us. */
	rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", NULL, 0);
	rd_kafka_conf_set(conf, "enable.auto.commit", how->auto_commit ? "true" : "false", NULL, 0);
	rd_kafka_conf_set(conf, "auto.offset.reset", resets[how->reset], NULL, 0);
	rd_kafka_conf_set_events(conf,
		RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR);
	if (set(conf, "group.id", how->group, err) < 0 || set(conf, "group.instance.id", how->instance, err) < 0 ||
		set(conf, "client.id", how->client_id, err) < 0)
		return -1;
	if (how->ends)
		rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	return set(conf, "partition.assignment.strategy", how->assignor, err);
}

static int connect_client(
	struct kt_poller *p, const struct kt_settings *settings, const struct kt_poller_how *how, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_CONSUMER, settings, err) < 0)
		return -1;
	if (configure(conf, how, err) < 0) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	if (kt_client_start(&p->client, KT_ROLE_CONSUMER, conf, settings, how->owner, p, err) < 0)
		return -1;
	p->rk = kt_client_handle(p->client);
	rd_kafka_poll_set_consumer(p->rk);
	return kt_queuefd_init(&p->wake, rd_kafka_queue_get_consumer(p->rk), err);
}

int kt_poller_open(
	struct kt_poller **out, const struct kt_settings *settings, const struct kt_poller_how *how, struct kt_err *err)
{
	kt_auto(kt_poller_free) struct kt_poller *p = kt_calloc(1, sizeof(*p));
	p->group = kt_strdup(how->group);
	p->reset = how->reset;
	p->auto_commit = how->auto_commit;
	p->timeout_ms = how->timeout_ms;
	p->poll_ms = strtol(kt_settings_text(settings, "max.poll.interval.ms", "300000"), NULL, 10) / 3;
	p->poll_ms = p->poll_ms < IDLE_MS ? p->poll_ms : IDLE_MS;
	if (connect_client(p, settings, how, err) < 0)
		return -1;
	for (size_t i = 0; i < how->topics->n; i++) {
		/* Also warms up the handle: without metadata the first fetch would wait half a second. */
		const struct rd_kafka_metadata *metadata;
		kt_strs_add(&p->topics, how->topics->v[i]);
		if (kt_client_topic(p->client, how->topics->v[i], how->timeout_ms, &metadata, err) < 0)
			return -1;
		rd_kafka_metadata_destroy(metadata);
	}
	p->joined_us = kt_clock_us();
	if (kt_membership_join(p->client, &p->topics, p->group, err) < 0)
		return -1;
	*out = kt_steal(p);
	return 0;
}

static size_t waiting(const struct kt_poller *p)
{
	return p->n_held - p->given_held;
}

static void drop_held(struct kt_poller *p)
{
	for (size_t i = p->given_held; i < p->n_held; i++)
		rd_kafka_event_destroy(p->held[i].event);
	p->n_held = p->given_held = p->held_bytes = 0;
}

static bool is_held_enough(const struct kt_poller *p)
{
	return waiting(p) >= HELD_MOST || p->held_bytes >= HELD_BYTES;
}

static rd_kafka_topic_partition_list_t *assigned_list(const struct kt_poller *p)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)p->parts.n + 1);
	for (size_t i = 0; i < p->parts.n; i++)
		if (p->parts.v[i].assigned)
			rd_kafka_topic_partition_list_add(list, p->parts.v[i].topic, p->parts.v[i].partition)->offset =
				p->parts.v[i].next;
	return list;
}

/* Pausing drops what the library has fetched. Up to 2.0.2 it then goes on behind what was dropped in a partition of
 * which nothing was given out yet, and it does the same whenever a group rebalances: a seek puts that right. */
static void seek_to_next(struct kt_poller *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	for (int i = list->cnt - 1; i >= 0; i--)
		if (list->elems[i].offset == KT_NO_OFFSET)
			rd_kafka_topic_partition_list_del_by_idx(list, i);
	rd_kafka_error_t *error = list->cnt ? rd_kafka_seek_partitions(p->rk, list, 0) : NULL;
	if (error)
		rd_kafka_error_destroy(error);
}

static void stop_fetching(struct kt_poller *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_pause_partitions(p->rk, list);
	p->stopped = true;
}

static void go_on_fetching(struct kt_poller *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_resume_partitions(p->rk, list);
	p->stopped = false;
}

static struct kt_polled_part *tell_part(struct kt_poller *p, struct kt_polled_event *event)
{
	p->told = kt_grow(p->told, &p->told_cap, event->n_parts + 1, sizeof(*p->told));
	event->parts = p->told;
	return &p->told[event->n_parts++];
}

static void tell_list(struct kt_poller *p, struct kt_polled_event *event, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; list && i < list->cnt; i++) {
		const struct kt_partition *part =
			kt_partitions_find(&p->parts, list->elems[i].topic, list->elems[i].partition);
		*tell_part(p, event) = (struct kt_polled_part){.topic = list->elems[i].topic,
			.partition = list->elems[i].partition,
			.offset = part ? part->next : KT_NO_OFFSET,
			.why = part ? part->why : KT_START_COMMITTED};
	}
}

/* Before the partitions go to others: where nothing was read, they would start by their own --reset. */
static void store_positions(struct kt_poller *p, const rd_kafka_topic_partition_list_t *going)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(going->cnt);
	for (int i = 0; i < going->cnt; i++) {
		const struct kt_partition *part =
			kt_partitions_find(&p->parts, going->elems[i].topic, going->elems[i].partition);
		if (part && part->next != KT_NO_OFFSET)
			rd_kafka_topic_partition_list_add(list, part->topic, part->partition)->offset = part->next;
	}
	rd_kafka_offsets_store(p->rk, list);
}

static int finish_revocation(struct kt_poller *p, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(p->rebalance));
	if (p->auto_commit && !p->leaving && !rd_kafka_assignment_lost(p->rk))
		store_positions(p, list);
	if (p->stopped)
		go_on_fetching(p);
	for (int i = 0; i < list->cnt; i++) {
		struct kt_partition *part =
			kt_partitions_find(&p->parts, list->elems[i].topic, list->elems[i].partition);
		if (part)
			part->assigned = false;
	}
	rd_kafka_event_destroy(kt_steal(p->rebalance));
	int result = kt_membership_change(p->client, false, list, err);
	seek_to_next(p);
	return p->leaving ? 0 : result;
}

/* Where each of the new partitions starts. When no answer comes the library goes on asking by itself. */
static int resolve(struct kt_poller *p, rd_kafka_topic_partition_list_t *list, struct kt_err *err)
{
	struct kt_startoffsets_how how = {.reset = p->reset, .group = true, .running = p->started};
	kt_auto(kt_free_ptr) struct kt_partition **parts = kt_calloc((size_t)list->cnt, sizeof(struct kt_partition *));
	how.timeout_ms = p->timeout_ms < RESOLVE_MS ? p->timeout_ms : RESOLVE_MS;
	for (int i = 0; i < list->cnt; i++)
		kt_partitions_add(&p->parts, list->elems[i].topic, list->elems[i].partition);
	for (int i = 0; i < list->cnt; i++) {
		parts[i] = kt_partitions_find(&p->parts, list->elems[i].topic, list->elems[i].partition);
		parts[i]->assigned = true;
	}
	bool known = kt_startoffsets_resolve(p->client, parts, (size_t)list->cnt, &how, err) == 0;
	if (!known && err->status != KT_UNREACHABLE && !kt_sig_caught())
		return -1;
	for (int i = 0; i < list->cnt; i++) {
		if (!known)
			parts[i]->next = KT_NO_OFFSET;
		list->elems[i].offset = known ? parts[i]->start : RD_KAFKA_OFFSET_INVALID;
		parts[i]->written = parts[i]->next;
	}
	return 0;
}

/* The library waits for its answer to an assignment, also where there is nothing to take any more. */
static int take_nothing(struct kt_poller *p, struct kt_err *err)
{
	struct kt_err ignored;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(1);
	return kt_membership_change(p->client, true, nothing, err ? err : &ignored);
}

static int take_assignment(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(ev));
	rd_kafka_event_destroy(ev);
	if (p->leaving)
		return take_nothing(p, err);
	if (p->stopped)
		go_on_fetching(p);
	if (resolve(p, list, err) < 0) {
		(void)!take_nothing(p, NULL);
		return -1;
	}
	if (kt_membership_change(p->client, true, list, err) < 0)
		return -1;
	if (kt_membership_is_cooperative(p->client))
		seek_to_next(p);
	p->started = true;
	event->kind = KT_POLLED_ASSIGNED;
	for (int i = 0; i < list->cnt; i++) {
		const struct kt_partition *part =
			kt_partitions_find(&p->parts, list->elems[i].topic, list->elems[i].partition);
		*tell_part(p, event) = (struct kt_polled_part){
			.topic = part->topic, .partition = part->partition, .offset = part->next, .why = part->why};
	}
	return 0;
}

static int take_rebalance(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event, struct kt_err *err)
{
	/* What is in hand of the partitions that stay is fetched again, see seek_to_next(). */
	drop_held(p);
	if (rd_kafka_event_error(ev) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		return take_assignment(p, ev, event, err);
	event->kind = rd_kafka_assignment_lost(p->rk) ? KT_POLLED_LOST : KT_POLLED_REVOKED;
	p->rebalance = ev;
	tell_list(p, event, rd_kafka_event_topic_partition_list(ev));
	return 0;
}

static void take_committed(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(ev);
	rd_kafka_resp_err_t code = rd_kafka_event_error(ev);
	p->lent = ev;
	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	for (int i = 0; list && i < list->cnt; i++) {
		if (list->elems[i].offset < 0)
			continue;
		code = code ? code : list->elems[i].err;
		*tell_part(p, event) = (struct kt_polled_part){.topic = list->elems[i].topic,
			.partition = list->elems[i].partition,
			.offset = list->elems[i].offset};
	}
	if (code)
		kt_client_fail(p->client, code, &event->why, "committing an offset of group %s", p->group);
	event->passing = kt_offsetquery_is_passing(code);
	if (code || event->n_parts)
		event->kind = KT_POLLED_COMMITTED;
}

/* Of a connection: told in one sentence for all of them by kt_client_take_trouble(). */
static bool is_of_connection(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
	       code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__SSL ||
	       code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

static int take_error(struct kt_poller *p, rd_kafka_resp_err_t code, const char *text, bool fatal,
	struct kt_polled_event *event, struct kt_err *err)
{
	if (is_of_connection(code)) {
		kt_client_note(p->client, code, text ? text : "");
		return 0;
	}
	if (p->leaving)
		return 0;
	if (fatal || kt_membership_is_over(code))
		return kt_client_fail(p->client, code, err, "consuming %s", p->topics.v[0]);
	event->kind = KT_POLLED_TROUBLE;
	kt_err_set(&event->why, KT_FAILED, "%s", text ? text : rd_kafka_err2str(code));
	return 0;
}

static void hold(struct kt_poller *p, rd_kafka_event_t *ev, rd_kafka_message_t *m)
{
	if (p->given_held > HELD_MOST) {
		memmove(p->held, p->held + p->given_held, waiting(p) * sizeof(*p->held));
		p->n_held -= p->given_held;
		p->given_held = 0;
	}
	p->held = kt_grow(p->held, &p->held_cap, p->n_held + 1, sizeof(*p->held));
	p->held[p->n_held++] = (struct held){ev, m};
}

static int take_message(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event, struct kt_err *err)
{
	rd_kafka_message_t *m = (rd_kafka_message_t *)rd_kafka_event_message_next(ev);
	struct kt_partition *part = m && m->rkt ? kt_partitions_of(&p->parts, m) : NULL;
	int result = 0;
	if (m && m->err) {
		result = take_error(p, m->err, rd_kafka_message_errstr(m), false, event, err);
	} else if (part && part->assigned && !p->leaving) {
		hold(p, ev, m);
		p->held_bytes += m->len + m->key_len;
		return 0;
	}
	rd_kafka_event_destroy(ev);
	return result;
}

static int take(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event, struct kt_err *err)
{
	int result = 0;
	switch (rd_kafka_event_type(ev)) {
	case RD_KAFKA_EVENT_FETCH:
		return take_message(p, ev, event, err);
	case RD_KAFKA_EVENT_REBALANCE:
		return take_rebalance(p, ev, event, err);
	case RD_KAFKA_EVENT_OFFSET_COMMIT:
		take_committed(p, ev, event);
		return 0;
	case RD_KAFKA_EVENT_ERROR:
		if (rd_kafka_event_error(ev) == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			hold(p, ev, NULL);
			return 0;
		}
		result = take_error(p, rd_kafka_event_error(ev), rd_kafka_event_error_string(ev),
			rd_kafka_event_error_is_fatal(ev), event, err);
		break;
	default:
		break;
	}
	rd_kafka_event_destroy(ev);
	return result;
}

static void release_lent(struct kt_poller *p)
{
	if (p->lent)
		rd_kafka_event_destroy(kt_steal(p->lent));
}

static void store(struct kt_poller *p, const char *topic, int32_t partition, int64_t offset)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
	rd_kafka_offsets_store(p->rk, list);
}

static void give_record(struct kt_poller *p, rd_kafka_message_t *m, struct kt_polled_event *event)
{
	struct kt_partition *part = kt_partitions_of(&p->parts, m);
	p->held_bytes -= m->len + m->key_len;
	part->next = m->offset + 1;
	if (p->auto_commit)
		store(p, part->topic, part->partition, part->next);
	event->kind = KT_POLLED_RECORD;
	kt_message_record(&event->record, m, part, &p->headers);
}

/* Of a partition that was given up meanwhile it is of no interest. */
static void give_end(struct kt_poller *p, rd_kafka_event_t *ev, struct kt_polled_event *event)
{
	rd_kafka_topic_partition_t *end = rd_kafka_event_topic_partition(ev);
	const struct kt_partition *part = end ? kt_partitions_find(&p->parts, end->topic, end->partition) : NULL;
	if (part && part->assigned) {
		event->kind = KT_POLLED_END;
		*tell_part(p, event) = (struct kt_polled_part){
			.topic = part->topic, .partition = part->partition, .offset = end->offset};
	}
	if (end)
		rd_kafka_topic_partition_destroy(end);
}

static void give_out(struct kt_poller *p, struct kt_polled_event *event)
{
	struct held *held = &p->held[p->given_held++];
	p->lent = held->event;
	if (held->message)
		give_record(p, held->message, event);
	else
		give_end(p, held->event, event);
	if (!waiting(p))
		p->n_held = p->given_held = 0;
}

/* All that the library has to say; records are put aside, as many as are worth it. */
static int serve(struct kt_poller *p, struct kt_polled_event *event, struct kt_err *err)
{
	while (event->kind == KT_POLLED_NOTHING) {
		if (is_held_enough(p) && !p->paused)
			return 0;
		if (is_held_enough(p) && !p->stopped)
			stop_fetching(p);
		release_lent(p);
		rd_kafka_event_t *ev = rd_kafka_queue_poll(p->wake.queue, 0);
		if (!ev)
			return 0;
		if (take(p, ev, event, err) < 0)
			return -1;
	}
	return 0;
}

int kt_poller_next(struct kt_poller *p, struct kt_polled_event *event, struct kt_err *err)
{
	*event = (struct kt_polled_event){0};
	release_lent(p);
	if (p->rebalance && finish_revocation(p, err) < 0)
		return -1;
	if (p->stopped && !p->paused && !waiting(p)) {
		go_on_fetching(p);
		seek_to_next(p);
	}
	kt_queuefd_clear(&p->wake);
	if (serve(p, event, err) < 0)
		return -1;
	if (event->kind != KT_POLLED_NOTHING)
		return 0;
	if (kt_client_take_trouble(p->client, -1, &event->why)) {
		event->kind = KT_POLLED_TROUBLE;
		return 0;
	}
	if (!p->started && !p->leaving && kt_membership_is_shut_out(p->client, p->joined_us))
		return kt_client_unreachable(p->client, err);
	if (p->leaving && !p->left && rd_kafka_consumer_closed(p->rk)) {
		p->left = true;
		event->kind = KT_POLLED_LEFT;
	} else if (!p->leaving && !p->paused && waiting(p)) {
		give_out(p, event);
	}
	return 0;
}

int kt_poller_commit(struct kt_poller *p, const char *topic, int32_t partition, int64_t offset, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
	rd_kafka_resp_err_t code = rd_kafka_commit_queue(p->rk, list, p->wake.queue, NULL, NULL);
	return code ? kt_client_fail(p->client, code, err, "committing an offset of group %s", p->group) : 0;
}

void kt_poller_unread(struct kt_poller *p, const char *topic, int32_t partition, int64_t offset)
{
	if (p->auto_commit)
		store(p, topic, partition, offset);
}

void kt_poller_pause(struct kt_poller *p)
{
	p->paused = true;
}

void kt_poller_resume(struct kt_poller *p)
{
	p->paused = false;
}

bool kt_poller_owns(struct kt_poller *p, const char *topic, int32_t partition)
{
	const struct kt_partition *part = kt_partitions_find(&p->parts, topic, partition);
	return part && part->assigned;
}

int kt_poller_fd(const struct kt_poller *p)
{
	return p->wake.fd;
}

int64_t kt_poller_poll_ms(const struct kt_poller *p)
{
	bool more = p->rebalance || (!p->paused && !p->leaving && waiting(p)) || (p->stopped && !p->paused);
	return more ? 0 : p->leaving ? 10 : p->poll_ms;
}

void kt_poller_leave(struct kt_poller *p)
{
	if (p->leaving)
		return;
	drop_held(p);
	p->leaving = true;
	rd_kafka_error_t *error = rd_kafka_consumer_close_queue(p->rk, p->wake.queue);
	if (error)
		rd_kafka_error_destroy(error);
}

void kt_poller_free(struct kt_poller **at)
{
	struct kt_poller *p = *at;
	if (!p)
		return;
	drop_held(p);
	release_lent(p);
	if (p->rebalance)
		rd_kafka_event_destroy(p->rebalance);
	kt_queuefd_fini(&p->wake);
	kt_client_close(p->client);
	kt_partitions_fini(&p->parts);
	kt_strs_fini(&p->topics);
	kt_message_headers_fini(&p->headers);
	free(p->group);
	free(p->held);
	free(p->told);
	free(p);
	*at = NULL;
}
