#include "sinktext.h"

#include "csv.h"
#include "json.h"
#include "recordjson.h"
#include "rowvalue.h"
#include "shortest.h"

/* Of a record's own columns, those in front of others, and those in the place of others. */
static const enum kt_own in_front[] = {KT_OWN_TOPIC, KT_OWN_PARTITION, KT_OWN_OFFSET, KT_OWN_TIMESTAMP, KT_OWN_KEY};
static const enum kt_own whole[] = {KT_OWN_VALUE, KT_OWN_HEADERS};

int kt_sinktext_columns(struct kt_sinktext *t, const struct kt_strs *words, struct kt_err *err)
{
	t->columns.reserved = kt_own_names;
	for (size_t i = 0; i < words->n; i++)
		if (kt_jsoncolumns_add(&t->columns, words->v[i], err) < 0)
			return kt_err_wrap(err, "--column");
	return 0;
}

void kt_sinktext_learnt(struct kt_sinktext *t)
{
	t->found = t->columns.n > 0;
}

/* Whether the value and the headers have columns of their own. */
static bool has_whole(const struct kt_sinktext *t)
{
	return !t->columns.n || t->found;
}

static void add_name(struct kt_buf *out, const char *name)
{
	kt_csv_field(out, (struct kt_bytes){name, strlen(name)});
}

void kt_sinktext_head(const struct kt_sinktext *t, struct kt_buf *out)
{
	if (t->format != KT_SINKFORMAT_CSV)
		return;
	for (size_t i = 0; i < KT_LEN(in_front); i++) {
		add_name(out, kt_own_names[in_front[i]]);
		kt_buf_addc(out, ',');
	}
	for (size_t i = 0; i < t->columns.n; i++) {
		kt_buf_adds(out, i ? "," : "");
		add_name(out, t->columns.v[i].name);
	}
	for (size_t i = 0; has_whole(t) && i < KT_LEN(whole); i++) {
		kt_buf_adds(out, i || t->columns.n ? "," : "");
		add_name(out, kt_own_names[whole[i]]);
	}
	kt_buf_addc(out, '\n');
}

static void add_cell(struct kt_buf *out, const struct kt_cell *cell)
{
	if (cell->kind == KT_CELL_INT)
		kt_buf_add_i64(out, cell->i64);
	else if (cell->kind == KT_CELL_REAL)
		kt_python_double(out, cell->real);
	else if (cell->kind == KT_CELL_TEXT)
		kt_csv_field(out, cell->text);
}

static void add_own(struct kt_sinktext *t, const struct kt_record *record, enum kt_own own, struct kt_buf *out)
{
	struct kt_rowvalue value;
	kt_rowvalue_own(&value, record, own, &t->scratch);
	if (value.blob)
		kt_buf_add_base64(out, value.cell.text.data, value.cell.text.len);
	else
		add_cell(out, &value.cell);
}

static void add_csv(struct kt_sinktext *t, const struct kt_record *record, struct kt_buf *out)
{
	for (size_t i = 0; i < KT_LEN(in_front); i++) {
		add_own(t, record, in_front[i], out);
		kt_buf_addc(out, ',');
	}
	bool cut = t->columns.n && kt_jsoncolumns_cut(&t->columns, record->value);
	t->bad += t->columns.n && !cut && record->value.data;
	bool some = false;
	for (size_t i = 0; i < t->columns.n; i++) {
		struct kt_cell cell;
		kt_jsoncolumns_cell(&t->columns, i, &cell);
		some |= cell.kind != KT_CELL_NULL;
		kt_buf_adds(out, i ? "," : "");
		add_cell(out, &cell);
	}
	for (size_t i = 0; has_whole(t) && i < KT_LEN(whole); i++) {
		kt_buf_adds(out, i || t->columns.n ? "," : "");
		/* Of a value that is in columns as a whole nothing is left to be said. {} is none: null is no object.
		 */
		if (whole[i] != KT_OWN_VALUE || !some || t->columns.rest)
			add_own(t, record, whole[i], out);
	}
}

/* One value of JSON as it is, without the ends of lines that it may hold; else false. */
static bool add_json(struct kt_buf *out, struct kt_bytes value)
{
	struct kt_err ignored;
	struct kt_bytes compact;
	size_t before = out->len;
	kt_buf_reserve(out, value.len + KT_JSON_SLACK);
	struct kt_json j = {
		.start = value.data, .at = value.data, .end = value.data + value.len, .out = out, .err = &ignored};
	if (kt_json_compact(&j, &compact) == 0 && kt_json_finish(&j) == 0)
		return true;
	out->len = before;
	return false;
}

/* What is no JSON becomes some, so that every line is: a string, or an object that says how its bytes are written. */
static void add_value(struct kt_buf *out, struct kt_bytes value)
{
	if (!value.data) {
		kt_buf_adds(out, "null");
		return;
	}
	if (add_json(out, value) || kt_json_string_exact(out, value.data, value.len))
		return;
	kt_buf_adds(out, "{\"payload\":\"");
	kt_buf_add_base64(out, value.data, value.len);
	kt_buf_adds(out, "\",\"payload_encoding\":\"base64\"}");
}

/* As kt_recordjson_write(), with the value as it stands. */
static void add_decoded(struct kt_buf *out, const struct kt_record *record)
{
	kt_recordjson_begin(out, record, KT_ENC_UTF8, false);
	kt_buf_add(out, record->value.data, record->value.len);
	kt_buf_addc(out, '}');
}

void kt_sinktext_add(struct kt_sinktext *t, const struct kt_record *record, bool json, struct kt_buf *out)
{
	if (t->format == KT_SINKFORMAT_CSV)
		add_csv(t, record, out);
	else if (t->values)
		add_value(out, record->value);
	else if (json)
		add_decoded(out, record);
	else
		kt_recordjson_write(out, record, KT_ENC_UTF8);
	kt_buf_addc(out, '\n');
}

void kt_sinktext_fini(struct kt_sinktext *t)
{
	kt_jsoncolumns_fini(&t->columns);
	kt_buf_fini(&t->scratch);
}
