/* The lines of a file, or the data of an Avro container. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ending.h"
#include "jsonsplit.h"
#include "mem.h"
#include "num.h"
#include "rowsource.h"
#include "sig.h"

/* What is read in one step, and the most that is held: a block of a container, or a line. */
enum { READ_BYTES = 1 << 18, WINDOW_MAX = KT_AVRO_BLOCK_MAX + (1 << 20) };

struct filerows {
	struct kt_rowsource source; /* the first member */
	const struct kt_rowreads *reads;
	char *path;
	int fd;
	bool ended, avro, begun;
	struct kt_buf window, text;
	size_t start;
	int64_t offset;
	struct kt_jsonsplit split;
	struct kt_avro_how how;
	struct kt_avro_reader *reader;
};

/* Reads once, after the window. INT, TERM and HUP end the process while a pipe has nothing. */
static int fill(struct filerows *f, struct kt_err *err)
{
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	if (f->start) {
		f->window.len -= f->start;
		memmove(f->window.data, f->window.data + f->start, f->window.len);
		f->start = 0;
	}
	if (f->window.len > WINDOW_MAX)
		return kt_err_set(err, KT_FAILED, "%s: more than %d bytes without an end", f->path, WINDOW_MAX);
	size_t room = f->window.len > READ_BYTES ? f->window.len : READ_BYTES;
	ssize_t n = read(f->fd, kt_buf_reserve(&f->window, room), room);
	if (n < 0 && errno != EINTR)
		return kt_err_sys(err, "reading %s", f->path);
	f->window.len += n > 0 ? (size_t)n : 0;
	f->ended = n == 0;
	return 0;
}

/* The next line that holds something: 1; 0: there is none in the window. */
static int next_line(struct filerows *f, struct kt_bytes *line)
{
	size_t used;
	while ((used = kt_jsonsplit(&f->split, f->window.data + f->start, f->window.len - f->start, f->ended, line))) {
		f->start += used;
		if (line->len)
			return 1;
	}
	return 0;
}

/* The next datum: 1; 0: there is none in the window; -1: something that is none. */
static int next_datum(struct filerows *f, struct kt_bytes *text, struct kt_err *err)
{
	f->text.len = 0;
	if (!f->begun)
		kt_avro_begin(f->reader, (struct kt_bytes){f->window.data, f->window.len}, f->ended);
	f->begun = true;
	int more = kt_avro_next(f->reader, &f->text, err);
	*text = (struct kt_bytes){f->text.data, f->text.len};
	if (more == 0)
		f->start += kt_avro_consumed(f->reader);
	return more;
}

static int next(struct kt_rowsource *source, struct kt_row *row, struct kt_err *err)
{
	struct filerows *f = (struct filerows *)source;
	struct kt_err bad;
	for (;;) {
		struct kt_bytes value;
		int more = f->avro ? next_datum(f, &value, &bad) : next_line(f, &value);
		if (more) {
			*row = (struct kt_row){.bad = more < 0};
			row->record = (struct kt_record){.topic = {f->path, strlen(f->path)},
				.partition = -1,
				.offset = f->offset++,
				.value = value};
			if (more < 0)
				row->record.value = (struct kt_bytes){0};
			if (kt_filter_takes(f->reads->filter, &row->record) &&
				kt_filter_takes_value(f->reads->filter, row->record.value))
				return 1;
			continue;
		}
		int stopped = kt_stop_status(f->reads->stop);
		if (stopped)
			return kt_ended(
				stopped, err, "after %lld record%s", (long long)f->offset, kt_plural(f->offset));
		if (f->ended)
			return 0;
		if (fill(f, err) < 0)
			return -1;
		if (f->avro)
			kt_avro_feed(f->reader, (struct kt_bytes){f->window.data, f->window.len}, f->ended);
	}
}

static void free_rows(struct kt_rowsource *source)
{
	struct filerows *f = (struct filerows *)source;
	if (f->fd >= 0)
		close(f->fd);
	if (f->reader)
		kt_avro_reader_free(f->reader);
	kt_buf_fini(&f->window);
	kt_buf_fini(&f->text);
	free(f->path);
	free(f);
}

static void free_new(struct filerows **at)
{
	if (*at)
		free_rows(&(*at)->source);
}

static int open_file(struct filerows *f, struct kt_err *err)
{
	struct stat info;
	if (stat(f->path, &info) == 0 && !S_ISREG(info.st_mode))
		return kt_err_set(err, KT_USAGE,
			"%s is not a regular file: its fields are looked for before it is read", f->path);
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (f->fd >= 0)
		return 0;
	bool missing = errno == ENOENT;
	kt_err_sys(err, "opening %s", f->path);
	err->status = missing ? KT_USAGE : KT_FAILED;
	return -1;
}

int kt_rowsource_file(struct kt_rowsource **out, const struct kt_rowreads *reads, const char *path, struct kt_err *err)
{
	static const char magic[] = "Obj\1";
	kt_auto(free_new) struct filerows *f = kt_calloc(1, sizeof(*f));
	*f = (struct filerows){.source = {next, free_rows}, .reads = reads, .path = kt_strdup(path), .fd = -1};
	if (open_file(f, err) < 0)
		return -1;
	while (!f->ended && f->window.len < sizeof(magic) - 1)
		if (fill(f, err) < 0)
			return -1;
	f->avro = f->window.len >= sizeof(magic) - 1 && !memcmp(f->window.data, magic, sizeof(magic) - 1);
	if (f->avro) {
		f->how = (struct kt_avro_how){.form = KT_AVRO_JSON, .logical = reads->decode && reads->decode->logical};
		f->reader = kt_avro_reader_new(&f->how, KT_AVRO_CONTAINER);
	}
	*out = &kt_steal(f)->source;
	return 0;
}
