/* A kt without SQLite. */
#include "sqlprompt.h"

int kt_sqlrun_open(struct kt_sqlrun **out, const struct kt_sqlrun_how *how, struct kt_err *err)
{
	(void)out;
	(void)how;
	return kt_err_set(err, KT_USAGE, "this kt was built without SQLite");
}

int kt_sqlrun_statements(struct kt_sqlrun *run, const char *text, struct kt_err *err)
{
	(void)run;
	(void)text;
	(void)err;
	return -1;
}

int kt_sqlrun_table(struct kt_sqlrun *run, const char *topic, int64_t count, struct kt_err *err)
{
	(void)run;
	(void)topic;
	(void)count;
	(void)err;
	return -1;
}

bool kt_sqlrun_is_over(const struct kt_sqlrun *run)
{
	(void)run;
	return true;
}

int kt_sqlrun_close(struct kt_sqlrun *run, int result, struct kt_err *err)
{
	(void)run;
	(void)err;
	return result;
}

int kt_sqlprompt(struct kt_sqlrun *run, const struct kt_sqlrun_how *how, struct kt_err *err)
{
	(void)run;
	(void)how;
	(void)err;
	return -1;
}
