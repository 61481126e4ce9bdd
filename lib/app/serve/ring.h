/* The latest records of a topic, as they go out to those who listen: each is encoded once, and kept as long as somebody
 * still sends it, or until there are too many. A listener is a number, that of the record that comes next for it.
 *
 *   struct kt_ring ring = {0};
 *   kt_ring_put(&ring, kt_streamed_new(id, id_len, &record));
 *   while (kt_ring_is_over(&ring)) { r = kt_ring_drop(&ring); … kt_streamed_unref(r); }
 *   if (at < ring.first) … too late … else for (; at < ring.end; at++) send(kt_ring_get(&ring, at));
 *   kt_ring_fini(&ring);
 */
#ifndef KT_RING_H
#define KT_RING_H

#include "buf.h"
#include "record.h"

enum { KT_RING_RECORDS = 1 << 16, KT_RING_BYTES = 16 << 20 };

/* What clients of the course's programs get of a record. */
enum kt_text { KT_TEXT_CHAT, KT_TEXT_SOCKETIO, KT_TEXTS };

struct kt_streamed {
	unsigned refs;
	int32_t partition;
	int64_t offset;
	struct kt_bytes key;   /* data NULL: null */
	struct kt_bytes event; /* of Server-Sent Events: "id: 0:43,1:7\ndata: {…}\n\n"; its JSON is in */
	struct kt_bytes json;
	struct kt_bytes texts[KT_TEXTS]; /* data NULL: there is none */
	size_t size;                     /* that it takes */
	uint64_t through;                /* bytes of all that were put into its ring, this one included */
};

/* With a reference, which is the caller's. id: the positions of all partitions after it. */
struct kt_streamed *kt_streamed_new(
	struct kt_bytes id, const struct kt_record *record, const struct kt_bytes texts[KT_TEXTS]);

/* One that is a text alone, for a single client. */
struct kt_streamed *kt_streamed_text(enum kt_text which, struct kt_bytes text);
struct kt_streamed *kt_streamed_ref(struct kt_streamed *r);
void kt_streamed_unref(struct kt_streamed *r);

/* The same two as a kind of WebSocket has them, whose messages are these. */
void kt_streamed_hold(void *owner);
void kt_streamed_drop(void *owner);

struct kt_ring {
	struct kt_streamed **v; /* by number, KT_RING_RECORDS of them; NULL before the first */
	uint64_t first, end;    /* numbers: of the oldest, and of the one that comes next */
	uint64_t through;       /* bytes of all that were ever put */
	size_t bytes;           /* of those that are here */
};

/* Takes the reference. There is room: kt_ring_is_over() was asked after the last. */
void kt_ring_put(struct kt_ring *ring, struct kt_streamed *r);

/* There are more than it is to hold, or no room for another one. One stays, however large. */
bool kt_ring_is_over(const struct kt_ring *ring);

/* The oldest, whose reference passes to the caller. */
struct kt_streamed *kt_ring_drop(struct kt_ring *ring);

/* first <= at < end. Borrowed. */
struct kt_streamed *kt_ring_get(const struct kt_ring *ring, uint64_t at);

/* Bytes from that one on. */
uint64_t kt_ring_left(const struct kt_ring *ring, uint64_t at);

void kt_ring_fini(struct kt_ring *ring);

#endif
