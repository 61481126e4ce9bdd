#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dlload.h"
#include "httpd_own.h"
#include "mem.h"
#include "when.h"

enum {
	CROWD_MS = 1000, /* for the head of a client's request that is then told that there are too many */
	STUCK_RUNS = 3,
	STUCK_MS = 20,
	STILL_MS = 1000, /* a client that is short of nothing but time moves in it */
	ROOM_MS = 100,
};

/* If kt were linked with it, this library, which brings TLS and ten more libraries, would cost every other command two
 * of the five milliseconds that it takes to start. */
#define LIBRARY KT_SONAME_MICROHTTPD
struct kt_mhd kt_mhd;

static int load_library(struct kt_err *err)
{
#define ROW(name) {"MHD_" #name, &kt_mhd.name},
	const struct kt_dlload_row rows[] = {KT_MHD_FUNCTIONS(ROW)};
	return kt_dlload(LIBRARY, rows, KT_LEN(rows), err) < 0 ? kt_err_wrap(err, "cannot serve HTTP") : 0;
}

/* Of a connection's entries in the queue one counts, the earliest; a deadline that is put off, as nearly all of them
 * are, leaves it there, and is looked at again when it is due. */
static void queue_deadline(struct kt_http_connection *c)
{
	if (c->deadline_us >= c->queued_us)
		return;
	c->queued_us = c->deadline_us;
	kt_duequeue_push(&c->httpd->deadlines, c->deadline_us, c->slot);
}

void kt_http_deadline(struct kt_http_connection *c, int64_t ms)
{
	c->deadline_us = kt_clock_us() + ms * 1000;
	queue_deadline(c);
}

static int64_t due_for(const struct kt_http_connection *c, int64_t start_us, size_t bytes)
{
	const struct kt_httpd_limits *l = &c->httpd->how.limits;
	return start_us + l->body_ms * 1000 + (int64_t)(bytes / l->body_rate) * 1000000;
}

void kt_http_deadline_for(struct kt_http_connection *c, int64_t start_us, size_t bytes)
{
	c->deadline_us = due_for(c, start_us, bytes);
	queue_deadline(c);
}

void kt_http_deadline_moved(struct kt_http_connection *c, int64_t start_us, size_t bytes)
{
	c->moved_us = kt_clock_us();
	int64_t still_us = c->moved_us + c->httpd->how.limits.body_ms * 1000, due_us = due_for(c, start_us, bytes);
	c->deadline_us = still_us < due_us ? still_us : due_us;
	queue_deadline(c);
}

void kt_http_no_deadline(struct kt_http_connection *c)
{
	c->deadline_us = INT64_MAX;
}

void kt_http_resume(struct kt_http_connection *c)
{
	c->httpd->resumed = true;
	kt_http_deadline_for(c, kt_clock_us(), 0);
	kt_mhd.resume_connection(c->mhd);
}

/* The library's own timeout is for silence only: a byte a second would keep a connection for ever. */
static void overdue(struct kt_http_connection *c)
{
	kt_http_no_deadline(c);
	if (c->stream)
		kt_http_wake_stream(c->stream);
	if (c->deadline_us == INT64_MAX)
		shutdown(c->fd, SHUT_RDWR);
}

static void run_deadlines(struct kt_httpd *h)
{
	int64_t now_us = kt_clock_us();
	while (h->deadlines.n && h->deadlines.v[0].at <= now_us) {
		struct kt_due due = kt_duequeue_pop(&h->deadlines);
		struct kt_http_connection *c = h->slots[due.item].connection;
		if (!c || c->queued_us != due.at)
			continue;
		c->queued_us = INT64_MAX;
		if (c->deadline_us <= now_us)
			overdue(c);
		else
			queue_deadline(c);
	}
}

/* Those that may be ended, the longest still first. */
static struct kt_duequeue find_still(const struct kt_httpd *h, int64_t before_us)
{
	struct kt_duequeue still = {0};
	for (size_t i = 0; i < h->n_slots; i++) {
		const struct kt_http_connection *c = h->slots[i].connection;
		bool may = c && !c->dropped && !c->stream && (c->held || c->unsent) &&
			   (c->state == KT_HTTP_BODY || c->state == KT_HTTP_ANSWERED);
		if (may && c->moved_us < before_us)
			kt_duequeue_push(&still, c->moved_us, (uint32_t)i);
	}
	return still;
}

