/* A record's way through a run. */
#include "mem.h"
#include "say.h"
#include "when.h"
#include "workrun_own.h"

/* Bodies that wait for their turn, of which there may be many with an order by keys. */
enum { HELD_BYTES = 64 << 20 };

/* So many that cannot be handed out now are passed over in search of others. */
enum { PASSED_MOST = 1000 };

static uint32_t lane_of(const struct kt_workrun *run, const struct kt_record *r, uint32_t part)
{
	uint64_t hash = 14695981039346656037U + part;
	if (run->how.order == KT_WORKORDER_PARTITION)
		return part;
	if (run->how.order == KT_WORKORDER_NONE || !r->key.data)
		return KT_WORKITEM_NONE;
	for (size_t i = 0; i < r->key.len; i++)
		hash = (hash ^ (unsigned char)r->key.data[i]) * 1099511628211U;
	return (uint32_t)(hash >> 32 ^ hash) % KT_WORKRUN_KEY_LANES;
}

static bool may_read(const struct kt_workrun *run, uint32_t number)
{
	const struct kt_workpart *part = &run->parts[number];
	if (part->state != KT_WORKPART_OWNED || part->dry || part->ended || !kt_workwindow_has_room(&part->window))
		return false;
	return run->how.order != KT_WORKORDER_PARTITION || kt_workitems_has_room(&run->items, number);
}

/* Of one partition. 1: something came; 0: there is nothing. */
static int read_part(struct kt_workrun *run, uint32_t number, struct kt_err *err)
{
	struct kt_workpart *part = &run->parts[number];
	struct kt_member_read read;
	int got = kt_member_read(run->member, &part->at, &read, err);
	part->dry = got == 0;
	if (got <= 0)
		return got;
	if (read.end) {
		kt_workwindow_ended(&part->window, read.record.offset);
		part->ended = run->how.ends;
		return 1;
	}
	uint64_t serial = kt_workwindow_add(&part->window, read.record.offset);
	uint32_t lane = lane_of(run, &read.record, number);
	struct kt_workitem *item = kt_workitems_add(&run->items, &read, lane);
	item->part = number;
	item->serial = serial;
	item->read_us = run->turn_us;
	part->items++;
	return 1;
}

static bool has_enough(const struct kt_workrun *run)
{
	int64_t taken = run->counts.done + run->counts.dead + run->counts.skipped + (int64_t)run->items.count -
			(int64_t)run->orphans;
	return (run->how.count >= 0 && taken >= run->how.count) || run->items.bytes > HELD_BYTES;
}

/* From each of the partitions in turn. */
static int read_next(struct kt_workrun *run, struct kt_err *err)
{
	for (size_t i = 0; i < run->n_parts && !has_enough(run); i++) {
		uint32_t number = (uint32_t)(run->turn++ % run->n_parts);
		int got = may_read(run, number) ? read_part(run, number, err) : 0;
		if (got)
			return got;
	}
	return 0;
}

static int hand_out(struct kt_workrun *run, struct kt_workitem *item, struct kt_err *err)
{
	struct kt_workpart *part = &run->parts[item->part];
	item->attempt++;
	item->started_us = kt_clock_us();
	item->started_ms = run->send ? kt_now_ms() : 0;
	item->ending.out.len = item->ending.words.len = 0;
	item->ending.decided = false;
	item->ending.delay_ms = -1;
	int started = run->runner.start(run->runner.self, item, err);
	if (started <= 0) {
		item->attempt--;
		kt_workitems_put_aside(&run->items, item);
		return started;
	}
	kt_workwindow_handed(&part->window, item->serial);
	part->busy++;
	run->running++;
	return 1;
}

/* A record may have to wait for the worker that has others of its lane; those for another one do not wait with it. */
static int hand_out_some(struct kt_workrun *run, struct kt_err *err)
{
	size_t passed = 0;
	while (!run->draining && run->runner.room(run->runner.self) && passed < PASSED_MOST) {
		struct kt_workitem *item = kt_workitems_next(&run->items);
		int got = item ? hand_out(run, item, err) : read_next(run, err);
		if (got < 0 || (!item && !got))
			return got;
		passed += !got;
	}
	return 0;
}

int kt_workrecord_fill(struct kt_workrun *run, struct kt_err *err)
{
	run->turn_us = kt_clock_us();
	run->due_us = run->items.due.n ? kt_workitems_due(&run->items, run->turn_us) : INT64_MAX;
	int result = hand_out_some(run, err);
	kt_workitems_put_back(&run->items);
	return result;
}

static void remove_item(struct kt_workrun *run, struct kt_workitem *item)
{
	struct kt_workpart *part = &run->parts[item->part];
	run->orphans -= item->orphan;
	kt_workitems_remove(&run->items, item);
	part->items--;
	kt_workmember_release(run, part);
}

void kt_workrecord_over(void *user, struct kt_workitem *item)
{
	struct kt_workrun *run = user;
	struct kt_workpart *part = &run->parts[item->part];
	part->busy--;
	if (!item->orphan) {
		kt_workwindow_finish(&part->window, item->serial);
		run->urgent |= kt_workwindow_is_urgent(&part->window);
		run->counts.done += item->ending.action == KT_WORK_DONE;
		run->counts.skipped += item->ending.action == KT_WORK_SKIP;
		run->counts.dead += item->ending.action == KT_WORK_REJECT || item->ending.action == KT_WORK_RETRY;
	}
	remove_item(run, item);
}

