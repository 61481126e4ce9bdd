#include "input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "mem.h"
#include "tap.h"

enum { MIB = 1 << 20 };

/* clang-format off */
#define BYTES(text) {text, sizeof(text) - 1}
#define LINES {.delim = BYTES("\n")}
/* clang-format on */

/* The input side of a pipe as a file to read, into which bytes are put a chunk at a time. */
struct source {
	struct kt_bytes left;
	size_t chunk;
	int reader, writer;
	struct kt_strs files;
};

static void open_source(struct source *s, struct kt_bytes bytes, size_t chunk)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	*s = (struct source){.left = bytes, .chunk = chunk, .reader = ends[0], .writer = ends[1]};
	kt_strs_take(&s->files, kt_asprintf("/dev/fd/%d", s->reader));
}

static void supply(struct source *s)
{
	ssize_t n = s->left.len ? write(s->writer, s->left.data, s->left.len < s->chunk ? s->left.len : s->chunk) : 0;
	if (n > 0)
		s->left = (struct kt_bytes){s->left.data + n, s->left.len - (size_t)n};
	if (!s->left.len && s->writer >= 0) {
		close(s->writer);
		s->writer = -1;
	}
}

static void close_source(struct source *s)
{
	close(s->reader);
	if (s->writer >= 0)
		close(s->writer);
	kt_strs_fini(&s->files);
}

/* "1:value;2:key=value;3:!;" (3 is too large). */
static void show(struct kt_buf *out, const struct kt_piece *piece, bool too_large)
{
	kt_buf_addf(out, "%lld:", (long long)piece->line);
	kt_buf_add(out, piece->key.data, piece->key.len);
	kt_buf_adds(out, piece->key.data ? "=" : "");
	kt_buf_add(out, piece->value.data, piece->value.len);
	kt_buf_adds(out, too_large ? "!;" : ";");
}

/* Reads to the end, shows each record and releases it at once. source may be NULL. Returns the most bytes that the pool
 * ever held. */
static size_t read_all(struct kt_buf *out, struct kt_input *in, struct source *source)
{
	struct kt_err err = {0};
	struct kt_piece piece;
	size_t most = 0;
	for (enum kt_input_state state; (state = kt_input_next(in, &piece)) != KT_INPUT_END;) {
		most = in->pool.bytes > most ? in->pool.bytes : most;
		if (state == KT_INPUT_FULL) {
			kt_buf_adds(out, "FULL");
			break;
		}
		if (state != KT_INPUT_EMPTY) {
			show(out, &piece, state == KT_INPUT_TOO_LARGE);
			kt_block_unref(&in->pool, piece.block);
			continue;
		}
		if (source && in->fd >= 0)
			supply(source);
		if (kt_input_fill(in, &err) < 0) {
			kt_buf_adds(out, err.msg);
			break;
		}
	}
	return most;
}

static void read_chunks(struct kt_buf *out, struct kt_input_how how, struct kt_bytes bytes, size_t chunk)
{
	struct kt_input in;
	struct source source;
	open_source(&source, bytes, chunk);
	how.files = &source.files;
	kt_input_init(&in, &how);
	read_all(out, &in, &source);
	kt_input_fini(&in);
	close_source(&source);
}

