#include "avro_logical.h"

#include <endian.h>

#include "digits.h"
#include "esc.h"
#include "zigzag.h"

enum { DAY_S = 86400 };

/* A point in time: days since 1970-01-01, and nanoseconds of its day. */
struct moment {
	int64_t day, ns;
	unsigned decimals; /* of the unit: 3, 6, 9 */
};

struct date {
	int64_t year;
	unsigned month, day;
};

/* n units of which a second has per_second. */
static struct moment moment_of(int64_t n, int64_t per_second)
{
	int64_t per_day = per_second * DAY_S, day = n / per_day, rest = n % per_day;
	if (rest < 0) {
		day--;
		rest += per_day;
	}
	return (struct moment){.day = day,
		.ns = rest * (1000000000 / per_second),
		.decimals = per_second == 1000      ? 3
			    : per_second == 1000000 ? 6
						    : 9};
}

/* The Gregorian calendar, reckoned in eras of 400 years that begin on the first of March, so that the leap day is a
 * year's last. */
static struct date date_of(int64_t day)
{
	enum { ERA_DAYS = 146097, TO_1970 = 719468 };
	day += TO_1970;
	int64_t era = (day >= 0 ? day : day - (ERA_DAYS - 1)) / ERA_DAYS;
	unsigned of_era = (unsigned)(day - era * ERA_DAYS);
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;
	return (struct date){
		.year = (int64_t)year + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

static void add_padded(struct kt_buf *out, uint64_t n, unsigned width)
{
	kt_digits_padded(kt_buf_reserve(out, width), n, width);
	out->len += width;
}

/* ISO 8601 writes years beyond 9999, and before 0, with a sign. */
static void add_date(struct kt_buf *out, struct date date)
{
	uint64_t year = date.year < 0 ? -(uint64_t)date.year : (uint64_t)date.year;
	unsigned digits = kt_digits_count(year);
	if (date.year < 0 || date.year > 9999)
		kt_buf_addc(out, date.year < 0 ? '-' : '+');
	add_padded(out, year, digits < 4 ? 4 : digits);
	kt_buf_addc(out, '-');
	add_padded(out, date.month, 2);
	kt_buf_addc(out, '-');
	add_padded(out, date.day, 2);
}

static void add_time(struct kt_buf *out, struct moment moment)
{
	uint64_t second = (uint64_t)moment.ns / 1000000000, fraction = (uint64_t)moment.ns % 1000000000;
	add_padded(out, second / 3600, 2);
	kt_buf_addc(out, ':');
	add_padded(out, second / 60 % 60, 2);
	kt_buf_addc(out, ':');
	add_padded(out, second % 60, 2);
	kt_buf_addc(out, '.');
	add_padded(out, fraction / (moment.decimals == 3 ? 1000000 : moment.decimals == 6 ? 1000 : 1), moment.decimals);
}

/* "h, m", then seconds and microseconds as far as repr() shows them. */
static void add_python_time(struct kt_buf *out, struct moment moment)
{
	unsigned second = (unsigned)(moment.ns / 1000000000), us = (unsigned)(moment.ns / 1000 % 1000000);
	kt_buf_addf(out, "%u, %u", second / 3600, second / 60 % 60);
	if (second % 60 || us)
		kt_buf_addf(out, ", %u", second % 60);
	if (us)
		kt_buf_addf(out, ", %u", us);
}

static bool in_python(struct date date)
{
	return date.year >= 1 && date.year <= 9999;
}

static void add_python_date(struct kt_buf *out, const char *type, struct date date)
{
	kt_buf_addf(out, "datetime.%s(%d, %u, %u", type, (int)date.year, date.month, date.day);
}

static void show_date(struct kt_buf *out, int64_t day, bool python)
{
	struct date date = date_of(day);
	if (!python) {
		kt_buf_addc(out, '"');
		add_date(out, date);
		kt_buf_addc(out, '"');
	} else if (in_python(date)) {
		add_python_date(out, "date", date);
		kt_buf_addc(out, ')');
	} else {
		kt_buf_add_i64(out, day);
	}
}

static void show_time(struct kt_buf *out, int64_t n, int64_t per_second, bool python)
{
	struct moment moment = moment_of(n, per_second);
	if (moment.day) {
		kt_buf_add_i64(out, n);
	} else if (python) {
		kt_buf_adds(out, "datetime.time(");
		add_python_time(out, moment);
		kt_buf_addc(out, ')');
	} else {
		kt_buf_addc(out, '"');
		add_time(out, moment);
		kt_buf_addc(out, '"');
	}
}

/* zone: what JSON and Python write after a point in time that is UTC; "" where it is local to whoever reads it. */
static void show_timestamp(struct kt_buf *out, int64_t n, int64_t per_second, bool local, bool python)
{
	struct moment moment = moment_of(n, per_second);
	struct date date = date_of(moment.day);
	if (!python) {
		kt_buf_addc(out, '"');
		add_date(out, date);
		kt_buf_addc(out, 'T');
		add_time(out, moment);
		kt_buf_adds(out, local ? "\"" : "Z\"");
	} else if (in_python(date) && moment.decimals < 9) {
		add_python_date(out, "datetime", date);
		kt_buf_adds(out, ", ");
		add_python_time(out, moment);
		kt_buf_adds(out, local ? ")" : ", tzinfo=datetime.timezone.utc)");
	} else {
		kt_buf_add_i64(out, n);
	}
}

void kt_avro_logical_number(struct kt_buf *out, enum kt_avro_logical logical, int64_t n, bool python)
{
	switch (logical) {
	case KT_AVRO_DATE:
		show_date(out, n, python);
		break;
	case KT_AVRO_TIME_MILLIS:
	case KT_AVRO_TIME_MICROS:
		show_time(out, n, logical == KT_AVRO_TIME_MILLIS ? 1000 : 1000000, python);
		break;
	case KT_AVRO_TIMESTAMP_MILLIS:
	case KT_AVRO_LOCAL_MILLIS:
		show_timestamp(out, n, 1000, logical == KT_AVRO_LOCAL_MILLIS, python);
		break;
	case KT_AVRO_TIMESTAMP_MICROS:
	case KT_AVRO_LOCAL_MICROS:
		show_timestamp(out, n, 1000000, logical == KT_AVRO_LOCAL_MICROS, python);
		break;
	case KT_AVRO_TIMESTAMP_NANOS:
	case KT_AVRO_LOCAL_NANOS:
		show_timestamp(out, n, 1000000000, logical == KT_AVRO_LOCAL_NANOS, python);
		break;
	default:
		kt_buf_add_i64(out, n);
	}
}

/* Divides the number in words (the highest first) by 10^9; returns the remainder. */
static uint32_t take_digits(uint32_t *words, size_t n)
{
	uint64_t rest = 0;
	for (size_t i = 0; i < n; i++) {
		rest = rest << 32 | words[i];
		words[i] = (uint32_t)(rest / 1000000000);
		rest %= 1000000000;
	}
	return (uint32_t)rest;
}

enum { DECIMAL_WORDS = KT_AVRO_DECIMAL_MAX / 4 + 1, DECIMAL_DIGITS = 10 * DECIMAL_WORDS };

/* The digits of the absolute value into the end of out; returns where they begin. Sets *negative. */
static const char *decimal_digits(char out[DECIMAL_DIGITS], struct kt_bytes bytes, bool *negative)
{
	uint32_t words[DECIMAL_WORDS] = {0};
	size_t n = bytes.len / 4 + 1, first = 0;
	char *at = out + DECIMAL_DIGITS;
	*negative = bytes.len && (unsigned char)bytes.data[0] >= 0x80;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.data[bytes.len - 1 - i];
		words[n - 1 - i / 4] |= (uint32_t)(unsigned char)(*negative ? ~byte : byte) << 8 * (i % 4);
	}
	for (size_t i = n; *negative && i-- > 0 && !++words[i];)
		;
	while (first < n && !words[first])
		first++;
	while (first < n) {
		at -= 9;
		kt_digits_padded(at, take_digits(words + first, n - first), 9);
		while (first < n && !words[first])
			first++;
	}
	while (at < out + DECIMAL_DIGITS && *at == '0')
		at++;
	if (at == out + DECIMAL_DIGITS)
		*--at = '0';
	return at;
}

/* The digits with a point before the last `scale` of them. */
static void add_scaled(struct kt_buf *out, const char *digits, size_t n, size_t scale)
{
	if (n <= scale) {
		kt_buf_adds(out, "0.");
		memset(kt_buf_reserve(out, scale - n + 1), '0', scale - n);
		out->len += scale - n;
		kt_buf_add(out, digits, n);
		return;
	}
	kt_buf_add(out, digits, n - scale);
	if (scale) {
		kt_buf_addc(out, '.');
		kt_buf_add(out, digits + n - scale, scale);
	}
}

/* Python's spelling of small decimals: 1.2E-9. */
static void add_small(struct kt_buf *out, const char *digits, size_t n, size_t scale)
{
	kt_buf_addc(out, digits[0]);
	if (n > 1) {
		kt_buf_addc(out, '.');
		kt_buf_add(out, digits + 1, n - 1);
	}
	kt_buf_addf(out, "E-%zu", scale - n + 1);
}

void kt_avro_decimal(struct kt_buf *out, struct kt_bytes bytes, uint32_t scale, bool python)
{
	char space[DECIMAL_DIGITS];
	bool negative;
	const char *digits = decimal_digits(space, bytes, &negative);
	size_t n = (size_t)(space + DECIMAL_DIGITS - digits);
	if (python)
		kt_buf_adds(out, "Decimal('");
	if (negative)
		kt_buf_addc(out, '-');
	if (python && scale >= n + 6)
		add_small(out, digits, n, scale);
	else
		add_scaled(out, digits, n, scale);
	if (python)
		kt_buf_adds(out, "')");
}

void kt_avro_uuid(struct kt_buf *out, struct kt_bytes bytes, bool python)
{
	kt_buf_adds(out, python ? "UUID('" : "\"");
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			kt_buf_addc(out, '-');
		kt_buf_add_hex(out, bytes.data + i, 1);
	}
	kt_buf_adds(out, python ? "')" : "\"");
}

