#include "waituntil.h"

#include "ending.h"
#include "loop.h"
#include "say.h"

static int64_t pause(void *user, struct pollfd *fd)
{
	const struct kt_waituntil *wait = user;
	(void)fd;
	return wait->pause_ms;
}

/* What is missing stays as it was told last where the stop ends a look. */
static int look(const struct kt_waituntil *wait, bool again, struct kt_buf *missing, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf why = {0};
	int there = wait->look(wait->user, again, &why, err);
	if (why.len) {
		missing->len = 0;
		kt_buf_add(missing, why.data, why.len);
	}
	return there;
}

void kt_waituntil_begin(struct kt_waituntil *wait, struct kt_client_opts *client)
{
	wait->stop = (struct kt_stop){.outer = client->owner->stop};
	wait->owner = *client->owner;
	wait->owner.stop = &wait->stop;
	client->owner = &wait->owner;
	kt_stop_begin(&wait->stop, client->run_for_ms);
}

int kt_waituntil(const struct kt_waituntil *wait, struct kt_err *err)
{
	const struct kt_stop *stop = &wait->stop;
	kt_auto(kt_buf_fini) struct kt_buf why = {0};
	kt_auto(kt_loop_fini) struct kt_loop loop = {.stop = stop};
	struct kt_loop_source timer = {.user = (void *)(uintptr_t)wait, .wait = pause};
	kt_loop_add(&loop, &timer);
	int there = look(wait, false, &why, err);
	while (!there && !kt_stop_status(stop)) {
		kt_say_progress("waiting: %s", kt_buf_cstr(&why));
		if (kt_loop_turn(&loop, err) < 0)
			return -1;
		if (kt_stop_status(stop))
			break;
		there = look(wait, true, &why, err);
	}
	kt_say_progress("%s", "");
	if (there > 0)
		return 0;
	return kt_stop_status(stop) ? kt_ended(kt_stop_status(stop), err, "while %s",
					      why.len ? kt_buf_cstr(&why) : "the brokers were asked")
				    : -1;
}
