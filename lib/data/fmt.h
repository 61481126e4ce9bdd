/* kcat's output templates: -f '%t [%p] %o: %k %s\n', compiled once and rendered per record.
 *
 * The letters stand in kt_format_letters. %{a.b} is a field of a decoded value, %{l[0].x} one in a list, %{m["a.b"]} of
 * a map: a path of jsonfind.h, for those who decode it.
 *
 * %s{hex}, %k{base64}, %h{csv}, %T{iso}: bytes as hexadecimal or base64 digits or a field of CSV, a time as RFC 3339 in
 * UTC.
 *
 * %% is a percent sign; escapes as in kt_unescape_any(). A null payload or key prints as nothing, or as the text given
 * by null_text ("NULL" with -Z); a null header value as NULL, or as that text.
 */
#ifndef KT_FMT_H
#define KT_FMT_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "record.h"

struct kt_format; /* opaque */

/* A word that stands for a template with a heading. */
#define KT_FORMAT_CSV "csv"

/* What may stand after a percent sign. */
struct kt_format_letter {
	char letter;
	const char *help;
};
extern const struct kt_format_letter kt_format_letters[]; /* letter 0 at the end */

/* KT_USAGE with the place in the text for an unknown or unfinished %, and for a word that has neither a % nor an
 * escape. */
int kt_format_compile(
	struct kt_format **out, const char *text, const char *null_text, struct kt_err *err) kt_must_check;

/* What records hold is shown on a terminal from now on: what it would act on is escaped (kt_words_text()). */
void kt_format_for_terminal(struct kt_format *f);

void kt_format_render(const struct kt_format *f, struct kt_buf *out, const struct kt_record *record);

/* The same with the fields of kt_format_fields(), in that order; one that is null prints as nothing, or as null_text.
 */
void kt_format_render_fields(
	const struct kt_format *f, struct kt_buf *out, const struct kt_record *record, const struct kt_bytes *fields);

/* The names in %{…}, each once. */
const struct kt_strs *kt_format_fields(const struct kt_format *f);

/* What is printed once, before the first record: a line, or nothing. */
const char *kt_format_heading(const struct kt_format *f);

/* True when the template prints headers, which cost time to parse. */
bool kt_format_wants_headers(const struct kt_format *f);

void kt_format_free(struct kt_format *f);

#endif
