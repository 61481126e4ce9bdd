#include "generator.h"

#include <math.h>

#include "json.h"
#include "mem.h"
#include "num.h"
#include "suggest.h"

/* A double holds every whole number up to it. */
#define EXACT 0x1p53

struct reader {
	struct kt_generator *g;
	const char *args; /* after the colon; NULL: there is none */
	struct kt_strs numbers;
	struct kt_err *err;
};

static int read_sequence(struct reader *r)
{
	struct kt_generator *g = r->g;
	g->start = g->step = 1;
	if (r->numbers.n > 0 && kt_parse_i64(r->numbers.v[0], INT64_MIN, INT64_MAX, &g->start, r->err) < 0)
		return -1;
	if (r->numbers.n > 1 && kt_parse_i64(r->numbers.v[1], INT64_MIN, INT64_MAX, &g->step, r->err) < 0)
		return -1;
	g->next = g->start;
	return 0;
}

static int read_two(struct reader *r)
{
	struct kt_err ignored;
	struct kt_generator *g = r->g;
	g->whole = kt_parse_i64(r->numbers.v[0], INT64_MIN, INT64_MAX, &g->start, &ignored) == 0 &&
		   kt_parse_i64(r->numbers.v[1], INT64_MIN, INT64_MAX, &g->step, &ignored) == 0;
	if (kt_parse_double(r->numbers.v[0], &g->a, r->err) < 0 || kt_parse_double(r->numbers.v[1], &g->b, r->err) < 0)
		return -1;
	if (g->kind == KT_GENERATE_NORMAL && g->b < 0)
		return kt_err_set(r->err, KT_USAGE, "a deviation of %s", r->numbers.v[1]);
	if (g->kind == KT_GENERATE_UNIFORM && (g->whole ? g->start > g->step : g->a > g->b))
		return kt_err_set(r->err, KT_USAGE, "%s is more than %s", r->numbers.v[0], r->numbers.v[1]);
	return 0;
}

static int read_zipf(struct reader *r)
{
	int64_t n;
	double exponent = 1;
	if (kt_parse_i64(r->numbers.v[0], 1, KT_ZIPF_MOST, &n, r->err) < 0 ||
		(r->numbers.n > 1 && kt_parse_double(r->numbers.v[1], &exponent, r->err) < 0))
		return -1;
	if (exponent <= 0 || exponent > 100)
		return kt_err_set(r->err, KT_USAGE, "an exponent of %s: more than 0 and at most 100", r->numbers.v[1]);
	kt_zipf_init(&r->g->zipf, n, exponent);
	return 0;
}

/* ["a","b"]: each as the JSON that it is. */
static int read_list(struct reader *r)
{
	kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
	size_t len = strlen(r->args);
	struct kt_json j = {.start = r->args, .at = r->args, .end = r->args + len, .out = &decoded, .err = r->err};
	struct kt_bytes text;
	int more;
	kt_buf_reserve(&decoded, len + KT_JSON_SLACK);
	if (kt_json_enter(&j, '[') < 0)
		return -1;
	while ((more = kt_json_element(&j)) > 0) {
		if (kt_json_compact(&j, &text) < 0)
			return -1;
		kt_strs_take(&r->g->values, kt_strndup(text.data, text.len));
	}
	return more < 0 ? -1 : kt_json_finish(&j);
}

static int read_choice(struct reader *r)
{
	if (r->args[0] != '[')
		kt_strs_split(&r->g->values, r->args, ",");
	else if (read_list(r) < 0)
		return -1;
	return r->g->values.n ? 0 : kt_err_set(r->err, KT_USAGE, "nothing to choose from");
}

static int read_constant(struct reader *r)
{
	kt_strs_add(&r->g->values, r->args);
	return 0;
}

static int read_nothing(struct reader *r)
{
	(void)r;
	return 0;
}

/* least, most: of the numbers; most 0: what stands after the colon is text, if there is anything. */
static const struct row {
	const char *word, *form;
	enum kt_generator_kind kind;
	size_t least, most;
	int (*read)(struct reader *r);
} rows[] = {
	{"sequence", "sequence, sequence:START or sequence:START,STEP", KT_GENERATE_SEQUENCE, 0, 2, read_sequence},
	{"uniform", "uniform:MIN,MAX", KT_GENERATE_UNIFORM, 2, 2, read_two},
	{"range", "range:MIN,MAX", KT_GENERATE_UNIFORM, 2, 2, read_two},
	{"normal", "normal:MEAN,DEVIATION", KT_GENERATE_NORMAL, 2, 2, read_two},
	{"zipf", "zipf:N or zipf:N,EXPONENT", KT_GENERATE_ZIPF, 1, 2, read_zipf},
	{"uuid", "uuid", KT_GENERATE_UUID, 0, 0, read_nothing},
	{"now", "now", KT_GENERATE_NOW, 0, 0, read_nothing},
	{"choice", "choice:A,B,… or choice:[\"A\",\"B\",…]", KT_GENERATE_CHOICE, 1, 0, read_choice},
	{"constant", "constant:X", KT_GENERATE_CONSTANT, 1, 0, read_constant},
};

