#include "jsoncolumns.h"

#include <math.h>

#include "json.h"
#include "jsonfind.h"
#include "mem.h"

const char *const kt_column_types[] = {"any", "text", "int", "real", "json", NULL};

static int compare(const struct kt_jsonmember *m, struct kt_bytes name)
{
	size_t len = m->len < name.len ? m->len : name.len;
	int order = len ? memcmp(m->name, name.data, len) : 0;
	return order ? order : (m->len > name.len) - (m->len < name.len);
}

static bool is(const struct kt_jsonmember *m, struct kt_bytes name)
{
	return m->len == name.len && !memcmp(m->name, name.data, name.len);
}

/* Where in the order the name is, or would be. */
static size_t place_of(const struct kt_jsoncolumns *c, struct kt_bytes name)
{
	size_t low = 0, high = c->n_members;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (compare(&c->members[c->order[middle]], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The member of that name, made when it is new; KT_JSONCOLUMNS_WHOLE when there are too many. */
static size_t member_of(struct kt_jsoncolumns *c, struct kt_bytes name, bool later)
{
	size_t place = place_of(c, name), n = c->n_members;
	if (place < n && is(&c->members[c->order[place]], name))
		return c->order[place];
	if (n >= KT_JSONCOLUMNS_MAX)
		return KT_JSONCOLUMNS_WHOLE;
	c->members = kt_grow(c->members, &c->members_cap, n + 1, sizeof(*c->members));
	c->order = kt_grow(c->order, &c->order_cap, n + 1, sizeof(*c->order));
	memmove(c->order + place + 1, c->order + place, (n - place) * sizeof(*c->order));
	c->order[place] = n;
	c->members[n] =
		(struct kt_jsonmember){.name = kt_strndup(name.data, name.len), .len = name.len, .later = later};
	c->n_later += later;
	return c->n_members++;
}

static bool is_taken(const struct kt_jsoncolumns *c, const char *name)
{
	for (size_t i = 0; c->reserved && c->reserved[i]; i++)
		if (!strcasecmp(c->reserved[i], name))
			return true;
	for (size_t i = 0; i < c->n; i++)
		if (!strcasecmp(c->v[i].name, name))
			return true;
	return false;
}

/* The name, or the first of NAME_2, NAME_3, … that is free. */
static char *free_name(const struct kt_jsoncolumns *c, const char *name, bool *renamed)
{
	*renamed = is_taken(c, name);
	if (!*renamed)
		return kt_strdup(name);
	for (size_t number = 2;; number++) {
		char *other = kt_asprintf("%s_%zu", name, number);
		if (!is_taken(c, other))
			return other;
		free(other);
	}
}

static struct kt_jsoncolumn *add_column(struct kt_jsoncolumns *c, const char *name)
{
	bool renamed;
	char *own = free_name(c, name, &renamed);
	c->v = kt_grow(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n] = (struct kt_jsoncolumn){.name = own, .renamed = renamed};
	return &c->v[c->n++];
}

/* Cuts ":TYPE" off the end of a path, where a colon stands outside of brackets. */
static int take_type(char *path, enum kt_column_type *type, struct kt_err *err)
{
	char *bracket = strrchr(path, ']'), *colon = strrchr(bracket ? bracket : path, ':');
	*type = KT_COLUMN_ANY;
	if (!colon)
		return 0;
	for (size_t i = 0; kt_column_types[i]; i++) {
		if (strcmp(colon + 1, kt_column_types[i]) != 0)
			continue;
		*type = (enum kt_column_type)i;
		*colon = '\0';
		return 0;
	}
	kt_err_set(err, KT_USAGE, "%s is not a type", colon + 1);
	return kt_err_hint(
		err, "types are text, int, real, json and any; a name with a colon stands in brackets: [\"a:b\"]");
}

/* The first step of a path is the member; what follows is looked for in its value. */
static int set_path(struct kt_jsoncolumns *c, struct kt_jsoncolumn *column, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	struct kt_bytes name;
	int64_t index;
	size_t all = kt_json_path(path), used = kt_json_step(path, true, &name, &index, &scratch);
	if (!all || path[all]) {
		kt_err_set(err, KT_USAGE, "%s is not a path", path);
		return kt_err_hint(err, "a path is a.b, list[0].c, or [\"a name with dots\"].d");
	}
	column->member = name.data ? member_of(c, name, false) : KT_JSONCOLUMNS_WHOLE;
	c->whole |= !name.data;
	const char *rest = name.data ? path + used + (path[used] == '.') : path;
	column->path = *rest ? kt_strdup(rest) : NULL;
	return 0;
}

int kt_jsoncolumns_add(struct kt_jsoncolumns *c, const char *words, struct kt_err *err)
{
	const char *equals = strchr(words, '='), *quote = strchr(words, '"');
	bool named = equals && (!quote || equals < quote);
	kt_auto(kt_free_ptr) char *name = named ? kt_strndup(words, (size_t)(equals - words)) : NULL;
	const char *from = named ? equals + 1 : words;
	kt_auto(kt_free_ptr) char *path =
		kt_strdup(from + (!strncmp(from, "$.", 2) ? 2 : *from == '$' && from[1] == '['));
	enum kt_column_type type;
	if (c->n >= KT_JSONCOLUMNS_MAX)
		return kt_err_set(err, KT_USAGE, "more than %d columns", KT_JSONCOLUMNS_MAX);
	if (named && (!*name || strlen(name) > KT_JSONCOLUMNS_NAME_MAX))
		return kt_err_set(err, KT_USAGE, "%s: a name is missing, or too long", words);
	if (take_type(path, &type, err) < 0)
		return kt_err_wrap(err, "%s", words);
	if (is_taken(c, named ? name : path))
		return kt_err_set(err, KT_USAGE, "%s: there is a column of that name already", words);
	return kt_jsoncolumns_put(c, named ? name : path, path, type, err);
}

int kt_jsoncolumns_put(
	struct kt_jsoncolumns *c, const char *name, const char *path, enum kt_column_type type, struct kt_err *err)
{
	if (c->n >= KT_JSONCOLUMNS_MAX || is_taken(c, name))
		return kt_err_set(
			err, KT_USAGE, "%s: there is such a column already, or there are %d", name, KT_JSONCOLUMNS_MAX);
	struct kt_jsoncolumn *column = add_column(c, name);
	column->type = type;
	return set_path(c, column, path, err);
}

void kt_jsoncolumns_path(const struct kt_jsoncolumns *c, size_t i, struct kt_buf *out)
{
	const struct kt_jsoncolumn *column = &c->v[i];
	if (column->member != KT_JSONCOLUMNS_WHOLE) {
		const struct kt_jsonmember *m = &c->members[column->member];
		kt_buf_addc(out, '[');
		kt_json_string(out, m->name, m->len);
		kt_buf_addc(out, ']');
	}
	if (column->path && column->member != KT_JSONCOLUMNS_WHOLE && column->path[0] != '[')
		kt_buf_addc(out, '.');
	kt_buf_adds(out, column->path ? column->path : "");
}

size_t kt_jsoncolumns_find(const struct kt_jsoncolumns *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcasecmp(c->v[i].name, name))
			return i;
	return KT_JSONCOLUMNS_WHOLE;
}

/* Whether a member can be a column. */
static bool can_be_one(const struct kt_jsoncolumns *c, struct kt_bytes name)
{
	return c->n < KT_JSONCOLUMNS_MAX && name.len && name.len <= KT_JSONCOLUMNS_NAME_MAX &&
	       !memchr(name.data, '\0', name.len);
}

void kt_jsoncolumns_adopt(struct kt_jsoncolumns *c)
{
	for (size_t i = 0; i < c->n_members && c->n_later; i++) {
		struct kt_jsonmember *m = &c->members[i];
		if (!m->later || !can_be_one(c, (struct kt_bytes){m->name, m->len}))
			continue;
		add_column(c, m->name)->member = i;
		m->later = false;
		c->n_later--;
	}
}

/* A member that is met while columns are looked for, or else one that has none. */
static size_t meet(struct kt_jsoncolumns *c, struct kt_bytes name, bool learns)
{
	bool fits = learns && can_be_one(c, name);
	size_t before = c->n_members, at = member_of(c, name, !fits);
	c->more_later |= at == KT_JSONCOLUMNS_WHOLE;
	if (fits && c->n_members > before)
		add_column(c, c->members[at].name)->member = at;
	return at;
}

/* Which member it is: mostly the one that stood behind `last` before, in the texts of one producer. */
static size_t find(struct kt_jsoncolumns *c, size_t last, struct kt_bytes name, bool learns)
{
	size_t guess = last == KT_JSONCOLUMNS_WHOLE ? c->first : c->members[last].next;
	if (guess < c->n_members && is(&c->members[guess], name))
		return guess;
	size_t at = meet(c, name, learns);
	if (at == KT_JSONCOLUMNS_WHOLE)
		return at;
	if (last == KT_JSONCOLUMNS_WHOLE)
		c->first = at;
	else
		c->members[last].next = at;
	return at;
}

static bool cut_object(struct kt_jsoncolumns *c, struct kt_json *j, bool learns)
{
	struct kt_bytes name;
	size_t last = KT_JSONCOLUMNS_WHOLE;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return false;
	while ((more = kt_json_member(j, &name)) > 0) {
		(void)kt_json_peek(j);
		const char *begin = j->at;
		if (kt_json_skip(j) < 0)
			return false;
		size_t at = find(c, last, name, learns);
		j->out->len = 0;
		c->rest |= at == KT_JSONCOLUMNS_WHOLE || c->members[at].later;
		if (at == KT_JSONCOLUMNS_WHOLE)
			continue;
		struct kt_jsonmember *m = &c->members[at];
		if (m->seen != c->number)
			m->value = (struct kt_bytes){begin, (size_t)(j->at - begin)};
		m->seen = c->number;
		last = at;
	}
	return more == 0 && kt_json_finish(j) == 0;
}

static bool cut(struct kt_jsoncolumns *c, struct kt_bytes text, bool learns)
{
	struct kt_err ignored;
	struct kt_json j = {
		.start = text.data, .at = text.data, .end = text.data + text.len, .out = &c->scratch, .err = &ignored};
	c->number++;
	c->rest = false;
	c->text = (struct kt_bytes){0};
	c->scratch.len = 0;
	/* So that it does not grow while a name in it is looked up. */
	kt_buf_reserve(&c->scratch, text.len + KT_JSON_SLACK);
	bool good = text.data && (kt_json_peek(&j) == '{' ? cut_object(c, &j, learns)
					 : c->whole       ? kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0
							  : false);
	if (good)
		c->text = text;
	else
		c->number++;
	return good;
}

bool kt_jsoncolumns_learn(struct kt_jsoncolumns *c, struct kt_bytes text)
{
	return cut(c, text, true);
}

bool kt_jsoncolumns_cut(struct kt_jsoncolumns *c, struct kt_bytes text)
{
	return cut(c, text, false);
}

static int by_name(const void *a, const void *b)
{
	const struct kt_jsoncolumn *x = a, *y = b;
	return strcmp(x->name, y->name);
}

void kt_jsoncolumns_sort(struct kt_jsoncolumns *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_name);
}

/* A number as it stands in JSON: false when it is not whole or no int64_t has it. */
static bool whole_number(struct kt_bytes text, int64_t *n)
{
	bool negative = text.len && text.data[0] == '-';
	*n = 0;
	for (size_t i = negative; i < text.len; i++) {
		int digit = text.data[i] - '0';
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(*n, 10, n) ||
			__builtin_add_overflow(*n, negative ? -digit : digit, n))
			return false;
	}
	return text.len > negative;
}

