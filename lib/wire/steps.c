#include "steps.h"

#include <stdarg.h>

#include "mem.h"
#include "when.h"

struct kt_step *kt_step_begin(struct kt_steps *steps, const char *name, const char *address, int32_t broker)
{
	steps->v = kt_grow(steps->v, &steps->cap, steps->n + 1, sizeof(*steps->v));
	struct kt_step *step = &steps->v[steps->n++];
	*step = (struct kt_step){.name = name, .broker = broker, .start_us = kt_clock_us()};
	snprintf(step->address, sizeof(step->address), "%s", address);
	return step;
}

static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void finish(struct kt_step *step, enum kt_step_state state)
{
	step->state = state;
	step->took_us = kt_clock_us() - step->start_us;
	clean(step->text);
	clean(step->hint);
}

#define FORMAT_TEXT(step, format)                                                                                      \
	do {                                                                                                           \
		va_list args;                                                                                          \
		va_start(args, format);                                                                                \
		vsnprintf((step)->text, sizeof((step)->text), format, args);                                           \
		va_end(args);                                                                                          \
	} while (0)

void kt_step_ok(struct kt_step *step, const char *format, ...)
{
	FORMAT_TEXT(step, format);
	finish(step, KT_STEP_OK);
}

void kt_step_skip(struct kt_step *step, const char *format, ...)
{
	FORMAT_TEXT(step, format);
	finish(step, KT_STEP_SKIPPED);
}

void kt_step_warn(struct kt_step *step, const char *hint, const char *format, ...)
{
	FORMAT_TEXT(step, format);
	snprintf(step->hint, sizeof(step->hint), "%s", hint);
	finish(step, KT_STEP_WARNING);
}

void kt_step_fail(struct kt_step *step, const struct kt_err *err)
{
	step->status = err->status;
	snprintf(step->text, sizeof(step->text), "%s", err->msg);
	snprintf(step->hint, sizeof(step->hint), "%s", err->hint);
	finish(step, KT_STEP_FAILED);
}

void kt_steps_fini(struct kt_steps *steps)
{
	free(steps->v);
	*steps = (struct kt_steps){0};
}
