/* JSON in one pass: writing strings, and a reader that hands out one piece after another and builds no tree.
 *
 *   struct kt_json j = {.start = text, .at = text, .end = text + len, .out = &buf, .err = err};
 *   if (kt_json_enter(&j, '{') < 0)
 *           return -1;
 *   while ((more = kt_json_member(&j, &name)) > 0)
 *           if (is(name, "n") ? kt_json_i64(&j, 0, 99, &n) < 0 : kt_json_skip(&j) < 0)
 *                   return -1;
 *   return more < 0 ? -1 : kt_json_finish(&j);
 *
 * Strict (RFC 8259): UTF-8 only, no lone surrogates, no trailing commas, no depth over KT_JSON_DEPTH. Numbers that are
 * passed through keep their text. Errors are KT_FAILED and say what was expected, what stands there, and the column in
 * its line.
 *
 * Decoded text is appended to `out` and results point into it, so they stay valid while `out` does not grow. Text never
 * gets longer by decoding: with len + KT_JSON_SLACK bytes reserved beforehand it never grows.
 */
#ifndef KT_JSON_H
#define KT_JSON_H

#include "buf.h"
#include "err.h"

enum { KT_JSON_DEPTH = 1000, KT_JSON_SLACK = 16 };

/* Appends bytes as a JSON string with its quotes. Control characters, quote and backslash are escaped, nothing else.
 * What is not UTF-8 becomes U+FFFD. */
void kt_json_string(struct kt_buf *out, const void *data, size_t len);

/* kt_json_string() for what is not a record: what kt_words() escapes is escaped here too, as \u and four digits, so
 * that the line does nothing on a terminal and means the same to a program. */
void kt_json_words(struct kt_buf *out, const char *text);

/* kt_json_string() for bytes of unknown kind: false, and out as before, when they are not UTF-8. One pass checks and
 * writes. */
bool kt_json_string_exact(struct kt_buf *out, const void *data, size_t len);

struct kt_json {
	const char *start, *at, *end;
	struct kt_buf *out;
	struct kt_err *err;
	unsigned depth;
	bool first; /* nothing was read yet since the last opening bracket */
	/* Set by the caller for text that other programs take as JSON: comments as in C are white space, half of a
	 * surrogate pair and what is not UTF-8 become U+FFFD (text then gets up to three times as long). */
	bool lenient;
	bool replaced; /* that happened */
};

/* The first byte of the next value, or 0 at the end. */
char kt_json_peek(struct kt_json *j);

/* Fails with "expected WHAT, got a number (column 17)" about what stands at j->at. */
int kt_json_expected(struct kt_json *j, const char *what);

/* Past the opening bracket ('{' or '['). */
int kt_json_enter(struct kt_json *j, char bracket) kt_must_check;

/* The next member of an object: 1 with its name, the value is next; 0 after the closing bracket; -1. */
int kt_json_member(struct kt_json *j, struct kt_bytes *name) kt_must_check;

/* The next element of a list: 1, the value is next; 0 after the closing bracket; -1. */
int kt_json_element(struct kt_json *j) kt_must_check;

/* The two halves of kt_json_member(), for a caller that reads the name itself: up to the next item before the closing
 * bracket ('}' or ']'): 1; 0: after that; -1. And past the colon. */
int kt_json_next(struct kt_json *j, char closing) kt_must_check;
int kt_json_colon(struct kt_json *j) kt_must_check;

/* True when the value is null, which is then passed. */
bool kt_json_null(struct kt_json *j);

/* A string, decoded. */
int kt_json_text(struct kt_json *j, struct kt_bytes *text) kt_must_check;

/* A whole number without fraction and exponent. */
int kt_json_i64(struct kt_json *j, int64_t min, int64_t max, int64_t *n) kt_must_check;

/* Any number that is finite as a double. */
int kt_json_real(struct kt_json *j, double *n) kt_must_check;

/* Any number as it is written, borrowed from the text. */
int kt_json_number(struct kt_json *j, struct kt_bytes *text) kt_must_check;

/* What such a number is as a double: infinite when that does not have it. */
double kt_json_to_double(struct kt_bytes number);

/* Any value as JSON text without white space between its tokens; the tokens themselves stay as they are written. */
int kt_json_compact(struct kt_json *j, struct kt_bytes *text) kt_must_check;

/* Any value, ignored but checked. */
int kt_json_skip(struct kt_json *j) kt_must_check;

/* Passes a byte order mark, which programs of Windows put in front of text. */
void kt_json_mark(struct kt_json *j);

/* Passes what is not JSON, but stands in front of it in files that people write: a byte order mark, and lines that
 * begin with #. */
void kt_json_comments(struct kt_json *j);

/* The line that j->at is in, from 1. */
size_t kt_json_line(const struct kt_json *j);

/* Nothing but white space is left. */
int kt_json_finish(struct kt_json *j) kt_must_check;

#endif
