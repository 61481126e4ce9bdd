#include "checkreport.h"

#include <errno.h>

#include "esc.h"
#include "jsonout.h"
#include "say.h"

static const struct {
	const char *word, *color;
} states[] = {
	[KT_STEP_OK] = {"ok", "\033[32m"},
	[KT_STEP_WARNING] = {"warning", "\033[33m"},
	[KT_STEP_FAILED] = {"failed", "\033[31m"},
	[KT_STEP_SKIPPED] = {"skipped", "\033[2m"},
};

static const char *words_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void add_json(struct kt_buf *out, const struct kt_step *step)
{
	kt_buf_addc(out, '{');
	kt_jsonout_text(out, "step", step->name);
	kt_jsonout_words(out, "address", words_or_null(step->address));
	kt_jsonout_count(out, "broker", step->broker);
	kt_jsonout_text(out, "state", states[step->state].word);
	kt_jsonout_fixed(out, "ms", (double)step->took_us / 1000, 1);
	kt_jsonout_words(out, "text", words_or_null(step->text));
	kt_jsonout_words(out, "hint", words_or_null(step->hint));
	kt_buf_adds(out, "}\n");
}

/* Where the step took place, unless the sentence says it. */
static void add_place(struct kt_buf *out, const struct kt_step *step)
{
	if (step->broker >= 0)
		kt_buf_addf(out, "broker %d, ", (int)step->broker);
	if (step->address[0] && (step->broker >= 0 || !strstr(step->text, step->address)))
		kt_words_addf(out, "%s: ", step->address);
}

static bool comes_first(const struct kt_step *step)
{
	return step->state == KT_STEP_FAILED || step->state == KT_STEP_WARNING;
}

static void add_text(struct kt_checkreport *r, const struct kt_step *step)
{
	char time[32];
	struct kt_buf *out = comes_first(step) ? &r->out : &r->rest;
	const char *on = r->color ? states[step->state].color : "", *off = r->color ? "\033[0m" : "";
	snprintf(time, sizeof(time), "%.1f ms", (double)step->took_us / 1000);
	kt_buf_addf(out, "%s%-8s%s %-14s %10s  ", on, states[step->state].word, off, step->name,
		step->state == KT_STEP_SKIPPED ? "" : time);
	add_place(out, step);
	kt_words(out, step->text);
	kt_buf_addc(out, '\n');
	if (!step->hint[0])
		return;
	kt_words_addf(out, "%36shint: %s", "", step->hint);
	kt_buf_addc(out, '\n');
}

static void add_step(struct kt_checkreport *r, const struct kt_step *step)
{
	if (step->state == KT_STEP_FAILED && !r->count[KT_STEP_FAILED])
		r->first = *step;
	r->count[step->state]++;
	if (r->json)
		add_json(&r->out, step);
	else if (!r->quiet || comes_first(step))
		add_text(r, step);
}

/* What should be seen at once: a check takes seconds, and somebody is watching. */
static void flush(struct kt_checkreport *r)
{
	kt_say_progress("%s", "");
	if (r->out.len && !r->write_error &&
		(fwrite(r->out.data, 1, r->out.len, stdout) != r->out.len || fflush(stdout) != 0))
		r->write_error = errno;
	/* A reader that has seen enough is not an error, not even at the end. */
	if (r->write_error == EPIPE)
		clearerr(stdout);
	r->out.len = 0;
}

size_t kt_checkreport_steps(struct kt_checkreport *r, const struct kt_steps *steps, size_t from)
{
	for (; from < steps->n; from++)
		add_step(r, &steps->v[from]);
	flush(r);
	return steps->n;
}

void kt_checkreport_skipped(struct kt_checkreport *r, const char *name, const char *why)
{
	struct kt_steps steps = {0};
	kt_step_skip(kt_step_begin(&steps, name, "", KT_STEP_LOCAL), "%s", why);
	kt_checkreport_steps(r, &steps, 0);
	kt_steps_fini(&steps);
}

void kt_checkreport_rest(struct kt_checkreport *r)
{
	kt_buf_add(&r->out, r->rest.data, r->rest.len);
	r->rest.len = 0;
	flush(r);
}

int kt_checkreport_verdict(struct kt_checkreport *r, struct kt_err *err)
{
	const size_t *n = r->count;
	const struct kt_step *first = &r->first;
	bool failed = n[KT_STEP_FAILED] > 0;
	kt_checkreport_rest(r);
	if (r->json) {
		kt_buf_addc(&r->out, '{');
		kt_jsonout_text(&r->out, "verdict", failed ? "failed" : "ok");
		kt_jsonout_i64(&r->out, "status", failed ? first->status : KT_OK);
		kt_jsonout_i64(&r->out, "ok", (int64_t)n[KT_STEP_OK]);
		kt_jsonout_i64(&r->out, "warnings", (int64_t)n[KT_STEP_WARNING]);
		kt_jsonout_i64(&r->out, "failed", (int64_t)n[KT_STEP_FAILED]);
		kt_jsonout_i64(&r->out, "skipped", (int64_t)n[KT_STEP_SKIPPED]);
		kt_jsonout_words(&r->out, "first", failed ? first->name : NULL);
		kt_buf_adds(&r->out, "}\n");
	} else if (failed) {
		kt_words_addf(&r->out, "%zu of %zu steps failed, first of all %s%s%s", n[KT_STEP_FAILED],
			n[KT_STEP_OK] + n[KT_STEP_WARNING] + n[KT_STEP_FAILED], first->name,
			first->address[0] ? " of " : "", first->address);
		kt_buf_addc(&r->out, '\n');
	} else if (!r->quiet) {
		kt_buf_addf(&r->out, "all %zu steps work", n[KT_STEP_OK] + n[KT_STEP_WARNING]);
		if (n[KT_STEP_WARNING])
			kt_buf_addf(&r->out, ", %zu with a warning", n[KT_STEP_WARNING]);
		kt_buf_addc(&r->out, '\n');
	}
	flush(r);
	errno = r->write_error;
	if (r->write_error && r->write_error != EPIPE)
		return kt_err_sys(err, "writing to standard output");
	return failed ? kt_err_set(err, first->status, "%s", "") : 0;
}

void kt_checkreport_fini(struct kt_checkreport *r)
{
	kt_buf_fini(&r->out);
	kt_buf_fini(&r->rest);
}
