#include "storestep.h"

#include <poll.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "mem.h"
#include "sig.h"
#include "sqlitestore.h"
#include "tap.h"
#include "when.h"

static struct kt_bytes bytes(const char *text)
{
	return (struct kt_bytes){text, text ? strlen(text) : 0};
}

static struct kt_record record(int64_t offset, const char *key, const char *value)
{
	return (struct kt_record){
		.topic = bytes("t"), .partition = 3, .offset = offset, .key = bytes(key), .value = bytes(value)};
}

/* A name for a file that is not there yet; the caller frees it. */
static char *fresh_path(void)
{
	const char *dir = getenv("TMPDIR");
	return kt_asprintf("%s/kt-storing.%d.%lld", dir ? dir : "/tmp", (int)getpid(), (long long)kt_clock_us());
}

static int until_done(struct kt_storestep *s, struct kt_err *err)
{
	int result, turns = 0;
	while (!(result = kt_storestep_poll(s, err)) && turns++ < 1000) {
		struct pollfd fd = {.fd = kt_storestep_fd(s), .events = POLLIN};
		int64_t ms = kt_storestep_wait_ms(s);
		poll(&fd, 1, ms > 10000 ? 10000 : (int)ms);
	}
	return result;
}

static int store_one(struct kt_storestep_how how, struct kt_record r, struct kt_err *err)
{
	kt_auto(kt_storestep_free) struct kt_storestep *s = NULL;
	if (kt_storestep_open(&s, &how, err) < 0)
		return -1;
	kt_storestep_take(s, &r);
	if (kt_storestep_begin(s, err) < 0)
		return -1;
	return until_done(s, err);
}

TEST(a_step_takes_its_time)
{
	struct kt_err err = {0};
	int64_t since_us = kt_clock_us();
	CHECK_INT(store_one((struct kt_storestep_how){.time_ms = 60}, record(0, NULL, "v"), &err), 1);
	CHECK(kt_clock_us() - since_us >= 60000);
}

TEST(a_command_gets_the_record)
{
	kt_auto(kt_free_ptr) char *path = fresh_path(),
				  *command = kt_asprintf("{ echo $KT_RECORD_TOPIC $KT_RECORD_PARTITION "
							 "$KT_RECORD_OFFSET ${KT_RECORD_KEY-none}; cat; } >%s",
					  path);
	static const struct {
		const char *key, *value, *expected;
	} rows[] = {
		{"k", "v\n", "t 3 9 k\nv\n"},
		{NULL, "", "t 3 9 none\n"},
		{"", NULL, "t 3 9\n"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		kt_auto(kt_buf_fini) struct kt_buf got = {0};
		struct kt_storestep_how how = {.command = command};
		CHECK_INT(store_one(how, record(9, rows[i].key, rows[i].value), &err), 1);
		CHECK_INT(kt_file_read(&got, path, 1000, &err), 0);
		CHECK_STR(kt_buf_cstr(&got), rows[i].expected);
	}
	unlink(path);
}

/* More than a pipe would take, to a command that does not read. */
TEST(a_large_record_does_not_wait_for_its_reader)
{
	struct kt_err err = {0};
	kt_auto(kt_free_ptr) char *value = kt_calloc(1, 1 << 20);
	struct kt_record r = record(0, NULL, NULL);
	r.value = (struct kt_bytes){value, 1 << 20};
	CHECK_INT(store_one((struct kt_storestep_how){.command = "true"}, r, &err), 1);
	CHECK_INT(store_one((struct kt_storestep_how){.command = "test $(wc -c) = 1048576"}, r, &err), 1);
}

TEST(a_command_that_fails)
{
	struct kt_err err = {0};
	CHECK_INT(store_one((struct kt_storestep_how){.command = "exit 7"}, record(9, NULL, "v"), &err), -1);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_STR(err.msg, "the store command ended with status 7 for t [3] offset 9");
}

TEST(a_stuck_command_is_ended_soon)
{
	struct kt_err err = {0};
	kt_auto(kt_storestep_free) struct kt_storestep *s = NULL;
	struct kt_record r = record(0, NULL, "v");
	CHECK_INT(kt_storestep_open(&s, &(struct kt_storestep_how){.command = "trap '' TERM; sleep 30"}, &err), 0);
	kt_storestep_take(s, &r);
	CHECK_INT(kt_storestep_begin(s, &err), 0);
	CHECK_INT(kt_storestep_poll(s, &err), 0);
	int64_t since_us = kt_clock_us();
	kt_storestep_abort(s);
	CHECK(kt_clock_us() - since_us < 5000000);
	CHECK_INT(kt_storestep_fd(s), -1);
}

TEST(a_record_is_stored_once)
{
	struct kt_err err = {0};
	kt_auto(kt_free_ptr) char *path = fresh_path();
	struct kt_storestep_how how = {.file = path};
	if (store_one(how, record(0, NULL, "v"), &err) < 0 && err.status == KT_USAGE) {
		printf("# this build has no SQLite\n");
		return;
	}
	CHECK_INT(store_one(how, record(0, NULL, "v"), &err), 2);
	CHECK_INT(store_one(how, record(1, "k", NULL), &err), 1);
	CHECK_INT(store_one(how, record(1, "k", NULL), &err), 2);
	CHECK_INT(store_one(how, record(1, "k", ""), &err), -1);
	CHECK_INT(store_one(how, record(2, "k", ""), &err), 1);
	CHECK_INT(store_one(how, record(2, "k", ""), &err), 2);
	CHECK_INT(store_one(how, record(0, NULL, "w"), &err), -1);
	CHECK_INT(err.status, KT_FAILED);
	CHECK(strstr(err.msg, "holds another value for t [3] offset 0"));
	unlink(path);
}

TEST(a_file_that_cannot_be)
{
	struct kt_err err = {0};
	kt_auto(kt_storestep_free) struct kt_storestep *s = NULL;
	CHECK_INT(kt_storestep_open(&s, &(struct kt_storestep_how){.file = "/dev/null/x"}, &err), -1);
	CHECK(!s);
	CHECK(strstr(err.msg, "storing into /dev/null/x: "));
}
