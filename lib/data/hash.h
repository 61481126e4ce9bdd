/* The measurement_hash of the course's experiments: a small JSON text under AES-256-GCM, as two base64 texts without
 * padding and a dot between them: the nonce, and the cipher text with its tag. The one module that knows the cipher.
 *
 *   kt_auto(kt_hash_free) struct kt_hash *hash = NULL;
 *   if (kt_hash_new(&hash, KT_HASH_KEY, err) < 0)
 *           return -1;
 *   if (kt_hash_seal(hash, &text, json.data, json.len, err) < 0 ||
 *       kt_hash_open(hash, &json, text.data, text.len, err) < 0) …
 */
#ifndef KT_HASH_H
#define KT_HASH_H

#include "buf.h"
#include "err.h"

/* What the course's services have as their key when none is given. */
#define KT_HASH_KEY "QJUHsPhnA0eiqHuJqsPgzhDozYO4f1zh"

enum { KT_HASH_KEY_LEN = 32, KT_HASH_NONCE_LEN = 12, KT_HASH_TAG_LEN = 16 };

struct kt_hash;

/* key: 32 bytes as text, which is not kept; anything else is KT_USAGE. */
int kt_hash_new(struct kt_hash **out, const char *key, struct kt_err *err) kt_must_check;

/* Appends the hash of the bytes, under a nonce that is new each time. */
int kt_hash_seal(
	struct kt_hash *hash, struct kt_buf *out, const void *data, size_t len, struct kt_err *err) kt_must_check;

/* Appends the bytes that a hash holds. Text of another shape, and one of another key or a damaged one, are KT_FAILED,
 * and out is then as before. */
int kt_hash_open(
	struct kt_hash *hash, struct kt_buf *out, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_hash_free(struct kt_hash **hash);

#endif
