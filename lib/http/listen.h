/* A listening TCP socket. */
#ifndef KT_LISTEN_H
#define KT_LISTEN_H

#include "err.h"

enum { KT_LISTEN_TEXT = 80 };

/* Listens where text says (see kt_httpd_how.listen), without blocking; returns the descriptor and fills shown
 * (KT_LISTEN_TEXT bytes) with the numeric address. port: for a host without one; 0: it must have one. next_free: the
 * next port is tried when one is taken, a hundred times.
 */
int kt_listen(const char *text, int port, bool next_free, char *shown, struct kt_err *err) kt_must_check;

#endif
