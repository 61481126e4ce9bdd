/* Packets of MQTT 3.1.1 and 5 (OASIS), as a subscriber makes and reads them.
 *
 *   while ((found = kt_mqttpacket_find(&packet, bytes, max, err)) > 0) {
 *           if (packet.type == KT_MQTT_PUBLISH && kt_mqttpacket_message(&message, &packet, version, err) < 0) …
 *           bytes.data += packet.size, bytes.len -= packet.size;
 *   }
 *
 * What is read borrows from the bytes. A packet that is not as the standard has it is KT_FAILED, with a message such as
 * "a topic's name holds a wildcard", which goes on what the caller says of the broker. What follows from a subscriber's
 * few packets is part of it: no QoS 2, no topic aliases, no requests, no authentication in several steps.
 */
#ifndef KT_MQTTPACKET_H
#define KT_MQTTPACKET_H

#include "buf.h"
#include "err.h"
#include "list.h"

enum kt_mqtt_type {
	KT_MQTT_CONNECT = 1,
	KT_MQTT_CONNACK = 2,
	KT_MQTT_PUBLISH = 3,
	KT_MQTT_PUBACK = 4,
	KT_MQTT_SUBSCRIBE = 8,
	KT_MQTT_SUBACK = 9,
	KT_MQTT_PINGREQ = 12,
	KT_MQTT_PINGRESP = 13,
	KT_MQTT_DISCONNECT = 14,
};

/* The number of the version on the wire. */
enum { KT_MQTT_3_1_1 = 4, KT_MQTT_5 = 5 };

enum { KT_MQTT_TEXT_MOST = 65535 }; /* bytes of a text: of a name, a filter, a password */

struct kt_mqttpacket {
	unsigned type, flags;
	struct kt_bytes body; /* after the length */
	size_t size;          /* of all of it */
};

/* The packet that in begins with: 1; 0 when more bytes are needed. A length above max is refused as soon as it is seen.
 */
int kt_mqttpacket_find(struct kt_mqttpacket *out, struct kt_bytes in, size_t max, struct kt_err *err) kt_must_check;

struct kt_mqttmessage {
	struct kt_bytes topic, payload;
	uint16_t id;  /* 0 with QoS 0 */
	uint8_t qos;  /* 0, 1 */
	bool dup;     /* may have come before */
	bool retain;  /* was published before the subscription, and kept */
	size_t bytes; /* of the packet */
};

int kt_mqttpacket_message(
	struct kt_mqttmessage *out, const struct kt_mqttpacket *packet, int version, struct kt_err *err) kt_must_check;

struct kt_mqttanswer {
	unsigned code;                   /* 0: accepted */
	bool session;                    /* the broker had one of this client */
	int64_t keep_alive_s, session_s; /* what it wants in place of what was asked for; -1: that is all right */
	struct kt_bytes reason;          /* in its own words, or none */
};

/* A CONNACK. One of the older form is understood in version 5 too: a broker that only knows that refuses so. */
int kt_mqttpacket_answer(
	struct kt_mqttanswer *out, const struct kt_mqttpacket *packet, int version, struct kt_err *err) kt_must_check;

/* A SUBACK: a code for each of n filters. */
int kt_mqttpacket_granted(struct kt_bytes *codes, const struct kt_mqttpacket *packet, int version, uint16_t id,
	size_t n, struct kt_err *err) kt_must_check;

/* A DISCONNECT, which only version 5 has from a broker. */
int kt_mqttpacket_farewell(
	unsigned *code, const struct kt_mqttpacket *packet, int version, struct kt_err *err) kt_must_check;

struct kt_mqttconnect {
	int version;
	const char *client_id, *user, *password; /* the last two may be NULL; a password needs a user */
	unsigned keep_alive_s, receive_maximum;  /* receive_maximum: of version 5 */
};

void kt_mqttpacket_connect(struct kt_buf *out, const struct kt_mqttconnect *how);

/* In version 5 retained messages are asked for only where the subscription is new. */
struct kt_mqttsubscribe {
	int version, qos;
	uint16_t id;
	const struct kt_strs *filters;
	bool skips_retained; /* in version 5 they are not even sent */
};

void kt_mqttpacket_subscribe(struct kt_buf *out, const struct kt_mqttsubscribe *how);
void kt_mqttpacket_puback(struct kt_buf *out, uint16_t id);
void kt_mqttpacket_ping(struct kt_buf *out);
void kt_mqttpacket_disconnect(struct kt_buf *out);

/* Whether a filter is one: "+" is a whole level, "#" the last one. KT_USAGE. */
int kt_mqttpacket_check_filter(const char *filter, struct kt_err *err) kt_must_check;

#endif
