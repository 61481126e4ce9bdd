/* Numbers, durations and sizes as people type them. Every parser takes the whole text or fails with KT_USAGE and a
 * message that quotes the text; what it means (an option's name) is put in front by the caller with kt_err_wrap(). */
#ifndef KT_NUM_H
#define KT_NUM_H

#include "err.h"

/* Decimal, optional sign, the whole range of int64_t, bounded by min and max (both allowed). */
int kt_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out, struct kt_err *err) kt_must_check;

/* A finite decimal number with optional fraction and exponent. */
int kt_parse_double(const char *text, double *out, struct kt_err *err) kt_must_check;

/* Milliseconds: "500ms", "10s", "1.5s", "2m", "1h30m", "7d"; a bare number means seconds ("0.5"); or as ISO 8601 has
 * it, "PT1H30M", "P7D". Not negative. */
int kt_parse_duration_ms(const char *text, int64_t *out_ms, struct kt_err *err) kt_must_check;

/* Bytes: "4096", "64k"/"64KiB" (1024), "1MB"/"1MiB"/"1m", "2g". Letter case does not matter. Not negative. */
int kt_parse_bytes(const char *text, int64_t *out_bytes, struct kt_err *err) kt_must_check;

/* "1,234,567" into out (at least 32 bytes); returns out. For words on stderr. */
const char *kt_group_digits(int64_t n, char *out);

/* The end of a word that is counted: "%lld record%s". */
static inline const char *kt_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* The same with its verb, to follow the number: "%zu byte%s left". */
static inline const char *kt_plural_are(int64_t n)
{
	return n == 1 ? " is" : "s are";
}

/* "350 ms", "12.3 s", "2 min 5 s" into out (at least 32 bytes); returns out. */
const char *kt_show_ms(int64_t ms, char *out);

#endif
