/* A run of `kt work`: a member of a group hands each record of its topics to a command, and commits an offset once its
 * record and all before it are finished.
 *
 *   kt_workrun_open(&run, &settings, &how, err)
 *   int result = kt_workrun_go(run, &stop, err);        until its end, a signal, or something that stops it
 *   … run->counts …
 *   kt_workrun_close(run)
 *
 * A record is finished when its command ended well and its results were acknowledged, or when its dead letter was. What
 * a rebalance takes away meanwhile is given up: whatever then becomes of it never counts as this member's.
 */
#ifndef KT_WORKRUN_H
#define KT_WORKRUN_H

#include "histogram.h"
#include "list.h"
#include "member.h"
#include "out.h"
#include "workrunner.h"
#include "worksend.h"
#include "workstream.h"
#include "workwindow.h"

enum kt_workorder { KT_WORKORDER_PARTITION, KT_WORKORDER_KEY, KT_WORKORDER_NONE };

struct kt_workrun_how {
	const struct kt_owner *owner;
	const struct kt_strs *topics;
	const char *group, *instance;
	enum kt_reset reset;
	struct kt_workrules rules;
	enum kt_workorder order;
	size_t max_ahead;
	int64_t grace_ms;   /* how long commands may run on when the run ends, or their partitions go to others */
	int64_t timeout_ms; /* to reach a broker */
	int64_t count;      /* end after so many are finished; -1: no limit */
	bool ends;          /* end where the partitions end */
	bool skips;         /* what cannot be done is finished as well */
	bool kills;         /* commands whose partitions went to others are ended */
	struct kt_worksend_how send;
	/* A command for each record, or one that stays, or none and a URL. */
	const struct kt_strs *command;
	bool stays;
	enum kt_workstream_form form;
	size_t window;
	const char *post;
	const struct kt_strs *headers;
	const char *metrics_listen; /* NULL: no metrics */
	struct kt_workrunner_how runner;
	struct kt_out *out;
};

struct kt_workcounts {
	int64_t done, retried, dead, skipped;
	int64_t again;       /* handed out in this run, and once more by a member that goes on from what is committed */
	int64_t uncommitted; /* finished, and yet not covered by a commit */
};

struct kt_workrun;

int kt_workrun_open(struct kt_workrun **out, const struct kt_settings *settings, const struct kt_workrun_how *how,
	struct kt_err *err) kt_must_check;

/* KT_FAILED: something stopped it; KT_PARTIAL: a record could not be done, and there is no place for dead letters;
 * KT_SIGNAL + n: a signal ended commands that had not finished. 0 otherwise, *complete says whether it came to the end
 * that --count or --exit-at-end mean. */
int kt_workrun_go(struct kt_workrun *run, struct kt_stop *stop, bool *complete, struct kt_err *err) kt_must_check;

/* What ended it before its time: a status of stop.h, or 0. */
int kt_workrun_stopped(const struct kt_workrun *run);

struct kt_workcounts kt_workrun_counts(const struct kt_workrun *run);

void kt_workrun_close(struct kt_workrun *run);

#endif
