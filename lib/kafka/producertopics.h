/* A producer's topics by handle: found on the cluster without anybody waiting for it.
 *
 *   int topic = kt_producertopics_add(&topics, "orders", &err);
 *   … fd of the wake-up becomes readable …
 *   switch (kt_producertopics_state(&topics, topic, &err)) { case 1: … use it; case 0: … later; case -1: … err }
 */
#ifndef KT_PRODUCERTOPICS_H
#define KT_PRODUCERTOPICS_H

#include "client.h"
#include "queuefd.h"

/* So many are asked about at a time: each takes a thread, and the others wait for their turn. */
enum { KT_PRODUCERTOPICS_ASKED = 8 };

struct kt_producertopic;

/* Starts as {.client, .wake, .timeout_ms}; the rest is its own. */
struct kt_producertopics {
	struct kt_client *client;
	struct kt_queuefd *wake; /* its descriptor becomes readable when an answer came */
	int64_t timeout_ms;      /* for each to be found */
	struct kt_producertopic *v;
	size_t n, cap, open, asked;
};

/* Begins to find a topic. Returns its handle, the smallest that is free: 0, 1, …; the same name gets the same handle as
 * long as it has one. -1 with err: the name cannot be one. */
int kt_producertopics_add(struct kt_producertopics *t, const char *name, struct kt_err *err) kt_must_check;

/* Takes answers, and begins to ask for those whose turn it is. Cheap when nothing is asked. */
void kt_producertopics_serve(struct kt_producertopics *t);

/* 1: found. 0: not yet. -1: err says why not (KT_NOT_FOUND, KT_UNREACHABLE, KT_FAILED), and the handle is gone. */
int kt_producertopics_state(struct kt_producertopics *t, int topic, struct kt_err *err) kt_must_check;

/* Of one that has a handle. Borrowed. */
const char *kt_producertopics_name(const struct kt_producertopics *t, int topic);

/* Of one that was found. */
rd_kafka_topic_t *kt_producertopics_handle(const struct kt_producertopics *t, int topic);

/* Its partitions that had a leader when it was found, at least one. Borrowed. */
const int32_t *kt_producertopics_partitions(const struct kt_producertopics *t, int topic, size_t *n);

/* How many partitions it has. */
int32_t kt_producertopics_count(const struct kt_producertopics *t, int topic);

/* False: a thread did not come back from the library, and the client has to be left alone. */
bool kt_producertopics_fini(struct kt_producertopics *t);

#endif
