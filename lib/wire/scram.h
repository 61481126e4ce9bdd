/* The client's side of SCRAM (RFC 5802; SCRAM-SHA-256 is RFC 7677, and SCRAM-SHA-512 is the same with that hash),
 * without channel binding, as Kafka speaks it. Computes texts; sends nothing.
 *
 *   kt_auto(kt_scram_fini) struct kt_scram s = {.user = user, .password = password};
 *   if (kt_scram_begin(&s, "SCRAM-SHA-256", NULL, &out, err) < 0)                  out: client-first-message
 *   if (kt_scram_answer(&s, server_first, &out, err) < 0)                          out: client-final-message
 *   if (kt_scram_verify(&s, server_final, err) < 0)                                the server knows the password too
 */
#ifndef KT_SCRAM_H
#define KT_SCRAM_H

#include "buf.h"
#include "err.h"

enum {
	KT_SCRAM_HASH = 64,      /* bytes of the longest hash */
	KT_SCRAM_LEAST = 4096,   /* RFC 7677 section 4: fewer iterations make guessing too easy */
	KT_SCRAM_MOST = 1000000, /* a hostile server must not keep this machine busy */
};

struct kt_scram {
	const char *user, *password; /* borrowed */
	const char *hash;            /* OpenSSL's name of it */
	struct kt_buf first_bare;    /* client-first-message-bare, which holds the nonce */
	size_t nonce_at;
	unsigned char signature[KT_SCRAM_HASH]; /* what the server has to send */
	size_t size;                            /* of a hash */
};

/* True for the two mechanisms. */
bool kt_scram_knows(const char *mechanism);

/* nonce: printable text without comma, or NULL for a random one. */
int kt_scram_begin(struct kt_scram *s, const char *mechanism, const char *nonce, struct kt_buf *out,
	struct kt_err *err) kt_must_check;
int kt_scram_answer(
	struct kt_scram *s, struct kt_bytes server_first, struct kt_buf *out, struct kt_err *err) kt_must_check;
int kt_scram_verify(struct kt_scram *s, struct kt_bytes server_final, struct kt_err *err) kt_must_check;

/* Wipes and frees. */
void kt_scram_fini(struct kt_scram *s);

#endif