TEST(records_do_not_depend_on_the_reads)
{
	static const struct {
		struct kt_bytes delim, key_delim, input;
		size_t max;
		const char *seen;
	} rows[] = {
		{BYTES("\n"), {0}, BYTES(""), 100, ""},
		{BYTES("\n"), {0}, BYTES("a\nb\n"), 100, "1:a;2:b;"},
		{BYTES("\n"), {0}, BYTES("a\r\n\nlast"), 100, "1:a\r;2:;3:last;"},
		{BYTES("\n"), {0}, BYTES("\n"), 100, "1:;"},
		{BYTES("\0"), {0}, BYTES("a\nb\0c\0"), 100, "1:a\nb;2:c;"},
		{BYTES("\r\n"), {0}, BYTES("a\rb\n\r\n\r\nc\r"), 100, "1:a\rb\n;2:;3:c\r;"},
		{BYTES("aab"), {0}, BYTES("aaab.aabaa"), 100, "1:a;2:.;3:aa;"},
		{BYTES("\n"), BYTES(":"), BYTES("k:v\nv\n:\n::\n"), 100, "1:k=v;2:v;3:=;4:=:;"},
		{BYTES("\n"), BYTES("=>"), BYTES("k=>v=>w\nk=v\n"), 100, "1:k=v=>w;2:k=v;"},
		{BYTES("\n"), {0}, BYTES("abc\nabcd\nab\n"), 3, "1:abc;2:!;3:ab;"},
		{BYTES("\n"), {0}, BYTES("abcdefgh\n\nab"), 3, "1:!;2:;3:ab;"},
		{BYTES("\n"), {0}, BYTES("a\nabcdefgh"), 3, "1:a;2:!;"},
		{BYTES("\n"), BYTES(":"), BYTES("ab:c\nab:cd\n:a\n"), 3, "1:ab=c;2:!;3:=a;"},
		{BYTES("\r\n"), {0}, BYTES("abc\r\nabcd\r\nab\r\n"), 3, "1:abc;2:!;3:ab;"},
		{BYTES("<=>"), {0}, BYTES("abc<=>abcdefg<=><=>x"), 3, "1:abc;2:!;3:;4:x;"},
		{BYTES("\r\n"), {0}, BYTES("abcdefg\r"), 3, "1:!;"},
		{BYTES("\n"), {0}, BYTES("a\n\n"), 0, "1:!;2:;"},
	};
	static const size_t chunks[] = {1, 2, 3, 5, 1000};
	for (size_t i = 0; i < KT_LEN(rows) * KT_LEN(chunks); i++) {
		size_t row = i / KT_LEN(chunks);
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		struct kt_input_how how = {.split = {.delim = rows[row].delim, .key_delim = rows[row].key_delim},
			.max_record = rows[row].max,
			.max_bytes = 2 * MIB};
		read_chunks(&seen, how, rows[row].input, chunks[i % KT_LEN(chunks)]);
		CHECK_STR(kt_buf_cstr(&seen), rows[row].seen);
	}
}

/* Lines of many lengths, far more than a block of them, and what show() makes of them. */
static void make_lines(struct kt_buf *bytes, struct kt_buf *expected, const char *delim)
{
	for (int i = 1; bytes->len < 3 * MIB + 12345; i++) {
		size_t start = bytes->len;
		for (int repeat = i * 7919 % 113; repeat >= 0; repeat--)
			kt_buf_addf(bytes, "%d\r.", i);
		kt_buf_addf(expected, "%d:", i);
		kt_buf_add(expected, bytes->data + start, bytes->len - start);
		kt_buf_addc(expected, ';');
		kt_buf_adds(bytes, delim);
	}
}

static char dir[] = "/tmp/kt-input-test-XXXXXX";

static char *make_file(const char *name, const void *data, size_t len)
{
	char *path = kt_asprintf("%s/%s", dir, name);
	FILE *file = fopen(path, "w");
	if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0)
		abort();
	return path;
}

static void make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/kt-input-test-XXXXXX");
	if (!mkdtemp(dir))
		abort();
}

static void remove_files(struct kt_strs *files)
{
	for (size_t i = 0; i < files->n; i++)
		unlink(files->v[i]);
	CHECK_INT(rmdir(dir), 0);
	kt_strs_fini(files);
}

TEST(records_over_the_borders_of_blocks)
{
	static const char *const delims[] = {"\n", "\r\n", "<-- end of record -->"};
	make_dir();
	for (size_t i = 0; i < KT_LEN(delims); i++) {
		kt_auto(kt_buf_fini) struct kt_buf bytes = {0}, expected = {0}, piped = {0}, filed = {0};
		make_lines(&bytes, &expected, delims[i]);
		struct kt_strs files = {0};
		struct kt_input_how how = {.files = &files,
			.split = {.delim = {delims[i], strlen(delims[i])}},
			.max_record = 1000,
			.max_bytes = 2 * MIB};
		read_chunks(&piped, how, (struct kt_bytes){bytes.data, bytes.len}, 4093);
		CHECK(piped.len == expected.len && !memcmp(piped.data, expected.data, piped.len));

		struct kt_input in;
		kt_strs_take(&files, make_file("lines", bytes.data, bytes.len));
		kt_input_init(&in, &how);
		CHECK_INT(read_all(&filed, &in, NULL), MIB / 4);
		CHECK(filed.len == expected.len && !memcmp(filed.data, expected.data, filed.len));
		CHECK_INT(in.pool.n, 2);
		kt_input_fini(&in);
		unlink(files.v[0]);
		kt_strs_fini(&files);
	}
	CHECK_INT(rmdir(dir), 0);
}

