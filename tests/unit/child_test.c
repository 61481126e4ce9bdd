#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"
#include "tap.h"

static int start_in(struct kt_child *child, const char *words, const struct kt_child_how *how, struct kt_err *err)
{
	struct kt_strs list = {0};
	kt_strs_split(&list, words, "|");
	int result = kt_child_start(child, &list, how, err);
	kt_strs_fini(&list);
	return result;
}

static int start(struct kt_child *child, const char *words, struct kt_err *err)
{
	return start_in(child, words, NULL, err);
}

static int end_in(const char *words, const struct kt_child_how *how)
{
	struct kt_child child;
	struct kt_err err = {0};
	if (start_in(&child, words, how, &err) < 0)
		return -1;
	struct pollfd fd = {.fd = child.fd, .events = POLLIN};
	CHECK_INT(poll(&fd, 1, 60000), 1);
	return kt_child_end(&child);
}

static int end_of(const char *words)
{
	return end_in(words, NULL);
}

static int count_descriptors(void)
{
	int n = 0;
	DIR *dir = opendir("/proc/self/fd");
	while (dir && readdir(dir))
		n++;
	closedir(dir);
	return n;
}

TEST(ends_with_the_commands_status)
{
	CHECK_INT(end_of("sh|-c|exit 0"), 0);
	CHECK_INT(end_of("sh|-c|exit 7"), 7);
	CHECK_INT(end_of("sh|-c|kill -TERM $$"), 128 + SIGTERM);
}

TEST(a_signal_is_passed_on)
{
	struct kt_child child;
	struct kt_err err = {0};
	CHECK_INT(start(&child, "sleep|30", &err), 0);
	kt_child_signal(&child, SIGTERM);
	CHECK_INT(kt_child_end(&child), 128 + SIGTERM);
	CHECK_INT(child.fd, -1);
}

TEST(what_cannot_be_run)
{
	struct kt_child child;
	struct kt_err err = {0};
	CHECK_INT(start(&child, "no-such-command-anywhere", &err), -1);
	CHECK_STR(err.msg, "running no-such-command-anywhere: No such file or directory");
	CHECK_INT(err.status, KT_USAGE);
	CHECK_INT(child.fd, -1);
	CHECK_STR(err.hint, "");
	CHECK_INT(start(&child, "/", &err), -1);
	CHECK_STR(err.msg, "running /: Permission denied");
	CHECK_INT(start(&child, "cat -n", &err), -1);
	CHECK_STR(err.hint, "that is one word; without its quotes, or after sh -c, it is a command with arguments");
}

/* A script without #! is one for sh, as everywhere. */
TEST(a_script_without_an_interpreter)
{
	char path[] = "/tmp/kt-child-XXXXXX";
	int fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, "exit 9\n", 7) == 7 && fchmod(fd, 0700) == 0);
	close(fd);
	CHECK_INT(end_of(path), 9);
	unlink(path);
}

TEST(many_at_once_and_no_descriptor_stays)
{
	enum { MANY = 40 };
	struct kt_child children[MANY];
	struct kt_err err = {0};
	int before = count_descriptors();
	for (int i = 0; i < MANY; i++) {
		char words[32];
		snprintf(words, sizeof(words), "sh|-c|exit %d", i);
		CHECK_INT(start(&children[i], words, &err), 0);
	}
	/* The last one is waited for first: they need not be reaped in order. */
	for (int i = MANY - 1; i >= 0; i--)
		CHECK_INT(kt_child_end(&children[i]), i);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(start(&children[i], "no-such-command-anywhere", &err), -1);
	CHECK_INT(count_descriptors(), before);
}

TEST(no_descriptor_left)
{
	struct rlimit before, least;
	struct kt_child child;
	struct kt_err err = {0};
	getrlimit(RLIMIT_NOFILE, &before);
	least = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &least);
	int result = start(&child, "true", &err);
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK_INT(result, -1);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_STR(err.msg, "running true: Too many open files");
}

TEST(descriptors)
{
	int ends[2], other[2];
	char text[16] = "";
	CHECK(pipe(ends) == 0 && pipe(other) == 0);
	CHECK(write(ends[1], "in\n", 3) == 3);
	close(ends[1]);
	/* What was not meant for it is not there; `other` is inheritable, and above 3. */
	CHECK_INT(end_in("sh|-c|read x <&3; test \"$x\" = in && ! ls /dev/fd/5 /dev/fd/6 /dev/fd/7",
			  &(struct kt_child_how){.third = ends[0], .closed = true, .err = other[1]}),
		0);
	close(ends[0]);
	CHECK(read(other[0], text, 3) == 3 && !memcmp(text, "ls:", 3));
	CHECK_INT(end_in("sh|-c|echo out", &(struct kt_child_how){.out = other[1], .err = other[1]}), 0);
	close(other[1]);
	FILE *file = fdopen(other[0], "r");
	char line[200], last[200] = "";
	while (fgets(line, sizeof(line), file))
		snprintf(last, sizeof(last), "%s", line);
	CHECK_STR(last, "out\n");
	fclose(file);
}

