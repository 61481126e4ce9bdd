/* Connecting a producer: its client, its topics, and what the batches of the first one may hold. */
#include "mem.h"
#include "producerparts.h"
#include "sig.h"
#include "topiclimit.h"
#include "when.h"

enum { LOOK_MS = 100 };

/* The library's own limit of a batch (batch.size), and how long the topic's is waited for. */
enum { BATCH_BYTES = 1000000, LIMIT_MS = 1000, LIMIT_LEAST_MS = 10 };

static void free_producer(struct kt_producer **p)
{
	kt_producer_close(*p);
}

/* False: a thread is still inside the library, which is left alone then, with the descriptor that the thread writes
 * to. */
static bool close_client(struct kt_producer *p)
{
	bool ended = kt_producertopics_fini(&p->topics);
	if (ended)
		kt_queuefd_fini(&p->wake);
	else
		kt_client_leave(p->client);
	kt_client_close(p->client);
	p->client = NULL;
	return ended;
}

/* Takes conf. */
static int open_client(
	struct kt_producer *p, rd_kafka_conf_t *conf, const struct kt_settings *settings, struct kt_err *err)
{
	char digits[24];
	snprintf(digits, sizeof(digits), "%lld", (long long)p->limit);
	if (p->limit > 0)
		kt_client_prefer(conf, settings, "batch.size", digits);
	if (kt_client_start(&p->client, KT_ROLE_PRODUCER, conf, settings, p->how.owner, p, err) < 0)
		return -1;
	p->rk = kt_client_handle(p->client);
	p->topics = (struct kt_producertopics){.client = p->client, .wake = &p->wake, .timeout_ms = p->how.timeout_ms};
	return kt_queuefd_init(&p->wake, rd_kafka_queue_get_main(p->rk), err);
}

int kt_producer_topic(struct kt_producer *p, const char *name, struct kt_err *err)
{
	return kt_producertopics_add(&p->topics, name, err);
}

int kt_producer_found(struct kt_producer *p, int topic, struct kt_err *err)
{
	return kt_producertopics_state(&p->topics, topic, err);
}

int32_t kt_producer_partitions(const struct kt_producer *p, int topic)
{
	return kt_producertopics_count(&p->topics, topic);
}

/* What came of finding the topic, with the names near to one that does not exist. */
static int tell_missing(struct kt_producer *p, const char *name, struct kt_err *err)
{
	if (err->status != KT_NOT_FOUND)
		return -1;
	return kt_client_topic_error(p->client, name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, err);
}

/* Both questions are asked at once, so the second answer is not far from the first: a mock never gives it, and a topic
 * whose limit is not known can do with less than a second of waiting. */
static bool waits_for_limit(const struct kt_producer *p, int64_t start_us, int64_t found_us)
{
	int64_t patience_us = 3 * (found_us - start_us);
	if (patience_us < LIMIT_LEAST_MS * 1000)
		patience_us = LIMIT_LEAST_MS * 1000;
	return p->asks_limit && kt_clock_us() - found_us < patience_us;
}

/* As kt_producer_found(), when it is over. */
static int await(struct kt_producer *p, int topic, struct kt_err *err)
{
	int64_t start_us = kt_clock_us(), found_us = 0;
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = p->how.owner};
	int found;
	while (!(found = kt_producer_found(p, topic, err)) || found > 0) {
		struct pollfd fd = {.fd = p->wake.fd, .events = POLLIN};
		int stopped = kt_client_stopped(p->client);
		if (found && !found_us)
			found_us = kt_clock_us();
		if (found && !waits_for_limit(p, start_us, found_us))
			break;
		if (stopped)
			return kt_err_set(
				err, stopped, "interrupted while connecting to %s", kt_client_brokers(p->client));
		kt_client_say_waiting(p->client, &wait);
		kt_wait(&fd, 1, found ? 1 : LOOK_MS);
		if (kt_producer_serve(p, err) < 0)
			return -1;
	}
	return found;
}

int kt_producer_await(struct kt_producer *p, int topic, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *name = kt_strdup(kt_producertopics_name(&p->topics, topic));
	p->opening = true;
	int found = await(p, topic, err);
	p->opening = false;
	return found < 0 ? tell_missing(p, name, err) : 0;
}

/* Finds the topic of plain records, and meanwhile what its batches may hold if that is for us to choose. */
static int find_first(struct kt_producer *p, bool ask_limit, struct kt_err *err)
{
	if (kt_producer_topic(p, p->how.topic, err) < 0)
		return -1;
	if (ask_limit && kt_topiclimit_ask(p->rk, p->how.topic, LIMIT_MS, p->wake.queue, err) < 0)
		return -1;
	p->asks_limit = ask_limit;
	p->found_limit = -1;
	if (kt_producer_await(p, KT_PRODUCER_TOPIC, err) < 0)
		return -1;
	const struct rd_kafka_metadata_topic named = {
		.topic = (char *)(uintptr_t)p->how.topic,
		.partition_cnt = kt_producertopics_count(&p->topics, KT_PRODUCER_TOPIC),
	};
	p->turn = (size_t)kt_clock_us();
	return kt_client_check_partition(&named, p->how.partition, err);
}

/* A handle's limit cannot change: where the topic's is lower than the library's, another handle takes its place before
 * the first record. spare: its configuration, taken. */
static int open_first(
	struct kt_producer *p, rd_kafka_conf_t **spare, const struct kt_settings *settings, struct kt_err *err)
{
	if (find_first(p, !kt_settings_get(settings, "batch.size") && !kt_settings_get(settings, "kt.embedded"), err) <
		0)
		return -1;
	p->limit = p->found_limit;
	if (p->limit <= 0 || p->limit >= BATCH_BYTES)
		return 0;
	if (!close_client(p))
		return kt_err_set(err, KT_UNREACHABLE, "a request to the brokers did not end");
	return open_client(p, kt_steal(*spare), settings, err) < 0 ? -1 : find_first(p, false, err);
}

static void free_conf(rd_kafka_conf_t **conf)
{
	if (*conf)
		rd_kafka_conf_destroy(*conf);
}

int kt_producer_open(struct kt_producer **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	kt_auto(free_conf) rd_kafka_conf_t *conf = NULL, *spare = NULL;
	kt_auto(free_producer) struct kt_producer *p = kt_calloc(1, sizeof(*p));
	p->how = *how;
	p->limit = p->rtt_us = -1;
	p->transaction_ms = kt_producerconf_transaction_ms(settings);
	p->rotates = strstr(kt_settings_text(settings, "partitioner", "consistent_random"), "random") != NULL;
	if (kt_producerconf_make(&conf, settings, how, err) < 0)
		return -1;
	spare = rd_kafka_conf_dup(conf);
	if (open_client(p, kt_steal(conf), settings, err) < 0 ||
		(how->topic && open_first(p, &spare, settings, err) < 0))
		return -1;
	*out = kt_steal(p);
	return 0;
}

void kt_producer_close(struct kt_producer *p)
{
	if (!p)
		return;
	kt_resend_fini(&p->resend);
	kt_hurry_fini(&p->hurry);
	if (p->client)
		close_client(p);
	free(p);
}
