/* The measurement_hash of the course's experiments: a small JSON text under AES-256-GCM, as two base64 texts without
 * padding and a dot between them: the nonce, and the cipher text with its tag. The one module that knows the cipher.
 *
 *   kt_auto(kt_measurementhash_free) struct kt_measurementhash *hash = NULL;
 *   if (kt_measurementhash_new(&hash, KT_MEASUREMENTHASH_KEY, err) < 0)
 *           return -1;
 *   if (kt_measurementhash_seal(hash, &text, json.data, json.len, err) < 0 ||
 *       kt_measurementhash_open(hash, &json, text.data, text.len, err) < 0) …
 */
#ifndef KT_MEASUREMENTHASH_H
#define KT_MEASUREMENTHASH_H

#include "buf.h"
#include "err.h"

/* What the course's services have as their key when none is given. */
#define KT_MEASUREMENTHASH_KEY "QJUHsPhnA0eiqHuJqsPgzhDozYO4f1zh"

enum { KT_MEASUREMENTHASH_KEY_LEN = 32, KT_MEASUREMENTHASH_NONCE_LEN = 12, KT_MEASUREMENTHASH_TAG_LEN = 16 };

struct kt_measurementhash;

/* key: 32 bytes as text, which is not kept; anything else is KT_USAGE. */
int kt_measurementhash_new(struct kt_measurementhash **out, const char *key, struct kt_err *err) kt_must_check;

/* Appends the hash of the bytes, under a nonce that is new each time. */
int kt_measurementhash_seal(struct kt_measurementhash *hash, struct kt_buf *out, const void *data, size_t len,
	struct kt_err *err) kt_must_check;

/* Appends the bytes that a hash holds. Text of another shape, and one of another key or a damaged one, are KT_FAILED,
 * and out is then as before. */
int kt_measurementhash_open(struct kt_measurementhash *hash, struct kt_buf *out, const char *text, size_t len,
	struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_measurementhash_free(struct kt_measurementhash **hash);

#endif
