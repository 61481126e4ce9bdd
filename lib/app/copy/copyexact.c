#include "copyexact.h"

#include "keptoffsets.h"
#include "mem.h"
#include "offsetquery.h"
#include "say.h"
#include "when.h"

/* A commit costs tens of milliseconds in which nothing is sent: the records on their way are waited for, and a broker
 * refuses the next transaction until the last one's markers are written. Whoever catches up commits less often. */
enum { EVERY_MS = 100, BEHIND_MS = 500, RECORDS_MOST = 250000 };
enum { ABORT_MS = 5000, SAY_MS = 1000 };
enum { ALL_US_HOURS = 12 };

struct kt_copyexact {
	struct kt_copyexact_how how;
	struct kt_transaction t;
	struct kt_keptoffsets *kept;
	char *group;
	int32_t n; /* partitions of the source */
	int64_t *next;
	int64_t all_us; /* when all of it was committed last; 0: not yet */
	bool fresh;
	struct kt_start *starts;
};

static char *own_group(const struct kt_copyends *ends)
{
	return kt_asprintf("kt-copy.%s.%s", ends->source.cluster, ends->source.topic);
}

void kt_copyexact_name(struct kt_copyends *ends, const char *group)
{
	const char *to = ends->target.topic ? ends->target.topic : "";
	kt_auto(kt_free_ptr) char *id =
		kt_asprintf("kt-copy.%s.%s.%s.%s", ends->source.cluster, ends->source.topic, to, group ? group : "");
	if (!kt_settings_get(&ends->target.settings, "transactional.id"))
		kt_settings_put(&ends->target.settings, KT_RANK_BUILTIN, "transactional.id", id, "kt copy");
}

static void free_exact(struct kt_copyexact **x)
{
	kt_copyexact_close(*x);
}

int kt_copyexact_open(struct kt_copyexact **out, const struct kt_copyexact_how *how, struct kt_err *err)
{
	const struct kt_copyends *ends = how->ends;
	const struct kt_copyend *named = how->group ? &ends->source : &ends->target;
	kt_auto(free_exact) struct kt_copyexact *x = kt_calloc(1, sizeof(*x));
	x->how = *how;
	x->n = ends->source.partitions;
	x->t.producer = how->producer;
	x->next = kt_calloc((size_t)x->n, sizeof(*x->next));
	x->group = how->group ? kt_strdup(how->group) : own_group(ends);
	if (named->partitions < x->n) {
		kt_err_set(err, KT_FAILED, "%s has %d partitions and %s only %d: exactly once needs as many",
			ends->source.topic, (int)x->n, named->topic, (int)named->partitions);
		return kt_err_hint(
			err, "how far each partition has come is kept with the partition of the same number");
	}
	/* First of all, so that an earlier copy is at its end before its place is read. */
	if (kt_transaction_run(&x->t, KT_TRANSACTION_INIT, how->timeout_ms, err) != KT_TRANSACTION_DONE)
		return -1;
	if (kt_keptoffsets_open(&x->kept, &ends->target.settings, how->owner, x->group, named->topic, x->n, err) < 0 ||
		kt_keptoffsets_read(x->kept, x->next, how->timeout_ms, err) < 0)
		return -1;
	*out = kt_steal(x);
	return 0;
}

static bool is_started(const struct kt_reading *reading, int32_t partition)
{
	for (size_t i = 0; i < reading->how.n_starts; i++)
		if (reading->how.starts[i].partition == partition)
			return true;
	return false;
}

/* Whether there is anything in the destination, be it only what was aborted. */
static int is_empty(const struct kt_copyexact *x, bool *empty, struct kt_err *err)
{
	const struct kt_copyend *to = &x->how.ends->target;
	*empty = true;
	if (!to->topic)
		return 0;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = rd_kafka_topic_partition_list_new(1);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(1);
	for (int32_t i = 0; i < to->partitions; i++) {
		rd_kafka_topic_partition_list_add(begins, to->topic, i);
		rd_kafka_topic_partition_list_add(ends, to->topic, i);
	}
	if (kt_offsetquery_bounds(to->client, begins, ends, x->how.timeout_ms, err) < 0)
		return -1;
	for (int i = 0; i < ends->cnt; i++)
		*empty = *empty && ends->elems[i].offset == begins->elems[i].offset;
	return 0;
}

