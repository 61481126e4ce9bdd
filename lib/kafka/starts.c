#include "starts.h"

#include "mem.h"
#include "sig.h"
#include "when.h"

/* The protocol's special timestamps (ListOffsets request, KIP-79). */
enum { ASK_END = -1, ASK_BEGINNING = -2 };

static rd_kafka_topic_partition_list_t *list_of(struct kt_part *const *parts, size_t n, int64_t offset)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
	for (size_t i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, parts[i]->topic, parts[i]->partition)->offset = offset;
	return list;
}

/* A leader that is just being elected, or not known here yet, answers after another try. */
static bool is_passing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
	       code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
	       code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE ||
	       code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
	       code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
	       code == RD_KAFKA_RESP_ERR__WAIT_COORD || code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
}

typedef rd_kafka_resp_err_t ask_fn(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int timeout_ms);

/* Asks until an answer for every partition, the timeout, or a signal. */
static int ask(struct kt_client *c, ask_fn *fn, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms,
	const char *what, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + timeout_ms * 1000;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *question =
		rd_kafka_topic_partition_list_copy(list);
	for (;;) {
		int64_t left_ms = (deadline_us - kt_clock_us()) / 1000;
		rd_kafka_resp_err_t code = fn(kt_client_handle(c), list, left_ms > 1 ? (int)left_ms : 1);
		for (int i = 0; !code && i < list->cnt; i++)
			code = list->elems[i].err;
		if (!code)
			return 0;
		if (!is_passing(code) || left_ms <= 1 || kt_sig_caught())
			return kt_client_fail(c, code, err, "%s", what);
		kt_wait(NULL, 0, 50);
		for (int i = 0; i < list->cnt; i++) {
			list->elems[i].offset = question->elems[i].offset;
			list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
		}
	}
}

