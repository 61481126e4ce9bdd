/* A librdkafka handle with what every subcommand needs around it: configuration from settings, a bounded attempt to
 * reach the cluster, and errors that say which broker failed why and what to try.
 *
 *   struct kt_client *c;
 *   if (kt_client_open(&c, KT_ROLE_CONSUMER, &settings, owner, err) < 0 || kt_client_reach(c, timeout_ms, err) < 0)
 *           …
 *   kt_client_close(c);
 *
 * kt_sig_block() has to come before the first open, since librdkafka's threads inherit the signal mask.
 */
#ifndef KT_CLIENT_H
#define KT_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "owner.h"
#include "settings.h"
#include "waiting.h"

enum kt_role { KT_ROLE_PRODUCER, KT_ROLE_CONSUMER, KT_ROLE_ADMIN };

struct kt_client;
struct kt_oauth;

/* The handle's configuration, made of the settings without those that start with "kt.", and where no TLS is spoken
 * "ssl."; the caller may add to it before kt_client_start(). A value that librdkafka refuses is KT_USAGE and names
 * where it came from. */
int kt_client_conf(
	rd_kafka_conf_t **out, enum kt_role role, const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Sets a property of ours unless the user has set it; one that this version of the library does not know is left out.
 */
void kt_client_prefer(rd_kafka_conf_t *conf, const struct kt_settings *settings, const char *key, const char *value);

/* Makes the handle; takes conf in any case. settings and owner are borrowed for as long as the client lives. The conf's
 * opaque is the client's own (for its error callback): callbacks of the caller find theirs by kt_client_user(). */
int kt_client_start(struct kt_client **out, enum kt_role role, rd_kafka_conf_t *conf,
	const struct kt_settings *settings, const struct kt_owner *owner, void *user, struct kt_err *err) kt_must_check;

/* The tokens of the handle with this opaque. Borrowed. */
struct kt_oauth *kt_client_oauth(void *opaque);

/* The user pointer given to kt_client_start(), from the opaque that librdkafka hands to a callback. */
void *kt_client_user(void *opaque);

/* kt_client_conf() and kt_client_start() in one, for commands that add nothing. */
int kt_client_open(struct kt_client **out, enum kt_role role, const struct kt_settings *settings,
	const struct kt_owner *owner, struct kt_err *err) kt_must_check;

/* The same for a handle that knows only one broker of the cluster that c is connected to, with c's settings and owner:
 * its metadata is what that broker tells. */
int kt_client_open_broker(struct kt_client **out, const struct kt_client *c, const char *host, int port,
	struct kt_err *err) kt_must_check;

/* The same for one to which logs end where open transactions begin, as for consumers. To a handle of KT_ROLE_ADMIN they
 * end where they end. */
int kt_client_open_stable(struct kt_client **out, const struct kt_client *c, struct kt_err *err) kt_must_check;

/* Asks for metadata until an answer, timeout_ms, or the owner's stop. topic: NULL for brokers only, "" for all topics,
 * or one topic, which a producer's handle may create on clusters that allow it. On success *metadata (may be NULL) is
 * the caller's, to be released with rd_kafka_metadata_destroy(). Failures: KT_UNREACHABLE naming each broker tried with
 * its reason and a hint; certificates, passwords and protocol mismatches in sentences of their own as soon as every
 * broker has answered so. An error of the topic itself is in the metadata, not a failure. Serves the handle: not for
 * a member that has joined, whose queue may hold records. */
int kt_client_metadata(struct kt_client *c, const char *topic, int64_t timeout_ms,
	const struct rd_kafka_metadata **metadata, struct kt_err *err) kt_must_check;

/* kt_client_metadata() for callers that only want to know that the cluster answers. */
int kt_client_reach(struct kt_client *c, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* The id that the cluster has given itself, allocated; NULL with err when no broker has told it in that time. */
char *kt_client_cluster_id(struct kt_client *c, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* The metadata of one topic that exists and may be used: else as kt_client_topic_error(). With the setting kt.embedded
 * all topics are looked at first. */
int kt_client_topic(struct kt_client *c, const char *topic, int64_t timeout_ms,
	const struct rd_kafka_metadata **metadata, struct kt_err *err) kt_must_check;

/* Fills err for a topic that does not exist or may not be read: KT_NOT_FOUND with near names, or KT_FAILED. */
int kt_client_topic_error(struct kt_client *c, const char *topic, rd_kafka_resp_err_t code, struct kt_err *err);

/* KT_NOT_FOUND, naming those that there are, unless the topic has the partition; -1 stands for any. */
int kt_client_check_partition(
	const struct rd_kafka_metadata_topic *topic, int32_t partition, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_client_free_list(rd_kafka_topic_partition_list_t **list);

/* Those it was started with. Borrowed. */
const struct kt_settings *kt_client_settings(const struct kt_client *c);

rd_kafka_t *kt_client_handle(const struct kt_client *c);

/* Who it works for; may be NULL. */
const struct kt_owner *kt_client_owner(const struct kt_client *c);

/* kt_stop_status() of the owner's; 0 without a client. */
int kt_client_stopped(const struct kt_client *c);

/* It is connected to an embedded broker of kt. */
bool kt_client_is_embedded(const struct kt_client *c);

/* The broker list that is used, for messages. Borrowed. */
const char *kt_client_brokers(const struct kt_client *c);

/* Says that an answer of the brokers is waited for, and why there is none if that is known; as kt_waiting_say(). */
bool kt_client_say_waiting(struct kt_client *c, struct kt_waiting *wait);

/* How long its threads may take to end. */
int64_t kt_client_end_ms(const struct kt_client *c);

/* A thread of ours is still inside the library: closed before it comes back, the handle is left alone, and the process
 * ends by _exit(). */
void kt_client_leave(struct kt_client *c);
void kt_client_back(struct kt_client *c);

/* Takes note of an error event (thread-safe) for later messages. True when it says that no broker is up any more. */
bool kt_client_note(struct kt_client *c, rd_kafka_resp_err_t code, const char *reason);

/* What has happened to the connections since it was last asked, if anything that the user has to know: a broker's
 * certificate was refused, or no broker can be reached any more. True, and err filled, or false. waiting: records that
 * depend on it, or -1. */
bool kt_client_take_trouble(struct kt_client *c, int64_t waiting, struct kt_err *err);

/* Notes it to the owner. */
void kt_client_note_trouble(struct kt_client *c, int64_t waiting);

/* Whether no broker is up any more, as far as is known: until something that a broker sent is noted. */
bool kt_client_is_down(struct kt_client *c);
void kt_client_note_answer(struct kt_client *c);

/* Fills err (KT_UNREACHABLE, or KT_FAILED for refused credentials) with what was noted of the brokers. */
int kt_client_unreachable(struct kt_client *c, struct kt_err *err);

/* True when a broker's certificate was refused, and no later one of that broker was accepted. */
bool kt_client_is_refused(struct kt_client *c);

/* True when every broker has refused in a way that asking again does not change. */
bool kt_client_is_final(struct kt_client *c);

/* True when a broker's certificate was refused only because it is for another host name. */
bool kt_client_wrong_name(struct kt_client *c);

/* Fills err with a failed request's reason: "WHAT: text of code", status and hint by code. */
int kt_client_fail(struct kt_client *c, rd_kafka_resp_err_t code, struct kt_err *err, const char *format, ...)
	kt_printf(4, 5);

/* Whether a handle could not be destroyed in time, so that threads of the library still run. The process has to end
 * by _exit() then: they may be inside OpenSSL, which is taken down by exit(). */
bool kt_client_left_threads(void) __attribute__((pure));

/* Destroys the handle; NULL is allowed. */
void kt_client_close(struct kt_client *c);

/* The same for kt_auto(). */
void kt_client_fini(struct kt_client **c);

#endif
