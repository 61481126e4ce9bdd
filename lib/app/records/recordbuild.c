#include "recordbuild.h"

#include "esc.h"
#include "mem.h"
#include "when.h"

static void make_headers(struct kt_recordbuild *c, const struct kt_strs *texts)
{
	c->headers = kt_grow(c->headers, &c->headers_cap, texts->n + 1, sizeof(*c->headers));
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->v[i], *equals = strchr(text, '=');
		c->headers[i] = (struct kt_header){.name = {text, equals ? (size_t)(equals - text) : strlen(text)}};
		if (equals)
			c->headers[i].value = (struct kt_bytes){equals + 1, strlen(equals + 1)};
	}
}

int kt_recordbuild_open(struct kt_recordbuild *c, const struct kt_recordbuild_how *how, struct kt_err *err)
{
	c->how = *how;
	make_headers(c, how->headers);
	if (how->timestamp && kt_parse_when_ms(how->timestamp, kt_now_ms(), &c->timestamp_ms, err) < 0)
		return kt_err_wrap(err, "--timestamp");
	return how->encode ? kt_encode_open(&c->encode, how->encode, &c->how.whom, err) : 0;
}

bool kt_recordbuild_is_plain(const struct kt_recordbuild *c)
{
	const struct kt_recordbuild_how *how = &c->how;
	return !how->encode && !how->json && !how->headers->n && !how->timestamp && !how->key_seq && !how->null_empty &&
	       !how->null_marker && !how->parse_headers;
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

static int add_headers(struct kt_recordbuild *c, const char *at, const char *end, struct kt_err *err)
{
	struct kt_record *r = &c->record;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end;
		const char *colon = memchr(at, ':', (size_t)(stop - at));
		char shown[40];
		if (!colon)
			return kt_err_set(err, KT_PARTIAL, "--parse-headers: %s is not NAME:VALUE",
				kt_quote(shown, sizeof(shown), (struct kt_bytes){at, (size_t)(stop - at)}));
		c->headers = kt_grow(c->headers, &c->headers_cap, r->n_headers + 1, sizeof(*c->headers));
		c->headers[r->n_headers++] = (struct kt_header){
			.name = {at, (size_t)(colon - at)}, .value = {colon + 1, (size_t)(stop - colon - 1)}};
		at = stop + (comma != NULL);
	}
	r->headers = c->headers;
	return 0;
}

/* "a:x,b:y<TAB>rest", as Kafka's console producer with parse.headers. */
static int take_headers(struct kt_recordbuild *c, struct kt_err *err)
{
	struct kt_bytes text = c->record.value;
	const char *tab = memchr(text.data, '\t', text.len), *end = text.data + text.len;
	if (!tab)
		return kt_err_set(err, KT_PARTIAL, "--parse-headers: no tab ends the headers");
	if (add_headers(c, text.data, tab, err) < 0)
		return -1;
	kt_split_key(
		&c->how.split, (struct kt_bytes){tab + 1, (size_t)(end - tab - 1)}, &c->record.key, &c->record.value);
	return 0;
}

static void mark_nulls(struct kt_recordbuild *c)
{
	const char *marker = c->how.null_marker;
	size_t len = strlen(marker);
	struct kt_bytes *fields[] = {&c->record.key, &c->record.value};
	for (size_t i = 0; i < KT_LEN(fields); i++)
		if (fields[i]->data && fields[i]->len == len && !memcmp(fields[i]->data, marker, len))
			*fields[i] = (struct kt_bytes){0};
	for (size_t i = c->how.headers->n; i < c->record.n_headers; i++)
		if (c->headers[i].value.len == len && !memcmp(c->headers[i].value.data, marker, len))
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

int kt_recordbuild(struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number, struct kt_err *err)
{
	if (c->how.json ? read_json(c, piece, err) < 0 : dress(c, piece, number, err) < 0)
		return -1;
	return c->how.encode && c->record.value.data ? kt_encode_value(&c->encode, &c->record.value, err) : 0;
}

void kt_recordbuild_fini(struct kt_recordbuild *c)
{
	kt_recordjson_fini(&c->envelope);
	kt_encode_fini(&c->encode);
	free(c->headers);
	c->headers = NULL;
}
