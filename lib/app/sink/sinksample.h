/* Columns for the values of a topic, from the first of them that it has.
 *
 *   struct kt_sinksample_how how = {.reading = &reading, .settings = &settings, …};
 *   if (kt_sinksample(&columns, "orders", &how, &sampled, err) < 0)
 *           return -1;
 *
 * They are the earliest by their timestamps, from the beginning of each partition, wherever the run itself begins and
 * whichever partition answers first: each start finds the same ones as long as these are there.
 */
#ifndef KT_SINKSAMPLE_H
#define KT_SINKSAMPLE_H

#include "jsoncolumns.h"
#include "reading.h"
#include "sinkdecode.h"

enum { KT_SINKSAMPLE_RECORDS = 1000 };

/* Borrows all of it. */
struct kt_sinksample_how {
	const struct kt_owner *owner;
	const struct kt_settings *settings; /* resolved */
	const struct kt_reading *reading;   /* the run's: its partitions count here too */
	struct kt_sinkdecode_how decode;
};

/* *sampled: how many records were looked at. Ends early, without a failure, where the owner is stopped. */
int kt_sinksample(struct kt_jsoncolumns *columns, const char *topic, const struct kt_sinksample_how *how,
	int64_t *sampled, struct kt_err *err) kt_must_check;

#endif