/* A file of three lines of which the second has long_len bytes. */
static size_t read_long_line(struct kt_buf *seen, size_t long_len, size_t max_record, size_t max_bytes)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files, .split = LINES, .max_record = max_record, .max_bytes = max_bytes};
	struct kt_input in;
	kt_buf_adds(&bytes, "first\n");
	memset(kt_buf_reserve(&bytes, long_len), 'x', long_len);
	bytes.len += long_len;
	kt_buf_adds(&bytes, "\nlast");
	make_dir();
	kt_strs_take(&files, make_file("long", bytes.data, bytes.len));
	kt_input_init(&in, &how);
	size_t most = read_all(seen, &in, NULL);
	CHECK_INT(in.pool.bytes, in.block ? in.block->cap : 0);
	kt_input_fini(&in);
	remove_files(&files);
	return most;
}

TEST(a_record_of_several_blocks)
{
	static const size_t lengths[] = {MIB - 7, MIB - 6, MIB, 5 * MIB, 5 * MIB + 1};
	for (size_t i = 0; i < KT_LEN(lengths); i++) {
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		static const char before[] = "1:first;2:xx", after[] = "xx;3:last;";
		CHECK(read_long_line(&seen, lengths[i], 5 * MIB + 1, 40 * MIB) <= 40 * MIB);
		CHECK_INT(seen.len, lengths[i] + strlen("1:first;2:;3:last;"));
		CHECK(!strncmp(kt_buf_cstr(&seen), before, strlen(before)));
		CHECK_STR(seen.data + seen.len - strlen(after), after);
	}
}

TEST(a_record_that_is_too_large_is_never_held)
{
	static const struct {
		size_t len, max_record;
	} rows[] = {{1001, 1000}, {MIB, 1000}, {5 * MIB, 1000}, {5 * MIB, 100000}, {9 * MIB, MIB / 2}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		CHECK(read_long_line(&seen, rows[i].len, rows[i].max_record, 2 * MIB) <= 2 * MIB);
		CHECK_STR(kt_buf_cstr(&seen), "1:first;2:!;3:last;");
	}
}

/* "name" for "DIR/name" and "DIR/name:17" alike, and what comes after it. */
static void check_place(const struct kt_input *in, int64_t line, const char *expected)
{
	char place[256];
	kt_input_place(in, line, place, sizeof(place));
	CHECK_STR(!strncmp(place, dir, strlen(dir)) ? place + strlen(dir) + 1 : place, expected);
}

/* Puts bytes and their end where stdin is read. Returns what stdin was before. */
static int type_in(const char *text)
{
	int ends[2], saved = dup(STDIN_FILENO);
	if (pipe(ends) < 0 || write(ends[1], text, strlen(text)) < 0)
		abort();
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	close(ends[1]);
	return saved;
}

static void take_back(int saved)
{
	dup2(saved, STDIN_FILENO);
	close(saved);
}

TEST(places_in_several_files)
{
	kt_auto(kt_buf_fini) struct kt_buf seen = {0};
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files, .split = LINES, .max_record = 10, .max_bytes = 2 * MIB};
	struct kt_input in;
	make_dir();
	kt_strs_take(&files, make_file("a", "1\n2", 3));
	kt_strs_take(&files, make_file("empty", "", 0));
	kt_strs_take(&files, make_file("b", "3\nmuch too large", 16));
	kt_strs_add(&files, "-");
	kt_strs_take(&files, make_file("c", "7", 1));
	int saved = type_in("5\n6\n");
	kt_input_init(&in, &how);
	read_all(&seen, &in, NULL);
	take_back(saved);
	CHECK_STR(kt_buf_cstr(&seen), "1:1;2:2;3:3;4:!;5:5;6:6;7:7;");
	static const char *const places[] = {"a:1", "a:2", "b:1", "b:2", "line 1", "line 2", "c:1"};
	for (size_t i = 0; i < KT_LEN(places); i++)
		check_place(&in, (int64_t)i + 1, places[i]);
	kt_input_fini(&in);
	remove_files(&files);
}

