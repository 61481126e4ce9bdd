#include "sinksample.h"

#include "loop.h"

/* What is wrong with a value is said when it is written, not when it is looked at. */
enum { SILENT = 1 << 20 };

static int learn(void *user, const struct kt_record *shown, uint32_t part, bool json, struct kt_err *err)
{
	(void)part;
	(void)err;
	if (json && shown->value.data)
		kt_jsoncolumns_learn(user, shown->value);
	return 0;
}

static int look_at(
	struct kt_jsoncolumns *columns, struct kt_sinkdecode *decode, const struct kt_record *r, struct kt_err *err)
{
	if (decode->on)
		return kt_sinkdecode_each(decode, r, learn, columns, err) < 0 ? -1 : 0;
	return learn(columns, r, 0, true, err);
}

static int64_t wait_for_records(void *user, struct pollfd *fd)
{
	struct kt_consumer *consumer = user;
	*fd = (struct pollfd){.fd = kt_consumer_fd(consumer), .events = POLLIN};
	return kt_consumer_poll_ms(consumer);
}

static int read_some(struct kt_consumer *consumer, struct kt_jsoncolumns *columns, struct kt_sinkdecode *decode,
	const struct kt_sinksample_how *how, int64_t *sampled, struct kt_err *err)
{
	struct kt_loop loop = {.stop = how->owner->stop};
	struct kt_loop_source records = {.user = consumer, .wait = wait_for_records};
	struct kt_record r;
	int result = 0, took;
	kt_loop_add(&loop, &records);
	while (result == 0 && !kt_owner_stopped(how->owner) && !kt_consumer_is_done(consumer)) {
		took = kt_consumer_fill(consumer, err);
		result = took < 0 ? -1 : 0;
		while (result == 0 && *sampled < KT_SINKSAMPLE_RECORDS && kt_consumer_next(consumer, &r)) {
			++*sampled;
			result = look_at(columns, decode, &r, err);
		}
		if (*sampled == KT_SINKSAMPLE_RECORDS)
			break;
		if (result == 0 && took == 0)
			result = kt_loop_turn(&loop, err);
	}
	kt_loop_fini(&loop);
	return result;
}

int kt_sinksample(struct kt_jsoncolumns *columns, const char *topic, const struct kt_sinksample_how *how,
	int64_t *sampled, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	kt_auto(kt_sinkdecode_fini) struct kt_sinkdecode decode = {0};
	const struct kt_filter none = {0};
	struct kt_sinkdecode_how decode_how = how->decode;
	struct kt_consumer *consumer = NULL;
	const struct kt_consumer_how reads = {
		.owner = how->owner,
		.topics = &topics,
		.partitions = how->reading->how.partitions,
		.n_partitions = how->reading->how.n_partitions,
		.span = {.start.where = KT_AT_BEGINNING},
		.exit_at_end = true,
		.by_time = true,
		.timeout_ms = how->reading->how.timeout_ms,
		.headers = true,
	};
	kt_strs_add(&topics, topic);
	*sampled = 0;
	decode_how.filter = &none;
	if (kt_sinkdecode_open(&decode, &decode_how, err) < 0)
		return -1;
	decode.decode.failed = SILENT;
	if (kt_consumer_open(&consumer, how->settings, &reads, err) < 0)
		return -1;
	int result = read_some(consumer, columns, &decode, how, sampled, err);
	kt_consumer_free(&consumer);
	return result;
}
