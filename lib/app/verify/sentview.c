#include "sentview.h"

#include "jsonout.h"
#include "table.h"

enum { ID = 36, SHORT_ID = 8, WIDTH = 80, GAP = 2, COLUMNS = 4 + KT_FINDINGS };

/* The number of a column: 0 is the id's. */
static int64_t value_of(const struct kt_sentlog_experiment *x, size_t column)
{
	const int64_t first[] = {0, x->expected, x->there, x->unacknowledged};
	return column < KT_LEN(first) ? first[column] : x->counts[column - KT_LEN(first)];
}

static bool is_needed(const struct kt_sentlog *t, size_t column)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].wanted && value_of(&t->v[i], column))
			return true;
	return column < 3;
}

void kt_sentview_table(struct kt_buf *out, const struct kt_sentlog *t)
{
	static const struct kt_column all[COLUMNS] = {{"EXPERIMENT"}, {"EXPECTED", .right = true},
		{"FOUND", .right = true}, {"UNACKED", .right = true}, {"MISSING", .right = true},
		{"REPEATED", .right = true}, {"ORDER", .right = true}, {"DIFFERENT", .right = true},
		{"UNKNOWN", .right = true}};
	struct kt_column columns[COLUMNS + 1] = {{NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	size_t chosen[COLUMNS], n = 0, width = ID;
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!is_needed(t, i))
			continue;
		columns[n] = all[i];
		chosen[n++] = i;
		width += i ? GAP + strlen(all[i].name) : 0;
	}
	bool cut = width > WIDTH;
	columns[0].name = cut ? "ID" : columns[0].name;
	for (size_t i = 0; i < t->n; i++) {
		const struct kt_sentlog_experiment *x = &t->v[t->order[i]];
		char id[ID + 1];
		if (!x->wanted)
			continue;
		kt_table_add(&table, "%.*s", cut ? SHORT_ID : ID, kt_uuid_show(&x->id, id));
		for (size_t k = 1; k < n; k++)
			kt_table_add_count(&table, value_of(x, chosen[k]));
	}
	kt_table_render(&table, out, true);
}

static void add_json(struct kt_buf *out, const struct kt_sentlog_experiment *x)
{
	static const char *const names[KT_FINDINGS] = {"missing", "repeated", "out_of_order", "different", "unknown"};
	char id[ID + 1];
	kt_buf_addc(out, '{');
	kt_jsonout_text(out, "experiment", kt_uuid_show(&x->id, id));
	kt_jsonout_i64(out, "expected", x->expected);
	kt_jsonout_i64(out, "found", x->there);
	kt_jsonout_i64(out, "unacknowledged", x->unacknowledged);
	for (int kind = 0; kind < KT_FINDINGS; kind++)
		kt_jsonout_i64(out, names[kind], x->counts[kind]);
	kt_buf_adds(out, "}\n");
}

void kt_sentview_json(struct kt_buf *out, const struct kt_sentlog *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[t->order[i]].wanted)
			add_json(out, &t->v[t->order[i]]);
}
