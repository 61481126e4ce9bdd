/* One HTTP request at a time, without blocking the caller's loop, with libcurl. Connections are kept for the next one.
 *
 *   struct kt_fetch f = {.url = "http://localhost:3001/metrics", .max = 1 << 20};
 *   kt_fetch_begin(&f, 5000);
 *   while (f.state == KT_FETCH_BUSY) {
 *           struct pollfd fd = kt_fetch_poll(&f);
 *           kt_wait(&fd, 1, kt_fetch_left_ms(&f));
 *           kt_fetch_go_on(&f);
 *   }
 *   if (f.state == KT_FETCH_DONE) … f.body … else … f.err.msg …
 *   kt_fetch_fini(&f);
 *
 * Redirects are not followed: what is asked for stays with the host that was named. https trusts the CAs of this
 * machine and those of the caller, and compares the host's name.
 */
#ifndef KT_FETCH_H
#define KT_FETCH_H

#include <poll.h>

#include "buf.h"
#include "err.h"
#include "list.h"

enum kt_fetch_state { KT_FETCH_IDLE, KT_FETCH_BUSY, KT_FETCH_DONE, KT_FETCH_FAILED };

/* Who asks, and whom it trusts; PEM. Everything may be missing. */
struct kt_fetch_identity {
	const char *user, *password;
	struct kt_bytes certificates, key, cas;
	const char *key_password;
	const char *ca_dir;
	struct kt_strs instead; /* NAME::ADDRESS: — addresses for host names */
};

struct kt_fetch {
	/* Set by the caller; borrowed. */
	const char *url;                          /* without user and password */
	const char *accept;                       /* the header; NULL: anything */
	struct kt_bytes post;                     /* what to send; data NULL: this is a GET */
	const char *type;                         /* of post; NULL: JSON for a schema registry */
	const struct kt_strs *headers;            /* more of them, NAME: VALUE; NULL: none */
	bool remove;                              /* this is a DELETE, and nothing is sent */
	size_t max;                               /* bytes of an answer's body, unpacked */
	bool direct;                              /* no proxy, whatever the environment says */
	const struct kt_fetch_identity *identity; /* NULL: none */

	enum kt_fetch_state state;
	struct kt_err err;    /* of KT_FETCH_FAILED: why, without the address */
	int code;             /* HTTP's status; any but 200 is a failure. 0: there was no answer */
	int64_t retry_s;      /* the answer's Retry-After; 0: it has none */
	struct kt_bytes body; /* of either end */
	int x509_error;       /* why its certificate is not trusted: an X509_V_ERR_ of OpenSSL; 0: that is not it */
	bool wrong_name;      /* its certificate is for another host */
	bool wants_another;   /* certificate of this client, it seems */
	struct kt_fetch_transfer *transfer;
};

/* Loads libcurl, which every other function expects. KT_USAGE where it, or this part of kt, is not there. */
int kt_fetch_load(struct kt_err *err) kt_must_check;

/* Begins; what is not over in time fails. */
void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms);

/* What to wait for; fd -1 unless busy. */
struct pollfd kt_fetch_poll(const struct kt_fetch *f);
int64_t kt_fetch_left_ms(const struct kt_fetch *f);

/* Goes on as far as that is possible now. */
void kt_fetch_go_on(struct kt_fetch *f);

void kt_fetch_fini(struct kt_fetch *f);

#endif
