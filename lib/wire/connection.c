#include "connection.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <unistd.h>

#include "diagnosis.h"
#include "mem.h"
#include "proto.h"

struct kt_tls {
	SSL_CTX *context;
};

static void bio_fini(BIO **bio)
{
	BIO_free(*bio);
}

static int tell(enum kt_diagnosis_id id, struct kt_err *err)
{
	kt_err_set(err, kt_diagnosis(id)->status, "%s", kt_diagnosis(id)->text);
	return kt_err_hint(err, "%s", kt_diagnosis(id)->hint);
}

/* --- the context --- */

static bool use_certificates(SSL_CTX *context, const struct kt_buf *pem)
{
	kt_auto(bio_fini) BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	bool used = own && SSL_CTX_use_certificate(context, own) == 1;
	X509_free(own);
	for (X509 *more; used && (more = PEM_read_bio_X509(bio, NULL, NULL, NULL));)
		used = SSL_CTX_add0_chain_cert(context, more) == 1;
	return used;
}

static bool use_key(SSL_CTX *context, const struct kt_tlsfiles *creds)
{
	EVP_PKEY *key = kt_key_read(creds->key.data, creds->key.len, creds->key_password);
	bool used = key && SSL_CTX_use_PrivateKey(context, key) == 1;
	EVP_PKEY_free(key);
	return used;
}

static bool use_cas(SSL_CTX *context, const struct kt_tlsfiles *creds)
{
	if (creds->ca_dir)
		return SSL_CTX_load_verify_dir(context, creds->ca_dir) == 1;
	if (!creds->cas.len)
		return SSL_CTX_set_default_verify_paths(context) == 1;
	kt_auto(bio_fini) BIO *bio = BIO_new_mem_buf(creds->cas.data, (int)creds->cas.len);
	int n = 0;
	for (X509 *ca; (ca = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
		X509_free(ca);
	}
	return n > 0;
}

static int fill_context(
	SSL_CTX *context, const struct kt_tlsfiles *creds, const struct kt_settings *settings, struct kt_err *err)
{
	const struct kt_setting *ciphers = kt_settings_get(settings, "ssl.cipher.suites");
	if (!use_cas(context, creds))
		return kt_err_set(err, KT_USAGE, "%s holds no certificate in PEM", creds->ca_name);
	if (creds->certificates.len && !use_certificates(context, &creds->certificates))
		return kt_err_set(err, KT_USAGE, "%s holds no certificate in PEM", creds->name);
	if (creds->key.len && !use_key(context, creds))
		return kt_err_set(err, KT_USAGE, "the key of %s cannot be used", creds->name);
	if (ciphers && !SSL_CTX_set_cipher_list(context, ciphers->value))
		return kt_err_set(err, KT_USAGE, "%s: OpenSSL knows none of ssl.cipher.suites", ciphers->origin);
	return 0;
}

int kt_tls_open(
	struct kt_tls **out, const struct kt_tlsfiles *creds, const struct kt_settings *settings, struct kt_err *err)
{
	struct kt_tls *tls = kt_calloc(1, sizeof(*tls));
	tls->context = SSL_CTX_new(TLS_client_method());
	int result = tls->context ? fill_context(tls->context, creds, settings, err)
				  : kt_err_set(err, KT_FAILED, "OpenSSL cannot be used");
	ERR_clear_error();
	if (result < 0) {
		kt_tls_close(tls);
		return -1;
	}
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_NONE, NULL);
	/* What is left to send may have grown, and moved, before it is tried again. */
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	*out = tls;
	return 0;
}

void kt_tls_close(struct kt_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

/* --- TLS on a connection --- */

/* What OpenSSL says about the call that returned `result`: 0 when it only has to wait for *events. */
static int tls_wants_or_fails(struct kt_connection *link, int result, short *events, struct kt_err *err)
{
	int saved_errno = errno, kind = SSL_get_error(link->ssl, result);
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
		*events = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
		return 0;
	}
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	ERR_clear_error();
	bool eof = kind == SSL_ERROR_ZERO_RETURN || (reason && strstr(reason, "unexpected eof")) ||
		   (kind == SSL_ERROR_SYSCALL && (!saved_errno || saved_errno == ECONNRESET || saved_errno == EPIPE));
	if (eof) {
		link->ended = true;
		return kt_err_set(err, KT_UNREACHABLE, "it closed the connection");
	}
	const struct kt_diagnosis *cause = reason ? kt_diagnosis_find(reason, link->settings) : NULL;
	if (cause) {
		kt_err_set(err, cause->status, "%s", cause->text);
		return kt_err_hint(err, "%s", cause->hint);
	}
	kt_err_set(err, KT_FAILED, "TLS fails: %s", reason ? reason : strerror(saved_errno));
	return kt_err_hint(err, "`openssl s_client -connect HOST:PORT` shows more");
}

static int note_request(SSL *ssl, void *data)
{
	struct kt_connection *link = data;
	link->asked = true;
	link->sent = SSL_get_certificate(ssl) != NULL;
	return 1;
}

static bool compares_names(const struct kt_settings *settings)
{
	const char *how = kt_settings_text(settings, "ssl.endpoint.identification.algorithm", "https");
	return strcasecmp(how, "none") != 0;
}

static bool is_address(const char *host)
{
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
	ASN1_OCTET_STRING_free(address);
	return address != NULL;
}

