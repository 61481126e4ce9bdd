/* One value inside a JSON text, by its path: "a.b" for members of objects, "[0]" for elements of lists, counted from 0:
 * "sensors[0].id", and names with dots in quotes: "labels[\"app.name\"]".
 *
 *   if (kt_json_find(&value, text, "sensors[0].id", &scratch))
 *           … value.data …                                           as it stands in the text, borrowed from there
 */
#ifndef KT_JSONFIND_H
#define KT_JSONFIND_H

#include "buf.h"

/* How many bytes at the front of the text are a path; 0: none. Names are without any of "[]{}" and dots, or JSON
 * strings in brackets; numbers without zeros in front. */
size_t kt_json_path(const char *path);

/* One step: its length, or 0 when it is none. name: of a member, borrowed from the path or from scratch, to which it is
 * appended; data NULL: *index is that of an element. first: it is the path's first. */
size_t kt_json_step(const char *path, bool first, struct kt_bytes *name, int64_t *index, struct kt_buf *scratch);

/* False: there is no such value, or text is not JSON as far as it was read. Of members with the same name the first one
 * counts. scratch: for names, reused between calls. */
bool kt_json_find(struct kt_bytes *value, struct kt_bytes text, const char *path, struct kt_buf *scratch);

#endif
