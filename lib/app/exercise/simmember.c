#include "simmember.h"

#include "esc.h"
#include "mem.h"
#include "say.h"
#include "when.h"

enum {
	BURST = 100,        /* records of one member before the others have their turn */
	LATE_US = 5000,     /* work that begins so shortly after the last one's end began right then */
	QUIET_US = 5000000, /* the same trouble of several members is told once in that time */
	GHOST_US = 1000000, /* so much longer than its session the group may count on a member */
};

static void tell(struct kt_groupsim *c, const struct kt_groupsim_event *event)
{
	c->how.event(c->how.user, event);
}

struct kt_groupsim_part *kt_simmember_part(struct kt_groupsim_member *m, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].partition == partition && !strcmp(m->parts[i].topic, topic))
			return &m->parts[i];
	return NULL;
}

static void add_part(struct kt_groupsim_member *m, const struct kt_member_part *from)
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
	m->parts[at] = (struct kt_groupsim_part){.topic = kt_strdup(from->topic),
		.partition = from->partition,
		.done = from->offset,
		.written = from->offset,
		.asked = from->why == KT_START_COMMITTED ? from->offset : KT_NO_OFFSET};
}

static void drop_part(struct kt_groupsim_member *m, struct kt_groupsim_part *part)
{
	free(part->topic);
	memmove(part, part + 1, (size_t)(m->parts + m->n_parts - (part + 1)) * sizeof(*part));
	m->n_parts--;
}

int kt_simmember_join(struct kt_groupsim *c, struct kt_groupsim_member *m, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *instance = NULL;
	kt_auto(kt_free_ptr) char *client_id = kt_asprintf("kt-%s", m->name);
	struct kt_member_how how = {.owner = c->how.owner,
		.topics = c->how.topics,
		.group = c->how.group,
		.reset = c->how.reset,
		.assignor = c->how.assignor,
		.client_id = kt_settings_get(c->settings, "client.id") ? NULL : client_id,
		.ends = c->how.ends,
		.timeout_ms = timeout_ms};
	if (c->how.instance)
		instance = c->how.alone ? kt_strdup(c->how.instance)
					: kt_asprintf("%s-%zu", c->how.instance, m->number + 1);
	how.instance = instance;
	if (kt_member_open(&m->member, c->settings, &how, err) < 0)
		return -1;
	if (c->hold)
		kt_member_pause(m->member);
	m->state = KT_GROUPSIM_JOINING;
	c->settled = false;
	c->changed_us = kt_clock_us();
	tell(c, &(struct kt_groupsim_event){.kind = KT_GROUPSIM_JOIN, .member = m});
	return 0;
}

void kt_simmember_hold_all(struct kt_groupsim *c, bool hold)
{
	if (c->hold == hold)
		return;
	c->hold = hold;
	for (size_t i = 0; i < c->n; i++) {
		struct kt_groupsim_member *m = c->members[i];
		if (!m->member)
			continue;
		if (hold)
			kt_member_pause(m->member);
		else if (!m->busy_us)
			kt_member_resume(m->member);
		m->ready = true;
	}
}

void kt_simmember_written_all(struct kt_groupsim *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->members[i]->n_parts; k++)
			c->members[i]->parts[k].written = c->members[i]->parts[k].done;
}

static void commit_part(struct kt_groupsim *c, struct kt_groupsim_member *m, struct kt_groupsim_part *part)
{
	struct kt_err err = {0};
	if (part->written <= part->asked)
		return;
	kt_groupaudit_ask_commit(c->audit, part->topic, part->partition, part->written);
	if (kt_member_commit(m->member, part->topic, part->partition, part->written, &err) == 0) {
		part->asked = part->written;
		return;
	}
	kt_say(KT_VERBOSE, "%s: %s", m->name, err.msg);
	kt_groupaudit_commit(c->audit, part->topic, part->partition, part->written, err.msg);
}

void kt_simmember_commit(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		commit_part(c, m, &m->parts[i]);
}

static void on_committed(struct kt_groupsim *c, struct kt_groupsim_member *m, const struct kt_member_event *event)
{
	const char *refused = event->why.status ? event->why.msg : NULL;
	if (refused)
		kt_say(KT_VERBOSE, "%s: %s", m->name, refused);
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *at = &event->parts[i];
		struct kt_groupsim_part *part = kt_simmember_part(m, at->topic, at->partition);
		kt_groupaudit_commit(c->audit, at->topic, at->partition, at->offset, refused);
		if (part && refused)
			part->asked = KT_NO_OFFSET;
	}
}

static void finish_work(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	struct kt_groupsim_part *part = kt_simmember_part(m, m->work_topic, m->work_partition);
	if (part)
		part->done = m->work_offset + 1;
	m->last_us = m->busy_us;
	m->busy_us = 0;
	if (!c->hold)
		kt_member_resume(m->member);
}

static void give_up_work(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	m->busy_us = 0;
	if (!c->hold)
		kt_member_resume(m->member);
}

