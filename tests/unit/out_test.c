#include "out.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"
#include "tap.h"

enum { PIPE_BYTES = 65536, MUCH = 5 * PIPE_BYTES + 321 };

/* The kinds of things that stdout may be; each gives the descriptor to write to and the one to read from. */
enum kind { A_PIPE, A_SOCKET, A_PIPE_OF_ANOTHER };

static const enum kind kinds[] = {A_PIPE, A_SOCKET, A_PIPE_OF_ANOTHER};

static void make_pair(enum kind kind, int *writer, int *reader)
{
	int ends[2];
	if (kind == A_SOCKET ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC))
		abort();
	*reader = ends[0];
	*writer = ends[1];
}

/* What cannot be opened a second time, such as another user's pipe, is written to with care. */
static void init_as(struct kt_out *out, enum kind kind, int fd)
{
	kt_out_init(out, fd);
	if (kind != A_PIPE_OF_ANOTHER)
		return;
	close(out->fd);
	out->fd = fd;
	out->own = false;
	out->cautious = true;
}

static char byte_at(size_t i)
{
	return (char)('a' + i % 23);
}

static void fill(struct kt_out *out, size_t len)
{
	char *data = kt_buf_reserve(&out->buf, len);
	for (size_t i = 0; i < len; i++)
		data[i] = byte_at(i);
	out->buf.len += len;
}

/* Takes what there is, at most max bytes, and compares it. Returns how many bytes there were. */
static size_t take(int reader, size_t from, size_t max)
{
	char data[4096];
	size_t got = 0;
	ssize_t n = 0;
	for (struct pollfd ready = {.fd = reader, .events = POLLIN}; got < max && poll(&ready, 1, 0) > 0;
		got += (size_t)n) {
		n = read(reader, data, max - got < sizeof(data) ? max - got : sizeof(data));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (data[i] != byte_at(from + got + (size_t)i))
				return SIZE_MAX;
	}
	return got;
}

static bool blocks(int fd)
{
	return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST(a_little_goes_at_once)
{
	for (size_t i = 0; i < KT_LEN(kinds); i++) {
		struct kt_out out;
		struct kt_err err = {0};
		int writer, reader;
		make_pair(kinds[i], &writer, &reader);
		init_as(&out, kinds[i], writer);
		CHECK(!out.terminal);
		fill(&out, 100);
		CHECK_INT(kt_out_pending(&out), 100);
		CHECK_INT(kt_out_poll(&out).events, POLLOUT);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		CHECK_INT(kt_out_pending(&out), 0);
		CHECK_INT(kt_out_poll(&out).events, 0);
		CHECK_INT(out.written, 100);
		CHECK_INT(take(reader, 0, MUCH), 100);
		kt_out_fini(&out);
		close(writer);
		close(reader);
	}
}

/* More than fits: pump gives up at once, keeps its place, and what comes out is whole and in order. */
TEST(a_full_pipe_holds_nobody_up)
{
	for (size_t i = 0; i < KT_LEN(kinds); i++) {
		struct kt_out out;
		struct kt_err err = {0};
		int writer, reader, rounds = 0;
		make_pair(kinds[i], &writer, &reader);
		init_as(&out, kinds[i], writer);
		fill(&out, MUCH);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		CHECK(out.written > 0 && out.written < MUCH);
		CHECK_INT(kt_out_pending(&out), MUCH - out.written);
		struct pollfd room = kt_out_poll(&out);
		CHECK_INT(poll(&room, 1, 0), 0);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		for (size_t taken = 0; taken < MUCH && rounds < 1000; rounds++) {
			size_t n = take(reader, taken, 7000);
			CHECK(n != SIZE_MAX);
			taken += n;
			CHECK_INT(kt_out_pump(&out, &err), 0);
			CHECK_INT(kt_out_pending(&out), MUCH - out.written);
		}
		CHECK_INT(out.written, MUCH);
		CHECK(!kt_out_pending(&out) && !out.closed);
		kt_out_fini(&out);
		close(writer);
		close(reader);
	}
}

/* Whoever shares the description that was inherited must not find it changed, whether it blocks or not. */
TEST(the_inherited_description_stays_as_it_is)
{
	for (size_t i = 0; i < 2 * KT_LEN(kinds); i++) {
		struct kt_out out;
		struct kt_err err;
		int writer, reader;
		bool blocking = i % 2;
		make_pair(kinds[i / 2], &writer, &reader);
		if (!blocking)
			fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK);
		init_as(&out, kinds[i / 2], writer);
		CHECK_INT(blocks(writer), blocking);
		CHECK_INT(out.own, kinds[i / 2] == A_PIPE);
		CHECK_INT(out.fd == writer, kinds[i / 2] != A_PIPE);
		CHECK(!out.own || !blocks(out.fd));
		fill(&out, MUCH);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		CHECK_INT(blocks(writer), blocking);
		kt_out_fini(&out);
		CHECK_INT(blocks(writer), blocking);
		close(writer);
		close(reader);
	}
}

