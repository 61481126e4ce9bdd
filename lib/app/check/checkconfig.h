/* What can be said about a configuration before anything is sent: where it comes from, whether its files and secrets
 * can be read and by whom else, whether key, certificates and CAs are what they should be. For `kt check`.
 *
 *   kt_auto(kt_checkconfig_fini) struct kt_checkconfig pre = {0};
 *   if (kt_checkconfig(&pre, &opts->client, err) < 0)
 *           return -1;                                  only when it was interrupted, or there is nothing to check
 *   … pre.steps, and where pre.loaded pre.settings, pre.tls …
 */
#ifndef KT_CHECKCONFIG_H
#define KT_CHECKCONFIG_H

#include "conf.h"
#include "connection.h"
#include "steps.h"
#include "tlsfiles.h"

struct kt_checkconfig {
	struct kt_steps steps;
	struct kt_settings settings; /* after kt_conf_resolve() where that worked */
	struct kt_tlsfiles creds;
	const struct kt_owner *owner; /* borrowed; may be NULL */
	struct kt_tls *tls;           /* NULL: none is wanted, or it cannot be */
	bool loaded;                  /* there are settings */
	bool usable;                  /* and credentials with them */
	bool wants_tls;
};

/* Steps "configuration", "files", "credentials", "ca", "library". Failures are KT_USAGE. */
int kt_checkconfig(struct kt_checkconfig *pre, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

void kt_checkconfig_fini(struct kt_checkconfig *pre);

#endif