static void on_record(struct kt_groupsim *c, struct kt_groupsim_member *m, const struct kt_record *r)
{
	char value[40], topic[32] = "";
	int64_t now_us = kt_clock_us();
	struct kt_groupsim_part *part = NULL;
	for (size_t i = 0; i < m->n_parts && !part; i++)
		if (m->parts[i].partition == r->partition && !strncmp(m->parts[i].topic, r->topic.data, r->topic.len) &&
			!m->parts[i].topic[r->topic.len])
			part = &m->parts[i];
	if (!part)
		return;
	bool again = !kt_groupaudit_record(c->audit, m->number, r);
	if (c->how.topics->n > 1)
		snprintf(topic, sizeof(topic), "%s ", part->topic);
	snprintf(m->last, sizeof(m->last), "%s[%d] %lld %s", topic, (int)r->partition, (long long)r->offset,
		kt_quote(value, sizeof(value), r->value));
	if (!m->records++)
		m->first_us = now_us;
	if (c->how.work_ms) {
		m->busy_us = (now_us - m->last_us < LATE_US ? m->last_us : now_us) + c->how.work_ms * 1000;
		m->work_topic = part->topic;
		m->work_partition = r->partition;
		m->work_offset = r->offset;
		kt_member_pause(m->member);
	} else {
		part->done = r->offset + 1;
		m->last_us = now_us;
	}
	tell(c, &(struct kt_groupsim_event){.kind = KT_GROUPSIM_RECORD, .member = m, .record = r, .again = again});
	if (++c->taken == c->how.count)
		kt_simmember_hold_all(c, true);
}

static void on_assigned(struct kt_groupsim *c, struct kt_groupsim_member *m, const struct kt_member_event *event)
{
	int64_t now_us = kt_clock_us();
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *at = &event->parts[i];
		add_part(m, at);
		kt_groupaudit_take(c->audit, m->number, at->topic, at->partition, at->offset, now_us);
		if (at->why == KT_START_COMMITTED)
			kt_groupaudit_commit(c->audit, at->topic, at->partition, at->offset, NULL);
	}
	m->state = m->state == KT_GROUPSIM_LEAVING ? m->state : KT_GROUPSIM_MEMBER;
	m->settled = true;
	c->changed_us = now_us;
	tell(c, &(struct kt_groupsim_event){
			.kind = KT_GROUPSIM_ASSIGNED, .member = m, .parts = event->parts, .n_parts = event->n_parts});
	/* A start that nobody has committed, at once: the next owner would else choose one by itself. */
	kt_simmember_commit(c, m);
}

/* The partitions go. parts may borrow from what the member owns. */
static void yield(struct kt_groupsim *c, struct kt_groupsim_member *m, const struct kt_member_part *parts, size_t n,
	enum kt_yield how)
{
	static const enum kt_groupsim_kind kinds[] = {[KT_YIELD_GAVE] = KT_GROUPSIM_REVOKED,
		[KT_YIELD_LOST] = KT_GROUPSIM_LOST,
		[KT_YIELD_KILLED] = KT_GROUPSIM_DIED};
	int64_t now_us = kt_clock_us();
	for (size_t i = 0; i < n; i++)
		kt_groupaudit_yield(c->audit, m->number, parts[i].topic, parts[i].partition, how, now_us);
	m->settled = c->settled = false;
	c->changed_us = now_us;
	tell(c, &(struct kt_groupsim_event){.kind = kinds[how], .member = m, .parts = parts, .n_parts = n});
	for (size_t i = 0; i < n; i++) {
		struct kt_groupsim_part *part = kt_simmember_part(m, parts[i].topic, parts[i].partition);
		if (part)
			drop_part(m, part);
	}
}

/* All that is left of what the member owns, as an event has it. */
static size_t list_parts(struct kt_groupsim *c, const struct kt_groupsim_member *m)
{
	c->told = kt_grow(c->told, &c->told_cap, m->n_parts + 1, sizeof(*c->told));
	for (size_t i = 0; i < m->n_parts; i++)
		c->told[i] = (struct kt_member_part){
			.topic = m->parts[i].topic, .partition = m->parts[i].partition, .offset = m->parts[i].done};
	return m->n_parts;
}

static bool works_on_any(const struct kt_groupsim_member *m, const struct kt_member_part *parts, size_t n)
{
	for (size_t i = 0; m->busy_us && i < n; i++)
		if (parts[i].partition == m->work_partition && !strcmp(parts[i].topic, m->work_topic))
			return true;
	return false;
}

/* In order on one connection, so the commit is there before the group knows that the partitions are free. */
static void give_away(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	const struct kt_member_event *event = &m->revoked;
	if (c->how.write_out(c->how.user))
		kt_simmember_written_all(c);
	for (size_t i = 0; i < event->n_parts; i++) {
		struct kt_groupsim_part *part = kt_simmember_part(m, event->parts[i].topic, event->parts[i].partition);
		if (part)
			commit_part(c, m, part);
	}
	yield(c, m, event->parts, event->n_parts, KT_YIELD_GAVE);
	m->revoking = false;
}

