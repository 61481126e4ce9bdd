/* The inside of a probe. Its parts:
 *
 *   probe.c         the steps from a name to a connection that works
 *   probecluster.c  what is asked over it: a topic, a group, the time of a round trip
 *
 * Included by these and nothing else.
 */
#ifndef KT_PROBE_OWN_H
#define KT_PROBE_OWN_H

#include "probe.h"

/* Begins a step, which another thread may show as what is being done. */
struct kt_step *kt_probe_begin(struct kt_probe *p, const char *name);

/* Ends it with an error, for which the steps after it are skipped: false. */
bool kt_probe_fail(struct kt_probe *p, struct kt_step *step, const struct kt_err *err);

/* How long a step that begins now may take. */
struct kt_limit kt_probe_limit(const struct kt_probe *p);

/* Requests over the connection, each with its answer. */
int kt_probe_ask_versions(struct kt_probe *p, struct kt_versions *versions, struct kt_err *err) kt_must_check;

/* topic: as in kt_ask_metadata(); look: the topic that is looked for in the answer, or NULL. */
int kt_probe_ask_metadata(struct kt_probe *p, const char *topic, const char *look, struct kt_seen *seen,
	struct kt_err *err) kt_must_check;

#endif
