/* The few requests of Kafka's protocol that tell whether a cluster can be used, as bytes: asking and reading the
 * answer. Nothing here touches a socket, and an answer is hostile: each length is checked against what is there.
 *
 *   kt_ask_metadata(&out, id, version, "client58");             … send out, receive the answer …
 *   if (kt_read_metadata(&metadata, answer, version, "client58", err) < 0)
 *
 * The layouts are those of https://kafka.apache.org/protocol (sections "Protocol Primitive Types" and "The Messages");
 * versions from KIP-482 on are "flexible": compact lengths, tagged fields at the end of each structure. Authorized
 * operations are KIP-430's. An answer begins after its correlation id. Errors: KT_UNREACHABLE, as for any peer that is
 * not Kafka.
 */
#ifndef KT_PROTO_H
#define KT_PROTO_H

#include "buf.h"
#include "err.h"
#include "list.h"

enum kt_api_key {
	KT_API_FETCH = 1,
	KT_API_METADATA = 3,
	KT_API_FIND_COORDINATOR = 10,
	KT_API_HEARTBEAT = 12,
	KT_API_SASL_HANDSHAKE = 17,
	KT_API_VERSIONS = 18,
	KT_API_CREATE_TOPICS = 19,
	KT_API_DESCRIBE_ACLS = 29,
	KT_API_DESCRIBE_LOG_DIRS = 35,
	KT_API_SASL_AUTHENTICATE = 36,
	KT_API_DESCRIBE_QUORUM = 55,
};

/* The error codes that are told apart (section "Error Codes"). */
enum {
	KT_ERROR_UNKNOWN_TOPIC = 3,
	KT_ERROR_LEADER_NOT_AVAILABLE = 5,
	KT_ERROR_COORDINATOR_LOADING = 14,
	KT_ERROR_COORDINATOR_NOT_AVAILABLE = 15,
	KT_ERROR_TOPIC_DENIED = 29,
	KT_ERROR_GROUP_DENIED = 30,
	KT_ERROR_CLUSTER_DENIED = 31,
	KT_ERROR_MECHANISM = 33,
	KT_ERROR_SASL_STATE = 34,
	KT_ERROR_NO_AUTHORIZER = 54,
	KT_ERROR_AUTHENTICATION = 58,
};

enum {
	KT_PROTO_MAX = 16 << 20, /* bytes of an answer: the metadata of some 100,000 partitions */
	KT_PROTO_BROKERS = 10000,
	KT_PROTO_TOPIC = 256,  /* a topic's name is of 249 bytes at most */
	KT_METADATA_FIRST = 1, /* the versions that are spoken here */
	KT_METADATA_LAST = 12,
	KT_METADATA_QUIET = 4,      /* from here on asking about a topic need not create it */
	KT_METADATA_OPERATIONS = 8, /* from here on the broker says what may be done with a topic */
	KT_COORDINATOR_FIRST = 1,
	KT_COORDINATOR_LAST = 3,
	KT_HEARTBEAT_FIRST = 0,
	KT_HEARTBEAT_LAST = 2,
	KT_LOGDIRS_FIRST = 1, /* Kafka 2.0 to 2.5; 4 is that of 3.3 and later, 4.x included */
	KT_LOGDIRS_LAST = 4,
	KT_VERSIONS_FEATURES = 3, /* from here on ApiVersions tells features too (KIP-584), */
	KT_VERSIONS_LAST = 4,     /* and from here on those that may be off, which begin at level 0 (KIP-1022) */
	KT_PROTO_FEATURES = 1000,
};

/* Bits of kt_seen_topic.operations: 1 << a code of AclOperation (KIP-430). */
enum { KT_OPERATION_READ = 1 << 3, KT_OPERATION_WRITE = 1 << 4 };

/* Each appends a whole request, its length in front. */
void kt_ask_versions(struct kt_buf *out, int32_t id);
void kt_ask_handshake(struct kt_buf *out, int32_t id, const char *mechanism);
void kt_ask_authenticate(struct kt_buf *out, int32_t id, struct kt_bytes token);
/* topic: NULL for brokers only, "" for all topics, or one (which is not created, from KT_METADATA_QUIET on). */
void kt_ask_metadata(struct kt_buf *out, int32_t id, int version, const char *topic);
void kt_ask_coordinator(struct kt_buf *out, int32_t id, int version, const char *group);
/* ApiVersions from KT_VERSIONS_FEATURES on, for the features. */
void kt_ask_features(struct kt_buf *out, int32_t id, int version);
/* Who leads the quorum of controllers (KIP-595); brokers of a cluster with ZooKeeper do not speak it. */
void kt_ask_quorum(struct kt_buf *out, int32_t id);
/* Version 1 of DescribeAcls, about ACLs that there are none of. */
void kt_ask_acls(struct kt_buf *out, int32_t id);
/* The heartbeat of a member that does not exist: brokers refuse it, and before that anyone who may not read the group.
 */
