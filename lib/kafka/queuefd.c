#include "queuefd.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

void kt_queuefd_add(struct kt_queuefd *w, rd_kafka_queue_t *queue)
{
	static const uint64_t one = 1;
	rd_kafka_queue_io_event_enable(queue, w->fd, &one, sizeof(one));
}

int kt_queuefd_init(struct kt_queuefd *w, rd_kafka_queue_t *queue, struct kt_err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0) {
		kt_err_sys(err, "making a descriptor for events");
		rd_kafka_queue_destroy(queue);
		return -1;
	}
	*w = (struct kt_queuefd){.queue = queue, .fd = fd};
	kt_queuefd_add(w, queue);
	return 0;
}

/* One read resets it, however many events there were. */
void kt_queuefd_clear(struct kt_queuefd *w)
{
	uint64_t events;
	while (read(w->fd, &events, sizeof(events)) < 0 && errno == EINTR)
		;
}

void kt_queuefd_fini(struct kt_queuefd *w)
{
	if (!w->queue)
		return;
	rd_kafka_queue_io_event_enable(w->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(w->queue);
	close(w->fd);
	*w = (struct kt_queuefd){0};
}
