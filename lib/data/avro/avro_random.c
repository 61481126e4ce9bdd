#include "avro_random_own.h"

#include <endian.h>
#include <float.h>
#include <math.h>

#include "avro_write.h"
#include "mem.h"
#include "when.h"
#include "zigzag.h"

/* Beyond LEVELS_ENOUGH lists and unions inside each other, and beyond VALUES_ENOUGH, data is as short as it can be;
 * what even then is more than LEVELS_MOST or VALUES_MOST is not made. */
enum {
	LEVELS_ENOUGH = 8,
	LEVELS_MOST = 1000,
	VALUES_ENOUGH = 1000,
	VALUES_MOST = 1000000,
	ITEMS = 3,
	BYTES = 16,
	WORD_LEAST = 4,
	WORD_MOST = 12,
	NUMBERS = 1000000,
	BIG_SCALES = 7, /* of big decimals: up to six digits after the point */
	DAY_S = 86400,
	YEAR_D = 365,
};

#define NS 1000000000LL

static const struct cost too_much = {VALUES_MOST + 1, 0};

static void make(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct place *place);

static bool is_possible(const struct kt_avro_random *m, const struct kt_avro_type *type)
{
	return m->costs[type->id].values <= VALUES_MOST;
}

/* What a type costs by what its parts are known to cost so far. */
static struct cost cost_of(const struct cost *costs, const struct kt_avro_type *type)
{
	uint64_t values = 1;
	struct cost least = too_much, sum = {.values = 1};
	if (type->kind != KT_AVRO_RECORD && type->kind != KT_AVRO_UNION)
		return sum;
	for (uint32_t i = 0; i < type->n; i++) {
		struct cost part = costs[type->fields[i].type->id];
		values += part.values;
		sum.levels = part.levels > sum.levels ? part.levels : sum.levels;
		least = part.values < least.values ? part : least;
	}
	if (type->kind == KT_AVRO_UNION) {
		values = 1 + (uint64_t)least.values;
		sum.levels = least.levels;
	}
	sum.levels++;
	sum.values = (uint32_t)values;
	return values > VALUES_MOST || sum.levels > LEVELS_MOST ? too_much : sum;
}

/* Types come before what they are made of, except for those that are only named there: one pass from the end does most
 * of it. */
static int reckon(struct kt_avro_random *m, struct kt_err *err)
{
	const struct kt_avro_schema *schema = m->schema;
	bool changed = true;
	m->costs = kt_calloc(schema->n_types, sizeof(*m->costs));
	for (size_t i = 0; i < schema->n_types; i++)
		m->costs[i] = too_much;
	for (int pass = 0; changed && pass < LEVELS_MOST; pass++) {
		changed = false;
		for (size_t i = schema->n_types; i-- > 0;) {
			struct cost cost = cost_of(m->costs, schema->types[i]);
			changed |= cost.values != m->costs[i].values;
			m->costs[i] = cost;
		}
	}
	if (is_possible(m, schema->root))
		return 0;
	return kt_err_set(err, KT_USAGE,
		"data of %s would hold itself without end, or more than %d values or %d levels",
		kt_avro_name(schema->root), VALUES_MOST, LEVELS_MOST);
}

int kt_avro_random_new(
	struct kt_avro_random **out, const struct kt_avro_schema *schema, const uint64_t *seed, struct kt_err *err)
{
	struct kt_avro_random *m = kt_calloc(1, sizeof(*m));
	m->schema = schema;
	m->root = kt_avro_place_new(schema->root);
	if (seed)
		kt_random_seed(&m->random, *seed, 0);
	else
		kt_random_start(&m->random);
	if (reckon(m, err) == 0) {
		*out = m;
		return 0;
	}
	kt_avro_random_free(m);
	return -1;
}

static int64_t below(struct kt_avro_random *m, int64_t n)
{
	return (int64_t)kt_random_below(&m->random, (uint64_t)n);
}

static void add_random_bytes(struct kt_avro_random *m, struct kt_buf *out, size_t len)
{
	for (kt_buf_reserve(out, len); len; len -= len < 8 ? len : 8) {
		uint64_t n = kt_random_next(&m->random);
		kt_buf_add(out, &n, len < 8 ? len : 8);
	}
}

