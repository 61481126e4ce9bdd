#include "waiting.h"

#include <stdarg.h>

#include "when.h"

enum { PATIENCE_US = 1000000, EVERY_US = 200000 };

bool kt_waiting_say(struct kt_waiting *wait, const char *format, ...)
{
	const struct kt_owner *owner = wait->owner;
	int64_t now_us = kt_clock_us();
	if (!wait->start_us)
		wait->start_us = now_us;
	if (wait->looked_us && now_us - wait->looked_us > KT_WAITING_LOOK_US)
		wait->start_us += now_us - wait->looked_us - KT_WAITING_LOOK_US;
	wait->looked_us = now_us;
	int64_t waited_us = now_us - wait->start_us;
	if (!owner || !owner->waiting || waited_us < PATIENCE_US || now_us - wait->said_us < EVERY_US)
		return wait->seen;
	char what[500];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	wait->said_us = now_us;
	wait->seen = owner->waiting(owner->user, what, waited_us / 1000);
	return wait->seen;
}

void kt_waiting_end(struct kt_waiting *wait)
{
	if (wait->seen)
		wait->owner->waiting(wait->owner->user, NULL, 0);
	wait->start_us = wait->looked_us = wait->said_us = 0;
	wait->seen = false;
}