static void look_at_peer(struct kt_connection *link)
{
	X509 *peer = SSL_get1_peer_certificate(link->ssl);
	if (peer)
		kt_cert_look(&link->peer, peer);
	X509_free(peer);
	link->x509_error = (int)SSL_get_verify_result(link->ssl);
	snprintf(link->tls, sizeof(link->tls), "%s %s", SSL_get_version(link->ssl), SSL_get_cipher_name(link->ssl));
}

int kt_connection_start_tls(struct kt_connection *link, struct kt_tls *tls, const char *host,
	const struct kt_limit *limit, struct kt_err *err)
{
	link->ssl = SSL_new(tls->context);
	SSL_set_fd(link->ssl, link->fd);
	SSL_set_cert_cb(link->ssl, note_request, link);
	if (!is_address(host))
		SSL_set_tlsext_host_name(link->ssl, host);
	if (compares_names(link->settings))
		SSL_set1_host(link->ssl, host);
	for (;;) {
		short events;
		ERR_clear_error();
		errno = 0;
		int result = SSL_connect(link->ssl);
		if (result == 1)
			break;
		if (tls_wants_or_fails(link, result, &events, err) < 0)
			return link->ended ? tell(KT_DIAGNOSIS_NO_TLS, err) : -1;
		if (kt_net_wait(link->fd, events, limit, err) < 0)
			return -1;
	}
	/* A server may ask again, when link is somewhere else. */
	SSL_set_cert_cb(link->ssl, NULL, NULL);
	look_at_peer(link);
	return 0;
}

/* --- bytes --- */

static int closed(struct kt_connection *link, struct kt_err *err)
{
	link->ended = true;
	return kt_err_set(err, KT_UNREACHABLE, "it closed the connection");
}

/* One read or write; the number of bytes, 0 when it has to wait for *events, or -1. */
static ssize_t move(struct kt_connection *link, char *data, size_t len, bool write, short *events, struct kt_err *err)
{
	errno = 0;
	if (link->ssl) {
		ERR_clear_error();
		int n = write ? SSL_write(link->ssl, data, (int)len) : SSL_read(link->ssl, data, (int)len);
		return n > 0 ? n : tls_wants_or_fails(link, n, events, err);
	}
	ssize_t n = write ? send(link->fd, data, len, MSG_NOSIGNAL) : recv(link->fd, data, len, 0);
	if (n > 0)
		return n;
	*events = write ? POLLOUT : POLLIN;
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		return closed(link, err);
	return kt_err_sys(err, "the connection fails");
}

ssize_t kt_connection_receive(struct kt_connection *link, void *data, size_t size, short *events, struct kt_err *err)
{
	return move(link, data, size, false, events, err);
}

ssize_t kt_connection_send(struct kt_connection *link, const void *data, size_t len, short *events, struct kt_err *err)
{
	return move(link, (void *)(uintptr_t)data, len, true, events, err);
}

static int move_all(struct kt_connection *link, char *data, size_t len, bool write, const struct kt_limit *limit,
	struct kt_err *err)
{
	while (len) {
		short events;
		ssize_t n = move(link, data, len, write, &events, err);
		if (n < 0 || (n == 0 && kt_net_wait(link->fd, events, limit, err) < 0))
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static uint32_t number(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int not_kafka(const char *why, struct kt_err *err)
{
	const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_NOT_KAFKA);
	kt_err_set(err, cause->status, "%s: %s", cause->text, why);
	return kt_err_hint(err, "%s", cause->hint);
}

/* The length that an answer begins with. */
static int check_length(struct kt_connection *link, const char *head, struct kt_err *err)
{
	uint32_t len = number(head);
	/* A TLS record: an alert, or a handshake, of any version. */
	if (!link->ssl && (head[0] == 0x15 || head[0] == 0x16) && head[1] == 0x03)
		return closed(link, err);
	if (len < 4)
		return not_kafka("an answer that is shorter than its header", err);
	if (len > KT_PROTO_MAX)
		return not_kafka("an answer of impossible length", err);
	return 0;
}

static int exchange(struct kt_connection *link, const struct kt_buf *request, struct kt_bytes *answer,
	const struct kt_limit *limit, struct kt_err *err)
{
	enum { STEP = 1 << 16 };
	char head[4];
	if (move_all(link, request->data, request->len, true, limit, err) < 0 ||
		move_all(link, head, sizeof(head), false, limit, err) < 0 || check_length(link, head, err) < 0)
		return -1;
	/* Room is made as bytes arrive: a length is only a promise. */
	size_t left = number(head);
	link->in.len = 0;
	while (left) {
		size_t part = left < STEP ? left : STEP;
		if (move_all(link, kt_buf_reserve(&link->in, part), part, false, limit, err) < 0) {
			bool cut_off = link->ended;
			link->ended = false;
			return cut_off ? not_kafka("an answer that is cut off", err) : -1;
		}
		link->in.len += part;
		left -= part;
	}
	if (number(link->in.data) != (uint32_t)link->id)
		return not_kafka("an answer to something that was not asked", err);
	*answer = (struct kt_bytes){link->in.data + 4, link->in.len - 4};
	return 0;
}

int kt_connection_exchange(struct kt_connection *link, const struct kt_buf *request, struct kt_bytes *answer,
	const struct kt_limit *limit, struct kt_err *err)
{
	int result = exchange(link, request, answer, limit, err);
	link->lost |= result < 0;
	return result;
}

void kt_connection_close(struct kt_connection *link)
{
	/* Without a farewell: the other side may not be listening any more. */
	SSL_free(link->ssl);
	if (link->fd >= 0)
		close(link->fd);
	kt_buf_fini(&link->in);
	*link = (struct kt_connection){.fd = -1};
}
