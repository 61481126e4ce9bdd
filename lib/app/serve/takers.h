/* WebSockets of those who take records as members of a group, and acknowledge them: each has a member of its own, which
 * is a handle with its threads, so there are --max-consumers at most.
 *
 *   kt_takers_begin(at, request, found, answer)      one more is there
 *   kt_takers_end(s)                                 those who have no answer yet get none
 *   kt_takers_count(s)                               until all have left their groups
 *   kt_takers_fini(s)
 */
#ifndef KT_TAKERS_H
#define KT_TAKERS_H

#include "serve_own.h"

/* Who asks may read the topic. */
void kt_takers_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);
void kt_takers_end(struct kt_serve *s);
size_t kt_takers_count(const struct kt_serve *s);

/* After the connections that are left; waits for those that are leaving. */
void kt_takers_fini(struct kt_serve *s);

#endif
