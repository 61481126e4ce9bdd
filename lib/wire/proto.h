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

enum kt_api {
	KT_API_FETCH = 1,
	KT_API_METADATA = 3,
	KT_API_FIND_COORDINATOR = 10,
	KT_API_HEARTBEAT = 12,
	KT_API_SASL_HANDSHAKE = 17,
	KT_API_VERSIONS = 18,
	KT_API_CREATE_TOPICS = 19,
	KT_API_SASL_AUTHENTICATE = 36,
};

/* The error codes that are told apart (section "Error Codes"). */
enum {
	KT_ERROR_UNKNOWN_TOPIC = 3,
	KT_ERROR_LEADER_NOT_AVAILABLE = 5,
	KT_ERROR_COORDINATOR_LOADING = 14,
	KT_ERROR_COORDINATOR_NOT_AVAILABLE = 15,
	KT_ERROR_TOPIC_DENIED = 29,
	KT_ERROR_GROUP_DENIED = 30,
	KT_ERROR_MECHANISM = 33,
	KT_ERROR_SASL_STATE = 34,
	KT_ERROR_AUTHENTICATION = 58,
};

enum {
	KT_PROTO_MAX = 16 << 20, /* bytes of an answer: the metadata of some 100,000 partitions */
	KT_PROTO_BROKERS = 10000,
	KT_METADATA_FIRST = 1, /* the versions that are spoken here */
	KT_METADATA_LAST = 12,
	KT_METADATA_QUIET = 4,      /* from here on asking about a topic need not create it */
	KT_METADATA_OPERATIONS = 8, /* from here on the broker says what may be done with a topic */
	KT_COORDINATOR_FIRST = 1,
	KT_COORDINATOR_LAST = 3,
	KT_HEARTBEAT_FIRST = 0,
	KT_HEARTBEAT_LAST = 2,
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
/* The heartbeat of a member that does not exist: brokers refuse it, and before that whoever may not read the group. */
void kt_ask_heartbeat(struct kt_buf *out, int32_t id, int version, const char *group);

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
int kt_versions_pick(const struct kt_versions *versions, enum kt_api api, int first, int last);

/* Which release of Apache Kafka speaks so, "4.1"; NULL when it is older than 0.10 or not Apache's. Others (and
 * releases to come) speak like the newest that they are compatible with. */
const char *kt_versions_release(const struct kt_versions *versions);

struct kt_seen_broker {
	int32_t id, port;
	char host[256];
};

struct kt_seen_topic {
	bool there; /* the answer has it */
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