/* Nothing is kept: a first start, or all of it was forgotten. */
static int begin_anew(struct kt_copyexact *x, const struct kt_reading *reading, struct kt_err *err)
{
	bool empty, asked = reading->opts->offsets.n || reading->opts->since || reading->opts->tail;
	x->fresh = true;
	if (asked)
		return 0;
	if (is_empty(x, &empty, err) < 0)
		return -1;
	if (empty)
		return 0;
	kt_err_set(err, KT_FAILED, "group %s has no offsets, but %s is not empty: what of %s is in it?", x->group,
		x->how.ends->target.topic, x->how.ends->source.topic);
	return kt_err_hint(
		err, "nothing: -o beginning; or -o says where to begin, for each partition if need be: 0=10,1=20");
}

int kt_copyexact_starts(struct kt_copyexact *x, struct kt_reading *reading, struct kt_err *err)
{
	size_t n = 0, given = reading->how.n_starts;
	int32_t missing = -1;
	x->starts = kt_calloc((size_t)x->n + given, sizeof(*x->starts));
	for (int32_t i = 0; i < x->n; i++) {
		if (x->next[i] != KT_NO_OFFSET)
			x->starts[n++] = (struct kt_start){.partition = i, .place = {KT_AT_OFFSET, x->next[i]}};
		else if (missing < 0 && !is_started(reading, i))
			missing = i;
	}
	if (!n)
		return begin_anew(x, reading, err);
	if (missing >= 0) {
		kt_err_set(err, KT_FAILED,
			"group %s has offsets, but none of partition %d: it is new, or they were lost", x->group,
			(int)missing);
		return kt_err_hint(err, "a new one: -o %d=beginning", (int)missing);
	}
	if (given)
		memcpy(x->starts + n, reading->how.starts, given * sizeof(*x->starts));
	reading->how.starts = x->starts;
	reading->how.n_starts = n + given;
	return 0;
}

/* A copy has come further than the log goes for this one. */
static int tell_beyond(const struct kt_copyexact *x, const struct kt_partition *part, int64_t kept, struct kt_err *err)
{
	int partition = (int)part->partition;
	if (kept <= part->log_end + part->held) {
		kt_err_set(err, KT_FAILED,
			"%s [%d] was copied up to offset %lld, with records that an open transaction holds back from %lld on",
			part->topic, partition, (long long)kept, (long long)part->log_end);
		return kt_err_hint(err, "once it has ended this works; --isolation read_uncommitted goes on now");
	}
	kt_err_set(err, KT_FAILED, "%s [%d] was copied up to offset %lld, and ends at %lld: it is another topic now",
		part->topic, partition, (long long)kept, (long long)part->log_end);
	return kt_err_hint(err, "`kt group delete %s` on the destination's cluster forgets the old one", x->group);
}

int kt_copyexact_check(struct kt_copyexact *x, const struct kt_partitions *parts, struct kt_err *err)
{
	for (size_t i = 0; i < parts->n; i++) {
		const struct kt_partition *part = &parts->v[i];
		int64_t kept = part->partition < x->n ? x->next[part->partition] : KT_NO_OFFSET;
		if (kept > part->log_end)
			return tell_beyond(x, part, kept, err);
		if (part->partition < x->n)
			x->next[part->partition] = part->start;
	}
	/* Before the first record, so that whoever comes next knows that this copy has begun. */
	return kt_copyexact_begin(x, err) < 0 ? -1 : kt_copyexact_commit(x, err);
}

bool kt_copyexact_is_open(const struct kt_copyexact *x)
{
	return x->t.begun_us != 0;
}

int kt_copyexact_begin(struct kt_copyexact *x, struct kt_err *err)
{
	if (kt_copyexact_is_open(x))
		return 0;
	return kt_transaction_begin(&x->t, err) == KT_TRANSACTION_DONE ? 0 : -1;
}

