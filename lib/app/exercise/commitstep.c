#include "commitstep.h"

#include "buf.h"
#include "mem.h"
#include "say.h"
#include "when.h"

/* A commit that was refused for a passing reason is tried again after that time. */
enum { AGAIN_MS = 1000 };

static void step(struct kt_commitstep *r, enum kt_step what, int64_t offset)
{
	kt_tell_step(&r->telling, what, r->topic, r->partition, offset);
}

static void wait_in(struct kt_commitstep *r, enum kt_commitstep_stage stage)
{
	r->stage = stage;
	r->since_us = kt_clock_us();
	r->ask_again_us = INT64_MAX;
	r->told = false;
}

static int ask_commit(struct kt_commitstep *r, struct kt_err *err)
{
	r->ask_again_us = INT64_MAX;
	return kt_member_commit(r->member, r->topic, r->partition, r->offset + 1, err);
}

static int begin_commit(struct kt_commitstep *r, struct kt_err *err)
{
	wait_in(r, KT_ROUND_COMMITTING);
	return ask_commit(r, err);
}

static int begin_store(struct kt_commitstep *r, struct kt_err *err)
{
	wait_in(r, KT_ROUND_STORING);
	step(r, KT_STEP_STORING, r->offset);
	return kt_storestep_begin(r->storing, err);
}

/* The record is done. One that will be read again does not count. */
static void finish_record(struct kt_commitstep *r, bool counts)
{
	wait_in(r, KT_ROUND_READY);
	r->n_done += counts;
	kt_member_resume(r->member);
}

int kt_commitstep_begin(struct kt_commitstep *r, const struct kt_record *record, struct kt_err *err)
{
	free(r->topic);
	r->topic = kt_strndup(record->topic.data, record->topic.len);
	r->partition = record->partition;
	r->offset = record->offset;
	r->stored = false;
	r->mine = true;
	r->n_read++;
	kt_member_pause(r->member);
	kt_tell_record(&r->telling, record);
	kt_storestep_take(r->storing, record);
	kt_say(KT_VERBOSE, "that is %s [%d] offset %lld", r->topic, (int)r->partition, (long long)r->offset);
	return r->when == KT_ROUND_BEFORE ? begin_commit(r, err) : begin_store(r, err);
}

static int end_store(struct kt_commitstep *r, bool before, struct kt_err *err)
{
	r->stored = true;
	r->n_stored++;
	r->n_before += before;
	step(r, before ? KT_STEP_STORED_BEFORE : KT_STEP_STORED, r->offset);
	if (before)
		kt_say(KT_NORMAL, "%s [%d] offset %lld was read before and is in %s already: it is kept there once",
			r->topic, (int)r->partition, (long long)r->offset, r->file);
	if (r->when == KT_ROUND_AFTER && r->mine)
		return begin_commit(r, err);
	if (r->when == KT_ROUND_AFTER)
		kt_say(KT_WARNING,
			"%s [%d] was given away while offset %lld was stored: it is not committed here, the owner "
			"reads it again",
			r->topic, (int)r->partition, (long long)r->offset);
	finish_record(r, r->when != KT_ROUND_AFTER);
	return 0;
}

static int serve_store(struct kt_commitstep *r, struct kt_err *err)
{
	int done = r->stage == KT_ROUND_STORING ? kt_storestep_poll(r->storing, err) : 0;
	if (done > 0)
		return end_store(r, done == 2, err);
	if (done < 0)
		kt_err_hint(err, "the record is not committed: the next run reads it again");
	return done;
}

int kt_commitstep_serve(struct kt_commitstep *r, struct kt_err *err)
{
	if (serve_store(r, err) < 0)
		return -1;
	bool again = r->stage == KT_ROUND_COMMITTING && kt_clock_us() >= r->ask_again_us;
	return again ? ask_commit(r, err) : 0;
}

int kt_commitstep_fd(const struct kt_commitstep *r)
{
	return r->stage == KT_ROUND_STORING ? kt_storestep_fd(r->storing) : -1;
}

int64_t kt_commitstep_wait_ms(const struct kt_commitstep *r)
{
	return r->stage == KT_ROUND_STORING ? kt_storestep_wait_ms(r->storing) : INT64_MAX;
}

