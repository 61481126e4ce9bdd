/* How the steps of a check are printed on stdout, and a verdict at the end. For people what failed comes first, as soon
 * as it has, with what to try, and so do warnings; the rest follows in a line each. A JSON object per step keeps the
 * order of the steps.
 *
 *   kt_auto(kt_checkreport_fini) struct kt_checkreport report = {.json = opts->json};
 *   shown = kt_checkreport_steps(&report, &steps, shown);            those that have been added since
 *   return kt_checkreport_verdict(&report, err);
 */
#ifndef KT_CHECKREPORT_H
#define KT_CHECKREPORT_H

#include "buf.h"
#include "steps.h"

struct kt_checkreport {
	bool json;
	bool quiet; /* only what failed or is worth a warning */
	bool color;
	size_t count[KT_STEP_SKIPPED + 1]; /* by state */
	struct kt_step first;              /* that failed */
	int write_error;                   /* errno of stdout: nothing more is written */
	struct kt_buf out, rest;
};

/* Takes the steps from `from` on. Returns how many there are. */
size_t kt_checkreport_steps(struct kt_checkreport *r, const struct kt_steps *steps, size_t from);

/* Takes a step that is not even begun. */
void kt_checkreport_skipped(struct kt_checkreport *r, const char *name, const char *why);

/* Prints what was kept for the end: for a check that does not come to its verdict. */
void kt_checkreport_rest(struct kt_checkreport *r);

/* Prints it, and the last line. The status of the first step that failed goes into err, without a message; 0 when none
 * did. What could not be written is an error of its own. */
int kt_checkreport_verdict(struct kt_checkreport *r, struct kt_err *err) kt_must_check;

void kt_checkreport_fini(struct kt_checkreport *r);

#endif
