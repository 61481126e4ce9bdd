#include "benchcompare.h"

#include <math.h>

#include "file.h"
#include "jsonout.h"
#include "jsontree.h"
#include "num.h"
#include "table.h"

enum { FEWEST = 3 }; /* intervals of which something may be said */

/* in: the object that has it, NULL: the result itself; of: its name in an interval. */
static const struct {
	const char *name, *in, *member, *of;
	bool more_is_better;
} rows[KT_BENCHRESULT_ROWS] = {
	{"per second", NULL, "rate", "rate", true},
	{"MiB/s", NULL, "mib_per_s", "mib_per_s", true},
	{"mean ms", "latency_ms", "mean", NULL, false},
	{"p50 ms", "latency_ms", "p50", "p50_ms", false},
	{"p90 ms", "latency_ms", "p90", NULL, false},
	{"p99 ms", "latency_ms", "p99", "p99_ms", false},
	{"p99.9 ms", "latency_ms", "p99.9", NULL, false},
	{"max ms", "latency_ms", "max", "max_ms", false},
	{"failed", NULL, "failed", "failed", false},
	{"CPU s", NULL, "cpu_s", NULL, false},
};

static bool number_of(const struct kt_jsontree *t, const struct kt_jsonnode *node, double *out)
{
	char text[64];
	struct kt_err ignored;
	if (!node || (node->kind != '-' && (node->kind < '0' || node->kind > '9')))
		return false;
	struct kt_bytes json = kt_jsontree_json(t, node);
	snprintf(text, sizeof(text), "%.*s", (int)(json.len < 63 ? json.len : 63), json.data);
	return kt_parse_double(text, out, &ignored) == 0;
}

/* The standard deviation over n - 1. The last interval is a shorter one: it is left out. */
static double spread_of(const struct kt_jsontree *t, const struct kt_jsonnode *list, const char *name)
{
	double n = 0, mean = 0, squares = 0, value;
	const struct kt_jsonnode *item = kt_jsontree_first(list);
	for (uint32_t i = 0; name && list && i + 1 < list->n; i++, item = kt_jsontree_next(item)) {
		if (!number_of(t, kt_jsontree_member(t, item, name), &value))
			continue;
		double away = value - mean;
		mean += away / ++n;
		squares += away * (value - mean);
	}
	return n >= FEWEST ? sqrt(squares / (n - 1)) : -1;
}

int kt_benchresult_parse(struct kt_benchresult *r, const char *text, size_t len, const char *name, struct kt_err *err)
{
	kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
	if (kt_jsontree_read(&tree, text, len, err) < 0) {
		err->status = KT_USAGE;
		return kt_err_wrap(err, "%s", name);
	}
	const struct kt_jsonnode *root = tree.nodes, *list = kt_jsontree_member(&tree, root, "intervals");
	const char *kind = kt_jsontree_text(&tree, kt_jsontree_member(&tree, root, "bench"));
	const char *loop = kt_jsontree_text(&tree, kt_jsontree_member(&tree, root, "loop"));
	if (!kind || !kt_jsontree_is(list, '['))
		return kt_err_set(err, KT_USAGE, "%s is not a result of kt bench -J", name);
	*r = (struct kt_benchresult){.open = loop && !strcmp(loop, "open"), .intervals = list->n};
	snprintf(r->kind, sizeof(r->kind), "%s", kind);
	if (!number_of(&tree, kt_jsontree_member(&tree, root, "asked"), &r->asked))
		r->asked = 0;
	for (size_t i = 0; i < KT_BENCHRESULT_ROWS; i++) {
		const struct kt_jsonnode *in = rows[i].in ? kt_jsontree_member(&tree, root, rows[i].in) : root;
		r->v[i].known = number_of(&tree, kt_jsontree_member(&tree, in, rows[i].member), &r->v[i].value);
		r->v[i].spread = spread_of(&tree, list, rows[i].of);
	}
	return 0;
}

int kt_benchresult_read(struct kt_benchresult *r, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *from = strcmp(path, "-") ? path : "/dev/stdin";
	if (kt_file_read(&text, from, KT_JSONTREE_MAX, err) < 0)
		return -1;
	while (text.len && strchr("\n\r ", text.data[text.len - 1]))
		text.len--;
	size_t begin = text.len;
	while (begin && text.data[begin - 1] != '\n')
		begin--;
	return kt_benchresult_parse(r, text.data + begin, text.len - begin, path, err);
}

/* Whether the difference is more than both results differ within themselves; "": that is not known. */
static const char *verdict(const struct kt_benchresult *a, const struct kt_benchresult *b, size_t i)
{
	double apart = b->v[i].value - a->v[i].value;
	if (a->v[i].spread < 0 || b->v[i].spread < 0)
		return "";
	if (!(fabs(apart) > hypot(a->v[i].spread, b->v[i].spread)))
		return "within the spread";
	return (apart > 0) == rows[i].more_is_better ? "better" : "worse";
}

static const char *show_spread(double spread, char out[32])
{
	if (spread < 0)
		return "";
	snprintf(out, 32, "%.2f", spread);
	return out;
}

void kt_benchcompare_add(
	struct kt_buf *out, const struct kt_benchresult *a, const struct kt_benchresult *b, bool aligned)
{
	static const struct kt_column columns[] = {{""}, {"A", .right = true}, {"B", .right = true},
		{"DIFFERENCE", .right = true}, {"SPREAD A", .right = true}, {"SPREAD B", .right = true}, {"B IS"},
		{NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	char text[32];
	for (size_t i = 0; i < KT_BENCHRESULT_ROWS; i++) {
		double from = a->v[i].value, to = b->v[i].value;
		if (!a->v[i].known || !b->v[i].known)
			continue;
		kt_table_add(&table, "%s", rows[i].name);
		kt_table_add(&table, "%.2f", from);
		kt_table_add(&table, "%.2f", to);
		if (from > 0)
			kt_table_add(&table, "%+.1f %%", 100 * (to - from) / from);
		else
			kt_table_add(&table, "%+.2f", to - from);
		kt_table_add(&table, "%s", show_spread(a->v[i].spread, text));
		kt_table_add(&table, "%s", show_spread(b->v[i].spread, text));
		kt_table_add(&table, "%s", verdict(a, b, i));
	}
	kt_table_render(&table, out, aligned);
}

void kt_benchcompare_json(struct kt_buf *out, const struct kt_benchresult *a, const struct kt_benchresult *b)
{
	kt_jsonout_begin(out, NULL, '{');
	for (size_t i = 0; i < KT_BENCHRESULT_ROWS; i++) {
		if (!a->v[i].known || !b->v[i].known)
			continue;
		kt_jsonout_begin(out, rows[i].name, '{');
		kt_jsonout_double(out, "a", a->v[i].value);
		kt_jsonout_double(out, "b", b->v[i].value);
		if (a->v[i].spread >= 0 && b->v[i].spread >= 0) {
			kt_jsonout_fixed(out, "spread_a", a->v[i].spread, 3);
			kt_jsonout_fixed(out, "spread_b", b->v[i].spread, 3);
			kt_jsonout_text(out, "b_is", verdict(a, b, i));
		}
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}
