/* A cluster as its brokers tell it, each asked on a connection of our own: where it is, in which rack, what it speaks,
 * and who the controller is. librdkafka says which brokers there are; all else it does not tell.
 *
 *   kt_auto(kt_clusterlook_fini) struct kt_clusterlook look = {0};
 *   if (kt_clusterlook(&look, &opts->client, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < look.n; i++) … look.v[i]->id, look.v[i]->rack …
 */
#ifndef KT_CLUSTERLOOK_H
#define KT_CLUSTERLOOK_H

#include "brokerask.h"
#include "client.h"
#include "conf.h"
#include "tlsfiles.h"

struct kt_clusterbroker {
	int32_t id, port;
	char *host;
	const char *rack;      /* "" when it has none, NULL when nobody could be asked; borrowed */
	struct kt_probe probe; /* works: it was asked */
	struct kt_features features;
	enum kt_controller_state state;
	int32_t leader;    /* of the controllers, where it told that */
	struct kt_err err; /* why it could not be asked; the message is empty when it was, or only the library can */
};

struct kt_clusterlook {
	struct kt_settings settings;
	struct kt_tlsfiles creds;
	struct kt_tls *tls;
	struct kt_client *client;
	struct kt_clusterbroker **v; /* by id */
	size_t n, cap;
	size_t asked, failed; /* brokers that were, or could not be, asked */
	char *id;             /* of the cluster; NULL when it does not say */
	int32_t controller;   /* -1: it cannot be known */
	const char *unknown;  /* why not, half a sentence */
};

/* Settings that are in look already, as kt_conf_resolve() left them, are taken; else they are loaded. Brokers that do
 * not answer, each within the options' timeout, are in the list too. Fails when no broker can be reached, as
 * kt_client_metadata() does. */
int kt_clusterlook(struct kt_clusterlook *look, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;
void kt_clusterlook_fini(struct kt_clusterlook *look);

#endif
