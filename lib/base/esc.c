#include "esc.h"

#include "mem.h"

int kt_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t kt_utf8_encode(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

bool kt_utf8_valid(const void *data, size_t len)
{
	const unsigned char *at = data, *end = at + len;
	while (at < end) {
		uint64_t word;
		while (end - at >= 8) {
			memcpy(&word, at, 8);
			if (word & 0x8080808080808080u)
				break;
			at += 8;
		}
		/* The end is here, or a byte beyond ASCII is within the next 8: look at what is left one by one, and
		 * return to the fast loop at the next run of ASCII. */
		while (at < end && *at < 0x80)
			at++;
		while (at < end && *at >= 0x80) {
			size_t step = kt_utf8_sequence(at, end);
			if (!step)
				return false;
			at += step;
		}
	}
	return true;
}

/* The escapes of one letter, and the bytes that they stand for. */
static const char letters[] = "ntrabefv0\\\"'", meanings[] = "\n\t\r\a\b\033\f\v\0\\\"'";

/* Up to `most` hexadecimal digits at *text, which moves past them. Returns how many there were. */
static int read_hex(const char **text, int most, uint32_t *value)
{
	int n = 0, digit;
	for (*value = 0; n < most && (digit = kt_hex_digit(**text)) >= 0; n++, ++*text)
		*value = *value << 4 | (uint32_t)digit;
	return n;
}

/* text is just after a backslash, and moves past the escape. Returns the problem, or NULL. */
static const char *unescape_one(struct kt_buf *out, const char **text)
{
	uint32_t code;
	char utf8[4];
	char letter = *(*text)++;
	const char *known = letter ? strchr(letters, letter) : NULL;
	if (known) {
		kt_buf_addc(out, meanings[known - letters]);
		return NULL;
	}
	switch (letter) {
	case '\0':
		return "it ends in a lone backslash";
	case 'x':
		if (!read_hex(text, 2, &code))
			return "\\x needs one or two hexadecimal digits";
		kt_buf_addc(out, (char)code);
		return NULL;
	case 'u':
		if (read_hex(text, 4, &code) != 4)
			return "\\u needs four hexadecimal digits";
		if (code >= 0xd800 && code <= 0xdfff)
			return "\\u of a surrogate is not a character";
		kt_buf_add(out, utf8, kt_utf8_encode(utf8, code));
		return NULL;
	default:
		return "unknown escape";
	}
}

void kt_unescape_any(struct kt_buf *out, const char *text)
{
	while (*text) {
		size_t plain = strcspn(text, "\\");
		kt_buf_add(out, text, plain);
		text += plain;
		if (!*text)
			break;
		const char *at = text + 1;
		if (!unescape_one(out, &at)) {
			text = at;
			continue;
		}
		/* A lone backslash at the end is itself. */
		text += text[1] != '\0';
		kt_buf_addc(out, *text++);
	}
}

int kt_unescape(struct kt_buf *out, const char *text, struct kt_err *err)
{
	const char *at = text;
	size_t before = out->len;
	while (*at) {
		size_t plain = strcspn(at, "\\");
		kt_buf_add(out, at, plain);
		at += plain;
		if (!*at)
			break;
		const char *escape = at++;
		const char *problem = unescape_one(out, &at);
		if (problem) {
			char quoted[64];
			out->len = before;
			kt_err_set(err, KT_USAGE, "%s at character %zu of %s", problem, (size_t)(escape - text) + 1,
				kt_quote(quoted, sizeof(quoted), (struct kt_bytes){text, strlen(text)}));
			return kt_err_hint(
				err, "understood: \\n \\t \\r \\a \\b \\e \\f \\v \\0 \\\\ \\\" \\' \\xHH \\uHHHH");
		}
	}
	return 0;
}

/* U+0080 to U+009F, U+2028 and U+2029 (separators of lines and paragraphs), and the signs that change the direction of
 * what is written after them: U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C. */
static bool acts(const unsigned char *at, size_t len)
{
	if (len == 2)
		return (at[0] == 0xc2 && at[1] < 0xa0) || (at[0] == 0xd8 && at[1] == 0x9c);
	if (len != 3 || at[0] != 0xe2)
		return false;
	if (at[1] == 0x80)
		return at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae);
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
}

size_t kt_shown(const unsigned char *at, const unsigned char *end)
{
	if (*at < 0x80)
		return *at >= 0x20 && *at != 0x7f;
	size_t len = kt_utf8_sequence(at, end);
	return acts(at, len) ? 0 : len;
}

/* What stands for the bytes of one character that cannot be shown, into unit (at least 17 bytes). */
static void escape_one(char *unit, const unsigned char *at, size_t len)
{
	const char *letter = *at == '\n' ? "\\n" : *at == '\t' ? "\\t" : *at == '\r' ? "\\r" : NULL;
	size_t used = 0;
	if (letter)
		snprintf(unit, 17, "%s", letter);
	else
		for (size_t i = 0; i < len; i++)
			used += (size_t)snprintf(unit + used, 17 - used, "\\x%02x", at[i]);
}

