/* What the group tells a run: partitions that come and go, and commits. */
#include "mem.h"
#include "num.h"
#include "say.h"
#include "when.h"
#include "workrun_own.h"

/* Commits are asked for that often, and once more when there was no answer. */
enum { COMMIT_MS = 1000, ANSWER_MS = 10000, PATIENCE_MS = 3000 };

/* No longer than that commits wait for a group that is being joined. */
enum { REJOIN_MS = 60000 };

/* So many partitions of an assignment are named. */
enum { SHOWN = 8 };

static struct kt_workpart *new_part(struct kt_workrun *run)
{
	for (size_t i = 0; i < run->n_parts; i++)
		if (run->parts[i].state == KT_WORKPART_FREE)
			return &run->parts[i];
	run->parts = kt_grow(run->parts, &run->parts_cap, run->n_parts + 1, sizeof(*run->parts));
	return &run->parts[run->n_parts++];
}

void kt_workmember_release(struct kt_workrun *run, struct kt_workpart *part)
{
	if (part->state != KT_WORKPART_GONE || part->items || part->asking)
		return;
	run->counts.again += (int64_t)kt_workwindow_handed_after(&part->window, part->window.committed);
	kt_workwindow_fini(&part->window);
	*part = (struct kt_workpart){0};
}

static void show_part(struct kt_buf *text, const struct kt_member_part *at, bool first)
{
	kt_buf_addf(text, "%s %s [%d]", first ? "" : ",", at->topic, (int)at->partition);
	if (at->offset != KT_NO_OFFSET)
		kt_buf_addf(text, " at %lld (%s)", (long long)at->offset, kt_start_names[at->why]);
}

static void on_assigned(struct kt_workrun *run, const struct kt_member_event *event)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *at = &event->parts[i];
		struct kt_workpart *part = new_part(run);
		*part = (struct kt_workpart){.at = *at, .state = KT_WORKPART_OWNED};
		kt_workwindow_init(&part->window, run->how.max_ahead, at->offset);
		if (i < SHOWN)
			show_part(&text, at, i == 0);
	}
	if (event->n_parts > SHOWN)
		kt_buf_addf(&text, " and %zu more", event->n_parts - SHOWN);
	if (run->how.order == KT_WORKORDER_PARTITION)
		kt_workitems_lanes(&run->items, run->n_parts);
	run->n_owned += event->n_parts;
	run->rejoining -= run->rejoining > 0;
	run->assigned_us = kt_clock_us();
	kt_say(KT_NORMAL, "assigned:%s", text.len ? kt_buf_cstr(&text) : " no partitions");
}

static struct kt_workpart *find(struct kt_workrun *run, const struct kt_member_part *at)
{
	for (size_t i = 0; i < run->n_parts; i++) {
		struct kt_workpart *part = &run->parts[i];
		if (part->state == KT_WORKPART_OWNED && part->at.place == at->place)
			return part;
	}
	return NULL;
}

/* What nobody works on is given up at once; the rest may finish, unless others have it already. */
static void on_gone(struct kt_workrun *run, const struct kt_member_event *event)
{
	bool lost = event->kind == KT_MEMBER_LOST;
	if (lost && event->n_parts)
		kt_say(KT_WARNING, "group %s: %zu partition%s lost, which other members may have by now",
			run->how.group, event->n_parts, kt_plural_are((int64_t)event->n_parts));
	for (size_t i = 0; i < event->n_parts; i++) {
		struct kt_workpart *part = find(run, &event->parts[i]);
		if (!part)
			continue;
		run->n_owned--;
		part->state = lost ? KT_WORKPART_GONE : KT_WORKPART_LEAVING;
		part->asking &= !lost;
		kt_workrecord_give_up(run, (uint32_t)(part - run->parts), lost);
		kt_workmember_release(run, part);
	}
	/* Having nothing means something again once the group has spoken. */
	run->assigned_us = run->n_owned ? run->assigned_us : 0;
	run->revoking = !lost;
	run->rejoining = lost ? 0 : run->rejoining;
	run->revoked_us = kt_clock_us();
}

static int ask(struct kt_workrun *run, struct kt_workpart *part, struct kt_err *err)
{
	int asked = kt_member_commit_part(run->member, &part->at, kt_workwindow_ask(&part->window), err);
	part->asking = asked > 0;
	part->asked_us = kt_clock_us();
	return asked;
}

static bool is_behind(const struct kt_workpart *part)
{
	int64_t position = kt_workwindow_position(&part->window);
	return position >= 0 && position != part->window.committed;
}

/* The answer to a commit. One that was asked for again counts for the later question only. */
static void take_answer(struct kt_workrun *run, const struct kt_member_event *event, const struct kt_member_part *at)
{
	for (size_t i = 0; i < run->n_parts; i++) {
		struct kt_workpart *part = &run->parts[i];
		bool same = part->asking && (!at || part->at.place == at->place);
		if (!same || (at && at->offset != part->window.asked))
			continue;
		part->asking = false;
		if (!event->why.status)
			kt_workwindow_committed(&part->window);
		else
			run->next_commit_us = kt_clock_us() + COMMIT_MS * 1000;
		kt_workmember_release(run, part);
	}
}

