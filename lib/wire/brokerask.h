/* What one broker tells of itself and of its cluster beyond a probe's steps, on the connection of a probe that works.
 *
 *   kt_probe_run(&probe, stop_fd);
 *   if (probe.works && kt_brokerask_features(&probe, &features, err) < 0)
 *           …
 *
 * Each has the probe's limit. A broker that does not know the request is not a failure.
 */
#ifndef KT_BROKERASK_H
#define KT_BROKERASK_H

#include "probe.h"

/* Fills *out, which is {0} before; empty for brokers before 2.4. */
int kt_brokerask_features(struct kt_probe *p, struct kt_features *out, struct kt_err *err) kt_must_check;

enum kt_controller_state {
	KT_CONTROLLER_UNASKED, /* the broker knows of no quorum: who its metadata names is the controller */
	KT_CONTROLLER_TOLD,
	KT_CONTROLLER_DENIED, /* by the cluster's ACLs */
	KT_CONTROLLER_NONE,   /* there is none at the moment, or the broker cannot say */
};

/* Who leads the controllers. *id where it is KT_CONTROLLER_TOLD; in the metadata of such a cluster any broker is named,
 * another one at each call (KIP-590). */
int kt_brokerask_controller(
	struct kt_probe *p, enum kt_controller_state *state, int32_t *id, struct kt_err *err) kt_must_check;

/* How the broker answers who asks for ACLs: KT_ERROR_NO_AUTHORIZER, KT_ERROR_CLUSTER_DENIED, 0. */
int kt_brokerask_acls(struct kt_probe *p, int *error, struct kt_err *err) kt_must_check;

/* What each of these partitions' logs takes on this broker, in the order of kt_logsize_compare(): -1 where it does not
 * tell, which it does not to those who may not Describe the cluster. */
int kt_brokerask_logsizes(struct kt_probe *p, struct kt_logsize *sizes, size_t n, struct kt_err *err) kt_must_check;

#endif
