#include "json.h"

#include <endian.h>
#include <math.h>

#include "esc.h"

/* Bytes that are looked at in one step. */
enum { STEP = 16 };
enum { REPLACEMENT = 0xfffd };
_Static_assert((int)KT_JSON_SLACK >= (int)STEP, "whole steps are stored, also of the last few bytes");

typedef int8_t lanes __attribute__((vector_size(STEP)));

/* How many of the STEP bytes come before the first that is not an ordinary character of a JSON string: a control
 * character, quote, backslash, or a byte beyond ASCII (negative, so that one comparison finds it together with the
 * control characters). */
static inline size_t plain_prefix(lanes bytes)
{
	lanes special = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
	uint64_t half[2];
	memcpy(half, &special, sizeof(half));
	if (half[0])
		return (size_t)__builtin_ctzll(le64toh(half[0])) / 8;
	return half[1] ? 8 + (size_t)__builtin_ctzll(le64toh(half[1])) / 8 : STEP;
}

/* The same for 8 bytes, all at once: 255 for each special one, 0 for the others. */
static inline uint64_t mark_special(uint64_t word)
{
	typedef int8_t half_lanes __attribute__((vector_size(8)));
	half_lanes bytes, special;
	memcpy(&bytes, &word, sizeof(bytes));
	special = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
	memcpy(&word, &special, sizeof(word));
	return word;
}

/* Appends the ordinary characters at the front of [at, end); returns where they end. */
static const unsigned char *copy_plain(struct kt_buf *out, const unsigned char *at, const unsigned char *end)
{
	lanes bytes;
	while (at < end) {
		size_t left = (size_t)(end - at), plain;
		if (left < STEP) {
			memset(&bytes, '"', STEP);
			memcpy(&bytes, at, left);
		} else {
			memcpy(&bytes, at, STEP);
		}
		memcpy(kt_buf_reserve(out, STEP), &bytes, STEP);
		plain = plain_prefix(bytes);
		out->len += plain;
		at += plain;
		if (plain < STEP)
			break;
	}
	return at;
}

static void store(char *to, uint64_t word)
{
	word = htole64(word);
	memcpy(to, &word, sizeof(word));
}

/* Appends 8 bytes, the first in the lowest bits, with quotes and backslashes escaped, up to the first that needs more
 * than that; returns how many were taken. */
static size_t copy_word(struct kt_buf *out, uint64_t word, uint64_t marks)
{
	char *to = kt_buf_reserve(out, 3 * sizeof(word));
	size_t taken = 0;
	for (; marks; taken++) {
		unsigned bits = (unsigned)__builtin_ctzll(marks); /* in front of the special byte */
		char c = (char)(word >> bits);
		store(to, word);
		to += bits / 8;
		taken += bits / 8;
		if (c != '"' && c != '\\') {
			out->len = (size_t)(to - out->data);
			return taken;
		}
		*to++ = '\\';
		*to++ = c;
		word = word >> bits >> 8;
		marks = marks >> bits >> 8;
	}
	store(to, word);
	out->len = (size_t)(to - out->data) + sizeof(word) - taken;
	return sizeof(word);
}

/* Where quotes and backslashes are close together, as in JSON inside JSON, steps of plain characters are too short to
 * pay: goes on in words until one holds no special character. Stops at a control character and at a byte beyond ASCII;
 * returns where it stopped. */
static const unsigned char *copy_quoting(struct kt_buf *out, const unsigned char *at, const unsigned char *end)
{
	while (at < end) {
		uint64_t word = 0; /* after the end there is a NUL, which is special */
		memcpy(&word, at, end - at < 8 ? (size_t)(end - at) : 8);
		uint64_t marks = mark_special(word);
		size_t taken = copy_word(out, le64toh(word), le64toh(marks));
		at += taken;
		if (taken < 8 || !marks)
			break;
	}
	return at;
}

