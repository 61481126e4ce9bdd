#include "groupcsv.h"

#include "esc.h"
#include "file.h"
#include "list.h"
#include "mem.h"
#include "num.h"

enum { FIELDS = 4 };

/* One field, from *at to the comma or the end. False when it is not one. */
static bool take_field(struct kt_strs *fields, const char **at, const char *end)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *p = *at;
	bool quoted = p < end && *p == '"';
	for (p += quoted; p < end && (quoted || *p != ','); p++) {
		if (quoted && *p == '"') {
			if (p + 1 == end || p[1] != '"')
				break;
			p++;
		}
		kt_buf_addc(&text, *p);
	}
	if (quoted && (p == end || *p != '"'))
		return false;
	p += quoted;
	if ((p < end && *p != ',') || (text.len && memchr(text.data, '\0', text.len)))
		return false;
	kt_strs_add(fields, kt_buf_cstr(&text));
	*at = p;
	return true;
}

static bool split(struct kt_strs *fields, const char *at, const char *end)
{
	for (;;) {
		if (fields->n == FIELDS || !take_field(fields, &at, end))
			return false;
		if (at == end)
			return true;
		at++;
	}
}

static int read_line(struct kt_groupcsv *csv, const char *at, const char *end, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs fields = {0};
	int64_t partition, offset;
	bool fine = split(&fields, at, end);
	size_t first = fields.n == FIELDS;
	if (!fine || fields.n < FIELDS - 1)
		return kt_err_set(err, KT_USAGE, "it is not topic,partition,offset or group,topic,partition,offset");
	if (csv->n && first != (csv->v[0].group != NULL))
		return kt_err_set(err, KT_USAGE, "it has %s group, unlike the line before", first ? "a" : "no");
	if (!*fields.v[0] || !*fields.v[first])
		return kt_err_set(err, KT_USAGE, "a name is empty");
	if (kt_parse_i64(fields.v[first + 1], 0, INT32_MAX, &partition, err) < 0)
		return kt_err_wrap(err, "partition");
	if (kt_parse_i64(fields.v[first + 2], 0, INT64_MAX, &offset, err) < 0)
		return kt_err_wrap(err, "offset");
	csv->v = kt_grow(csv->v, &csv->cap, csv->n + 1, sizeof(*csv->v));
	csv->v[csv->n++] = (struct kt_groupcsv_row){.group = first ? kt_strdup(fields.v[0]) : NULL,
		.topic = kt_strdup(fields.v[first]),
		.partition = (int32_t)partition,
		.offset = offset};
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct kt_groupcsv_row *x = a, *y = b;
	int order = x->group ? strcmp(x->group, y->group) : 0;
	order = order ? order : strcmp(x->topic, y->topic);
	return order ? order : (x->partition > y->partition) - (x->partition < y->partition);
}

static int sort(struct kt_groupcsv *csv, const char *name, struct kt_err *err)
{
	if (csv->n)
		qsort(csv->v, csv->n, sizeof(*csv->v), compare);
	for (size_t i = 1; i < csv->n; i++)
		if (compare(&csv->v[i - 1], &csv->v[i]) == 0)
			return kt_err_set(err, KT_USAGE, "%.200s: partition %d of topic %.249s comes twice", name,
				(int)csv->v[i].partition, csv->v[i].topic);
	return 0;
}

int kt_groupcsv_parse(struct kt_groupcsv *csv, const char *data, size_t len, const char *name, struct kt_err *err)
{
	const char *end = data + len;
	for (size_t line = 1; data < end; line++) {
		const char *newline = memchr(data, '\n', (size_t)(end - data)), *stop = newline ? newline : end;
		const char *last = stop > data && stop[-1] == '\r' ? stop - 1 : stop;
		if (last > data && read_line(csv, data, last, err) < 0)
			return kt_err_wrap(err, "%.200s line %zu", name, line);
		data = stop + 1;
	}
	return csv->n ? sort(csv, name, err) : kt_err_set(err, KT_USAGE, "%.200s: it has no lines", name);
}

int kt_groupcsv_read(struct kt_groupcsv *csv, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	bool standard = !strcmp(path, "-");
	if (kt_file_read(&text, standard ? "/dev/stdin" : path, KT_GROUPCSV_MAX, err) < 0)
		return -1;
	return kt_groupcsv_parse(csv, text.data, text.len, standard ? "stdin" : path, err);
}

bool kt_groupcsv_names_groups(const struct kt_groupcsv *csv)
{
	return csv->n && csv->v[0].group;
}

const struct kt_groupcsv_row *kt_groupcsv_find(
	const struct kt_groupcsv *csv, const char *group, const char *topic, int32_t partition)
{
	const struct kt_groupcsv_row wanted = {.group = kt_groupcsv_names_groups(csv) ? (char *)(uintptr_t)group : NULL,
		.topic = (char *)(uintptr_t)topic,
		.partition = partition};
	return csv->n ? bsearch(&wanted, csv->v, csv->n, sizeof(*csv->v), compare) : NULL;
}

static void add_field(struct kt_buf *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n ")]) {
		kt_buf_adds(out, text);
		return;
	}
	kt_buf_addc(out, '"');
	for (; *text; text++) {
		kt_buf_addc(out, *text);
		if (*text == '"')
			kt_buf_addc(out, '"');
	}
	kt_buf_addc(out, '"');
}

void kt_groupcsv_line(struct kt_buf *out, const char *group, const char *topic, int32_t partition, int64_t offset)
{
	if (group) {
		kt_auto(kt_buf_fini) struct kt_buf words = {0};
		kt_words(&words, group);
		add_field(out, kt_buf_cstr(&words));
		kt_buf_addc(out, ',');
	}
	add_field(out, topic);
	kt_buf_addc(out, ',');
	kt_buf_add_i64(out, partition);
	kt_buf_addc(out, ',');
	kt_buf_add_i64(out, offset);
	kt_buf_addc(out, '\n');
}

void kt_groupcsv_fini(struct kt_groupcsv *csv)
{
	for (size_t i = 0; i < csv->n; i++) {
		free(csv->v[i].group);
		free(csv->v[i].topic);
	}
	free(csv->v);
	*csv = (struct kt_groupcsv){0};
}
