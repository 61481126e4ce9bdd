/* The connection: made, waited for, kept alive, and made again. */
#include "diagnosis.h"
#include "mem.h"
#include "mqttlink_own.h"
#include "num.h"
#include "sig.h"
#include "when.h"

enum {
	SECOND_US = 1000000,
	FIRST_RETRY_MS = 200,
	LAST_RETRY_MS = 30000,
	STEADY_US = 10 * SECOND_US, /* up for so long, it was no vain try */
	SHORT_US = 5 * SECOND_US,   /* closed within that time, somebody else may have come */
	SHORT_LIVES = 3,
	END_MS = 2000,
	OUT_MOST = 1 << 20, /* bytes that the broker does not take, before nothing more is read */
	RECEIVE_MAXIMUM = 20000,
};

/* --- the end of a connection, and the next one --- */

static void drop(struct kt_mqttlink *link)
{
	bool had = link->state >= KT_MQTTLINK_GREETS;
	kt_dial_end(kt_steal(link->dial));
	kt_connection_close(&link->connection);
	link->in.len = link->out.len = link->in_at = link->out_at = 0;
	link->held = link->more = false;
	link->wants = 0;
	link->ping_us = 0;
	link->state = KT_MQTTLINK_WAITS;
	if (had)
		link->how.lost(link->how.self);
}

/* Twice as long each time, and not at the same time as others that the broker dropped with this one. */
static int64_t retry_ms(struct kt_mqttlink *link)
{
	int64_t ms = FIRST_RETRY_MS;
	for (int i = 0; i < link->tries && ms < LAST_RETRY_MS; i++)
		ms *= 2;
	ms = ms < LAST_RETRY_MS ? ms : LAST_RETRY_MS;
	return ms / 2 + (int64_t)kt_random_below(&link->random, (uint64_t)ms / 2 + 1);
}

static void say_lost(struct kt_mqttlink *link, const char *why, int64_t ms)
{
	char shown[32];
	if (!strcmp(link->said, why))
		return;
	snprintf(link->said, sizeof(link->said), "%s", why);
	kt_owner_say(link->how.owner, KT_NOTE_CONNECTION, "%s: %s; trying again in %s, and then less often",
		link->how.at->name, why, kt_show_ms(ms, shown));
}

/* In 3.1.1 nobody says that another client has come with the same id: the connection is closed, again and again. */
static void look_at_life(struct kt_mqttlink *link)
{
	bool was_up = link->state == KT_MQTTLINK_UP;
	int64_t lived_us = was_up ? kt_clock_us() - link->up_us : 0;
	if (lived_us >= STEADY_US)
		link->tries = 0;
	if (was_up && lived_us < SHORT_US)
		link->short_lives++;
	else if (was_up)
		link->short_lives = 0;
	if (link->short_lives == SHORT_LIVES)
		kt_owner_say(link->how.owner, KT_NOTE_CONNECTION,
			"%s closes each connection soon after it began: is there another client with the id %s?",
			link->how.at->name, link->how.client_id);
}

void kt_mqttlink_lose(struct kt_mqttlink *link, const struct kt_err *err)
{
	if (link->state == KT_MQTTLINK_UP)
		link->said[0] = '\0';
	look_at_life(link);
	drop(link);
	int64_t ms = retry_ms(link);
	link->tries++;
	link->due_us = kt_clock_us() + ms * 1000;
	say_lost(link, err->msg, ms);
}

/* A failure that may pass: of the first connection it ends the run. */
static int fail(struct kt_mqttlink *link, struct kt_err *err)
{
	if (!link->times_up) {
		drop(link);
		return kt_err_wrap(err, "%s", link->how.at->name);
	}
	kt_mqttlink_lose(link, err);
	return 0;
}

/* --- making it --- */

static int begin(struct kt_mqttlink *link, struct kt_err *err)
{
	const struct kt_dial_how how = {
		.at = link->how.at,
		.tls = link->how.tls,
		.settings = link->how.settings,
		.timeout_ms = link->how.timeout_ms,
	};
	link->dial = kt_dial_begin(&how, err);
	if (!link->dial)
		return -1;
	link->state = KT_MQTTLINK_DIALS;
	return 0;
}

static void greet(struct kt_mqttlink *link)
{
	const struct kt_mqttconnect how = {
		.version = link->version,
		.client_id = link->how.client_id,
		.user = link->how.user,
		.password = link->how.password,
		.keep_alive_s = (unsigned)link->how.keep_alive_s,
		.receive_maximum = RECEIVE_MAXIMUM,
	};
	link->keep_alive_us = link->how.keep_alive_s * SECOND_US;
	kt_mqttpacket_connect(&link->out, &how);
	link->state = KT_MQTTLINK_GREETS;
	link->due_us = kt_clock_us() + link->how.timeout_ms * 1000;
	link->more = true;
}