static int ask_bounds(
	struct kt_client *c, struct kt_part *const *parts, size_t n, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = list_of(parts, n, ASK_BEGINNING);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = list_of(parts, n, ASK_END);
	if (ask(c, rd_kafka_offsets_for_times, begins, timeout_ms, "asking for the first offsets", err) < 0 ||
		ask(c, rd_kafka_offsets_for_times, ends, timeout_ms, "asking for the last offsets", err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		parts[i]->begin = begins->elems[i].offset;
		parts[i]->log_end = ends->elems[i].offset;
	}
	return 0;
}

/* Offsets by time, or by committed position, into out; KT_NO_OFFSET where there is none. */
static int ask_offsets(struct kt_client *c, ask_fn *fn, struct kt_part *const *parts, size_t n, int64_t at,
	int64_t timeout_ms, int64_t *out, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = list_of(parts, n, at);
	bool by_time = fn == rd_kafka_offsets_for_times;
	if (ask(c, fn, list, timeout_ms, by_time ? "looking for the time" : "asking for committed offsets", err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		out[i] = list->elems[i].offset < 0 ? KT_NO_OFFSET : list->elems[i].offset;
	return 0;
}

/* One side of -o for one partition. found: by time or committed, when that was asked. */
static int64_t place_offset(const struct kt_part *part, struct kt_place place, int64_t found)
{
	switch (place.where) {
	case KT_AT_BEGINNING:
		return part->begin;
	case KT_AT_OFFSET:
		return place.n;
	case KT_AT_TAIL:
		return place.n > part->log_end - part->begin ? part->begin : part->log_end - place.n;
	case KT_AT_TIME:
		/* No record is as late as that. */
		return found == KT_NO_OFFSET ? part->log_end : found;
	default:
		return part->log_end;
	}
}

static int apply_reset(struct kt_part *part, enum kt_reset reset, const char *why, struct kt_err *err)
{
	if (reset == KT_RESET_NONE) {
		kt_err_set(err, KT_FAILED, "%s for %s [%d], and --reset none forbids to choose one", why, part->topic,
			(int)part->partition);
		return kt_err_hint(err, "--reset earliest starts with all history, latest with what comes next");
	}
	part->start = reset == KT_RESET_EARLIEST ? part->begin : part->log_end;
	part->why = reset == KT_RESET_EARLIEST ? KT_START_BEGINNING : KT_START_END;
	return 0;
}

/* A start outside the log would make the library fall back on its own auto.offset.reset in silence. */
static int keep_inside(struct kt_part *part, const struct kt_starts_how *how, struct kt_err *err)
{
	bool committed = part->why == KT_START_COMMITTED;
	if (part->start >= part->begin && part->start <= part->log_end)
		return 0;
	if (committed) {
		if (apply_reset(part, how->reset, "the committed offset is not in the log any more", err) < 0)
			return -1;
	} else {
		part->start = part->start < part->begin ? part->begin : part->log_end;
	}
	part->why = KT_START_EXPIRED;
	return 0;
}

static bool goes_on(const struct kt_starts_how *how)
{
	enum kt_where where = how->span.start.where;
	return where == KT_AT_DEFAULT || where == KT_AT_STORED || (how->group && how->running);
}

static int choose_start(struct kt_part *part, const struct kt_starts_how *how, int64_t from, struct kt_err *err)
{
	enum kt_where where = how->span.start.where;
	if (!goes_on(how)) {
		part->start = place_offset(part, how->span.start, from);
		part->why = where == KT_AT_BEGINNING ? KT_START_BEGINNING
			    : where == KT_AT_END     ? KT_START_END
						     : KT_START_ASKED;
		return 0;
	}
	part->start = from != KT_NO_OFFSET ? from : part->written;
	part->why = from != KT_NO_OFFSET ? KT_START_COMMITTED : KT_START_RESUMED;
	if (from == KT_NO_OFFSET && !part->known)
		return apply_reset(part, how->reset, "the group has no committed offset", err);
	return 0;
}

static int settle(struct kt_part *part, const struct kt_starts_how *how, int64_t from, int64_t to, struct kt_err *err)
{
	part->empty = part->begin == part->log_end;
	if (choose_start(part, how, from, err) < 0 || keep_inside(part, how, err) < 0)
		return -1;
	part->end = part->log_end;
	if (how->span.end.where != KT_AT_DEFAULT) {
		int64_t end = place_offset(part, how->span.end, to);
		part->end = end < part->log_end ? end : part->log_end;
	}
	part->next = part->start;
	part->done = part->start >= part->end;
	part->known = true;
	return 0;
}

int kt_starts_resolve(struct kt_client *c, struct kt_part *const *parts, size_t n, const struct kt_starts_how *how,
	struct kt_err *err)
{
	const struct kt_place start = how->span.start, end = how->span.end;
	kt_auto(kt_free_ptr) int64_t *from = kt_calloc(n, sizeof(*from));
	kt_auto(kt_free_ptr) int64_t *to = kt_calloc(n, sizeof(*to));
	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++)
		from[i] = KT_NO_OFFSET;
	/* Committed offsets first: what is produced between this answer and the next is then seen, not skipped. */
	if (how->group && goes_on(how) &&
		ask_offsets(c, rd_kafka_committed, parts, n, RD_KAFKA_OFFSET_INVALID, how->timeout_ms, from, err) < 0)
		return -1;
	if (ask_bounds(c, parts, n, how->timeout_ms, err) < 0)
		return -1;
	if (start.where == KT_AT_TIME && !goes_on(how) &&
		ask_offsets(c, rd_kafka_offsets_for_times, parts, n, start.n, how->timeout_ms, from, err) < 0)
		return -1;
	if (end.where == KT_AT_TIME &&
		ask_offsets(c, rd_kafka_offsets_for_times, parts, n, end.n, how->timeout_ms, to, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (settle(parts[i], how, from[i], to[i], err) < 0)
			return -1;
	return 0;
}
