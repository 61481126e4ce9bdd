/* Answers: whole, as streams, and upgrades. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "httpd_own.h"
#include "mem.h"
#include "when.h"

enum {
	SILENCE_MS = 15000,     /* of a stream: then it shows that it is still alive */
	PIECE_BYTES = 512,      /* of a stream, in one go, for clients of HTTP/1.0; the library keeps them for all */
	LARGE_BYTES = 64 << 10, /* a whole answer beyond it goes out, and is freed, piece by piece */
	KEPT_BYTES = 4 << 10,   /* of the buffer of a stream that sleeps */
	AHEAD_BYTES = 64 << 10, /* that the kernel takes of a stream before the client does; it would be megabytes */
};

struct kt_http_stream {
	struct kt_http_connection *connection;
	struct kt_http_stream *next, **link; /* among those that sleep by its feed; link NULL: it is not asleep */
	struct kt_answer answer;             /* the body: what goes out next, from done on */
	size_t done;
	int64_t sent_us;
};

const struct kt_http_header kt_http_page_headers[] = {
	{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
	{NULL, NULL},
};

/* Its server ends, or it has certificates that have been changed. */
static bool is_last(const struct kt_http_connection *c)
{
	const struct kt_httpd *h = c->httpd;
	return h->deaf ||
	       (h->n_old && kt_mhd.get_connection_info(c->mhd, MHD_CONNECTION_INFO_DAEMON)->daemon != h->daemon);
}

static enum MHD_Result queue(
	struct kt_http_connection *c, struct MHD_Response *response, unsigned status, const struct kt_answer *answer)
{
	const struct kt_http_header *rows = c->httpd->how.headers;
	if (answer->type)
		kt_mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	for (; rows && rows->name; rows++)
		kt_mhd.add_response_header(response, rows->name, rows->value);
	for (size_t i = 0; i + 1 < answer->headers.n; i += 2)
		kt_mhd.add_response_header(response, answer->headers.v[i], answer->headers.v[i + 1]);
	if (is_last(c))
		kt_mhd.add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result result = kt_mhd.queue_response(c->mhd, status, response);
	kt_mhd.destroy_response(response);
	c->state = KT_HTTP_ANSWERED;
	c->request.status = status;
	return result;
}

static ssize_t no_piece(void *user, uint64_t position, char *to, size_t max)
{
	(void)user, (void)position, (void)to, (void)max;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* What is before it has been taken. Memory goes back by halves, so that the rest is not moved for each piece. */
static void give_back(struct kt_http_connection *c, size_t position)
{
	struct kt_buf *body = &c->answer.body;
	size_t taken = position - c->cut;
	if (taken < body->len - taken || taken == body->len)
		return;
	body->len -= taken;
	memmove(body->data, body->data + taken, body->len);
	body->data = kt_realloc(body->data, body->len);
	body->cap = body->len;
	c->cut = position;
	c->unsent -= taken;
	c->httpd->unsent -= taken;
}

/* Of a large answer. The library asks when the client has taken what it got before. */
static ssize_t next_of_whole(void *user, uint64_t position, char *to, size_t max)
{
	struct kt_http_connection *c = user;
	const struct kt_buf *body = &c->answer.body;
	c->httpd->calls++;
	kt_http_deadline_moved(c, c->answer_us, c->cut + body->len);
	give_back(c, (size_t)position);
	size_t at = (size_t)position - c->cut, n = body->len - at < max ? body->len - at : max;
	memcpy(to, body->data + at, n);
	return (ssize_t)n;
}

static struct MHD_Response *whole(struct kt_http_connection *c, struct kt_answer *answer)
{
	struct kt_buf body = answer->body;
	answer->body = (struct kt_buf){0};
	c->unsent = body.len;
	c->httpd->unsent += body.len;
	c->answer_us = c->moved_us = kt_clock_us();
	kt_http_deadline_for(c, c->answer_us, body.len);
	if (body.len <= LARGE_BYTES)
		return kt_mhd.create_response_from_buffer(body.len, body.data, MHD_RESPMEM_MUST_FREE);
	c->answer.body = body;
	kt_http_deadline_moved(c, c->answer_us, body.len);
	return kt_mhd.create_response_from_callback(body.len, LARGE_BYTES, next_of_whole, c, NULL);
}

static enum MHD_Result respond_whole(struct kt_http_connection *c, struct kt_answer *answer)
{
	bool only_head = answer->length && !strcmp(c->request.method, MHD_HTTP_METHOD_HEAD);
	struct MHD_Response *response =
		only_head ? kt_mhd.create_response_from_callback(answer->length, 1, no_piece, NULL, NULL)
			  : whole(c, answer);
	if (!response)
		return MHD_NO;
	if (only_head)
		kt_http_deadline_for(c, kt_clock_us(), 0);
	return queue(c, response, answer->status ? answer->status : MHD_HTTP_OK, answer);
}

static void fall_asleep(struct kt_http_stream *s)
{
	struct kt_feed *feed = s->answer.feed;
	s->link = &feed->asleep;
	s->next = feed->asleep;
	if (s->next)
		s->next->link = &s->next;
	feed->asleep = s;
	kt_mhd.suspend_connection(s->connection->mhd);
	int64_t silent_ms = (kt_clock_us() - s->sent_us) / 1000;
	kt_http_deadline(s->connection, silent_ms < SILENCE_MS ? SILENCE_MS - silent_ms : 0);
}

static void leave_feed(struct kt_http_stream *s)
{
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->link = NULL;
}

void kt_http_wake_stream(struct kt_http_stream *s)
{
	if (!s->link)
		return;
	leave_feed(s);
	kt_http_resume(s->connection);
}

static void refill(struct kt_http_stream *s)
{
	struct kt_buf *text = &s->answer.body;
	s->done = text->len = 0;
	if (s->answer.at == KT_STREAM_OVER)
		return;
	s->answer.more(s->answer.source, &s->answer.at, text);
	if (text->len)
		return;
	if (s->answer.at != KT_STREAM_OVER && kt_clock_us() - s->sent_us >= SILENCE_MS * 1000)
		kt_buf_adds(text, s->answer.idle);
	else if (text->cap > KEPT_BYTES)
		kt_buf_fini(text);
}

/* The library asks when the client can take more. */
static ssize_t next_piece(void *user, uint64_t position, char *to, size_t max)
{
	struct kt_http_stream *s = user;
	struct kt_buf *text = &s->answer.body;
	struct kt_httpd *h = s->connection->httpd;
	(void)position;
	h->calls++;
	if (h->closing)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->done == text->len)
		refill(s);
	size_t n = text->len - s->done < max ? text->len - s->done : max;
	if (!n && s->answer.at == KT_STREAM_OVER)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (!n) {
		fall_asleep(s);
		return 0;
	}
	memcpy(to, text->data + s->done, n);
	s->done += n;
	s->sent_us = kt_clock_us();
	kt_http_deadline_for(s->connection, s->sent_us, 0);
	return (ssize_t)n;
}

static void free_stream(void *user)
{
	struct kt_http_stream *s = user;
	if (s->link)
		leave_feed(s);
	s->connection->stream = NULL;
	s->connection->httpd->streams--;
	kt_answer_fini(&s->answer);
	free(s);
}

static enum MHD_Result respond_stream(struct kt_http_connection *c, struct kt_answer *answer)
{
	struct kt_http_stream *s = kt_calloc(1, sizeof(*s));
	int ahead = AHEAD_BYTES;
	setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &ahead, sizeof(ahead));
	*s = (struct kt_http_stream){.connection = c, .answer = *answer, .sent_us = kt_clock_us()};
	*answer = (struct kt_answer){0};
	c->stream = s;
	c->httpd->streams++;
	struct MHD_Response *response =
		kt_mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, next_piece, s, free_stream);
	if (!response) {
		free_stream(s);
		return MHD_NO;
	}
	return queue(c, response, MHD_HTTP_OK, &s->answer);
}

