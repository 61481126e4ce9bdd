#include "scrape.h"

#include "mem.h"
#include "num.h"
#include "openmetrics.h"
#include "say.h"
#include "suggest.h"
#include "when.h"

/* NAMES: of other metrics that are compared with one that is not there, each cut to NAME_BYTES. */
enum { NAMES = 10000, NAME_BYTES = 200 };

enum { TIMEOUT_MS = 5000, PORT_MAX = 65535, ANSWER_MAX = 64 << 20 };

int kt_scrape_add(struct kt_scrape *s, const char *text, struct kt_err *err)
{
	struct kt_err ignored;
	const char *colon = strrchr(text, ':');
	int64_t port;
	if (!colon || colon == text || kt_parse_i64(colon + 1, 1, PORT_MAX, &port, &ignored) < 0) {
		kt_err_set(err, KT_USAGE, "\"%.100s\" is not HOST:PORT", text);
		return kt_err_hint(err, "for example localhost:3001");
	}
	if (s->n == KT_SOURCES)
		return kt_err_set(err, KT_USAGE, "more than %d producers", KT_SOURCES);
	struct kt_source *source = &s->v[s->n++];
	source->name = kt_strdup(text);
	source->url = kt_asprintf("http://%s/metrics", text);
	source->fetch = (struct kt_fetch){.url = source->url,
		.accept = "application/openmetrics-text, text/plain",
		.max = ANSWER_MAX,
		.direct = true};
	return kt_fetch_load(err);
}

void kt_scrape_begin(struct kt_scrape *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].asked || s->v[i].fresh)
			continue;
		kt_fetch_begin(&s->v[i].fetch, TIMEOUT_MS);
		s->v[i].asked = true;
	}
}

static void count(struct kt_source *source, const char *metric)
{
	kt_auto(kt_buf_fini) struct kt_buf label = {0};
	const char *at = source->fetch.body.data, *end = at + source->fetch.body.len;
	struct kt_sample_line sample;
	kt_counters_begin(&source->counters);
	while (kt_sample_next(&at, end, &sample)) {
		if (!kt_sample_is(&sample, metric))
			continue;
		label.len = 0;
		kt_buf_add(&label, sample.labels.data, sample.labels.len);
		kt_counters_add(&source->counters, kt_buf_cstr(&label), sample.value);
	}
}

static bool has_sample(struct kt_bytes text, const char *metric)
{
	const char *at = text.data, *end = at + text.len;
	struct kt_sample_line sample;
	while (kt_sample_next(&at, end, &sample))
		if (kt_sample_is(&sample, metric))
			return true;
	return false;
}

static bool has_family(struct kt_bytes text, const char *name, size_t len)
{
	const char *at = text.data, *end = at + text.len;
	struct kt_bytes family;
	while (kt_family_next(&at, end, &family))
		if (family.len == len && !memcmp(family.data, name, len))
			return true;
	return false;
}

/* A counter with labels is announced before it first counts, and has no sample until then; OpenMetrics announces it
 * without the _total of its samples. */
static bool has_metric(struct kt_bytes text, const char *metric)
{
	static const char total[] = "_total";
	kt_auto(kt_free_ptr) char *counter = kt_asprintf("%s%s", metric, total);
	size_t len = strlen(metric), shorter = len < sizeof(total) ? 0 : len - (sizeof(total) - 1);
	if (has_sample(text, metric))
		return true;
	return shorter && !strcmp(metric + shorter, total)
		       ? has_family(text, metric, shorter) || has_family(text, metric, len)
		       : has_family(text, metric, len) && !has_sample(text, counter);
}

