#include "experiment_load.h"

#include <math.h>

#include "json.h"
#include "mem.h"
#include "suggest.h"

/* Beyond this a float cannot tell a tenth of a degree from the next. */
#define TEMPERATURE_MAX 1e6

enum { IGNORED_MAX = 20 }; /* so many unknown fields are named */

const struct kt_load kt_load_default = {
	.sensors = 2,
	.sample_ms = 1000,
	.stabilization = 2,
	.carry_out = 20,
	.copies = 1,
	.lower = 25.5f,
	.upper = 26.5f,
};

enum field_type { WHOLE, REAL, TEXT, RANGE };

struct field {
	const char *name;
	enum field_type type;
	size_t off;
	int64_t min, max;
	bool required;
};

#define LOAD_OFF(member) offsetof(struct kt_load, member)

static const struct field fields[] = {
	{"start_time", WHOLE, LOAD_OFF(start_s), 0, KT_LOAD_START_S, .required = true},
	{"researcher", TEXT, LOAD_OFF(researcher), .required = true},
	{"num_sensors", WHOLE, LOAD_OFF(sensors), 1, KT_LOAD_SENSORS},
	{"sample_rate", WHOLE, LOAD_OFF(sample_ms), 0, KT_LOAD_RATE_MS},
	{"temp_range", RANGE},
	{"stabilization_samples", WHOLE, LOAD_OFF(stabilization), 0, KT_LOAD_SAMPLES},
	{"carry_out_samples", WHOLE, LOAD_OFF(carry_out), 0, KT_LOAD_SAMPLES},
	{"start_temperature", REAL, LOAD_OFF(start)},
	{"copies", WHOLE, LOAD_OFF(copies), 1, KT_LOAD_COPIES},
	{"stagger", WHOLE, LOAD_OFF(stagger_ms), 0, KT_LOAD_RATE_MS},
};

static const struct field range_fields[] = {
	{"lower_threshold", REAL, LOAD_OFF(lower), .required = true},
	{"upper_threshold", REAL, LOAD_OFF(upper), .required = true},
};

struct reader {
	struct kt_loads *loads;
	struct kt_load *load;
	struct kt_json json;
	const char *name, *field; /* field: what an error is about; NULL: the whole entry */
	size_t entry;
	int64_t experiments;
};

static int read_fields(struct reader *r, const struct field *known, size_t n);

static int read_real(struct reader *r, float *out)
{
	double n;
	if (kt_json_real(&r->json, &n) < 0)
		return -1;
	if (fabs(n) > TEMPERATURE_MAX)
		return kt_err_set(
			r->json.err, KT_USAGE, "expected a temperature within %g of 0, got %g", TEMPERATURE_MAX, n);
	*out = (float)n;
	return 0;
}

static int read_text(struct reader *r, const char **out)
{
	struct kt_bytes text;
	if (kt_json_peek(&r->json) != '"')
		return kt_json_expected(&r->json, "a string");
	if (kt_json_text(&r->json, &text) < 0)
		return -1;
	if (memchr(text.data, '\0', text.len))
		return kt_err_set(r->json.err, KT_USAGE, "a NUL byte in the text");
	kt_strs_take(&r->loads->texts, kt_strndup(text.data, text.len));
	*out = r->loads->texts.v[r->loads->texts.n - 1];
	return 0;
}

static int read_value(struct reader *r, const struct field *f)
{
	char *target = (char *)r->load + f->off;
	r->field = f->name;
	switch (f->type) {
	case WHOLE:
		return kt_json_i64(&r->json, f->min, f->max, (int64_t *)target);
	case REAL:
		return read_real(r, (float *)target);
	case TEXT:
		return read_text(r, (const char **)target);
	case RANGE:
		return read_fields(r, range_fields, KT_LEN(range_fields));
	}
	return -1;
}

static void name_ignored(struct reader *r, struct kt_bytes field, const struct field *known, size_t n)
{
	kt_auto(kt_free_ptr) char *word = kt_strndup(field.data, field.len);
	struct kt_suggest near = {.word = word};
	for (size_t i = 0; i < n; i++)
		kt_suggest_offer(&near, known[i].name);
	kt_strs_take(&r->loads->ignored,
		kt_asprintf("%s:%zu: a field \"%.60s\" means nothing here%s%s%s", r->name, kt_json_line(&r->json), word,
			near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : ""));
}

