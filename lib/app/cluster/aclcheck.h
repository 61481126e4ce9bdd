/* Why no ACL was listed. librdkafka (2.0.2 and 2.8 were tried) makes an empty list of a broker's refusal: this asks
 * once more, on a connection of our own.
 *
 *   if (!acls.n && kt_aclcheck(&settings, &opts->client, err) < 0)
 *           return -1;
 */
#ifndef KT_ACLCHECK_H
#define KT_ACLCHECK_H

#include "conf.h"

/* KT_FAILED when this client may not list ACLs, or the cluster has none to list. Where kt cannot ask by itself that is
 * said, and is not a failure. */
int kt_aclcheck(
	const struct kt_settings *settings, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

#endif
