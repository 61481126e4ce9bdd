#include "sinkimport.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvcut.h"
#include "json.h"
#include "jsoncolumns.h"
#include "mem.h"
#include "num.h"
#include "sig.h"
#include "split.h"

enum { READ_BYTES = 1 << 18, SAMPLE = 1000, EXACT_INT = 18, EXACT_REAL = 15 };

/* A field of CSV. */
struct column {
	struct kt_buf key; /* "name": as it stands in JSON */
	bool some, other;  /* the sample has numbers; something else */
};

struct kt_sinkimport {
	char *path;
	int fd;
	bool csv, ended, heading;
	int64_t size, read, line, next_line;
	struct kt_buf window, text;
	size_t start, searched;
	struct kt_csvcut cut;
	struct column *columns;
	size_t n;
};

static int fill(struct kt_sinkimport *in, struct kt_err *err)
{
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	if (in->start) {
		in->window.len -= in->start;
		memmove(in->window.data, in->window.data + in->start, in->window.len);
		in->start = 0;
	}
	if (in->window.len > KT_SINKIMPORT_RECORD_MAX)
		return kt_err_set(err, KT_FAILED, "%s: line %lld: more than %d MiB without an end%s", in->path,
			(long long)(in->csv ? in->cut.line : in->next_line), KT_SINKIMPORT_RECORD_MAX >> 20,
			in->csv ? ": is a quote open?" : "");
	size_t room = in->window.len > READ_BYTES ? in->window.len : READ_BYTES;
	ssize_t n = read(in->fd, kt_buf_reserve(&in->window, room), room);
	if (n < 0 && errno != EINTR)
		return kt_err_sys(err, "reading %s", in->path);
	in->window.len += n > 0 ? (size_t)n : 0;
	in->read += n > 0 ? n : 0;
	in->ended = n == 0;
	return 0;
}

/* The next line that holds something: 1; 0: there is none. */
static int next_line(struct kt_sinkimport *in, struct kt_bytes *line, struct kt_err *err)
{
	static const struct kt_split split = {.delim = {"\n", 1}};
	for (;;) {
		size_t len = in->window.len - in->start;
		size_t used = kt_split_record(&split, in->window.data + in->start, len, in->searched, in->ended, line);
		in->searched = used ? 0 : len;
		in->start += used;
		in->line = in->next_line;
		in->next_line += used > 0;
		while (used && line->len && strchr(" \t\r", line->data[line->len - 1]))
			line->len--;
		if (used && line->len)
			return 1;
		if (!used && in->ended)
			return 0;
		if (!used && fill(in, err) < 0)
			return -1;
	}
}

/* The next record of CSV. With one field an empty line is a record of it, else it is nothing. */
static int next_record(struct kt_sinkimport *in, struct kt_err *err)
{
	for (;;) {
		ssize_t used = kt_csvcut_record(
			&in->cut, in->window.data + in->start, in->window.len - in->start, in->ended, err);
		if (used < 0)
			return kt_err_wrap(err, "%s", in->path);
		in->start += (size_t)used;
		in->line = in->cut.line;
		bool empty = in->cut.n == 1 && !in->cut.v[0].text.len && !in->cut.v[0].quoted;
		if (used && (!empty || (in->n == 1 && !in->heading)))
			return 1;
		if (!used && in->ended)
			return 0;
		if (!used && fill(in, err) < 0)
			return -1;
	}
}

/* As JSON has it, and exact where SQLite keeps it. */
static bool is_number(struct kt_bytes text)
{
	struct kt_err ignored;
	struct kt_bytes number;
	struct kt_json j = {.start = text.data, .at = text.data, .end = text.data + text.len, .err = &ignored};
	if (!text.len || text.data[0] == ' ' || kt_json_number(&j, &number) < 0 || number.len != text.len)
		return false;
	size_t digits = 0;
	bool whole = true;
	for (size_t i = 0; i < text.len; i++) {
		digits += text.data[i] >= '0' && text.data[i] <= '9';
		whole &= text.data[i] == '-' || (text.data[i] >= '0' && text.data[i] <= '9');
	}
	return digits <= (whole ? EXACT_INT : EXACT_REAL);
}

