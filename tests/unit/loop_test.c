#include "loop.h"

#include <unistd.h>

#include "tap.h"
#include "when.h"

/* A pipe that is read, and what is done when something comes. */
struct reader {
	struct kt_loop_source source;
	struct kt_loop *loop;
	int ends[2];
	int64_t wait_ms;
	int served, came;
	struct reader *removes, *adds;
	bool fails;
};

static int64_t wait_for(void *user, struct pollfd *fd)
{
	struct reader *r = user;
	*fd = (struct pollfd){.fd = r->ends[0], .events = POLLIN};
	return r->wait_ms;
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct reader *r = user;
	char byte;
	r->served++;
	if (revents & POLLIN)
		r->came += read(r->ends[0], &byte, 1) == 1;
	if (r->removes)
		kt_loop_remove(r->loop, &r->removes->source);
	if (r->adds)
		kt_loop_add(r->loop, &r->adds->source);
	r->adds = r->removes = NULL;
	return r->fails ? kt_err_set(err, KT_FAILED, "no") : 0;
}

static void open_reader(struct reader *r, struct kt_loop *loop)
{
	*r = (struct reader){.source = {r, wait_for, serve}, .loop = loop, .wait_ms = INT64_MAX};
	CHECK_INT(pipe(r->ends), 0);
}

static void tell(struct reader *r)
{
	CHECK_INT(write(r->ends[1], "x", 1), 1);
}

static void close_reader(struct reader *r)
{
	close(r->ends[0]);
	close(r->ends[1]);
}

TEST(whoever_is_first)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {0};
	struct kt_err err = {0};
	struct reader a, b;
	open_reader(&a, &loop);
	open_reader(&b, &loop);
	kt_loop_add(&loop, &a.source);
	kt_loop_add(&loop, &b.source);
	tell(&b);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(a.came, 0);
	CHECK_INT(b.came, 1);
	CHECK_INT(a.served, 1);
	tell(&a);
	tell(&b);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(a.came + b.came, 3);
	a.wait_ms = 0;
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(a.came + b.came, 3);
	close_reader(&a);
	close_reader(&b);
}

TEST(come_and_go_while_served)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {0};
	struct kt_err err = {0};
	struct reader a, b, c;
	open_reader(&a, &loop);
	open_reader(&b, &loop);
	open_reader(&c, &loop);
	kt_loop_add(&loop, &a.source);
	kt_loop_add(&loop, &b.source);
	a.removes = &b;
	a.adds = &c;
	tell(&a);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(b.served, 0);
	CHECK_INT(c.served, 0);
	tell(&c);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(c.came, 1);
	c.removes = &c;
	tell(&a);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(loop.n, 2);
	tell(&a);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(loop.n, 1);
	CHECK_INT(c.served, 2);
	close_reader(&a);
	close_reader(&b);
	close_reader(&c);
}

TEST(an_error_ends_the_turn)
{
	kt_auto(kt_loop_fini) struct kt_loop loop = {0};
	struct kt_err err = {0};
	struct reader a, b;
	open_reader(&a, &loop);
	open_reader(&b, &loop);
	kt_loop_add(&loop, &a.source);
	kt_loop_add(&loop, &b.source);
	a.fails = true;
	a.wait_ms = 0;
	CHECK_INT(kt_loop_turn(&loop, &err), -1);
	CHECK_STR(err.msg, "no");
	CHECK_INT(b.served, 0);
	close_reader(&a);
	close_reader(&b);
}

static int64_t timer_wait(void *user, struct pollfd *fd)
{
	const int64_t *at_us = user;
	int64_t left_us = *at_us - kt_clock_us();
	(void)fd;
	return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

/* The shortest of them, and the stop's. */
TEST(timers_and_the_stop)
{
	struct kt_stop stop = {0};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = &stop};
	struct kt_err err = {0};
	int64_t soon_us = kt_clock_us() + 20000, late_us = soon_us + 3600 * 1000000LL;
	struct kt_loop_source late = {&late_us, timer_wait, NULL}, soon = {&soon_us, timer_wait, NULL};
	kt_loop_add(&loop, &late);
	kt_loop_add(&loop, &soon);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK(kt_clock_us() >= soon_us);
	kt_loop_remove(&loop, &soon);
	kt_stop_begin(&stop, 20);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
	CHECK_INT(kt_stop_status(&stop), KT_RUN_ENDED);
	CHECK_INT(kt_loop_turn(&loop, &err), 0);
}
