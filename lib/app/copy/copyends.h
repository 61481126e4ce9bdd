/* The two ends of a copy: where records come from and where they go, each with its cluster, its settings and its topic.
 *
 *   kt_auto(kt_copyends_fini) struct kt_copyends ends = {0};
 *   … kt_conf_load(&ends.source.settings, …), kt_conf_resolve(&ends.source.settings, err) …
 *   kt_copyends_open(&ends, &how, err)
 *
 * Credentials of the one never go to the other: what --to-brokers names knows of no settings but those of
 * --to-property, and what --to-profile names is a profile with all that belongs to it. The environment is about the
 * source. Without either there is one cluster.
 */
#ifndef KT_COPYENDS_H
#define KT_COPYENDS_H

#include "client.h"
#include "conf.h"

struct kt_copyend {
	struct kt_settings settings;
	struct kt_client *client; /* for questions */
	char *cluster;            /* its id */
	const char *topic;        /* borrowed; NULL: each record says it (--to-header) */
	int32_t partitions;
};

struct kt_copyends {
	struct kt_copyend source, target;
	bool one_cluster;
};

struct kt_copyends_how {
	const struct kt_client_opts *client;
	const char *source, *target; /* target NULL: the same name on the other cluster, or to_header */
	const char *to_brokers, *to_profile;
	const struct kt_strs *to_properties;
	bool to_header; /* each record says where to */
	bool create;    /* the target, as the source is, if it is not there */
};

/* Reaches both. KT_USAGE for a topic that would be copied into itself, KT_NOT_FOUND for one that is not there. */
int kt_copyends_open(struct kt_copyends *ends, const struct kt_copyends_how *how, struct kt_err *err) kt_must_check;

void kt_copyends_fini(struct kt_copyends *ends);

#endif
