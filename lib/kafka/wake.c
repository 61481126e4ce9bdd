#include "wake.h"

#include <fcntl.h>
#include <unistd.h>

int kt_wake_init(struct kt_wake *w, rd_kafka_queue_t *queue, struct kt_err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		kt_err_sys(err, "making a pipe");
		rd_kafka_queue_destroy(queue);
		return -1;
	}
	*w = (struct kt_wake){.queue = queue, .fd = ends[0], .far_end = ends[1]};
	rd_kafka_queue_io_event_enable(queue, w->far_end, "", 1);
	return 0;
}

void kt_wake_clear(struct kt_wake *w)
{
	char drained[64];
	while (read(w->fd, drained, sizeof(drained)) > 0)
		;
}

void kt_wake_fini(struct kt_wake *w)
{
	if (!w->queue)
		return;
	rd_kafka_queue_io_event_enable(w->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(w->queue);
	close(w->fd);
	close(w->far_end);
	*w = (struct kt_wake){0};
}