/* first: what it begins with, or 0 for any letter. */
static void add_word(struct kt_avro_random *m, struct kt_buf *out, char first)
{
	char word[WORD_MOST];
	size_t len = WORD_LEAST + (size_t)below(m, WORD_MOST - WORD_LEAST + 1);
	for (size_t i = 0; i < len && i < sizeof(word); i++)
		word[i] = (char)('a' + below(m, 26));
	if (first)
		word[0] = first;
	kt_avro_add_bytes(out, word, len);
}

static void add_uuid(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type)
{
	char text[KT_UUID_LEN];
	if (type->kind == KT_AVRO_STRING) {
		kt_random_uuid(&m->random, text);
		kt_avro_add_bytes(out, text, sizeof(text));
		return;
	}
	char *to = kt_buf_reserve(out, 16);
	add_random_bytes(m, out, 16);
	to[6] = (char)((to[6] & 0x0f) | 0x40);
	to[8] = (char)((to[8] & 0x3f) | 0x80);
}

/* Two's complement, the highest byte first: of bytes no more than it takes, of a fixed as many as there are. */
static void add_decimal(struct kt_buf *out, const struct kt_avro_type *type, int64_t n)
{
	uint64_t big = htobe64((uint64_t)n);
	size_t len = 1;
	while (len < 8 && n >> (8 * len - 1) != 0 && n >> (8 * len - 1) != -1)
		len++;
	if (type->kind == KT_AVRO_BYTES) {
		kt_avro_add_bytes(out, (char *)&big + 8 - len, len);
		return;
	}
	size_t pad = type->size > 8 ? type->size - 8 : 0;
	memset(kt_buf_reserve(out, pad + 1), n < 0 ? 0xff : 0, pad);
	out->len += pad;
	kt_buf_add(out, (char *)&big + 8 - (type->size - pad), type->size - pad);
}

/* A number as a fixed decimal has it, in bytes of its own, and its scale after it. */
static void add_big_decimal(struct kt_buf *out, int64_t n, int64_t scale)
{
	static const struct kt_avro_type bytes = {.kind = KT_AVRO_BYTES};
	kt_auto(kt_buf_fini) struct kt_buf inner = {0};
	add_decimal(&inner, &bytes, n);
	kt_avro_add_long(&inner, scale);
	kt_avro_add_bytes(out, inner.data, inner.len);
}

static void add_duration(struct kt_avro_random *m, struct kt_buf *out)
{
	uint32_t parts[] = {htole32((uint32_t)below(m, 12)), htole32((uint32_t)below(m, 28)),
		htole32((uint32_t)below(m, DAY_S * 1000))};
	kt_buf_add(out, parts, sizeof(parts));
}

/* How many units a second has, for types that are times; 0 for others. */
static int64_t per_second(enum kt_avro_logical logical)
{
	switch (logical) {
	case KT_AVRO_TIME_MILLIS:
	case KT_AVRO_TIMESTAMP_MILLIS:
	case KT_AVRO_LOCAL_MILLIS:
		return 1000;
	case KT_AVRO_TIME_MICROS:
	case KT_AVRO_TIMESTAMP_MICROS:
	case KT_AVRO_LOCAL_MICROS:
		return 1000000;
	case KT_AVRO_TIMESTAMP_NANOS:
	case KT_AVRO_LOCAL_NANOS:
		return NS;
	default:
		return 0;
	}
}

static int64_t random_whole(struct kt_avro_random *m, const struct kt_avro_type *type)
{
	int64_t units = per_second(type->logical), today = m->now_ns / NS / DAY_S;
	if (type->logical == KT_AVRO_DATE)
		return today - 1 - below(m, YEAR_D);
	if (!units)
		return below(m, 2 * NUMBERS + 1) - NUMBERS;
	bool of_day = type->logical == KT_AVRO_TIME_MILLIS || type->logical == KT_AVRO_TIME_MICROS;
	return below(m, DAY_S * units) + (of_day ? 0 : (today - 1) * DAY_S * units);
}

static double random_real(struct kt_avro_random *m)
{
	return (kt_random_unit(&m->random) * 2 - 1) * NUMBERS;
}

static void make_decimal(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type)
{
	int64_t min, max;
	kt_avro_limits(type, &min, &max);
	add_decimal(out, type, min + below(m, 2 * max + 1));
}

