#include "websocket.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <wslay/wslay.h>

#include "dlload.h"
#include "httpd.h"
#include "mem.h"
#include "when.h"

/* FRAMES: in one call of writev(). TURN_BYTES: to one client, before others have their turn. HEAD: of a frame, at most.
 * PONG_BYTES: of answers that a client does not take, before no more is read from it. LOOK_MS: between looks at who is
 * silent. AHEAD_BYTES: that the kernel takes before the client does; it would be megabytes for each that does not read.
 */
enum {
	FRAMES = 64,
	TURN_BYTES = 256 << 10,
	READ_BYTES = 16 << 10,
	EVENTS = 256,
	HEAD = 10,
	PONG_BYTES = 16 << 10,
	LOOK_MS = 1000,
	PING_US = 20000000,
	SILENT_US = 60000000,
	STUCK_US = 30000000,
	GOODBYE_US = 5000000,
	AHEAD_BYTES = 64 << 10
};
enum { TEXT = 0x81, BINARY = 0x82, CLOSE = 0x88, PING = 0x89 };

/* clang-format off */
#define FUNCTIONS(F) \
	F(event_config_set_max_recv_msg_length) F(event_context_free) F(event_context_server_init) \
	F(event_get_close_received) F(event_recv) F(event_send) F(event_set_error) F(event_want_read) F(event_want_write)
/* clang-format on */
static struct {
#define DECLARE(name) __typeof__(wslay_##name) *name;
	FUNCTIONS(DECLARE)
} wslay;

/* What is on its way of a message that did not go out at once. */
struct rest {
	struct kt_websocket_message message; /* owner NULL: there is none */
	unsigned char head[HEAD];
	size_t head_len, done; /* done: bytes of head and payload */
};

struct kt_websocket {
	struct kt_websockets *set;
	struct kt_websocket *next, **link;
	const struct kt_websocket_kind *kind;
	void *user, *hold;
	struct kt_peer *peer;
	int fd;
	uint32_t events;             /* that are waited for */
	wslay_event_context_ptr ctx; /* NULL: between messages */
	uint64_t fed, whole;         /* bytes given to ctx, and those of the frames that it has begun */
	bool in_message;             /* a message has begun, and its last fragment has not come */
	bool paused;
	bool said_goodbye, heard_goodbye, broken;
	bool at_fault; /* what it sends is read and dropped: closed with something unread, it would not see why */
	bool shut;
	bool dead; /* it is over, and its memory there for what was heard of it at the same time */
	bool busy; /* a call of its own is on the stack: it is not freed before that returns */
	struct kt_bytes input;
	struct kt_buf control; /* goes out before the next message */
	size_t control_done;
	size_t pong_bytes; /* that were added to it since it was empty */
	struct rest rest;
	int64_t heard_us, pinged_us, stuck_us, goodbye_us; /* 0: not */
};

struct kt_websockets {
	int epoll;
	struct kt_websocket *first, *dead;
	size_t n;
	int64_t look_us;
	struct kt_websockets_dropped dropped;
	char input[READ_BYTES];
};

static int load(struct kt_err *err)
{
#define ROW(name) {"wslay_" #name, &wslay.name},
	const struct kt_dlload_row rows[] = {FUNCTIONS(ROW)};
	if (wslay.event_recv || kt_dlload(KT_SONAME_WSLAY, rows, KT_LEN(rows), err) == 0)
		return 0;
	kt_err_wrap(err, "cannot serve WebSocket");
	return kt_err_hint(err, "the library is in the package libwslay1");
}

int kt_websockets_open(struct kt_websockets **out, struct kt_err *err)
{
	if (load(err) < 0)
		return -1;
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return kt_err_sys(err, "making a descriptor for WebSocket");
	struct kt_websockets *set = kt_calloc(1, sizeof(*set));
	set->epoll = fd;
	*out = set;
	return 0;
}