static void on_left(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	size_t n = list_parts(c, m);
	if (n)
		yield(c, m, c->told, n, KT_YIELD_GAVE);
	m->state = KT_GROUPSIM_LEFT;
	m->ended_us = kt_clock_us();
	kt_member_free(&m->member);
	if (c->how.instance)
		c->ghosts_us = m->ended_us + c->session_us + GHOST_US;
	tell(c, &(struct kt_groupsim_event){.kind = KT_GROUPSIM_GONE, .member = m});
}

/* The last offsets before the end may hold no records (transactions, compaction). */
static void on_end(struct kt_groupsim_member *m, const struct kt_member_event *event)
{
	struct kt_groupsim_part *part = kt_simmember_part(m, event->parts[0].topic, event->parts[0].partition);
	if (part && !m->busy_us)
		part->done = event->parts[0].offset > part->done ? event->parts[0].offset : part->done;
}

static void on_trouble(struct kt_groupsim *c, const struct kt_groupsim_member *m, const struct kt_err *why)
{
	int64_t now_us = kt_clock_us();
	if (!strcmp(c->trouble, why->msg) && now_us - c->trouble_us < QUIET_US)
		return;
	snprintf(c->trouble, sizeof(c->trouble), "%s", why->msg);
	c->trouble_us = now_us;
	kt_say(KT_NORMAL, "%s: %s", m->name, why->msg);
}

static void take_event(struct kt_groupsim *c, struct kt_groupsim_member *m, const struct kt_member_event *event)
{
	switch (event->kind) {
	case KT_MEMBER_RECORD:
		on_record(c, m, &event->record);
		break;
	case KT_MEMBER_ASSIGNED:
		on_assigned(c, m, event);
		break;
	case KT_MEMBER_REVOKED:
		m->revoked = *event;
		m->revoking = true;
		if (!works_on_any(m, event->parts, event->n_parts))
			give_away(c, m);
		break;
	case KT_MEMBER_LOST:
		if (works_on_any(m, event->parts, event->n_parts))
			give_up_work(c, m);
		yield(c, m, event->parts, event->n_parts, KT_YIELD_LOST);
		break;
	case KT_MEMBER_END:
		on_end(m, event);
		break;
	case KT_MEMBER_COMMITTED:
		on_committed(c, m, event);
		break;
	case KT_MEMBER_TROUBLE:
		on_trouble(c, m, &event->why);
		break;
	case KT_MEMBER_LEFT:
		on_left(c, m);
		break;
	case KT_MEMBER_NOTHING:
		break;
	}
}

void kt_simmember_leave(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	if (!m->member) {
		m->state = KT_GROUPSIM_LEFT;
		return;
	}
	if (m->busy_us)
		give_up_work(c, m);
	if (m->revoking)
		give_away(c, m);
	kt_simmember_commit(c, m);
	kt_member_leave(m->member);
	m->state = KT_GROUPSIM_LEAVING;
	m->next_us = 0;
}

void kt_simmember_kill(struct kt_groupsim *c, struct kt_groupsim_member *m)
{
	kt_member_free(&m->member);
	m->busy_us = 0;
	m->revoking = false;
	m->state = KT_GROUPSIM_KILLED;
	m->ended_us = kt_clock_us();
	c->ghosts_us = m->ended_us + c->session_us + GHOST_US;
	size_t n = list_parts(c, m);
	yield(c, m, c->told, n, KT_YIELD_KILLED);
}

bool kt_simmember_is_due(const struct kt_groupsim_member *m, int64_t now_us)
{
	if (m->busy_us && now_us >= m->busy_us)
		return true;
	return !(m->revoking && m->busy_us) && (m->ready || now_us >= m->next_us);
}

int kt_simmember_serve(struct kt_groupsim *c, struct kt_groupsim_member *m, int64_t now_us, struct kt_err *err)
{
	if (m->busy_us && now_us >= m->busy_us)
		finish_work(c, m);
	if (m->revoking && m->busy_us)
		return 0;
	if (m->revoking)
		give_away(c, m);
	for (int i = 0; i < BURST; i++) {
		struct kt_member_event event;
		if (kt_member_next(m->member, &event, err) < 0)
			return kt_err_wrap(err, "%s", m->name);
		take_event(c, m, &event);
		if (m->going && m->settled)
			kt_simmember_leave(c, m);
		if (m->revoking || m->state == KT_GROUPSIM_LEFT)
			return 0;
		if (event.kind == KT_MEMBER_NOTHING) {
			m->next_us = now_us + kt_member_poll_ms(m->member) * 1000;
			return 0;
		}
	}
	m->next_us = now_us;
	return 0;
}

void kt_simmember_free(struct kt_groupsim_member *m)
{
	kt_member_free(&m->member);
	while (m->n_parts)
		drop_part(m, &m->parts[m->n_parts - 1]);
	free(m->parts);
	free(m->name);
	free(m);
}