static void make_bytes(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type)
{
	size_t len = type->kind == KT_AVRO_FIXED ? type->size : (size_t)below(m, BYTES + 1);
	switch (type->logical) {
	case KT_AVRO_DECIMAL:
		make_decimal(m, out, type);
		break;
	case KT_AVRO_BIG_DECIMAL:
		add_big_decimal(out, below(m, 2 * NUMBERS + 1) - NUMBERS, below(m, BIG_SCALES));
		break;
	case KT_AVRO_UUID:
		add_uuid(m, out, type);
		break;
	case KT_AVRO_DURATION:
		add_duration(m, out);
		break;
	default:
		if (type->kind == KT_AVRO_BYTES)
			kt_avro_add_long(out, (int64_t)len);
		add_random_bytes(m, out, len);
	}
}

static bool is_tight(const struct kt_avro_random *m)
{
	return m->depth > LEVELS_ENOUGH || m->left <= 0;
}

static struct place *part_of(const struct place *place, uint32_t i)
{
	return place && place->parts ? place->parts[i] : NULL;
}

/* Keys begin with different letters, so that no two are the same. */
static void make_list(
	struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct place *place)
{
	const struct kt_avro_type *items = type->fields[0].type;
	bool none = is_tight(m) || !is_possible(m, items);
	int64_t n = none ? 0 : below(m, ITEMS + 1);
	m->depth++;
	if (n)
		kt_avro_add_long(out, n);
	for (int64_t i = 0; i < n; i++) {
		if (type->kind == KT_AVRO_MAP)
			add_word(m, out, (char)('a' + i));
		make(m, out, items, part_of(place, 0));
	}
	kt_avro_add_long(out, 0);
	m->depth--;
}

static uint32_t shortest_branch(const struct kt_avro_random *m, const struct kt_avro_type *type)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < type->n; i++)
		if (m->costs[type->fields[i].type->id].values < m->costs[type->fields[best].type->id].values)
			best = i;
	return best;
}

static void make_union(
	struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct place *place)
{
	uint32_t branch = (uint32_t)below(m, type->n);
	if (place && place->branch >= 0)
		branch = (uint32_t)place->branch;
	else if (is_tight(m) || !is_possible(m, type->fields[branch].type))
		branch = shortest_branch(m, type);
	kt_avro_add_long(out, branch);
	m->depth++;
	make(m, out, type->fields[branch].type, part_of(place, branch));
	m->depth--;
}

static void make_freely(
	struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct place *place)
{
	switch (type->kind) {
	case KT_AVRO_NULL:
		break;
	case KT_AVRO_BOOLEAN:
		kt_buf_addc(out, (char)below(m, 2));
		break;
	case KT_AVRO_INT:
	case KT_AVRO_LONG:
		kt_avro_add_long(out, random_whole(m, type));
		break;
	case KT_AVRO_FLOAT:
		kt_avro_add_float(out, (float)random_real(m));
		break;
	case KT_AVRO_DOUBLE:
		kt_avro_add_double(out, random_real(m));
		break;
	case KT_AVRO_BYTES:
	case KT_AVRO_FIXED:
		make_bytes(m, out, type);
		break;
	case KT_AVRO_STRING:
		if (type->logical == KT_AVRO_UUID)
			add_uuid(m, out, type);
		else
			add_word(m, out, 0);
		break;
	case KT_AVRO_RECORD:
		for (uint32_t i = 0; i < type->n; i++)
			make(m, out, type->fields[i].type, part_of(place, i));
		break;
	case KT_AVRO_ENUM:
		kt_avro_add_long(out, below(m, type->n));
		break;
	case KT_AVRO_ARRAY:
	case KT_AVRO_MAP:
		make_list(m, out, type, place);
		break;
	case KT_AVRO_UNION:
		make_union(m, out, type, place);
		break;
	}
}

static void add_text(struct kt_buf *out, const char *text)
{
	kt_avro_add_bytes(out, text, strlen(text));
}

static void make_number(
	struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct kt_generator *g)
{
	int64_t min, max;
	char text[32];
	double unit;
	kt_avro_limits(type, &min, &max);
	switch (type->kind) {
	case KT_AVRO_FLOAT:
		kt_avro_add_float(out, (float)fmax(-FLT_MAX, fmin(FLT_MAX, kt_generator_real(g, &m->random))));
		break;
	case KT_AVRO_DOUBLE:
		kt_avro_add_double(out, kt_generator_real(g, &m->random));
		break;
	case KT_AVRO_STRING:
		snprintf(text, sizeof(text), "%lld", (long long)kt_generator_whole(g, &m->random, min, max));
		add_text(out, text);
		break;
	case KT_AVRO_BYTES:
	case KT_AVRO_FIXED:
		unit = round(kt_generator_real(g, &m->random) * kt_avro_unit(type));
		add_decimal(out, type, unit <= (double)min ? min : unit >= (double)max ? max : (int64_t)unit);
		break;
	default:
		kt_avro_add_long(out, kt_generator_whole(g, &m->random, min, max));
	}
}