static void wait_for(struct kt_websocket *ws, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = ws};
	if (ws->events != events)
		epoll_ctl(ws->set->epoll, EPOLL_CTL_MOD, ws->fd, &event);
	ws->events = events;
}

static void choose_events(struct kt_websocket *ws)
{
	uint32_t out = ws->stuck_us ? EPOLLOUT : 0;
	bool deaf = ws->paused || ws->heard_goodbye || ws->pong_bytes > PONG_BYTES;
	wait_for(ws, (deaf ? 0 : EPOLLIN) | out);
}

/* What there is to send goes out in the set's next turn. */
static void flush_soon(struct kt_websocket *ws)
{
	if (!ws->stuck_us)
		ws->stuck_us = kt_clock_us();
	choose_events(ws);
}

static void drop_rest(struct kt_websocket *ws)
{
	if (ws->rest.message.owner)
		ws->kind->drop(ws->rest.message.owner);
	ws->rest.message.owner = NULL;
}

static void end(struct kt_websocket *ws)
{
	*ws->link = ws->next;
	if (ws->next)
		ws->next->link = ws->link;
	ws->set->n--;
	drop_rest(ws);
	if (ws->ctx)
		wslay.event_context_free(ws->ctx);
	/* Closing alone is not enough where somebody else has the descriptor, too. */
	epoll_ctl(ws->set->epoll, EPOLL_CTL_DEL, ws->fd, NULL);
	close(ws->fd);
	if (ws->hold)
		kt_httpd_release(ws->hold);
	kt_peers_leave(ws->peer);
	ws->kind->gone(ws->user);
	kt_buf_fini(&ws->control);
	ws->dead = true;
	ws->next = ws->set->dead;
	ws->set->dead = ws;
}

static void bury(struct kt_websockets *set)
{
	while (set->dead) {
		struct kt_websocket *ws = set->dead;
		set->dead = ws->next;
		free(ws);
	}
}

static size_t put_head(unsigned char head[HEAD], unsigned char first, size_t len)
{
	size_t more = len < 126 ? 0 : len <= 0xffff ? 2 : 8;
	head[0] = first;
	head[1] = (unsigned char)(more == 0 ? len : more == 2 ? 126 : 127);
	for (size_t i = 0; i < more; i++)
		head[2 + i] = (unsigned char)(len >> 8 * (more - 1 - i));
	return 2 + more;
}

