#include "err.h"

#include <errno.h>
#include <stdarg.h>

const struct kt_status_text kt_status_texts[] = {
	{"0", "everything that was asked for was done (also: an endless consume ended by Ctrl-C after a clean leave, "
	      "or because the reader of its output closed the pipe)"},
	{"1", "failed: the broker said no, authentication, authorization, local input or output"},
	{"2", "usage or configuration"},
	{"3", "partly done: some records not delivered or not decoded, some items refused"},
	{"4", "not found: unknown topic or group"},
	{"5", "no broker reachable within the timeout"},
	{"124", "--run-for ended the run before what was asked for was complete"},
	{"128+n", "signal n ended a run that was not complete"},
	{NULL, NULL},
};

int kt_err_set(struct kt_err *err, int status, const char *format, ...)
{
	va_list args;
	err->status = status;
	err->hint[0] = '\0';
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	return -1;
}

/* What the caller's own limits are called where they can be raised. */
static const char *limit_of(int code)
{
	switch (code) {
	case EMFILE:
		return "`ulimit -n` is the limit of open files";
	case EFBIG:
		return "`ulimit -f` is the limit of a file's size";
	default:
		return NULL;
	}
}

int kt_err_sys(struct kt_err *err, const char *format, ...)
{
	int saved = errno;
	va_list args;
	err->status = KT_FAILED;
	err->hint[0] = '\0';
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	size_t used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(saved));
	const char *limit = limit_of(saved);
	return limit ? kt_err_hint(err, "%s", limit) : -1;
}

int kt_err_wrap(struct kt_err *err, const char *format, ...)
{
	char all[2 * sizeof(err->msg)];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(all, sizeof(err->msg), format, args);
	va_end(args);
	size_t context = len < 0 ? 0 : strnlen(all, sizeof(err->msg));
	size_t cause = strnlen(err->msg, sizeof(err->msg) - 3);
	/* When both do not fit, the cause matters more than the context. */
	if (context + 2 + cause >= sizeof(err->msg))
		context = sizeof(err->msg) - 3 - cause;
	memcpy(all + context, ": ", 2);
	memcpy(all + context + 2, err->msg, cause);
	memcpy(err->msg, all, context + 2 + cause);
	err->msg[context + 2 + cause] = '\0';
	return -1;
}

int kt_err_hint(struct kt_err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return -1;
}
