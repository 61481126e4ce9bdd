#include "num.h"

#include <errno.h>
#include <math.h>
#include <strings.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int not_a(const char *text, const char *what, const char *examples, struct kt_err *err)
{
	kt_err_set(err, KT_USAGE, "\"%.80s\" is not %s", text, what);
	return *examples ? kt_err_hint(err, "for example %s", examples) : -1;
}

static int out_of_range(const char *text, int64_t min, int64_t max, struct kt_err *err)
{
	if (max == INT64_MAX && min != INT64_MIN)
		return kt_err_set(err, KT_USAGE, "%.80s is too small: at least %lld is needed", text, (long long)min);
	return kt_err_set(err, KT_USAGE, "%.80s is out of range: %lld to %lld", text, (long long)min, (long long)max);
}

int kt_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out, struct kt_err *err)
{
	bool negative = *text == '-', overflow = false;
	const char *at = text + (*text == '-' || *text == '+');
	int64_t n = 0;
	if (!is_digit(*at))
		return not_a(text, "a whole number", "", err);
	for (; is_digit(*at); at++) {
		int digit = *at - '0';
		overflow |= __builtin_mul_overflow(n, 10, &n);
		overflow |= __builtin_add_overflow(n, negative ? -digit : digit, &n);
	}
	if (*at)
		return not_a(text, "a whole number", "", err);
	if (overflow && min == INT64_MIN && max == INT64_MAX)
		return kt_err_set(err, KT_USAGE, "%.80s does not fit into 64 bits", text);
	if (overflow && !negative && max == INT64_MAX)
		return kt_err_set(err, KT_USAGE, "%.80s is too large: at most %lld", text, (long long)max);
	if (overflow || n < min || n > max)
		return out_of_range(text, min, max, err);
	*out = n;
	return 0;
}

/* strtod() also takes blanks in front, hexadecimal, "inf" and "nan". */
static bool is_decimal(const char *at)
{
	at += *at == '-' || *at == '+';
	size_t digits = 0;
	for (; is_digit(*at); at++)
		digits++;
	if (*at == '.')
		for (at++; is_digit(*at); at++)
			digits++;
	if (!digits)
		return false;
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		if (!is_digit(*at))
			return false;
		while (is_digit(*at))
			at++;
	}
	return !*at;
}

int kt_parse_double(const char *text, double *out, struct kt_err *err)
{
	if (!is_decimal(text))
		return not_a(text, "a number", "", err);
	double n = strtod(text, NULL);
	if (!isfinite(n))
		return kt_err_set(err, KT_USAGE, "%.80s is too large", text);
	*out = n;
	return 0;
}

/* A decimal number in pieces, so that "0.1d" is exact: whole + part / scale. */
struct decimal {
	int64_t whole, part, scale;
};

/* Digits of the fraction that count: with more, part times the largest unit (1 TiB) would not fit. */
enum { PART_MAX = 1000000 };

static bool scan_decimal(const char **text, struct decimal *out)
{
	const char *at = *text;
	size_t digits = 0;
	*out = (struct decimal){.scale = 1};
	for (; is_digit(*at); at++, digits++)
		if (__builtin_mul_overflow(out->whole, 10, &out->whole) ||
			__builtin_add_overflow(out->whole, *at - '0', &out->whole))
			return false;
	if (*at == '.')
		for (at++; is_digit(*at); at++, digits++)
			if (out->scale < PART_MAX) {
				out->part = out->part * 10 + (*at - '0');
				out->scale *= 10;
			}
	*text = at;
	return digits > 0;
}

static bool add_scaled(int64_t *sum, const struct decimal *n, int64_t unit)
{
	int64_t product;
	return !__builtin_mul_overflow(n->whole, unit, &product) && !__builtin_add_overflow(*sum, product, sum) &&
	       !__builtin_add_overflow(*sum, n->part * unit / n->scale, sum);
}

struct unit {
	const char *name;
	int64_t size;
};

