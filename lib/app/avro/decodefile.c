/* From a file or a pipe to lines: containers piece by piece, lines of record JSON, or one datum of another framing. */
#include <errno.h>
#include <unistd.h>

#include "decode.h"
#include "progress.h"
#include "say.h"
#include "sig.h"

/* What is read in one step, and the most that is held: a block of a container, or a message that is a file. */
enum { READ_BYTES = 1 << 18, WINDOW_MAX = KT_AVRO_BLOCK_MAX + (1 << 20) };

enum kind { UNKNOWN, AVRO, LINES };

/* A file that is being read: a window on it, whose front is at `start`. */
struct source {
	struct kt_decode *decode;
	struct kt_out *out;
	kt_decode_print *print;
	void *user;
	const char *name;
	int fd;
	enum kind kind;
	bool ended;
	struct kt_buf window;
	size_t start;
	size_t searched; /* bytes after start without a line end */
	int64_t line;
	int64_t end;      /* when so many data are printed */
	bool begun, came; /* the reader was given something; there is more to read */
	struct kt_progress progress;
	struct kt_recordjson envelope;
};

static bool is_over(const struct source *s)
{
	return s->out->closed || s->decode->records >= s->end || kt_stop_status(s->decode->stop);
}

static int64_t wait_for_bytes(void *user, struct pollfd *fd)
{
	const struct source *s = user;
	*fd = (struct pollfd){.fd = s->fd, .events = POLLIN};
	return INT64_MAX;
}

static int look_at_bytes(void *user, short revents, struct kt_err *err)
{
	struct source *s = user;
	(void)err;
	s->came = revents != 0;
	return 0;
}

/* Until there is something to read; what was printed is written before waiting. */
static int wait_for_input(struct source *s, struct kt_err *err)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = s->decode->stop};
	struct kt_loop_source input = {.user = s, .wait = wait_for_bytes, .serve = look_at_bytes};
	struct kt_loop_source output = kt_out_source(s->out);
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	if (kt_wait(&fd, 1, 0) > 0)
		return 0;
	if (kt_out_drain(s->out, err) < 0)
		return -1;
	kt_loop_add(&loop, &input);
	kt_loop_add(&loop, &output);
	for (s->came = false; !s->came && !is_over(s);)
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
	return 0;
}

/* Reads once, after the window; sets ended. */
static int fill(struct source *s, struct kt_err *err)
{
	if (s->start) {
		s->window.len -= s->start;
		memmove(s->window.data, s->window.data + s->start, s->window.len);
		s->start = 0;
	}
	if (s->window.len > WINDOW_MAX)
		return kt_err_set(err, KT_FAILED, "%s: more than %d bytes without an end", s->name, WINDOW_MAX);
	if (wait_for_input(s, err) < 0)
		return -1;
	if (is_over(s))
		return 0;
	size_t room = s->window.len > READ_BYTES ? s->window.len : READ_BYTES;
	ssize_t n = read(s->fd, kt_buf_reserve(&s->window, room), room);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return kt_err_sys(err, "reading %s", s->name);
	s->window.len += n > 0 ? (size_t)n : 0;
	s->ended = n == 0;
	return 0;
}

static int pump(struct source *s, struct kt_err *err)
{
	if (!s->out->terminal)
		kt_progress_records(&s->progress, s->decode->records);
	return s->out->buf.len >= KT_DECODE_PIECE ? kt_out_drain(s->out, err) : 0;
}

/* The data that the decoder has in hand, until it has no more: 1, or the run is over: 0. */
static int print_data(struct source *s, const struct kt_record *record, struct kt_err *err)
{
	struct kt_decode *d = s->decode;
	struct kt_buf *out = &s->out->buf;
	struct kt_datum datum;
	while (!s->out->closed && d->records < s->end) {
		int more = kt_decode_next(d, out, &datum, err);
		if (more <= 0)
			return more < 0 ? -1 : 1;
		if (more == KT_DECODED)
			s->print(s->user, out, record, &datum);
		else if (pump(s, err) < 0)
			return -1;
		else if (is_over(s))
			return 0;
	}
	return 0;
}