/* Bytes that went; 0: none can go now. */
static size_t push(struct kt_websocket *ws, const struct iovec *v, size_t n)
{
	const struct msghdr all = {.msg_iov = (struct iovec *)(uintptr_t)v, .msg_iovlen = n};
	ssize_t got = sendmsg(ws->fd, &all, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		ws->broken = true;
	if (got <= 0 && !ws->stuck_us)
		ws->stuck_us = kt_clock_us();
	else if (got > 0)
		ws->stuck_us = 0;
	return got > 0 ? (size_t)got : 0;
}

static bool push_rest(struct kt_websocket *ws)
{
	struct rest *r = &ws->rest;
	size_t all = r->head_len + r->message.payload.len;
	while (r->message.owner && !ws->broken) {
		size_t head = r->done < r->head_len ? r->head_len - r->done : 0, body = r->done - (r->head_len - head);
		struct iovec v[2] = {{r->head + r->done, head},
			{(char *)(uintptr_t)r->message.payload.data + body, r->message.payload.len - body}};
		size_t got = push(ws, head ? v : v + 1, head ? 2 : 1);
		if (!got)
			return false;
		r->done += got;
		if (r->done == all)
			drop_rest(ws);
	}
	return !ws->broken;
}

static bool push_control(struct kt_websocket *ws)
{
	while (ws->control_done < ws->control.len && !ws->broken) {
		struct iovec v = {ws->control.data + ws->control_done, ws->control.len - ws->control_done};
		size_t got = push(ws, &v, 1);
		if (!got)
			return false;
		ws->control_done += got;
	}
	kt_buf_fini(&ws->control);
	ws->control_done = ws->pong_bytes = 0;
	return !ws->broken;
}

/* How many of the messages are on their way with so many bytes; the rest of the last one is kept. */
static size_t account(struct kt_websocket *ws, const struct kt_websocket_message *m, unsigned char (*heads)[HEAD],
	const size_t *head_lens, size_t n, size_t got)
{
	size_t i = 0;
	for (; i < n && got; i++) {
		size_t len = head_lens[i] + m[i].payload.len;
		if (got < len) {
			ws->rest = (struct rest){.message = m[i], .head_len = head_lens[i], .done = got};
			memcpy(ws->rest.head, heads[i], HEAD);
			ws->kind->hold(m[i].owner);
			got = len;
		}
		got -= len;
	}
	return i;
}

/* Bytes that went; 0: there is nothing, or nothing can go. */
static size_t push_messages(struct kt_websocket *ws)
{
	struct kt_websocket_message messages[FRAMES];
	unsigned char heads[FRAMES][HEAD];
	size_t head_lens[FRAMES];
	struct iovec v[2 * FRAMES];
	size_t n = ws->kind->fill ? ws->kind->fill(ws->user, messages, FRAMES) : 0;
	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct kt_websocket_message *m = &messages[i];
		head_lens[i] = put_head(heads[i], m->binary ? BINARY : TEXT, m->payload.len);
		v[2 * i] = (struct iovec){heads[i], head_lens[i]};
		v[2 * i + 1] = (struct iovec){(char *)(uintptr_t)m->payload.data, m->payload.len};
	}
	size_t got = push(ws, v, 2 * n);
	ws->kind->sent(ws->user, account(ws, messages, heads, head_lens, n, got));
	return got;
}

/* True when it is over. */
static bool flush(struct kt_websocket *ws)
{
	size_t sent = 0, got;
	do {
		got = push_rest(ws) && push_control(ws) && !ws->said_goodbye ? push_messages(ws) : 0;
		sent += got;
	} while ((got || (ws->control.len && !ws->stuck_us)) && sent < TURN_BYTES && !ws->broken);
	if (ws->at_fault && !ws->control.len && !ws->rest.message.owner && !ws->shut)
		ws->shut = shutdown(ws->fd, SHUT_WR) == 0;
	/* Who has had a turn goes on in the next one. */
	if (got && sent >= TURN_BYTES && !ws->stuck_us)
		ws->stuck_us = kt_clock_us();
	return ws->broken || (ws->said_goodbye && ws->heard_goodbye && !ws->control.len && !ws->rest.message.owner);
}

static void settle(struct kt_websocket *ws)
{
	if (ws->busy)
		return;
	ws->busy = true;
	bool over = flush(ws);
	ws->busy = false;
	if (over)
		end(ws);
	else
		choose_events(ws);
}

void kt_websocket_wake(struct kt_websocket *ws)
{
	if (!ws->stuck_us)
		settle(ws);
}

static void add_frame(struct kt_websocket *ws, unsigned char first, const void *data, size_t len)
{
	unsigned char head[HEAD];
	if (ws->said_goodbye)
		return;
	kt_buf_add(&ws->control, head, put_head(head, first, len));
	kt_buf_add(&ws->control, data, len);
}

void kt_websocket_say(struct kt_websocket *ws, struct kt_bytes text)
{
	add_frame(ws, TEXT, text.data, text.len);
}

void kt_websocket_end(struct kt_websocket *ws, unsigned code)
{
	const unsigned char text[2] = {(unsigned char)(code >> 8), (unsigned char)code};
	if (ws->said_goodbye)
		return;
	add_frame(ws, CLOSE, text, sizeof(text));
	ws->said_goodbye = true;
	ws->goodbye_us = kt_clock_us();
	ws->paused = false;
	if (!ws->busy)
		flush_soon(ws);
}

