/* A kt without SQLite. */
#include "condition.h"

int kt_condition_open(struct kt_condition **out, const char *text, struct kt_err *err)
{
	(void)out;
	return kt_err_set(err, KT_USAGE, "--where %s: this kt was built without SQLite", text);
}

void kt_condition_stop(struct kt_condition *where, const struct kt_stop *stop)
{
	(void)where;
	(void)stop;
}

bool kt_condition_wants_headers(const struct kt_condition *where)
{
	(void)where;
	return false;
}

bool kt_condition_takes(struct kt_condition *where, const struct kt_record *record)
{
	(void)where;
	(void)record;
	return false;
}

bool kt_condition_is_stopped(const struct kt_condition *where)
{
	(void)where;
	return false;
}

void kt_condition_close(struct kt_condition **where)
{
	(void)where;
}
