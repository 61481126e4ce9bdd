#include "benchrecords.h"

#include "esc.h"
#include "file.h"
#include "mem.h"
#include "num.h"

/* Records begin at different places, so that a codec does not find one and the same again and again. */
enum { SPREAD = 1 << 20, PAYLOADS = 1 << 28 };

#define OPTS struct kt_benchrecords_opts
/* clang-format off */
const struct kt_opt kt_benchrecords_opts[] = {
	{.name = "size", .often = true, .also = "record-size", KT_BYTES(size), .arg = "BYTES", .def = "100",
		.help = "random bytes in each value"},
	{.name = "payload", .often = true, .also = "payload-file", KT_STR(payload), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "values are lines of this file, drawn at random"},
	{.name = "payload-delimiter", KT_STR(delim), .arg = "BYTES", .def = "\\n", .help = "what ends a value in that file"},
	{.name = "keys", .often = true, KT_I64(keys), .arg = "N", .def = "0",
		.help = "this many different keys, 0 to N-1; 0: no keys"},
	{.name = "zipf", KT_STR(zipf), .arg = "S",
		.help = "with --keys: key k comes in proportion to 1/(k+1)^S, not all equally often"},
	{.name = "seed", KT_STR(seed), .arg = "N", .help = "the same records in the same order each time"},
	{.name = "field", KT_LIST(fields), .arg = "PATH=GENERATOR",
		.help = "with --schema: how a field's values are made; may be repeated"},
	{.name = "fields", KT_STR(rules_file), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "a JSON object of paths and generators"},
	{.name = "key-field", KT_STR(key_field), .arg = "PATH", .help = "with --schema: that field is the record's key"},
	KT_END,
};
/* clang-format on */

static int check(const struct kt_benchrecords_opts *o, size_t most, struct kt_err *err)
{
	bool schema = o->encode->schemas.n;
	if (schema && o->payload)
		return kt_err_set(err, KT_USAGE, "--schema and --payload: only one can be given");
	if (!schema && (o->fields.n || o->key_field || o->rules_file))
		return kt_err_set(err, KT_USAGE, "--field, --fields and --key-field need a schema: --schema FILE");
	if (o->keys < 0 || o->keys > KT_ZIPF_MOST)
		return kt_err_set(err, KT_USAGE, "--keys %lld: expected 0 to %d", (long long)o->keys, KT_ZIPF_MOST);
	if (o->keys && schema)
		return kt_err_set(err, KT_USAGE, "--keys does not go with --schema, where --key-field has the keys");
	if (o->zipf && !o->keys)
		return kt_err_set(err, KT_USAGE, "--zipf needs --keys N");
	if ((uint64_t)o->size > most)
		return kt_err_set(err, KT_USAGE, "--size %lld: %s", (long long)o->size, KT_TOO_LARGE);
	return 0;
}

static int open_keys(struct kt_benchrecords *r, struct kt_err *err)
{
	double exponent = 1;
	if (!r->opts->keys)
		return 0;
	r->keys = kt_calloc(KT_BENCHRECORDS_KEYS, sizeof(*r->keys));
	if (r->opts->zipf && kt_parse_double(r->opts->zipf, &exponent, err) < 0)
		return kt_err_wrap(err, "--zipf");
	if (!(exponent > 0 && exponent <= 100))
		return kt_err_set(err, KT_USAGE, "--zipf %s: expected more than 0 and at most 100", r->opts->zipf);
	if (r->opts->zipf)
		kt_zipf_init(&r->zipf, r->opts->keys, exponent);
	return 0;
}

static void add_line(struct kt_benchrecords *r, const char *from, size_t len)
{
	r->lines = kt_grow(r->lines, &r->lines_cap, r->n_lines + 1, sizeof(*r->lines));
	r->lines[r->n_lines++] = (struct kt_bytes){from, len};
}