static int fail(const struct kt_sinkimport *in, int status, const char *why, struct kt_err *err)
{
	return kt_err_set(err, status, "%s: line %lld: %s", in->path, (long long)in->line, why);
}

static int check_fields(const struct kt_sinkimport *in, struct kt_err *err)
{
	if (in->cut.n == in->n)
		return 0;
	return kt_err_set(err, KT_FAILED, "%s: line %lld: %zu field%s, where the first line names %zu", in->path,
		(long long)in->line, in->cut.n, kt_plural((int64_t)in->cut.n), in->n);
}

static int name_columns(struct kt_sinkimport *in, struct kt_err *err)
{
	in->n = in->cut.n;
	if (in->n > KT_JSONCOLUMNS_MAX)
		return kt_err_set(err, KT_USAGE, "%s: more than %d fields", in->path, KT_JSONCOLUMNS_MAX);
	in->columns = kt_calloc(in->n, sizeof(*in->columns));
	for (size_t i = 0; i < in->n; i++) {
		struct kt_bytes name = in->cut.v[i].text;
		struct kt_buf *key = &in->columns[i].key;
		if (!name.len || name.len > KT_JSONCOLUMNS_NAME_MAX || memchr(name.data, '\0', name.len))
			return kt_err_set(err, KT_USAGE, "%s: the first line has no name, or a long one, for field %zu",
				in->path, i + 1);
		if (!kt_json_string_exact(key, name.data, name.len))
			return fail(in, KT_USAGE, "it is not UTF-8", err);
		kt_buf_addc(key, ':');
		for (size_t k = 0; k < i; k++)
			if (in->columns[k].key.len == key->len && !memcmp(in->columns[k].key.data, key->data, key->len))
				return kt_err_set(err, KT_USAGE, "%s: the first line names two fields %.*s", in->path,
					(int)name.len, name.data);
	}
	return 0;
}

/* Behind the mark that some programs put in front of UTF-8. */
static int first_line(struct kt_sinkimport *in, struct kt_err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	while (!in->ended && in->window.len < sizeof(mark) - 1)
		if (fill(in, err) < 0)
			return -1;
	if (in->window.len >= sizeof(mark) - 1 && !memcmp(in->window.data, mark, sizeof(mark) - 1))
		in->start = sizeof(mark) - 1;
	in->heading = true;
	int more = next_record(in, err);
	in->heading = false;
	if (more == 0)
		return kt_err_set(err, KT_USAGE, "%s is empty: its first line would name the fields", in->path);
	return more < 0 ? -1 : 0;
}

static int rewind_file(struct kt_sinkimport *in, struct kt_err *err)
{
	in->window.len = in->start = in->searched = 0;
	in->ended = false;
	in->read = 0;
	in->next_line = 1;
	in->cut.next_line = 0;
	return lseek(in->fd, 0, SEEK_SET) < 0 ? kt_err_sys(err, "reading %s", in->path) : 0;
}

/* The names, and which columns are numbers. */
static int look(struct kt_sinkimport *in, struct kt_err *err)
{
	int more = 1;
	if (first_line(in, err) < 0 || name_columns(in, err) < 0)
		return -1;
	for (int64_t i = 0; i < SAMPLE && (more = next_record(in, err)) > 0; i++) {
		if (check_fields(in, err) < 0)
			return -1;
		for (size_t k = 0; k < in->n; k++) {
			struct kt_bytes text = in->cut.v[k].text;
			bool number = is_number(text);
			in->columns[k].some |= number;
			in->columns[k].other |= !number && (text.len || in->cut.v[k].quoted);
		}
	}
	return more < 0 || rewind_file(in, err) < 0 ? -1 : first_line(in, err);
}

