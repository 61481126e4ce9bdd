/* One GET at a time, without blocking the caller's loop.
 *
 *   struct kt_fetch f = {.host = "localhost", .port = "3001", .path = "/metrics"};
 *   kt_fetch_begin(&f, 5000);
 *   while (f.state == KT_FETCH_BUSY) {
 *           struct pollfd fd = kt_fetch_poll(&f);
 *           kt_wait(&fd, 1, kt_fetch_left_ms(&f));
 *           kt_fetch_go_on(&f);
 *   }
 *   if (f.state == KT_FETCH_DONE) … f.body … else … f.err.msg …
 */
#ifndef KT_FETCH_H
#define KT_FETCH_H

#include <poll.h>

#include "buf.h"
#include "err.h"

enum { KT_FETCH_MAX = 64 << 20 }; /* bytes of an answer */

enum kt_fetch_state { KT_FETCH_IDLE, KT_FETCH_BUSY, KT_FETCH_DONE, KT_FETCH_FAILED };

struct kt_fetch {
	const char *host, *port, *path; /* borrowed */
	enum kt_fetch_state state;
	struct kt_err err; /* of KT_FETCH_FAILED: why, without the address */
	struct kt_bytes body;
	int fd;
	size_t sent;
	int64_t deadline_us;
	struct kt_buf request, answer;
};

/* Begins; a name is resolved first, which may take its time. */
void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms);

/* What to wait for; fd -1 unless busy. */
struct pollfd kt_fetch_poll(const struct kt_fetch *f);
int64_t kt_fetch_left_ms(const struct kt_fetch *f);

/* Goes on as far as that is possible now. */
void kt_fetch_go_on(struct kt_fetch *f);

void kt_fetch_fini(struct kt_fetch *f);

#endif
