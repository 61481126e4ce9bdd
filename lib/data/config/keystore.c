#include "keystore.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

/* A store that was opened. The library context is its own, so that loading the legacy provider for an old file changes
 * nothing for the TLS connections of the process. */
struct store {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *providers[2];
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) * others;
	bool legacy;
};

static void store_fini(struct store *s)
{
	sk_X509_pop_free(s->others, X509_free);
	X509_free(s->certificate);
	EVP_PKEY_free(s->key);
	for (size_t i = 0; i < KT_LEN(s->providers); i++)
		if (s->providers[i])
			OSSL_PROVIDER_unload(s->providers[i]);
	OSSL_LIB_CTX_free(s->context);
	/* What was tried and failed is reported in our own words; librdkafka must not find it in this thread's queue.
	 */
	ERR_clear_error();
}

static void pkcs12_fini(PKCS12 **p12)
{
	PKCS12_free(*p12);
}

static void bio_fini(BIO **bio)
{
	BIO_free(*bio);
}

enum kt_store kt_store_kind(const void *data, size_t len)
{
	static const char pem[] = "-----BEGIN ";
	const unsigned char *b = data;
	/* JKS, and JCEKS, its sibling with stronger encryption. */
	if (len >= 4 && (!memcmp(b, "\xfe\xed\xfe\xed", 4) || !memcmp(b, "\xce\xce\xce\xce", 4)))
		return KT_STORE_JKS;
	/* Text may stand in front of the first PEM block, as in `openssl x509 -text`. */
	if (len && memmem(data, len, pem, sizeof(pem) - 1))
		return KT_STORE_PEM;
	/* An ASN.1 SEQUENCE, which begins with the version 3. */
	return len >= 2 && b[0] == 0x30 ? KT_STORE_PKCS12 : KT_STORE_OTHER;
}

int kt_store_is_jks(const char *name, struct kt_err *err)
{
	size_t len = strlen(name), tail = len > 4 && !strcmp(name + len - 4, ".jks") ? 4 : 0;
	int stem = len - tail > 200 ? 200 : (int)(len - tail);
	kt_err_set(err, KT_USAGE, "%s is a JKS store, which only Java reads", name);
	return kt_err_hint(err,
		"convert it: keytool -importkeystore -srckeystore %.200s -destkeystore %.*s.p12 -deststoretype PKCS12",
		name, stem, name);
}

static int refuse(enum kt_store kind, const char *name, struct kt_err *err)
{
	if (kind == KT_STORE_JKS)
		return kt_store_is_jks(name, err);
	return kt_err_set(err, KT_USAGE, "%s is not a PKCS#12 store", name);
}

static int damaged(const char *name, struct kt_err *err)
{
	return kt_err_set(err, KT_USAGE, "%s looks like a PKCS#12 store but is damaged or cut off", name);
}

static int wrong_password(const char *name, const char *password, struct kt_err *err)
{
	if (!password || !*password)
		return kt_err_set(err, KT_USAGE, "%s needs a password", name);
	return kt_err_set(err, KT_USAGE, "the password does not open %s", name);
}

static PKCS12 *decode(OSSL_LIB_CTX *context, const void *data, size_t len)
{
	const unsigned char *at = data;
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, context, NULL);
	return d2i_PKCS12(&p12, &at, (long)len) ? p12 : NULL;
}

static bool load_legacy(struct store *s)
{
	static const char *const names[] = {"default", "legacy"};
	s->context = OSSL_LIB_CTX_new();
	for (size_t i = 0; i < KT_LEN(names); i++)
		if (!s->context || !(s->providers[i] = OSSL_PROVIDER_load(s->context, names[i])))
			return false;
	return true;
}

/* Decrypts with what the process has, else with the legacy provider too. */
static int decrypt(struct store *s, PKCS12 *p12, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err)
{
	if (PKCS12_parse(p12, password, &s->key, &s->certificate, &s->others))
		return 0;
	s->legacy = true;
	if (!load_legacy(s))
		return kt_err_set(err, KT_FAILED,
			"%s is encrypted in the way of old Java versions, and OpenSSL's legacy module is not installed",
			name);
	kt_auto(pkcs12_fini) PKCS12 *again = decode(s->context, data, len);
	if (again && PKCS12_parse(again, password, &s->key, &s->certificate, &s->others))
		return 0;
	return PKCS12_mac_present(p12) ? damaged(name, err) : wrong_password(name, password, err);
}

