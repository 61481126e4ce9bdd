#include "page.h"

#include <math.h>

#include "jsonout.h"
#include "openmetrics.h"
#include "say.h"
#include "when.h"

/* AT_ONCE: bytes that one viewer is given in one go. REST: points without growth after which a value's place is free.
 * END_TURNS: of the server, for the last words to viewers. */
enum { AT_ONCE = 16 << 10, REST = 10, END_TURNS = 8 };

struct part {
	const char *path, *type;
	const unsigned char *data;
	size_t len;
};
#include "page.inc"

void kt_page_init(struct kt_page *page, const struct kt_page_how *how)
{
	*page = (struct kt_page){.how = *how};
	snprintf(page->run, sizeof(page->run), "%llx", (unsigned long long)kt_now_ms());
}

/* Six digits are more than a chart can show. */
static void add_rate(struct kt_buf *out, const char *name, double rate)
{
	kt_jsonout_key(out, name);
	if (isfinite(rate))
		kt_buf_addf(out, "%.6g", rate);
	else
		kt_buf_adds(out, "null");
}

static void add_about(struct kt_buf *out, const struct kt_page *page)
{
	const struct kt_page_how *how = &page->how;
	kt_buf_adds(out, "retry: 1000\nevent: about\ndata: {");
	kt_jsonout_text(out, "run", page->run);
	kt_jsonout_text(out, "title", how->title);
	kt_jsonout_text(out, "metric", how->metric);
	kt_jsonout_text(out, "unit", how->unit);
	kt_jsonout_text(out, "by", how->by ? how->by : "");
	kt_jsonout_begin(out, "from", '[');
	for (size_t i = 0; i < how->from->n; i++)
		kt_jsonout_words(out, NULL, how->from->v[i]);
	kt_jsonout_end(out, ']');
	kt_jsonout_i64(out, "interval", how->interval_ms);
	kt_jsonout_i64(out, "points", KT_PAGE_POINTS);
	if (how->timed)
		kt_jsonout_bool(out, "timed", true);
	kt_buf_adds(out, "}\n\n");
}

static void more(void *source, uint64_t *at, struct kt_buf *out)
{
	const struct kt_page *page = source;
	uint64_t oldest = page->n > KT_PAGE_POINTS ? page->n - KT_PAGE_POINTS : 0;
	if (*at < oldest)
		*at = oldest;
	for (; *at < page->n && out->len < AT_ONCE; ++*at) {
		const struct kt_buf *point = &page->points[*at % KT_PAGE_POINTS];
		kt_buf_add(out, point->data, point->len);
	}
	if (*at == page->n && page->over) {
		kt_buf_adds(out, "event: over\ndata: {}\n\n");
		*at = KT_STREAM_OVER;
	}
}

/* What follows the event that a viewer saw last, if it was one of this page's. */
static uint64_t next_for(const struct kt_page *page, const char *last_event)
{
	size_t len = strlen(page->run);
	if (strncmp(last_event, page->run, len) != 0 || last_event[len] != '.')
		return 0;
	uint64_t next = strtoull(last_event + len + 1, NULL, 10) + 1;
	return next <= page->n ? next : 0;
}

bool kt_page_answer(struct kt_page *page, const char *path, const char *last_event, struct kt_answer *answer)
{
	if (!strcmp(path, "/events")) {
		*answer = (struct kt_answer){
			.type = "text/event-stream",
			.more = more,
			.source = page,
			.feed = &page->feed,
			.at = next_for(page, last_event),
			.idle = ": nothing new\n\n",
		};
		add_about(&answer->body, page);
		return true;
	}
	for (size_t i = 0; i < KT_LEN(parts); i++)
		if (!strcmp(path, parts[i].path)) {
			answer->type = parts[i].type;
			kt_buf_add(&answer->body, parts[i].data, parts[i].len);
			return true;
		}
	return false;
}

/* NULL: one more than are kept. */
static struct kt_page_label *label_of(struct kt_page *page, struct kt_bytes name)
{
	if (name.len >= KT_PAGE_TEXT)
		return NULL;
	for (size_t i = 0; i < page->n_labels; i++)
		if (strlen(page->labels[i].name) == name.len && !memcmp(page->labels[i].name, name.data, name.len))
			return &page->labels[i];
	if (page->n_labels == KT_PAGE_LABELS)
		return NULL;
	struct kt_page_label *label = &page->labels[page->n_labels++];
	memcpy(label->name, name.data, name.len);
	return label;
}

