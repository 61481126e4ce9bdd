#include "owner.h"

#include <stdarg.h>

int kt_owner_stopped(const struct kt_owner *owner)
{
	return owner ? kt_stop_status(owner->stop) : 0;
}

void kt_owner_note(const struct kt_owner *owner, enum kt_note kind, const struct kt_err *what)
{
	if (owner && owner->note)
		owner->note(owner->user, kind, what);
}

void kt_owner_say(const struct kt_owner *owner, enum kt_note kind, const char *format, ...)
{
	struct kt_err what = {0};
	va_list args;
	va_start(args, format);
	vsnprintf(what.msg, sizeof(what.msg), format, args);
	va_end(args);
	kt_owner_note(owner, kind, &what);
}
