#include "watch.h"

#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "loop.h"
#include "out.h"
#include "say.h"
#include "when.h"

enum { PAUSE_US = 2000000 };

static int64_t left_ms(void *user, struct pollfd *fd)
{
	const int64_t *due_us = user;
	(void)fd;
	int64_t left_us = *due_us - kt_clock_us();
	return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

/* For the next time, or until it is over: 1. */
static int wait_between(const struct kt_stop *stop, struct kt_out *out, struct kt_err *err)
{
	int64_t due_us = kt_clock_us() + PAUSE_US;
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = stop};
	struct kt_loop_source timer = {.user = &due_us, .wait = left_ms}, reader = kt_out_source(out);
	kt_loop_add(&loop, &timer);
	kt_loop_add(&loop, &reader);
	while (kt_clock_us() < due_us && !kt_stop_status(stop) && !kt_out_reader_gone(out))
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
	return kt_stop_status(stop) || out->closed;
}

/* In the place of what is there, once there is something to put there. */
static void begin_screen(void)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, line = {0};
	char clock[16];
	struct tm now;
	const time_t seconds = time(NULL);
	if (!localtime_r(&seconds, &now) || !strftime(clock, sizeof(clock), "%H:%M:%S", &now))
		*clock = '\0';
	kt_command_line(&line, NULL, "");
	kt_buf_addf(&text, "\033[H\033[J%% %s, every 2 s: %s\n", clock, kt_buf_cstr(&line));
	kt_say_first(kt_buf_cstr(&text));
}

/* Whether what failed is worth another look. What was asked for once is not asked for every two seconds. */
static bool goes_on(const struct kt_err *err, bool again)
{
	return err->status == KT_PARTIAL || (again && err->status != KT_USAGE);
}

int kt_watch(const struct kt_cmd *cmd, void *opts, const struct kt_watch_how *how, struct kt_err *err)
{
	kt_auto(kt_out_fini) struct kt_out out;
	const struct kt_owner *outer = *how->owner;
	struct kt_stop stop = {.outer = outer->stop};
	struct kt_owner owner = *outer;
	owner.stop = &stop;
	*how->owner = &owner;
	kt_stop_begin(&stop, how->limit_ms);
	kt_out_init(&out, STDOUT_FILENO);
	int over = 0;
	for (bool again = false; !over; again = true) {
		if (out.terminal)
			begin_screen();
		else if (again && !how->json)
			kt_say_first("\n");
		*err = (struct kt_err){0};
		int result = cmd->run(opts, err);
		if (kt_stop_status(&stop))
			break;
		if (result < 0 && !goes_on(err, again)) {
			over = -1;
			break;
		}
		if (result < 0 && err->msg[0])
			kt_say(KT_WARNING, "%s%s%s", err->msg, err->hint[0] ? "; " : "", err->hint);
		kt_ask_nobody();
		over = wait_between(&stop, &out, err);
	}
	kt_say_first("");
	*how->owner = outer;
	return over < 0 ? -1 : 0;
}
