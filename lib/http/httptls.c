/* Certificates of the server, and whether those of clients are trusted. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "dlload.h"
#include "httpd_own.h"

static struct {
	__typeof__(gnutls_certificate_verify_peers) *verify_peers;
	__typeof__(MHD_is_feature_supported) *has;
} tls;

/* libmicrohttpd has it loaded already, where it speaks TLS at all. */
int kt_http_load_tls(struct kt_err *err)
{
	const struct kt_dlload_row mhd[] = {{"MHD_is_feature_supported", &tls.has}};
	const struct kt_dlload_row gnutls[] = {{"gnutls_certificate_verify_peers", &tls.verify_peers}};
	if (kt_dlload(KT_SONAME_MICROHTTPD, mhd, KT_LEN(mhd), err) < 0)
		return kt_err_wrap(err, "cannot serve HTTPS");
	if (tls.has(MHD_FEATURE_TLS) != MHD_YES)
		return kt_err_set(err, KT_FAILED, "cannot serve HTTPS: this libmicrohttpd was built without TLS");
	if (kt_dlload(KT_SONAME_GNUTLS, gnutls, KT_LEN(gnutls), err) < 0)
		return kt_err_wrap(err, "cannot serve HTTPS");
	return 0;
}

void kt_http_tls_options(const struct kt_httpd_tls *how, struct MHD_OptionItem items[KT_HTTP_TLS_OPTIONS])
{
	size_t n = 0;
	items[n++] = (struct MHD_OptionItem){
		MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
	items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)how->certificates};
	items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)how->key};
	if (how->client_cas)
		items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *)(uintptr_t)how->client_cas};
	items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

/* A certificate for servers is not one for clients. */
const char *kt_http_distrust(const struct kt_http_connection *c)
{
	const union MHD_ConnectionInfo *info = kt_mhd.get_connection_info(c->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	unsigned status = 0;
	int result = info ? tls.verify_peers(info->tls_session, &purpose, 1, &status) : GNUTLS_E_INTERNAL_ERROR;
	if (result == GNUTLS_E_NO_CERTIFICATE_FOUND)
		return "a certificate of the client is needed";
	if (result < 0)
		return "the client's certificate cannot be checked";
	if (status & GNUTLS_CERT_EXPIRED)
		return "the client's certificate has expired";
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return "the client's certificate is not valid yet";
	return status ? "the client's certificate is not trusted here" : NULL;
}