void kt_httpd_make_room(struct kt_httpd *h, size_t bytes)
{
	int64_t now_us = kt_clock_us();
	if (now_us < h->room_us)
		return;
	h->room_us = now_us + ROOM_MS * 1000;
	kt_auto(kt_duequeue_fini) struct kt_duequeue still = find_still(h, now_us - STILL_MS * 1000);
	for (size_t freed = 0; freed < bytes && still.n;) {
		struct kt_http_connection *c = h->slots[kt_duequeue_pop(&still).item].connection;
		freed += c->held + c->unsent;
		c->dropped = true;
		shutdown(c->fd, SHUT_RDWR);
	}
}

static uint32_t take_slot(struct kt_httpd *h, struct kt_http_connection *c)
{
	uint32_t slot = h->free_slot;
	if (slot == KT_HTTP_NO_SLOT) {
		slot = (uint32_t)h->n_slots++;
		h->slots = kt_grow(h->slots, &h->cap_slots, h->n_slots, sizeof(*h->slots));
		h->slots[slot] = (struct kt_http_slot){0};
	} else {
		h->free_slot = h->slots[slot].next_free;
	}
	h->slots[slot].connection = c;
	return slot;
}

static struct kt_http_connection *open_connection(struct kt_httpd *h, struct MHD_Connection *mhd)
{
	const struct kt_httpd_limits *l = &h->how.limits;
	struct kt_http_connection *c = kt_calloc(1, sizeof(*c));
	*c = (struct kt_http_connection){.httpd = h, .mhd = mhd, .queued_us = INT64_MAX};
	c->fd = kt_mhd.get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	c->slot = take_slot(h, c);
	c->peer = kt_peers_enter(
		&h->peers, kt_mhd.get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
	c->crowd = c->peer && c->peer->n > l->per_address;
	kt_http_deadline(c, c->crowd ? CROWD_MS : l->head_ms);
	return c;
}

static void close_connection(struct kt_http_connection *c)
{
	struct kt_httpd *h = c->httpd;
	if (c->state != KT_HTTP_IDLE)
		kt_http_end_request(c);
	kt_peers_leave(c->peer);
	kt_buf_fini(&c->request.body);
	h->slots[c->slot].connection = NULL;
	h->slots[c->slot].next_free = h->free_slot;
	h->free_slot = c->slot;
	free(c);
}

static void on_connection(
	void *user, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct kt_httpd *h = user;
	h->calls++;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = open_connection(h, mhd);
	} else if (*context) {
		close_connection(*context);
		*context = NULL;
	}
}

struct kt_http_connection *kt_http_connection_of(struct MHD_Connection *mhd)
{
	return kt_mhd.get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static kt_printf(2, 0) void take_log(void *user, const char *format, va_list args)
{
	struct kt_httpd *h = user;
	vsnprintf(h->said, sizeof(h->said), format, args);
	h->said[strcspn(h->said, "\n")] = '\0';
}

static void fill_limits(struct kt_httpd_limits *l)
{
	l->streams = l->streams ? l->streams : 100;
	l->connections = l->connections ? l->connections : 64 + l->streams;
	l->per_address = l->per_address ? l->per_address : l->connections / 2;
	l->head_bytes = l->head_bytes ? l->head_bytes : 8 << 10;
	l->body_bytes = l->body_bytes ? l->body_bytes : 64 << 10;
	l->bodies_bytes = l->bodies_bytes ? l->bodies_bytes : l->connections * l->body_bytes;
	l->head_ms = l->head_ms ? l->head_ms : 10000;
	l->body_ms = l->body_ms ? l->body_ms : 30000;
	l->body_rate = l->body_rate ? l->body_rate : 64 << 10;
	l->idle_ms = l->idle_ms ? l->idle_ms : 90000;
}

static bool listens_locally(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);
	getsockname(fd, (struct sockaddr *)&address, &len);
	return kt_is_loopback((struct sockaddr *)&address);
}

