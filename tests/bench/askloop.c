/* The floor under kt work --stream: a bare loop that asks and hears answers, without a broker and without anything
 * that could be lost.
 *
 *   askloop lines|frames COUNT JOBS WINDOW PROGRAM…     so many records, to so many at a time, each with a window
 */
#include <endian.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include "base.h"
#include "err.h"
#include "num.h"

enum { MOST_JOBS = 16, BLOCK = 64 << 10 };

/* An answer to a frame has no result. */
enum { LENGTH = 4, ID = 8, ANSWER = LENGTH + ID + 1 };

static const char line[] =
	"{\"topic\":\"streamed\",\"partition\":7,\"offset\":4711,\"tstype\":\"create\",\"ts\":1790000000000,\"key\":null,"
	"\"payload\":\"0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004711"
	"\",\"attempt\":1}\n";

static int64_t left;
static bool frames;

static void start(char **words, int *in, int *out)
{
	posix_spawn_file_actions_t actions;
	int asks[2], says[2];
	pid_t pid;
	if (pipe2(asks, O_CLOEXEC) < 0 || pipe2(says, O_CLOEXEC) < 0)
		exit(1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, asks[0], 0);
	posix_spawn_file_actions_adddup2(&actions, says[1], 1);
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ))
		exit(1);
	posix_spawn_file_actions_destroy(&actions);
	close(asks[0]);
	close(says[1]);
	*in = asks[1];
	*out = says[0];
}

/* As a frame: length, id, length of the metadata, and the line once more in place of metadata and value. */
static size_t put(char *out, uint64_t id)
{
	uint32_t size = htobe32(ID + LENGTH + sizeof(line) - 1), head = htobe32(sizeof(line) - 1);
	char *at = out;
	if (frames) {
		id = htobe64(id);
		memcpy(at, &size, LENGTH);
		memcpy(at + LENGTH, &id, ID);
		memcpy(at + LENGTH + ID, &head, LENGTH);
		at += LENGTH + ID + LENGTH;
	}
	memcpy(at, line, sizeof(line) - 1);
	return (size_t)(at - out) + sizeof(line) - 1;
}

/* At most n records in one write, as many as are left. */
static void ask(int fd, int64_t n)
{
	static char block[BLOCK];
	size_t len = 0;
	for (; n && left && len + 2 * sizeof(line) <= BLOCK; n--, left--)
		len += put(block + len, (uint64_t)left);
	if (write(fd, block, len) != (ssize_t)len)
		exit(1);
}

static int64_t hear(int fd)
{
	char block[BLOCK];
	int64_t lines = 0;
	ssize_t n = read(fd, block, sizeof(block));
	for (ssize_t i = 0; !frames && i < n; i++)
		lines += block[i] == '\n';
	return n <= 0 ? (exit(1), 0) : frames ? n / ANSWER : lines;
}

int main(int argc, char **argv)
{
	struct kt_err err;
	struct pollfd fds[MOST_JOBS];
	int in[MOST_JOBS];
	int64_t count, jobs, window, heard = 0;
	if (argc < 6 || kt_parse_i64(argv[2], 1, 100000000, &count, &err) < 0 ||
		kt_parse_i64(argv[3], 1, MOST_JOBS, &jobs, &err) < 0 ||
		kt_parse_i64(argv[4], 1, 100, &window, &err) < 0)
		return 2;
	frames = argv[1][0] == 'f';
	left = count;
	for (int i = 0; i < jobs; i++) {
		start(argv + 5, &in[i], &fds[i].fd);
		fds[i].events = POLLIN;
		ask(in[i], window);
	}
	while (heard < count) {
		poll(fds, (nfds_t)jobs, -1);
		for (int i = 0; i < jobs; i++) {
			if (!fds[i].revents)
				continue;
			int64_t n = hear(fds[i].fd);
			heard += n;
			if (left)
				ask(in[i], n);
		}
	}
	return 0;
}
