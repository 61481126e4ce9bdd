#include "offsetquery.h"

#include "aside.h"
#include "mem.h"
#include "sig.h"
#include "when.h"

/* VIEW_MS: for a view that is not needed. */
enum { VIEW_MS = 3000 };

bool kt_offsetquery_is_passing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
	       code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
	       code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE ||
	       code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
	       code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
	       code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || code == RD_KAFKA_RESP_ERR__WAIT_COORD ||
	       code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
}

typedef rd_kafka_resp_err_t ask_fn(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int timeout_ms);

struct question {
	struct kt_aside aside;
	rd_kafka_t *rk;
	ask_fn *fn;
	rd_kafka_topic_partition_list_t *list;
	int slice_ms;
	rd_kafka_resp_err_t code;
};

static void call(struct kt_aside *aside)
{
	struct question *q = (struct question *)aside;
	q->code = q->fn(q->rk, q->list, q->slice_ms);
}

static void drop(struct kt_aside *aside)
{
	struct question *q = (struct question *)aside;
	rd_kafka_topic_partition_list_destroy(q->list);
	free(q);
}

/* Once, with `at` as each partition's offset. The list is not touched before the answer is there. */
static rd_kafka_resp_err_t ask_once(struct kt_client *c, ask_fn *fn, rd_kafka_topic_partition_list_t *list, int64_t at,
	int64_t slice_ms, struct kt_waiting *wait)
{
	struct question *q = kt_calloc(1, sizeof(*q));
	*q = (struct question){{.call = call, .drop = drop}, .rk = kt_client_handle(c), .fn = fn};
	q->list = rd_kafka_topic_partition_list_copy(list);
	q->slice_ms = (int)slice_ms;
	for (int i = 0; i < list->cnt; i++) {
		q->list->elems[i].offset = at;
		q->list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (kt_aside(&q->aside, c, wait) < 0)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	rd_kafka_resp_err_t code = q->code;
	for (int i = 0; i < list->cnt; i++) {
		list->elems[i].offset = q->list->elems[i].offset;
		list->elems[i].err = q->list->elems[i].err;
	}
	drop(&q->aside);
	return code;
}

/* Asks with `at` as each partition's offset, until an answer for all of them, the timeout, or a stop. */
static int ask(struct kt_client *c, ask_fn *fn, rd_kafka_topic_partition_list_t *list, int64_t at, int64_t timeout_ms,
	const char *what, struct kt_err *err)
{
	int64_t deadline_us = kt_clock_us() + timeout_ms * 1000;
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	/* In slices, as a request that was lost with its connection is not sent again; they double, so that a slow
	 * answer is waited for too. */
	for (int64_t slice_ms = 200; list->cnt; slice_ms *= 2) {
		int64_t left_ms = (deadline_us - kt_clock_us()) / 1000;
		left_ms = left_ms > 1 ? left_ms : 1;
		rd_kafka_resp_err_t code = ask_once(c, fn, list, at, slice_ms < left_ms ? slice_ms : left_ms, &wait);
		for (int i = 0; !code && i < list->cnt; i++)
			code = list->elems[i].err;
		if (!code)
			return 0;
		if (!kt_offsetquery_is_passing(code) || left_ms <= 1 || kt_client_stopped(c))
			return kt_client_fail(c, code, err, "%s", what);
		kt_wait(NULL, 0, 50);
	}
	return 0;
}

int kt_offsetquery_offsets(struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t at_ms,
	int64_t timeout_ms, struct kt_err *err)
{
	const char *what = at_ms == KT_OFFSETQUERY_BEGINNING ? "asking for the first offsets"
			   : at_ms == KT_OFFSETQUERY_END     ? "asking for the last offsets"
							     : "looking for the time";
	return ask(c, rd_kafka_offsets_for_times, list, at_ms, timeout_ms, what, err);
}

bool kt_offsetquery_max_timestamp(void)
{
	return rd_kafka_version() >= 0x020300ff;
}

/* A partition that the broker leaves out of its answer keeps the question, which is negative. */
static bool is_log(const rd_kafka_topic_partition_t *begin, const rd_kafka_topic_partition_t *end)
{
	return begin->offset >= 0 && end->offset >= begin->offset;
}

int kt_offsetquery_bounds(struct kt_client *c, rd_kafka_topic_partition_list_t *begins,
	rd_kafka_topic_partition_list_t *ends, int64_t timeout_ms, struct kt_err *err)
{
	if (kt_offsetquery_offsets(c, begins, KT_OFFSETQUERY_BEGINNING, timeout_ms, err) < 0 ||
		kt_offsetquery_offsets(c, ends, KT_OFFSETQUERY_END, timeout_ms, err) < 0)
		return -1;
	for (int i = 0; i < begins->cnt; i++)
		if (!is_log(&begins->elems[i], &ends->elems[i]))
			return kt_err_set(err, KT_FAILED,
				"asking where the logs begin and end: the answer of %s about %s [%d] makes no sense",
				kt_client_brokers(c), begins->elems[i].topic, (int)begins->elems[i].partition);
	return 0;
}

void kt_offsetquery_stable(struct kt_client *stable, rd_kafka_topic_partition_list_t *ends, int64_t timeout_ms)
{
	struct kt_err unknown = {0};
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *seen = rd_kafka_topic_partition_list_copy(ends);
	int64_t view_ms = timeout_ms < VIEW_MS ? timeout_ms : VIEW_MS;
	if (kt_offsetquery_offsets(stable, seen, KT_OFFSETQUERY_END, view_ms, &unknown) < 0)
		return;
	for (int i = 0; i < ends->cnt; i++)
		if (seen->elems[i].offset < ends->elems[i].offset)
			ends->elems[i].offset = seen->elems[i].offset;
}

int kt_offsetquery_committed(
	struct kt_client *c, rd_kafka_topic_partition_list_t *list, int64_t timeout_ms, struct kt_err *err)
{
	return ask(
		c, rd_kafka_committed, list, RD_KAFKA_OFFSET_INVALID, timeout_ms, "asking for committed offsets", err);
}
