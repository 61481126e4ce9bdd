/* Making, growing and deleting topics of a real cluster. Each request is waited for within a limit; names are sent in
 * one request where there are several.
 *
 *   const struct kt_new_topic like = {.partitions = 16, .replication_factor = -1};
 *   if (kt_topic_create(client, names.v, names.n, &like, &how, outcomes, err) < 0)
 *           return -1;
 */
#ifndef KT_ADMIN_H
#define KT_ADMIN_H

#include "client.h"
#include "list.h"

enum { KT_TOPIC_MAX_PARTITIONS = 100000 }; /* the library's limit */

struct kt_admin_how {
	int64_t timeout_ms;
	bool validate_only; /* the brokers check it and do nothing */
};

/* On which brokers the partitions of a new topic are: the first of each leads it. */
struct kt_assignment {
	int32_t *ids; /* of all partitions, one after another */
	int partitions, replicas;
};

/* Reads "1:2,2:3": for each partition its brokers, as kafka-topics has it; all have as many. KT_USAGE. */
int kt_assignment_parse(struct kt_assignment *out, const char *text, struct kt_err *err) kt_must_check;
void kt_assignment_fini(struct kt_assignment *assignment);

/* What topics are made like. */
struct kt_new_topic {
	int partitions;                /* -1: as many as the broker's default says */
	int replication_factor;        /* -1: the broker's default */
	const struct kt_strs *configs; /* "name=value" each, kt_config_check()ed; NULL: none */
	const struct kt_assignment
		*assignment; /* NULL: the brokers decide; else its partitions count, and the factor is -1 */
	bool if_not_exists;  /* one that is there already is not an error */
};

/* What became of one of several topics. */
struct kt_topic_outcome {
	int result; /* 0: created; 1: it was there already, and that is not an error; -1: err says why not */
	struct kt_err err;
};

/* As many topics as one request should make: Kafka's controller refuses what comes to more than 10,000 records. */
size_t kt_topic_batch(const struct kt_new_topic *like) __attribute__((pure));

/* Creates n different topics in one request, and waits until a broker that is asked for them knows them and their
 * leaders. An outcome each: errors are KT_USAGE for a name or number that cannot be, else KT_FAILED with the broker's
 * reason. Fails as a whole when the brokers gave no answer. */
int kt_topic_create(struct kt_client *c, char *const *names, size_t n, const struct kt_new_topic *like,
	const struct kt_admin_how *how, struct kt_topic_outcome *outcomes, struct kt_err *err) kt_must_check;

/* Gives the topic more partitions, `partitions` in all. */
int kt_topic_grow(struct kt_client *c, const char *topic, int partitions, const struct kt_admin_how *how,
	struct kt_err *err) kt_must_check;

/* Deletes topics with all they hold. each: one per topic, zeroed by the caller; filled for those that were not
 * deleted, KT_NOT_FOUND for one that is gone already. Fails as a whole, with each left alone, when the brokers gave no
 * answer. */
int kt_topic_delete(struct kt_client *c, const struct kt_strs *topics, int64_t timeout_ms, struct kt_err *each,
	struct kt_err *err) kt_must_check;

#endif
