/* What comes on a connection: packets, one after the other. */
#include "mqttlink_own.h"
#include "mqttreasons.h"
#include "when.h"

enum { READ = 1 << 16, SUBSCRIBE_ID = 1 };

static int hint(const struct kt_mqttreason *reason, struct kt_err *err)
{
	return reason->hint ? kt_err_hint(err, "%s", reason->hint) : -1;
}

static void say_session(struct kt_mqttlink *link, bool session)
{
	const char *at = link->how.at->name;
	if (!link->times_up)
		kt_owner_say(link->how.owner, KT_NOTE_WORDS,
			session ? "%s goes on with the session of client id %s"
				: "%s begins a session with client id %s",
			at, link->how.client_id);
	else if (session)
		kt_owner_say(link->how.owner, KT_NOTE_WORDS, "%s is connected again, and kept the session", at);
	else
		kt_owner_say(link->how.owner, KT_NOTE_CONNECTION,
			"%s is connected again, but kept no session: what was published meanwhile, or not acknowledged, is lost",
			at);
}

static void become_up(struct kt_mqttlink *link)
{
	kt_waiting_end(&link->wait);
	link->state = KT_MQTTLINK_UP;
	link->subscribed = true;
	link->up_us = kt_clock_us();
	link->times_up++;
	link->said[0] = '\0';
}

static int refused(struct kt_mqttlink *link, const struct kt_mqttanswer *a, struct kt_err *err)
{
	const struct kt_mqttreason *reason =
		a->code < KT_MQTTREASON_REFUSED ? kt_mqttreason_3(a->code) : kt_mqttreason_5(a->code);
	bool version = a->code == KT_MQTTREASON_VERSION_3 || a->code == KT_MQTTREASON_VERSION;
	if (version && !link->how.version && link->version == KT_MQTT_5) {
		/* As if it had closed the connection, which it does. */
		link->connection.ended = true;
		return 0;
	}
	struct kt_err why = {0};
	kt_err_set(&why, reason->passes ? KT_UNREACHABLE : KT_FAILED, "it refuses the connection: %s%s%.*s%s",
		reason->text, a->reason.len ? " (" : "", a->reason.len < 200 ? (int)a->reason.len : 200, a->reason.data,
		a->reason.len ? ")" : "");
	hint(reason, &why);
	if (reason->passes && link->times_up) {
		kt_mqttlink_lose(link, &why);
		return 0;
	}
	*err = why;
	kt_err_wrap(err, "%s", link->how.at->name);
	return -2;
}

static void subscribe(struct kt_mqttlink *link)
{
	const struct kt_mqttsubscribe how = {
		.version = link->version,
		.qos = link->how.qos,
		.id = SUBSCRIBE_ID,
		.filters = link->how.filters,
		.skips_retained = link->how.skips_retained,
	};
	kt_mqttpacket_subscribe(&link->out, &how);
	link->state = KT_MQTTLINK_SUBSCRIBES;
	link->due_us = kt_clock_us() + link->how.timeout_ms * 1000;
}

/* A session that this run has subscribed in already is left as it is: 3.1.1 would send retained messages again. */
static int take_answer(struct kt_mqttlink *link, const struct kt_mqttpacket *packet, struct kt_err *err)
{
	struct kt_mqttanswer a;
	if (kt_mqttpacket_answer(&a, packet, link->version, err) < 0)
		return -1;
	if (a.code)
		return refused(link, &a, err);
	if (a.keep_alive_s > 0)
		link->keep_alive_us = a.keep_alive_s * 1000000;
	if (link->version != KT_MQTT_5 && !link->how.version && !link->times_up && link->how.owner->log)
		link->how.owner->log(link->how.owner->user, true, "the broker does not speak MQTT 5: it is 3.1.1");
	if (a.session_s >= 0 && a.session_s != UINT32_MAX && !link->times_up)
		kt_owner_say(link->how.owner, KT_NOTE_CONNECTION,
			"%s forgets a session %lld s after its connection ended", link->how.at->name,
			(long long)a.session_s);
	say_session(link, a.session);
	if (a.session && link->subscribed)
		become_up(link);
	else
		subscribe(link);
	return 0;
}

