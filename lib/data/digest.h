/* Digests of bytes in hexadecimal. */
#ifndef KT_DIGEST_H
#define KT_DIGEST_H

#include "buf.h"
#include "err.h"

/* Appends the digest of OpenSSL's name ("MD5", "SHA256"). KT_FAILED where OpenSSL does not offer it. */
int kt_digest_add(struct kt_buf *out, const char *name, const void *data, size_t len, struct kt_err *err) kt_must_check;

/* Whether two digests are equal. How long it takes tells nothing of where they differ. */
bool kt_digest_same(const void *a, const void *b, size_t len);

#endif
