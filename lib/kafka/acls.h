/* ACLs: who may do what with which resources of a cluster. Told, added, and taken away one by one.
 *
 *   const struct kt_acl any = KT_ACL_ANY;
 *   kt_auto(kt_acls_fini) struct kt_acls acls = {0};
 *   if (kt_acls_list(client, &any, timeout_ms, &acls, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < acls.n; i++) … acls.v[i].principal …
 */
#ifndef KT_ACLS_H
#define KT_ACLS_H

#include "client.h"

/* One ACL; or, with NULL and the ANYs, which ones are meant. */
struct kt_acl {
	char *principal, *host; /* "User:alice"; "*" is every host */
	char *name;             /* of the resource; "kafka-cluster" for the cluster's own */
	int resource;           /* an rd_kafka_ResourceType_t; the cluster is RD_KAFKA_RESOURCE_BROKER */
	int pattern;            /* an rd_kafka_ResourcePatternType_t */
	int operation;          /* an rd_kafka_AclOperation_t */
	int permission;         /* an rd_kafka_AclPermissionType_t */
};
#define KT_ACL_ANY                                                                                                     \
	{                                                                                                              \
		.resource = RD_KAFKA_RESOURCE_ANY, .pattern = RD_KAFKA_RESOURCE_PATTERN_ANY,                           \
		.operation = RD_KAFKA_ACL_OPERATION_ANY, .permission = RD_KAFKA_ACL_PERMISSION_TYPE_ANY                \
	}

struct kt_acls {
	struct kt_acl *v;
	size_t n, cap;
};

/* Appends it; its texts are taken. */
void kt_acls_take(struct kt_acls *acls, struct kt_acl acl);

/* KT_FAILED unless this version of librdkafka can speak of ACLs of transactional ids: since 2.6 (its pull request
 * 4856). Before, it tells them with a resource of RD_KAFKA_RESOURCE_UNKNOWN. */
int kt_acls_can_transactional(struct kt_err *err) kt_must_check;
extern const int kt_acls_transactional; /* that resource type, or RD_KAFKA_RESOURCE_UNKNOWN */

/* True for one that librdkafka does not know how to name: it can be shown, and neither added nor removed. */
bool kt_acl_is_foreign(const struct kt_acl *acl);

/* A refusal is an empty list here: the library drops the error of the answer. A caller that gets none asks by
 * other means whether there is none. Adds those that match; out then has each once, sorted by resource, name, pattern,
 * principal, host, permission and operation, whatever earlier calls added. */
int kt_acls_list(struct kt_client *c, const struct kt_acl *which, int64_t timeout_ms, struct kt_acls *out,
	struct kt_err *err) kt_must_check;

/* Adds all ACLs of the list to the cluster. each: one per ACL, zeroed by the caller, filled for those that were
 * refused. Then waits, with the right to list them, until each broker tells them: not longer than some seconds, and
 * notes to the client's owner when that was not enough. Fails as a whole when the brokers gave no answer. */
int kt_acls_add(struct kt_client *c, const struct kt_acls *acls, int64_t timeout_ms, struct kt_err *each,
	struct kt_err *err) kt_must_check;

/* The same, the other way round. What the cluster does not have is not an error. */
int kt_acls_remove(struct kt_client *c, const struct kt_acls *acls, int64_t timeout_ms, struct kt_err *each,
	struct kt_err *err) kt_must_check;

/* As Kafka's tools write them: "TOPIC", "PREFIXED", "READ", "ALLOW". */
const char *kt_acl_resource(int resource);
const char *kt_acl_pattern(int pattern);
const char *kt_acl_operation(int operation);
const char *kt_acl_permission(int permission);

void kt_acl_fini(struct kt_acl *acl);
void kt_acls_fini(struct kt_acls *acls);

#endif