/* The unit whose name is the letters at *text, which are skipped; 0 when there is none. */
static int64_t scan_unit(const char **text, const struct unit *units)
{
	size_t len = 0;
	while (((*text)[len] | 32) >= 'a' && ((*text)[len] | 32) <= 'z')
		len++;
	for (const struct unit *u = units; u->name; u++)
		if (strlen(u->name) == len && !strncasecmp(*text, u->name, len)) {
			*text += len;
			return u->size;
		}
	return 0;
}

/* What stands after the P of ISO 8601: days, and after a T hours, minutes and seconds, each at most once, in this
 * order. */
static bool scan_iso(const char *at, int64_t *sum)
{
	static const struct unit units[] = {{"D", 86400000}, {"H", 3600000}, {"M", 60000}, {"S", 1000}, {NULL, 0}};
	size_t next = 0;
	bool time = false, any = false;
	while (*at) {
		struct decimal n;
		if (!time && (*at | 32) == 't') {
			time = true;
			at++;
			next = 1;
			any = false;
			continue;
		}
		if (!scan_decimal(&at, &n))
			return false;
		while (units[next].name && (*at | 32) != (units[next].name[0] | 32))
			next++;
		if (!units[next].name || time != (next > 0) || !add_scaled(sum, &n, units[next].size))
			return false;
		at++;
		next++;
		any = true;
	}
	return any;
}

int kt_parse_duration_ms(const char *text, int64_t *out_ms, struct kt_err *err)
{
	static const struct unit units[] = {
		{"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
	static const char what[] = "a duration", examples[] = "500ms, 10s, 1h30m, 7d";
	const char *at = text;
	int64_t sum = 0;
	if (!*text)
		return not_a(text, what, examples, err);
	if ((*text | 32) == 'p') {
		if (!scan_iso(text + 1, &sum))
			return not_a(text, what, examples, err);
		*out_ms = sum;
		return 0;
	}
	while (*at) {
		struct decimal n;
		bool first = at == text;
		if (!scan_decimal(&at, &n))
			return not_a(text, what, examples, err);
		int64_t unit = !*at && first ? 1000 : scan_unit(&at, units);
		if (!unit)
			return not_a(text, what, examples, err);
		if (!add_scaled(&sum, &n, unit))
			return kt_err_set(err, KT_USAGE, "%.80s is too long a time", text);
	}
	*out_ms = sum;
	return 0;
}

int kt_parse_bytes(const char *text, int64_t *out_bytes, struct kt_err *err)
{
	static const int64_t k = 1024;
	static const struct unit units[] = {{"", 1}, {"b", 1}, {"k", k}, {"kb", k}, {"kib", k}, {"m", k * k},
		{"mb", k * k}, {"mib", k * k}, {"g", k * k * k}, {"gb", k * k * k}, {"gib", k * k * k},
		{"t", k * k * k * k}, {"tb", k * k * k * k}, {"tib", k * k * k * k}, {NULL, 0}};
	const char *at = text;
	struct decimal n;
	int64_t sum = 0;
	if (!scan_decimal(&at, &n))
		return not_a(text, "a size", "4096, 64k, 1MiB", err);
	int64_t unit = scan_unit(&at, units);
	if (!unit || *at)
		return not_a(text, "a size", "4096, 64k, 1MiB", err);
	if (!add_scaled(&sum, &n, unit))
		return kt_err_set(err, KT_USAGE, "%.80s is too large a size", text);
	*out_bytes = sum;
	return 0;
}

const char *kt_group_digits(int64_t n, char *out)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", n < 0 ? -(unsigned long long)n : (unsigned long long)n);
	char *at = out;
	if (n < 0)
		*at++ = '-';
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

const char *kt_show_ms(int64_t ms, char *out)
{
	enum { SHOWN = 32 };
	long long s = (long long)(ms / 1000);
	if (ms < 1000)
		snprintf(out, SHOWN, "%lld ms", (long long)ms);
	else if (s < 60)
		snprintf(out, SHOWN, "%lld.%lld s", s, (long long)(ms % 1000 / 100));
	else if (s < 3600)
		snprintf(out, SHOWN, "%lld min %lld s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, SHOWN, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		snprintf(out, SHOWN, "%lld d %lld h", s / 86400, s / 3600 % 24);
	return out;
}