/* What became of it is certain; it is finished when that is written where it belongs. */
static void settle(struct kt_workrun *run, struct kt_workitem *item, enum kt_workitem_stage stage)
{
	item->state = KT_WORKITEM_SENDING;
	run->parts[item->part].busy++;
	/* Notices of one key come in their order; results do so by themselves, as they are sent one after the other. */
	if (!run->how.send.notify)
		kt_workitems_leave_lane(&run->items, item);
	if (run->send)
		kt_worksend_begin(run->send, item, stage);
	else
		kt_workrecord_over(run, item);
}

/* How it ended, in words. */
static const char *describe(const struct kt_workitem *item, char *out, size_t size)
{
	const struct kt_workitem_ending *e = &item->ending;
	static const char *const words[] = {[KT_WORK_EXIT] = "ended with status %d",
		[KT_WORK_SIGNAL] = "was ended by signal %d",
		[KT_WORK_TIMEOUT] = "took longer than --job-timeout",
		[KT_WORK_HTTP] = "was answered with status %d",
		[KT_WORK_NO_ANSWER] = "was not answered",
		[KT_WORK_OUTPUT] = "printed more than --out-max"};
	const char *number = strstr(words[e->end], "%d");
	int len = number ? (int)(number - words[e->end]) : (int)strlen(words[e->end]);
	if (number)
		snprintf(out, size, "%.*s%d", len, words[e->end], e->code);
	else
		snprintf(out, size, "%s", words[e->end]);
	return out;
}

/* The run ends, and the record is not finished. */
static void stop_run(struct kt_workrun *run, const struct kt_workitem *item, int status, const char *hint)
{
	const struct kt_record *r = &item->read.record;
	char what[80];
	if (run->failed.status)
		return;
	kt_err_set(&run->failed, status, "%.*s [%d] offset %lld %s at attempt %lld", (int)r->topic.len, r->topic.data,
		(int)r->partition, (long long)r->offset, describe(item, what, sizeof(what)), (long long)item->attempt);
	kt_err_hint(&run->failed, "%s", hint);
}

static void bury(struct kt_workrun *run, struct kt_workitem *item)
{
	if (run->how.send.dlq) {
		settle(run, item, KT_WORKITEM_LETTER);
		return;
	}
	if (run->how.skips) {
		item->ending.action = KT_WORK_SKIP;
		settle(run, item, KT_WORKITEM_NOTICE);
		return;
	}
	stop_run(run, item, KT_PARTIAL,
		"it is not committed: the next run has it again; --dlq TOPIC keeps such records, --on-failure skip "
		"passes over them");
}

static void try_again(struct kt_workrun *run, struct kt_workitem *item, const struct kt_workrule *rule)
{
	if (item->uncharged) {
		item->uncharged = false;
		item->attempt--;
		/* Past times, in the order in which they were read. */
		kt_workitems_retry(&run->items, item, (int64_t)item->serial);
	} else if (!kt_workrules_may_retry(&run->how.rules, item->attempt)) {
		bury(run, item);
		return;
	} else {
		int64_t told_ms = item->ending.delay_ms;
		int64_t ms = told_ms >= 0 ? told_ms : kt_workrules_delay_ms(&run->how.rules, rule, item->attempt);
		run->counts.retried++;
		kt_workitems_retry(&run->items, item, kt_clock_us() + ms * 1000);
	}
	run->due_us = 0;
}

void kt_workrecord_ended(void *user, struct kt_workitem *item)
{
	struct kt_workrun *run = user;
	struct kt_workpart *part = &run->parts[item->part];
	struct kt_workrule rule =
		kt_workrules_of(&run->how.rules, (enum kt_workend)item->ending.end, item->ending.code);
	if (item->ending.decided)
		rule = (struct kt_workrule){.action = (enum kt_workaction)item->ending.action, .delay_ms = -1};
	item->ended_ms = run->send ? kt_now_ms() : 0;
	item->ending.action = rule.action;
	kt_histogram_add(&run->job_us, kt_clock_us() - item->started_us);
	part->busy--;
	run->running--;
	if (item->orphan) {
		remove_item(run, item);
		return;
	}
	switch (rule.action) {
	case KT_WORK_STOP:
		stop_run(run, item, KT_FAILED, "it is not committed: the next run has it again");
		return;
	case KT_WORK_RETRY:
		/* Nothing is handed out any more of a partition that is being given up. */
		if (part->state == KT_WORKPART_OWNED)
			try_again(run, item, &rule);
		else
			remove_item(run, item);
		return;
	case KT_WORK_REJECT:
		bury(run, item);
		return;
	default:
		settle(run, item, KT_WORKITEM_RESULT);
	}
}

void kt_workrecord_give_up(struct kt_workrun *run, uint32_t number, bool running)
{
	struct kt_workpart *part = &run->parts[number];
	for (uint32_t i = 0; i < run->items.n; i++) {
		struct kt_workitem *item = kt_workitems_at(&run->items, i);
		if (!item || item->part != number || item->orphan)
			continue;
		bool busy = item->state == KT_WORKITEM_RUNNING || item->state == KT_WORKITEM_SENDING;
		if (busy && !running)
			continue;
		if (busy)
			run->orphans++;
		else
			part->items--;
		if (busy && run->how.kills && item->state == KT_WORKITEM_RUNNING)
			run->runner.kill(run->runner.self, item);
		kt_workitems_orphan(&run->items, item);
	}
}
