/* kcat's output templates: -f '%t [%p] %o: %k %s\n', compiled once and rendered per record.
 *
 *   %s payload  %S its length (-1: null)  %R its length as 4 bytes big-endian  %k key  %K its length (-1: null)
 *   %T timestamp in ms (-1: none)  %t topic  %p partition  %o offset  %h headers as name=value,name=value
 *   %{a.b} a field of a decoded value, %{l[0].x} one in a list, %{m["a.b"]} of a map: a path of jsonfind.h, for those
 * who decode it
 *   %% a percent sign; escapes as in kt_unescape_any(). A null payload or key prints as nothing, or as the text given
 * by null_text ("NULL" with -Z); a null header value as NULL, or as that text.
 */
#ifndef KT_FMT_H
#define KT_FMT_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "record.h"

struct kt_format; /* opaque */

/* KT_USAGE with the place in the text for an unknown or unfinished %. */
int kt_format_compile(
	struct kt_format **out, const char *text, const char *null_text, struct kt_err *err) kt_must_check;

void kt_format_render(const struct kt_format *f, struct kt_buf *out, const struct kt_record *record);

/* The same with the fields of kt_format_fields(), in that order; one that is null prints as nothing, or as null_text.
 */
void kt_format_render_fields(
	const struct kt_format *f, struct kt_buf *out, const struct kt_record *record, const struct kt_bytes *fields);

/* The names in %{…}, each once. */
const struct kt_strs *kt_format_fields(const struct kt_format *f);

/* True when the template prints headers, which cost time to parse. */
bool kt_format_wants_headers(const struct kt_format *f);

void kt_format_free(struct kt_format *f);

#endif
