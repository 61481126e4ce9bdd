#include "measurementhash.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "esc.h"
#include "mem.h"

/* Nonces are drawn many at a time: OpenSSL's generator costs half a microsecond per call, whatever the length. */
enum { POOL = 256 * KT_MEASUREMENTHASH_NONCE_LEN, TEXT_MAX = 64 << 10 };

struct kt_measurementhash {
	EVP_CIPHER_CTX *seal, *open;
	struct kt_buf sealed; /* kept for its memory */
	size_t drawn;         /* bytes of the pool that are used up */
	unsigned char pool[POOL];
};

int kt_measurementhash_new(struct kt_measurementhash **out, const char *key, struct kt_err *err)
{
	size_t len = strlen(key);
	if (len != KT_MEASUREMENTHASH_KEY_LEN)
		return kt_err_set(
			err, KT_USAGE, "a secret key has %d characters, not %zu", KT_MEASUREMENTHASH_KEY_LEN, len);
	kt_auto(kt_measurementhash_free) struct kt_measurementhash *hash = kt_calloc(1, sizeof(*hash));
	const unsigned char *bytes = (const unsigned char *)key;
	hash->drawn = POOL;
	hash->seal = EVP_CIPHER_CTX_new();
	hash->open = EVP_CIPHER_CTX_new();
	if (!hash->seal || !hash->open || !EVP_EncryptInit_ex(hash->seal, EVP_aes_256_gcm(), NULL, bytes, NULL) ||
		!EVP_DecryptInit_ex(hash->open, EVP_aes_256_gcm(), NULL, bytes, NULL))
		return kt_err_set(err, KT_FAILED, "OpenSSL offers no AES-256-GCM");
	*out = kt_steal(hash);
	return 0;
}

/* NULL when there is no random number to be had. */
static const unsigned char *next_nonce(struct kt_measurementhash *hash)
{
	if (hash->drawn == POOL) {
		if (RAND_bytes(hash->pool, POOL) != 1)
			return NULL;
		hash->drawn = 0;
	}
	hash->drawn += KT_MEASUREMENTHASH_NONCE_LEN;
	return hash->pool + hash->drawn - KT_MEASUREMENTHASH_NONCE_LEN;
}

static void add_unpadded(struct kt_buf *out, const void *data, size_t len)
{
	kt_buf_add_base64(out, data, len);
	while (out->data[out->len - 1] == '=')
		out->len--;
}

int kt_measurementhash_seal(
	struct kt_measurementhash *hash, struct kt_buf *out, const void *data, size_t len, struct kt_err *err)
{
	hash->sealed.len = 0;
	unsigned char *to = (unsigned char *)kt_buf_reserve(&hash->sealed, len + KT_MEASUREMENTHASH_TAG_LEN);
	const unsigned char *nonce = next_nonce(hash);
	int done = 0, rest = 0;
	if (!nonce || !EVP_EncryptInit_ex(hash->seal, NULL, NULL, NULL, nonce) ||
		!EVP_EncryptUpdate(hash->seal, to, &done, data, (int)len) ||
		!EVP_EncryptFinal_ex(hash->seal, to + done, &rest) ||
		!EVP_CIPHER_CTX_ctrl(hash->seal, EVP_CTRL_GCM_GET_TAG, KT_MEASUREMENTHASH_TAG_LEN, to + len))
		return kt_err_set(err, KT_FAILED, "OpenSSL cannot encrypt");
	hash->sealed.len = len + KT_MEASUREMENTHASH_TAG_LEN;
	add_unpadded(out, nonce, KT_MEASUREMENTHASH_NONCE_LEN);
	kt_buf_addc(out, '.');
	add_unpadded(out, hash->sealed.data, hash->sealed.len);
	return 0;
}

/* The two parts of the text as bytes: nonce first, then cipher text and tag. */
static int split_text(struct kt_buf *bytes, const char *text, size_t len, struct kt_err *err)
{
	const char *dot = memchr(text, '.', len);
	size_t head = dot ? (size_t)(dot - text) : len;
	if (!dot || memchr(dot + 1, '.', len - head - 1))
		return kt_err_set(err, KT_FAILED, "a measurement_hash is two texts with one dot between them");
	if (len > TEXT_MAX)
		return kt_err_set(err, KT_FAILED, "a measurement_hash of %zu characters", len);
	if (kt_base64_decode(bytes, text, head) < 0 || bytes->len != KT_MEASUREMENTHASH_NONCE_LEN)
		return kt_err_set(err, KT_FAILED, "the nonce of the measurement_hash is not %d bytes as base64",
			KT_MEASUREMENTHASH_NONCE_LEN);
	if (kt_base64_decode(bytes, dot + 1, len - head - 1) < 0 ||
		bytes->len < KT_MEASUREMENTHASH_NONCE_LEN + KT_MEASUREMENTHASH_TAG_LEN)
		return kt_err_set(err, KT_FAILED, "the cipher text of the measurement_hash is not base64");
	return 0;
}

int kt_measurementhash_open(
	struct kt_measurementhash *hash, struct kt_buf *out, const char *text, size_t len, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	if (split_text(&bytes, text, len, err) < 0)
		return -1;
	unsigned char *nonce = (unsigned char *)bytes.data, *sealed = nonce + KT_MEASUREMENTHASH_NONCE_LEN;
	size_t n = bytes.len - KT_MEASUREMENTHASH_NONCE_LEN - KT_MEASUREMENTHASH_TAG_LEN;
	unsigned char *to = (unsigned char *)kt_buf_reserve(out, n + 1);
	int done = 0, rest = 0;
	if (!EVP_DecryptInit_ex(hash->open, NULL, NULL, NULL, nonce) ||
		!EVP_DecryptUpdate(hash->open, to, &done, sealed, (int)n) ||
		!EVP_CIPHER_CTX_ctrl(hash->open, EVP_CTRL_GCM_SET_TAG, KT_MEASUREMENTHASH_TAG_LEN, sealed + n) ||
		!EVP_DecryptFinal_ex(hash->open, to + done, &rest))
		return kt_err_set(err, KT_FAILED, "the measurement_hash was made with another key, or is damaged");
	out->len += n;
	return 0;
}

void kt_measurementhash_free(struct kt_measurementhash **hash)
{
	if (!*hash)
		return;
	EVP_CIPHER_CTX_free((*hash)->seal);
	EVP_CIPHER_CTX_free((*hash)->open);
	kt_buf_fini(&(*hash)->sealed);
	free(*hash);
	*hash = NULL;
}