/* Whether eight bytes are all printable ASCII; now and then false for some that are. */
static bool is_plain_word(const unsigned char *at)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
	uint64_t word;
	memcpy(&word, at, 8);
	return !((word | (word + ones) | (word - 0x20 * ones)) & high);
}

void kt_words_add(struct kt_buf *out, const void *data, size_t len)
{
	const unsigned char *at = data, *end = at + len;
	char unit[17];
	while (at < end) {
		const unsigned char *start = at;
		size_t step = 0;
		while (end - at >= 8 && is_plain_word(at))
			at += 8;
		while (at < end && (step = kt_shown(at, end)))
			at += step;
		kt_buf_add(out, start, (size_t)(at - start));
		if (at == end)
			return;
		step = kt_utf8_sequence(at, end);
		step = step ? step : 1;
		escape_one(unit, at, step);
		kt_buf_adds(out, unit);
		at += step;
	}
}

void kt_words_text(struct kt_buf *out, const void *data, size_t len)
{
	const char *at = data, *end = at + len;
	while (at < end) {
		const char *next = at;
		while (next < end && *next != '\n' && *next != '\t')
			next++;
		kt_words_add(out, at, (size_t)(next - at));
		if (next < end)
			kt_buf_addc(out, *next++);
		at = next;
	}
}

void kt_words(struct kt_buf *out, const char *text)
{
	kt_words_add(out, text, strlen(text));
}

void kt_words_vaddf(struct kt_buf *out, const char *format, va_list args)
{
	kt_auto(kt_free_ptr) char *text = NULL;
	int len = vasprintf(&text, format, args);
	if (len < 0)
		text = NULL;
	else
		kt_words_add(out, text, (size_t)len);
}

void kt_words_addf(struct kt_buf *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	kt_words_vaddf(out, format, args);
	va_end(args);
}

/* Text for the character at `at`, safe inside double quotes, into unit (at least 17 bytes); returns how many bytes of
 * input it stands for. */
static size_t quote_one(char *unit, const unsigned char *at, const unsigned char *end)
{
	size_t step = kt_shown(at, end);
	if (*at == '"' || *at == '\\') {
		snprintf(unit, 17, "\\%c", *at);
	} else if (step) {
		memcpy(unit, at, step);
		unit[step] = '\0';
	} else {
		step = kt_utf8_sequence(at, end);
		step = step ? step : 1;
		escape_one(unit, at, step);
	}
	return step;
}

const char *kt_quote(char *out, size_t size, struct kt_bytes bytes)
{
	static const char cut[] = "…\"";
	if (!bytes.data || size < 8) {
		snprintf(out, size, "%s", bytes.data ? "" : "null");
		return out;
	}
	const unsigned char *at = (const unsigned char *)bytes.data, *end = at + bytes.len;
	size_t len = 0, fits = 1; /* up to `fits` bytes there is still room for the ellipsis */
	char unit[17];
	out[len++] = '"';
	while (at < end) {
		at += quote_one(unit, at, end);
		size_t more = strlen(unit);
		if (len + more + 2 > size) {
			memcpy(out + fits, cut, sizeof(cut));
			return out;
		}
		memcpy(out + len, unit, more);
		len += more;
		if (len + sizeof(cut) <= size)
			fits = len;
	}
	out[len++] = '"';
	out[len] = '\0';
	return out;
}

/* The six bits of a base64 digit, or 64. */
static unsigned base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '+' ? 62 : c == '/' ? 63 : 64;
}

int kt_base64_decode(struct kt_buf *out, const char *text, size_t len)
{
	size_t digits = len;
	while (digits && len - digits < 2 && text[digits - 1] == '=')
		digits--;
	if (digits % 4 == 1 || (digits < len && len % 4))
		return -1;
	char *to = kt_buf_reserve(out, digits / 4 * 3 + 3);
	uint32_t group = 0;
	for (size_t i = 0; i < digits; i++) {
		unsigned digit = base64_digit(text[i]);
		if (digit == 64)
			return -1;
		group = group << 6 | digit;
		if (i % 4 == 3) {
			*to++ = (char)(group >> 16);
			*to++ = (char)(group >> 8);
			*to++ = (char)group;
		}
	}
	/* Bits after the last byte must be zero: one text for each run of bytes. */
	unsigned rest = digits % 4;
	if (rest && group & (rest == 2 ? 15 : 3))
		return -1;
	if (rest == 2) {
		*to++ = (char)(group >> 4);
	} else if (rest == 3) {
		*to++ = (char)(group >> 10);
		*to++ = (char)(group >> 2);
	}
	out->len = (size_t)(to - out->data);
	return 0;
}

int kt_hex_decode(struct kt_buf *out, const char *text, size_t len)
{
	if (len % 2)
		return -1;
	char *to = kt_buf_reserve(out, len / 2 + 1);
	for (size_t i = 0; i < len; i += 2) {
		int high = kt_hex_digit(text[i]), low = kt_hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return -1;
		*to++ = (char)(high << 4 | low);
	}
	out->len += len / 2;
	return 0;
}