/* The metric that may have been meant: the first whose name goes on with a _, or the nearest. */
static void suggest(const struct kt_source *source, const char *metric, char out[NAME_BYTES])
{
	const char *at = source->fetch.body.data, *end = at + source->fetch.body.len;
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	struct kt_suggest near = {.word = metric};
	struct kt_sample_line sample;
	size_t len = strlen(metric);
	bool goes_on = false;
	while (!goes_on && names.n < NAMES && kt_sample_next(&at, end, &sample)) {
		if (sample.name.len >= NAME_BYTES || (names.n && kt_sample_is(&sample, names.v[names.n - 1])))
			continue;
		kt_strs_take(&names, kt_strndup(sample.name.data, sample.name.len));
		kt_suggest_offer(&near, names.v[names.n - 1]);
		goes_on =
			sample.name.len > len && !memcmp(sample.name.data, metric, len) && sample.name.data[len] == '_';
	}
	const char *best = goes_on ? names.v[names.n - 1] : near.best;
	snprintf(out, NAME_BYTES, "%s", best ? best : "");
}

static void say_lack(const struct kt_source *source, const char *metric)
{
	char other[NAME_BYTES];
	suggest(source, metric, other);
	if (other[0])
		kt_say(KT_WARNING, "%s has no metric \"%s\"; did you mean %s?", source->name, metric, other);
	else
		kt_say(KT_WARNING, "%s has no metric \"%s\"; asking on", source->name, metric);
}

static void take_answer(struct kt_source *source, const char *metric)
{
	int64_t now_us = kt_clock_us();
	source->asked = false;
	if (source->fetch.state != KT_FETCH_DONE) {
		if (!source->silent)
			kt_say(KT_WARNING, "%s: %s; asking on", source->name, source->fetch.err.msg);
		source->silent = true;
		return;
	}
	if (source->silent)
		kt_say(KT_NORMAL, "%s answers", source->name);
	source->silent = false;
	bool lacks = !has_metric(source->fetch.body, metric);
	if (lacks && !source->lacks)
		say_lack(source, metric);
	source->lacks = lacks;
	if (lacks)
		return;
	count(source, metric);
	source->fresh = source->counters.scraped && now_us > source->at_us;
	source->grown = kt_counters_end(&source->counters);
	source->seconds = (double)(now_us - source->at_us) / 1e6;
	source->at_us = now_us;
}

static int64_t wait_for_answer(void *user, struct pollfd *fd)
{
	const struct kt_source *source = user;
	if (!source->asked)
		return INT64_MAX;
	*fd = kt_fetch_poll(&source->fetch);
	return source->fetch.state == KT_FETCH_BUSY ? kt_fetch_left_ms(&source->fetch) : 0;
}

static int go_on(void *user, short revents, struct kt_err *err)
{
	struct kt_source *source = user;
	(void)revents, (void)err;
	if (!source->asked)
		return 0;
	kt_fetch_go_on(&source->fetch);
	if (source->fetch.state == KT_FETCH_BUSY)
		return 0;
	take_answer(source, source->of->metric);
	source->of->answered |= !source->silent;
	return 0;
}

void kt_scrape_join(struct kt_scrape *s, struct kt_loop *loop)
{
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].of = s;
		s->v[i].waits = (struct kt_loop_source){.user = &s->v[i], .wait = wait_for_answer, .serve = go_on};
		kt_loop_add(loop, &s->v[i].waits);
	}
}

bool kt_scrape_settled(const struct kt_scrape *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].asked)
			return false;
	return true;
}

bool kt_scrape_rate(const struct kt_scrape *s, double *rate)
{
	bool any = false;
	*rate = 0;
	for (size_t i = 0; i < s->n; i++) {
		any |= s->v[i].fresh;
		*rate += s->v[i].fresh ? s->v[i].grown / s->v[i].seconds : 0;
	}
	return any;
}

void kt_scrape_done(struct kt_scrape *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->v[i].fresh = false;
}

bool kt_scrape_lacks(const struct kt_scrape *s)
{
	bool any = false;
	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].silent && !s->v[i].lacks)
			return false;
		any |= s->v[i].lacks;
	}
	return any;
}

void kt_scrape_fini(struct kt_scrape *s)
{
	for (size_t i = 0; i < s->n; i++) {
		kt_fetch_fini(&s->v[i].fetch);
		kt_counters_fini(&s->v[i].counters);
		free(s->v[i].name);
		free(s->v[i].url);
	}
	s->n = 0;
}
