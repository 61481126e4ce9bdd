/* JSON for people: in colour, indented, and without what would move a terminal's cursor.
 *
 *   kt_jsonshow(&out, text.data, text.len, &(struct kt_jsonshow){.color = true, .indent = true});
 *
 * The text means the same afterwards. What is not JSON comes out as something like it; it is not checked. Colours are
 * those of jq.
 */
#ifndef KT_JSONSHOW_H
#define KT_JSONSHOW_H

#include "buf.h"

struct kt_jsonshow {
	bool color;
	bool indent;  /* two blanks a level, a member a line; else the text's own blanks stay */
	bool escapes; /* characters that a terminal acts on become \u and four digits */
};

void kt_jsonshow(struct kt_buf *out, const char *text, size_t len, const struct kt_jsonshow *how);

/* Whether the text is one object or array by its first and last character, blanks around it aside. */
bool kt_jsonshow_is(const char *text, size_t len);

#endif