/* Appends the well-formed sequences beyond ASCII at the front of [at, end); returns where they end. */
static const unsigned char *copy_sequences(struct kt_buf *out, const unsigned char *at, const unsigned char *end)
{
	const unsigned char *start = at;
	size_t len;
	while (at < end && *at >= 0x80 && (len = kt_utf8_sequence(at, end)))
		at += len;
	kt_buf_add(out, start, (size_t)(at - start));
	return at;
}

/* The letter of a control character's short escape, or 0 when it has none. */
static char escape_letter(unsigned char c)
{
	switch (c) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void add_control(struct kt_buf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	char letter = escape_letter(c), *to = kt_buf_reserve(out, 6);
	if (letter)
		memcpy(to, (char[]){'\\', letter}, 2);
	else
		memcpy(to, (char[]){'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}, 6);
	out->len += letter ? 2 : 6;
}

static bool add_string(struct kt_buf *out, const void *data, size_t len, bool replace)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *at = data, *end = at + len;
	kt_buf_addc(out, '"');
	while ((at = copy_quoting(out, copy_plain(out, at, end), end)) < end) {
		const unsigned char *here = at;
		if (*at < 0x20) {
			add_control(out, *at++);
		} else if (*at >= 0x80 && (at = copy_sequences(out, at, end)) == here) {
			if (!replace)
				return false;
			kt_buf_adds(out, replacement);
			at++;
		}
	}
	kt_buf_addc(out, '"');
	return true;
}

void kt_json_string(struct kt_buf *out, const void *data, size_t len)
{
	(void)add_string(out, data, len, true);
}

/* The code point of a sequence of two or three bytes, or of one. */
static unsigned code_point(const unsigned char *at, size_t len)
{
	if (len < 2)
		return *at;
	return len == 2 ? (at[0] & 31u) << 6 | (at[1] & 63u) : (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
}

void kt_json_words(struct kt_buf *out, const char *text)
{
	kt_auto(kt_buf_fini) struct kt_buf plain = {0};
	kt_json_string(&plain, text, strlen(text));
	const unsigned char *at = (const unsigned char *)plain.data, *end = at + plain.len;
	kt_buf_reserve(out, plain.len);
	while (at < end) {
		size_t shown = kt_shown(at, end), step = shown ? shown : kt_utf8_sequence(at, end);
		if (shown)
			kt_buf_add(out, at, step);
		else
			kt_buf_addf(out, "\\u%04x", code_point(at, step));
		at += step;
	}
}

bool kt_json_string_exact(struct kt_buf *out, const void *data, size_t len)
{
	size_t before = out->len;
	if (add_string(out, data, len, false))
		return true;
	out->len = before;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool pass_space(struct kt_json *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
		j->at++;
	return j->at < j->end;
}

/* A comment that has no end is none. */
static bool pass_comment(struct kt_json *j)
{
	size_t left = (size_t)(j->end - j->at);
	bool line = left > 1 && j->at[1] == '/', block = left > 3 && j->at[1] == '*';
	const char *end = line ? memchr(j->at, '\n', left) : block ? memmem(j->at + 2, left - 2, "*/", 2) : NULL;
	if (end)
		j->at = end + (block ? 2 : 1);
	else if (line)
		j->at = j->end;
	return end || line;
}

char kt_json_peek(struct kt_json *j)
{
	while (pass_space(j) && *j->at == '/' && j->lenient && pass_comment(j))
		;
	return j->at < j->end ? *j->at : 0;
}

static size_t column(const struct kt_json *j)
{
	const char *line = j->at;
	while (line > j->start && line[-1] != '\n')
		line--;
	return (size_t)(j->at - line) + 1;
}

int kt_json_expected(struct kt_json *j, const char *what)
{
	char shown[16];
	const char *got = "the end of the text";
	if (j->at < j->end) {
		char c = *j->at;
		got = c == '{' ? "an object" : c == '[' ? "a list" : c == '"' ? "a string" : NULL;
		if (!got && (is_digit(c) || c == '-'))
			got = "a number";
		if (!got)
			got = kt_quote(shown, sizeof(shown), (struct kt_bytes){j->at, 1});
	}
	return kt_err_set(j->err, KT_FAILED, "expected %s, got %s (column %zu)", what, got, column(j));
}

int kt_json_enter(struct kt_json *j, char bracket)
{
	if (kt_json_peek(j) != bracket)
		return kt_json_expected(j, bracket == '{' ? "an object" : "a list");
	if (j->depth == KT_JSON_DEPTH)
		return kt_err_set(
			j->err, KT_FAILED, "nested deeper than %d levels (column %zu)", KT_JSON_DEPTH, column(j));
	j->at++;
	j->depth++;
	j->first = true;
	return 0;
}

int kt_json_next(struct kt_json *j, char closing)
{
	bool first = j->first;
	char c = kt_json_peek(j);
	j->first = false;
	if (c == closing) {
		j->at++;
		j->depth--;
		return 0;
	}
	if (first)
		return 1;
	if (c != ',')
		return kt_json_expected(j, closing == '}' ? "',' or '}'" : "',' or ']'");
	j->at++;
	return 1;
}

int kt_json_colon(struct kt_json *j)
{
	if (kt_json_peek(j) != ':')
		return kt_json_expected(j, "':'");
	j->at++;
	return 0;
}

int kt_json_member(struct kt_json *j, struct kt_bytes *name)
{
	int more = kt_json_next(j, '}');
	if (more > 0 && (kt_json_text(j, name) < 0 || kt_json_colon(j) < 0))
		return -1;
	return more;
}

int kt_json_element(struct kt_json *j)
{
	return kt_json_next(j, ']');
}

static bool pass_word(struct kt_json *j, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(j->end - j->at) < len || memcmp(j->at, word, len))
		return false;
	j->at += len;
	return true;
}

bool kt_json_null(struct kt_json *j)
{
	return kt_json_peek(j) == 'n' && pass_word(j, "null");
}

/* Four digits after \u, or -1. */
static int32_t read_hex4(struct kt_json *j)
{
	int32_t code = 0;
	if (j->end - j->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = kt_hex_digit(j->at[i]);
		if (digit < 0)
			return -1;
		code = code << 4 | digit;
	}
	j->at += 4;
	return code;
}

/* After \u: a code unit, or two that make a pair. */
static int decode_unit(struct kt_json *j)
{
	char utf8[4];
	int32_t code = read_hex4(j);
	if (code < 0)
		return kt_json_expected(j, "four hexadecimal digits");
	if (code >= 0xd800 && code <= 0xdbff) {
		const char *behind = j->at;
		int32_t low = pass_word(j, "\\u") ? read_hex4(j) : -1;
		if (low >= 0xdc00 && low <= 0xdfff)
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		else if (j->lenient)
			j->at = behind;
	}
	if (code >= 0xd800 && code <= 0xdfff) {
		if (!j->lenient)
			return kt_err_set(j->err, KT_FAILED, "half of a surrogate pair (column %zu)", column(j));
		code = REPLACEMENT;
		j->replaced = true;
	}
	kt_buf_add(j->out, utf8, kt_utf8_encode(utf8, (uint32_t)code));
	return 0;
}

static int decode_escape(struct kt_json *j)
{
	static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = ++j->at < j->end ? *j->at : 0;
	const char *name = c ? strchr(names, c) : NULL;
	if (c != 'u' && !name)
		return kt_json_expected(j, "one of \"\\/bfnrtu after the backslash");
	j->at++;
	if (c == 'u')
		return decode_unit(j);
	kt_buf_addc(j->out, meanings[name - names]);
	return 0;
}

/* A byte that is not UTF-8. */
static int pass_bad_byte(struct kt_json *j)
{
	char utf8[4];
	if (!j->lenient)
		return kt_err_set(j->err, KT_FAILED, "not UTF-8 (column %zu)", column(j));
	kt_buf_add(j->out, utf8, kt_utf8_encode(utf8, REPLACEMENT));
	j->replaced = true;
	j->at++;
	return 0;
}

int kt_json_text(struct kt_json *j, struct kt_bytes *text)
{
	size_t before = j->out->len;
	const unsigned char *end = (const unsigned char *)j->end;
	if (kt_json_peek(j) != '"')
		return kt_json_expected(j, "a string");
	for (j->at++;;) {
		const unsigned char *at = copy_plain(j->out, (const unsigned char *)j->at, end);
		j->at = (const char *)at;
		if (at < end && *at >= 0x80) {
			j->at = (const char *)copy_sequences(j->out, at, end);
			if (j->at == (const char *)at && pass_bad_byte(j) < 0)
				return -1;
		} else if (at < end && *at == '\\') {
			if (decode_escape(j) < 0)
				return -1;
		} else if (at < end && *at == '"') {
			break;
		} else {
			return kt_json_expected(j, "the end of a string");
		}
	}
	j->at++;
	*text = (struct kt_bytes){j->out->data + before, j->out->len - before};
	return 0;
}

static const char *pass_digits(const char *at, const char *end)
{
	while (at < end && is_digit(*at))
		at++;
	return at;
}

/* Where the number at j->at ends, or NULL when there is none; *whole: it has neither fraction nor exponent. */
static const char *number_end(const struct kt_json *j, bool *whole)
{
	const char *at = j->at, *end = j->end, *digits;
	at += at < end && *at == '-';
	digits = at;
	at = pass_digits(at, end);
	if (at == digits || (*digits == '0' && at - digits > 1))
		return NULL;
	*whole = true;
	if (at < end && *at == '.') {
		*whole = false;
		digits = ++at;
		at = pass_digits(at, end);
		if (at == digits)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		*whole = false;
		at++;
		at += at < end && (*at == '+' || *at == '-');
		digits = at;
		at = pass_digits(at, end);
		if (at == digits)
			return NULL;
	}
	return at;
}

/* end: of the number that is there, or NULL when there is none */
static int not_whole(struct kt_json *j, int64_t min, int64_t max, const char *end)
{
	char what[80];
	snprintf(what, sizeof(what), "a whole number from %lld to %lld", (long long)min, (long long)max);
	if (!end)
		return kt_json_expected(j, what);
	int shown = end - j->at > 40 ? 40 : (int)(end - j->at);
	return kt_err_set(j->err, KT_FAILED, "expected %s, got %.*s", what, shown, j->at);
}

int kt_json_i64(struct kt_json *j, int64_t min, int64_t max, int64_t *n)
{
	bool whole = false, negative = kt_json_peek(j) == '-', fits = true;
	int64_t value = 0;
	const char *end = number_end(j, &whole);
	if (!end)
		return not_whole(j, min, max, NULL);
	for (const char *at = j->at + negative; whole && fits && at < end; at++)
		fits = !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_add_overflow(value, negative ? '0' - *at : *at - '0', &value);
	if (!whole || !fits || value < min || value > max)
		return not_whole(j, min, max, end);
	j->at = end;
	*n = value;
	return 0;
}

int kt_json_number(struct kt_json *j, struct kt_bytes *text)
{
	bool whole;
	(void)kt_json_peek(j);
	const char *end = number_end(j, &whole);
	if (!end)
		return kt_json_expected(j, "a number");
	*text = (struct kt_bytes){j->at, (size_t)(end - j->at)};
	j->at = end;
	return 0;
}

/* Digits that a double holds exactly, times or divided by a power of ten that it also holds, are rounded once, as they
 * should be. False when they are too many for that. */
static bool read_short(struct kt_bytes number, double *n)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
		1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	uint64_t digits = 0;
	size_t i = number.data[0] == '-', decimals = 0;
	bool point = false;
	for (; i < number.len && digits < 1ull << 53 && number.data[i] != 'e' && number.data[i] != 'E'; i++) {
		if (number.data[i] == '.') {
			point = true;
			continue;
		}
		digits = digits * 10 + (uint64_t)(number.data[i] - '0');
		decimals += point;
	}
	if (i < number.len || digits > 1ull << 53 || decimals >= KT_LEN(powers))
		return false;
	*n = (double)digits / powers[decimals];
	*n = number.data[0] == '-' ? -*n : *n;
	return true;
}

double kt_json_to_double(struct kt_bytes number)
{
	double n;
	if (read_short(number, &n))
		return n;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_add(&text, number.data, number.len);
	return strtod(kt_buf_cstr(&text), NULL);
}

int kt_json_real(struct kt_json *j, double *n)
{
	struct kt_bytes text;
	if (kt_json_number(j, &text) < 0)
		return -1;
	double value = kt_json_to_double(text);
	if (!isfinite(value)) {
		j->at = text.data;
		return kt_json_expected(j, "a number that a double can hold");
	}
	*n = value;
	return 0;
}

static int add_compact(struct kt_json *j);

/* A string is decoded only to check it. */
static int add_compact_string(struct kt_json *j)
{
	size_t before = j->out->len;
	struct kt_bytes ignored;
	(void)kt_json_peek(j);
	const char *start = j->at;
	if (kt_json_text(j, &ignored) < 0)
		return -1;
	j->out->len = before;
	kt_buf_add(j->out, start, (size_t)(j->at - start));
	return 0;
}

static int add_compact_items(struct kt_json *j, char opening, char closing)
{
	int more;
	char separator = opening;
	if (kt_json_enter(j, opening) < 0)
		return -1;
	while ((more = kt_json_next(j, closing)) > 0) {
		kt_buf_addc(j->out, separator);
		separator = ',';
		if (closing == '}') {
			if (add_compact_string(j) < 0 || kt_json_colon(j) < 0)
				return -1;
			kt_buf_addc(j->out, ':');
		}
		if (add_compact(j) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (separator == opening)
		kt_buf_addc(j->out, opening);
	kt_buf_addc(j->out, closing);
	return 0;
}

/* Recursion is bounded by kt_json_enter(). */
static int add_compact(struct kt_json *j)
{
	bool whole;
	const char *start, *end;
	switch (kt_json_peek(j)) {
	case '{':
		return add_compact_items(j, '{', '}');
	case '[':
		return add_compact_items(j, '[', ']');
	case '"':
		return add_compact_string(j);
	case 't':
	case 'f':
	case 'n':
		start = j->at;
		if (!pass_word(j, "true") && !pass_word(j, "false") && !pass_word(j, "null"))
			return kt_json_expected(j, "a value");
		break;
	default:
		start = j->at;
		end = number_end(j, &whole);
		if (!end)
			return kt_json_expected(j, "a value");
		j->at = end;
	}
	kt_buf_add(j->out, start, (size_t)(j->at - start));
	return 0;
}

int kt_json_compact(struct kt_json *j, struct kt_bytes *text)
{
	size_t before = j->out->len;
	if (add_compact(j) < 0)
		return -1;
	*text = (struct kt_bytes){j->out->data + before, j->out->len - before};
	return 0;
}

int kt_json_skip(struct kt_json *j)
{
	size_t before = j->out->len;
	int status = add_compact(j);
	j->out->len = before;
	return status;
}

void kt_json_mark(struct kt_json *j)
{
	(void)pass_word(j, "\xef\xbb\xbf");
}

void kt_json_comments(struct kt_json *j)
{
	kt_json_mark(j);
	while (kt_json_peek(j) == '#') {
		const char *newline = memchr(j->at, '\n', (size_t)(j->end - j->at));
		j->at = newline ? newline + 1 : j->end;
	}
}

size_t kt_json_line(const struct kt_json *j)
{
	size_t line = 1;
	for (const char *c = j->start; c < j->at; c++)
		line += *c == '\n';
	return line;
}

int kt_json_finish(struct kt_json *j)
{
	return kt_json_peek(j) || j->at < j->end ? kt_json_expected(j, "nothing more") : 0;
}