static int open_payload(struct kt_benchrecords *r, size_t most, struct kt_err *err)
{
	const char *path = r->opts->payload;
	kt_auto(kt_buf_fini) struct kt_buf delim = {0};
	if (kt_unescape(&delim, r->opts->delim, err) < 0)
		return kt_err_wrap(err, "--payload-delimiter");
	if (!delim.len)
		return kt_err_set(err, KT_USAGE, "a delimiter cannot be empty");
	if (kt_file_read(&r->bytes, path, PAYLOADS, err) < 0)
		return -1;
	const char *at = r->bytes.data, *end = at + r->bytes.len, *found;
	while (at < end && (found = memmem(at, (size_t)(end - at), delim.data, delim.len))) {
		add_line(r, at, (size_t)(found - at));
		at = found + delim.len;
	}
	if (at < end)
		add_line(r, at, (size_t)(end - at));
	if (!r->n_lines)
		return kt_err_set(err, KT_USAGE, "%s is empty", path);
	for (size_t i = 0; i < r->n_lines; i++)
		if (r->lines[i].len > most)
			return kt_err_set(err, KT_USAGE, "%s: value %zu is %s", path, i + 1, KT_TOO_LARGE);
	return 0;
}

static void make_bytes(struct kt_benchrecords *r)
{
	r->size = (size_t)r->opts->size;
	size_t len = r->size + SPREAD;
	for (char *to = kt_buf_reserve(&r->bytes, len + sizeof(uint64_t)); r->bytes.len < len;
		r->bytes.len += sizeof(uint64_t)) {
		uint64_t n = kt_random_next(&r->random);
		memcpy(to + r->bytes.len, &n, sizeof(n));
	}
}

int kt_benchrecords_open(struct kt_benchrecords *r, const struct kt_benchrecords_opts *opts,
	const struct kt_encode_for *whom, size_t most, struct kt_err *err)
{
	int64_t seed = 0;
	r->opts = opts;
	if (check(opts, most, err) < 0)
		return -1;
	if (opts->seed && kt_parse_i64(opts->seed, INT64_MIN, INT64_MAX, &seed, err) < 0)
		return kt_err_wrap(err, "--seed");
	uint64_t start = (uint64_t)seed;
	if (opts->seed)
		kt_random_seed(&r->random, start, 0);
	else
		kt_random_start(&r->random);
	if (open_keys(r, err) < 0)
		return -1;
	if (opts->payload)
		return open_payload(r, most, err);
	if (!opts->encode->schemas.n) {
		make_bytes(r);
		return 0;
	}
	struct kt_schemaload_how how = {
		.encode = opts->encode,
		.whom = *whom,
		.rules = &opts->fields,
		.file = opts->rules_file,
		.key = opts->key_field,
		.seed = opts->seed ? &start : NULL,
		.most = most,
	};
	return kt_schemaload_open(&r->schema, &how, err);
}

static void make_key(struct kt_benchrecords *r)
{
	char *text = r->keys[r->made % KT_BENCHRECORDS_KEYS];
	uint64_t key = r->zipf.n > 0 ? (uint64_t)kt_zipf_next(&r->zipf, &r->random) - 1
				     : kt_random_below(&r->random, (uint64_t)r->opts->keys);
	r->piece.key = (struct kt_bytes){text, (size_t)(kt_digits(text, key) - text)};
}

static void make_piece(struct kt_benchrecords *r)
{
	if (r->keys)
		make_key(r);
	if (r->n_lines)
		r->piece.value = r->lines[kt_random_below(&r->random, r->n_lines)];
	else
		r->piece.value = (struct kt_bytes){r->bytes.data + (size_t)r->made * 61 % SPREAD, r->size};
}

struct kt_bytes kt_benchrecords_value(const struct kt_benchrecords *r)
{
	return r->opts->encode->schemas.n ? r->schema.record.value : r->piece.value;
}

int kt_benchrecords_send(struct kt_benchrecords *r, struct kt_producer *producer, int64_t tag, struct kt_err *err)
{
	int sent = 1;
	bool schema = r->opts->encode->schemas.n;
	if (!r->waits && schema)
		kt_schemaload_make(&r->schema);
	else if (!r->waits)
		make_piece(r);
	const struct kt_bytes value = kt_benchrecords_value(r);
	r->piece.line = tag;
	if (producer)
		sent = schema ? kt_producer_send(producer, KT_PRODUCER_TOPIC, &r->schema.record, tag, 0, err)
			      : kt_producer_add(producer, &r->piece, err);
	r->waits = sent == 0;
	r->made += sent != 0;
	r->made_bytes += sent != 0 ? (int64_t)value.len : 0;
	return sent;
}

double kt_benchrecords_size(const struct kt_benchrecords *r)
{
	return r->made ? (double)r->made_bytes / (double)r->made : 0;
}

void kt_benchrecords_fini(struct kt_benchrecords *r)
{
	kt_schemaload_fini(&r->schema);
	kt_buf_fini(&r->bytes);
	free(r->lines);
	free(r->keys);
}
