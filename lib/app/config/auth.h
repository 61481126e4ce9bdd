/* The folder of --auth: credentials for a TLS cluster as they are handed out (CA, PKCS#12 keystore, and perhaps the
 * property file of the Java tools and a truststore). Others made it: it says how to reach a cluster as whom, and
 * nothing else, and only by files that lie in it. */
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

/* Looks into dir. KT_USAGE when it is not a folder, holds neither a keystore nor the property file, or one of them is a
 * link that leads out of the folder, a FIFO or a device. origin: what named it, for messages. */
int kt_auth_look(struct kt_auth *out, const char *dir, const char *origin, struct kt_err *err) kt_must_check;

/* Whether the folder's property file may set the property of this name (librdkafka's, after translation). */
bool kt_auth_allows(const char *name);

/* The file in dir that path stands for: the path itself (from dir, where it is relative), else what has
 * the same name in dir, since such a property file was written on another machine. NULL when there is none, or links
 * lead out of dir. Allocated. */
char *kt_auth_path(const char *dir, const char *path);

void kt_auth_fini(struct kt_auth *auth);

#endif