void kt_websocket_pause(struct kt_websocket *ws, bool paused)
{
	ws->paused = paused && !ws->said_goodbye;
	choose_events(ws);
}

/* What has been read, piece by piece. */
static ssize_t give(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
	struct kt_websocket *ws = user;
	size_t n = ws->input.len < len ? ws->input.len : len;
	(void)flags;
	if (!n) {
		wslay.event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	memcpy(buf, ws->input.data, n);
	ws->input.data += n;
	ws->input.len -= n;
	ws->fed += n;
	return (ssize_t)n;
}

/* Pongs and goodbyes. */
static ssize_t keep(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags, void *user)
{
	struct kt_websocket *ws = user;
	(void)ctx, (void)flags;
	if (ws->said_goodbye)
		return (ssize_t)len;
	kt_buf_add(&ws->control, data, len);
	ws->pong_bytes += len;
	return (ssize_t)len;
}

/* A client's frames have a mask of four bytes. */
static void begin_frame(wslay_event_context_ptr ctx, const struct wslay_event_on_frame_recv_start_arg *arg, void *user)
{
	struct kt_websocket *ws = user;
	unsigned char head[HEAD];
	(void)ctx;
	ws->whole += put_head(head, TEXT, arg->payload_length) + 4 + arg->payload_length;
	if (!wslay_is_ctrl_frame(arg->opcode))
		ws->in_message = !arg->fin;
}

static void take_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg, void *user)
{
	struct kt_websocket *ws = user;
	(void)ctx;
	if (wslay_is_ctrl_frame(arg->opcode) || ws->said_goodbye)
		return;
	ws->kind->message(ws->user, ws, arg->opcode == WSLAY_TEXT_FRAME,
		(struct kt_bytes){arg->msg ? (const char *)arg->msg : "", arg->msg_length});
}

static bool begin_reading(struct kt_websocket *ws)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = give,
		.send_callback = keep,
		.on_frame_recv_start_callback = begin_frame,
		.on_msg_recv_callback = take_message,
	};
	if (!ws->ctx && wslay.event_context_server_init(&ws->ctx, &callbacks, ws) == 0) {
		wslay.event_config_set_max_recv_msg_length(ws->ctx, ws->kind->largest);
		ws->fed = ws->whole = 0;
	}
	return ws->ctx;
}

/* The library reads no further after a fault of the client's, for which it says goodbye, or its goodbye. */
static void take(struct kt_websocket *ws, struct kt_bytes bytes)
{
	ws->heard_us = kt_clock_us();
	ws->pinged_us = ws->heard_us;
	ws->input = bytes;
	if (!begin_reading(ws) || wslay.event_recv(ws->ctx) < 0) {
		ws->broken = true;
		return;
	}
	bool over = !wslay.event_want_read(ws->ctx);
	if (wslay.event_want_write(ws->ctx) && wslay.event_send(ws->ctx) < 0)
		ws->broken = true;
	if (over) {
		ws->heard_goodbye = wslay.event_get_close_received(ws->ctx);
		ws->at_fault = !ws->heard_goodbye;
		ws->goodbye_us = ws->goodbye_us ? ws->goodbye_us : kt_clock_us();
		ws->said_goodbye = true;
	}
	if (over || (ws->fed == ws->whole && !ws->in_message)) {
		wslay.event_context_free(ws->ctx);
		ws->ctx = NULL;
	}
}

static void read_some(struct kt_websocket *ws)
{
	struct kt_websockets *set = ws->set;
	ssize_t got = recv(ws->fd, set->input, sizeof(set->input), MSG_DONTWAIT);
	if (got > 0 && !ws->heard_goodbye && !ws->at_fault)
		take(ws, (struct kt_bytes){set->input, (size_t)got});
	else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		ws->broken = true;
}

