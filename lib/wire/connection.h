/* One connection to a broker, plain or with TLS: a request goes out, its answer comes back, each within a limit.
 *
 *   struct kt_tls *tls;                                         shared by all connections
 *   if (kt_tls_open(&tls, &creds, &settings, err) < 0) …
 *   struct kt_connection link = {.fd = fd, .settings = &settings};    takes the socket of kt_net_connect()
 *   if (kt_connection_start_tls(&link, tls, "kafka1", &limit, err) < 0 ||
 *       kt_connection_exchange(&link, &request, &answer, &limit, err) < 0)
 *           …
 *   kt_connection_close(&link);
 *
 * A broker's certificate that is not to be trusted does not end the handshake: what it is can be told then. So look at
 * link.x509_error before sending anything. Messages do not name the broker: the caller does.
 */
#ifndef KT_CONNECTION_H
#define KT_CONNECTION_H

#include "certs.h"
#include "net.h"
#include "settings.h"
#include "tlsfiles.h"

struct kt_tls;
struct ssl_st; /* OpenSSL's SSL */

/* Takes over what creds hold. KT_USAGE. */
int kt_tls_open(struct kt_tls **out, const struct kt_tlsfiles *creds, const struct kt_settings *settings,
	struct kt_err *err) kt_must_check;
void kt_tls_close(struct kt_tls *tls);

struct kt_connection {
	int fd;
	struct ssl_st *ssl;
	const struct kt_settings *settings; /* borrowed */
	int32_t id;                         /* correlation id of the last request; the caller counts it up */
	struct kt_buf in;                   /* holds the last answer */
	bool ended; /* the other side closed the connection between answers, or speaks TLS where plain text was sent */
	bool lost;  /* a request failed: what arrives now may be the answer to it */
	int x509_error;      /* X509_V_ERR_ of the broker's certificate, or 0 */
	bool asked, sent;    /* the broker wanted a client certificate, and there was one for it */
	struct kt_cert peer; /* the broker's certificate */
	char tls[128];       /* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
};

/* host: the name that the certificate has to be for, unless ssl.endpoint.identification.algorithm is none. */
int kt_connection_start_tls(struct kt_connection *link, struct kt_tls *tls, const char *host,
	const struct kt_limit *limit, struct kt_err *err) kt_must_check;

/* Sends a request of proto.h and receives the answer to it (the bytes after the correlation id, which has to be
 * link->id); it is valid until the next exchange. */
int kt_connection_exchange(struct kt_connection *link, const struct kt_buf *request, struct kt_bytes *answer,
	const struct kt_limit *limit, struct kt_err *err) kt_must_check;

/* Bytes of another protocol, without waiting: how many; 0 when there are, or fit, none now, and *events (POLLIN,
 * POLLOUT) of link->fd is what to wait for; -1, with link->ended set where the other side closed the connection. */
ssize_t kt_connection_receive(
	struct kt_connection *link, void *data, size_t size, short *events, struct kt_err *err) kt_must_check;
ssize_t kt_connection_send(
	struct kt_connection *link, const void *data, size_t len, short *events, struct kt_err *err) kt_must_check;

void kt_connection_close(struct kt_connection *link);

#endif
