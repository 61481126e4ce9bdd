#include "storestep.h"

#include <unistd.h>

#include "mem.h"
#include "recordcommand.h"
#include "recordcopy.h"
#include "sig.h"
#include "sqlitestore.h"
#include "when.h"

enum { ABORT_MS = 50, BUSY_MS = 20 };

struct kt_storestep {
	struct kt_storestep_how how;
	struct kt_sqlitestore *store;
	struct kt_child child; /* fd -1: none is running */
	struct kt_recordcopy copy;
	int64_t done_us;
	bool running, busy;
};

int kt_storestep_open(struct kt_storestep **out, const struct kt_storestep_how *how, struct kt_err *err)
{
	kt_auto(kt_storestep_free) struct kt_storestep *s = kt_calloc(1, sizeof(*s));
	s->how = *how;
	s->child.fd = -1;
	if (how->file && kt_sqlitestore_open(&s->store, how->file, err) < 0)
		return -1;
	*out = kt_steal(s);
	return 0;
}

static int start_command(struct kt_storestep *s, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	const struct kt_recordcommand command = {.words = &words, .out = STDERR_FILENO};
	kt_strs_add(&words, "sh");
	kt_strs_add(&words, "-c");
	kt_strs_add(&words, s->how.command);
	return kt_recordcommand_start(&s->child, &command, &s->copy.record, 1, err);
}

void kt_storestep_take(struct kt_storestep *s, const struct kt_record *record)
{
	kt_recordcopy_set(&s->copy, record);
}

int kt_storestep_begin(struct kt_storestep *s, struct kt_err *err)
{
	s->done_us = kt_clock_us() + s->how.time_ms * 1000;
	s->running = true;
	s->busy = false;
	return s->how.command ? start_command(s, err) : 0;
}

/* 1: it has stored; 0: it is still running; -1. */
static int look_at_command(struct kt_storestep *s, struct kt_err *err)
{
	struct pollfd fd = {.fd = s->child.fd, .events = POLLIN};
	if (s->child.fd < 0)
		return 1;
	if (poll(&fd, 1, 0) <= 0)
		return 0;
	int status = kt_child_end(&s->child);
	if (!status)
		return 1;
	return kt_err_set(err, KT_FAILED, "the store command ended with status %d for %s [%d] offset %lld", status,
		s->copy.record.topic.data, (int)s->copy.record.partition, (long long)s->copy.record.offset);
}

int kt_storestep_poll(struct kt_storestep *s, struct kt_err *err)
{
	int result = look_at_command(s, err);
	if (result <= 0)
		return result;
	if (kt_clock_us() < s->done_us)
		return 0;
	int stored = s->store ? kt_sqlitestore_put(s->store, &s->copy.record, err) : KT_STORED_NEW;
	s->busy = stored == KT_STORED_BUSY;
	if (s->busy)
		return 0;
	s->running = false;
	return stored < 0 ? -1 : stored == KT_STORED_BEFORE ? 2 : 1;
}

int kt_storestep_fd(const struct kt_storestep *s)
{
	return s->child.fd;
}

int64_t kt_storestep_wait_ms(const struct kt_storestep *s)
{
	if (!s->running)
		return INT64_MAX;
	if (s->busy)
		return BUSY_MS;
	int64_t left_ms = kt_until_ms(s->done_us);
	return !left_ms && s->child.fd >= 0 ? INT64_MAX : left_ms;
}

void kt_storestep_abort(struct kt_storestep *s)
{
	struct pollfd fd = {.fd = s->child.fd, .events = POLLIN};
	s->running = false;
	if (s->child.fd < 0)
		return;
	kt_child_signal(&s->child, SIGTERM);
	poll(&fd, 1, ABORT_MS);
	/* Even when the command itself has ended: what it started may not have. */
	kt_child_signal(&s->child, SIGKILL);
	kt_child_end(&s->child);
}

void kt_storestep_free(struct kt_storestep **at)
{
	struct kt_storestep *s = *at;
	if (!s)
		return;
	kt_storestep_abort(s);
	kt_sqlitestore_close(&s->store);
	kt_recordcopy_fini(&s->copy);
	free(s);
	*at = NULL;
}
