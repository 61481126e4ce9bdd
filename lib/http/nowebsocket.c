/* Takes the place of websocket.c where libwslay, or a server that could give it connections, is not there. */
#include "websocket.h"

int kt_websockets_open(struct kt_websockets **out, struct kt_err *err)
{
	(void)out;
	return kt_err_set(err, KT_FAILED, "this kt was built without libwslay");
}

struct kt_websocket *kt_websockets_add(struct kt_websockets *set, int fd, struct kt_bytes early, void *hold,
	const struct kt_websocket_kind *kind, void *user, struct kt_peer *peer)
{
	(void)set, (void)fd, (void)early, (void)hold, (void)kind, (void)user, (void)peer;
	return NULL;
}

size_t kt_websockets_count(const struct kt_websockets *set)
{
	(void)set;
	return 0;
}

struct kt_websockets_dropped kt_websockets_dropped(const struct kt_websockets *set)
{
	(void)set;
	return (struct kt_websockets_dropped){0};
}

struct kt_loop_source kt_websockets_source(struct kt_websockets *set)
{
	(void)set;
	return (struct kt_loop_source){0};
}

void kt_websocket_wake(struct kt_websocket *ws)
{
	(void)ws;
}

void kt_websocket_say(struct kt_websocket *ws, struct kt_bytes text)
{
	(void)ws, (void)text;
}

void kt_websocket_pause(struct kt_websocket *ws, bool paused)
{
	(void)ws, (void)paused;
}

void kt_websocket_end(struct kt_websocket *ws, unsigned code)
{
	(void)ws, (void)code;
}

void kt_websockets_end(struct kt_websockets *set, unsigned code)
{
	(void)set, (void)code;
}

void kt_websockets_close(struct kt_websockets *set)
{
	(void)set;
}