int64_t kt_copyexact_next(const struct kt_copyexact *x, int32_t partition)
{
	return partition < x->n ? x->next[partition] : -1;
}

void kt_copyexact_passed(struct kt_copyexact *x, int32_t partition, int64_t next)
{
	x->next[partition] = next;
}

static bool is_time_for_all(const struct kt_copyexact *x)
{
	return kt_clock_us() - x->all_us >= INT64_C(3600000000) * ALL_US_HOURS;
}

bool kt_copyexact_is_due(const struct kt_copyexact *x, int64_t records, bool behind)
{
	if (!kt_copyexact_is_open(x))
		return is_time_for_all(x);
	return records >= RECORDS_MOST || !kt_left_ms(x->t.begun_us, behind ? BEHIND_MS : EVERY_MS);
}

int64_t kt_copyexact_due_ms(const struct kt_copyexact *x, bool behind)
{
	return kt_copyexact_is_open(x) ? kt_left_ms(x->t.begun_us, behind ? BEHIND_MS : EVERY_MS)
				       : kt_left_ms(x->all_us, INT64_C(3600000) * ALL_US_HOURS);
}

/* Until it is over, for a minute at most; a run that is to end waits for some seconds. */
static int see_through(struct kt_copyexact *x, enum kt_transaction_call call, struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	bool said = false;
	for (;;) {
		enum kt_transaction_end end = kt_transaction_run(&x->t, call, SAY_MS, err);
		bool waits = end == KT_TRANSACTION_FAILED && err->status == KT_UNREACHABLE;
		int64_t most_ms = kt_owner_stopped(x->how.owner) ? KT_COPY_STOPPED_MS : KT_COPY_COMMIT_MS;
		if (end == KT_TRANSACTION_DONE)
			return 0;
		if (!waits || !kt_left_ms(start_us, most_ms))
			return -1;
		if (!said)
			kt_say(KT_NORMAL, "waiting for the brokers of %s to commit a transaction",
				x->how.ends->target.topic ? x->how.ends->target.topic : "the destination");
		said = true;
	}
}

int kt_copyexact_commit(struct kt_copyexact *x, struct kt_err *err)
{
	bool all = is_time_for_all(x) || !x->all_us;
	if (kt_copyexact_begin(x, err) < 0)
		return -1;
	kt_producer_nudge(x->how.producer);
	kt_keptoffsets_put(x->kept, &x->t, x->next, all);
	if (x->t.offsets->cnt && see_through(x, KT_TRANSACTION_OFFSETS, err) < 0)
		return -1;
	if (see_through(x, KT_TRANSACTION_COMMIT, err) < 0)
		return -1;
	x->all_us = all ? kt_clock_us() : x->all_us;
	return 0;
}

void kt_copyexact_settle(const struct kt_copyexact *x, const struct kt_strs *topics)
{
	kt_transaction_settle(&x->t, topics);
}

void kt_copyexact_abort(struct kt_copyexact *x)
{
	struct kt_err ignored;
	if (kt_copyexact_is_open(x) && !kt_transaction_is_fenced(&x->t))
		(void)!kt_transaction_run(&x->t, KT_TRANSACTION_ABORT, ABORT_MS, &ignored);
}

void kt_copyexact_explain(const struct kt_copyexact *x, struct kt_err *err)
{
	const struct kt_copyends *ends = x->how.ends;
	if (!kt_transaction_is_fenced(&x->t))
		return;
	kt_err_set(err, KT_FAILED, "fenced: another copy of %s to %s has begun, and goes on where this one was",
		ends->source.topic, ends->target.topic ? ends->target.topic : "the topics that they name");
	kt_err_hint(err, "with --exactly-once there is one at a time");
}

void kt_copyexact_close(struct kt_copyexact *x)
{
	if (!x)
		return;
	kt_keptoffsets_free(&x->kept);
	free(x->starts);
	free(x->next);
	free(x->group);
	free(x);
}
