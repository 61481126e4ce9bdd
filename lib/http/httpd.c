#include "httpd.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dlload.h"
#include "listen.h"
#include "mem.h"
#include "when.h"

enum {
	CONNECTIONS = 64 + KT_HTTPD_STREAMS,
	POOL_BYTES = 16 << 10, /* per connection: what its headers must fit into */
	BODY_BYTES = 64 << 10, /* of a request, which nobody reads */
	HEAD_MS = 10000,       /* for the first request's head */
	REQUEST_MS = 30000,    /* for its body and the answer, or for a piece of a stream */
	IDLE_MS = 90000,       /* until the next one has come */
	CHECK_MS = 1000,
	SILENCE_US = 15000000,  /* of a stream: then it shows that it is still there */
	PIECE_BYTES = 4 << 10,  /* of a stream, written at once */
	AHEAD_BYTES = 64 << 10, /* that the kernel takes of a stream before the client does; megabytes, else */
};

/* Loaded by whoever serves. The library brings TLS and ten libraries more, and linked to kt it would cost every other
 * command two of the five milliseconds that it takes to start. */
#define LIBRARY "libmicrohttpd.so.12"
/* clang-format off */
#define FUNCTIONS(F) \
	F(add_response_header) F(create_response_from_buffer) F(create_response_from_callback) F(destroy_response) \
	F(get_connection_info) F(get_connection_values) F(get_daemon_info) F(get_timeout) F(lookup_connection_value) \
	F(queue_response) F(resume_connection) F(run) F(start_daemon) F(stop_daemon) F(suspend_connection)
/* clang-format on */
#define DECLARE(name) __typeof__(MHD_##name) *name;
static struct {
	FUNCTIONS(DECLARE)
} mhd;

struct connection {
	struct kt_httpd *httpd;
	struct connection *next, **link;
	int fd;
	int64_t deadline_us;
	size_t body;
	bool in_request;
};

struct stream {
	struct kt_httpd *httpd;
	struct MHD_Connection *connection;
	struct stream *next, **link;
	struct kt_answer answer; /* the body: what goes out next, from done on */
	size_t done;
	int64_t sent_us;
	bool asleep;
};

struct kt_httpd {
	struct kt_httpd_how how;
	struct MHD_Daemon *daemon;
	struct connection *connections;
	struct stream *streams;
	size_t n_streams;
	bool closing;
	int fd; /* of the library's epoll */
	char address[KT_LISTEN_TEXT];
};

static void set_deadline(struct connection *c, int64_t ms)
{
	c->deadline_us = kt_clock_us() + ms * 1000;
}

/* The library's own timeout is for silence only: a byte a second would keep a connection for ever. */
static void on_connection(
	void *user, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct kt_httpd *h = user;
	struct connection *c = *context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		c = kt_calloc(1, sizeof(*c));
		c->httpd = h;
		c->fd = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		c->link = &h->connections;
		c->next = h->connections;
		if (c->next)
			c->next->link = &c->next;
		h->connections = c;
		set_deadline(c, HEAD_MS);
		*context = c;
	} else if (c) {
		*c->link = c->next;
		if (c->next)
			c->next->link = c->link;
		free(c);
		*context = NULL;
	}
}

static struct connection *context_of(struct MHD_Connection *connection)
{
	return mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_completed(
	void *user, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode code)
{
	struct connection *c = context_of(connection);
	(void)user;
	(void)request;
	(void)code;
	if (!c)
		return;
	c->in_request = false;
	set_deadline(c, IDLE_MS);
}

struct lengths {
	int content_length, transfer_encoding;
};

static enum MHD_Result count_length(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct lengths *n = user;
	(void)kind;
	(void)value;
	n->content_length += !strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH);
	n->transfer_encoding += !strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING);
	return MHD_YES;
}

/* A proxy in front may read such a request differently, and take a part of it for another one. */
static bool has_two_lengths(struct MHD_Connection *connection)
{
	struct lengths n = {0};
	mhd.get_connection_values(connection, MHD_HEADER_KIND, count_length, &n);
	return n.content_length + n.transfer_encoding > 1;
}

static void set_headers(struct MHD_Response *response, const char *type)
{
	static const char *const rows[][2] = {
		{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	};
	mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	for (size_t i = 0; i < KT_LEN(rows); i++)
		mhd.add_response_header(response, rows[i][0], rows[i][1]);
}

static enum MHD_Result respond(
	struct MHD_Connection *connection, unsigned status, const char *type, struct kt_buf *body)
{
	struct MHD_Response *response = mhd.create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		kt_buf_fini(body);
		return MHD_NO;
	}
	set_headers(response, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	enum MHD_Result result = mhd.queue_response(connection, status, response);
	mhd.destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct kt_buf body = {0};
	kt_buf_adds(&body, text);
	return respond(connection, status, "text/plain; charset=utf-8", &body);
}

static void refill(struct stream *s)
{
	struct kt_buf *text = &s->answer.body;
	s->done = text->len = 0;
	s->answer.more(s->answer.source, &s->answer.at, text);
	if (!text->len && kt_clock_us() - s->sent_us >= SILENCE_US)
		kt_buf_adds(text, s->answer.idle);
}

/* The library asks when the client can take more. */
static ssize_t next_piece(void *user, uint64_t position, char *to, size_t max)
{
	struct stream *s = user;
	struct kt_buf *text = &s->answer.body;
	(void)position;
	if (s->httpd->closing)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->done == text->len)
		refill(s);
	size_t n = text->len - s->done < max ? text->len - s->done : max;
	if (!n) {
		mhd.suspend_connection(s->connection);
		s->asleep = true;
		return 0;
	}
	memcpy(to, text->data + s->done, n);
	s->done += n;
	s->sent_us = kt_clock_us();
	set_deadline(context_of(s->connection), REQUEST_MS);
	return (ssize_t)n;
}

