/* The course's program that speaks Socket.IO: what one client has echoed comes back to it, what it broadcasts comes to
 * all, by way of a topic (channel.h). Engine.IO's third protocol, by polling and by WebSocket.
 *
 *   kt_socketio_open(s)                              after the channels; nothing without a row for it
 *   kt_socketio_begin(at, request, found, answer)    a request for /socket.io/, answered at once or later
 *   kt_socketio_turn(x)                              from the loop; kt_socketio_wait_ms() says how long not
 *   kt_socketio_end(x)                               the server ends: clients go to another one
 *   kt_socketio_close(x)                             after the servers and the connections, before the channels
 *
 * A session is a random id, which its client says with each request. It counts for as long as somebody polls, or has
 * its WebSocket; what is held for it is bounded.
 */
#ifndef KT_SOCKETIO_H
#define KT_SOCKETIO_H

#include "serve_own.h"

void kt_socketio_open(struct kt_serve *s);

void kt_socketio_begin(struct kt_serve_listener *at, struct kt_http_request *request,
	const struct kt_route_found *found, struct kt_answer *answer);

/* These do nothing for NULL. */
void kt_socketio_turn(struct kt_socketio *x);
int64_t kt_socketio_wait_ms(const struct kt_socketio *x);
void kt_socketio_end(struct kt_socketio *x);
void kt_socketio_close(struct kt_socketio *x);

/* Sessions that are open. */
size_t kt_socketio_count(const struct kt_socketio *x);

#endif
