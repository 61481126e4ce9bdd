/* What trimming a topic would take away, partition by partition, before anything is done.
 *
 *   kt_auto(kt_trimplan_fini) struct kt_trimplan plan = {0};
 *   if (kt_trimplan_read(&how, &words, err) < 0)                  what the options say
 *           return -1;
 *   if (kt_trimplan_make(&plan, client, topic, &how, timeout_ms, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < plan.n; i++) … plan.v[i].to …
 */
#ifndef KT_TRIMPLAN_H
#define KT_TRIMPLAN_H

#include "client.h"
#include "list.h"
#include "offsets.h"

/* A partition that is named, and where it is to begin: a number, or the end. */
struct kt_trim_part {
	int32_t partition;
	struct kt_place at;
};

struct kt_trim_how {
	struct kt_place at; /* of all partitions; KT_AT_DEFAULT: only those that are named */
	struct kt_trim_part *parts;
	size_t n;
};

/* before: N, -N, latest, @TIME or -1h; datetime: a time, without a zone in UTC; partitions: "P:OFFSET" each, of which
 * -1 and latest are the end, or "P" each for one of the other two, which exclude each other. how is all zero before.
 * KT_USAGE. */
int kt_trim_how_read(struct kt_trim_how *how, const char *before, const char *datetime,
	const struct kt_strs *partitions, struct kt_err *err) kt_must_check;
void kt_trim_how_fini(struct kt_trim_how *how);

struct kt_trim_row {
	int32_t partition;
	int64_t begin, end;
	int64_t to; /* begin <= to <= end */
};

struct kt_trimplan {
	const char *topic; /* borrowed */
	struct kt_trim_row *v;
	size_t n;
	int64_t records; /* offsets that go */
};

/* Asks where the logs are. Fails unless every partition that is meant has a leader to tell, and where a log ends
 * before an offset that was asked for; KT_NOT_FOUND for a partition that the topic does not have. */
int kt_trimplan_make(struct kt_trimplan *plan, struct kt_client *c, const struct rd_kafka_metadata_topic *topic,
	const struct kt_trim_how *how, int64_t timeout_ms, struct kt_err *err) kt_must_check;
void kt_trimplan_fini(struct kt_trimplan *plan);

#endif
