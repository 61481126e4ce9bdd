/* Engine.IO's third protocol, as Socket.IO's clients before 3.0 speak it: packets, and the payloads of HTTP that hold
 * several of them.
 *
 *   struct kt_engineio_payload p = {.at = body, .end = body + len, .binary = …};
 *   while ((got = kt_engineio_next(&p, &packet)) > 0)
 *           … packet.type, packet.data …
 *   kt_engineio_add(&answer, "40", 2, binary);
 *
 * A packet is its type, a digit, and what it carries. Payloads of text count a packet's length in JavaScript's
 * characters: units of UTF-16, after UTF-8 was decoded; binary ones count bytes.
 */
#ifndef KT_ENGINEIO_H
#define KT_ENGINEIO_H

#include "buf.h"

enum {
	KT_ENGINEIO_OPEN = '0',
	KT_ENGINEIO_CLOSE = '1',
	KT_ENGINEIO_PING = '2',
	KT_ENGINEIO_PONG = '3',
	KT_ENGINEIO_MESSAGE = '4',
	KT_ENGINEIO_UPGRADE = '5',
	KT_ENGINEIO_NOOP = '6',
};

struct kt_engineio_packet {
	char type;   /* one of the above */
	bool binary; /* data is no text, and may be base64 still */
	struct kt_bytes data;
};

/* False: it is none. */
bool kt_engineio_packet(struct kt_engineio_packet *packet, struct kt_bytes text);

struct kt_engineio_payload {
	const char *at, *end; /* what is left */
	bool binary;          /* each packet says whether it is text, and how many bytes it has */
};

/* 1: a packet, which points into the payload. 0: the end. -1: this is no payload, or its text is not UTF-8. */
int kt_engineio_next(struct kt_engineio_payload *payload, struct kt_engineio_packet *packet);

/* Appends a packet of ASCII text to a payload. */
void kt_engineio_add(struct kt_buf *out, struct kt_bytes packet, bool binary);

/* Clients of 1.x encode the text of their payloads of text twice: takes one time back. False, and out as before: this
 * was encoded once. */
bool kt_engineio_decode_again(struct kt_buf *out, struct kt_bytes text);

#endif