static void on_committed(struct kt_workrun *run, const struct kt_member_event *event)
{
	for (size_t i = 0; i < event->n_parts; i++)
		take_answer(run, event, &event->parts[i]);
	if (!event->n_parts)
		take_answer(run, event, NULL);
	if (event->why.status && !event->passing && !run->told_refused)
		kt_say(KT_WARNING, "%s; asking again", event->why.msg);
	run->told_refused = event->why.status != 0;
}

bool kt_workmember_has_uncommitted(const struct kt_workrun *run)
{
	for (size_t i = 0; i < run->n_parts; i++)
		if (run->parts[i].state == KT_WORKPART_OWNED && (run->parts[i].asking || is_behind(&run->parts[i])))
			return true;
	return false;
}

/* While a cooperative group is joined once more, which follows on each revocation, a commit waits at the broker until
 * that is done, and has the number of the generation before by then: librdkafka up to 2.8 takes all partitions for
 * lost. */
static bool is_rejoining(const struct kt_workrun *run)
{
	return run->rejoining && kt_clock_us() - run->revoked_us < (int64_t)REJOIN_MS * 1000;
}

int kt_workmember_commit(struct kt_workrun *run, bool all, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	bool due = all || now_us >= run->next_commit_us;
	if (due && is_rejoining(run))
		run->next_commit_us = now_us + COMMIT_MS * 1000;
	if (is_rejoining(run) || (!due && !run->urgent))
		return 0;
	for (size_t i = 0; i < run->n_parts; i++) {
		struct kt_workpart *part = &run->parts[i];
		if (part->asking && now_us - part->asked_us > (int64_t)ANSWER_MS * 1000)
			part->asking = false;
		if (part->state != KT_WORKPART_OWNED || part->asking || !is_behind(part))
			continue;
		if ((due || kt_workwindow_is_urgent(&part->window)) && ask(run, part, err) < 0)
			return -1;
	}
	run->urgent = false;
	run->next_commit_us = due ? now_us + COMMIT_MS * 1000 : run->next_commit_us;
	return 0;
}

static bool is_busy(const struct kt_workrun *run)
{
	for (size_t i = 0; i < run->n_parts; i++)
		if (run->parts[i].state == KT_WORKPART_LEAVING && run->parts[i].busy)
			return true;
	return false;
}

/* 1: the revoked partitions can be given up: their commands have finished, or had their time. What is finished of them
 * is committed in the same moment, before the library gives them up. */
static int end_revocation(struct kt_workrun *run, struct kt_err *err)
{
	int64_t since_us = kt_clock_us() - run->revoked_us;
	if (is_busy(run) && since_us < run->revoke_ms * 1000)
		return 0;
	for (size_t i = 0; i < run->n_parts; i++) {
		struct kt_workpart *part = &run->parts[i];
		if (part->state != KT_WORKPART_LEAVING)
			continue;
		if (is_behind(part) && ask(run, part, err) < 0)
			return -1;
		part->state = KT_WORKPART_GONE;
		kt_workrecord_give_up(run, (uint32_t)i, true);
		kt_workmember_release(run, part);
	}
	run->revoking = false;
	/* What there is instead, even if it is nothing, and what the group has when it was joined once more. */
	run->rejoining = kt_member_is_cooperative(run->member) && run->n_owned ? 2 : 0;
	return 1;
}

/* Silence is explained after some seconds. */
static void explain(struct kt_workrun *run)
{
	bool seen;
	if (run->draining)
		return;
	if (kt_member_say_joining(run->member, &run->wait, &seen) && seen)
		run->told_wait = true;
	int64_t since_us = run->revoked_us > run->opened_us ? run->revoked_us : run->opened_us;
	if (run->assigned_us || run->told_wait || kt_clock_us() - since_us < (int64_t)PATIENCE_MS * 1000)
		return;
	run->told_wait = true;
	kt_say(KT_NORMAL,
		"waiting for group %s: a new group takes some seconds, and a member that was killed keeps its partitions "
		"until its session ends (session.timeout.ms)",
		run->how.group);
}

static void take(struct kt_workrun *run, const struct kt_member_event *event)
{
	switch (event->kind) {
	case KT_MEMBER_ASSIGNED:
		on_assigned(run, event);
		break;
	case KT_MEMBER_REVOKED:
	case KT_MEMBER_LOST:
		on_gone(run, event);
		break;
	case KT_MEMBER_COMMITTED:
		on_committed(run, event);
		break;
	case KT_MEMBER_TROUBLE:
		kt_say(KT_WARNING, "%s%s%s", event->why.msg, event->why.hint[0] ? "; " : "", event->why.hint);
		break;
	case KT_MEMBER_LEFT:
		run->left = true;
		break;
	default:
		break;
	}
}

int kt_workmember_serve(struct kt_workrun *run, struct kt_err *err)
{
	struct kt_member_event event;
	do {
		int given_up = run->revoking ? end_revocation(run, err) : 1;
		if (given_up <= 0)
			return given_up;
		if (kt_member_next(run->member, &event, err) < 0)
			return -1;
		take(run, &event);
	} while (event.kind != KT_MEMBER_NOTHING);
	explain(run);
	return 0;
}