/* What the library's 1.x calls discipline level 1, and what it takes the older option for: its own header warns of the
 * older one, and the older library refuses the newer one. */
#if MHD_VERSION >= 0x00097701
#define STRICT MHD_OPTION_CLIENT_DISCIPLINE_LVL
#else
#define STRICT MHD_OPTION_STRICT_FOR_CLIENT
#endif

static struct MHD_Daemon *start(struct kt_httpd *h, int fd, const struct kt_httpd_tls *tls)
{
	const struct kt_httpd_limits *l = &h->how.limits;
	struct MHD_OptionItem options[KT_HTTP_TLS_OPTIONS] = {{MHD_OPTION_END, 0, NULL}};
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG;
	if (tls) {
		flags |= MHD_USE_TLS;
		kt_http_tls_options(tls, options);
	}
	return kt_mhd.start_daemon(flags, 0, NULL, NULL, kt_http_on_request, h, MHD_OPTION_EXTERNAL_LOGGER, take_log, h,
		MHD_OPTION_LISTEN_SOCKET, fd, STRICT, 1, MHD_OPTION_CONNECTION_LIMIT, l->connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, 2 * l->head_bytes, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
		MHD_OPTION_NOTIFY_COMPLETED, kt_http_on_completed, h, MHD_OPTION_URI_LOG_CALLBACK, kt_http_on_target, h,
		MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static int epoll_of(struct MHD_Daemon *daemon)
{
	return kt_mhd.get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int kt_httpd_open(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_err *err)
{
	if (load_library(err) < 0 || (how->tls && kt_http_load_tls(err) < 0))
		return -1;
	struct kt_httpd *h = kt_calloc(1, sizeof(*h));
	*h = (struct kt_httpd){.how = *how, .free_slot = KT_HTTP_NO_SLOT, .all_fd = -1};
	fill_limits(&h->how.limits);
	int fd = kt_listen(how->listen, how->port, how->next_free, h->address, err);
	if (fd < 0) {
		free(h);
		return -1;
	}
	h->local = listens_locally(fd);
	h->wants_clients = how->tls && how->tls->client_cas;
	h->daemon = start(h, fd, how->tls);
	h->how.tls = NULL;
	if (!h->daemon) {
		close(fd);
		kt_err_set(err, KT_FAILED, "cannot serve HTTP on %s: %s", h->address, h->said);
		free(h);
		return -1;
	}
	h->fd = epoll_of(h->daemon);
	*out = h;
	return 0;
}

static void watch(const struct kt_httpd *h, struct MHD_Daemon *daemon)
{
	epoll_ctl(h->all_fd, EPOLL_CTL_ADD, epoll_of(daemon), &(struct epoll_event){.events = EPOLLIN});
}

int kt_httpd_renew(struct kt_httpd *h, const struct kt_httpd_tls *tls, struct kt_err *err)
{
	if (h->deaf)
		return kt_err_set(err, KT_FAILED, "the server ends");
	int fd = kt_mhd.get_daemon_info(h->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
	int again = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct MHD_Daemon *daemon = again < 0 ? NULL : start(h, again, tls);
	if (!daemon) {
		if (again >= 0)
			close(again);
		return kt_err_set(err, KT_FAILED, "these certificates cannot be served: %s", h->said);
	}
	close(kt_mhd.quiesce_daemon(h->daemon));
	if (h->all_fd < 0) {
		h->all_fd = epoll_create1(EPOLL_CLOEXEC);
		watch(h, h->daemon);
	}
	watch(h, daemon);
	h->old = kt_grow(h->old, &h->cap_old, h->n_old + 1, sizeof(*h->old));
	h->old[h->n_old++] = h->daemon;
	h->daemon = daemon;
	return 0;
}

void kt_httpd_stop_listening(struct kt_httpd *h)
{
	if (!h->deaf)
		close(kt_mhd.quiesce_daemon(h->daemon));
	h->deaf = true;
}

size_t kt_httpd_busy(const struct kt_httpd *h)
{
	size_t n = 0;
	for (size_t i = 0; i < h->n_slots; i++)
		n += h->slots[i].connection && h->slots[i].connection->state != KT_HTTP_IDLE;
	return n;
}

size_t kt_httpd_unsent(const struct kt_httpd *h)
{
	return h->unsent;
}

bool kt_httpd_is_local(const struct kt_httpd *h)
{
	return h->local;
}

const char *kt_httpd_address(const struct kt_httpd *h)
{
	return h->address;
}

int kt_httpd_fd(const struct kt_httpd *h)
{
	return !h ? -1 : h->all_fd >= 0 ? h->all_fd : h->fd;
}

/* A connection that the library considers readable but cannot go on with, such as one whose chunk's extension is larger
 * than its pool, makes it say 0 again and again. What it says counts for little when its last runs called nobody; what
 * arrives shows on the descriptor, whatever is waited for. */
static int64_t timeout_of(const struct kt_httpd *h, struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (kt_mhd.get_timeout(daemon, &ms) != MHD_YES)
		return INT64_MAX;
	return ms || h->idle_runs < STUCK_RUNS ? (int64_t)ms : STUCK_MS;
}

int64_t kt_httpd_wait_ms(const struct kt_httpd *h)
{
	if (!h)
		return INT64_MAX;
	if (h->resumed)
		return 0;
	int64_t wait_ms = timeout_of(h, h->daemon);
	for (size_t i = 0; i < h->n_old; i++) {
		int64_t old_ms = timeout_of(h, h->old[i]);
		wait_ms = old_ms < wait_ms ? old_ms : wait_ms;
	}
	if (h->deadlines.n) {
		int64_t left_ms = kt_until_ms(h->deadlines.v[0].at);
		wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
	}
	return wait_ms;
}

/* They end with their last connection. */
static void run_old(struct kt_httpd *h)
{
	size_t left = 0;
	for (size_t i = 0; i < h->n_old; i++) {
		struct MHD_Daemon *old = h->old[i];
		kt_mhd.run(old);
		if (kt_mhd.get_daemon_info(old, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections)
			h->old[left++] = old;
		else
			kt_mhd.stop_daemon(old);
	}
	h->n_old = left;
}

static void run(struct kt_httpd *h)
{
	unsigned before = h->calls;
	h->resumed = false;
	kt_mhd.run(h->daemon);
	run_old(h);
	h->idle_runs = h->calls == before ? h->idle_runs + 1 : 0;
}

void kt_httpd_serve(struct kt_httpd *h)
{
	if (!h)
		return;
	run_deadlines(h);
	size_t much = h->how.limits.bodies_bytes - h->how.limits.bodies_bytes / KT_HTTPD_SPARE;
	if (h->held > much)
		kt_httpd_make_room(h, h->held - much);
	run(h);
}

void kt_httpd_wake(struct kt_httpd *h, struct kt_feed *feed)
{
	if (!h || !feed->asleep)
		return;
	while (feed->asleep)
		kt_http_wake_stream(feed->asleep);
	run(h);
}

/* The library does not end while a connection sleeps. */
static void wake_for_the_end(struct kt_httpd *h)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		struct kt_http_connection *c = h->slots[i].connection;
		struct kt_answer answer = {0};
		if (c && c->stream)
			kt_http_wake_stream(c->stream);
		if (!c || c->state != KT_HTTP_DEFERRED)
			continue;
		kt_http_refuse(c, MHD_HTTP_SERVICE_UNAVAILABLE, "the server ends", &answer);
		kt_httpd_answer(h, (uint64_t)h->slots[i].request << 32 | i, &answer);
	}
}

void kt_httpd_close(struct kt_httpd *h)
{
	if (!h)
		return;
	h->closing = true;
	wake_for_the_end(h);
	run(h);
	kt_mhd.stop_daemon(h->daemon);
	for (size_t i = 0; i < h->n_old; i++)
		kt_mhd.stop_daemon(h->old[i]);
	free(h->old);
	if (h->all_fd >= 0)
		close(h->all_fd);
	kt_duequeue_fini(&h->deadlines);
	free(h->slots);
	free(h);
}
