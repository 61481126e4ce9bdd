/* The files after the TLS settings, read: the client's key and certificates, and the CAs that it trusts.
 *
 *   kt_auto(kt_tlsfiles_fini) struct kt_tlsfiles creds = {0};
 *   if (kt_tlsfiles_read(&creds, &settings, err) < 0)              settings as kt_conf_resolve() leaves them
 *           …
 */
#ifndef KT_TLSFILES_H
#define KT_TLSFILES_H

#include "buf.h"
#include "err.h"
#include "settings.h"

struct kt_tlsfiles {
	struct kt_buf certificates; /* PEM: the client's own first, then its chain; empty: it has none */
	struct kt_buf key;          /* PEM, maybe encrypted; may hold certificates too */
	const char *key_password;   /* of a PEM key; borrowed from the settings */
	struct kt_buf cas;          /* PEM; empty: the CAs of this machine, or ca_dir */
	const char *ca_dir;         /* a folder of CAs, or NULL; borrowed */
	const char *name, *ca_name; /* the files, for messages; borrowed */
};

/* Fills *out, which is {0} before. KT_USAGE for what cannot be read. */
int kt_tlsfiles_read(struct kt_tlsfiles *out, const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Wipes and frees. */
void kt_tlsfiles_fini(struct kt_tlsfiles *creds);

#endif
