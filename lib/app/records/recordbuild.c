#include "recordbuild.h"

#include "esc.h"
#include "mem.h"
#include "packed.h"
#include "shellwords.h"
#include "when.h"

/* Other tools write "x: y" or "x:y". Without an = it would be a name, with a null value, and nobody's. */
static int refuse_colon(const char *text, const char *colon, struct kt_err *err)
{
	char quoted[80];
	const char *value = colon + 1 + strspn(colon + 1, " ");
	kt_err_set(err, KT_USAGE, "--header %s: name and value have = between them",
		kt_quote(quoted, sizeof(quoted), (struct kt_bytes){text, strlen(text)}));
	kt_auto(kt_buf_fini) struct kt_buf meant = {0}, word = {0};
	kt_buf_addf(&meant, "%.*s=%s", (int)(colon - text), text, value);
	kt_shellwords_add(&word, kt_buf_cstr(&meant));
	return kt_err_hint(err, "-H %s", kt_buf_cstr(&word));
}

static int make_headers(struct kt_recordbuild *c, const struct kt_strs *texts, struct kt_err *err)
{
	c->headers = kt_grow(c->headers, &c->headers_cap, texts->n + 1, sizeof(*c->headers));
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->v[i], *equals = strchr(text, '='), *colon = strchr(text, ':');
		if (colon && (!equals || (colon < equals && colon[1] == ' ')))
			return refuse_colon(text, colon, err);
		c->headers[i] = (struct kt_header){.name = {text, equals ? (size_t)(equals - text) : strlen(text)}};
		if (equals)
			c->headers[i].value = (struct kt_bytes){equals + 1, strlen(equals + 1)};
	}
	return 0;
}

int kt_recordbuild_open(struct kt_recordbuild *c, const struct kt_recordbuild_how *how, struct kt_err *err)
{
	c->how = *how;
	c->how.headers_delim = how->headers_delim ? how->headers_delim : "\t";
	c->how.headers_separator = how->headers_separator ? how->headers_separator : ",";
	c->how.header_separator = how->header_separator ? how->header_separator : ":";
	if (make_headers(c, how->headers, err) < 0)
		return -1;
	if (how->timestamp && kt_parse_when_ms(how->timestamp, kt_now_ms(), &c->timestamp_ms, err) < 0)
		return kt_err_wrap(err, "--timestamp");
	if (how->encode && kt_encode_open(&c->encode, how->encode, &how->whom, err) < 0)
		return -1;
	struct kt_encode_for keys = how->whom;
	keys.keys = true;
	return how->encode_keys ? kt_encode_open(&c->encode_keys, how->encode_keys, &keys, err) : 0;
}

bool kt_recordbuild_is_plain(const struct kt_recordbuild *c)
{
	const struct kt_recordbuild_how *how = &c->how;
	return !how->encode && !how->json && !how->headers->n && !how->timestamp && !how->key_seq && !how->null_empty &&
	       !how->null_marker && !how->parse_headers && !how->encode_keys && !how->pack && !how->pack_keys &&
	       !how->strict;
}

static int read_json(struct kt_recordbuild *c, const struct kt_piece *piece, struct kt_err *err)
{
	if (kt_recordjson_read(&c->envelope, piece->value.data, piece->value.len, err) < 0)
		return -1;
	if (!c->envelope.has_content) {
		kt_err_set(err, KT_PARTIAL,
			"names neither \"key\" nor \"payload\" (or \"value\"): -J is for the records "
			"that `kt consume -J` writes, lines of JSON go without it");
		return -1;
	}
	c->record = c->envelope.record;
	c->record.partition = c->how.keep_partition ? c->record.partition : -1;
	return 0;
}

/* Where `what` is in the text, or NULL. */
static const char *find(struct kt_bytes text, const char *what)
{
	return memmem(text.data, text.len, what, strlen(what));
}

static struct kt_bytes before(struct kt_bytes text, const char *at)
{
	return (struct kt_bytes){text.data, at ? (size_t)(at - text.data) : text.len};
}

/* What comes after a separator that stands at that place. */
static struct kt_bytes after(struct kt_bytes text, const char *at, const char *separator)
{
	const char *next = at + strlen(separator);
	return (struct kt_bytes){next, text.len - (size_t)(next - text.data)};
}

static int add_headers(struct kt_recordbuild *c, struct kt_bytes text, struct kt_err *err)
{
	struct kt_record *r = &c->record;
	const char *between = c->how.headers_separator, *inside = c->how.header_separator;
	for (const char *end = text.data; end && text.len;) {
		end = find(text, between);
		struct kt_bytes one = before(text, end);
		const char *colon = find(one, inside);
		char shown[40];
		if (!colon)
			return kt_err_set(err, KT_PARTIAL, "--parse-headers: %s is not NAME%sVALUE",
				kt_quote(shown, sizeof(shown), one), inside);
		c->headers = kt_grow(c->headers, &c->headers_cap, r->n_headers + 1, sizeof(*c->headers));
		c->headers[r->n_headers++] =
			(struct kt_header){.name = before(one, colon), .value = after(one, colon, inside)};
		if (end)
			text = after(text, end, between);
	}
	r->headers = c->headers;
	return 0;
}

