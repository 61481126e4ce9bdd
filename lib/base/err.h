/* Errors: what went wrong, what to try next, and with which status the process should end.
 *
 *   struct kt_err err = {0};                              on the caller's stack, nothing to free
 *   if (read_it(path, &err) < 0)
 *           return kt_err_wrap(&err, "loading %s", path); "loading a.conf: no such file"
 *
 * A function that can fail takes `struct kt_err *err` last, returns 0 or -1 (or a pointer or NULL), and on failure has
 * filled `err` and left its other outputs alone. Nothing below main.c prints an error or ends the process.
 */
#ifndef KT_ERR_H
#define KT_ERR_H

#include "base.h"

/* Exit statuses. Their texts (kt_status_text) are what every manual page lists. */
enum kt_status {
	KT_OK = 0,
	KT_FAILED = 1,
	KT_USAGE = 2,
	KT_PARTIAL = 3,
	KT_NOT_FOUND = 4,
	KT_UNREACHABLE = 5,
	KT_RUN_ENDED = 124,
	KT_SIGNAL = 128, /* plus the signal's number */
};

struct kt_err {
	int status;     /* an enum kt_status, or KT_SIGNAL + n, or the status of a command that was run */
	char msg[512];  /* a complete sentence without a final stop; empty: already said, only the status matters */
	char hint[512]; /* what to try next, or empty */
};

/* Fills err and returns -1, so that callers write: return kt_err_set(err, KT_USAGE, "…"). Clears an older hint. */
int kt_err_set(struct kt_err *err, int status, const char *format, ...) kt_printf(3, 4);

/* The same with status KT_FAILED and ": " + the text of errno after it. */
int kt_err_sys(struct kt_err *err, const char *format, ...) kt_printf(2, 3);

/* Puts "context: " in front of the message that is there. Returns -1. */
int kt_err_wrap(struct kt_err *err, const char *format, ...) kt_printf(2, 3);

/* Sets the hint. Returns -1. */
int kt_err_hint(struct kt_err *err, const char *format, ...) kt_printf(2, 3);

/* One row per documented status, ended by a NULL text. */
struct kt_status_text {
	const char *status; /* "0", "128+n" */
	const char *text;
};
extern const struct kt_status_text kt_status_texts[];

#endif
