#include "workwatch.h"

#include <unistd.h>

enum { EVENTS = 64, WHATS = 4 };

int kt_workwatch_open(struct kt_workwatch *w, struct kt_err *err)
{
	w->fd = epoll_create1(EPOLL_CLOEXEC);
	return w->fd < 0 ? kt_err_sys(err, "a descriptor for commands") : 0;
}

void kt_workwatch_set(const struct kt_workwatch *w, size_t slot, int fd, enum kt_workwatch_what what, unsigned events)
{
	struct epoll_event event = {.events = events, .data.u64 = slot * WHATS + what};
	if (epoll_ctl(w->fd, EPOLL_CTL_ADD, fd, &event) < 0)
		epoll_ctl(w->fd, EPOLL_CTL_MOD, fd, &event);
}

int kt_workwatch_serve(
	const struct kt_workwatch *w, short revents, kt_workwatch_took *took, void *user, struct kt_err *err)
{
	struct epoll_event events[EVENTS];
	int n = revents ? epoll_wait(w->fd, events, EVENTS, 0) : 0;
	for (int i = 0; i < n; i++) {
		uint64_t at = events[i].data.u64;
		if (took(user, at / WHATS, (enum kt_workwatch_what)(at % WHATS), events[i].events, err) < 0)
			return -1;
	}
	return 0;
}

void kt_workwatch_close(struct kt_workwatch *w)
{
	close(w->fd);
}
