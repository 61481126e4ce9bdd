#include "watch.h"

#include "tap.h"

/* A command that is run again and again: what each time ends with, and when the run is stopped. */
struct show_opts {
	const struct kt_owner *owner;
	struct kt_stop stop;
	int calls, stop_after;
	int statuses[4];
};

static int show(void *data, struct kt_err *err)
{
	struct show_opts *o = data;
	int status = o->statuses[o->calls++];
	CHECK(!err->msg[0]);
	CHECK(o->owner->stop != &o->stop);
	if (o->calls == o->stop_after)
		kt_stop_call(&o->stop, KT_SIGNAL + 2);
	return status ? kt_err_set(err, status, "time %d", o->calls) : 0;
}

static int watch(struct show_opts *o, struct kt_err *err)
{
	static const struct kt_cmd cmd = {.name = "show", .run = show};
	const struct kt_owner owner = {.stop = &o->stop};
	o->owner = &owner;
	int result = kt_watch(&cmd, o, &(struct kt_watch_how){.owner = &o->owner, .json = true}, err);
	CHECK(o->owner == &owner);
	return result;
}

TEST(a_failure_at_the_start_is_one)
{
	static const int statuses[] = {KT_USAGE, KT_UNREACHABLE, KT_NOT_FOUND, KT_FAILED};
	for (size_t i = 0; i < KT_LEN(statuses); i++) {
		struct show_opts o = {.statuses = {statuses[i]}};
		struct kt_err err = {0};
		CHECK_INT(watch(&o, &err), -1);
		CHECK_INT(err.status, statuses[i]);
		CHECK_INT(o.calls, 1);
	}
}

TEST(a_later_one_is_looked_at_again)
{
	struct show_opts o = {.statuses = {KT_PARTIAL, KT_UNREACHABLE, 0}, .stop_after = 3};
	struct kt_err err = {0};
	CHECK_INT(watch(&o, &err), 0);
	CHECK_INT(o.calls, 3);
}

TEST(what_is_typed_wrong_does_not_get_better)
{
	struct show_opts o = {.statuses = {0, KT_USAGE}};
	struct kt_err err = {0};
	CHECK_INT(watch(&o, &err), -1);
	CHECK_INT(o.calls, 2);
	CHECK_STR(err.msg, "time 2");
}

TEST(a_stop_is_an_end_like_any_other)
{
	struct show_opts o = {.statuses = {KT_FAILED}, .stop_after = 1};
	struct kt_err err = {0};
	CHECK_INT(watch(&o, &err), 0);
	CHECK_INT(o.calls, 1);
}
