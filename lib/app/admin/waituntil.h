/* Looks again and again whether something is so, and says on a terminal what is still missing.
 *
 *   static int look(void *user, bool again, struct kt_buf *why, struct kt_err *err) { … return there; }
 *
 *   struct kt_waituntil wait = {.look = look, .user = x, .pause_ms = 500};
 *   kt_waituntil_begin(&wait, &opts->client);
 *   … the client is opened …
 *   return kt_waituntil(&wait, err);
 */
#ifndef KT_WAITUNTIL_H
#define KT_WAITUNTIL_H

#include "buf.h"
#include "conf.h"
#include "stop.h"

struct kt_waituntil {
	/* 1 when it is so; 0, with what is not so yet in why (which is empty before), to be asked again; -1 ends the
	 * wait. again: it has looked before. */
	int (*look)(void *user, bool again, struct kt_buf *why, struct kt_err *err);
	void *user;
	int64_t pause_ms; /* between two looks */

	struct kt_stop stop; /* both are filled by kt_waituntil_begin(), and the client's owner is this one then */
	struct kt_owner owner;
};

/* From now on --run-for counts, also for what opens the client. */
void kt_waituntil_begin(struct kt_waituntil *wait, struct kt_client_opts *client);

/* Fails as look does, and when the stop says so: with its status, and what was missing last. */
int kt_waituntil(const struct kt_waituntil *wait, struct kt_err *err) kt_must_check;

#endif
