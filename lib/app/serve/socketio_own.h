/* What the files of Socket.IO share.
 *
 *   socketio.c         sessions, their turn in the loop, and what their packets do
 *   socketiopoll.c     requests: who may open one, and polling
 *   socketiosocket.c   WebSockets, from the beginning or by an upgrade
 *   engineio.c         packets and payloads of Engine.IO, socketiopacket.c of Socket.IO
 *   socketiopage.c     the page
 */
#ifndef KT_SOCKETIO_OWN_H
#define KT_SOCKETIO_OWN_H

#include "channel.h"
#include "engineio.h"
#include "socketio.h"
#include "socketiopacket.h"

/* SID_BYTES: random. OWN_BYTES, OWN_PACKETS: that wait for a client, before no more is taken from it. SHARE: the part
 * of --max-inflight that all sessions of one address may take up, unless it is this machine's. SILENT_MS: the
 * interval and the timeout of its pings, and it is gone. */
enum {
	KT_SOCKETIO_BUCKETS = 4096,
	KT_SOCKETIO_SID_BYTES = 16,
	KT_SOCKETIO_OWN_BYTES = 1 << 20,
	KT_SOCKETIO_OWN_PACKETS = 2000,
	KT_SOCKETIO_SHARE = 8,
	KT_SOCKETIO_PING_MS = 25000,
	KT_SOCKETIO_TIMEOUT_MS = 60000,
	KT_SOCKETIO_SILENT_MS = KT_SOCKETIO_PING_MS + KT_SOCKETIO_TIMEOUT_MS,
};

struct kt_socketio_session;

/* A WebSocket, or what is to become one. */
struct kt_socketio_wire {
	struct kt_socketio_session *session; /* NULL: it is over */
	struct kt_streams *streams;
	struct kt_websocket *ws; /* NULL: not yet */
	bool probed;             /* it has asked whether it may take over */
	int64_t since_us;
};

struct kt_socketio_session {
	struct kt_hub_member member; /* while it is in the namespace */
	struct kt_socketio *all;
	struct kt_channel *channel;
	struct kt_socketio_session *next, **link, *next_same, **link_same; /* same: of its bucket */
	char sid[2 * KT_SOCKETIO_SID_BYTES + 1];
	const void *client;                 /* whose token it was opened with */
	struct kt_peer *peer;               /* of one that polls */
	struct kt_peer *holder;             /* whose address it is; NULL: this machine's */
	bool socket;                        /* it has a WebSocket, or is to have one */
	struct kt_socketio_wire *wire;      /* NULL: not yet */
	struct kt_socketio_wire *next_wire; /* to which it may be upgraded; NULL: none */
	bool open;                          /* its client has been let in */
	bool told;                          /* its first poll was answered */
	bool joined;                        /* it is in the namespace */
	bool encodes_twice;                 /* text of its payloads, see engineio.h */
	bool paused;                        /* nothing is read of its WebSocket until it has taken what there is */
	/* The request that waits: for the session to be let in, or for something to come. */
	struct kt_httpd *httpd;
	uint64_t ticket;
	bool waits, binary;
	struct kt_answer handshake;  /* of one that opens by WebSocket */
	int64_t heard_us, polled_us; /* polled: since when nobody polls */
	int64_t count;               /* of events that count */
	/* What it alone gets, from first on. */
	struct kt_streamed **own;
	size_t first_own, n_own, cap_own, own_bytes;
};

struct kt_socketio {
	struct kt_serve *serve;
	struct kt_socketio_session *first, *buckets[KT_SOCKETIO_BUCKETS];
	size_t n;
	struct kt_peers peers; /* who poll */
	struct kt_peers holders;
	uint64_t seen;    /* of all channels, how many records there were */
	size_t own_bytes; /* of all sessions */
	unsigned waiting; /* to be let in */
	bool stirred;     /* who poll are to be looked at */
	int64_t look_us;
};

/* A new one, that is to be let in; NULL: there are too many. */
struct kt_socketio_session *kt_socketio_new(
	struct kt_socketio *x, struct kt_channel *channel, const struct kt_http_request *request);
struct kt_socketio_session *kt_socketio_find(const struct kt_socketio *x, const char *sid);

/* It is over, and its memory gone: its request is answered, its WebSocket closed with this code. */
void kt_socketio_drop(struct kt_socketio_session *session, unsigned code);

/* Packets of Engine.IO that it alone gets. */
void kt_socketio_put(struct kt_socketio_session *session, struct kt_bytes packet);
void kt_socketio_puts(struct kt_socketio_session *session, const char *packet);

/* Lets it in: what comes first. */
void kt_socketio_welcome(struct kt_socketio_session *session);

/* Takes a packet; false: the session is to be dropped. */
bool kt_socketio_take(struct kt_socketio_session *session, const struct kt_engineio_packet *packet);

/* Too much waits for it. */
bool kt_socketio_is_full(const struct kt_socketio_session *session);

/* It has missed records that are gone. */
bool kt_socketio_is_behind(const struct kt_socketio_session *session);

/* The packet that comes next, if it is not one of its own; passes by what is none. NULL: there is none. */
struct kt_streamed *kt_socketio_next(struct kt_socketio_session *session);
void kt_socketio_shift(struct kt_socketio_session *session);

/* The answer to the request that waits, if there is something to say. force: or a packet that says nothing. */
void kt_socketio_answer_poll(struct kt_socketio_session *session, bool force);

/* A request for a WebSocket is to be answered: of a new session, or of one that may be upgraded. */
void kt_socketio_let_in(struct kt_socketio_session *session);
void kt_socketio_upgrade(struct kt_socketio_session *session, struct kt_answer *handshake, struct kt_answer *answer);

#endif