void kt_ask_heartbeat(struct kt_buf *out, int32_t id, int version, const char *group);

/* A partition, and what its log takes on the broker that is asked. */
struct kt_logsize {
	const char *topic;
	int32_t partition;
	int64_t bytes; /* -1: not told */
};

/* For kt_logsize, by qsort(): by topic, then partition. */
int kt_logsize_compare(const void *a, const void *b);

/* DescribeLogDirs (KIP-113) about these, in the order of kt_logsize_compare(); of none of them: about nothing. */
void kt_ask_logdirs(struct kt_buf *out, int32_t id, int version, const struct kt_logsize *sizes, size_t n);

/* Which versions a broker speaks of each kind of request. */
struct kt_versions {
	int error;
	size_t n; /* kinds that it names */
	struct {
		int16_t first, last; /* last < first: not spoken */
	} v[128];
};

int kt_read_versions(struct kt_versions *out, struct kt_bytes answer, struct kt_err *err) kt_must_check;

/* The newest version of [first, last] that the broker speaks too, or -1. */
int kt_versions_pick(const struct kt_versions *versions, enum kt_api_key api, int first, int last);

/* Which release of Apache Kafka speaks so, "4.1"; NULL when it is older than 0.10 or not Apache's. Others (and
 * releases to come) speak like the newest that they are compatible with. */
const char *kt_versions_release(const struct kt_versions *versions);

/* The protocol's name of a kind of request, "Fetch"; NULL for one that is not known here. */
const char *kt_api_name(int key);

/* What a cluster can do, as a level (KIP-584): "metadata.version", "transaction.version", … */
struct kt_feature {
	char name[64];
	int16_t first, last; /* levels that the broker has; last < first: none */
	int16_t level;       /* what the cluster has agreed on; -1: nothing */
};

struct kt_features {
	struct kt_feature *v; /* in the order of the answer */
	size_t n, cap;
};

/* Fills *out, which is {0} before. */
int kt_read_features(struct kt_features *out, struct kt_bytes answer, struct kt_err *err) kt_must_check;
void kt_features_fini(struct kt_features *features);

/* The error code (KT_ERROR_CLUSTER_DENIED without the right to Describe the cluster), and the leader's id, or -1. */
int kt_read_quorum(int *error, int32_t *leader, struct kt_bytes answer, struct kt_err *err) kt_must_check;

/* The error code: KT_ERROR_NO_AUTHORIZER, KT_ERROR_CLUSTER_DENIED, … */
int kt_read_acls(int *error, struct kt_bytes answer, struct kt_err *err) kt_must_check;

/* The error code, KT_ERROR_CLUSTER_DENIED without the right to Describe the cluster, and the bytes of all n that were
 * asked about: -1 where the answer does not have them. A copy that is on its way to another disk does not count. */
int kt_read_logdirs(int *error, struct kt_logsize *sizes, size_t n, struct kt_bytes answer, int version,
	struct kt_err *err) kt_must_check;

struct kt_seen_broker {
	int32_t id, port;
	char host[256];
	char rack[128]; /* "" when it has none */
};

enum { KT_TOPIC_ID = 16 };

struct kt_seen_topic {
	bool there;                    /* the answer has it */
	unsigned char id[KT_TOPIC_ID]; /* KIP-516; zeros: the broker does not say */
	int error;
	int32_t partitions, leaderless, behind; /* behind: fewer in sync than replicas */
	int32_t first_leaderless;
	int32_t operations; /* bits; INT32_MIN: the broker did not say */
};

struct kt_seen {
	struct kt_seen_broker *brokers;
	size_t n, cap;
	char cluster[64]; /* "" when the broker does not say */
	int32_t controller;
	struct kt_seen_topic topic; /* the one that was asked for */
	struct kt_strs topics;      /* the names of all that are there */
};

/* Fills *out, which is {0} before. topic: whose partitions are looked at, or NULL. */
int kt_read_metadata(
	struct kt_seen *out, struct kt_bytes answer, int version, const char *topic, struct kt_err *err) kt_must_check;
void kt_seen_fini(struct kt_seen *seen);

struct kt_coordinator {
	int error;
	struct kt_seen_broker broker;
};

int kt_read_coordinator(
	struct kt_coordinator *out, struct kt_bytes answer, int version, struct kt_err *err) kt_must_check;

int kt_read_heartbeat(int *error, struct kt_bytes answer, int version, struct kt_err *err) kt_must_check;

/* The error code, and the names of the mechanisms that the broker has, ", " between. */
int kt_read_handshake(int *error, struct kt_buf *mechanisms, struct kt_bytes answer, struct kt_err *err) kt_must_check;

/* The error code, its text, and the broker's token, which points into answer. */
int kt_read_authenticate(int *error, struct kt_buf *message, struct kt_bytes *token, struct kt_bytes answer,
	struct kt_err *err) kt_must_check;

#endif
