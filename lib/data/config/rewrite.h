/* Changing a property file's text without touching what somebody else wrote in it: comments, order, other sections.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf lines = {0}, text = {0};
 *   if (kt_property_line(&lines, "kt.topic", "client58", style, err) < 0 ||
 *       kt_properties_rewrite(&text, &change, old, old_len, (struct kt_bytes){lines.data, lines.len}, err) < 0)
 *           return -1;
 */
#ifndef KT_REWRITE_H
#define KT_REWRITE_H

#include "buf.h"
#include "properties.h"

/* Appends "key=value\n" so that reading it in that style and expanding it gives the value back. KT_USAGE where the
 * style cannot say it (a line end, blanks at the end); the message does not quote the value. */
int kt_property_line(
	struct kt_buf *out, const char *key, const char *value, enum kt_style style, struct kt_err *err) kt_must_check;

struct kt_rewrite {
	const char *name; /* of the file, for messages */
	enum kt_style style;
	const char *profile; /* the section to change; NULL: what stands in front of the first one */
	bool (*stale)(void *data, const struct kt_property *row); /* true: the property is left out */
	void *data;
	bool in_place; /* the new lines take the place of the first property that is left out */
};

/* Appends the text with the stale properties of the section left out and lines added at its end. A section that is not
 * there is made at the end of the text. */
int kt_properties_rewrite(struct kt_buf *out, const struct kt_rewrite *change, const char *text, size_t len,
	struct kt_bytes lines, struct kt_err *err) kt_must_check;

#endif