TEST(whole_files)
{
	kt_auto(kt_buf_fini) struct kt_buf seen = {0};
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files,
		.split = {.delim = BYTES("\n"), .key_delim = BYTES(":")},
		.whole = true,
		.max_record = 9,
		.max_bytes = 2 * MIB};
	struct kt_input in;
	make_dir();
	kt_strs_take(&files, make_file("a", "k:1\n2\n", 6));
	kt_strs_take(&files, make_file("empty", "", 0));
	kt_strs_take(&files, make_file("large", "0123456789:", 11));
	kt_strs_add(&files, "-");
	kt_strs_take(&files, make_file("b", "b", 1));
	int saved = type_in("pipe\n");
	kt_input_init(&in, &how);
	read_all(&seen, &in, NULL);
	take_back(saved);
	CHECK_STR(kt_buf_cstr(&seen), "1:k=1\n2\n;2:;3:!;4:pipe\n;5:b;");
	static const char *const places[] = {"a", "empty", "large", "stdin", "b"};
	for (size_t i = 0; i < KT_LEN(places); i++)
		check_place(&in, (int64_t)i + 1, places[i]);
	kt_input_fini(&in);
	remove_files(&files);
}

TEST(stdin_alone_when_no_file_is_named)
{
	kt_auto(kt_buf_fini) struct kt_buf seen = {0};
	struct kt_input_how how = {
		.files = &(struct kt_strs){0}, .split = LINES, .max_record = 10, .max_bytes = 2 * MIB};
	struct kt_input in;
	char place[32];
	int saved = type_in("a\nb\n");
	kt_input_init(&in, &how);
	read_all(&seen, &in, NULL);
	CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	take_back(saved);
	CHECK_STR(kt_buf_cstr(&seen), "1:a;2:b;");
	CHECK_STR(kt_input_place(&in, 2, place, sizeof(place)), "line 2");
	kt_input_fini(&in);
}

/* Reads until the pool is full, without releasing anything; counts the records. */
static enum kt_input_state hold_all(struct kt_input *in, struct kt_piece *held, size_t *n)
{
	struct kt_err err;
	struct kt_piece piece;
	for (;;) {
		enum kt_input_state state = kt_input_next(in, &piece);
		if (state == KT_INPUT_PIECE)
			held[(*n)++] = piece;
		else if (state != KT_INPUT_EMPTY || kt_input_fill(in, &err) < 0)
			return state;
	}
}

TEST(a_full_pool_waits_for_releases)
{
	enum { RECORD = 1000, RECORDS = 5000 };
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	kt_auto(kt_free_ptr) struct kt_piece *held = kt_calloc(RECORDS, sizeof(*held));
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files, .split = LINES, .max_record = RECORD, .max_bytes = 2 * MIB};
	struct kt_input in;
	struct kt_err err;
	size_t n = 0, times_full = 0;
	enum kt_input_state state;
	for (int i = 1; i <= RECORDS; i++)
		kt_buf_addf(&bytes, "%*d\n", RECORD - 1, i);
	make_dir();
	kt_strs_take(&files, make_file("lines", bytes.data, bytes.len));
	kt_input_init(&in, &how);
	for (size_t released = 0; (state = hold_all(&in, held, &n)) == KT_INPUT_FULL; times_full++) {
		CHECK_INT(in.pool.bytes, 2 * MIB);
		CHECK_INT(kt_input_fill(&in, &err), 0); /* no use, and no harm */
		CHECK_INT(kt_input_next(&in, held + n), KT_INPUT_FULL);
		for (size_t i = released; i < n; i++)
			CHECK_INT(strtol(held[i].value.data, NULL, 10), i + 1);
		for (; released < n; released++)
			kt_block_unref(&in.pool, held[released].block);
		CHECK_INT(kt_input_next(&in, held + n), KT_INPUT_EMPTY);
	}
	CHECK_INT(state, KT_INPUT_END);
	CHECK_INT(n, RECORDS);
	CHECK(times_full >= 2);
	kt_input_fini(&in);
	remove_files(&files);
}

TEST(a_block_lives_until_its_last_record_is_released)
{
	struct kt_input_how how = {.files = &(struct kt_strs){0}, .split = LINES, .max_record = 10, .max_bytes = 1};
	struct kt_input in;
	struct kt_piece held[8];
	size_t n = 0;
	int saved = type_in("a\nb\nc\n");
	kt_input_init(&in, &how);
	CHECK_INT(hold_all(&in, held, &n), KT_INPUT_END);
	take_back(saved);
	CHECK_INT(n, 3);
	CHECK_INT(held[0].block->refs, 4); /* the input's own is the fourth */
	CHECK(held[0].block->index != 0);
	for (size_t i = 0; i < n; i++) {
		CHECK_MEM(held[i].value.data, held[i].value.len, &"abc"[i], 1);
		kt_block_unref(&in.pool, held[i].block);
	}
	CHECK_INT(held[0].block->refs, 1);
	kt_block_unref(&in.pool, NULL);
	kt_input_fini(&in);
}

