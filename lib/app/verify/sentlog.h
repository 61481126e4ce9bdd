/* What experiments sent according to their log.
 *
 *   kt_auto(kt_sentlog_fini) struct kt_sentlog sent = {0};
 *   kt_sentlog_log(&sent, &entry, time)                       each line of the log
 *   kt_sentlog_sort(&sent);
 *   kt_sentlog_print(&sent, sent.order[i], &out)             the ground truth of one experiment
 *
 * Whether that is what arrived somewhere is sentcheck.h's business.
 */
#ifndef KT_SENTLOG_H
#define KT_SENTLOG_H

#include "experiment_kinds.h"
#include "list.h"
#include "loadlogread.h"

enum kt_finding {
	KT_FINDING_MISSING,
	KT_FINDING_REPEATED,
	KT_FINDING_ORDER,
	KT_FINDING_DIFFERENT,
	KT_FINDING_UNKNOWN, /* not in the log */
	KT_FINDINGS,
};

/* Where a record was found first. */
struct kt_found {
	int64_t count;
	int64_t offset; /* a line's number, where there is no partition */
	int32_t partition;
};

struct kt_sentlog_sensor {
	struct kt_uuid id;
	float temperature;
	uint32_t turn; /* of several with this id in a sample, which one comes next; kept by the first of them */
	struct kt_found found;
};

struct kt_sentlog_sample {
	struct kt_uuid id;
	uint32_t experiment;
	bool carries_out;
	bool has_average;
	double average;
	enum kt_range_event range;
	size_t rank; /* its place in the experiment's order of events */
	struct kt_sentlog_sensor *sensors;
	size_t n_sensors, cap, next; /* next: the sensor that is looked at first */
	uint32_t *by_id;             /* their numbers by id, once one came out of turn */
	int64_t failed;              /* events of it that were not acknowledged */
	struct kt_found found;       /* of what is stored per sample */
};

struct kt_sentlog_stage {
	bool logged;
	size_t rank;
	int64_t failed;
	struct kt_found found;
};

struct kt_sentlog_experiment {
	struct kt_uuid id;
	char *researcher; /* NULL: the log does not say */
	bool wanted;      /* it has a line of its own at or after the time that was asked for */
	bool carries_out;
	struct kt_buf events; /* JSON objects of the ground truth, as printed */
	struct kt_sentlog_stage stages[KT_EVENT_KINDS];
	uint32_t *samples; /* numbers, in order */
	size_t n_samples, cap;
	size_t ranks;   /* given out so far */
	size_t arrived; /* the highest rank that was seen in what arrived, plus 1 */
	int64_t expected, there, unacknowledged;
	int64_t counts[KT_FINDINGS];
};

struct kt_sentlog {
	struct kt_sentlog_experiment *v;
	size_t n, cap;
	uint32_t *order; /* their numbers by id, after kt_sentlog_sort() */
	struct kt_sentlog_sample *samples;
	size_t n_samples, samples_cap;
	struct kt_idmap by_id, by_sample;
	struct kt_strs findings; /* lines, as they were met */
};

/* Takes a line of the log into account. time: "2026-01-31T12:00:00" and longer, as timestamps of the log are written;
 * NULL: none. */
void kt_sentlog_log(struct kt_sentlog *t, const struct kt_log_entry *entry, const char *time);

/* Fills order; after the last line. */
void kt_sentlog_sort(struct kt_sentlog *t);

/* Appends the ground truth of an experiment: a banner and a JSON list. */
void kt_sentlog_print(const struct kt_sentlog *t, size_t experiment, struct kt_buf *out);

/* The experiment of that id, or NULL when the log has none (that is wanted). */
struct kt_sentlog_experiment *kt_sentlog_find(struct kt_sentlog *t, const struct kt_uuid *id);

/* The sample of that id in that experiment, or NULL. */
struct kt_sentlog_sample *kt_sentlog_sample(
	struct kt_sentlog *t, const struct kt_sentlog_experiment *x, struct kt_bytes measurement);

void kt_sentlog_fini(struct kt_sentlog *t);

#endif
