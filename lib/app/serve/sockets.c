/* WebSockets of those who listen. */
#include <sys/socket.h>

#include "handshake.h"
#include "streams_own.h"

static int open_sockets(struct kt_streams *x, struct kt_err *err)
{
	if (x->sockets)
		return 0;
	if (kt_websockets_open(&x->sockets, err) < 0)
		return -1;
	x->waits = kt_websockets_source(x->sockets);
	if (x->loop)
		kt_loop_add(x->loop, &x->waits);
	return 0;
}

bool kt_streams_have_sockets(struct kt_streams *x)
{
	struct kt_err ignored;
	return open_sockets(x, &ignored) == 0;
}

bool kt_streams_handshake(struct kt_streams *x, const struct kt_http_request *request, struct kt_answer *handshake,
	struct kt_answer *answer)
{
	struct kt_err err = {0};
	if (open_sockets(x, &err) < 0)
		kt_serve_error(answer, 501, err.msg);
	else if (kt_websockets_count(x->sockets) >= (size_t)x->serve->how.limits.max_connections)
		kt_serve_error(answer, 503, "there are too many connections");
	else if (kt_handshake(request, answer)) {
		*handshake = *answer;
		*answer = (struct kt_answer){0};
		return true;
	}
	return false;
}

struct kt_websocket *kt_streams_socket(struct kt_streams *x, int fd, struct kt_bytes early, void *hold,
	const struct kt_websocket_kind *kind, void *user)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);
	getpeername(fd, (struct sockaddr *)&address, &len);
	struct kt_peer *peer = kt_peers_enter(&x->peers, (struct sockaddr *)&address);
	bool crowd = peer && peer->n > x->serve->how.limits.max_per_address;
	struct kt_websocket *ws = kt_websockets_add(x->sockets, fd, early, hold, kind, user, peer);
	x->counts.crowd += crowd;
	if (crowd)
		kt_websocket_end(ws, KT_WEBSOCKET_TRY_AGAIN);
	return ws;
}
