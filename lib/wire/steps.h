/* What a check did, step by step: each with how it ended, how long it took, and one sentence of what was found.
 *
 *   struct kt_step *step = kt_step_begin(&steps, "tcp", "kafka1:9092", KT_STEP_BOOTSTRAP);
 *   if (connect_it(…, &err) < 0)
 *           kt_step_fail(step, &err);
 *   else
 *           kt_step_ok(step, "connected to %s", address);
 */
#ifndef KT_STEPS_H
#define KT_STEPS_H

#include "err.h"

enum kt_step_state {
	KT_STEP_OK,
	KT_STEP_WARNING, /* works, and the user should know */
	KT_STEP_FAILED,
	KT_STEP_SKIPPED, /* could not be done, or means nothing here */
};

enum { KT_STEP_LOCAL = -2, KT_STEP_BOOTSTRAP = -1 }; /* in place of a broker's id */

struct kt_step {
	const char *name;  /* static text */
	char address[272]; /* host:port, or "" */
	int32_t broker;    /* id of an advertised broker, or one of the above */
	enum kt_step_state state;
	int status; /* of a failed one, an enum kt_status */
	int64_t start_us, took_us;
	char text[512]; /* what was found, the cause, or why it was skipped; printable */
	char hint[512]; /* what to try, or "" */
};

struct kt_steps {
	struct kt_step *v;
	size_t n, cap;
};

/* Starts the clock. The step is valid until the next one begins. */
struct kt_step *kt_step_begin(struct kt_steps *steps, const char *name, const char *address, int32_t broker);

/* How it ended. Control bytes in the text, which may come from a broker, become '?'. */
void kt_step_ok(struct kt_step *step, const char *format, ...) kt_printf(2, 3);
void kt_step_skip(struct kt_step *step, const char *format, ...) kt_printf(2, 3);
void kt_step_warn(struct kt_step *step, const char *hint, const char *format, ...) kt_printf(3, 4);
void kt_step_fail(struct kt_step *step, const struct kt_err *err);

void kt_steps_fini(struct kt_steps *steps);

#endif
