#include "tlsclient.h"

#include <arpa/inet.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "mem.h"

struct kt_tlsclient {
	SSL_CTX *context;
};

int kt_tlsclient_open(struct kt_tlsclient **out, const char *ca_file, bool insecure, struct kt_err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return kt_err_set(err, KT_FAILED, "OpenSSL cannot start");
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Servers that end a connection without saying so are usual. */
	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_verify(context, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	int trusted = insecure  ? 1
		      : ca_file ? SSL_CTX_load_verify_locations(context, ca_file, NULL)
				: SSL_CTX_set_default_verify_paths(context);
	ERR_clear_error();
	if (trusted != 1) {
		SSL_CTX_free(context);
		return kt_err_set(err, KT_USAGE, "%s has no certificates in PEM", ca_file ? ca_file : "this machine");
	}
	*out = kt_calloc(1, sizeof(**out));
	(*out)->context = context;
	return 0;
}

void kt_tlsclient_close(struct kt_tlsclient *tls)
{
	if (tls)
		SSL_CTX_free(tls->context);
	free(tls);
}

struct ssl_st *kt_tlsclient_start(struct kt_tlsclient *tls, int fd, const char *host)
{
	struct in6_addr ignored;
	bool address = inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1;
	SSL *ssl = SSL_new(tls->context);
	if (!ssl || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	if (address)
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	else if (SSL_set_tlsext_host_name(ssl, host) != 1 || SSL_set1_host(ssl, host) != 1)
		ERR_clear_error();
	SSL_set_connect_state(ssl);
	return ssl;
}

static int wants(SSL *ssl, int result)
{
	int kind = SSL_get_error(ssl, result);
	return kind == SSL_ERROR_WANT_READ    ? KT_TLS_WANTS_READ
	       : kind == SSL_ERROR_WANT_WRITE ? KT_TLS_WANTS_WRITE
					      : KT_TLS_FAILED;
}

int kt_tlsclient_shake(struct ssl_st *ssl)
{
	ERR_clear_error();
	int result = SSL_do_handshake(ssl);
	return result == 1 ? 1 : wants(ssl, result);
}

ssize_t kt_tlsclient_write(struct ssl_st *ssl, const void *data, size_t len)
{
	ERR_clear_error();
	int result = SSL_write(ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
	return result > 0 ? result : wants(ssl, result);
}

ssize_t kt_tlsclient_read(struct ssl_st *ssl, void *data, size_t len)
{
	ERR_clear_error();
	int result = SSL_read(ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
	if (result > 0)
		return result;
	return SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN ? 0 : wants(ssl, result);
}

void kt_tlsclient_describe(const struct ssl_st *ssl, char *out, size_t size)
{
	X509 *peer = SSL_get1_peer_certificate(ssl);
	EVP_PKEY *key = peer ? X509_get0_pubkey(peer) : NULL;
	const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
	int bits = cipher ? SSL_CIPHER_get_bits(cipher, NULL) : 0;
	snprintf(out, size, "%s,%s,%d,%d", SSL_get_version(ssl), cipher ? SSL_CIPHER_get_name(cipher) : "none",
		key ? EVP_PKEY_get_bits(key) : 0, bits);
	X509_free(peer);
}

void kt_tlsclient_why(const struct ssl_st *ssl, char *out, size_t size)
{
	long verdict = SSL_get_verify_result(ssl);
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	if (verdict != X509_V_OK)
		snprintf(out, size, "the certificate is not trusted: %s", X509_verify_cert_error_string(verdict));
	else
		snprintf(out, size, "TLS: %s", reason ? reason : "the server ended the connection");
}

void kt_tlsclient_end(struct ssl_st *ssl)
{
	SSL_free(ssl);
}
