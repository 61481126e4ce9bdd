#include "filter.h"

#include <locale.h>

#include "mem.h"
#include "pattern.h"
#include "sig.h"
#include "when.h"

enum { LONG = 4096, SLOW_US = 10000 };

#define OPTS struct kt_filter_opts
/* clang-format off */
const struct kt_opt kt_filter_opts[] = {
	{.name = "grep", .often = true, KT_STR(grep), .arg = "REGEX", .help = "only records whose value matches (POSIX extended)"},
	{.name = "key", .often = true, KT_STR(key), .arg = "TEXT", .help = "only records with exactly this key"},
	{.name = "key-grep", KT_STR(key_grep), .arg = "REGEX", .help = "only records whose key matches"},
	{.name = "header", KT_LIST(headers), .arg = "NAME=TEXT",
		.help = "only records with exactly this header; NAME alone: with any value"},
	{.name = "header-grep", KT_LIST(header_greps), .arg = "NAME=REGEX",
		.help = "only records with a header that matches; REGEX alone: in any name or value"},
	{.name = "ignore-case", .letter = 'i', KT_FLAG(ignore_case), .help = "upper and lower case are the same in REGEX"},
	KT_END,
};
/* clang-format on */

static int compile(regex_t *out, const char *option, const char *text, bool ignore_case, struct kt_err *err)
{
	int flags = REG_NEWLINE | (ignore_case ? REG_ICASE : 0);
	return kt_pattern_compile(out, text, flags, err) < 0 ? kt_err_wrap(err, "%s", option) : 0;
}

/* "NAME=TEXT", or without = a name (exact) or a pattern for everything (grep). */
static int add_header(struct kt_filter *f, const char *word, bool grep, struct kt_err *err)
{
	struct kt_filter_header *h = &f->headers[f->n_headers++];
	const char *equals = strchr(word, '=');
	h->value = equals ? equals + 1 : NULL;
	if (equals || !grep)
		h->name = (struct kt_bytes){word, equals ? (size_t)(equals - word) : strlen(word)};
	if (!grep)
		return 0;
	h->has_regex = compile(&h->regex, "--header-grep", equals ? equals + 1 : word, f->opts->ignore_case, err) == 0;
	return h->has_regex ? 0 : -1;
}

int kt_filter_open(struct kt_filter *f, const struct kt_filter_opts *o, struct kt_err *err)
{
	f->opts = o;
	f->any = o->grep || o->key || o->key_grep || o->headers.n || o->header_greps.n;
	f->headers = kt_calloc(o->headers.n + o->header_greps.n, sizeof(*f->headers));
	/* A dot stands for a letter, however many bytes it has, and a range of letters is one of the locale. */
	if (o->grep || o->key_grep || o->header_greps.n) {
		setlocale(LC_CTYPE, "");
		setlocale(LC_COLLATE, "");
	}
	f->has_grep = o->grep && compile(&f->grep, "--grep", o->grep, o->ignore_case, err) == 0;
	if (o->grep && !f->has_grep)
		return -1;
	f->has_key_grep = o->key_grep && compile(&f->key_grep, "--key-grep", o->key_grep, o->ignore_case, err) == 0;
	if (o->key_grep && !f->has_key_grep)
		return -1;
	for (size_t i = 0; i < o->headers.n; i++)
		if (add_header(f, o->headers.v[i], false, err) < 0)
			return -1;
	for (size_t i = 0; i < o->header_greps.n; i++)
		if (add_header(f, o->header_greps.v[i], true, err) < 0)
			return -1;
	return 0;
}

/* Not regexec() with REG_STARTEND: a sanitizer takes its text for a C string. */
static bool found(const regex_t *regex, struct kt_bytes text, size_t start, size_t more)
{
	return re_search((regex_t *)(uintptr_t)regex, text.data, (int)text.len, (int)start, (int)more, NULL) >= 0;
}

/* The C library goes through the text anew from each character on: x.*y in a line of 50,000 x takes 20 s. A signal that
 * came meanwhile ends the process then, which it could not if this were one call. */
static bool found_in_long(const regex_t *regex, struct kt_bytes text)
{
	size_t more = 0;
	for (size_t start = 0; start <= text.len;) {
		int64_t before_us = kt_clock_us();
		size_t left = text.len - start;
		if (found(regex, text, start, more < left ? more : left))
			return true;
		start += more + 1;
		more = 2 * more + 1;
		if (kt_clock_us() - before_us > SLOW_US) {
			kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
			more = 0;
		}
	}
	return false;
}

static bool matches(const regex_t *regex, struct kt_bytes text)
{
	if (!text.data)
		return false;
	return text.len < LONG ? found(regex, text, 0, text.len) : found_in_long(regex, text);
}

static bool equals(struct kt_bytes bytes, const char *text, size_t len)
{
	return bytes.data && bytes.len == len && !memcmp(bytes.data, text, len);
}

static bool is_header(const struct kt_filter_header *want, const struct kt_header *h)
{
	if (want->has_regex && !want->name.data)
		return matches(&want->regex, h->name) || matches(&want->regex, h->value);
	if (!equals(h->name, want->name.data, want->name.len))
		return false;
	if (want->has_regex)
		return matches(&want->regex, h->value);
	return !want->value || equals(h->value, want->value, strlen(want->value));
}

static bool has_header(const struct kt_filter_header *want, const struct kt_record *r)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (is_header(want, &r->headers[i]))
			return true;
	return false;
}

bool kt_filter_takes(const struct kt_filter *f, const struct kt_record *r)
{
	if (f->opts->key && !equals(r->key, f->opts->key, strlen(f->opts->key)))
		return false;
	if (f->has_key_grep && !matches(&f->key_grep, r->key))
		return false;
	for (size_t i = 0; i < f->n_headers; i++)
		if (!has_header(&f->headers[i], r))
			return false;
	return true;
}

bool kt_filter_takes_value(const struct kt_filter *f, struct kt_bytes value)
{
	return !f->has_grep || matches(&f->grep, value);
}

void kt_filter_fini(struct kt_filter *f)
{
	if (f->has_grep)
		regfree(&f->grep);
	if (f->has_key_grep)
		regfree(&f->key_grep);
	for (size_t i = 0; i < f->n_headers; i++)
		if (f->headers[i].has_regex)
			regfree(&f->headers[i].regex);
	free(f->headers);
	*f = (struct kt_filter){0};
}