TEST(the_reader_has_gone)
{
	for (size_t i = 0; i < KT_LEN(kinds); i++) {
		struct kt_out out;
		struct kt_err err = {0};
		int writer, reader;
		make_pair(kinds[i], &writer, &reader);
		init_as(&out, kinds[i], writer);
		fill(&out, 100);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		CHECK(!kt_out_reader_gone(&out));
		close(reader);
		CHECK(!out.closed);
		fill(&out, 50);
		CHECK_INT(kt_out_pump(&out, &err), 0);
		CHECK(out.closed);
		CHECK_INT(out.written, 100);
		CHECK_INT(kt_out_pending(&out), 0);
		CHECK_INT(kt_out_poll(&out).fd, -1);
		CHECK(kt_out_reader_gone(&out));
		/* Later data has no place to go either, and is not an error. */
		fill(&out, 50);
		CHECK_INT(kt_out_drain(&out, &err), 0);
		CHECK_INT(kt_out_pending(&out), 0);
		kt_out_fini(&out);
		close(writer);
	}
}

TEST(the_reader_is_missed_without_writing)
{
	for (size_t i = 0; i < KT_LEN(kinds); i++) {
		struct kt_out out;
		int writer, reader;
		make_pair(kinds[i], &writer, &reader);
		init_as(&out, kinds[i], writer);
		struct pollfd idle = kt_out_poll(&out);
		CHECK_INT(poll(&idle, 1, 0), 0);
		CHECK(!kt_out_reader_gone(&out));
		close(reader);
		CHECK_INT(poll(&idle, 1, 0), 1);
		CHECK(idle.revents & (POLLERR | POLLHUP));
		CHECK(kt_out_reader_gone(&out));
		CHECK(out.closed);
		CHECK_INT(kt_out_poll(&out).fd, -1);
		kt_out_fini(&out);
		close(writer);
	}
}

/* Reads slowly from a child, so that drain has to wait for room. */
TEST(drain_waits_for_room)
{
	for (size_t i = 0; i < KT_LEN(kinds); i++) {
		struct kt_out out;
		struct kt_err err = {0};
		int writer, reader, back[2];
		size_t seen = 0;
		make_pair(kinds[i], &writer, &reader);
		if (pipe(back) < 0)
			abort();
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0) {
			char data[10000];
			close(writer);
			for (ssize_t n; (n = read(reader, data, sizeof(data))) > 0; usleep(500))
				seen += (size_t)n;
			_exit(write(back[1], &seen, sizeof(seen)) != sizeof(seen));
		}
		close(reader);
		close(back[1]);
		init_as(&out, kinds[i], writer);
		fill(&out, MUCH);
		CHECK_INT(kt_out_drain(&out, &err), 0);
		CHECK_INT(kt_out_pending(&out), 0);
		CHECK_INT(out.written, MUCH);
		kt_out_fini(&out);
		close(writer);
		CHECK_INT(read(back[0], &seen, sizeof(seen)), sizeof(seen));
		CHECK_INT(seen, MUCH);
		close(back[0]);
	}
}

static int open_temporary(int flags)
{
	char path[] = "/tmp/kt-out-test-XXXXXX";
	int made = mkstemp(path), fd = open(path, flags | O_CLOEXEC);
	close(made);
	unlink(path);
	return fd;
}

TEST(files_keep_their_position)
{
	static const struct {
		int flags;
		const char *expected;
	} rows[] = {{O_RDWR, "beXYZe"}, {O_RDWR | O_APPEND, "beforeXYZ"}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_out out;
		struct kt_err err;
		char seen[32];
		int fd = open_temporary(rows[i].flags);
		CHECK_INT(write(fd, "before", 6), 6);
		lseek(fd, 2, SEEK_SET);
		kt_out_init(&out, fd);
		CHECK_INT(out.fd, fd);
		kt_buf_adds(&out.buf, "XYZ");
		CHECK_INT(kt_out_pump(&out, &err), 0);
		kt_out_fini(&out);
		CHECK(blocks(fd));
		ssize_t n = pread(fd, seen, sizeof(seen) - 1, 0);
		seen[n > 0 ? n : 0] = '\0';
		CHECK_STR(seen, rows[i].expected);
		close(fd);
	}
}

