#include "groupsim.h"

#include <sys/resource.h>

#include "logbounds.h"
#include "mem.h"
#include "partitions.h"
#include "when.h"

enum { COMMIT_US = 500000, SETTLE_US = 5000000, EACH_LEAVES_MS = 20 };

struct kt_groupsim {
	struct kt_groupsim_how how;
	struct kt_simmember_group group;
	struct kt_simmember **members;
	size_t n, cap;
	struct kt_partitions extent;
	struct kt_loop_source commits;
	int64_t commit_us;
	int64_t taken; /* records */
	bool begun;    /* all members that began with it know what they own */
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

static int64_t wait_for_commits(void *user, struct pollfd *fd)
{
	const struct kt_groupsim *c = user;
	(void)fd;
	return kt_until_ms(c->commit_us + COMMIT_US);
}

static void tell(void *user, const struct kt_simmember_event *event)
{
	struct kt_groupsim *c = user;
	c->how.event(c->how.user, event);
}

static void hold_all(struct kt_groupsim *c, bool hold)
{
	if (c->group.hold == hold)
		return;
	c->group.hold = hold;
	for (size_t i = 0; i < c->n; i++)
		kt_simmember_hold(c->members[i]);
}

static void count_record(void *user)
{
	struct kt_groupsim *c = user;
	if (++c->taken == c->how.count)
		hold_all(c, true);
}

void kt_groupsim_written(struct kt_groupsim *c)
{
	for (size_t i = 0; i < c->n; i++)
		kt_simmember_written(c->members[i]);
}

static void write_out(void *user)
{
	struct kt_groupsim *c = user;
	if (c->how.write_out(c->how.user))
		kt_groupsim_written(c);
}

int kt_groupsim_open(struct kt_groupsim **out, const struct kt_settings *settings, const struct kt_groupsim_how *how,
	struct kt_err *err)
{
	kt_auto(kt_groupsim_free) struct kt_groupsim *c = kt_calloc(1, sizeof(*c));
	c->how = *how;
	c->group = (struct kt_simmember_group){
		.settings = settings,
		.how = how->each,
		.audit = kt_groupaudit_new(),
		.user = c,
		.event = tell,
		.took = count_record,
		.write_out = write_out,
	};
	c->group.session_us = strtol(kt_settings_text(settings, "session.timeout.ms", "45000"), NULL, 10) * 1000;
	raise_descriptor_limit();
	c->commits = (struct kt_loop_source){.user = c, .wait = wait_for_commits};
	kt_loop_add(how->loop, &c->commits);
	if (kt_logbounds(&c->extent, settings, how->each.owner, how->each.topics, how->each.timeout_ms, err) < 0)
		return -1;
	*out = kt_steal(c);
	return 0;
}

static struct kt_simmember *present(struct kt_groupsim *c, size_t number)
{
	struct kt_simmember *m = number < c->n ? c->members[number] : NULL;
	return m && m->state < KT_SIMMEMBER_LEAVING ? m : NULL;
}

static struct kt_simmember *add_member(struct kt_groupsim *c)
{
	struct kt_simmember *m = kt_simmember_new(&c->group, c->n);
	c->members = kt_grow(c->members, &c->cap, c->n + 1, sizeof(struct kt_simmember *));
	c->members[c->n++] = m;
	kt_loop_add(c->how.loop, &m->source);
	return m;
}

int kt_groupsim_join(struct kt_groupsim *c, struct kt_err *err)
{
	return kt_simmember_join(add_member(c), c->how.each.timeout_ms, err);
}

int kt_groupsim_join_later(struct kt_groupsim *c, struct kt_err *err)
{
	return kt_simmember_try_to_join(add_member(c), err);
}

static bool has_count(const struct kt_groupsim *c)
{
	return c->how.count >= 0 && c->taken >= c->how.count;
}

static bool is_owned(struct kt_groupsim *c, const struct kt_partition *part)
{
	for (size_t i = 0; i < c->n; i++)
		if (kt_simmember_find(c->members[i], part->topic, part->partition))
			return true;
	return false;
}

static void begin(struct kt_groupsim *c)
{
	c->begun = true;
	for (size_t i = 0; i < c->n; i++)
		kt_simmember_wake(c->members[i]);
}

static size_t count_unowned(struct kt_groupsim *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->extent.n; i++)
		n += !is_owned(c, &c->extent.v[i]);
	return n;
}

/* A rebalance is over when every member knows what it owns; but a cooperative one continues while partitions are free.
 * What has no owner here after a while has one elsewhere, unless the group still counts on somebody who has died. */