static int unknown(const char *word, struct kt_err *err)
{
	struct kt_suggest near = {.word = word};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		kt_suggest_offer(&near, rows[i].word);
	kt_err_set(err, KT_USAGE, "there is no generator \"%.60s\"", word);
	if (near.best)
		return kt_err_hint(err, "did you mean %s?", near.best);
	return kt_err_hint(err, "there are sequence, uniform, normal, zipf, uuid, now, choice and constant");
}

static int check_form(const struct row *row, struct reader *r)
{
	bool numbers = row->most > 0;
	if (numbers && r->args)
		kt_strs_split(&r->numbers, r->args, ",");
	if (numbers ? r->numbers.n >= row->least && r->numbers.n <= row->most : !!r->args == row->least)
		return row->read(r);
	return kt_err_set(r->err, KT_USAGE, "expected %s", row->form);
}

int kt_generator_parse(struct kt_generator *g, const char *text, struct kt_err *err)
{
	const char *colon = strchr(text, ':');
	kt_auto(kt_free_ptr) char *word = colon ? kt_strndup(text, (size_t)(colon - text)) : kt_strdup(text);
	const struct row *row = rows;
	while (row < rows + KT_LEN(rows) && strcmp(row->word, word) != 0)
		row++;
	if (row == rows + KT_LEN(rows))
		return unknown(word, err);
	struct reader r = {.g = g, .args = colon ? colon + 1 : NULL, .err = err};
	*g = (struct kt_generator){.kind = row->kind, .word = row->word};
	int result = check_form(row, &r);
	kt_strs_fini(&r.numbers);
	if (result == 0)
		return 0;
	kt_generator_fini(g);
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%.100s", text);
}

int kt_generator_fits(const struct kt_generator *g, double min, double max, bool whole, struct kt_err *err)
{
	double low = g->a, high = g->kind == KT_GENERATE_NORMAL ? g->a : g->b;
	if (g->kind == KT_GENERATE_SEQUENCE)
		low = high = (double)g->start;
	if (g->kind == KT_GENERATE_ZIPF) {
		low = 1;
		high = g->zipf.n;
	}
	if (low < min || high > max)
		return kt_err_set(err, KT_USAGE, "%s has %g, which is beyond %g", g->word, low < min ? low : high,
			low < min ? min : max);
	if (whole && g->kind == KT_GENERATE_UNIFORM && !g->whole)
		return kt_err_set(err, KT_USAGE, "%s has to have whole numbers here", g->word);
	return 0;
}

static int64_t next_of(struct kt_generator *g, int64_t min, int64_t max)
{
	int64_t n = g->next;
	if (n < min || n > max)
		n = g->start;
	if (__builtin_add_overflow(n, g->step, &g->next))
		g->next = g->start;
	return n;
}

static int64_t rounded(double n, int64_t min, int64_t max)
{
	n = round(n);
	return n <= (double)min ? min : n >= (double)max ? max : (int64_t)n;
}

int64_t kt_generator_whole(struct kt_generator *g, struct kt_random *random, int64_t min, int64_t max)
{
	uint64_t span;
	switch (g->kind) {
	case KT_GENERATE_SEQUENCE:
		return next_of(g, min, max);
	case KT_GENERATE_ZIPF:
		return kt_zipf_next(&g->zipf, random);
	case KT_GENERATE_UNIFORM:
		span = (uint64_t)g->step - (uint64_t)g->start + 1;
		return (int64_t)((uint64_t)g->start + (span ? kt_random_below(random, span) : kt_random_next(random)));
	default:
		return rounded(kt_random_normal(random, g->a, g->b), min, max);
	}
}

double kt_generator_real(struct kt_generator *g, struct kt_random *random)
{
	double share;
	switch (g->kind) {
	case KT_GENERATE_SEQUENCE:
		return (double)next_of(g, -(int64_t)EXACT, (int64_t)EXACT);
	case KT_GENERATE_ZIPF:
		return (double)kt_zipf_next(&g->zipf, random);
	case KT_GENERATE_UNIFORM:
		share = kt_random_unit(random);
		return g->a * (1 - share) + g->b * share;
	default:
		return kt_random_normal(random, g->a, g->b);
	}
}

void kt_generator_fini(struct kt_generator *g)
{
	kt_strs_fini(&g->values);
}