static bool is_null_marker(const struct kt_recordbuild *c, struct kt_bytes text)
{
	const char *marker = c->how.null_marker;
	return marker && text.data && kt_bytes_are(text, marker);
}

/* "a:x,b:y<TAB>rest", as Kafka's console producer with parse.headers (KIP-798, KIP-810). */
static int take_headers(struct kt_recordbuild *c, struct kt_err *err)
{
	struct kt_bytes text = c->record.value, rest = text;
	const char *end = find(text, c->how.headers_delim);
	if (!end && !c->how.lenient)
		return kt_err_set(err, KT_PARTIAL, "--parse-headers: no %s ends the headers",
			strcmp(c->how.headers_delim, "\t") ? c->how.headers_delim : "tab");
	if (end && !is_null_marker(c, before(text, end)) && add_headers(c, before(text, end), err) < 0)
		return -1;
	if (end)
		rest = after(text, end, c->how.headers_delim);
	kt_split_key(&c->how.split, rest, &c->record.key, &c->record.value);
	return 0;
}

static void mark_nulls(struct kt_recordbuild *c)
{
	struct kt_bytes *fields[] = {&c->record.key, &c->record.value};
	for (size_t i = 0; i < KT_LEN(fields); i++)
		if (is_null_marker(c, *fields[i]))
			*fields[i] = (struct kt_bytes){0};
	for (size_t i = c->how.headers->n; i < c->record.n_headers; i++)
		if (is_null_marker(c, c->headers[i].value))
			c->headers[i].value = (struct kt_bytes){0};
}

static int dress(struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number, struct kt_err *err)
{
	const struct kt_recordbuild_how *how = &c->how;
	struct kt_record *r = &c->record;
	*r = (struct kt_record){.partition = -1, .key = piece->key, .value = piece->value, .headers = c->headers};
	r->n_headers = how->headers->n;
	if (how->parse_headers && take_headers(c, err) < 0)
		return -1;
	if (how->strict && !r->key.data) {
		char shown[40];
		return kt_err_set(err, KT_PARTIAL, "no key separator: each record begins with its key and %s",
			kt_quote(shown, sizeof(shown), how->split.key_delim));
	}
	if (how->timestamp) {
		r->tstype = KT_TS_CREATE;
		r->ts_ms = c->timestamp_ms;
	}
	if (how->key_seq) {
		snprintf(c->sequence, sizeof(c->sequence), "%lld", (long long)number);
		r->key = (struct kt_bytes){c->sequence, strlen(c->sequence)};
	} else if (how->key) {
		r->key = (struct kt_bytes){how->key, strlen(how->key)};
	}
	if (how->null_empty && !r->value.len)
		r->value.data = NULL;
	if (how->null_empty && !r->key.len)
		r->key.data = NULL;
	if (how->null_marker)
		mark_nulls(c);
	return 0;
}

static int pack(struct kt_buf *out, const char *format, struct kt_bytes *bytes, struct kt_err *err)
{
	out->len = 0;
	if (!format || !bytes->data)
		return 0;
	if (kt_packed_read(format, *bytes, out, err) < 0)
		return -1;
	*bytes = (struct kt_bytes){kt_buf_cstr(out), out->len};
	return 0;
}

static int serialize_key(struct kt_recordbuild *c, struct kt_err *err)
{
	struct kt_bytes *key = &c->record.key;
	int result = c->how.encode_keys && key->data ? kt_encode_value(&c->encode_keys, key, err)
						     : pack(&c->packed_key, c->how.pack_keys, key, err);
	return result < 0 ? kt_err_wrap(err, "key") : 0;
}

int kt_recordbuild(struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number, struct kt_err *err)
{
	if (c->how.json ? read_json(c, piece, err) < 0 : dress(c, piece, number, err) < 0)
		return -1;
	if (serialize_key(c, err) < 0)
		return -1;
	struct kt_bytes *value = &c->record.value;
	return c->how.encode && value->data ? kt_encode_value(&c->encode, value, err)
					    : pack(&c->packed, c->how.pack, value, err);
}

void kt_recordbuild_fini(struct kt_recordbuild *c)
{
	kt_recordjson_fini(&c->envelope);
	kt_encode_fini(&c->encode);
	kt_encode_fini(&c->encode_keys);
	kt_buf_fini(&c->packed);
	kt_buf_fini(&c->packed_key);
	free(c->headers);
	c->headers = NULL;
}
