/* Consumer instances of the REST proxy's API, version 2: members of groups that clients make, read from and end by
 * requests. Each that has topics has a member of its own (groupreader.h), and counts against --max-consumers as a
 * WebSocket of a group does.
 *
 *   kt_instances_begin(at, request, found, answer)   what one of their rows is asked for
 *   kt_instances_end(s)                              nobody waits any more, all leave their groups
 *   kt_instances_count(s)                            until all have
 *   kt_instances_fini(s)
 *
 * One that nobody asks for anything for --consumer-idle ends by itself. What was read is committed, without being told
 * to, when its client comes for more, or deletes the instance: who has vanished has not said that it is done.
 */
#ifndef KT_INSTANCES_H
#define KT_INSTANCES_H

#include "serve_own.h"

void kt_instances_begin(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer);
void kt_instances_end(struct kt_serve *s);

/* Those that are leaving included. */
size_t kt_instances_count(const struct kt_serve *s);

/* After the connections that are left; waits for those that are leaving. */
void kt_instances_fini(struct kt_serve *s);

#endif
