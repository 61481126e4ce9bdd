#include "simmember.h"

#include "esc.h"
#include "mem.h"
#include "say.h"
#include "when.h"

enum {
	BURST = 100,        /* records of one member before it is the others' turn */
	LATE_US = 5000,     /* work that begins this soon after the last one's end began right then */
	QUIET_US = 5000000, /* the same trouble of several members is reported once in that time */
	RETRY_US = 1000000,
	RETRY_MS = 1000,    /* how long a later member may hold up the others */
	GHOST_US = 1000000, /* how much longer than its session the group may count on a member */
};

static void tell(const struct kt_simmember *m, const struct kt_simmember_event *event)
{
	m->group->event(m->group->user, event);
}

struct kt_simmember_part *kt_simmember_find(struct kt_simmember *m, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].partition == partition && !strcmp(m->parts[i].topic, topic))
			return &m->parts[i];
	return NULL;
}

static void add_part(struct kt_simmember *m, const struct kt_member_part *from)
{
	size_t at = m->n_parts;
	m->parts = kt_grow(m->parts, &m->cap_parts, m->n_parts + 1, sizeof(*m->parts));
	for (; at > 0; at--) {
		int order = strcmp(m->parts[at - 1].topic, from->topic);
		if (order < 0 || (order == 0 && m->parts[at - 1].partition < from->partition))
			break;
		m->parts[at] = m->parts[at - 1];
	}
	m->n_parts++;
	m->parts[at] = (struct kt_simmember_part){.topic = kt_strdup(from->topic),
		.partition = from->partition,
		.done = from->offset,
		.written = from->offset,
		.asked = from->why == KT_START_COMMITTED ? from->offset : KT_NO_OFFSET};
}

static void drop_part(struct kt_simmember *m, struct kt_simmember_part *part)
{
	free(part->topic);
	memmove(part, part + 1, (size_t)(m->parts + m->n_parts - (part + 1)) * sizeof(*part));
	m->n_parts--;
}

static int64_t until(int64_t at_us, int64_t now_us)
{
	return at_us > now_us ? (at_us - now_us + 999) / 1000 : 0;
}

/* A revocation waits for the record in work, and nothing else is taken until then. */
static int64_t wait_for_member(void *user, struct pollfd *fd)
{
	const struct kt_simmember *m = user;
	int64_t now_us = kt_clock_us(), least_ms = m->busy_us ? until(m->busy_us, now_us) : INT64_MAX;
	if (m->revoking && m->busy_us)
		return least_ms;
	if (m->member)
		*fd = (struct pollfd){.fd = kt_member_fd(m->member), .events = POLLIN};
	int64_t next_ms = m->member || m->state == KT_SIMMEMBER_OUTSIDE ? until(m->next_us, now_us) : INT64_MAX;
	return next_ms < least_ms ? next_ms : least_ms;
}

static int note_ready(void *user, short revents, struct kt_err *err)
{
	struct kt_simmember *m = user;
	(void)err;
	m->ready |= revents != 0;
	return 0;
}

struct kt_simmember *kt_simmember_new(struct kt_simmember_group *group, size_t number)
{
	struct kt_simmember *m = kt_calloc(1, sizeof(*m));
	m->group = group;
	m->number = number;
	m->name = kt_asprintf("m%zu", number + 1);
	m->source = (struct kt_loop_source){.user = m, .wait = wait_for_member, .serve = note_ready};
	kt_groupaudit_member(group->audit, m->name);
	return m;
}

int kt_simmember_join(struct kt_simmember *m, int64_t timeout_ms, struct kt_err *err)
{
	struct kt_simmember_group *g = m->group;
	kt_auto(kt_free_ptr) char *instance = NULL;
	kt_auto(kt_free_ptr) char *client_id = kt_asprintf("kt-%s", m->name);
	struct kt_member_how how = {.owner = g->how.owner,
		.topics = g->how.topics,
		.group = g->how.group,
		.reset = g->how.reset,
		.assignor = g->how.assignor,
		.client_id = kt_settings_get(g->settings, "client.id") ? NULL : client_id,
		.ends = g->how.ends,
		.timeout_ms = timeout_ms};
	if (g->how.instance)
		instance = g->how.alone ? kt_strdup(g->how.instance)
					: kt_asprintf("%s-%zu", g->how.instance, m->number + 1);
	how.instance = instance;
	if (kt_member_open(&m->member, g->settings, &how, err) < 0)
		return -1;
	if (g->hold)
		kt_member_pause(m->member);
	m->state = KT_SIMMEMBER_JOINING;
	g->settled = false;
	g->changed_us = kt_clock_us();
	tell(m, &(struct kt_simmember_event){.kind = KT_SIMMEMBER_JOIN, .member = m});
	return 0;
}