bool kt_avro_python_uuid(struct kt_buf *out, struct kt_bytes text)
{
	unsigned char bytes[16] = {0};
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		int digit = kt_hex_digit(text.data[i]);
		if (text.data[i] == '-')
			continue;
		if (digit < 0 || n == 32)
			return false;
		bytes[n / 2] = (unsigned char)(bytes[n / 2] << 4 | digit);
		n++;
	}
	if (n != 32)
		return false;
	kt_avro_uuid(out, (struct kt_bytes){(const char *)bytes, sizeof(bytes)}, true);
	return true;
}

void kt_avro_duration(struct kt_buf *out, struct kt_bytes bytes)
{
	uint32_t parts[3];
	memcpy(parts, bytes.data, sizeof(parts));
	for (size_t i = 0; i < KT_LEN(parts); i++)
		parts[i] = le32toh(parts[i]);
	kt_buf_addf(out, "\"P%uM%uDT%u.%03uS\"", parts[0], parts[1], parts[2] / 1000, parts[2] % 1000);
}

bool kt_avro_split_big_decimal(struct kt_bytes bytes, struct kt_bytes *number, int64_t *scale)
{
	const unsigned char *at = (const unsigned char *)bytes.data, *end = at + bytes.len;
	int64_t len;
	if (kt_zigzag_read(&at, end, &len) != KT_ZIGZAG_FINE || len < 0 || len > end - at || len > KT_AVRO_DECIMAL_MAX)
		return false;
	*number = (struct kt_bytes){(const char *)at, (size_t)len};
	at += len;
	return kt_zigzag_read(&at, end, scale) == KT_ZIGZAG_FINE && at == end && *scale >= -KT_AVRO_DECIMAL_MAX &&
	       *scale <= KT_AVRO_DECIMAL_MAX;
}
