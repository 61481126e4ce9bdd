/* A record's way: from the reader to the producer, and what comes back. */
#include "copyrun_own.h"
#include "mem.h"
#include "say.h"
#include "sig.h"
#include "when.h"

/* More topics than this are not named by mistake, and each costs memory and a request. */
enum { TOPICS_MOST = 1000 };

static const struct kt_partition *partition_at(const struct kt_copyrun *run, size_t place)
{
	return &kt_consumer_parts(run->consumer)->v[place];
}

/* Puts the record's place in front. */
static int wrap(const struct kt_copyrun *run, const struct kt_record *r, struct kt_err *err)
{
	return kt_err_wrap(
		err, "%s [%d] offset %lld", run->how.ends->source.topic, (int)r->partition, (long long)r->offset);
}

void kt_copyflow_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_copyrun *run = user;
	const struct kt_copyflight_record *sent = kt_copyflight_at(&run->flight, d->tag);
	if (!d->failed) {
		*(run->exact ? &run->open_copied : &run->counts.copied) += 1;
		kt_copyflight_done(&run->flight, d->tag);
		if (run->how.verifies)
			kt_copyverify_sent(&run->verify, d->partition, d->offset, sent->hash,
				sent->retimed ? d->ts_ms : sent->ts_ms);
		return;
	}
	if (run->failed.status)
		return;
	kt_err_set(&run->failed, KT_PARTIAL, "%s [%d] offset %lld was not copied: %s", run->how.ends->source.topic,
		(int)partition_at(run, sent->place)->partition, (long long)sent->next - 1, d->failed);
	kt_err_hint(&run->failed, "the copy ends before it: the next run has it again");
}

/* The place of a record's partition among those of the reader: of one topic, mostly that of the record before. */
static size_t place_of(const struct kt_copyrun *run, int32_t partition)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	if (parts->last < parts->n && parts->v[parts->last].partition == partition)
		return parts->last;
	size_t place = 0;
	while (parts->v[place].partition != partition)
		place++;
	return place;
}

static int add_topic(struct kt_copyrun *run, const char *name, struct kt_err *err)
{
	const struct kt_copyends *ends = run->how.ends;
	if (run->n_topics == TOPICS_MOST)
		return kt_err_set(err, KT_FAILED, "its topic %s would be one more than the %d that there may be", name,
			TOPICS_MOST);
	if (ends->one_cluster && !strcmp(name, ends->source.topic))
		return kt_err_set(err, KT_FAILED, "it names %s itself, which would be copied without end", name);
	int handle = kt_producer_topic(run->producer, name, err);
	if (handle < 0) {
		err->status = KT_FAILED; /* nobody typed it */
		return -1;
	}
	run->topics = kt_grow(run->topics, &run->topics_cap, run->n_topics + 1, sizeof(*run->topics));
	run->topics[run->n_topics] = (struct kt_copytopic){.name = kt_strdup(name), .handle = handle};
	run->topic = run->n_topics++;
	return 0;
}

/* The topic that the record names: 1, or 0 while it is being looked for. */
static int find_topic(struct kt_copyrun *run, int *handle, struct kt_err *err)
{
	const char *name = kt_buf_cstr(&run->record.topic);
	size_t at = run->topic;
	if (at >= run->n_topics || strcmp(run->topics[at].name, name) != 0)
		for (at = 0; at < run->n_topics && strcmp(run->topics[at].name, name) != 0;)
			at++;
	run->topic = at;
	if (at == run->n_topics && add_topic(run, name, err) < 0)
		return -1;
	struct kt_copytopic *topic = &run->topics[run->topic];
	int found = topic->found ? 1 : kt_producer_found(run->producer, topic->handle, err);
	topic->found = found > 0;
	*handle = topic->handle;
	return found;
}

static void count_changes(struct kt_copyrun *run)
{
	run->counts.retimed += run->record.retimed;
	run->counts.rekeyed += run->record.rekeyed;
	if (!run->record.rekeyed || run->rekeyed_said)
		return;
	run->rekeyed_said = true;
	kt_say(KT_WARNING, "records of partitions that the destination does not have go where their keys belong");
}

/* 1: it is on its way; 0: there is no room now. */
static int send_on(struct kt_copyrun *run, const struct kt_record *r, const struct kt_copyflight_record *flight,
	struct kt_err *err)
{
	struct kt_copyrecord *c = &run->record;
	int64_t tag = kt_copyflight_tag(&run->flight);
	int handle = KT_PRODUCER_TOPIC, found = 1;
	if (tag < 0)
		return 0;
	if (kt_copyrecord_make(c, r, err) < 0)
		return -1;
	if (c->how.to_header) {
		found = find_topic(run, &handle, err);
		if (found <= 0)
			return found;
		kt_copyrecord_limit(c, kt_producer_partitions(run->producer, handle));
	}
	int sent = kt_producer_send(run->producer, handle, &c->made, tag, 0, err);
	if (sent <= 0)
		return sent;
	struct kt_copyflight_record flying = *flight;
	if (run->how.verifies) {
		flying.hash = kt_copyverify_hash(&c->made);
		flying.ts_ms = c->made.ts_ms;
		flying.retimed = c->retimed;
	}
	kt_copyflight_add(&run->flight, &flying);
	count_changes(run);
	run->taken++;
	run->open_taken++;
	return 1;
}

