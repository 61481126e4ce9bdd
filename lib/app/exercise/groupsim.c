#include "groupsim.h"

#include <sys/resource.h>

#include "logbounds.h"
#include "mem.h"
#include "say.h"
#include "simmember.h"
#include "when.h"

enum {
	COMMIT_US = 500000,
	RETRY_US = 1000000,
	SETTLE_US = 5000000,
	RETRY_MS = 1000, /* how long a later member may hold up the others */
};

/* Each member has a dozen descriptors or two. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int64_t until(int64_t at_us, int64_t now_us)
{
	return at_us > now_us ? (at_us - now_us + 999) / 1000 : 0;
}

static int64_t wait_for_commits(void *user, struct pollfd *fd)
{
	const struct kt_groupsim *c = user;
	(void)fd;
	return until(c->commit_us + COMMIT_US, kt_clock_us());
}

/* A revocation waits for the record in work, and nothing else is taken meanwhile. */
static int64_t wait_for_member(void *user, struct pollfd *fd)
{
	const struct kt_groupsim_member *m = user;
	int64_t now_us = kt_clock_us(), least_ms = m->busy_us ? until(m->busy_us, now_us) : INT64_MAX;
	if (m->revoking && m->busy_us)
		return least_ms;
	if (m->member)
		*fd = (struct pollfd){.fd = kt_member_fd(m->member), .events = POLLIN};
	int64_t next_ms = m->member || m->state == KT_GROUPSIM_OUTSIDE ? until(m->next_us, now_us) : INT64_MAX;
	return next_ms < least_ms ? next_ms : least_ms;
}

static int note_ready(void *user, short revents, struct kt_err *err)
{
	struct kt_groupsim_member *m = user;
	(void)err;
	m->ready |= revents != 0;
	return 0;
}

int kt_groupsim_open(struct kt_groupsim **out, const struct kt_settings *settings, const struct kt_groupsim_how *how,
	struct kt_err *err)
{
	kt_auto(kt_groupsim_free) struct kt_groupsim *c = kt_calloc(1, sizeof(*c));
	c->settings = settings;
	c->how = *how;
	c->audit = kt_groupaudit_new();
	c->session_us = strtol(kt_settings_text(settings, "session.timeout.ms", "45000"), NULL, 10) * 1000;
	raise_descriptor_limit();
	c->commits = (struct kt_loop_source){.user = c, .wait = wait_for_commits};
	kt_loop_add(how->loop, &c->commits);
	if (kt_logbounds(&c->extent, settings, how->owner, how->topics, how->timeout_ms, err) < 0)
		return -1;
	*out = kt_steal(c);
	return 0;
}

static struct kt_groupsim_member *present(struct kt_groupsim *c, size_t number)
{
	struct kt_groupsim_member *m = number < c->n ? c->members[number] : NULL;
	return m && m->state < KT_GROUPSIM_LEAVING ? m : NULL;
}

static struct kt_groupsim_member *add_member(struct kt_groupsim *c)
{
	struct kt_groupsim_member *m = kt_calloc(1, sizeof(*m));
	c->members = kt_grow(c->members, &c->cap, c->n + 1, sizeof(struct kt_groupsim_member *));
	c->members[c->n] = m;
	m->number = c->n++;
	m->name = kt_asprintf("m%zu", c->n);
	m->source = (struct kt_loop_source){.user = m, .wait = wait_for_member, .serve = note_ready};
	kt_loop_add(c->how.loop, &m->source);
	kt_groupaudit_member(c->audit, m->name);
	return m;
}

int kt_groupsim_join(struct kt_groupsim *c, struct kt_err *err)
{
	return kt_simmember_join(c, add_member(c), c->how.timeout_ms, err);
}

/* 0 also when the cluster is away: then it is tried again later. */
static int try_to_start(struct kt_groupsim *c, struct kt_groupsim_member *m, struct kt_err *err)
{
	int64_t timeout_ms = c->how.timeout_ms < RETRY_MS ? c->how.timeout_ms : RETRY_MS;
	if (kt_simmember_join(c, m, timeout_ms, err) == 0)
		return 0;
	if (err->status != KT_UNREACHABLE)
		return kt_err_wrap(err, "%s", m->name);
	if (!m->next_us)
		kt_say(KT_NORMAL, "%s cannot join yet: %s", m->name, err->msg);
	m->next_us = kt_clock_us() + RETRY_US;
	return 0;
}

int kt_groupsim_join_later(struct kt_groupsim *c, struct kt_err *err)
{
	return try_to_start(c, add_member(c), err);
}

void kt_groupsim_written(struct kt_groupsim *c)
{
	kt_simmember_written_all(c);
}

static bool has_count(const struct kt_groupsim *c)
{
	return c->how.count >= 0 && c->taken >= c->how.count;
}

static bool is_owned(struct kt_groupsim *c, const struct kt_partition *part)
{
	for (size_t i = 0; i < c->n; i++)
		if (kt_simmember_part(c->members[i], part->topic, part->partition))
			return true;
	return false;
}