/* The library would keep its pool for the connection until it is closed; with a descriptor of our own it can forget the
 * connection at once. One of TLS it has to go on with: what the descriptor gets is what it unpacks. */
static void on_upgrade(void *user, struct MHD_Connection *mhd, void *context, const char *early, size_t early_len,
	MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
	struct kt_http_connection *c = user;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	bool tls = kt_mhd.get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION) != NULL;
	(void)context;
	kt_http_no_deadline(c);
	if (own >= 0) {
		c->answer.gone = NULL;
		c->answer.upgrade(
			c->answer.upgrade_user, own, (struct kt_bytes){early, early_len}, tls ? handle : NULL);
	}
	if (own < 0 || !tls)
		kt_mhd.upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

void kt_httpd_release(void *hold)
{
	kt_mhd.upgrade_action(hold, MHD_UPGRADE_ACTION_CLOSE);
}

static enum MHD_Result respond_upgrade(struct kt_http_connection *c, struct kt_answer *answer)
{
	struct MHD_Response *response = kt_mhd.create_response_for_upgrade(on_upgrade, c);
	if (!response)
		return MHD_NO;
	c->answer = *answer;
	*answer = (struct kt_answer){0};
	return queue(c, response, MHD_HTTP_SWITCHING_PROTOCOLS, &c->answer);
}

enum MHD_Result kt_http_respond(struct kt_http_connection *c, struct kt_answer *from)
{
	kt_auto(kt_answer_fini) struct kt_answer moved = *from;
	struct kt_answer *answer = &moved;
	*from = (struct kt_answer){0};
	if (answer->more && c->httpd->streams >= c->httpd->how.limits.streams) {
		answer->more = NULL;
		kt_answer_text(answer, MHD_HTTP_SERVICE_UNAVAILABLE, "too many viewers");
	}
	if (answer->upgrade)
		return respond_upgrade(c, answer);
	return answer->more ? respond_stream(c, answer) : respond_whole(c, answer);
}