static int store_open(
	struct store *s, const void *data, size_t len, const char *password, const char *name, struct kt_err *err)
{
	enum kt_store kind = kt_store_kind(data, len);
	if (kind != KT_STORE_PKCS12)
		return refuse(kind, name, err);
	if (len > KT_STORE_MAX)
		return kt_err_set(err, KT_USAGE, "%s is too large for a key store", name);
	kt_auto(pkcs12_fini) PKCS12 *p12 = decode(NULL, data, len);
	if (!p12)
		return damaged(name, err);
	/* The MAC tells a wrong password from an encryption that has to be loaded first. */
	if (PKCS12_mac_present(p12) && !PKCS12_verify_mac(p12, password, -1) &&
		((password && *password) || !PKCS12_verify_mac(p12, password ? NULL : "", 0)))
		return wrong_password(name, password, err);
	return decrypt(s, p12, data, len, password, name, err);
}

static bool add_pem(struct kt_buf *pem, X509 *certificate)
{
	char *text;
	kt_auto(bio_fini) BIO *bio = BIO_new(BIO_s_mem());
	if (!bio || !PEM_write_bio_X509(bio, certificate))
		return false;
	long len = BIO_get_mem_data(bio, &text);
	kt_buf_add(pem, text, (size_t)len);
	return true;
}

int kt_store_certificates(
	struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name, struct kt_err *err)
{
	kt_auto(store_fini) struct store s = {0};
	size_t start = pem->len;
	if (store_open(&s, data, len, password, name, err) < 0)
		return -1;
	bool written = !s.certificate || add_pem(pem, s.certificate);
	for (int i = 0; written && i < sk_X509_num(s.others); i++)
		written = add_pem(pem, sk_X509_value(s.others, i));
	if (written && pem->len > start)
		return 0;
	pem->len = start;
	return kt_err_set(err, KT_USAGE, "%s holds no certificate", name);
}

static bool add_key(struct kt_buf *pem, EVP_PKEY *key)
{
	char *text;
	kt_auto(bio_fini) BIO *bio = BIO_new(BIO_s_secmem());
	if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		return false;
	long len = BIO_get_mem_data(bio, &text);
	kt_buf_add(pem, text, (size_t)len);
	return true;
}

static int no_key(const char *name, struct kt_err *err)
{
	kt_err_set(err, KT_USAGE, "%s holds no private key with a certificate", name);
	return kt_err_hint(err, "a truststore is not a keystore: ask for the file with the key");
}

int kt_keystore_pem(
	struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name, struct kt_err *err)
{
	kt_auto(store_fini) struct store s = {0};
	if (store_open(&s, data, len, password, name, err) < 0)
		return -1;
	if (!s.key || !s.certificate || !add_key(pem, s.key) || !add_pem(pem, s.certificate))
		return no_key(name, err);
	for (int i = 0; i < sk_X509_num(s.others); i++)
		if (!add_pem(pem, sk_X509_value(s.others, i)))
			return damaged(name, err);
	return 0;
}

int kt_keystore_chain(
	struct kt_buf *pem, const void *data, size_t len, const char *password, const char *name, struct kt_err *err)
{
	kt_auto(store_fini) struct store s = {0};
	if (store_open(&s, data, len, password, name, err) < 0)
		return -1;
	if (!s.key || !s.certificate || !add_pem(pem, s.certificate))
		return no_key(name, err);
	for (int i = 0; i < sk_X509_num(s.others); i++)
		if (!add_pem(pem, sk_X509_value(s.others, i)))
			return damaged(name, err);
	return 0;
}

size_t kt_pem_certificates(struct kt_buf *pem, const void *data, size_t len)
{
	kt_auto(bio_fini) BIO *bio = len <= KT_STORE_MAX ? BIO_new_mem_buf(data, (int)len) : NULL;
	X509 *certificate;
	size_t n = 0;
	while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		n += add_pem(pem, certificate);
		X509_free(certificate);
	}
	ERR_clear_error();
	return n;
}

static void common_name(char *out, size_t size, X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *text = NULL;
	*out = '\0';
	if (at < 0)
		return;
	int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len > 0 && (size_t)len < size && !memchr(text, '\0', (size_t)len))
		snprintf(out, size, "%.*s", len, (const char *)text);
	OPENSSL_free(text);
}

static bool has_expired(const X509 *certificate)
{
	return X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

bool kt_pem_expired(const void *data, size_t len)
{
	kt_auto(bio_fini) BIO *bio = len <= KT_STORE_MAX ? BIO_new_mem_buf(data, (int)len) : NULL;
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	bool expired = certificate && has_expired(certificate);
	X509_free(certificate);
	ERR_clear_error();
	return expired;
}

int kt_keystore_open(struct kt_keystore *out, const void *data, size_t len, const char *password, const char *name,
	struct kt_err *err)
{
	kt_auto(store_fini) struct store s = {0};
	if (store_open(&s, data, len, password, name, err) < 0)
		return -1;
	if (!s.key || !s.certificate)
		return no_key(name, err);
	*out = (struct kt_keystore){.legacy = s.legacy, .expired = has_expired(s.certificate)};
	out->certificates = 1 + (size_t)(s.others ? sk_X509_num(s.others) : 0);
	common_name(out->cn, sizeof(out->cn), s.certificate);
	return 0;
}
