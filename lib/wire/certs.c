#include "certs.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void bio_fini(BIO **bio)
{
	BIO_free(*bio);
}

static void x509_fini(X509 **certificate)
{
	X509_free(*certificate);
}

static void key_fini(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void chain_fini(STACK_OF(X509) * *chain)
{
	sk_X509_pop_free(*chain, X509_free);
}

static BIO *over(const char *pem, size_t len)
{
	return BIO_new_mem_buf(pem, len > INT32_MAX ? 0 : (int)len);
}

static void copy_bio(char *out, size_t size, BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);
	snprintf(out, size, "%.*s", (int)len, text ? text : "");
}

static void show_name(char *out, size_t size, const X509_NAME *name)
{
	kt_auto(bio_fini) BIO *bio = BIO_new(BIO_s_mem());
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
	copy_bio(out, size, bio);
}

static void show_day(char out[16], const ASN1_TIME *at)
{
	struct tm tm;
	out[0] = '\0';
	if (ASN1_TIME_to_tm(at, &tm))
		strftime(out, 16, "%Y-%m-%d", &tm);
}

static void show_names(char *out, size_t size, const X509 *certificate)
{
	out[0] = '\0';
	int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	if (at < 0)
		return;
	kt_auto(bio_fini) BIO *bio = BIO_new(BIO_s_mem());
	X509V3_EXT_print(bio, X509_get_ext(certificate, at), 0, 0);
	copy_bio(out, size, bio);
}

void kt_cert_look(struct kt_cert *out, const X509 *certificate)
{
	const ASN1_TIME *from = X509_get0_notBefore(certificate), *until = X509_get0_notAfter(certificate);
	int seconds = 0;
	*out = (struct kt_cert){0};
	show_name(out->subject, sizeof(out->subject), X509_get_subject_name(certificate));
	show_name(out->issuer, sizeof(out->issuer), X509_get_issuer_name(certificate));
	show_names(out->names, sizeof(out->names), certificate);
	show_day(out->from, from);
	show_day(out->until, until);
	out->early = X509_cmp_current_time(from) > 0;
	out->expired = X509_cmp_current_time(until) < 0;
	if (!ASN1_TIME_diff(&out->days, &seconds, NULL, until))
		out->days = 0;
}

int kt_cert_read(struct kt_cert *out, const char *pem, size_t len, const char *name, struct kt_err *err)
{
	kt_auto(bio_fini) BIO *bio = over(pem, len);
	kt_auto(x509_fini) X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ERR_clear_error();
	if (!certificate)
		return kt_err_set(err, KT_USAGE, "%s holds no certificate in PEM", name);
	kt_cert_look(out, certificate);
	return 0;
}

/* OpenSSL's own way to get a password would be to ask on the terminal. */
static int give_password(char *out, int size, int writing, void *password)
{
	size_t len = password ? strlen(password) : 0;
	(void)writing;
	if (!password || len > (size_t)size)
		return -1;
	memcpy(out, password, len);
	return (int)len;
}

EVP_PKEY *kt_key_read(const char *pem, size_t len, const char *password)
{
	kt_auto(bio_fini) BIO *bio = over(pem, len);
	return PEM_read_bio_PrivateKey(bio, NULL, give_password, (void *)(uintptr_t)password);
}

enum kt_key_fit kt_key_fits(const char *pem, size_t len, const char *key, size_t key_len, const char *password)
{
	kt_auto(bio_fini) BIO *bio = over(pem, len);
	kt_auto(x509_fini) X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	kt_auto(key_fini) EVP_PKEY *private = kt_key_read(key, key_len, password);
	enum kt_key_fit fit = !private                                                      ? KT_KEY_UNREADABLE
			      : certificate && X509_check_private_key(certificate, private) ? KT_KEY_FITS
											    : KT_KEY_MISMATCH;
	ERR_clear_error();
	return fit;
}

static STACK_OF(X509) * read_all(const char *pem, size_t len)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	kt_auto(bio_fini) BIO *bio = over(pem, len);
	for (X509 *one; (one = PEM_read_bio_X509(bio, NULL, NULL, NULL));)
		sk_X509_push(all, one);
	ERR_clear_error();
	return all;
}

bool kt_cert_reaches(const char *pem, size_t len, const char *cas, size_t cas_len)
{
	kt_auto(chain_fini) STACK_OF(X509) *chain = read_all(pem, len), *trusted = read_all(cas, cas_len);
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	X509 *own = sk_X509_num(chain) ? sk_X509_value(chain, 0) : NULL;
	bool reaches = false;
	if (own && X509_STORE_CTX_init(check, NULL, own, chain)) {
		X509_STORE_CTX_set0_trusted_stack(check, trusted);
		/* Its dates are reported separately. */
		X509_STORE_CTX_set_flags(check, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
		reaches = X509_verify_cert(check) == 1;
	}
	X509_STORE_CTX_free(check);
	ERR_clear_error();
	return reaches;
}

size_t kt_certs_count(const char *pem, size_t len, struct kt_cert *expired)
{
	kt_auto(chain_fini) STACK_OF(X509) *all = read_all(pem, len);
	*expired = (struct kt_cert){0};
	for (int i = 0; i < sk_X509_num(all) && !expired->expired; i++)
		kt_cert_look(expired, sk_X509_value(all, i));
	if (!expired->expired)
		*expired = (struct kt_cert){0};
	return (size_t)sk_X509_num(all);
}
