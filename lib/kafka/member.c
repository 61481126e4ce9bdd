/* A member of a group that is told what happens to it, one event at a time. */
#include "mem.h"
#include "member_own.h"

enum { RESOLVE_MS = 2000 };

static int set(rd_kafka_conf_t *conf, const char *key, const char *value, struct kt_err *err)
{
	char why[256];
	if (!value || rd_kafka_conf_set(conf, key, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return 0;
	return kt_err_set(err, KT_USAGE, "%s=%s: %s", key, value, why);
}

/* What waits in the queue of each partition: of 100-byte records in 16 of them, 20 to 40 MB with what a last answer
 * brings. While a queue is full the next request for records leaves its partition out, and waits until others have
 * some: so long, and not half a second, which for a busy partition among idle ones was all of the time. */
static void limit_queues(struct kt_member *p, rd_kafka_conf_t *conf, const struct kt_settings *settings)
{
	kt_client_prefer(conf, settings, "queued.min.messages", "2000");
	kt_client_prefer(conf, settings, "queued.max.messages.kbytes", "4096");
	kt_client_prefer(conf, settings, "fetch.wait.max.ms", "50");
	if (!kt_settings_get(settings, "max.partition.fetch.bytes"))
		kt_client_prefer(conf, settings, "fetch.message.max.bytes", "262144");
	kt_fetchnudge_configure(&p->refill, conf, settings);
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
	if (how->split)
		limit_queues(p, conf, settings);
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

/* Asking makes none. Also warms up the handle: without metadata the first fetch would wait half a second. */
static int find_topics(struct kt_member *p, const struct kt_strs *names, int64_t timeout_ms, struct kt_err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct rd_kafka_metadata *metadata;
		if (kt_client_topic(p->client, names->v[i], timeout_ms, &metadata, err) < 0)
			return -1;
		rd_kafka_metadata_destroy(metadata);
	}
	return 0;
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
	for (size_t i = 0; i < how->topics->n; i++)
		kt_strs_add(&p->topics, how->topics->v[i]);
	if (find_topics(p, &p->topics, how->timeout_ms, err) < 0 ||
		(how->others && find_topics(p, how->others, how->timeout_ms, err) < 0))
		return -1;
	if (join(p, how, err) < 0)
		return -1;
	*out = kt_steal(p);
	return 0;
}

static void release_lent(struct kt_member *p)
{
	if (p->lent)
		rd_kafka_event_destroy(kt_steal(p->lent));
}

/* All that the library has to say; records are put aside, as many as are worth it. */
static int serve(struct kt_member *p, struct kt_member_event *event, struct kt_err *err)
{
	while (event->kind == KT_MEMBER_NOTHING) {
		if (kt_memberheld_is_enough(p) && !p->paused)
			return 0;
		if (kt_memberheld_is_enough(p) && !p->stopped)
			kt_memberheld_stop(p);
		release_lent(p);
		rd_kafka_event_t *ev = rd_kafka_queue_poll(p->wake.queue, 0);
		if (!ev)
			return 0;
		if (kt_memberevents_take(p, ev, event, err) < 0)
			return -1;
	}
	return 0;
}

/* What has to be reported although the library has no event for it. */
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
	if (p->rebalance && kt_memberevents_finish_revocation(p, err) < 0)
		return -1;
	if (p->stopped && !p->paused && !kt_memberheld_waiting(p)) {
		kt_memberheld_go_on(p);
		kt_memberheld_seek(p);
	}
	kt_queuefd_clear(&p->wake);
	if (serve(p, event, err) < 0)
		return -1;
	if (event->kind == KT_MEMBER_NOTHING && tell_state(p, event, err) < 0)
		return -1;
	if (event->kind == KT_MEMBER_NOTHING && !p->membership.leaving && !p->paused && kt_memberheld_waiting(p))
		kt_memberheld_give_out(p, event);
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
		kt_memberheld_store(p, part, offset);
}

rd_kafka_consumer_group_metadata_t *kt_member_group_metadata(const struct kt_member *p)
{
	return rd_kafka_consumer_group_metadata(p->rk);
}

bool kt_member_say_joining(const struct kt_member *p, struct kt_waiting *wait, bool *seen)
{
	const struct kt_membership *m = &p->membership;
	bool joins = m->state == KT_MEMBERSHIP_JOINING && !m->leaving;
	if (!joins)
		kt_waiting_end(wait);
	*seen = joins && kt_membership_say_joining(m, wait);
	return joins;
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
	bool more = p->rebalance || (!p->paused && !leaving && kt_memberheld_waiting(p)) || (p->stopped && !p->paused);
	return more ? 0 : leaving ? 10 : p->poll_ms;
}

int64_t kt_member_leave_ms(const struct kt_member *p, bool hurry)
{
	return kt_membership_leave_ms(&p->membership, hurry);
}

bool kt_member_is_cooperative(const struct kt_member *p)
{
	return kt_membership_is_cooperative(&p->membership);
}

bool kt_member_has_any(const struct kt_member *p)
{
	return p->membership.state != KT_MEMBERSHIP_JOINING;
}

void kt_member_leave(struct kt_member *p)
{
	kt_memberheld_drop(p);
	(void)!kt_membership_leave(&p->membership);
}

void kt_member_free(struct kt_member **at)
{
	struct kt_member *p = *at;
	if (!p)
		return;
	kt_memberheld_drop(p);
	release_lent(p);
	if (p->rebalance)
		rd_kafka_event_destroy(p->rebalance);
	kt_partitions_drop_queues(&p->parts);
	kt_queuefd_fini(&p->wake);
	kt_membership_end(&p->membership);
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