TEST(what_cannot_be_written_is_an_error)
{
	static const struct {
		const char *path; /* NULL: a file */
		int flags;
		const char *msg;
	} rows[] = {
		{"/dev/full", O_WRONLY, "writing to standard output: No space left on device"},
		/* main.c puts this one where stdout was closed. */
		{"/dev/null", O_RDONLY, "writing to standard output: Bad file descriptor"},
		{NULL, O_RDONLY, "writing to standard output: Bad file descriptor"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_out out;
		struct kt_err err = {0};
		int fd = rows[i].path ? open(rows[i].path, rows[i].flags | O_CLOEXEC) : open_temporary(rows[i].flags);
		kt_out_init(&out, fd);
		CHECK_INT(kt_out_pump(&out, &err), 0); /* nothing is asked for */
		fill(&out, 100);
		CHECK_INT(kt_out_pump(&out, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_FAILED);
		CHECK_INT(kt_out_drain(&out, &err), -1);
		CHECK_INT(kt_out_pending(&out), 100);
		CHECK_INT(out.written, 0);
		kt_out_fini(&out);
		close(fd);
	}
}

TEST(devices_take_everything)
{
	struct kt_out out;
	struct kt_err err;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	kt_out_init(&out, fd);
	fill(&out, MUCH);
	CHECK_INT(kt_out_drain(&out, &err), 0);
	CHECK_INT(out.written, MUCH);
	kt_out_fini(&out);
	close(fd);
}

TEST(one_text_in_one_go)
{
	struct kt_err err = {0};
	struct kt_buf text = {0};
	char seen[8] = "";
	int writer, reader, full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	make_pair(A_PIPE, &writer, &reader);
	kt_buf_adds(&text, "hello");
	CHECK_INT(kt_out_print(writer, &text, &err), 0);
	CHECK_INT(text.len, 0);
	CHECK_INT(read(reader, seen, sizeof(seen)), 5);
	CHECK_STR(seen, "hello");
	CHECK_INT(kt_out_print(writer, &text, &err), 0);
	close(reader);
	kt_buf_adds(&text, "nobody");
	CHECK_INT(kt_out_print(writer, &text, &err), 0);
	kt_buf_adds(&text, "no room");
	CHECK_INT(kt_out_print(full, &text, &err), -1);
	CHECK_STR(err.msg, "writing to standard output: No space left on device");
	kt_buf_fini(&text);
	close(writer);
	close(full);
}

TEST(a_signal_ends_the_drain)
{
	struct kt_out out;
	struct kt_err err = {0};
	int writer, reader;
	make_pair(A_PIPE, &writer, &reader);
	kt_sig_block();
	kt_out_init(&out, writer);
	fill(&out, MUCH);
	raise(SIGTERM);
	CHECK_INT(kt_out_drain(&out, &err), 0);
	CHECK_INT(kt_sig_caught(), SIGTERM);
	CHECK_INT(out.written, PIPE_BYTES);
	CHECK_INT(kt_out_pending(&out), MUCH - PIPE_BYTES);
	kt_out_fini(&out);
	struct kt_buf text = {0};
	kt_buf_adds(&text, "too much");
	CHECK_INT(kt_out_print(writer, &text, &err), -1);
	CHECK_INT(err.status, KT_SIGNAL + SIGTERM);
	CHECK_STR(err.msg, "");
	close(writer);
	close(reader);
}

__attribute__((constructor)) static void as_main_does(void)
{
	signal(SIGPIPE, SIG_IGN);
}

/* A file that may not grow any more, appended to as by >>: it ends with a line, and what was cut off does not count. */
static void grow_until_refused(size_t (*whole)(const struct kt_out *out, size_t len), const char *expected)
{
	char path[] = "/tmp/kt-out.XXXXXX", text[64];
	struct kt_out out;
	struct kt_err err = {0};
	struct rlimit before, small;
	int fd = mkstemp(path), other = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	CHECK(other >= 0 && fcntl(fd, F_SETFL, O_APPEND) == 0 && write(fd, "old\n", 4) == 4);
	kt_out_init(&out, fd);
	out.whole = whole;
	kt_buf_adds(&out.buf, "one|o\ntwo|t\nthree|");
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 4 + 15;
	kt_sig_block();
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
	CHECK_INT(kt_out_pump(&out, &err), -1);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
	CHECK_STR(err.msg, "writing to standard output: File too large");
	CHECK_STR(err.hint, "`ulimit -f` is the limit of a file's size");
	CHECK_INT(4 + out.written, strlen(expected));
	CHECK_INT(write(other, "next\n", 5), 5);
	ssize_t n = pread(fd, text, sizeof(text), 0);
	CHECK_MEM(text, strlen(expected), expected, strlen(expected));
	CHECK_INT(n, strlen(expected) + 5);
	close(other);
	kt_out_fini(&out);
	close(fd);
	unlink(path);
}

static size_t up_to_bars(const struct kt_out *out, size_t len)
{
	const char *last = memrchr(out->buf.data, '|', len);
	return last ? (size_t)(last - out->buf.data) + 1 : 0;
}

TEST(a_file_that_is_full_ends_with_what_is_whole)
{
	grow_until_refused(NULL, "old\none|o\ntwo|t\n");
	grow_until_refused(up_to_bars, "old\none|o\ntwo|");
}