/* Everything in the window that is whole. */
static int decode_window(struct source *s, struct kt_err *err)
{
	struct kt_decode *d = s->decode;
	struct kt_bytes window = {s->window.data + s->start, s->window.len - s->start};
	if (s->begun)
		kt_avro_feed(d->reader, window, s->ended);
	else
		kt_avro_begin(d->reader, window, s->ended);
	s->begun = true;
	int whole = print_data(s, &d->record, err);
	if (whole < 0 || pump(s, err) < 0)
		return -1;
	s->start += whole ? kt_avro_consumed(d->reader) : 0;
	return 0;
}

static int decode_record(struct source *s, const char *place, struct kt_err *err)
{
	struct kt_decode *d = s->decode;
	const struct kt_record *record = &s->envelope.record;
	kt_decode_begin(d, record, place, &s->out->buf);
	int whole = print_data(s, record, err);
	if (whole > 0 && d->bad)
		s->print(s->user, &s->out->buf, record, NULL);
	return whole < 0 ? -1 : 0;
}

/* A line of `kt consume -J`. */
static int decode_line(struct source *s, struct kt_bytes line, struct kt_err *err)
{
	char place[512];
	snprintf(place, sizeof(place), "%s:%lld", s->name, (long long)++s->line);
	if (!line.len)
		return 0;
	if (kt_recordjson_read(&s->envelope, line.data, line.len, err) == 0)
		return decode_record(s, place, err);
	kt_err_wrap(err, "%s: not a record in JSON", place);
	return kt_decode_refuse(s->decode, err);
}

static int decode_lines(struct source *s, struct kt_err *err)
{
	while (!is_over(s)) {
		const char *at = s->window.data + s->start;
		size_t left = s->window.len - s->start;
		const char *end = left > s->searched ? memchr(at + s->searched, '\n', left - s->searched) : NULL;
		s->searched = left;
		if (!end && (!s->ended || !left))
			break;
		size_t len = end ? (size_t)(end - at) : left;
		if (decode_line(s, (struct kt_bytes){at, len}, err) < 0 || pump(s, err) < 0)
			return -1;
		s->start += len + (end != NULL);
		s->searched = 0;
	}
	return 0;
}

/* By the first two bytes: a container or anything else that is not text, or JSON. */
static void look(struct source *s)
{
	const char *at = s->window.data;
	if (s->window.len >= 2)
		s->kind = s->decode->opts->framing == KT_AVRO_FIND && at[0] == '{' && at[1] == '"' ? LINES : AVRO;
	else if (s->ended)
		s->kind = AVRO;
}

/* An empty file holds no data, as lines go; but a datum of bare data may have no bytes. */
static bool is_empty(const struct source *s)
{
	bool nothing = s->ended && !s->window.len && !s->begun && !s->line;
	return nothing && (s->fd == STDIN_FILENO || !s->decode->opts->schemas.n);
}

static int decode_source(struct source *s, struct kt_err *err)
{
	while (!s->ended && !is_over(s)) {
		if (fill(s, err) < 0)
			return -1;
		if (s->kind == UNKNOWN)
			look(s);
		if (is_empty(s)) {
			kt_say(KT_NORMAL, "%s is empty", s->name);
			break;
		}
		if (s->kind == LINES ? decode_lines(s, err) < 0 : s->kind == AVRO && decode_window(s, err) < 0)
			return -1;
	}
	return 0;
}

int kt_decode_file(struct kt_decode *d, struct kt_out *out, int fd, const char *name, int64_t limit,
	kt_decode_print *print, void *user, struct kt_err *err)
{
	struct source s = {
		.decode = d,
		.out = out,
		.print = print,
		.user = user,
		.fd = fd,
		.name = name,
		.end = limit < 0 ? INT64_MAX : d->records + limit,
	};
	kt_decode_begin_file(d, name);
	int result = decode_source(&s, err);
	struct kt_err later = {0};
	/* What was decoded before something went wrong is written. */
	if (kt_out_drain(out, result < 0 ? &later : err) < 0)
		result = -1;
	kt_buf_fini(&s.window);
	kt_recordjson_fini(&s.envelope);
	return result;
}