/* What the words for Kafka's brokers advise does not help here. */
static void advise(const struct kt_mqttlink *link, struct kt_err *err)
{
	if (err->status == KT_UNREACHABLE)
		kt_err_hint(
			err, "is the MQTT broker running, and is this its port? It is mostly 1883, and 8883 with TLS");
	else if (err->status == KT_FAILED && link->how.tls)
		kt_err_hint(err, "--ca FILE has the CA of the broker, --cert and --key what this client shows it");
}

static int take_dial(struct kt_mqttlink *link, short revents, struct kt_err *err)
{
	struct kt_err why = {0};
	if (!revents)
		return 0;
	int result = kt_dial_take(link->dial, &link->connection, &why);
	kt_dial_end(kt_steal(link->dial));
	if (result == 0) {
		greet(link);
		return 0;
	}
	advise(link, &why);
	*err = why;
	/* A certificate that is not trusted is none the next time either, but brokers are renewed. */
	return fail(link, err);
}

/* --- while there is one --- */

bool kt_mqttlink_reads(const struct kt_mqttlink *link)
{
	return !link->stopped && !link->held && link->out.len - link->out_at < OUT_MOST;
}

static int write_out(struct kt_mqttlink *link, struct kt_err *err)
{
	short events;
	while (link->out_at < link->out.len) {
		ssize_t n = kt_connection_send(
			&link->connection, link->out.data + link->out_at, link->out.len - link->out_at, &events, err);
		if (n < 0)
			return -1;
		link->wants = n ? 0 : events;
		if (!n)
			return 0;
		link->out_at += (size_t)n;
		link->sent_us = kt_clock_us();
	}
	link->out.len = link->out_at = 0;
	return 0;
}

/* Half of the time in which the broker has to hear something. */
static int64_t ping_due_us(const struct kt_mqttlink *link)
{
	return link->sent_us + link->keep_alive_us / 2;
}

/* While nothing is read, the answers to pings are not, either. */
static void ping(struct kt_mqttlink *link)
{
	int64_t now_us = kt_clock_us();
	if (!kt_mqttlink_reads(link))
		link->ping_us = 0;
	if (now_us < ping_due_us(link))
		return;
	kt_mqttpacket_ping(&link->out);
	link->sent_us = now_us;
	if (kt_mqttlink_reads(link) && !link->ping_us)
		link->ping_us = now_us;
}

static void check_silence(const struct kt_mqttlink *link, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	bool answering = link->state == KT_MQTTLINK_GREETS || link->state == KT_MQTTLINK_SUBSCRIBES;
	if (answering && now_us >= link->due_us)
		kt_err_set(err, KT_UNREACHABLE, "it does not answer %s",
			link->state == KT_MQTTLINK_GREETS ? "CONNECT" : "SUBSCRIBE");
	else if (link->ping_us && now_us - link->ping_us >= link->keep_alive_us)
		kt_err_set(err, KT_UNREACHABLE, "nothing is heard of it any more");
}

/* A connection that breaks while nothing is read is noticed by these alone. */
static int check_broken(struct kt_mqttlink *link, short revents, struct kt_err *err)
{
	if (kt_mqttlink_reads(link) || !(revents & (POLLERR | POLLHUP)))
		return 0;
	return kt_err_set(err, KT_UNREACHABLE, "it closed the connection");
}

/* A broker that knows 3.1.1 only says so, or closes the connection. */
static bool falls_back(struct kt_mqttlink *link)
{
	if (link->how.version || link->version != KT_MQTT_5 || link->state != KT_MQTTLINK_GREETS ||
		!link->connection.ended)
		return false;
	link->version = KT_MQTT_3_1_1;
	return true;
}

/* -1: the run ends; the connection does where why has a status. */
static int exchange(struct kt_mqttlink *link, short revents, struct kt_err *why, struct kt_err *err)
{
	if (check_broken(link, revents, why) < 0 || write_out(link, why) < 0)
		return 0;
	if (kt_mqttlink_hear(link, why, err) < 0)
		return -1;
	if (why->status || link->state < KT_MQTTLINK_GREETS)
		return 0;
	ping(link);
	if (write_out(link, why) == 0)
		check_silence(link, why);
	return 0;
}

/* What it says of a missing certificate may be lost with the connection. */
static void look_for_certificate(const struct kt_mqttlink *link, struct kt_err *why)
{
	const struct kt_diagnosis *missing = kt_diagnosis(KT_DIAGNOSIS_NO_CERTIFICATE);
	const struct kt_connection *c = &link->connection;
	if (c->ended && link->state == KT_MQTTLINK_GREETS && c->asked && !c->sent)
		kt_err_set(why, missing->status, "%s", missing->text);
}

