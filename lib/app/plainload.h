/* Plain records of one size, or random ones of a schema, as many as there can be: to load any topic.
 *
 *   struct kt_plainload load = {.size = 100, .count = -1, .rate = 0};
 *   kt_plainload_init(&load);
 *   … open the producer with how.done = kt_plainload_delivery, how.every_delivery = true, how.user = &load …
 *   int result = kt_plainload_run(&load, producer, 0, err);
 *   kt_plainload_summary(&load, &out, json);
 */
#ifndef KT_PLAINLOAD_H
#define KT_PLAINLOAD_H

#include "buf.h"
#include "histogram.h"
#include "pace.h"
#include "producer.h"
#include "schemaload.h"

struct kt_plainload {
	int64_t size;                  /* bytes of a record, at least 1; or */
	struct kt_schemaload *records; /* what makes them; borrowed */
	int64_t count;                 /* so many records; -1: no end */
	int64_t rate;                  /* per second at most; 0: no limit */
	struct kt_pace pace;
	struct kt_histogram latency;    /* of deliveries, in microseconds */
	struct kt_buf bytes;            /* random; records are pieces of it */
	int64_t sent, failed, start_us; /* sent: accepted, or refused because they can never be sent */
	int64_t refused;
	struct kt_producer_counts counts; /* after the run */
	bool complete;                    /* there were enough */
	char why[512];                    /* the last failure's */
};

void kt_plainload_init(struct kt_plainload *load);

/* So many records are not known to have arrived; after the run. */
int64_t kt_plainload_lost(const struct kt_plainload *load);

/* For kt_producer_how.done, for every delivery. */
void kt_plainload_delivery(void *user, const struct kt_delivery *delivery);

/* Sends until there were enough, limit_ms are over (0: no limit) or a signal came, and waits for what was sent. */
int kt_plainload_run(
	struct kt_plainload *load, struct kt_producer *producer, int64_t limit_ms, struct kt_err *err) kt_must_check;

/* Says what was sent and how long it took; json: appends that as an object instead. */
void kt_plainload_summary(const struct kt_plainload *load, struct kt_buf *out, bool json);

void kt_plainload_fini(struct kt_plainload *load);

#endif