static int open_file(struct kt_sinkimport *in, struct kt_err *err)
{
	struct stat info;
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	if (stat(in->path, &info) == 0 && !S_ISREG(info.st_mode))
		return kt_err_set(err, KT_USAGE,
			"%s is not a regular file: its fields are looked for before it is read", in->path);
	in->fd = open(in->path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0) {
		bool missing = errno == ENOENT;
		kt_err_sys(err, "opening %s", in->path);
		err->status = missing ? KT_USAGE : KT_FAILED;
		return -1;
	}
	in->size = info.st_size;
	return 0;
}

static bool ends_in(const char *path, const char *ending)
{
	size_t len = strlen(path), own = strlen(ending);
	return len > own && !strcasecmp(path + len - own, ending);
}

int kt_sinkimport_open(struct kt_sinkimport **out, const char *path, struct kt_err *err)
{
	kt_auto(kt_sinkimport_free) struct kt_sinkimport *in = kt_calloc(1, sizeof(*in));
	in->path = kt_strdup(path);
	in->fd = -1;
	in->next_line = 1;
	kt_buf_reserve(&in->window, READ_BYTES);
	in->csv = ends_in(path, ".csv");
	if (!in->csv && !ends_in(path, ".jsonl") && !ends_in(path, ".ndjson"))
		return kt_err_set(err, KT_USAGE, "%s is neither a .csv nor a .jsonl file", path);
	if (open_file(in, err) < 0 || (in->csv && look(in, err) < 0))
		return -1;
	*out = kt_steal(in);
	return 0;
}

static int make_object(struct kt_sinkimport *in, struct kt_err *err)
{
	struct kt_buf *out = &in->text;
	out->len = 0;
	for (size_t i = 0; i < in->n; i++) {
		const struct column *column = &in->columns[i];
		const struct kt_csvfield *field = &in->cut.v[i];
		kt_buf_addc(out, i ? ',' : '{');
		kt_buf_add(out, column->key.data, column->key.len);
		if (!field->text.len && !field->quoted)
			kt_buf_adds(out, "null");
		else if (column->some && !column->other && is_number(field->text))
			kt_buf_add(out, field->text.data, field->text.len);
		else if (!kt_json_string_exact(out, field->text.data, field->text.len)) {
			fail(in, KT_FAILED, "it is not UTF-8", err);
			return kt_err_hint(err, "iconv -f latin1 -t utf-8 makes it UTF-8, where it is Latin-1");
		}
	}
	kt_buf_addc(out, '}');
	return 0;
}

int kt_sinkimport_next(struct kt_sinkimport *in, struct kt_bytes *value, struct kt_err *err)
{
	if (!in->csv)
		return next_line(in, value, err);
	int more = next_record(in, err);
	if (more <= 0)
		return more;
	if (check_fields(in, err) < 0 || make_object(in, err) < 0)
		return -1;
	*value = (struct kt_bytes){in->text.data, in->text.len};
	return 1;
}

int64_t kt_sinkimport_line(const struct kt_sinkimport *in)
{
	return in->line;
}

int64_t kt_sinkimport_size(const struct kt_sinkimport *in)
{
	return in->size;
}

int64_t kt_sinkimport_done(const struct kt_sinkimport *in)
{
	return in->read;
}

void kt_sinkimport_free(struct kt_sinkimport **at)
{
	struct kt_sinkimport *in = *at;
	if (!in)
		return;
	if (in->fd >= 0)
		close(in->fd);
	for (size_t i = 0; i < in->n; i++)
		kt_buf_fini(&in->columns[i].key);
	free(in->columns);
	kt_csvcut_fini(&in->cut);
	kt_buf_fini(&in->window);
	kt_buf_fini(&in->text);
	free(in->path);
	free(in);
	*at = NULL;
}
