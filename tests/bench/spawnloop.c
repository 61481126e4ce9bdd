/* The floor under kt work: a bare loop of posix_spawn(), without a broker and without anything that could be lost.
 *
 *   spawnloop COUNT JOBS PROGRAM      so often, so many at a time, each with 100 bytes on a pipe as its stdin
 */
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "err.h"
#include "num.h"

static void start(char **words)
{
	static const char body[100] = "x";
	posix_spawn_file_actions_t actions;
	int ends[2];
	pid_t pid;
	if (pipe(ends) < 0 || write(ends[1], body, sizeof(body)) < 0)
		exit(1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ))
		exit(1);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	struct kt_err err;
	int64_t count, jobs;
	if (argc < 4 || kt_parse_i64(argv[1], 1, 10000000, &count, &err) < 0 ||
		kt_parse_i64(argv[2], 1, 100, &jobs, &err) < 0)
		return 2;
	for (int64_t started = 0, ended = 0; ended < count; ended++) {
		for (; started < count && started - ended < jobs; started++)
			start(argv + 3);
		if (wait(NULL) < 0)
			return 1;
	}
	return 0;
}
