/* Java's stores of keys and certificates, read with OpenSSL: PKCS#12 in both its old (RC2, 3DES) and new encryption.
 * The one module of its layer that knows OpenSSL. JKS is recognized, and refused with the command that converts it.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf file = {0}, pem = {0};
 *   if (kt_file_read(&file, path, KT_STORE_MAX, err) < 0 ||
 *       kt_store_certificates(&pem, file.data, file.len, password, path, err) < 0)
 *           return -1;
 *
 * Everything takes the file's bytes; `name` is what messages call it. Wrong passwords, damaged files and what is
 * missing inside each have a sentence of their own, status KT_USAGE.
 */
#ifndef KT_KEYSTORE_H
#define KT_KEYSTORE_H

#include "buf.h"
#include "err.h"

enum { KT_STORE_MAX = 4 << 20 }; /* bytes; a truststore with all public CAs has 0.2 MB */

enum kt_store { KT_STORE_PKCS12, KT_STORE_PEM, KT_STORE_JKS, KT_STORE_OTHER };

/* What the bytes are by their beginning. */
enum kt_store kt_store_kind(const void *data, size_t len);

/* Fills err for a store in Java's own format, with the keytool line that converts it as the hint. Returns -1. */
int kt_store_is_jks(const char *name, struct kt_err *err);

/* Appends every certificate of a PKCS#12 truststore as PEM. password may be NULL: stores without any exist. */
int kt_store_certificates(struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err) kt_must_check;

struct kt_keystore {
	bool expired;        /* its certificate's time is over */
	bool legacy;         /* only OpenSSL's legacy provider can decrypt it */
	size_t certificates; /* its own, and those of the CAs between it and the root */
	char cn[256];        /* CN of the key's certificate, "" when it has none */
};

/* Checks that a PKCS#12 keystore opens with password and holds a private key with its certificate. */
int kt_keystore_open(struct kt_keystore *out, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err) kt_must_check;

/* Appends the key (not encrypted: wipe it), its certificate and the others of a PKCS#12 keystore as PEM. */
int kt_keystore_pem(struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err) kt_must_check;

/* Appends the certificates of a PKCS#12 keystore as PEM, its own first, and never the key. */
int kt_keystore_chain(struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err) kt_must_check;

/* Appends the certificates that a PEM text holds, in its order, and nothing else of it. Returns their number. */
size_t kt_pem_certificates(struct kt_buf *pem, const void *data, size_t len);

/* Whether the first certificate of a PEM file is there and its time is over. */
bool kt_pem_expired(const void *data, size_t len);

#endif
