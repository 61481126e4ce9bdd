#include "avro_fromtext.h"

#include "avro_logical.h"
#include "avro_write.h"
#include "mem.h"

/* What is left of a text. */
struct rest {
	const char *at, *end;
};

static bool pass(struct rest *r, char c)
{
	bool there = r->at < r->end && *r->at == c;
	r->at += there;
	return there;
}

/* From `least` to `most` digits. */
static bool read_digits(struct rest *r, int least, int most, int64_t *n)
{
	int count = 0;
	for (*n = 0; count < most && r->at < r->end && *r->at >= '0' && *r->at <= '9'; count++)
		*n = *n * 10 + (*r->at++ - '0');
	return count >= least;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, in eras of 400 years that begin on the first of March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool read_date(struct rest *r, int64_t *days)
{
	static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t year, month, day;
	bool minus = pass(r, '-'), plus = !minus && pass(r, '+');
	if (!read_digits(r, 4, minus || plus ? 9 : 4, &year) || !pass(r, '-') || !read_digits(r, 2, 2, &month) ||
		!pass(r, '-') || !read_digits(r, 2, 2, &day))
		return false;
	year = minus ? -year : year;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] || (month == 2 && day == 29 && !leap))
		return false;
	*days = days_of(year, month, day);
	return true;
}

/* A fraction in units of which a second has per_second; more digits than the unit has must be zeros. */
static bool read_fraction(struct rest *r, int64_t per_second, int64_t *units)
{
	int64_t digit, unit = per_second;
	bool any = false;
	*units = 0;
	if (!pass(r, '.'))
		return true;
	for (; read_digits(r, 1, 1, &digit); any = true) {
		unit /= 10;
		if (!unit && digit)
			return false;
		*units += digit * unit;
	}
	return any;
}

/* Units since midnight. */
static bool read_time(struct rest *r, int64_t per_second, int64_t *units)
{
	int64_t hour, minute, second = 0;
	*units = 0;
	if (!read_digits(r, 2, 2, &hour) || !pass(r, ':') || !read_digits(r, 2, 2, &minute))
		return false;
	if (pass(r, ':') && (!read_digits(r, 2, 2, &second) || !read_fraction(r, per_second, units)))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*units += (hour * 3600 + minute * 60 + second) * per_second;
	return true;
}