struct kt_websocket *kt_websockets_add(struct kt_websockets *set, int fd, struct kt_bytes early, void *hold,
	const struct kt_websocket_kind *kind, void *user, struct kt_peer *peer)
{
	struct kt_websocket *ws = kt_calloc(1, sizeof(*ws));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = ws};
	int64_t now_us = kt_clock_us();
	int ahead = AHEAD_BYTES;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &ahead, sizeof(ahead));
	*ws = (struct kt_websocket){.set = set,
		.next = set->first,
		.link = &set->first,
		.kind = kind,
		.user = user,
		.hold = hold,
		.peer = peer,
		.fd = fd,
		.events = EPOLLIN,
		.heard_us = now_us,
		.pinged_us = now_us};
	if (set->first)
		set->first->link = &ws->next;
	set->first = ws;
	set->n++;
	epoll_ctl(set->epoll, EPOLL_CTL_ADD, fd, &event);
	if (early.len) {
		ws->busy = true;
		take(ws, early);
		ws->busy = false;
		flush_soon(ws);
	}
	return ws;
}

size_t kt_websockets_count(const struct kt_websockets *set)
{
	return set ? set->n : 0;
}

struct kt_websockets_dropped kt_websockets_dropped(const struct kt_websockets *set)
{
	return set ? set->dropped : (struct kt_websockets_dropped){0};
}

/* Who is silent, or takes nothing, goes. */
static void look_at(struct kt_websocket *ws, int64_t now_us)
{
	bool silent = now_us - ws->heard_us > SILENT_US && !ws->paused;
	bool stuck = ws->stuck_us && now_us - ws->stuck_us > STUCK_US;
	ws->set->dropped.silent += silent && !ws->said_goodbye;
	ws->set->dropped.stuck += stuck && !silent && !ws->said_goodbye;
	ws->broken |= silent || stuck;
	ws->broken |= ws->goodbye_us && now_us - ws->goodbye_us > GOODBYE_US;
	if (!ws->broken && now_us - ws->pinged_us > PING_US) {
		ws->pinged_us = now_us;
		add_frame(ws, PING, NULL, 0);
		kt_websocket_wake(ws);
	} else if (ws->broken) {
		end(ws);
	}
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_websockets *set = user;
	struct epoll_event events[EVENTS];
	(void)revents, (void)err;
	int n = epoll_wait(set->epoll, events, EVENTS, 0);
	for (int i = 0; i < n; i++) {
		struct kt_websocket *ws = events[i].data.ptr;
		if (ws->dead)
			continue;
		if (events[i].events & EPOLLOUT)
			ws->stuck_us = 0;
		ws->busy = true;
		if (events[i].events & ~(uint32_t)EPOLLOUT)
			read_some(ws);
		ws->busy = false;
		settle(ws);
	}
	bury(set);
	if (kt_until_ms(set->look_us) > 0)
		return 0;
	set->look_us = kt_clock_us() + LOOK_MS * 1000;
	for (struct kt_websocket *ws = set->first, *next; ws; ws = next) {
		next = ws->next;
		look_at(ws, kt_clock_us());
	}
	return 0;
}

static int64_t wait(void *user, struct pollfd *fd)
{
	const struct kt_websockets *set = user;
	*fd = (struct pollfd){.fd = set->epoll, .events = POLLIN};
	return set->first ? LOOK_MS : INT64_MAX;
}

struct kt_loop_source kt_websockets_source(struct kt_websockets *set)
{
	return (struct kt_loop_source){.user = set, .wait = wait, .serve = serve};
}

void kt_websockets_end(struct kt_websockets *set, unsigned code)
{
	for (struct kt_websocket *ws = set->first, *next; ws; ws = next) {
		next = ws->next;
		if (!ws->kind->lingers)
			kt_websocket_end(ws, code);
	}
}

void kt_websockets_close(struct kt_websockets *set)
{
	if (!set)
		return;
	while (set->first)
		end(set->first);
	bury(set);
	close(set->epoll);
	free(set);
}
