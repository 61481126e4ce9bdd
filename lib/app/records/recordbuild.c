#include "recordbuild.h"

#include "mem.h"
#include "when.h"

static void make_headers(struct kt_recordbuild *c, const struct kt_strs *texts)
{
	c->headers = kt_calloc(texts->n + 1, sizeof(*c->headers));
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->v[i], *equals = strchr(text, '=');
		c->headers[i].name = (struct kt_bytes){text, equals ? (size_t)(equals - text) : strlen(text)};
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
	return !how->encode && !how->json && !how->headers->n && !how->timestamp && !how->key_seq && !how->null_empty;
}

static int read_json(struct kt_recordbuild *c, const struct kt_piece *piece, struct kt_err *err)
{
	if (kt_recordjson_read(&c->envelope, piece->value.data, piece->value.len, err) < 0)
		return -1;
	c->record = c->envelope.record;
	c->record.partition = c->how.keep_partition ? c->record.partition : -1;
	return 0;
}

static void dress(struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number)
{
	const struct kt_recordbuild_how *how = &c->how;
	struct kt_record *r = &c->record;
	*r = (struct kt_record){.partition = -1, .key = piece->key, .value = piece->value, .headers = c->headers};
	r->n_headers = how->headers->n;
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
}

int kt_recordbuild(struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number, struct kt_err *err)
{
	if (!c->how.json)
		dress(c, piece, number);
	else if (read_json(c, piece, err) < 0)
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