/* The text of a string, or of anything else. */
static struct kt_bytes string_of(struct kt_bytes value, struct kt_buf *decoded)
{
	struct kt_err ignored;
	struct kt_bytes text = value;
	if (value.data[0] != '"')
		return value;
	if (!memchr(value.data, '\\', value.len))
		return (struct kt_bytes){value.data + 1, value.len - 2};
	struct kt_json j = {.start = value.data, .at = value.data, .out = decoded, .err = &ignored};
	j.end = j.start + value.len;
	decoded->len = 0;
	kt_buf_reserve(decoded, value.len + KT_JSON_SLACK);
	return kt_json_text(&j, &text) < 0 ? value : text;
}

static void as_text(struct kt_cell *cell, struct kt_bytes text)
{
	cell->kind = KT_CELL_TEXT;
	cell->text = text;
}

/* Of a number: it has no fraction and no exponent. */
static bool is_whole(struct kt_bytes number)
{
	for (size_t i = 0; i < number.len; i++)
		if (number.data[i] != '-' && (number.data[i] < '0' || number.data[i] > '9'))
			return false;
	return true;
}

static void as_number(struct kt_cell *cell, struct kt_bytes text, enum kt_column_type type)
{
	struct kt_err ignored;
	struct kt_bytes number;
	struct kt_json j = {.start = text.data, .at = text.data, .end = text.data + text.len, .err = &ignored};
	if (whole_number(text, &cell->i64)) {
		cell->kind = type == KT_COLUMN_REAL ? KT_CELL_REAL : KT_CELL_INT;
		cell->real = (double)cell->i64;
		return;
	}
	if (kt_json_number(&j, &number) < 0 || kt_json_finish(&j) < 0)
		return;
	cell->real = kt_json_to_double(number);
	/* The nearest double would be another number, and two ids could become one. */
	if (type == KT_COLUMN_ANY && (is_whole(number) || isinf(cell->real))) {
		as_text(cell, number);
		return;
	}
	cell->kind = type == KT_COLUMN_INT ? KT_CELL_NULL : KT_CELL_REAL;
	if (type != KT_COLUMN_INT || cell->real != floor(cell->real) || fabs(cell->real) >= 0x1p63)
		return;
	cell->kind = KT_CELL_INT;
	cell->i64 = (int64_t)cell->real;
}

