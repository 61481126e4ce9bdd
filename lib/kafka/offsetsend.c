#include "offsetsend.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mem.h"
#include "producer_own.h"
#include "sig.h"

enum { CALL_MS = 60000 };

struct kt_offsetsend {
	pthread_t thread;
	struct kt_client *client;
	rd_kafka_t *rk;
	rd_kafka_topic_partition_list_t *offsets;
	rd_kafka_consumer_group_metadata_t *group;
	rd_kafka_error_t *error;
	int done_fd;
};

static void *call(void *data)
{
	struct kt_offsetsend *s = data;
	s->error = rd_kafka_send_offsets_to_transaction(s->rk, s->offsets, s->group, CALL_MS);
	kt_client_back(s->client);
	eventfd_write(s->done_fd, 1);
	return NULL;
}

/* The library has no call that copies one. */
static rd_kafka_consumer_group_metadata_t *copy_group(const rd_kafka_consumer_group_metadata_t *group)
{
	rd_kafka_consumer_group_metadata_t *copy = NULL;
	void *bytes = NULL;
	size_t size = 0;
	rd_kafka_error_destroy(rd_kafka_consumer_group_metadata_write(group, &bytes, &size));
	if (bytes)
		rd_kafka_error_destroy(rd_kafka_consumer_group_metadata_read(&copy, bytes, size));
	rd_kafka_mem_free(NULL, bytes);
	return copy;
}

static void free_send(struct kt_offsetsend *s)
{
	rd_kafka_topic_partition_list_destroy(s->offsets);
	if (s->group)
		rd_kafka_consumer_group_metadata_destroy(s->group);
	if (s->done_fd >= 0)
		close(s->done_fd);
	free(s);
}

struct kt_offsetsend *kt_offsetsend_start(struct kt_producer *p, const rd_kafka_topic_partition_list_t *offsets,
	const rd_kafka_consumer_group_metadata_t *group)
{
	struct kt_offsetsend *s = kt_malloc(sizeof(*s));
	*s = (struct kt_offsetsend){.client = kt_producer_client(p), .rk = kt_producer_handle(p)};
	s->offsets = rd_kafka_topic_partition_list_copy(offsets);
	s->group = copy_group(group);
	s->done_fd = eventfd(0, EFD_CLOEXEC);
	kt_client_leave(s->client);
	if (s->group && s->done_fd >= 0 && pthread_create(&s->thread, NULL, call, s) == 0)
		return s;
	kt_client_back(s->client);
	free_send(s);
	return NULL;
}

bool kt_offsetsend_wait(const struct kt_offsetsend *s, int64_t most_ms)
{
	struct pollfd fd = {.fd = s->done_fd, .events = POLLIN};
	return kt_wait(&fd, 1, most_ms) > 0 && fd.revents;
}

rd_kafka_error_t *kt_offsetsend_end(struct kt_offsetsend *s)
{
	pthread_join(s->thread, NULL);
	rd_kafka_error_t *error = s->error;
	free_send(s);
	return error;
}
