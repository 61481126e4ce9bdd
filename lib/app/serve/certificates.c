#include "certificates.h"

#include "certs.h"
#include "file.h"
#include "say.h"

enum { FILE_MAX = 1 << 20 };

static int read_text(struct kt_buf *out, const char *option, const char *path, struct kt_err *err)
{
	kt_buf_reserve(out, FILE_MAX + 1);
	if (kt_file_read(out, path, FILE_MAX, err) < 0)
		return kt_err_wrap(err, "%s", option);
	kt_buf_cstr(out);
	return 0;
}

static int look_at(const struct kt_buf *text, const char *option, const char *path, struct kt_err *err)
{
	struct kt_cert cert;
	if (kt_cert_read(&cert, text->data, text->len, path, err) < 0)
		return kt_err_wrap(err, "%s", option);
	if (cert.expired)
		kt_say(KT_WARNING, "%s: the certificate of %s was valid until %s", path, cert.subject, cert.until);
	else
		kt_say(KT_VERBOSE, "%s: the certificate of %s is valid until %s", path, cert.subject, cert.until);
	return 0;
}

static int check_key(const struct kt_certificates *c, const struct kt_certificate_files *files, struct kt_err *err)
{
	switch (kt_key_fits(c->cert.data, c->cert.len, c->key.data, c->key.len, NULL)) {
	case KT_KEY_MISMATCH:
		return kt_err_set(
			err, KT_USAGE, "--tls-key %s: not the key of the certificate in %s", files->key, files->cert);
	case KT_KEY_UNREADABLE:
		return kt_err_set(err, KT_USAGE, "--tls-key %s: no private key in PEM without a password", files->key);
	default:
		return 0;
	}
}

int kt_certificates_read(struct kt_certificates *out, const struct kt_certificate_files *files, struct kt_err *err)
{
	if (read_text(&out->cert, "--tls-cert", files->cert, err) < 0 ||
		read_text(&out->key, "--tls-key", files->key, err) < 0 ||
		look_at(&out->cert, "--tls-cert", files->cert, err) < 0 || check_key(out, files, err) < 0)
		return -1;
	out->tls = (struct kt_httpd_tls){.certificates = out->cert.data, .key = out->key.data};
	if (!files->client_ca)
		return 0;
	if (read_text(&out->client_ca, "--tls-client-ca", files->client_ca, err) < 0 ||
		look_at(&out->client_ca, "--tls-client-ca", files->client_ca, err) < 0)
		return -1;
	out->tls.client_cas = out->client_ca.data;
	return 0;
}

void kt_certificates_fini(struct kt_certificates *certificates)
{
	kt_buf_wipe(&certificates->cert);
	kt_buf_wipe(&certificates->key);
	kt_buf_wipe(&certificates->client_ca);
}
