/* What a command writes, read from a pipe: kept, or passed on in whole lines, so that those of several commands do not
 * mix within a line. A last line without an end is passed on as it is.
 *
 *   int theirs = kt_workoutput_open(&o, err);           for the child; close(theirs) once it has started
 *   … o.fd is readable: kt_workoutput_read(&o, take, user) …
 *   kt_workoutput_close(&o, take, user)
 */
#ifndef KT_WORKOUTPUT_H
#define KT_WORKOUTPUT_H

#include "buf.h"
#include "err.h"

struct kt_workoutput {
	int fd; /* ours, not blocking; -1: at its end, or not open */
	struct kt_buf line;
};

typedef void kt_workoutput_take(void *user, const char *data, size_t len);

/* Returns the other end. */
int kt_workoutput_open(struct kt_workoutput *o, struct kt_err *err) kt_must_check;

/* Takes what is there, 64 KiB at most, and hands over whole lines. Closes at the end. */
void kt_workoutput_read(struct kt_workoutput *o, kt_workoutput_take *take, void *user);

/* The command has ended: takes what it has written, and no more of what others write who have its pipe. */
void kt_workoutput_close(struct kt_workoutput *o, kt_workoutput_take *take, void *user);

#endif
