#include "query.h"

#include "esc.h"

struct kt_query kt_query_of(const char *target)
{
	const char *mark = strchr(target, '?');
	return (struct kt_query){.at = mark ? mark + 1 : target + strlen(target)};
}

static bool decode(struct kt_buf *out, const char *at, size_t len)
{
	out->len = 0;
	for (size_t i = 0; i < len; i++) {
		if (at[i] != '%') {
			kt_buf_addc(out, at[i] == '+' ? ' ' : at[i]);
			continue;
		}
		int high = i + 2 < len ? kt_hex_digit(at[i + 1]) : -1, low = high >= 0 ? kt_hex_digit(at[i + 2]) : -1;
		if (low < 0)
			return false;
		kt_buf_addc(out, (char)(high << 4 | low));
		i += 2;
	}
	kt_buf_cstr(out);
	return true;
}

bool kt_query_next(struct kt_query *q)
{
	while (*q->at == '&')
		q->at++;
	if (!*q->at || q->malformed)
		return false;
	size_t len = strcspn(q->at, "&"), name = strcspn(q->at, "=&"), value = name < len ? name + 1 : len;
	q->malformed = !decode(&q->name, q->at, name) || !decode(&q->value, q->at + value, len - value);
	q->at += len;
	return !q->malformed;
}

void kt_query_fini(struct kt_query *q)
{
	kt_buf_fini(&q->name);
	kt_buf_fini(&q->value);
}
