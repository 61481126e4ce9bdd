/* Cuts records of CSV (RFC 4180) out of a stream of bytes: fields between commas, lines that end in LF or CRLF, and
 * fields in double quotes, which may hold both, with "" for a quote.
 *
 *   kt_auto(kt_csvcut_fini) struct kt_csvcut c = {0};
 *   while ((used = kt_csvcut_record(&c, at, end - at, ended, err)) > 0) {
 *           … c.v[0 … c.n) …
 *           at += used;
 *   }
 *
 * The bytes of a stream give the same records wherever it is cut into blocks. A quote inside of a field that does not
 * begin with one is a byte as any other; one that is not closed is an error at the end only, so that the caller bounds
 * how long a record may get.
 */
#ifndef KT_CSVCUT_H
#define KT_CSVCUT_H

#include <sys/types.h>

#include "buf.h"
#include "err.h"

struct kt_csvfield {
	struct kt_bytes text; /* never null; borrowed from the block or from the cutter */
	bool quoted;
};

/* Starts as {0}. */
struct kt_csvcut {
	struct kt_csvfield *v; /* of the record that was cut last */
	size_t n, cap;
	int64_t line; /* where it begins, from 1 */
	/* The rest is csvcut.c's own. */
	int64_t next_line;
	struct kt_buf unquoted;
};

/* How many bytes of the block the record at its front takes, with the end of its line; 0: there is no whole one. ended:
 * nothing follows the block. -1 (KT_FAILED, "line N: …"): it is none. An empty line is a record of one empty field. */
ssize_t kt_csvcut_record(
	struct kt_csvcut *c, const char *block, size_t len, bool ended, struct kt_err *err) kt_must_check;

void kt_csvcut_fini(struct kt_csvcut *c);

#endif
