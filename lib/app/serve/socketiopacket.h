/* Packets of Socket.IO before version 3, which are messages of Engine.IO, and what the course's program does with them.
 *
 *   if (!kt_socketio_read(&packet, text) || packet.type != KT_SOCKETIO_EVENT) …
 *   kt_auto(kt_socketio_event_fini) struct kt_socketio_event event = {0};
 *   if (kt_socketio_event(&event, packet.data))
 *           kt_socketio_response(&out, &event.data, count);
 *
 * What is written is ASCII: all generations of clients take that for what it is, in every framing.
 */
#ifndef KT_SOCKETIOPACKET_H
#define KT_SOCKETIOPACKET_H

#include "buf.h"
#include "record.h"

/* The one namespace that there is. */
#define KT_SOCKETIO_NAMESPACE "/test"

/* The header of a record in which its sender's count is. */
#define KT_SOCKETIO_COUNT "count"

enum {
	KT_SOCKETIO_CONNECT = '0',
	KT_SOCKETIO_DISCONNECT = '1',
	KT_SOCKETIO_EVENT = '2',
	KT_SOCKETIO_ACK = '3',
	KT_SOCKETIO_ERROR = '4',
};

struct kt_socketio_packet {
	char type;
	struct kt_bytes space; /* "/test", or "/"; without its query */
	bool comma;            /* that came after it */
	int64_t id;            /* that wants an acknowledgement; -1: none */
	struct kt_bytes data;
};

/* text: without the type of Engine.IO's. False: it is none, or binary. */
bool kt_socketio_read(struct kt_socketio_packet *packet, struct kt_bytes text);

/* The member `data` of an event's first argument. */
struct kt_socketio_data {
	struct kt_bytes value; /* text, or a value of JSON; data NULL: there is none */
	bool is_text;
};

struct kt_socketio_event {
	struct kt_bytes name;
	struct kt_socketio_data data;
	struct kt_buf texts; /* they point into it */
};

/* False: it is not JSON, or no event. */
bool kt_socketio_event(struct kt_socketio_event *event, struct kt_bytes data);
void kt_socketio_event_fini(struct kt_socketio_event *event);

/* Appends 42/test,["my_response",{"data":…,"count":N}] */
void kt_socketio_response(struct kt_buf *out, struct kt_socketio_data data, int64_t count);

/* The same for a record; false: it has no value. */
bool kt_socketio_of_record(struct kt_buf *out, const struct kt_record *record);

/* The page, with its script. */
void kt_socketio_page(struct kt_buf *out);

#endif
