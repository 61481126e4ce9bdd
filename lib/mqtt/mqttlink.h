/* A subscriber of an MQTT broker, within the run's loop: its connection, its session, and both again after they broke.
 *
 *   kt_mqttlink_open(&link, &how)
 *   kt_loop_add(&loop, kt_mqttlink_source(link));        how.message(self, &message, err): 1, or 0: no room, later
 *   kt_mqttlink_ack(link, id)                            in the order of the messages
 *   kt_mqttlink_end(link, err); kt_mqttlink_close(link);
 *
 * The session is a persistent one: what was not acknowledged comes again on the next connection. As long as there is no
 * room, nothing is read; pings go out all the same, so that the broker keeps the connection, and whether it is still
 * there is looked at again once there is room. That the first connection does not come about ends the run; later ones
 * are tried again and again, less and less often, which is said.
 */
#ifndef KT_MQTTLINK_H
#define KT_MQTTLINK_H

#include "connection.h"
#include "list.h"
#include "loop.h"
#include "mqttpacket.h"
#include "owner.h"

struct kt_mqttlink;

/* Borrows all of it. */
struct kt_mqttlink_how {
	const struct kt_owner *owner;
	const struct kt_endpoint *at;
	struct kt_tls *tls;                 /* NULL: none */
	const struct kt_settings *settings; /* of TLS, and kt.resolve */
	const char *client_id, *user, *password;
	const struct kt_strs *filters;
	int qos;              /* 0, 1 */
	int version;          /* 0: 5 where the broker has it, or else 3.1.1 */
	bool skips_retained;  /* a broker of version 5 need not send them */
	int64_t keep_alive_s; /* 1 to 65535 */
	int64_t timeout_ms;   /* to connect, and for an answer */
	size_t max_packet;    /* bytes; a larger one ends the run */
	/* 1: taken. 0: no room now: asked again at every turn of the loop. -1 ends the run. */
	int (*message)(void *self, const struct kt_mqttmessage *m, struct kt_err *err);
	void (*lost)(void *self); /* the connection is gone: nothing of it can be acknowledged any more */
	void *self;
};

void kt_mqttlink_open(struct kt_mqttlink **out, const struct kt_mqttlink_how *how);

struct kt_loop_source *kt_mqttlink_source(struct kt_mqttlink *link);

/* Goes out with the loop's next turn. */
void kt_mqttlink_ack(struct kt_mqttlink *link, uint16_t id);

/* From now on nothing is read any more: the run ends. */
void kt_mqttlink_stop_reading(struct kt_mqttlink *link);

/* Subscribed. */
bool kt_mqttlink_is_up(const struct kt_mqttlink *link);

/* How often it was. */
int64_t kt_mqttlink_times_up(const struct kt_mqttlink *link);

/* What is left to send, and a DISCONNECT, for two seconds at most. False: the broker may not have all of it. */
bool kt_mqttlink_end(struct kt_mqttlink *link);

/* NULL is allowed. */
void kt_mqttlink_close(struct kt_mqttlink *link);

#endif