/* "Z" or "+02:00". */
static bool read_zone(struct rest *r, int64_t *seconds)
{
	int64_t hours, minutes;
	*seconds = 0;
	if (pass(r, 'Z') || pass(r, 'z'))
		return true;
	bool minus = pass(r, '-');
	if ((!minus && !pass(r, '+')) || !read_digits(r, 2, 2, &hours) || !pass(r, ':') ||
		!read_digits(r, 2, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * (minus ? -60 : 60);
	return true;
}

static bool read_timestamp(struct rest *r, int64_t per_second, bool local, int64_t *n)
{
	int64_t days, units, zone = 0, seconds;
	if (!read_date(r, &days) || (!pass(r, 'T') && !pass(r, 't') && !pass(r, ' ')) ||
		!read_time(r, per_second, &units) || (!local && !read_zone(r, &zone)))
		return false;
	seconds = days * 86400 - zone;
	/* In the last second before the earliest point in time the product alone would not fit. */
	if (seconds < 0 && units >= per_second) {
		seconds += units / per_second;
		units %= per_second;
	}
	bool early = seconds < 0 && units;
	return !__builtin_mul_overflow(early ? seconds + 1 : seconds, per_second, n) &&
	       !__builtin_add_overflow(*n, early ? units - per_second : units, n);
}

bool kt_avro_from_iso(enum kt_avro_logical logical, struct kt_bytes text, int64_t *n)
{
	struct rest r = {text.data, text.data + text.len};
	bool fine = false;
	switch (logical) {
	case KT_AVRO_DATE:
		fine = read_date(&r, n) && *n >= INT32_MIN && *n <= INT32_MAX;
		break;
	case KT_AVRO_TIME_MILLIS:
	case KT_AVRO_TIME_MICROS:
		fine = read_time(&r, logical == KT_AVRO_TIME_MILLIS ? 1000 : 1000000, n);
		break;
	case KT_AVRO_TIMESTAMP_MILLIS:
	case KT_AVRO_LOCAL_MILLIS:
		fine = read_timestamp(&r, 1000, logical == KT_AVRO_LOCAL_MILLIS, n);
		break;
	case KT_AVRO_TIMESTAMP_MICROS:
	case KT_AVRO_LOCAL_MICROS:
		fine = read_timestamp(&r, 1000000, logical == KT_AVRO_LOCAL_MICROS, n);
		break;
	case KT_AVRO_TIMESTAMP_NANOS:
	case KT_AVRO_LOCAL_NANOS:
		fine = read_timestamp(&r, 1000000000, logical == KT_AVRO_LOCAL_NANOS, n);
		break;
	default:
		break;
	}
	return fine && r.at == r.end;
}

const char *kt_avro_iso_words(enum kt_avro_logical logical)
{
	switch (logical) {
	case KT_AVRO_DATE:
		return "a date as 2026-01-31";
	case KT_AVRO_TIME_MILLIS:
	case KT_AVRO_TIME_MICROS:
		return "a time as 12:00:00.123";
	case KT_AVRO_LOCAL_MILLIS:
	case KT_AVRO_LOCAL_MICROS:
	case KT_AVRO_LOCAL_NANOS:
		return "a local time as 2026-01-31T12:00:00.123";
	default:
		return "a point in time as 2026-01-31T12:00:00.123Z";
	}
}

static void put_word(char *out, int64_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (char)(n >> 8 * i);
}

bool kt_avro_from_duration(char out[12], struct kt_bytes text)
{
	struct rest r = {text.data, text.data + text.len};
	int64_t months, days, seconds, ms;
	if (!pass(&r, 'P') || !read_digits(&r, 1, 10, &months) || !pass(&r, 'M') || !read_digits(&r, 1, 10, &days) ||
		!pass(&r, 'D') || !pass(&r, 'T') || !read_digits(&r, 1, 10, &seconds) ||
		!read_fraction(&r, 1000, &ms) || !pass(&r, 'S') || r.at != r.end)
		return false;
	ms += seconds * 1000;
	if (months > UINT32_MAX || days > UINT32_MAX || ms > UINT32_MAX)
		return false;
	put_word(out, months);
	put_word(out + 4, days);
	put_word(out + 8, ms);
	return true;
}

/* A number as its digits, without zeros at either end, times a power of ten. */
struct decimal {
	struct kt_buf digits;
	int64_t power;
	int64_t scale; /* digits that were written after the point, less the exponent */
	bool negative;
};

static void read_decimal(struct decimal *d, struct kt_bytes number)
{
	size_t i = d->negative = number.data[0] == '-';
	bool point = false;
	for (; i < number.len && number.data[i] != 'e' && number.data[i] != 'E'; i++) {
		char c = number.data[i];
		d->scale += point && c != '.';
		point |= c == '.';
		if (c == '.' || (c == '0' && !d->digits.len && !point))
			continue;
		d->power -= point;
		if (c != '0' || d->digits.len)
			kt_buf_addc(&d->digits, c);
	}
	if (++i < number.len) {
		bool minus = number.data[i] == '-';
		int64_t n = 0;
		for (i += minus || number.data[i] == '+'; i < number.len; i++)
			n = n < INT32_MAX ? n * 10 + (number.data[i] - '0') : n;
		d->power += minus ? -n : n;
		d->scale -= minus ? -n : n;
	}
	while (d->digits.len && d->digits.data[d->digits.len - 1] == '0') {
		d->digits.len--;
		d->power++;
	}
}

/* The digits, and zeros after them, as a number of n words of 32 bits, the highest first. */
static uint32_t *to_words(const struct decimal *d, size_t zeros, size_t *n)
{
	size_t all = d->digits.len + zeros;
	*n = all / 9 + 2; /* nine digits are less than 32 bits, and the sign has room */
	uint32_t *words = kt_calloc(*n, sizeof(*words));
	for (size_t i = 0; i < all; i++) {
		uint64_t carry = i < d->digits.len ? (uint64_t)(d->digits.data[i] - '0') : 0;
		for (size_t k = *n; k-- > 0;) {
			carry += (uint64_t)words[k] * 10;
			words[k] = (uint32_t)carry;
			carry >>= 32;
		}
	}
	return words;
}

static void negate(uint32_t *words, size_t n)
{
	bool carry = true;
	for (size_t i = n; i-- > 0;) {
		words[i] = ~words[i] + carry;
		carry = carry && !words[i];
	}
}

/* The words as bytes, without those in front that only repeat the sign. */
static void add_shortest(struct kt_buf *out, const uint32_t *words, size_t n)
{
	size_t start = out->len, len = 4 * n, extra = 0;
	for (size_t i = 0; i < len; i++)
		kt_buf_addc(out, (char)(words[i / 4] >> (24 - 8 * (i % 4))));
	const unsigned char *bytes = (const unsigned char *)out->data + start;
	while (extra + 1 < len && (bytes[extra] == 0 || bytes[extra] == 0xff) &&
		(bytes[extra] & 0x80) == (bytes[extra + 1] & 0x80))
		extra++;
	memmove(out->data + start, out->data + start + extra, len - extra);
	out->len -= extra;
}

const char *kt_avro_from_number(struct kt_buf *out, const struct kt_avro_type *type, struct kt_bytes number)
{
	kt_auto(kt_buf_fini) struct kt_buf digits = {0}, bytes = {0};
	struct decimal d = {0};
	size_t n;
	read_decimal(&d, number);
	digits = d.digits;
	int64_t zeros = d.digits.len ? d.power + type->scale : 0;
	if (zeros < 0)
		return "has more digits after the point than the scale";
	if ((int64_t)d.digits.len + zeros > type->precision || (int64_t)d.digits.len + zeros > KT_AVRO_DECIMAL_MAX)
		return "has more digits than the precision";
	kt_auto(kt_free_ptr) uint32_t *words = to_words(&d, (size_t)zeros, &n);
	if (d.negative)
		negate(words, n);
	add_shortest(&bytes, words, n);
	if (type->kind != KT_AVRO_FIXED) {
		kt_buf_add(out, bytes.data, bytes.len);
		return NULL;
	}
	if (bytes.len > type->size)
		return "does not fit into its bytes";
	bool negative = (unsigned char)bytes.data[0] >= 0x80;
	memset(kt_buf_reserve(out, type->size - bytes.len + 1), negative ? 0xff : 0, type->size - bytes.len);
	out->len += type->size - bytes.len;
	kt_buf_add(out, bytes.data, bytes.len);
	return NULL;
}

const char *kt_avro_from_big_number(struct kt_buf *out, struct kt_bytes number)
{
	kt_auto(kt_buf_fini) struct kt_buf digits = {0}, bytes = {0};
	struct decimal d = {0};
	size_t n;
	read_decimal(&d, number);
	digits = d.digits;
	int64_t zeros = d.digits.len ? d.power + d.scale : 0;
	if (d.scale > KT_AVRO_DECIMAL_MAX || d.scale < -KT_AVRO_DECIMAL_MAX ||
		(int64_t)d.digits.len + zeros > KT_AVRO_DECIMAL_MAX)
		return "has more digits than kt reads";
	kt_auto(kt_free_ptr) uint32_t *words = to_words(&d, (size_t)zeros, &n);
	if (d.negative)
		negate(words, n);
	add_shortest(&bytes, words, n);
	kt_avro_add_bytes(out, bytes.data, bytes.len);
	kt_avro_add_long(out, d.scale);
	return NULL;
}

bool kt_avro_within_precision(struct kt_bytes bytes, uint32_t precision)
{
	kt_auto(kt_buf_fini) struct kt_buf shown = {0};
	bool negative = bytes.len && (unsigned char)bytes.data[0] >= 0x80;
	/* 2^(8n - 1) has more than 2.4 * (n - 1) digits. */
	if (precision >= KT_AVRO_DECIMAL_MAX * 5 / 2)
		return true;
	while (bytes.len > 1 && (unsigned char)bytes.data[0] == (negative ? 0xff : 0) &&
		((unsigned char)bytes.data[1] >= 0x80) == negative) {
		bytes.data++;
		bytes.len--;
	}
	if (bytes.len > KT_AVRO_DECIMAL_MAX || bytes.len > precision / 2 + 2)
		return false;
	kt_avro_decimal(&shown, bytes, 0, false);
	return shown.len - (shown.data[0] == '-') <= precision;
}
