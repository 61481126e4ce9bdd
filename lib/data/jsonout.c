#include "jsonout.h"

#include <math.h>

#include "json.h"
#include "shortest.h"

static bool is_first(const struct kt_buf *out)
{
	return !out->len || strchr("{[:\n ", out->data[out->len - 1]);
}

void kt_jsonout_key(struct kt_buf *out, const char *name)
{
	if (!is_first(out))
		kt_buf_addc(out, ',');
	if (!name)
		return;
	kt_json_string(out, name, strlen(name));
	kt_buf_addc(out, ':');
}

void kt_jsonout_begin(struct kt_buf *out, const char *name, char bracket)
{
	kt_jsonout_key(out, name);
	kt_buf_addc(out, bracket);
}

void kt_jsonout_end(struct kt_buf *out, char bracket)
{
	kt_buf_addc(out, bracket);
}

void kt_jsonout_text(struct kt_buf *out, const char *name, const char *text)
{
	kt_jsonout_key(out, name);
	if (text)
		kt_json_string(out, text, strlen(text));
	else
		kt_buf_adds(out, "null");
}

void kt_jsonout_words(struct kt_buf *out, const char *name, const char *text)
{
	kt_jsonout_key(out, name);
	if (text)
		kt_json_words(out, text);
	else
		kt_buf_adds(out, "null");
}

void kt_jsonout_i64(struct kt_buf *out, const char *name, int64_t n)
{
	kt_jsonout_key(out, name);
	kt_buf_add_i64(out, n);
}

void kt_jsonout_count(struct kt_buf *out, const char *name, int64_t n)
{
	if (n < 0)
		kt_jsonout_null(out, name);
	else
		kt_jsonout_i64(out, name, n);
}

void kt_jsonout_bool(struct kt_buf *out, const char *name, bool value)
{
	kt_jsonout_key(out, name);
	kt_buf_adds(out, value ? "true" : "false");
}

void kt_jsonout_null(struct kt_buf *out, const char *name)
{
	kt_jsonout_key(out, name);
	kt_buf_adds(out, "null");
}

void kt_jsonout_double(struct kt_buf *out, const char *name, double value)
{
	kt_jsonout_key(out, name);
	if (isfinite(value))
		kt_json_double(out, value);
	else
		kt_buf_adds(out, "null");
}

void kt_jsonout_fixed(struct kt_buf *out, const char *name, double value, int decimals)
{
	kt_jsonout_key(out, name);
	kt_buf_addf(out, "%.*f", decimals, value);
}
