#include "serde.h"

#include "mem.h"
#include "packed.h"

static int set(struct kt_serde *serde, const char *word, struct kt_err *err)
{
	bool avro = !strcmp(word, "avro"), raw = !strcmp(word, "raw");
	if (!avro && !raw && kt_packed_check(word, err) < 0)
		return -1;
	free(serde->packed);
	*serde = (struct kt_serde){.avro = avro, .packed = avro || raw ? NULL : kt_strdup(word)};
	return 0;
}

static int parse_word(struct kt_serdes *s, const char *word, struct kt_err *err)
{
	if (!strncmp(word, "key=", 4))
		return set(&s->key, word + 4, err);
	if (!strncmp(word, "value=", 6))
		return set(&s->value, word + 6, err);
	if (set(&s->value, word, err) < 0)
		return -1;
	return s->value.packed ? set(&s->key, word, err) : 0;
}

int kt_serdes_parse(struct kt_serdes *s, const struct kt_strs *words, struct kt_err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		kt_auto(kt_strs_fini) struct kt_strs parts = {0};
		kt_strs_split(&parts, words->v[i], ",");
		for (size_t k = 0; k < parts.n; k++)
			if (parse_word(s, parts.v[k], err) < 0)
				return kt_err_wrap(err, "--serde");
	}
	return 0;
}

void kt_serdes_fini(struct kt_serdes *s)
{
	free(s->key.packed);
	free(s->value.packed);
	*s = (struct kt_serdes){0};
}

int kt_serdes_unpack(struct kt_buf *out, const char *format, const struct kt_record *record, const char *part,
	struct kt_bytes *bytes, struct kt_decode *decode, struct kt_err *err)
{
	out->len = 0;
	if (!bytes->data)
		return 0;
	if (kt_packed_print(format, *bytes, out, err) == 0) {
		*bytes = (struct kt_bytes){kt_buf_cstr(out), out->len};
		return 1;
	}
	kt_err_wrap(err, "%.*s[%d]@%lld: %s", (int)record->topic.len, record->topic.data, (int)record->partition,
		(long long)record->offset, part);
	return kt_decode_refuse(decode, err);
}

int kt_serdes_decode_key(struct kt_decode *keys, const struct kt_record *r, struct kt_bytes *key, struct kt_err *err)
{
	static const struct kt_buf nowhere;
	char place[320];
	struct kt_record record = {.topic = r->topic,
		.partition = r->partition,
		.offset = r->offset,
		.value = r->key,
		.headers = r->headers,
		.n_headers = r->n_headers};
	struct kt_datum datum;
	int more;
	if (!r->key.data)
		return 0;
	snprintf(place, sizeof(place), "%.*s[%d]@%lld: key", (int)r->topic.len, r->topic.data, (int)r->partition,
		(long long)r->offset);
	kt_decode_begin(keys, &record, place, &nowhere);
	while ((more = kt_decode_next(keys, &nowhere, &datum, err)) == KT_DECODE_PAUSED)
		;
	if (more > 0)
		*key = datum.shown->value;
	return more;
}