static void begin(struct kt_groupsim *c)
{
	c->begun = true;
	for (size_t i = 0; i < c->n; i++)
		c->members[i]->next_us = 0;
}

static size_t count_unowned(struct kt_groupsim *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->extent.n; i++)
		n += !is_owned(c, &c->extent.v[i]);
	return n;
}

/* A rebalance is over when every member knows what it owns; but a cooperative one goes on when partitions are free.
 * What has no owner here after a while has one elsewhere, unless the group still counts on somebody who has died. */
static void look_if_settled(struct kt_groupsim *c, int64_t now_us)
{
	size_t n = 0;
	if (c->settled)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct kt_groupsim_member *m = c->members[i];
		if (m->state < KT_GROUPSIM_LEAVING && !m->settled)
			return;
		n += m->state < KT_GROUPSIM_LEAVING;
	}
	if (n && !c->begun)
		begin(c);
	if (!n || (now_us - c->changed_us < SETTLE_US && count_unowned(c)))
		return;
	c->settled = true;
	for (size_t i = 0; i < c->extent.n && now_us > c->ghosts_us; i++)
		if (!is_owned(c, &c->extent.v[i]))
			kt_groupaudit_outside(c->audit, c->extent.v[i].topic, c->extent.v[i].partition);
	c->how.event(c->how.user, &(struct kt_groupsim_event){.kind = KT_GROUPSIM_SETTLED});
}

int kt_groupsim_turn(struct kt_groupsim *c, bool hold, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	bool commits = now_us - c->commit_us >= COMMIT_US;
	kt_simmember_hold_all(c, hold || has_count(c) || !c->begun);
	for (size_t i = 0; i < c->n; i++) {
		struct kt_groupsim_member *m = c->members[i];
		if (m->state == KT_GROUPSIM_OUTSIDE && now_us >= m->next_us && try_to_start(c, m, err) < 0)
			return -1;
		if (!m->member)
			continue;
		if (kt_simmember_is_due(m, now_us) && kt_simmember_serve(c, m, now_us, err) < 0)
			return -1;
		m->ready = false;
		if (commits && m->member)
			kt_simmember_commit(c, m);
	}
	if (commits)
		c->commit_us = now_us;
	look_if_settled(c, now_us);
	return 0;
}

bool kt_groupsim_let_go(struct kt_groupsim *c, size_t number)
{
	struct kt_groupsim_member *m = present(c, number);
	if (m && m->member && !m->settled)
		m->going = true;
	else if (m)
		kt_simmember_leave(c, m);
	return m;
}

void kt_groupsim_leave(struct kt_groupsim *c)
{
	if (c->how.write_out(c->how.user))
		kt_groupsim_written(c);
	for (size_t i = 0; i < c->n; i++)
		if (present(c, i))
			kt_simmember_leave(c, c->members[i]);
}

bool kt_groupsim_kill(struct kt_groupsim *c, size_t number)
{
	struct kt_groupsim_member *m = present(c, number);
	if (m)
		kt_simmember_kill(c, m);
	return m;
}

size_t kt_groupsim_present(const struct kt_groupsim *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		n += c->members[i]->state < KT_GROUPSIM_LEFT;
	return n;
}

bool kt_groupsim_is_done(const struct kt_groupsim *c)
{
	for (size_t i = 0; has_count(c) && i < c->n; i++)
		if (c->members[i]->busy_us)
			return false;
	if (has_count(c) || !c->how.ends || !c->settled)
		return has_count(c);
	for (size_t i = 0; i < c->extent.n; i++) {
		const struct kt_partition *end = &c->extent.v[i];
		for (size_t k = 0; k < c->n; k++) {
			const struct kt_groupsim_part *part =
				kt_simmember_part(c->members[k], end->topic, end->partition);
			if (part && part->done < end->end)
				return false;
		}
	}
	return true;
}

size_t kt_groupsim_members(const struct kt_groupsim *c)
{
	return c->n;
}

const struct kt_groupsim_member *kt_groupsim_member(const struct kt_groupsim *c, size_t number)
{
	return c->members[number];
}

size_t kt_groupsim_partitions(const struct kt_groupsim *c)
{
	return c->extent.n;
}

int64_t kt_groupsim_session_ms(const struct kt_groupsim *c)
{
	return c->session_us / 1000;
}

const struct kt_groupaudit *kt_groupsim_ledger(const struct kt_groupsim *c)
{
	return c->audit;
}

void kt_groupsim_free(struct kt_groupsim **at)
{
	struct kt_groupsim *c = *at;
	if (!c)
		return;
	kt_loop_remove(c->how.loop, &c->commits);
	for (size_t i = 0; i < c->n; i++) {
		kt_loop_remove(c->how.loop, &c->members[i]->source);
		kt_simmember_free(c->members[i]);
	}
	free(c->members);
	free(c->told);
	kt_partitions_fini(&c->extent);
	kt_groupaudit_free(&c->audit);
	free(c);
	*at = NULL;
}
