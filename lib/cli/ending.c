#include "ending.h"

#include <stdarg.h>

static kt_printf(3, 0) int tell(int stopped, struct kt_err *err, const char *format, va_list args)
{
	char words[300];
	if (!stopped)
		return 0;
	vsnprintf(words, sizeof(words), format, args);
	return kt_err_set(err, stopped, "%s %s",
		stopped > KT_SIGNAL       ? "ended by a signal"
		: stopped == KT_RUN_ENDED ? "--run-for ended the run"
					  : "ended",
		words);
}

int kt_ended(int stopped, struct kt_err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int result = tell(stopped, err, format, args);
	va_end(args);
	return result;
}

int kt_ending_close(struct kt_ending *end, int stopped, const char *format, ...)
{
	va_list args;
	if (end->result < 0)
		return -1;
	va_start(args, format);
	end->result = tell(stopped, end->err, format, args);
	va_end(args);
	return end->result;
}
