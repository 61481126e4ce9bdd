#include "member.h"

#include "client.h"
#include "mem.h"
#include "membership.h"
#include "message.h"
#include "offsetquery.h"
#include "queuefd.h"

enum { RESOLVE_MS = 2000, HELD_MOST = 1000, HELD_BYTES = 8 << 20 };

/* A message that was taken off the library's queue, where it stood in front of what has to be told at once. */
struct held {
	rd_kafka_event_t *event;
	rd_kafka_message_t *message; /* borrowed from the event; NULL: the end of a partition */
};

struct kt_member {
	struct kt_client *client;
	rd_kafka_t *rk;
	struct kt_queuefd wake;
	struct kt_strs topics;
	char *group;
	int64_t poll_ms;
	struct kt_partitions parts;
	struct kt_membership membership;
	struct held *held; /* records from given_held on wait to be given out */
	size_t n_held, given_held, held_cap, held_bytes;
	rd_kafka_event_t *lent;      /* what the caller's event borrows from */
	rd_kafka_event_t *rebalance; /* a revocation that is carried out at the next call */
	struct kt_member_part *told;
	size_t told_cap;
	struct kt_message_headers headers;
	struct kt_err trouble; /* of a partition's own queue, to be told; or status 0 */
	bool auto_commit, paused;
	bool stopped; /* the library was told to pause: enough is held */
	bool left;    /* and told */
};

static int set(rd_kafka_conf_t *conf, const char *key, const char *value, struct kt_err *err)
{
	char why[256];
	if (!value || rd_kafka_conf_set(conf, key, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return 0;
	return kt_err_set(err, KT_USAGE, "%s=%s: %s", key, value, why);
}

static int configure(rd_kafka_conf_t *conf, const struct kt_member_how *how, struct kt_err *err)
{
	/* For a position that is not in the log any more, as when the topic was made anew: what is there counts. Where
	 * to start is decided by kt_startoffsets_resolve(). */
	static const char *const resets[] = {"earliest", "earliest", "error"};
	kt_membership_configure(conf, how->group, how->auto_commit);
	rd_kafka_conf_set(conf, "auto.offset.reset", resets[how->reset], NULL, 0);
	rd_kafka_conf_set_events(conf,
		RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR);
	if (set(conf, "group.instance.id", how->instance, err) < 0 || set(conf, "client.id", how->client_id, err) < 0)
		return -1;
	if (how->ends)
		rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	return set(conf, "partition.assignment.strategy", how->assignor, err);
}

static int connect_client(
	struct kt_member *p, const struct kt_settings *settings, const struct kt_member_how *how, struct kt_err *err)
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

static int join(struct kt_member *p, const struct kt_member_how *how, struct kt_err *err)
{
	const struct kt_membership_how membership = {
		.group = p->group,
		.topics = &p->topics,
		.reset = how->reset,
		.timeout_ms = how->timeout_ms < RESOLVE_MS ? how->timeout_ms : RESOLVE_MS,
		.stores = how->auto_commit,
		.split = how->split,
	};
	kt_membership_init(&p->membership, p->client, p->wake.queue, &p->parts, &membership);
	return kt_membership_join(&p->membership, err);
}

int kt_member_open(
	struct kt_member **out, const struct kt_settings *settings, const struct kt_member_how *how, struct kt_err *err)
{
	kt_auto(kt_member_free) struct kt_member *p = kt_calloc(1, sizeof(*p));
	p->group = kt_strdup(how->group);
	p->auto_commit = how->auto_commit;
	p->poll_ms = kt_membership_poll_ms(settings);
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
	if (join(p, how, err) < 0)
		return -1;
	*out = kt_steal(p);
	return 0;
}

static size_t waiting(const struct kt_member *p)
{
	return p->n_held - p->given_held;
}

static void drop_held(struct kt_member *p)
{
	for (size_t i = p->given_held; i < p->n_held; i++)
		rd_kafka_event_destroy(p->held[i].event);
	p->n_held = p->given_held = p->held_bytes = 0;
}

static bool is_held_enough(const struct kt_member *p)
{
	return waiting(p) >= HELD_MOST || p->held_bytes >= HELD_BYTES;
}

static rd_kafka_topic_partition_list_t *assigned_list(const struct kt_member *p)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)p->parts.n + 1);
	for (size_t i = 0; i < p->parts.n; i++)
		if (p->parts.v[i].assigned)
			rd_kafka_topic_partition_list_add(list, p->parts.v[i].topic, p->parts.v[i].partition)->offset =
				p->parts.v[i].next;
	return list;
}