static bool is_ours(const struct kt_commitstep *r, const struct kt_member_event *event)
{
	for (size_t i = 0; i < event->n_parts; i++)
		if (event->parts[i].partition == r->partition && !strcmp(event->parts[i].topic, r->topic) &&
			event->parts[i].offset == r->offset + 1)
			return true;
	return !event->n_parts;
}

static void say_automatic(struct kt_commitstep *r, const struct kt_member_event *event)
{
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *part = &event->parts[i];
		if (r->telling.style == KT_DEMOTEXT_JSON)
			kt_tell_step(&r->telling, KT_STEP_COMMITTED, part->topic, part->partition, part->offset);
		kt_say(KT_NORMAL, "committed by the timer: %s [%d] up to offset %lld%s", part->topic,
			(int)part->partition, (long long)part->offset,
			r->stage == KT_ROUND_STORING && is_ours(r, event) ? ", which is not stored yet" : "");
	}
}

int kt_commitstep_committed(struct kt_commitstep *r, const struct kt_member_event *event, struct kt_err *err)
{
	bool pending = r->stage == KT_ROUND_COMMITTING && is_ours(r, event);
	bool again = pending && event->passing && r->mine;
	if (event->why.status && !(again && r->told))
		kt_say(KT_WARNING, "%s%s", event->why.msg, again ? "; asking again" : "");
	if (!event->why.status && r->when == KT_ROUND_AUTO)
		say_automatic(r, event);
	if (!pending)
		return 0;
	if (event->why.status && again) {
		r->told = true;
		r->ask_again_us = kt_clock_us() + AGAIN_MS * 1000;
		return 0;
	}
	if (event->why.status) {
		kt_say(KT_WARNING, "%s [%d] offset %lld is read again by the partition's new owner", r->topic,
			(int)r->partition, (long long)r->offset);
		finish_record(r, false);
		return 0;
	}
	r->n_committed++;
	step(r, KT_STEP_COMMITTED, r->offset + 1);
	if (!r->stored)
		return begin_store(r, err);
	finish_record(r, true);
	return 0;
}

void kt_commitstep_gone(struct kt_commitstep *r, const struct kt_member_event *event)
{
	for (size_t i = 0; r->stage != KT_ROUND_READY && i < event->n_parts; i++)
		if (event->parts[i].partition == r->partition && !strcmp(event->parts[i].topic, r->topic))
			r->mine = false;
}

void kt_commitstep_give_up(struct kt_commitstep *r)
{
	kt_storestep_abort(r->storing);
	if (r->stage == KT_ROUND_STORING)
		kt_member_unread(r->member, r->topic, r->partition, r->offset);
}

void kt_commitstep_committed_late(struct kt_commitstep *r, const struct kt_member_event *event)
{
	if (r->when == KT_ROUND_AUTO)
		say_automatic(r, event);
	if (r->stage != KT_ROUND_COMMITTING || !is_ours(r, event))
		return;
	r->n_committed++;
	r->stage = r->stored ? KT_ROUND_READY : KT_ROUND_STORING;
}

void kt_commitstep_say_unfinished(const struct kt_commitstep *r)
{
	const char *what = "is not finished and not committed: the next run reads it again";
	if (r->stage == KT_ROUND_READY)
		return;
	if (r->stage == KT_ROUND_COMMITTING)
		what = r->stored ? "is stored, but its commit was not acknowledged: the next run may read it again"
				 : "was to be committed before it is stored: it may be lost";
	else if (r->when == KT_ROUND_BEFORE)
		what = "is committed and was not stored: it is lost";
	kt_say(KT_WARNING, "%s [%d] offset %lld %s", r->topic, (int)r->partition, (long long)r->offset, what);
}

void kt_commitstep_say_counts(const struct kt_commitstep *r)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_addf(&text, "%lld read, %lld stored", (long long)r->n_read, (long long)(r->n_stored - r->n_before));
	if (r->n_before)
		kt_buf_addf(&text, ", %lld stored before", (long long)r->n_before);
	if (r->when == KT_ROUND_AFTER || r->when == KT_ROUND_BEFORE)
		kt_buf_addf(&text, ", %lld committed", (long long)r->n_committed);
	kt_say(KT_NORMAL, "%s", kt_buf_cstr(&text));
}

void kt_commitstep_fini(struct kt_commitstep *r)
{
	free(r->topic);
	r->topic = NULL;
}