static void free_stream(void *user)
{
	struct stream *s = user;
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->httpd->n_streams--;
	kt_buf_fini(&s->answer.body);
	free(s);
}

static enum MHD_Result respond_stream(
	struct kt_httpd *h, struct MHD_Connection *connection, const struct kt_answer *answer)
{
	struct stream *s = kt_calloc(1, sizeof(*s));
	int ahead = AHEAD_BYTES;
	setsockopt(context_of(connection)->fd, SOL_SOCKET, SO_SNDBUF, &ahead, sizeof(ahead));
	*s = (struct stream){
		.httpd = h,
		.connection = connection,
		.next = h->streams,
		.link = &h->streams,
		.answer = *answer,
		.sent_us = kt_clock_us(),
	};
	if (s->next)
		s->next->link = &s->next;
	h->streams = s;
	h->n_streams++;
	struct MHD_Response *response =
		mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, next_piece, s, free_stream);
	if (!response) {
		free_stream(s);
		return MHD_NO;
	}
	set_headers(response, answer->type);
	enum MHD_Result result = mhd.queue_response(connection, MHD_HTTP_OK, response);
	mhd.destroy_response(response);
	return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	const char *value = mhd.lookup_connection_value(connection, MHD_HEADER_KIND, name);
	return value ? value : "";
}

static enum MHD_Result answer(struct kt_httpd *h, struct MHD_Connection *connection, const char *path)
{
	struct kt_adminrequest request = {
		.path = path,
		.accept = header(connection, MHD_HTTP_HEADER_ACCEPT),
		.last_event = header(connection, "Last-Event-ID"),
	};
	struct kt_answer result = {0};
	if (!h->how.answer(h->how.user, &request, &result))
		return refuse(connection, MHD_HTTP_NOT_FOUND, "not found\n");
	if (!result.more)
		return respond(connection, MHD_HTTP_OK, result.type, &result.body);
	if (h->n_streams < KT_HTTPD_STREAMS)
		return respond_stream(h, connection, &result);
	kt_buf_fini(&result.body);
	return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many viewers\n");
}

/* Called once for the head, then for each piece of the body, then for the answer. */
static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct kt_httpd *h = user;
	struct connection *c = context_of(connection);
	(void)version;
	(void)upload;
	(void)request;
	if (!c->in_request) {
		c->in_request = true;
		c->body = 0;
		set_deadline(c, REQUEST_MS);
		return has_two_lengths(connection) ? refuse(connection, MHD_HTTP_BAD_REQUEST, "two lengths\n")
						   : MHD_YES;
	}
	if (*upload_size) {
		c->body += *upload_size;
		*upload_size = 0;
		return c->body > BODY_BYTES ? MHD_NO : MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	return answer(h, connection, path);
}

static void ignore_log(void *user, const char *format, va_list args)
{
	(void)user;
	(void)format;
	(void)args;
}

static int load_library(struct kt_err *err)
{
#define ROW(name) {"MHD_" #name, &mhd.name},
	const struct kt_dlload_row rows[] = {FUNCTIONS(ROW)};
	return kt_dlload(LIBRARY, rows, KT_LEN(rows), err) < 0 ? kt_err_wrap(err, "cannot serve HTTP") : 0;
}

int kt_httpd_open(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_err *err)
{
	if (load_library(err) < 0)
		return -1;
	struct kt_httpd *h = kt_calloc(1, sizeof(*h));
	h->how = *how;
	int fd = kt_listen(how->listen, how->port, how->next_free, h->address, err);
	if (fd < 0) {
		free(h);
		return -1;
	}
	h->daemon = mhd.start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
		handle, h, MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)POOL_BYTES, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, h, MHD_OPTION_END);
	if (!h->daemon) {
		close(fd);
		kt_err_set(err, KT_FAILED, "cannot serve HTTP on %s", h->address);
		free(h);
		return -1;
	}
	h->fd = mhd.get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	*out = h;
	return 0;
}

const char *kt_httpd_address(const struct kt_httpd *h)
{
	return h->address;
}

int kt_httpd_fd(const struct kt_httpd *h)
{
	return h ? h->fd : -1;
}

int64_t kt_httpd_wait_ms(const struct kt_httpd *h)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (!h)
		return INT64_MAX;
	if (mhd.get_timeout(h->daemon, &ms) == MHD_YES && ms < CHECK_MS)
		return (int64_t)ms;
	return h->connections ? CHECK_MS : INT64_MAX;
}

static void wake(struct stream *s)
{
	if (s->asleep)
		mhd.resume_connection(s->connection);
	s->asleep = false;
}

void kt_httpd_serve(struct kt_httpd *h)
{
	if (!h)
		return;
	int64_t now_us = kt_clock_us();
	for (struct connection *c = h->connections; c; c = c->next)
		if (c->deadline_us < now_us)
			shutdown(c->fd, SHUT_RDWR);
	for (struct stream *s = h->streams; s; s = s->next)
		if (now_us - s->sent_us >= SILENCE_US)
			wake(s);
	mhd.run(h->daemon);
}

void kt_httpd_wake(struct kt_httpd *h)
{
	if (!h)
		return;
	for (struct stream *s = h->streams; s; s = s->next)
		wake(s);
	mhd.run(h->daemon);
}

void kt_httpd_close(struct kt_httpd *h)
{
	if (!h)
		return;
	/* The library does not end while one of them sleeps. */
	h->closing = true;
	kt_httpd_wake(h);
	mhd.stop_daemon(h->daemon);
	free(h);
}