int kt_simmember_try_to_join(struct kt_simmember *m, struct kt_err *err)
{
	int64_t timeout_ms = m->group->how.timeout_ms < RETRY_MS ? m->group->how.timeout_ms : RETRY_MS;
	if (kt_simmember_join(m, timeout_ms, err) == 0)
		return 0;
	if (err->status != KT_UNREACHABLE)
		return kt_err_wrap(err, "%s", m->name);
	if (!m->next_us)
		kt_say(KT_WARNING, "%s cannot join yet: %s", m->name, err->msg);
	m->next_us = kt_clock_us() + RETRY_US;
	return 0;
}

void kt_simmember_hold(struct kt_simmember *m)
{
	if (!m->member)
		return;
	if (m->group->hold)
		kt_member_pause(m->member);
	else if (!m->busy_us)
		kt_member_resume(m->member);
	m->ready = true;
}

void kt_simmember_written(struct kt_simmember *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		m->parts[i].written = m->parts[i].done;
}

static void commit_part(struct kt_simmember *m, struct kt_simmember_part *part)
{
	struct kt_err err = {0};
	if (part->written <= part->asked)
		return;
	kt_groupaudit_ask_commit(m->group->audit, part->topic, part->partition, part->written);
	if (kt_member_commit(m->member, part->topic, part->partition, part->written, &err) == 0) {
		part->asked = part->written;
		return;
	}
	kt_say(KT_VERBOSE, "%s: %s", m->name, err.msg);
	kt_groupaudit_commit(m->group->audit, part->topic, part->partition, part->written, err.msg);
}

static void commit(struct kt_simmember *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		commit_part(m, &m->parts[i]);
}

static void on_committed(struct kt_simmember *m, const struct kt_member_event *event)
{
	const char *refused = event->why.status ? event->why.msg : NULL;
	if (refused)
		kt_say(KT_VERBOSE, "%s: %s", m->name, refused);
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *at = &event->parts[i];
		struct kt_simmember_part *part = kt_simmember_find(m, at->topic, at->partition);
		kt_groupaudit_commit(m->group->audit, at->topic, at->partition, at->offset, refused);
		if (part && refused)
			part->asked = KT_NO_OFFSET;
	}
}

static void finish_work(struct kt_simmember *m)
{
	struct kt_simmember_part *part = kt_simmember_find(m, m->work_topic, m->work_partition);
	if (part)
		part->done = m->work_offset + 1;
	m->last_us = m->busy_us;
	m->busy_us = 0;
	if (!m->group->hold)
		kt_member_resume(m->member);
}

static void give_up_work(struct kt_simmember *m)
{
	m->busy_us = 0;
	if (!m->group->hold)
		kt_member_resume(m->member);
}

static void on_record(struct kt_simmember *m, const struct kt_record *r)
{
	char value[40], topic[32] = "";
	int64_t now_us = kt_clock_us();
	struct kt_simmember_part *part = NULL;
	for (size_t i = 0; i < m->n_parts && !part; i++)
		if (m->parts[i].partition == r->partition && !strncmp(m->parts[i].topic, r->topic.data, r->topic.len) &&
			!m->parts[i].topic[r->topic.len])
			part = &m->parts[i];
	if (!part)
		return;
	bool again = !kt_groupaudit_record(m->group->audit, m->number, r);
	if (m->group->how.topics->n > 1)
		snprintf(topic, sizeof(topic), "%s ", part->topic);
	snprintf(m->last, sizeof(m->last), "%s[%d] %lld %s", topic, (int)r->partition, (long long)r->offset,
		kt_quote(value, sizeof(value), r->value));
	if (!m->records++)
		m->first_us = now_us;
	if (m->group->how.work_ms) {
		m->busy_us = (now_us - m->last_us < LATE_US ? m->last_us : now_us) + m->group->how.work_ms * 1000;
		m->work_topic = part->topic;
		m->work_partition = r->partition;
		m->work_offset = r->offset;
		kt_member_pause(m->member);
	} else {
		part->done = r->offset + 1;
		m->last_us = now_us;
	}
	tell(m, &(struct kt_simmember_event){.kind = KT_SIMMEMBER_RECORD, .member = m, .record = r, .again = again});
	m->group->took(m->group->user);
}

