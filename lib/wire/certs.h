/* Certificates and keys in PEM, looked at: whose, by whom, for how long, and whether they belong together.
 *
 *   struct kt_cert cert;
 *   if (kt_cert_read(&cert, pem, len, "ca.crt", err) == 0)
 *           printf("%s until %s\n", cert.subject, cert.until);
 */
#ifndef KT_CERTS_H
#define KT_CERTS_H

#include "err.h"

enum { KT_CERT_SOON_DAYS = 14 }; /* so many days before its end a certificate is worth a warning */

struct x509_st;     /* OpenSSL's X509 */
struct evp_pkey_st; /* and its EVP_PKEY */

struct kt_cert {
	char subject[256]; /* RFC 2253, as Java shows it and as Kafka makes a principal of it */
	char issuer[256];
	char names[256];          /* "DNS:localhost, IP:127.0.0.1"; "" without a subjectAltName */
	char from[16], until[16]; /* days, UTC: "2026-12-21" */
	int days;                 /* whole days until its end; negative when that is over */
	bool early;               /* it is not valid yet */
	bool expired;
};

void kt_cert_look(struct kt_cert *out, const struct x509_st *certificate);

/* The first certificate of PEM text. KT_USAGE. */
int kt_cert_read(struct kt_cert *out, const char *pem, size_t len, const char *name, struct kt_err *err) kt_must_check;

/* The first private key of PEM text, decrypted with password (may be NULL); to be freed by EVP_PKEY_free(). NULL: there
 * is none that the password opens. */
struct evp_pkey_st *kt_key_read(const char *pem, size_t len, const char *password);

enum kt_key_fit { KT_KEY_FITS, KT_KEY_MISMATCH, KT_KEY_UNREADABLE };

/* Whether the first private key of `key` (decrypted with password, which may be NULL) belongs to the first certificate
 * of `pem`. */
enum kt_key_fit kt_key_fits(const char *pem, size_t len, const char *key, size_t key_len, const char *password);

/* True when the first certificate of `pem`, by way of the others, was signed by one of `cas` (PEM). */
bool kt_cert_reaches(const char *pem, size_t len, const char *cas, size_t cas_len);

/* How many certificates PEM text holds, and the first of them that is over, if any (else expired->expired is false). */
size_t kt_certs_count(const char *pem, size_t len, struct kt_cert *expired);

#endif