TEST(stop_keeps_what_is_complete)
{
	static const struct {
		const char *typed;
		int fills;
		const char *seen;
	} rows[] = {
		{"a\nb\nc", 0, ""},             /* nothing was opened */
		{"a\nb\nc", 1, ""},             /* nothing was read */
		{"a\nb\nc", 2, "1:a;2:b;"},     /* c may go on */
		{"a\nb\nc", 3, "1:a;2:b;3:c;"}, /* its end was seen */
		{"a\nmuch too large", 2, "1:a;"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		struct kt_input_how how = {
			.files = &(struct kt_strs){0}, .split = LINES, .max_record = 10, .max_bytes = 2 * MIB};
		struct kt_input in;
		struct kt_err err;
		int saved = type_in(rows[i].typed);
		kt_input_init(&in, &how);
		for (int fill = 0; fill < rows[i].fills; fill++)
			CHECK_INT(kt_input_fill(&in, &err), 0);
		kt_input_stop(&in);
		CHECK_INT(in.fd, -1);
		read_all(&seen, &in, NULL);
		CHECK_STR(kt_buf_cstr(&seen), rows[i].seen);
		take_back(saved);
		kt_input_fini(&in);
	}
}

static bool is_readable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	return poll(&ready, 1, 0) > 0;
}

TEST(a_fifo_blocks_nobody)
{
	kt_auto(kt_buf_fini) struct kt_buf seen = {0};
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files, .split = LINES, .max_record = 10, .max_bytes = 2 * MIB};
	struct kt_input in;
	struct kt_piece piece;
	struct kt_err err;
	make_dir();
	kt_strs_take(&files, kt_asprintf("%s/fifo", dir));
	CHECK_INT(mkfifo(files.v[0], 0600), 0);
	kt_input_init(&in, &how);
	CHECK_INT(kt_input_next(&in, &piece), KT_INPUT_EMPTY);
	CHECK_INT(kt_input_fill(&in, &err), 0); /* opens it, although nobody writes */
	CHECK(in.fd >= 0 && !is_readable(in.fd));
	int writer = open(files.v[0], O_WRONLY | O_CLOEXEC);
	CHECK(!is_readable(in.fd));
	CHECK_INT(kt_input_fill(&in, &err), 0); /* EAGAIN is not the end */
	CHECK_INT(kt_input_next(&in, &piece), KT_INPUT_EMPTY);
	CHECK_INT(write(writer, "a\nb", 3), 3);
	CHECK(is_readable(in.fd));
	CHECK_INT(kt_input_fill(&in, &err), 0);
	CHECK_INT(kt_input_next(&in, &piece), KT_INPUT_PIECE);
	kt_block_unref(&in.pool, piece.block);
	CHECK_INT(kt_input_next(&in, &piece), KT_INPUT_EMPTY);
	close(writer);
	read_all(&seen, &in, NULL);
	CHECK_STR(kt_buf_cstr(&seen), "2:b;");
	kt_input_fini(&in);
	remove_files(&files);
}

TEST(what_cannot_be_read_is_named)
{
	static const struct {
		const char *file, *seen;
	} rows[] = {
		{"/nowhere/to/be/found", "reading /nowhere/to/be/found: No such file or directory"},
		{"/tmp", "reading /tmp: Is a directory"},
		{"-", "reading stdin: Bad file descriptor"},
	};
	int saved = dup(STDIN_FILENO), not_for_reading = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(not_for_reading, STDIN_FILENO);
	close(not_for_reading);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf seen = {0};
		kt_auto(kt_strs_fini) struct kt_strs files = {0};
		struct kt_input_how how = {.files = &files, .split = LINES, .max_record = 10, .max_bytes = 2 * MIB};
		struct kt_input in;
		kt_strs_add(&files, rows[i].file);
		kt_input_init(&in, &how);
		read_all(&seen, &in, NULL);
		CHECK_STR(kt_buf_cstr(&seen), rows[i].seen);
		kt_input_fini(&in);
	}
	take_back(saved);
}
