/* TLS over a socket that does not block, for a client with many connections: nothing here waits.
 *
 *   struct kt_tlsclient *tls;
 *   if (kt_tlsclient_open(&tls, ca_file, insecure, err) < 0) …
 *   struct ssl_st *ssl = kt_tlsclient_start(tls, fd, "example.org");
 *   switch (kt_tlsclient_shake(ssl)) …                            then _write(), _read()
 *   kt_tlsclient_end(ssl), kt_tlsclient_close(tls)
 */
#ifndef KT_TLSCLIENT_H
#define KT_TLSCLIENT_H

#include <sys/types.h>

#include "err.h"

struct kt_tlsclient;
struct ssl_st; /* OpenSSL's SSL */

/* What a call returns in place of a number of bytes. */
enum { KT_TLS_FAILED = -1, KT_TLS_WANTS_READ = -2, KT_TLS_WANTS_WRITE = -3 };

/* ca_file: certificates that are trusted (PEM), or NULL: those of this machine. insecure: any certificate will do.
 * KT_USAGE. */
int kt_tlsclient_open(struct kt_tlsclient **out, const char *ca_file, bool insecure, struct kt_err *err) kt_must_check;
/* NULL is allowed. */
void kt_tlsclient_close(struct kt_tlsclient *tls);

/* host: the name that the certificate has to be for; a name is sent as the server's, an address is not. NULL when there
 * is no memory. */
struct ssl_st *kt_tlsclient_start(struct kt_tlsclient *tls, int fd, const char *host);

/* 1: done; else KT_TLS_…, which say what to wait for. */
int kt_tlsclient_shake(struct ssl_st *ssl);

/* Bytes that went through; read: 0 at the end. Else KT_TLS_…. */
ssize_t kt_tlsclient_write(struct ssl_st *ssl, const void *data, size_t len);
ssize_t kt_tlsclient_read(struct ssl_st *ssl, void *data, size_t len);

/* "TLSv1.3,TLS_AES_256_GCM_SHA384,2048,256", as ab writes it, into out. */
void kt_tlsclient_describe(const struct ssl_st *ssl, char *out, size_t size);

/* Why the last call failed: a phrase, into out. */
void kt_tlsclient_why(const struct ssl_st *ssl, char *out, size_t size);

/* NULL is allowed. The socket is the caller's. */
void kt_tlsclient_end(struct ssl_st *ssl);

#endif
