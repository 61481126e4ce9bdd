#include "benchpage.h"

#include "benchreport.h"
#include "file.h"
#include "when.h"

enum { WIDTH = 900, HEIGHT = 220, LEFT = 70, BOTTOM = 24, POINTS = 900 };

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>kt bench</title><style>"
	"body{font:15px sans-serif;margin:2em auto;max-width:940px;color:#1b2733}"
	"svg{width:100%;border:1px solid #ccd;background:#fff}path{fill:none;stroke-width:1.5}"
	"text{font-size:12px;fill:#567}line{stroke:#dde}pre{background:#f4f6f9;padding:1em;font-size:12.5px;white-space:pre-wrap}"
	".a{stroke:#2a6fb0}.b{stroke:#c0392b}.ka{color:#2a6fb0}.kb{color:#c0392b}</style></head><body>\n";

/* What came from outside, such as a URL. */
static void add_text(struct kt_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '<' || c == '>' || c == '&' || c == '"' || (c < ' ' && c != '\n'))
			kt_buf_addf(out, "&#%d;", c < ' ' ? ' ' : c);
		else
			kt_buf_addc(out, (char)c);
	}
}

enum series { RATE, P50, P99 };

static double value_of(const struct kt_benchrow *row, enum series which)
{
	if (which == RATE)
		return (double)row->n * 1e6 / (double)(row->to_us - row->from_us);
	return (double)(which == P50 ? row->p50_us : row->p99_us) / 1000;
}

/* The largest of up to step rows: a peak stays one, however many rows share a point. */
static double peak_of(const struct kt_benchstats *s, size_t from, size_t step, enum series which)
{
	double peak = 0;
	for (size_t i = from; i < from + step && i < s->n_rows; i++)
		peak = value_of(&s->rows[i], which) > peak ? value_of(&s->rows[i], which) : peak;
	return peak;
}

/* The rest at the end of a run, less than half of an interval, says little of a rate. */
static size_t drawn_rows(const struct kt_benchstats *s)
{
	const struct kt_benchrow *first = s->rows, *last = &s->rows[s->n_rows - 1];
	return s->n_rows - (s->n_rows > 1 && 2 * (last->to_us - last->from_us) < first->to_us - first->from_us);
}

/* Where a row ends. */
static double end_of(const struct kt_benchstats *s, size_t row)
{
	double begin = (double)s->rows[0].from_us, span = (double)s->rows[drawn_rows(s) - 1].to_us - begin;
	return LEFT + (WIDTH - LEFT) * ((double)s->rows[row].to_us - begin) / span;
}

static void add_path(
	const struct kt_benchstats *s, struct kt_buf *out, enum series which, double most, const char *class)
{
	size_t n = drawn_rows(s), step = (n + POINTS - 1) / POINTS;
	kt_buf_addf(out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < n; i += step) {
		size_t last = i + step < n ? i + step - 1 : n - 1;
		double y = (HEIGHT - BOTTOM) * (1 - peak_of(s, i, last + 1 - i, which) / most) + 4;
		kt_buf_addf(out, "%c%.1f %.1fH%.1f", i ? 'L' : 'M', i ? end_of(s, i - 1) : LEFT, y, end_of(s, last));
	}
	kt_buf_adds(out, "\"/>");
}

/* Axes from 0 to the largest value of the last of the series. */
static void add_chart(const struct kt_benchstats *s, struct kt_buf *out, enum series first, enum series last)
{
	size_t n = drawn_rows(s);
	double most = peak_of(s, 0, n, last);
	most = most > 0 ? most : 1;
	kt_buf_addf(out, "<svg viewBox=\"0 0 %d %d\">", WIDTH, HEIGHT + 4);
	for (int i = 0; i <= 4; i++) {
		int y = (HEIGHT - BOTTOM) * (4 - i) / 4 + 4;
		kt_buf_addf(out, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"4\" y=\"%d\">%.*f</text>",
			LEFT, WIDTH, y, y, y + (i == 4 ? 10 : 4), most < 100 ? 2 : 0, most * i / 4);
	}
	kt_buf_addf(out,
		"<text x=\"%d\" y=\"%d\">%.1f s</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.1f s</text>", LEFT,
		HEIGHT, (double)s->rows[0].from_us / 1e6, WIDTH - 4, HEIGHT, (double)s->rows[n - 1].to_us / 1e6);
	add_path(s, out, first, most, "a");
	if (last != first)
		add_path(s, out, last, most, "b");
	kt_buf_adds(out, "</svg>\n");
}

void kt_benchpage_add(const struct kt_benchrun *run, struct kt_buf *out)
{
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	const struct kt_benchstats *s = &run->stats;
	char now[40];
	kt_buf_adds(out, head);
	kt_buf_addf(out, "<h1>kt bench %s</h1>\n<p>", run->how.kind);
	add_text(out, run->how.target, strlen(run->how.target));
	kt_buf_addf(out, ", %s</p>\n", kt_show_when(kt_now_ms(), now));
	kt_benchreport_add(run, &words);
	kt_buf_adds(out, "<pre>");
	add_text(out, words.data, words.len);
	kt_buf_adds(out, "</pre>\n");
	if (s->n_rows) {
		kt_buf_addf(out, "<h2 class=\"ka\">%ss per second</h2>\n", run->how.what);
		add_chart(s, out, RATE, RATE);
	}
	if (s->n_rows && !s->untimed) {
		kt_buf_adds(
			out, "<h2>latency in ms: <span class=\"ka\">p50</span>, <span class=\"kb\">p99</span></h2>\n");
		add_chart(s, out, P50, P99);
	}
	kt_buf_adds(out, "</body></html>\n");
}

int kt_benchpage_save(const struct kt_benchrun *run, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf page = {0};
	kt_benchpage_add(run, &page);
	return kt_file_replace(path, page.data, page.len, err);
}
