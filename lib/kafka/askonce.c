#include "askonce.h"

#include "aside.h"
#include "mem.h"

struct ask {
	struct kt_aside aside;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic; /* NULL: none, or all */
	bool all;
	int limit_ms;
	rd_kafka_resp_err_t code;
	const struct rd_kafka_metadata *metadata;
};

static void call(struct kt_aside *aside)
{
	struct ask *a = (struct ask *)aside;
	a->code = rd_kafka_metadata(a->rk, a->all, a->topic, &a->metadata, a->limit_ms);
}

static void drop(struct kt_aside *aside)
{
	struct ask *a = (struct ask *)aside;
	if (a->metadata)
		rd_kafka_metadata_destroy(a->metadata);
	if (a->topic)
		rd_kafka_topic_destroy(a->topic);
	free(a);
}

rd_kafka_resp_err_t kt_askonce(struct kt_client *c, const char *topic, int64_t limit_ms, struct kt_waiting *wait,
	const struct rd_kafka_metadata **metadata)
{
	rd_kafka_t *rk = kt_client_handle(c);
	rd_kafka_topic_t *rkt = topic && *topic ? rd_kafka_topic_new(rk, topic, NULL) : NULL;
	/* Without a topic the question would be about others. */
	if (topic && *topic && !rkt)
		return rd_kafka_last_error();
	struct ask *a = kt_calloc(1, sizeof(*a));
	*a = (struct ask){{.call = call, .drop = drop}, .rk = rk, .topic = rkt, .all = topic && !*topic,
		.limit_ms = (int)limit_ms};
	if (kt_aside(&a->aside, c, wait) < 0)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	rd_kafka_resp_err_t code = a->code;
	*metadata = kt_steal(a->metadata);
	drop(&a->aside);
	return code;
}
