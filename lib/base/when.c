#include "when.h"

#include <limits.h>

#include "esc.h"
#include "num.h"

int64_t kt_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t kt_clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t kt_wall_ms(int64_t at_us)
{
	enum { TRIES = 100 };
	int64_t before_us, wall_ms, after_us;
	int tries = 0;
	do {
		before_us = kt_clock_us();
		wall_ms = kt_now_ms();
		after_us = kt_clock_us();
	} while (after_us - before_us > 1000 && ++tries < TRIES);
	return wall_ms - (before_us - at_us) / 1000;
}

const char *kt_show_when(int64_t ms, char *out)
{
	int milli = (int)(ms % 1000);
	time_t seconds = ms / 1000;
	struct tm tm;
	if (milli < 0) {
		milli += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	/* gmtime_r() gives at most 9 digits for a year within int64_t milliseconds, so this fits in 40 bytes. */
	snprintf(out, 40, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", tm.tm_year + 1900, (tm.tm_mon + 1) % 100u,
		tm.tm_mday % 100u, tm.tm_hour % 100u, tm.tm_min % 100u, tm.tm_sec % 100u, milli % 1000u);
	return out;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits at *at, which moves past them. */
static bool take_digits(const char **at, int n, int *out)
{
	int value = 0;
	for (; n; n--, ++*at) {
		if (!is_digit(**at))
			return false;
		value = value * 10 + (**at - '0');
	}
	*out = value;
	return true;
}

static bool take(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* Any number of digits after a point, as thousandths; finer ones are cut off. */
static bool take_fraction(const char **at, int *milli)
{
	int scale = 100;
	*milli = 0;
	if (!take(at, '.'))
		return true;
	if (!is_digit(**at))
		return false;
	for (; is_digit(**at); ++*at, scale /= 10)
		*milli += (**at - '0') * scale;
	return true;
}

/* "Z", "+02:00", "+0200", or nothing (*local). */
static bool take_zone(const char **at, bool *local, int *offset_s)
{
	int hours, minutes;
	*local = false;
	*offset_s = 0;
	if (take(at, 'Z') || take(at, 'z'))
		return true;
	char sign = **at;
	if (sign != '+' && sign != '-') {
		*local = true;
		return true;
	}
	++*at;
	if (!take_digits(at, 2, &hours) || (take(at, ':'), !take_digits(at, 2, &minutes)) || hours > 23 || minutes > 59)
		return false;
	*offset_s = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
	return true;
}

static bool exists(const struct tm *tm)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (tm->tm_mon < 0 || tm->tm_mon > 11)
		return false;
	/* RFC 3339 allows second 60; it is counted as the first second of the next minute. */
	return tm->tm_mday >= 1 && tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1) && tm->tm_hour <= 23 &&
	       tm->tm_min <= 59 && tm->tm_sec <= 60;
}

/* utc: a time without a zone is not local. */
static bool parse_rfc3339(const char *at, bool utc, int64_t *out_ms)
{
	struct tm tm = {.tm_isdst = -1, .tm_mday = 0};
	int milli = 0, offset_s = 0;
	bool local = true;
	if (!take_digits(&at, 4, &tm.tm_year) || !take(&at, '-') || !take_digits(&at, 2, &tm.tm_mon) ||
		!take(&at, '-') || !take_digits(&at, 2, &tm.tm_mday))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if (take(&at, 'T') || take(&at, 't') || take(&at, ' ')) {
		if (!take_digits(&at, 2, &tm.tm_hour) || !take(&at, ':') || !take_digits(&at, 2, &tm.tm_min))
			return false;
		if (take(&at, ':') && (!take_digits(&at, 2, &tm.tm_sec) || !take_fraction(&at, &milli)))
			return false;
		if (!take_zone(&at, &local, &offset_s))
			return false;
	}
	if (*at || !exists(&tm))
		return false;
	tm.tm_wday = -1; /* stays when mktime() fails, whose -1 is also a time */
	time_t seconds = local && !utc ? mktime(&tm) : timegm(&tm);
	if (tm.tm_wday < 0)
		return false;
	*out_ms = ((int64_t)seconds - offset_s) * 1000 + milli;
	return true;
}

/* Digits with an optional fraction: seconds, or milliseconds from 12 digits on (11 digits of seconds last until the
 * year 5138, 12 digits of milliseconds begin in 1973). */
static bool parse_epoch(const char *at, int64_t *out_ms)
{
	const char *start = at;
	int64_t value = 0;
	int milli;
	for (; is_digit(*at); at++)
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
			return false;
	size_t digits = (size_t)(at - start);
	if (!digits || !take_fraction(&at, &milli) || *at)
		return false;
	*out_ms = digits >= 12 ? value : value * 1000 + milli;
	return true;
}

/* sign and the duration after it, counted from now */
static bool parse_offset(const char *text, int64_t now_ms, int64_t *out_ms, struct kt_err *err)
{
	int64_t ms;
	bool back = *text == '-';
	if ((*text != '-' && *text != '+') || (!is_digit(text[1]) && text[1] != '.') ||
		kt_parse_duration_ms(text + 1, &ms, err) < 0)
		return false;
	return back ? !__builtin_sub_overflow(now_ms, ms, out_ms) : !__builtin_add_overflow(now_ms, ms, out_ms);
}

/* "today", "yesterday": its midnight. */
static bool parse_day(const char *text, int64_t now_ms, bool utc, int64_t *out_ms)
{
	bool before = !strcmp(text, "yesterday");
	time_t now = now_ms / 1000;
	struct tm tm;
	if (!before && strcmp(text, "today") != 0)
		return false;
	if (!(utc ? gmtime_r(&now, &tm) : localtime_r(&now, &tm)))
		return false;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= before;
	tm.tm_isdst = -1;
	*out_ms = (int64_t)(utc ? timegm(&tm) : mktime(&tm)) * 1000;
	return true;
}

/* "1h30m ago", and with a word for its unit "2 hours ago". */
static bool parse_ago(const char *text, int64_t now_ms, int64_t *out_ms)
{
	static const char *const units[] = {"second", "minute", "hour", "day"};
	static const char ago[] = " ago";
	char back[48] = "-";
	struct kt_err ignored;
	size_t len = strlen(text), digits = strspn(text, "0123456789.");
	if (len < sizeof(ago) || len >= sizeof(back) || strcmp(text + len - strlen(ago), ago) != 0)
		return false;
	len -= strlen(ago);
	memcpy(back + 1, text, len);
	back[1 + len] = '\0';
	const char *word = text + digits + (text[digits] == ' ');
	size_t rest = word < text + len ? (size_t)(text + len - word) : 0;
	rest -= rest > 1 && word[rest - 1] == 's';
	for (size_t i = 0; i < KT_LEN(units); i++)
		if (strlen(units[i]) == rest && !strncmp(word, units[i], rest)) {
			back[1 + digits] = units[i][0];
			back[2 + digits] = '\0';
		}
	return parse_offset(back, now_ms, out_ms, &ignored);
}

/* "-1", "+5": signed, and without a unit. */
static bool is_bare(const char *text)
{
	size_t digits = *text == '-' || *text == '+' ? strspn(text + 1, "0123456789") : 0;
	return digits && !text[1 + digits];
}

static int parse_when(const char *text, int64_t now_ms, bool utc, int64_t *out_ms, struct kt_err *err)
{
	char quoted[80];
	int64_t ms = now_ms;
	const char *from_now = strncmp(text, "now", 3) ? text : text + 3;
	if (is_bare(text)) {
		kt_err_set(err, KT_USAGE, "%.40s is a number without a unit", text);
		return kt_err_hint(err, "%.40ss is that many seconds %s", text, *text == '-' ? "ago" : "from now");
	}
	bool understood = from_now != text && !*from_now;
	if (!understood && (*from_now == '-' || *from_now == '+'))
		understood = parse_offset(from_now, now_ms, &ms, err);
	if (!understood && from_now == text)
		understood = parse_epoch(text, &ms) || parse_rfc3339(text, utc, &ms) ||
			     parse_day(text, now_ms, utc, &ms) || parse_ago(text, now_ms, &ms);
	if (understood) {
		*out_ms = ms;
		return 0;
	}
	kt_err_set(err, KT_USAGE, "%s is not a point in time",
		kt_quote(quoted, sizeof(quoted), (struct kt_bytes){text, strlen(text)}));
	return kt_err_hint(err,
		"understood: epoch seconds or milliseconds, 2026-01-31T12:00:00Z, 2026-01-31, yesterday, now, -1h30m");
}

int kt_parse_when_ms(const char *text, int64_t now_ms, int64_t *out_ms, struct kt_err *err)
{
	return parse_when(text, now_ms, false, out_ms, err);
}

int kt_parse_when_utc_ms(const char *text, int64_t now_ms, int64_t *out_ms, struct kt_err *err)
{
	return parse_when(text, now_ms, true, out_ms, err);
}

/* Rounded up: whoever waits that long finds it over. */
static int64_t up_to_ms(int64_t left_us)
{
	return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

int64_t kt_left_ms(int64_t start_us, int64_t limit_ms)
{
	return limit_ms ? up_to_ms(limit_ms * 1000 - (kt_clock_us() - start_us)) : INT64_MAX;
}

int64_t kt_until_ms(int64_t at_us)
{
	return at_us == INT64_MAX ? INT64_MAX : up_to_ms(at_us - kt_clock_us());
}

struct timespec kt_time_in_ms(int64_t ms)
{
	struct timespec at;
	clock_gettime(CLOCK_REALTIME, &at);
	int64_t ns = at.tv_nsec + ms % 1000 * 1000000;
	return (struct timespec){.tv_sec = at.tv_sec + ms / 1000 + ns / 1000000000, .tv_nsec = ns % 1000000000};
}
