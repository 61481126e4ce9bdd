/* The descriptors of commands in one: their ends, what they write, and whether they take more.
 *
 *   kt_workwatch_open(&w, err)
 *   kt_workwatch_set(&w, slot, child.fd, KT_WORKWATCH_CHILD, EPOLLIN)      until it is closed
 *   … w.fd is readable: kt_workwatch_serve(&w, revents, took, user, err) …
 *   kt_workwatch_close(&w)
 */
#ifndef KT_WORKWATCH_H
#define KT_WORKWATCH_H

#include <sys/epoll.h>

#include "err.h"

struct kt_workwatch {
	int fd;
};

/* Which of a command's descriptors it is: its pidfd, stdout, stderr or stdin. */
enum kt_workwatch_what { KT_WORKWATCH_CHILD, KT_WORKWATCH_OUT, KT_WORKWATCH_ERR, KT_WORKWATCH_IN };

/* events: those of epoll_ctl(2). */
typedef int kt_workwatch_took(
	void *user, size_t slot, enum kt_workwatch_what what, unsigned events, struct kt_err *err);

int kt_workwatch_open(struct kt_workwatch *w, struct kt_err *err) kt_must_check;

/* Adds it, or changes the events that it is watched for. slot is the caller's number of the command. */
void kt_workwatch_set(const struct kt_workwatch *w, size_t slot, int fd, enum kt_workwatch_what what, unsigned events);

/* revents: what the loop has found of w->fd. One call of took for each descriptor with something to take; a slot may
 * be over by then, and is the caller's to know. -1: what took returned. */
int kt_workwatch_serve(const struct kt_workwatch *w, short revents, kt_workwatch_took *took, void *user,
	struct kt_err *err) kt_must_check;

void kt_workwatch_close(struct kt_workwatch *w);

#endif