static int read_field(struct reader *r, struct kt_bytes name, const struct field *known, size_t n, unsigned *seen)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(known[i].name) != name.len || memcmp(known[i].name, name.data, name.len) != 0)
			continue;
		r->field = known[i].name;
		if (*seen & 1u << i)
			return kt_err_set(r->json.err, KT_USAGE, "it appears here a second time");
		*seen |= 1u << i;
		return read_value(r, &known[i]);
	}
	if (r->loads->ignored.n < IGNORED_MAX)
		name_ignored(r, name, known, n);
	return kt_json_skip(&r->json);
}

/* An object. Missing fields are reported at the line where it begins. */
static int read_fields(struct reader *r, const struct field *known, size_t n)
{
	struct kt_bytes name;
	const char *begin, *outer = r->field;
	unsigned seen = 0;
	int more;
	(void)kt_json_peek(&r->json);
	begin = r->json.at;
	if (kt_json_enter(&r->json, '{') < 0)
		return -1;
	while ((more = kt_json_member(&r->json, &name)) > 0) {
		if (read_field(r, name, known, n, &seen) < 0)
			return -1;
		r->field = outer;
	}
	for (size_t i = 0; more == 0 && i < n; i++)
		if (known[i].required && !(seen & 1u << i)) {
			r->json.at = begin;
			r->field = known[i].name;
			return kt_err_set(r->json.err, KT_USAGE, "it is missing");
		}
	return more;
}

static int check_range(const struct kt_load *load, struct kt_err *err)
{
	if (load->lower <= load->upper)
		return 0;
	return kt_err_set(err, KT_USAGE, "the lower threshold, %g, is above the upper one, %g", (double)load->lower,
		(double)load->upper);
}

static void append(struct kt_loads *loads, const struct kt_load *load)
{
	loads->v = kt_grow(loads->v, &loads->cap, loads->n + 1, sizeof(*loads->v));
	loads->v[loads->n++] = *load;
}

static int read_list(struct reader *r)
{
	int more;
	if (kt_json_enter(&r->json, '[') < 0)
		return -1;
	while ((more = kt_json_element(&r->json)) > 0) {
		struct kt_load load = kt_load_default;
		r->load = &load;
		r->entry++;
		if (read_fields(r, fields, KT_LEN(fields)) < 0)
			return -1;
		r->field = "temp_range";
		if (check_range(&load, r->json.err) < 0)
			return -1;
		r->field = NULL;
		append(r->loads, &load);
		r->experiments += load.copies;
		if (r->experiments > KT_LOAD_EXPERIMENTS)
			return kt_err_set(
				r->json.err, KT_USAGE, "more than %d experiments, copies counted", KT_LOAD_EXPERIMENTS);
	}
	r->entry = 0;
	return more < 0 ? -1 : kt_json_finish(&r->json);
}

static int explain(const struct reader *r, struct kt_err *err)
{
	err->status = KT_USAGE;
	size_t line = kt_json_line(&r->json);
	if (!r->entry)
		return kt_err_wrap(err, "%s:%zu", r->name, line);
	return kt_err_wrap(err, "%s:%zu: experiment %zu%s%s", r->name, line, r->entry, r->field ? ", " : "",
		r->field ? r->field : "");
}

int kt_loads_read(struct kt_loads *loads, const char *text, size_t len, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
	size_t before = loads->n;
	struct reader r = {.loads = loads, .name = name};
	kt_buf_reserve(&decoded, len + KT_JSON_SLACK);
	r.json = (struct kt_json){.start = text, .at = text, .end = text + len, .out = &decoded, .err = err};
	kt_json_comments(&r.json);
	if (read_list(&r) == 0 && loads->n > before)
		return 0;
	if (loads->n == before && !err->msg[0]) {
		kt_err_set(err, KT_USAGE, "%s holds no experiment", name);
		return -1;
	}
	loads->n = before;
	return explain(&r, err);
}

int kt_loads_add(struct kt_loads *loads, const struct kt_load *load, struct kt_err *err)
{
	struct kt_load copy = *load;
	if (check_range(load, err) < 0)
		return -1;
	kt_strs_add(&loads->texts, load->researcher);
	copy.researcher = loads->texts.v[loads->texts.n - 1];
	append(loads, &copy);
	return 0;
}

void kt_loads_fini(struct kt_loads *loads)
{
	free(loads->v);
	kt_strs_fini(&loads->texts);
	kt_strs_fini(&loads->ignored);
	*loads = (struct kt_loads){0};
}