static void make_now(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type)
{
	int64_t units = per_second(type->logical), second = m->now_ns / NS;
	char text[40];
	if (type->kind == KT_AVRO_STRING)
		add_text(out, kt_show_when(m->now_ns / 1000000, text));
	else if (type->kind == KT_AVRO_DOUBLE)
		kt_avro_add_double(out, (double)m->now_ns / (double)NS);
	else if (type->logical == KT_AVRO_DATE)
		kt_avro_add_long(out, second / DAY_S);
	else if (type->logical == KT_AVRO_TIME_MILLIS || type->logical == KT_AVRO_TIME_MICROS)
		kt_avro_add_long(out, m->now_ns % (DAY_S * NS) / (NS / units));
	else if (type->kind == KT_AVRO_INT)
		kt_avro_add_long(out, second);
	else
		kt_avro_add_long(out, m->now_ns / (NS / (units ? units : 1000)));
}

static void make_choice(struct kt_avro_random *m, struct kt_buf *out, const struct place *place)
{
	size_t i = place->rule->values.n > 1 ? (size_t)below(m, (int64_t)place->rule->values.n) : 0;
	size_t from = i ? place->ends[i - 1] : 0;
	if (place->ends[i] > from)
		kt_buf_add(out, place->choices.data + from, place->ends[i] - from);
}

static void make_by_rule(struct kt_avro_random *m, struct kt_buf *out, const struct place *place)
{
	if (kt_generator_is_number(place->rule))
		make_number(m, out, place->type, place->rule);
	else if (place->rule->kind == KT_GENERATE_UUID)
		add_uuid(m, out, place->type);
	else if (place->rule->kind == KT_GENERATE_NOW)
		make_now(m, out, place->type);
	else
		make_choice(m, out, place);
}

/* From the bytes that were just made. */
static void note_key(struct kt_avro_random *m, const struct kt_avro_type *type, struct kt_bytes datum)
{
	const unsigned char *at = (const unsigned char *)datum.data, *end = at + datum.len;
	int64_t n = 0;
	if (type->kind == KT_AVRO_UNION) {
		(void)kt_zigzag_read(&at, end, &n);
		type = type->fields[n].type;
	}
	m->has_key = type->kind != KT_AVRO_NULL;
	if (!m->has_key)
		return;
	if (type->kind != KT_AVRO_BOOLEAN && type->kind != KT_AVRO_FIXED)
		(void)kt_zigzag_read(&at, end, &n);
	if (type->kind == KT_AVRO_BOOLEAN)
		kt_buf_adds(&m->key, *at ? "true" : "false");
	else if (type->kind == KT_AVRO_INT || type->kind == KT_AVRO_LONG)
		kt_buf_add_i64(&m->key, n);
	else if (type->kind == KT_AVRO_ENUM)
		kt_buf_adds(&m->key, type->symbols[n]);
	else
		kt_buf_add(&m->key, at, (size_t)(end - at));
}

static void make(struct kt_avro_random *m, struct kt_buf *out, const struct kt_avro_type *type, struct place *place)
{
	size_t begin = out->len;
	m->left--;
	if (place && place->rule)
		make_by_rule(m, out, place);
	else
		make_freely(m, out, type, place);
	if (place && place->is_key)
		note_key(m, type, (struct kt_bytes){out->data + begin, out->len - begin});
}

void kt_avro_random_make(struct kt_avro_random *m, struct kt_buf *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	m->now_ns = now.tv_sec * NS + now.tv_nsec;
	m->left = VALUES_ENOUGH;
	m->has_key = false;
	m->key.len = 0;
	make(m, out, m->schema->root, m->root);
}

struct kt_bytes kt_avro_random_key_of(const struct kt_avro_random *m)
{
	if (!m->has_key)
		return (struct kt_bytes){0};
	return (struct kt_bytes){m->key.len ? m->key.data : "", m->key.len};
}

void kt_avro_random_free(struct kt_avro_random *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n_rules; i++) {
		kt_generator_fini(m->rules[i]);
		free(m->rules[i]);
	}
	kt_avro_place_free(m->root);
	kt_buf_fini(&m->key);
	free(m->rules);
	free(m->costs);
	free(m);
}