static void on_assigned(struct kt_simmember *m, const struct kt_member_event *event)
{
	int64_t now_us = kt_clock_us();
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *at = &event->parts[i];
		add_part(m, at);
		kt_groupaudit_take(m->group->audit, m->number, at->topic, at->partition, at->offset, now_us);
		if (at->why == KT_START_COMMITTED)
			kt_groupaudit_commit(m->group->audit, at->topic, at->partition, at->offset, NULL);
	}
	m->state = m->state == KT_SIMMEMBER_LEAVING ? m->state : KT_SIMMEMBER_MEMBER;
	m->settled = true;
	m->group->changed_us = now_us;
	tell(m, &(struct kt_simmember_event){
			.kind = KT_SIMMEMBER_ASSIGNED, .member = m, .parts = event->parts, .n_parts = event->n_parts});
	/* A start that nobody has committed, at once: otherwise the next owner would choose one by itself. */
	commit(m);
}

/* The partitions are given up. parts may borrow from what the member owns. */
static void yield(struct kt_simmember *m, const struct kt_member_part *parts, size_t n, enum kt_yield how)
{
	static const enum kt_simmember_kind kinds[] = {[KT_YIELD_GAVE] = KT_SIMMEMBER_REVOKED,
		[KT_YIELD_LOST] = KT_SIMMEMBER_LOST,
		[KT_YIELD_KILLED] = KT_SIMMEMBER_DIED};
	int64_t now_us = kt_clock_us();
	for (size_t i = 0; i < n; i++)
		kt_groupaudit_yield(m->group->audit, m->number, parts[i].topic, parts[i].partition, how, now_us);
	m->settled = m->group->settled = false;
	m->group->changed_us = now_us;
	tell(m, &(struct kt_simmember_event){.kind = kinds[how], .member = m, .parts = parts, .n_parts = n});
	for (size_t i = 0; i < n; i++) {
		struct kt_simmember_part *part = kt_simmember_find(m, parts[i].topic, parts[i].partition);
		if (part)
			drop_part(m, part);
	}
}

/* All that is left of what the member owns, as an event has it: m->n_parts of them. For kt_free_ptr(). */
static struct kt_member_part *list_parts(const struct kt_simmember *m)
{
	struct kt_member_part *parts = kt_calloc(m->n_parts + 1, sizeof(*parts));
	for (size_t i = 0; i < m->n_parts; i++)
		parts[i] = (struct kt_member_part){
			.topic = m->parts[i].topic, .partition = m->parts[i].partition, .offset = m->parts[i].done};
	return parts;
}

static bool works_on_any(const struct kt_simmember *m, const struct kt_member_part *parts, size_t n)
{
	for (size_t i = 0; m->busy_us && i < n; i++)
		if (parts[i].partition == m->work_partition && !strcmp(parts[i].topic, m->work_topic))
			return true;
	return false;
}

/* In order on one connection, so the commit is there before the group knows that the partitions are free. */
static void give_away(struct kt_simmember *m)
{
	const struct kt_member_event *event = &m->revoked;
	m->group->write_out(m->group->user);
	for (size_t i = 0; i < event->n_parts; i++) {
		struct kt_simmember_part *part = kt_simmember_find(m, event->parts[i].topic, event->parts[i].partition);
		if (part)
			commit_part(m, part);
	}
	yield(m, event->parts, event->n_parts, KT_YIELD_GAVE);
	m->revoking = false;
}

static void on_left(struct kt_simmember *m)
{
	kt_auto(kt_free_ptr) struct kt_member_part *parts = list_parts(m);
	if (m->n_parts)
		yield(m, parts, m->n_parts, KT_YIELD_GAVE);
	m->state = KT_SIMMEMBER_LEFT;
	m->ended_us = kt_clock_us();
	kt_member_free(&m->member);
	if (m->group->how.instance)
		m->group->ghosts_us = m->ended_us + m->group->session_us + GHOST_US;
	tell(m, &(struct kt_simmember_event){.kind = KT_SIMMEMBER_GONE, .member = m});
}

/* The last offsets before the end may hold no records (transactions, compaction). */
static void on_end(struct kt_simmember *m, const struct kt_member_event *event)
{
	struct kt_simmember_part *part = kt_simmember_find(m, event->parts[0].topic, event->parts[0].partition);
	if (part && !m->busy_us)
		part->done = event->parts[0].offset > part->done ? event->parts[0].offset : part->done;
}