static void look_if_settled(struct kt_groupsim *c, int64_t now_us)
{
	size_t n = 0;
	if (c->group.settled)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct kt_simmember *m = c->members[i];
		if (m->state < KT_SIMMEMBER_LEAVING && !m->settled)
			return;
		n += m->state < KT_SIMMEMBER_LEAVING;
	}
	if (n && !c->begun)
		begin(c);
	if (!n || (now_us - c->group.changed_us < SETTLE_US && count_unowned(c)))
		return;
	c->group.settled = true;
	for (size_t i = 0; i < c->extent.n && now_us > c->group.ghosts_us; i++)
		if (!is_owned(c, &c->extent.v[i]))
			kt_groupaudit_outside(c->group.audit, c->extent.v[i].topic, c->extent.v[i].partition);
	tell(c, &(struct kt_simmember_event){.kind = KT_SIMMEMBER_SETTLED});
}

int kt_groupsim_turn(struct kt_groupsim *c, bool hold, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	bool commits = now_us - c->commit_us >= COMMIT_US;
	hold_all(c, hold || has_count(c) || !c->begun);
	for (size_t i = 0; i < c->n; i++)
		if (kt_simmember_turn(c->members[i], now_us, commits, err) < 0)
			return -1;
	if (commits)
		c->commit_us = now_us;
	look_if_settled(c, now_us);
	return 0;
}

bool kt_groupsim_let_go(struct kt_groupsim *c, size_t number)
{
	struct kt_simmember *m = present(c, number);
	if (m)
		kt_simmember_let_go(m);
	return m;
}

void kt_groupsim_leave(struct kt_groupsim *c)
{
	write_out(c);
	for (size_t i = 0; i < c->n; i++)
		if (present(c, i))
			kt_simmember_leave(c->members[i]);
}

bool kt_groupsim_kill(struct kt_groupsim *c, size_t number)
{
	struct kt_simmember *m = present(c, number);
	if (m)
		kt_simmember_kill(m);
	return m;
}

bool kt_groupsim_say_joining(const struct kt_groupsim *c, struct kt_waiting *wait, bool *seen)
{
	const struct kt_member *first = NULL;
	for (size_t i = 0; i < c->n && !first; i++)
		first = c->members[i]->member;
	*seen = false;
	if (first && !kt_groupsim_has_any(c))
		return kt_member_say_joining(first, wait, seen);
	kt_waiting_end(wait);
	return false;
}

int64_t kt_groupsim_leave_ms(const struct kt_groupsim *c, bool hurry)
{
	int64_t most_ms = 0;
	for (size_t i = 0; i < c->n; i++) {
		int64_t ms = c->members[i]->member ? kt_member_leave_ms(c->members[i]->member, hurry) : 0;
		most_ms = ms > most_ms ? ms : most_ms;
	}
	return most_ms + EACH_LEAVES_MS * (int64_t)c->n;
}

bool kt_groupsim_has_any(const struct kt_groupsim *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->members[i]->member && kt_member_has_any(c->members[i]->member))
			return true;
	return false;
}

size_t kt_groupsim_present(const struct kt_groupsim *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		n += c->members[i]->state < KT_SIMMEMBER_LEFT;
	return n;
}

bool kt_groupsim_is_done(const struct kt_groupsim *c)
{
	for (size_t i = 0; has_count(c) && i < c->n; i++)
		if (c->members[i]->busy_us)
			return false;
	if (has_count(c) || !c->how.each.ends || !c->group.settled)
		return has_count(c);
	for (size_t i = 0; i < c->extent.n; i++) {
		const struct kt_partition *end = &c->extent.v[i];
		for (size_t k = 0; k < c->n; k++) {
			const struct kt_simmember_part *part =
				kt_simmember_find(c->members[k], end->topic, end->partition);
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

const struct kt_simmember *kt_groupsim_member(const struct kt_groupsim *c, size_t number)
{
	return c->members[number];
}

size_t kt_groupsim_partitions(const struct kt_groupsim *c)
{
	return c->extent.n;
}

int64_t kt_groupsim_session_ms(const struct kt_groupsim *c)
{
	return c->group.session_us / 1000;
}

const struct kt_groupaudit *kt_groupsim_ledger(const struct kt_groupsim *c)
{
	return c->group.audit;
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
	kt_partitions_fini(&c->extent);
	kt_groupaudit_free(&c->group.audit);
	free(c);
	*at = NULL;
}
