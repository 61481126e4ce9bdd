/* WebSocket connections inside the caller's own loop: what an HTTP server has given away (kt_answer.upgrade). Incoming
 * bytes are read with libwslay, which knows masks, fragments, control frames between them, close codes and UTF-8; what
 * goes out is whatever its owner has next, when the client can take it, without a queue.
 *
 *   static const struct kt_websocket_kind kind = {.message = take, .fill = fill, .sent = move_on, .gone = forget, …};
 *   kt_websockets_open(&set, err)
 *   ws = kt_websockets_add(set, fd, early, &kind, client);
 *   … kt_websockets_source(set) in the loop …
 *   kt_websocket_wake(ws)                        there is more to fill
 *   kt_websocket_say(ws, text)                   an answer
 *   kt_websocket_end(ws, 1001)
 *   kt_websockets_close(set)
 *
 * A client is asked every 20 s whether it is there, and is gone when it has not answered for a minute; one that takes
 * nothing of what is there for half a minute, too. While nothing comes, a connection takes a few hundred bytes.
 */
#ifndef KT_WEBSOCKET_H
#define KT_WEBSOCKET_H

#include "buf.h"
#include "err.h"
#include "loop.h"
#include "peers.h"

/* What a connection may be closed with: RFC 6455 section 7.4.1. */
enum {
	KT_WEBSOCKET_NORMAL = 1000,
	KT_WEBSOCKET_GOING_AWAY = 1001,
	KT_WEBSOCKET_POLICY = 1008,
	KT_WEBSOCKET_TOO_BIG = 1009,
	KT_WEBSOCKET_TRY_AGAIN = 1013,
};

struct kt_websocket;
struct kt_websockets;

/* A message that goes out: of text, unless it is binary. */
struct kt_websocket_message {
	struct kt_bytes payload;
	bool binary;
	void *owner; /* of the payload, for hold and drop */
};

struct kt_websocket_kind {
	size_t largest; /* message that comes in; more is closed with 1009 */
	bool lingers;   /* kt_websockets_end() is not for it: its owner ends it */
	/* A whole message. */
	void (*message)(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message);
	/* Puts up to max messages there that come next, and says how many; NULL: there are never any. */
	size_t (*fill)(void *user, struct kt_websocket_message *messages, size_t max);
	/* Of those that were put there last, the first n are on their way. */
	void (*sent)(void *user, size_t n);
	/* A payload is needed for longer; and no more. */
	void (*hold)(void *owner);
	void (*drop)(void *owner);
	/* The connection is over, and its object gone after the call. */
	void (*gone)(void *user);
};

/* KT_USAGE where kt was built without libwslay. */
int kt_websockets_open(struct kt_websockets **out, struct kt_err *err) kt_must_check;

/* Takes fd, which is its own and does not block, and the peer, which it leaves at its end; hold: as kt_answer.upgrade
 * had it. kind and user are borrowed; gone() does not come within this call. */
struct kt_websocket *kt_websockets_add(struct kt_websockets *set, int fd, struct kt_bytes early, void *hold,
	const struct kt_websocket_kind *kind, void *user, struct kt_peer *peer);

/* How many there are; 0 for NULL. */
size_t kt_websockets_count(const struct kt_websockets *set);

/* Who did not answer for a minute, and who took nothing for half a minute, so far; none for NULL. */
struct kt_websockets_dropped {
	int64_t silent, stuck;
};
struct kt_websockets_dropped kt_websockets_dropped(const struct kt_websockets *set);

struct kt_loop_source kt_websockets_source(struct kt_websockets *set);

/* Sends what its kind can fill. Not from within fill and sent. */
void kt_websocket_wake(struct kt_websocket *ws);

/* A message of text that comes before what is filled in, kept until it is sent: by kt_websocket_wake(), or when the
 * call that is on is over. */
void kt_websocket_say(struct kt_websocket *ws, struct kt_bytes text);

/* Nothing more is read from it until it is to go on. */
void kt_websocket_pause(struct kt_websocket *ws, bool paused);

/* Says goodbye with this code, in the set's next turn, and waits a few seconds for the client to do the same. Once is
 * enough. */
void kt_websocket_end(struct kt_websocket *ws, unsigned code);

/* The same for all but those that linger. */
void kt_websockets_end(struct kt_websockets *set, unsigned code);

/* Those that are left are dropped, with gone(). Does nothing for NULL. */
void kt_websockets_close(struct kt_websockets *set);

#endif
