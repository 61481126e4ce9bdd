#include "topicask.h"

#include <pthread.h>
#include <unistd.h>

#include "mem.h"
#include "when.h"

enum { FIRST_SLICE_MS = 100, LONGEST_SLICE_MS = 10000, FIRST_PAUSE_MS = 5, LONGEST_PAUSE_MS = 100 };

struct kt_topicask {
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
	int event_fd;
	int64_t deadline_us;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	/* All under the lock. */
	bool ending, answered;
	rd_kafka_resp_err_t code;
	const struct rd_kafka_metadata *metadata;
};

/* A topic that the broker has just created has no leaders for a moment. */
static bool worth_asking_again(const struct rd_kafka_metadata_topic *t)
{
	if (t->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return true;
	for (int i = 0; i < t->partition_cnt; i++)
		if (t->partitions[i].leader >= 0)
			return false;
	return !t->err;
}

static bool is_ending(struct kt_topicask *a)
{
	pthread_mutex_lock(&a->lock);
	bool ending = a->ending;
	pthread_mutex_unlock(&a->lock);
	return ending;
}

static void pause_for(struct kt_topicask *a, int64_t ms)
{
	struct timespec until = kt_time_in_ms(ms);
	pthread_mutex_lock(&a->lock);
	while (!a->ending && pthread_cond_timedwait(&a->ended, &a->lock, &until) == 0)
		;
	pthread_mutex_unlock(&a->lock);
}

/* Takes what one request brought. True: it is the answer, the last one that there was time for. */
static bool take(struct kt_topicask *a, rd_kafka_resp_err_t code, const struct rd_kafka_metadata *metadata, bool last)
{
	bool transient = code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
	bool answered = last || (!transient && (code || !worth_asking_again(&metadata->topics[0])));
	pthread_mutex_lock(&a->lock);
	if (metadata) {
		if (a->metadata)
			rd_kafka_metadata_destroy(a->metadata);
		a->metadata = metadata;
	}
	a->code = transient && a->metadata ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
	a->answered = answered;
	pthread_mutex_unlock(&a->lock);
	return answered;
}

/* The library is asked in slices, so that the end is noticed in between; they double, so that a slow answer is waited
 * for too. */
static void *run(void *arg)
{
	static const uint64_t one = 1;
	struct kt_topicask *a = arg;
	int64_t slice_ms = FIRST_SLICE_MS, pause_ms = FIRST_PAUSE_MS;
	while (!is_ending(a)) {
		const struct rd_kafka_metadata *metadata = NULL;
		int64_t left_ms = (a->deadline_us - kt_clock_us()) / 1000;
		bool last = left_ms <= slice_ms;
		rd_kafka_resp_err_t code = rd_kafka_metadata(
			a->rk, 0, a->topic, &metadata, last ? (left_ms < 1 ? 1 : (int)left_ms) : (int)slice_ms);
		if (take(a, code, code ? NULL : metadata, last && (code || left_ms <= pause_ms)))
			break;
		slice_ms = code && slice_ms < LONGEST_SLICE_MS ? slice_ms * 2 : slice_ms;
		pause_for(a, pause_ms);
		pause_ms = pause_ms < LONGEST_PAUSE_MS ? pause_ms * 2 : pause_ms;
	}
	/* If it takes no more, it is readable already. */
	if (write(a->event_fd, &one, sizeof(one)) < 0)
		return NULL;
	return NULL;
}

static void release(struct kt_topicask *a)
{
	if (a->metadata)
		rd_kafka_metadata_destroy(a->metadata);
	pthread_cond_destroy(&a->ended);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

int kt_topicask_start(struct kt_topicask **out, rd_kafka_t *rk, rd_kafka_topic_t *topic, int64_t timeout_ms,
	int event_fd, struct kt_err *err)
{
	struct kt_topicask *a = kt_calloc(1, sizeof(*a));
	a->rk = rk;
	a->topic = topic;
	a->event_fd = event_fd;
	a->deadline_us = kt_clock_us() + timeout_ms * 1000;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->ended, NULL);
	int why = pthread_create(&a->thread, NULL, run, a);
	if (why) {
		release(a);
		return kt_err_set(err, KT_FAILED, "starting a thread: %s", strerror(why));
	}
	*out = a;
	return 0;
}

bool kt_topicask_answer(struct kt_topicask *a, rd_kafka_resp_err_t *code, const struct rd_kafka_metadata **metadata)
{
	pthread_mutex_lock(&a->lock);
	bool answered = a->answered;
	*code = a->code;
	*metadata = a->metadata;
	pthread_mutex_unlock(&a->lock);
	return answered;
}

bool kt_topicask_free(struct kt_topicask *a, int64_t limit_ms)
{
	struct timespec deadline = kt_time_in_ms(limit_ms);
	if (!a)
		return true;
	pthread_mutex_lock(&a->lock);
	a->ending = true;
	pthread_cond_signal(&a->ended);
	pthread_mutex_unlock(&a->lock);
	if (pthread_timedjoin_np(a->thread, NULL, &deadline) != 0) {
		pthread_detach(a->thread);
		return false;
	}
	release(a);
	return true;
}
