#include "proto_own.h"

#include "diagnosis.h"

struct kt_protoread kt_protoread_of(struct kt_bytes answer, bool flexible)
{
	const unsigned char *data = (const unsigned char *)answer.data;
	return (struct kt_protoread){.at = data, .end = data + answer.len, .flexible = flexible};
}

const unsigned char *kt_protoread_take(struct kt_protoread *r, size_t n)
{
	if (r->failed || (size_t)(r->end - r->at) < n) {
		r->failed = true;
		r->at = r->end;
		return NULL;
	}
	r->at += n;
	return r->at - n;
}

int64_t kt_protoread_int(struct kt_protoread *r, size_t bytes)
{
	const unsigned char *b = kt_protoread_take(r, bytes);
	uint64_t n = b && b[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; b && i < bytes; i++)
		n = n << 8 | b[i];
	return (int64_t)n;
}

uint32_t kt_protoread_varint(struct kt_protoread *r)
{
	uint32_t n = 0;
	for (int shift = 0; shift < 35; shift += 7) {
		const unsigned char *b = kt_protoread_take(r, 1);
		if (!b || (shift == 28 && *b > 0x0f))
			break;
		n |= (uint32_t)(*b & 0x7f) << shift;
		if (!(*b & 0x80))
			return n;
	}
	r->failed = true;
	return 0;
}

struct kt_bytes kt_protoread_string(struct kt_protoread *r)
{
	int64_t len = r->flexible ? (int64_t)kt_protoread_varint(r) - 1 : kt_protoread_int(r, 2);
	const unsigned char *data = len < 0 ? NULL : kt_protoread_take(r, (size_t)len);
	return data ? (struct kt_bytes){(const char *)data, (size_t)len} : (struct kt_bytes){0};
}

int64_t kt_protoread_count(struct kt_protoread *r, size_t least)
{
	int64_t n = r->flexible ? (int64_t)kt_protoread_varint(r) - 1 : kt_protoread_int(r, 4);
	if (n > 0 && (size_t)n > (size_t)(r->end - r->at) / least)
		r->failed = true;
	return r->failed || n < 0 ? 0 : n;
}

void kt_protoread_tags(struct kt_protoread *r)
{
	uint32_t n = r->flexible ? kt_protoread_varint(r) : 0;
	while (n-- && !r->failed) {
		kt_protoread_varint(r);
		kt_protoread_take(r, kt_protoread_varint(r));
	}
}

void kt_protoread_copy(char *out, size_t size, struct kt_bytes text)
{
	snprintf(out, size, "%.*s", (int)text.len, text.data ? text.data : "");
}

int kt_protoread_verdict(const struct kt_protoread *r, const char *what, struct kt_err *err)
{
	if (!r->failed)
		return 0;
	const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_NOT_KAFKA);
	kt_err_set(err, cause->status, "%s: the answer to %s is cut off or makes no sense", cause->text, what);
	return kt_err_hint(err, "%s", cause->hint);
}