static int take_granted(struct kt_mqttlink *link, const struct kt_mqttpacket *packet, struct kt_err *err)
{
	struct kt_bytes codes;
	size_t n = link->how.filters->n;
	if (kt_mqttpacket_granted(&codes, packet, link->version, SUBSCRIBE_ID, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned code = (unsigned char)codes.data[i];
		const char *filter = link->how.filters->v[i];
		if (code >= KT_MQTTREASON_REFUSED) {
			const struct kt_mqttreason *reason = kt_mqttreason_5(code);
			kt_err_set(err, KT_FAILED, "it refuses the subscription to %.200s: %s", filter, reason->text);
			return hint(reason, err);
		}
		if ((int)code < link->how.qos)
			kt_owner_say(link->how.owner, KT_NOTE_CONNECTION,
				"%s grants QoS %u for %.200s: its messages come at most once", link->how.at->name, code,
				filter);
	}
	become_up(link);
	return 0;
}

static int take_message(struct kt_mqttlink *link, const struct kt_mqttpacket *packet, struct kt_err *err)
{
	struct kt_mqttmessage m;
	if (kt_mqttpacket_message(&m, packet, link->version, err) < 0)
		return -1;
	int taken = link->how.message(link->how.self, &m, err);
	link->held = taken == 0;
	return taken < 0 ? -2 : 0;
}

static int take_farewell(struct kt_mqttlink *link, const struct kt_mqttpacket *packet, struct kt_err *err)
{
	unsigned code;
	struct kt_err why = {0};
	if (kt_mqttpacket_farewell(&code, packet, link->version, err) < 0)
		return -1;
	const struct kt_mqttreason *reason = kt_mqttreason_5(code);
	if (code == KT_MQTTREASON_TAKEN_OVER)
		kt_err_set(&why, KT_UNREACHABLE, "another client took the session over: the client id %s is used twice",
			link->how.client_id);
	else
		kt_err_set(&why, KT_UNREACHABLE, "it ended the connection%s%s", code ? ": " : "",
			code ? reason->text : "");
	if (!reason->passes && code) {
		*err = why;
		err->status = KT_FAILED;
		return hint(reason, err);
	}
	kt_mqttlink_lose(link, &why);
	return 0;
}

static int unexpected(const struct kt_mqttpacket *packet, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "a packet of type %u is not expected here", packet->type);
}

/* -2: not because of a packet that makes no sense; then err is complete. */
static int take(struct kt_mqttlink *link, const struct kt_mqttpacket *packet, struct kt_err *err)
{
	if (link->state == KT_MQTTLINK_GREETS)
		return take_answer(link, packet, err);
	switch (packet->type) {
	case KT_MQTT_PUBLISH:
		return take_message(link, packet, err);
	case KT_MQTT_SUBACK:
		return link->state == KT_MQTTLINK_SUBSCRIBES ? take_granted(link, packet, err)
							     : unexpected(packet, err);
	case KT_MQTT_PINGRESP:
		return packet->body.len ? unexpected(packet, err) : 0;
	case KT_MQTT_DISCONNECT:
		return take_farewell(link, packet, err);
	default:
		return unexpected(packet, err);
	}
}

/* Everything whole that has come, as long as there is room for messages. */
static int take_all(struct kt_mqttlink *link, struct kt_err *err)
{
	struct kt_mqttpacket packet;
	int found = 0, result = 0;
	link->held = false;
	while (result == 0 && !link->stopped && !link->connection.ended && link->state >= KT_MQTTLINK_GREETS) {
		struct kt_bytes in = {link->in.data + link->in_at, link->in.len - link->in_at};
		found = kt_mqttpacket_find(&packet, in, link->how.max_packet, err);
		if (found <= 0)
			break;
		result = take(link, &packet, err);
		if (link->held)
			break;
		/* Where the connection is gone, so is what came on it. */
		if (link->state >= KT_MQTTLINK_GREETS)
			link->in_at += packet.size;
	}
	if ((found < 0 || result == -1) && link->state == KT_MQTTLINK_GREETS)
		kt_err_wrap(err, "it does not speak MQTT");
	if (found < 0 || result == -1)
		kt_err_wrap(err, "%s", link->how.at->name);
	return found < 0 || result < 0 ? -1 : 0;
}

/* One read, behind what is left of the last one. */
static int receive(struct kt_mqttlink *link, struct kt_err *why)
{
	short events = 0;
	if (link->in_at) {
		link->in.len -= link->in_at;
		memmove(link->in.data, link->in.data + link->in_at, link->in.len);
		link->in_at = 0;
	}
	ssize_t n = kt_connection_receive(&link->connection, kt_buf_reserve(&link->in, READ), READ, &events, why);
	link->more = n > 0;
	if (n < 0)
		return -1;
	link->wants |= events & POLLOUT;
	link->in.len += (size_t)n;
	if (n > 0)
		link->ping_us = 0;
	return 0;
}

int kt_mqttlink_hear(struct kt_mqttlink *link, struct kt_err *why, struct kt_err *err)
{
	if (link->held && take_all(link, err) < 0)
		return -1;
	if (!kt_mqttlink_reads(link) || link->state < KT_MQTTLINK_GREETS)
		return 0;
	return receive(link, why) < 0 ? 0 : take_all(link, err);
}
