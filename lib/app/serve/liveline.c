/* The terminal's last line: how many requests there are. */
#include "num.h"
#include "say.h"
#include "serve_own.h"
#include "when.h"

enum { EACH_MS = 1000 };

static int64_t wait_for_line(void *user, struct pollfd *fd)
{
	const struct kt_serve *s = user;
	(void)fd;
	int64_t left_ms = kt_until_ms(s->shown_us + EACH_MS * 1000);
	return left_ms > 0 ? left_ms : 0;
}

static int show_line(void *user, short revents, struct kt_err *err)
{
	struct kt_serve *s = user;
	int64_t now_us = kt_clock_us(), since_us = now_us - s->shown_us;
	char rate[32], failed[32];
	(void)revents, (void)err;
	if (since_us < EACH_MS * 1000)
		return 0;
	kt_group_digits((s->answered - s->shown) * 1000000 / since_us, rate);
	kt_group_digits(s->failed, failed);
	kt_say_progress("%s requests/s, %zu in flight, %s failures", rate, s->active, failed);
	s->shown = s->answered;
	s->shown_us = now_us;
	return 0;
}

struct kt_loop_source kt_serve_live(struct kt_serve *s)
{
	s->shown_us = kt_clock_us();
	return (struct kt_loop_source){.user = s, .wait = wait_for_line, .serve = show_line};
}