void kt_cell_of_json(struct kt_cell *cell, struct kt_bytes value, enum kt_column_type type, struct kt_buf *decoded)
{
	char first = value.data && value.len ? value.data[0] : 'n';
	*cell = (struct kt_cell){0};
	if (first == 'n')
		return;
	bool number = type == KT_COLUMN_INT || type == KT_COLUMN_REAL, word = first == 't' || first == 'f';
	if (type == KT_COLUMN_JSON || (type == KT_COLUMN_TEXT && first != '"')) {
		as_text(cell, value);
	} else if (word) {
		cell->i64 = first == 't';
		cell->real = (double)cell->i64;
		cell->kind = type == KT_COLUMN_REAL ? KT_CELL_REAL : KT_CELL_INT;
	} else if (first == '{' || first == '[') {
		if (!number)
			as_text(cell, value);
	} else if (first == '"' && !number) {
		as_text(cell, string_of(value, decoded));
	} else {
		as_number(cell, string_of(value, decoded), type);
	}
}

void kt_jsoncolumns_cell(struct kt_jsoncolumns *c, size_t i, struct kt_cell *cell)
{
	const struct kt_jsoncolumn *column = &c->v[i];
	struct kt_bytes value = {0};
	if (column->member == KT_JSONCOLUMNS_WHOLE)
		value = c->text;
	else if (c->members[column->member].seen == c->number)
		value = c->members[column->member].value;
	if (value.data && column->path && !kt_json_find(&value, value, column->path, &c->scratch))
		value.data = NULL;
	kt_cell_of_json(cell, value, column->type, &c->decoded);
	bool number = value.data && value.len && strchr("-0123456789", value.data[0]);
	if (c->rounds && number && cell->kind == KT_CELL_TEXT)
		kt_cell_of_json(cell, value, KT_COLUMN_REAL, &c->decoded);
}

void kt_jsoncolumns_fini(struct kt_jsoncolumns *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].path);
	}
	for (size_t i = 0; i < c->n_members; i++)
		free(c->members[i].name);
	free(c->v);
	free(c->members);
	free(c->order);
	kt_buf_fini(&c->scratch);
	kt_buf_fini(&c->decoded);
	*c = (struct kt_jsoncolumns){0};
}