/* With exact: the record belongs into a transaction, and comes after what was copied. */
static int check_exact(struct kt_copyrun *run, const struct kt_record *r, struct kt_err *err)
{
	int64_t next = kt_copyexact_next(run->exact, r->partition);
	if (next < 0) {
		kt_err_set(err, KT_FAILED, "the partition is new");
		return kt_err_hint(err, "the next start takes it in: -o %d=beginning", (int)r->partition);
	}
	if (r->offset < next)
		return kt_err_set(err, KT_FAILED, "it was copied already up to %lld: the topic was recreated or cut",
			(long long)next);
	return kt_copyexact_begin(run->exact, err);
}

/* As send_on(), for a record that may not be wanted. */
static int take(struct kt_copyrun *run, const struct kt_record *r, struct kt_err *err)
{
	const struct kt_filter *f = run->how.filter;
	const struct kt_copyflight_record flight = {
		.place = (uint32_t)run->held_place, .taken = run->held_taken, .next = r->offset + 1};
	if (run->exact && check_exact(run, r, err) < 0)
		return wrap(run, r, err);
	bool wanted = !f->any || (kt_filter_takes(f, r) && kt_filter_takes_value(f, r->value));
	if (!wanted) {
		bool room = kt_copyflight_skip(&run->flight, &flight);
		run->counts.filtered += room;
		return room;
	}
	int sent = send_on(run, r, &flight, err);
	return sent < 0 ? wrap(run, r, err) : sent;
}

static bool has_count(const struct kt_copyrun *run)
{
	return run->how.count >= 0 && run->taken >= run->how.count;
}

/* --as-recorded: whether the time of the record that is held has not come. What has no timestamp, or an earlier one
 * than the first, is due at once. */
static bool is_early(struct kt_copyrun *run)
{
	const struct kt_record *r = &run->held;
	if (!run->how.speed || r->tstype == KT_TS_NONE)
		return false;
	if (!run->paced_us) {
		run->paced_us = kt_clock_us();
		run->first_ms = r->ts_ms;
	}
	double after_us = ((double)r->ts_ms - (double)run->first_ms) * 1000 / run->how.speed;
	run->due_us = run->paced_us + (int64_t)(after_us < 1e17 ? after_us : 1e17);
	return kt_clock_us() < run->due_us;
}

int kt_copyflow_copy(struct kt_copyrun *run, struct kt_err *err)
{
	while (!has_count(run)) {
		if (!run->is_held && !kt_consumer_next(run->consumer, &run->held))
			return 0;
		if (!run->is_held) {
			run->seen++;
			run->held_place = place_of(run, run->held.partition);
			run->held_taken = partition_at(run, run->held_place)->taken;
		}
		run->is_held = is_early(run);
		if (run->is_held)
			return 0;
		int sent = take(run, &run->held, err);
		/* What cannot be sent was given out all the same, and must not count as written. */
		run->is_held = sent <= 0;
		if (sent <= 0)
			return sent;
	}
	run->ended = true;
	return 0;
}

int kt_copyflow_settle(struct kt_copyrun *run, struct kt_err *err)
{
	struct kt_copyflight_record through;
	bool any = false;
	while (kt_copyflight_take(&run->flight, &through)) {
		if (run->exact)
			kt_copyexact_passed(run->exact, partition_at(run, through.place)->partition, through.next);
		kt_consumer_written_to(run->consumer, through.place, through.taken, through.next);
		any = true;
	}
	if (any)
		run->stored_ms = kt_now_ms();
	/* Where all is through, so are the gaps between records and behind the last one. */
	if (kt_copyflight_is_empty(&run->flight) && !run->is_held)
		return kt_consumer_written(run->consumer, err);
	return any ? kt_consumer_store(run->consumer, err) : 0;
}

int kt_copyflow_commit(struct kt_copyrun *run, struct kt_err *err)
{
	enum { SLICE_MS = 1000 };
	int64_t start_us = kt_clock_us();
	do {
		kt_copyflow_write_out(run, SLICE_MS);
	} while (!kt_copyflight_is_empty(&run->flight) && !run->failed.status &&
		 kt_left_ms(start_us, kt_stop_status(&run->stop) ? KT_COPY_STOPPED_MS : KT_COPY_COMMIT_MS));
	if (run->failed.status) {
		*err = run->failed;
		return -1;
	}
	if (!kt_copyflight_is_empty(&run->flight))
		return kt_err_set(err, KT_UNREACHABLE, "records of a transaction were not acknowledged in time");
	if (kt_copyexact_commit(run->exact, err) < 0)
		return -1;
	run->counts.copied += run->open_copied;
	run->open_copied = run->open_taken = 0;
	return 0;
}

void kt_copyflow_forget_held(struct kt_copyrun *run)
{
	if (!run->is_held)
		return;
	const struct kt_partition *part = partition_at(run, run->held_place);
	run->is_held = part->assigned && part->taken == run->held_taken;
	if (!run->is_held)
		kt_consumer_unread(run->consumer, part->topic, part->partition, run->held.offset);
}

bool kt_copyflow_write_out(struct kt_copyrun *run, int64_t most_ms)
{
	struct kt_err err;
	int64_t start_us = kt_clock_us();
	kt_producer_nudge(run->producer);
	while (kt_producer_waiting(run->producer) && !run->failed.status && kt_left_ms(start_us, most_ms)) {
		struct pollfd fd = {.fd = kt_producer_fd(run->producer), .events = POLLIN};
		kt_wait(&fd, 1, kt_left_ms(start_us, most_ms));
		if (kt_producer_serve(run->producer, &err) < 0 && !run->failed.status)
			run->failed = err;
	}
	if (kt_copyflow_settle(run, &err) < 0)
		return false;
	return kt_copyflight_is_empty(&run->flight) && !run->is_held && !run->failed.status;
}
