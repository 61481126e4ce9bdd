/* One value inside a JSON text, by its path: "a.b" for members of objects, "[0]" for elements of lists, counted from 0:
 * "sensors[0].id".
 *
 *   if (kt_json_find(&value, text, "sensors[0].id", &scratch))
 *           … value.data …                                           as it stands in the text, borrowed from there
 */
#ifndef KT_JSONFIND_H
#define KT_JSONFIND_H

#include "buf.h"

/* Whether len bytes are a path: names without any of "[]{}" and dots between them, numbers without zeros in front. */
bool kt_json_is_path(const char *path, size_t len);

/* False: there is no such value, or text is not JSON as far as it was read. Of members with the same name the first one
 * counts. scratch: for names, reused between calls. */
bool kt_json_find(struct kt_bytes *value, struct kt_bytes text, const char *path, struct kt_buf *scratch);

#endif