TEST(environment)
{
	struct kt_strs more = {0};
	kt_strs_add(&more, "CHILD_B=new");
	setenv("CHILD_A", "old", 1);
	setenv("CHILD_B", "old", 1);
	struct kt_child_how how = {.environment = &more};
	CHECK_INT(end_in("sh|-c|test $CHILD_A$CHILD_B = oldnew", &how), 0);
	how.without = "CHILD_";
	CHECK_INT(end_in("sh|-c|test \"$CHILD_A$CHILD_B\" = new", &how), 0);
	kt_strs_fini(&more);
}

/* The whole group, including what its leader left running. */
TEST(a_group_of_its_own)
{
	struct kt_child child;
	struct kt_err err = {0};
	int ends[2];
	char byte;
	CHECK(pipe(ends) == 0);
	CHECK_INT(start_in(&child, "sh|-c|sleep 60 & echo x; exit 0",
			  &(struct kt_child_how){.out = ends[1], .apart = true}, &err),
		0);
	close(ends[1]);
	CHECK_INT(read(ends[0], &byte, 1), 1);
	struct pollfd fd = {.fd = child.fd, .events = POLLIN};
	CHECK_INT(poll(&fd, 1, 60000), 1);
	kt_child_signal(&child, SIGKILL);
	CHECK_INT(kt_child_end(&child), 0);
	while (read(ends[0], &byte, 1) > 0)
		;
	close(ends[0]);
}

/* It ends with the process that started it, whatever ended that. */
TEST(tied_to_its_parent)
{
	struct kt_strs more = {0};
	int ends[2], mine[2];
	char text[16] = "";
	CHECK(pipe(ends) == 0 && pipe(mine) == 0);
	CHECK(write(ends[1], "in\n", 3) == 3);
	close(ends[1]);
	kt_strs_add(&more, "CHILD_TIED=yes");
	struct kt_child_how how = {
		.third = ends[0], .closed = true, .out = mine[1], .tied = true, .environment = &more};
	CHECK_INT(end_in("sh|-c|read x <&3; echo $x $CHILD_TIED; ! ls /dev/fd/5 2>/dev/null", &how), 0);
	CHECK(read(mine[0], text, 7) == 7 && !memcmp(text, "in yes\n", 7));
	close(ends[0]);
	kt_strs_fini(&more);
	how = (struct kt_child_how){.tied = true};
	CHECK_INT(end_in("sh|-c|exit 7", &how), 7);
	struct kt_child child;
	struct kt_err err = {0};
	CHECK_INT(start_in(&child, "no-such-command-anywhere", &how, &err), -1);
	CHECK_STR(err.msg, "running no-such-command-anywhere: No such file or directory");
	CHECK_INT(child.fd, -1);
	/* One in between starts it and ends: whoever is left of the two keeps the pipe open. */
	pid_t between = fork();
	if (!between)
		_exit(start(&child, "true", &err) < 0 || start_in(&child, "sleep|600", &how, &err) < 0);
	int status = -1;
	close(mine[1]);
	CHECK(waitpid(between, &status, 0) == between && status == 0);
	struct pollfd fd = {.fd = mine[0], .events = POLLIN};
	CHECK_INT(poll(&fd, 1, 60000), 1);
	CHECK_INT(read(mine[0], text, 1), 0);
	close(mine[0]);
}

/* fork() would share every page with the child, and each one written after that would have to be copied. */
TEST(a_large_parent_is_not_copied)
{
	enum { SIZE = 300 << 20, PAGE = 4096 };
	struct rusage before, after;
	struct kt_child child;
	struct kt_err err = {0};
	char *pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	madvise(pages, SIZE, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < SIZE; at += PAGE)
		pages[at] = 1;
	CHECK_INT(start(&child, "sleep|60", &err), 0);
	getrusage(RUSAGE_SELF, &before);
	for (size_t at = 0; at < SIZE; at += PAGE)
		pages[at] = 2;
	getrusage(RUSAGE_SELF, &after);
	CHECK(after.ru_minflt - before.ru_minflt < SIZE / PAGE / 10);
	kt_child_signal(&child, SIGKILL);
	CHECK_INT(kt_child_end(&child), 128 + SIGKILL);
	munmap(pages, SIZE);
}

/* Last: the signals are blocked from here on. */
TEST(signals_are_as_they_were)
{
	signal(SIGCHLD, SIG_IGN);
	kt_sig_block();
	CHECK_INT(end_of("sh|-c|exit 7"), 7);
	CHECK_INT(end_of("sh|-c|kill -PIPE $$"), 128 + SIGPIPE);
	CHECK_INT(end_of("sh|-c|kill -TERM $$"), 128 + SIGTERM);
	CHECK_INT(end_of("sh|-c|kill -USR1 $$"), 128 + SIGUSR1);
}
