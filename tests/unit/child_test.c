#include "child.h"

#include <poll.h>
#include <signal.h>

#include "tap.h"

static int start(struct kt_child *child, const char *words, struct kt_err *err)
{
	struct kt_strs list = {0};
	kt_strs_split(&list, words, "|");
	int result = kt_child_start(child, &list, err);
	kt_strs_fini(&list);
	return result;
}

static int end_of(const char *words)
{
	struct kt_child child;
	struct kt_err err = {0};
	if (start(&child, words, &err) < 0)
		return -1;
	struct pollfd fd = {.fd = child.fd, .events = POLLIN};
	CHECK_INT(poll(&fd, 1, 60000), 1);
	return kt_child_end(&child);
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
	CHECK_INT(start(&child, "/", &err), -1);
	CHECK_STR(err.msg, "running /: Permission denied");
}