/* Pausing drops what the library has fetched. Up to 2.0.2 it then goes on after what was dropped in a partition of
 * which nothing was given out yet, and it does the same whenever a group rebalances: a seek puts that right. */
static void seek_to_next(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	for (int i = list->cnt - 1; i >= 0; i--)
		if (list->elems[i].offset == KT_NO_OFFSET)
			rd_kafka_topic_partition_list_del_by_idx(list, i);
	rd_kafka_error_t *error = list->cnt ? rd_kafka_seek_partitions(p->rk, list, 0) : NULL;
	if (error)
		rd_kafka_error_destroy(error);
}

static void stop_fetching(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_pause_partitions(p->rk, list);
	p->stopped = true;
}

static void go_on_fetching(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_resume_partitions(p->rk, list);
	p->stopped = false;
}

/* The entry of a partition of the library's, or NULL. */
static struct kt_partition *entry(struct kt_member *p, const rd_kafka_topic_partition_t *at)
{
	return kt_partitions_find(&p->parts, at->topic, at->partition);
}

static void tell_part(struct kt_member *p, struct kt_member_event *event, const rd_kafka_topic_partition_t *at,
	const struct kt_partition *part, int64_t offset)
{
	p->told = kt_grow(p->told, &p->told_cap, event->n_parts + 1, sizeof(*p->told));
	p->told[event->n_parts++] = (struct kt_member_part){
		.topic = part ? part->topic : at->topic,
		.partition = at->partition,
		.offset = offset,
		.why = part ? part->why : KT_START_COMMITTED,
		.place = part ? (size_t)(part - p->parts.v) : 0,
		.assignment = part ? part->taken : 0,
	};
	event->parts = p->told;
}

static void tell_list(struct kt_member *p, struct kt_member_event *event, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; list && i < list->cnt; i++) {
		const struct kt_partition *part = entry(p, &list->elems[i]);
		tell_part(p, event, &list->elems[i], part, part ? part->next : KT_NO_OFFSET);
	}
}

static int finish_revocation(struct kt_member *p, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(p->rebalance));
	struct kt_membership *m = &p->membership;
	struct kt_err ignored;
	/* Before the partitions go to others: where nothing was read, they would start by their own --reset. */
	if (!m->leaving)
		(void)!kt_membership_store(m, NULL, true, &ignored);
	if (p->stopped)
		go_on_fetching(p);
	rd_kafka_event_destroy(kt_steal(p->rebalance));
	int result = kt_membership_give_up(m, list, err);
	if (!m->how.split)
		seek_to_next(p);
	return m->leaving ? 0 : result;
}

static int take_assignment(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	struct kt_membership *m = &p->membership;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(ev));
	p->lent = ev;
	if (p->stopped)
		go_on_fetching(p);
	if (kt_membership_take(m, list, err) < 0)
		return -1;
	if (m->leaving)
		return 0;
	for (int i = 0; m->how.split && i < list->cnt; i++)
		kt_queuefd_add(&p->wake, entry(p, &list->elems[i])->queue);
	if (!m->how.split && kt_membership_is_cooperative(m))
		seek_to_next(p);
	event->kind = KT_MEMBER_ASSIGNED;
	tell_list(p, event, rd_kafka_event_topic_partition_list(ev));
	return 0;
}

static int take_rebalance(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	/* What is in hand of the partitions that stay is fetched again, see seek_to_next(). */
	drop_held(p);
	if (rd_kafka_event_error(ev) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		return take_assignment(p, ev, event, err);
	kt_membership_revoke(&p->membership);
	event->kind = p->membership.state == KT_MEMBERSHIP_LOST ? KT_MEMBER_LOST : KT_MEMBER_REVOKED;
	p->rebalance = ev;
	tell_list(p, event, rd_kafka_event_topic_partition_list(ev));
	return 0;
}

static void take_committed(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event)
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
		tell_part(p, event, &list->elems[i], entry(p, &list->elems[i]), list->elems[i].offset);
	}
	if (code)
		kt_client_fail(p->client, code, &event->why, "committing an offset of group %s", p->group);
	event->passing = kt_offsetquery_is_passing(code);
	if (code || event->n_parts)
		event->kind = KT_MEMBER_COMMITTED;
}

