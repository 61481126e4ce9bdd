#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

int kt_digest_add(struct kt_buf *out, const char *name, const void *data, size_t len, struct kt_err *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t digest_len = 0;
	if (!EVP_Q_digest(NULL, name, NULL, data, len, digest, &digest_len))
		return kt_err_set(err, KT_FAILED, "OpenSSL offers no %s here", name);
	kt_buf_add_hex(out, digest, digest_len);
	return 0;
}

bool kt_digest_same(const void *a, const void *b, size_t len)
{
	return !CRYPTO_memcmp(a, b, len);
}
