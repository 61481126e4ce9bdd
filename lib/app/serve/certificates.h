/* The server's certificate, its key and the CAs of clients, from their files.
 *
 *   kt_auto(kt_certificates_fini) struct kt_certificates certificates = {0};
 *   if (kt_certificates_read(&certificates, &files, err) < 0) return -1;
 *   how.tls = &certificates.tls;
 */
#ifndef KT_CERTIFICATES_H
#define KT_CERTIFICATES_H

#include "httpd.h"

/* Files in PEM. */
struct kt_certificate_files {
	const char *cert, *key; /* the server's own certificate first, then those that lead to a CA */
	const char *client_ca;  /* NULL: clients need none */
};

struct kt_certificates {
	struct kt_httpd_tls tls;
	struct kt_buf cert, key, client_ca;
};

/* KT_USAGE for files that cannot be read, or do not belong together. Says whose certificate it is with -v, and warns
 * when it is over. */
int kt_certificates_read(
	struct kt_certificates *out, const struct kt_certificate_files *files, struct kt_err *err) kt_must_check;

/* Wipes and frees. */
void kt_certificates_fini(struct kt_certificates *certificates);

#endif