/* Of a connection: told in one sentence for all of them by kt_client_take_trouble(). */
static bool is_of_connection(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
	       code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__SSL ||
	       code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

static int take_error(struct kt_member *p, rd_kafka_resp_err_t code, const char *text, bool fatal,
	struct kt_member_event *event, struct kt_err *err)
{
	if (is_of_connection(code)) {
		kt_client_note(p->client, code, text ? text : "");
		return 0;
	}
	if (p->membership.leaving)
		return 0;
	if (fatal || kt_membership_is_over(code))
		return kt_membership_fail(p->client, p->group, code, p->topics.v[0], err);
	event->kind = KT_MEMBER_TROUBLE;
	kt_err_set(&event->why, KT_FAILED, "%s", text ? text : rd_kafka_err2str(code));
	return 0;
}

static void hold(struct kt_member *p, rd_kafka_event_t *ev, rd_kafka_message_t *m)
{
	if (p->given_held > HELD_MOST) {
		memmove(p->held, p->held + p->given_held, waiting(p) * sizeof(*p->held));
		p->n_held -= p->given_held;
		p->given_held = 0;
	}
	p->held = kt_grow(p->held, &p->held_cap, p->n_held + 1, sizeof(*p->held));
	p->held[p->n_held++] = (struct held){ev, m};
}

static int take_message(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	rd_kafka_message_t *m = (rd_kafka_message_t *)rd_kafka_event_message_next(ev);
	struct kt_partition *part = m && m->rkt ? kt_partitions_of(&p->parts, m) : NULL;
	int result = 0;
	if (m && m->err) {
		result = take_error(p, m->err, rd_kafka_message_errstr(m), false, event, err);
	} else if (part && part->assigned && !p->membership.leaving) {
		hold(p, ev, m);
		p->held_bytes += m->len + m->key_len;
		return 0;
	}
	rd_kafka_event_destroy(ev);
	return result;
}

static int take(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
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

static void release_lent(struct kt_member *p)
{
	if (p->lent)
		rd_kafka_event_destroy(kt_steal(p->lent));
}

/* With auto_commit: all before offset counts as written. */
static void store(struct kt_member *p, struct kt_partition *part, int64_t offset)
{
	struct kt_err ignored;
	if (!p->auto_commit)
		return;
	part->written = offset;
	p->membership.read_any = true;
	(void)!kt_membership_store(&p->membership, part, true, &ignored);
}

/* To be told after this record. */
static void note_new_log(struct kt_member *p, const struct kt_partition *part, const rd_kafka_message_t *m)
{
	if (part->next != KT_NO_OFFSET && m->offset < part->next)
		kt_err_set(&p->trouble, KT_FAILED,
			"%s [%d] goes on at offset %lld, after %lld: it was created anew or cut", part->topic,
			(int)part->partition, (long long)m->offset, (long long)part->next);
}

static void give_record(struct kt_member *p, rd_kafka_message_t *m, struct kt_member_event *event)
{
	struct kt_partition *part = kt_partitions_of(&p->parts, m);
	note_new_log(p, part, m);
	p->held_bytes -= m->len + m->key_len;
	part->next = m->offset + 1;
	store(p, part, part->next);
	event->kind = KT_MEMBER_RECORD;
	kt_message_record(&event->record, m, part, &p->headers);
}

/* Of a partition that was given up meanwhile it is of no interest. */
static void give_end(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event)
{
	rd_kafka_topic_partition_t *end = rd_kafka_event_topic_partition(ev);
	const struct kt_partition *part = end ? entry(p, end) : NULL;
	if (part && part->assigned) {
		event->kind = KT_MEMBER_END;
		tell_part(p, event, end, part, end->offset);
	}
	if (end)
		rd_kafka_topic_partition_destroy(end);
}

static void give_out(struct kt_member *p, struct kt_member_event *event)
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
static int serve(struct kt_member *p, struct kt_member_event *event, struct kt_err *err)
{
	while (event->kind == KT_MEMBER_NOTHING) {
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

/* What has to be told although the library has no event for it. */
static int tell_state(struct kt_member *p, struct kt_member_event *event, struct kt_err *err)
{
	struct kt_membership *m = &p->membership;
	if (p->trouble.status || kt_client_take_trouble(p->client, -1, &event->why)) {
		event->kind = KT_MEMBER_TROUBLE;
		event->why = p->trouble.status ? p->trouble : event->why;
		p->trouble.status = 0;
	} else if (kt_membership_is_shut_out(m)) {
		return kt_client_unreachable(p->client, err);
	} else if (!p->left && kt_membership_has_left(m)) {
		p->left = true;
		event->kind = KT_MEMBER_LEFT;
	}
	return 0;
}

int kt_member_next(struct kt_member *p, struct kt_member_event *event, struct kt_err *err)
{
	*event = (struct kt_member_event){0};
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
	if (event->kind == KT_MEMBER_NOTHING && tell_state(p, event, err) < 0)
		return -1;
	if (event->kind == KT_MEMBER_NOTHING && !p->membership.leaving && !p->paused && waiting(p))
		give_out(p, event);
	return 0;
}

int kt_member_commit(struct kt_member *p, const char *topic, int32_t partition, int64_t offset, struct kt_err *err)
{
	return kt_membership_commit_at(&p->membership, topic, partition, offset, err);
}

void kt_member_unread(struct kt_member *p, const char *topic, int32_t partition, int64_t offset)
{
	struct kt_partition *part = kt_partitions_find(&p->parts, topic, partition);
	if (part)
		store(p, part, offset);
}

/* The partition that an owner was told of, while it is still that owner's. */
static struct kt_partition *owned(struct kt_member *p, const struct kt_member_part *at)
{
	struct kt_partition *part = at->place < p->parts.n ? &p->parts.v[at->place] : NULL;
	return part && part->assigned && part->taken == at->assignment ? part : NULL;
}

int kt_member_commit_part(struct kt_member *p, const struct kt_member_part *at, int64_t offset, struct kt_err *err)
{
	const struct kt_partition *part = owned(p, at);
	if (!part || p->membership.state == KT_MEMBERSHIP_LOST)
		return 0;
	return kt_membership_commit_at(&p->membership, part->topic, part->partition, offset, err) < 0 ? -1 : 1;
}

/* A message that is none: 1, with end set, when it says that the partition's end was reached. */
static int read_other(struct kt_member *p, struct kt_partition *part, rd_kafka_message_t *m,
	struct kt_member_read *read, struct kt_err *err)
{
	struct kt_member_event event = {0};
	int result = 0;
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		read->end = true;
		read->record = (struct kt_record){
			.topic = {part->topic, part->topic_len}, .partition = part->partition, .offset = m->offset};
		result = 1;
	} else {
		result = take_error(p, m->err, rd_kafka_message_errstr(m), false, &event, err);
		p->trouble = event.kind == KT_MEMBER_TROUBLE ? event.why : p->trouble;
	}
	rd_kafka_message_destroy(m);
	return result;
}

int kt_member_read(
	struct kt_member *p, const struct kt_member_part *at, struct kt_member_read *read, struct kt_err *err)
{
	struct kt_partition *part = owned(p, at);
	rd_kafka_message_t *m;
	*read = (struct kt_member_read){0};
	if (!part || !part->queue || p->rebalance || p->membership.leaving)
		return 0;
	if (rd_kafka_consume_batch_queue(part->queue, 0, &m, 1) != 1)
		return 0;
	if (m->err)
		return read_other(p, part, m, read, err);
	struct kt_message_headers *headers = kt_calloc(1, sizeof(*headers));
	kt_message_record(&read->record, m, part, headers);
	read->message = m;
	read->headers = headers;
	part->next = m->offset + 1;
	return 1;
}

void kt_member_read_fini(struct kt_member_read *read)
{
	if (read->message)
		rd_kafka_message_destroy(read->message);
	if (read->headers)
		kt_message_headers_fini(read->headers);
	free(read->headers);
	*read = (struct kt_member_read){0};
}

rd_kafka_consumer_group_metadata_t *kt_member_group_metadata(const struct kt_member *p)
{
	return rd_kafka_consumer_group_metadata(p->rk);
}

void kt_member_pause(struct kt_member *p)
{
	p->paused = true;
}

void kt_member_resume(struct kt_member *p)
{
	p->paused = false;
}

bool kt_member_owns(struct kt_member *p, const char *topic, int32_t partition)
{
	const struct kt_partition *part = kt_partitions_find(&p->parts, topic, partition);
	return part && part->assigned;
}

int kt_member_fd(const struct kt_member *p)
{
	return p->wake.fd;
}

int64_t kt_member_poll_ms(const struct kt_member *p)
{
	bool leaving = p->membership.leaving;
	bool more = p->rebalance || (!p->paused && !leaving && waiting(p)) || (p->stopped && !p->paused);
	return more ? 0 : leaving ? 10 : p->poll_ms;
}

void kt_member_leave(struct kt_member *p)
{
	drop_held(p);
	(void)!kt_membership_leave(&p->membership);
}

void kt_member_free(struct kt_member **at)
{
	struct kt_member *p = *at;
	if (!p)
		return;
	drop_held(p);
	release_lent(p);
	if (p->rebalance)
		rd_kafka_event_destroy(p->rebalance);
	kt_partitions_drop_queues(&p->parts);
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