/* A value keeps its place while it grows now and then, so that series do not change at every point. */
static void add_growth(struct kt_page *page, struct kt_page_label *label, const char *text, double rate)
{
	struct kt_page_series *place = NULL;
	char value[KT_PAGE_TEXT];
	snprintf(value, sizeof(value), "%s", text);
	for (size_t i = 0; i < KT_PAGE_SERIES; i++) {
		struct kt_page_series *s = &label->series[i];
		if (s->grew && !strcmp(s->value, value)) {
			place = s;
			break;
		}
		if (!place && (!s->grew || s->grew + REST < page->n + 1))
			place = s;
	}
	if (!place) {
		label->others += rate;
		return;
	}
	memcpy(place->value, value, sizeof(value));
	place->rate += rate;
	place->grew = page->n + 1;
}

void kt_page_add(struct kt_page *page, const struct kt_counters *counters, double seconds)
{
	kt_auto(kt_buf_fini) struct kt_buf value = {0};
	for (size_t i = 0; i < counters->n; i++) {
		const struct kt_counter *c = &counters->v[i];
		struct kt_bytes labels = {c->label, strlen(c->label)}, name;
		while (c->grown > 0 && kt_label_next(&labels, &name, &value)) {
			struct kt_page_label *label = label_of(page, name);
			if (label)
				add_growth(page, label, kt_buf_cstr(&value), c->grown / seconds);
			value.len = 0;
		}
	}
}

/* Appends "name":{"value":rate,…}, the others as "", and makes room for the next point. */
static void take_label(struct kt_buf *out, struct kt_page_label *label)
{
	for (size_t i = 0; i < KT_PAGE_SERIES; i++) {
		struct kt_page_series *s = &label->series[i];
		if (!(s->rate > 0))
			continue;
		add_rate(out, s->value, s->rate);
		s->rate = 0;
	}
	if (label->others > 0)
		add_rate(out, "", label->others);
	label->others = 0;
}

static void add_times(struct kt_buf *out, const struct kt_page_times *times)
{
	add_rate(out, "p50", times->p50_ms);
	add_rate(out, "p99", times->p99_ms);
	kt_jsonout_i64(out, "failed", times->failed);
}

void kt_page_point(struct kt_page *page, int64_t at_ms, double rate, const char *trouble)
{
	struct kt_buf *out = &page->points[page->n % KT_PAGE_POINTS];
	/* A clock that was set back does not take the chart into the past. */
	page->at_ms = at_ms > page->at_ms ? at_ms : page->at_ms + 1;
	out->len = 0;
	kt_buf_addf(out, "id: %s.%llu\ndata: {", page->run, (unsigned long long)page->n);
	if (trouble)
		kt_jsonout_text(out, "trouble", trouble);
	kt_jsonout_i64(out, "t", page->at_ms);
	add_rate(out, "rate", rate);
	if (page->how.timed)
		add_times(out, &page->times);
	kt_jsonout_begin(out, "by", '{');
	for (size_t i = 0; i < page->n_labels; i++) {
		kt_jsonout_begin(out, page->labels[i].name, '{');
		take_label(out, &page->labels[i]);
		kt_jsonout_end(out, '}');
	}
	kt_buf_adds(out, "}}\n\n");
	page->n++;
}

static bool answer_alone(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	return kt_page_answer(user, request->path, kt_http_header(request, "Last-Event-ID"), answer);
}

int kt_page_serve(struct kt_page *page, const struct kt_page_how *how, const char *listen, struct kt_httpd **httpd,
	struct kt_err *err)
{
	struct kt_httpd_how server = {
		.listen = listen,
		.port = KT_PAGE_PORT,
		.headers = kt_http_page_headers,
		.methods = KT_HTTP_READS,
		.answer = answer_alone,
		.user = page,
	};
	if (kt_httpd_open(httpd, &server, err) < 0)
		return kt_err_wrap(err, "--listen");
	kt_page_init(page, how);
	kt_say(KT_NORMAL, "page at http://%s/", kt_httpd_address(*httpd));
	return 0;
}

void kt_page_end(struct kt_page *page, struct kt_httpd *httpd)
{
	page->over = true;
	kt_httpd_wake(httpd, &page->feed);
	/* A viewer who is being sent a point does not sleep, and the library takes its turns for each piece. */
	for (int i = 0; i < END_TURNS; i++)
		kt_httpd_serve(httpd);
}

void kt_page_fini(struct kt_page *page)
{
	for (size_t i = 0; i < KT_PAGE_POINTS; i++)
		kt_buf_fini(&page->points[i]);
	*page = (struct kt_page){0};
}
