/* Looks again and again whether something is so, and says on a terminal what is still missing.
 *
 *   static int look(void *user, bool again, struct kt_buf *why, struct kt_err *err) { … return there; }
 *
 *   const struct kt_waituntil wait = {.look = look, .user = x, .pause_ms = 500};
 *   if (kt_waituntil(&wait, &stop, err) < 0) …
 */
#ifndef KT_WAITUNTIL_H
#define KT_WAITUNTIL_H

#include "buf.h"
#include "stop.h"

struct kt_waituntil {
	/* 1 when it is so; 0, with what is not so yet in why (which is empty before), to be asked again; -1 ends the
	 * wait. again: it has looked before. */
	int (*look)(void *user, bool again, struct kt_buf *why, struct kt_err *err);
	void *user;
	int64_t pause_ms; /* between two looks */
};

/* Fails as look does, and when the stop says so: with its status, and what was missing last. */
int kt_waituntil(const struct kt_waituntil *wait, const struct kt_stop *stop, struct kt_err *err) kt_must_check;

#endif
