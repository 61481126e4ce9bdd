/* One address of a cluster, looked at from here: name, connection, TLS, authentication, versions, metadata. Each step
 * that works makes the next one possible; those after a failure are skipped with the reason.
 *
 *   struct kt_probe probe = {.at = endpoint, .broker = KT_STEP_BOOTSTRAP, .settings = &settings, .tls = tls,
 *           .limit_ms = 5000, .wants_metadata = true};
 *   kt_probe_run(&probe, stop_fd);                  on a thread of its own, if you like; a probe shares nothing but tls
 *   … probe.steps, probe.works …
 *   kt_probe_fini(&probe);
 *
 * What a cluster is asked beyond that, once a probe works, follows: a topic, a group, the time of a round trip.
 */
#ifndef KT_PROBE_H
#define KT_PROBE_H

#include <stdatomic.h>

#include "connection.h"
#include "proto.h"
#include "steps.h"

struct kt_probe {
	struct kt_endpoint at;
	int32_t broker; /* its id when the cluster advertises the address, or KT_STEP_BOOTSTRAP */
	const struct kt_settings *settings;
	struct kt_tls *tls; /* NULL: plain text, or no_tls says why there is none */
	const char *no_tls; /* why TLS and all after it are to be skipped, or NULL */
	const char *known;  /* of an advertised one: an address of the cluster that can be reached, or NULL */
	int64_t limit_ms;   /* for each step */
	bool wants_metadata;

	struct kt_steps steps;
	struct kt_connection link;
	struct kt_versions versions;
	struct kt_seen seen;
	char address[64];            /* that is connected */
	bool works;                  /* all steps went well */
	_Atomic(const char *) doing; /* the name of the step that runs: may be read on another thread */
	int stop_fd;
	bool left_to_client; /* a SASL mechanism that only librdkafka speaks */
	const char *failed;  /* the name of the step that failed */
};

void kt_probe_run(struct kt_probe *p, int stop_fd);

/* Whether the topic is there, has leaders, and may be read and written; steps "topic", "read", "write". */
void kt_probe_topic(struct kt_probe *p, const char *topic, bool read, bool write);

/* The topic's id, on a probe that works: 1, or 0 where it is not there or has none; -1. No step. */
int kt_probe_topic_id(
	struct kt_probe *p, const char *topic, unsigned char id[KT_TOPIC_ID], struct kt_err *err) kt_must_check;

/* Which broker coordinates the group. named: the user said which one. Step "group". */
void kt_probe_group(struct kt_probe *p, const char *group, bool named);

/* Shortest and median time of a few requests. Step "round-trip". */
void kt_probe_round_trip(struct kt_probe *p);

void kt_probe_fini(struct kt_probe *p);

#endif