static void on_trouble(const struct kt_simmember *m, const struct kt_err *why)
{
	int64_t now_us = kt_clock_us();
	if (!strcmp(m->group->trouble, why->msg) && now_us - m->group->trouble_us < QUIET_US)
		return;
	snprintf(m->group->trouble, sizeof(m->group->trouble), "%s", why->msg);
	m->group->trouble_us = now_us;
	kt_say(KT_WARNING, "%s: %s", m->name, why->msg);
}

static void take_event(struct kt_simmember *m, const struct kt_member_event *event)
{
	switch (event->kind) {
	case KT_MEMBER_RECORD:
		on_record(m, &event->record);
		break;
	case KT_MEMBER_ASSIGNED:
		on_assigned(m, event);
		break;
	case KT_MEMBER_REVOKED:
		m->revoked = *event;
		m->revoking = true;
		if (!works_on_any(m, event->parts, event->n_parts))
			give_away(m);
		break;
	case KT_MEMBER_LOST:
		if (works_on_any(m, event->parts, event->n_parts))
			give_up_work(m);
		yield(m, event->parts, event->n_parts, KT_YIELD_LOST);
		break;
	case KT_MEMBER_END:
		on_end(m, event);
		break;
	case KT_MEMBER_COMMITTED:
		on_committed(m, event);
		break;
	case KT_MEMBER_TROUBLE:
		on_trouble(m, &event->why);
		break;
	case KT_MEMBER_LEFT:
		on_left(m);
		break;
	case KT_MEMBER_NOTHING:
		break;
	}
}

void kt_simmember_leave(struct kt_simmember *m)
{
	if (!m->member) {
		m->state = KT_SIMMEMBER_LEFT;
		return;
	}
	if (m->busy_us)
		give_up_work(m);
	if (m->revoking)
		give_away(m);
	commit(m);
	kt_member_leave(m->member);
	m->state = KT_SIMMEMBER_LEAVING;
	m->next_us = 0;
}

void kt_simmember_let_go(struct kt_simmember *m)
{
	if (m->member && !m->settled)
		m->going = true;
	else
		kt_simmember_leave(m);
}

void kt_simmember_kill(struct kt_simmember *m)
{
	kt_member_free(&m->member);
	m->busy_us = 0;
	m->revoking = false;
	m->state = KT_SIMMEMBER_KILLED;
	m->ended_us = kt_clock_us();
	m->group->ghosts_us = m->ended_us + m->group->session_us + GHOST_US;
	kt_auto(kt_free_ptr) struct kt_member_part *parts = list_parts(m);
	yield(m, parts, m->n_parts, KT_YIELD_KILLED);
}

static bool is_due(const struct kt_simmember *m, int64_t now_us)
{
	if (m->busy_us && now_us >= m->busy_us)
		return true;
	return !(m->revoking && m->busy_us) && (m->ready || now_us >= m->next_us);
}

/* Ends the work whose time is over, and takes what the member has, up to a bounded number of events. */
static int serve(struct kt_simmember *m, int64_t now_us, struct kt_err *err)
{
	if (m->busy_us && now_us >= m->busy_us)
		finish_work(m);
	if (m->revoking && m->busy_us)
		return 0;
	if (m->revoking)
		give_away(m);
	for (int i = 0; i < BURST; i++) {
		struct kt_member_event event;
		if (kt_member_next(m->member, &event, err) < 0)
			return kt_err_wrap(err, "%s", m->name);
		take_event(m, &event);
		if (m->going && m->settled)
			kt_simmember_leave(m);
		if (m->revoking || m->state == KT_SIMMEMBER_LEFT)
			return 0;
		if (event.kind == KT_MEMBER_NOTHING) {
			m->next_us = now_us + kt_member_poll_ms(m->member) * 1000;
			return 0;
		}
	}
	m->next_us = now_us;
	return 0;
}

int kt_simmember_turn(struct kt_simmember *m, int64_t now_us, bool commits, struct kt_err *err)
{
	if (m->state == KT_SIMMEMBER_OUTSIDE && now_us >= m->next_us && kt_simmember_try_to_join(m, err) < 0)
		return -1;
	if (!m->member)
		return 0;
	if (is_due(m, now_us) && serve(m, now_us, err) < 0)
		return -1;
	m->ready = false;
	if (commits && m->member)
		commit(m);
	return 0;
}

void kt_simmember_wake(struct kt_simmember *m)
{
	m->next_us = 0;
}

void kt_simmember_free(struct kt_simmember *m)
{
	kt_member_free(&m->member);
	while (m->n_parts)
		drop_part(m, &m->parts[m->n_parts - 1]);
	free(m->parts);
	free(m->name);
	free(m);
}
