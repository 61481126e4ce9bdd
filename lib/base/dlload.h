/* Shared libraries that are loaded by the first command that needs them: what is only rarely needed, and starts slowly,
 * does not make every other start of kt slower.
 *
 *   static struct { __typeof__(snappy_uncompress) *uncompress; } snappy;
 *   const struct kt_dlload_row rows[] = {{"snappy_uncompress", &snappy.uncompress}};
 *   if (!snappy.uncompress && kt_dlload(KT_SONAME_SNAPPY, rows, KT_LEN(rows), err) < 0)
 *           return kt_err_wrap(err, "cannot unpack snappy");
 */
#ifndef KT_DLLOAD_H
#define KT_DLLOAD_H

#include "err.h"

struct kt_dlload_row {
	const char *name;
	void *at; /* of the pointer that gets the function's address */
};

/* Loads the library, for the rest of the process, and fills all pointers. KT_FAILED with the loader's words when it or
 * a function is not there; some pointers may be filled then. */
int kt_dlload(const char *library, const struct kt_dlload_row *rows, size_t n, struct kt_err *err) kt_must_check;

#endif
