/* Answers of an HTTP server as they come in, for a client that counts them: what the status is, where the answer ends,
 * and whether the connection can be used again.
 *
 *   kt_benchanswer_begin(&answer, false);
 *   used = kt_benchanswer_take(&answer, data, len)            until answer.done; -1: that is no HTTP
 *   kt_benchanswer_end(&answer)                               the connection ended: whether the answer did, too
 */
#ifndef KT_BENCHANSWER_H
#define KT_BENCHANSWER_H

#include <sys/types.h>

#include "buf.h"

enum { KT_BENCHANSWER_HEAD = 64 << 10 }; /* bytes of a head, or of a line between chunks */

struct kt_benchanswer {
	int status;
	bool done;
	bool keep;       /* the server goes on with the connection */
	int64_t body;    /* bytes so far */
	char server[64]; /* who it says it is; cut */
	/* Its own. */
	struct kt_buf text; /* of a head or a line that is not whole yet */
	int state;
	int64_t left;
	bool head_only, chunked;
};

/* head_only: of a HEAD request. What the answer before had is forgotten; starts as {0}. */
void kt_benchanswer_begin(struct kt_benchanswer *a, bool head_only);

/* Takes what belongs to the answer; returns how many bytes that were. */
ssize_t kt_benchanswer_take(struct kt_benchanswer *a, const char *data, size_t len);

/* False: something is missing. */
bool kt_benchanswer_end(struct kt_benchanswer *a);

void kt_benchanswer_fini(struct kt_benchanswer *a);

#endif