static int keep(struct kt_mqttlink *link, short revents, struct kt_err *err)
{
	struct kt_err why = {0};
	if (exchange(link, revents, &why, err) < 0)
		return -1;
	if (!why.status && !link->connection.ended)
		return 0;
	if (falls_back(link)) {
		drop(link);
		return begin(link, err);
	}
	look_for_certificate(link, &why);
	advise(link, &why);
	*err = why;
	return fail(link, err);
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_mqttlink *link = user;
	if (link->state != KT_MQTTLINK_UP)
		kt_waiting_say(&link->wait, "%s to answer", link->how.at->name);
	switch (link->state) {
	case KT_MQTTLINK_WAITS:
		return link->stopped || kt_clock_us() < link->due_us ? 0 : begin(link, err);
	case KT_MQTTLINK_DIALS:
		return take_dial(link, revents, err);
	default:
		return keep(link, revents, err);
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t wait_connected(const struct kt_mqttlink *link, struct pollfd *fd)
{
	bool out = link->out_at < link->out.len;
	fd->fd = link->connection.fd;
	fd->events = (short)((kt_mqttlink_reads(link) ? POLLIN : 0) | (out ? POLLOUT : 0) | link->wants);
	if (kt_mqttlink_reads(link) && link->more)
		return 0;
	int64_t due_us = ping_due_us(link);
	if (link->state != KT_MQTTLINK_UP)
		due_us = least(due_us, link->due_us);
	if (link->ping_us)
		due_us = least(due_us, link->ping_us + link->keep_alive_us);
	return kt_until_ms(due_us);
}

static int64_t wait(void *user, struct pollfd *fd)
{
	enum { SAY_MS = 500 };
	struct kt_mqttlink *link = user;
	if (link->state == KT_MQTTLINK_WAITS)
		return link->stopped ? INT64_MAX : least(kt_until_ms(link->due_us), SAY_MS);
	if (link->state == KT_MQTTLINK_DIALS)
		*fd = (struct pollfd){.fd = kt_dial_fd(link->dial), .events = POLLIN};
	int64_t ms = link->state == KT_MQTTLINK_DIALS ? INT64_MAX : wait_connected(link, fd);
	return link->state == KT_MQTTLINK_UP ? ms : least(ms, SAY_MS);
}

/* --- for the run --- */

void kt_mqttlink_open(struct kt_mqttlink **out, const struct kt_mqttlink_how *how)
{
	struct kt_mqttlink *link = kt_calloc(1, sizeof(*link));
	link->how = *how;
	link->connection.fd = -1;
	link->version = how->version ? how->version : KT_MQTT_5;
	link->source = (struct kt_loop_source){.user = link, .wait = wait, .serve = serve};
	link->wait.owner = how->owner;
	kt_random_start(&link->random);
	*out = link;
}

struct kt_loop_source *kt_mqttlink_source(struct kt_mqttlink *link)
{
	return &link->source;
}

void kt_mqttlink_ack(struct kt_mqttlink *link, uint16_t id)
{
	kt_mqttpacket_puback(&link->out, id);
}

void kt_mqttlink_stop_reading(struct kt_mqttlink *link)
{
	link->stopped = true;
}

bool kt_mqttlink_is_up(const struct kt_mqttlink *link)
{
	return link->state == KT_MQTTLINK_UP;
}

int64_t kt_mqttlink_times_up(const struct kt_mqttlink *link)
{
	return link->times_up;
}

bool kt_mqttlink_end(struct kt_mqttlink *link)
{
	struct kt_err ignored;
	int64_t start_us = kt_clock_us();
	if (link->state < KT_MQTTLINK_GREETS)
		return false;
	kt_mqttpacket_disconnect(&link->out);
	while (write_out(link, &ignored) == 0 && link->out_at < link->out.len && kt_left_ms(start_us, END_MS)) {
		struct pollfd fd = {.fd = link->connection.fd, .events = POLLOUT};
		fd.events = (short)(fd.events | link->wants);
		kt_wait(&fd, 1, kt_left_ms(start_us, END_MS));
	}
	return link->out_at == link->out.len;
}

void kt_mqttlink_close(struct kt_mqttlink *link)
{
	if (!link)
		return;
	kt_waiting_end(&link->wait);
	kt_dial_end(link->dial);
	kt_connection_close(&link->connection);
	kt_buf_fini(&link->in);
	kt_buf_wipe(&link->out);
	free(link);
}
