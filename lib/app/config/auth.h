/* The folder of --auth: credentials for a TLS cluster as they are handed out (CA, PKCS#12 keystore, and perhaps the
 * property file of the Java tools and a truststore). */
#ifndef KT_AUTH_H
#define KT_AUTH_H

#include "err.h"

/* Allocated paths, NULL for what is not there. */
struct kt_auth {
	char *ca;         /* ca.crt: PEM */
	char *truststore; /* kafka.truststore.pkcs12, when there is no ca */
	char *keystore;   /* kafka.keystore.pkcs12 */
	char *properties; /* client-ssl.properties */
};

/* Looks into dir. KT_USAGE when it is no folder, or holds neither a keystore nor the property file. origin: what named
 * it, for messages. */
int kt_auth_look(struct kt_auth *out, const char *dir, const char *origin, struct kt_err *err) kt_must_check;

/* The path itself when it exists, else the file of that name in dir, else the path itself: such a property file was
 * written on another machine. Allocated. */
char *kt_auth_path(const char *dir, const char *path);

void kt_auth_fini(struct kt_auth *auth);

#endif
