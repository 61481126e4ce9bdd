/* The inside of a run. Its parts:
 *
 *   workrun.c       opens it, turns its loop, and brings it to an end
 *   workmember.c    what the group has to tell: partitions that come and go, commits
 *   workrecord.c    a record's way: read, handed out, tried again, finished
 *
 * Included by these and nothing else.
 */
#ifndef KT_WORKRUN_OWN_H
#define KT_WORKRUN_OWN_H

#include "workreport.h"
#include "workrun.h"

/* Keys that share a number of these run one after another. */
enum { KT_WORKRUN_KEY_LANES = 4096 };

enum kt_workpart_state {
	KT_WORKPART_FREE,
	KT_WORKPART_OWNED,
	KT_WORKPART_LEAVING, /* revoked: commands that run may finish, then it is committed and given up */
	KT_WORKPART_GONE,    /* somebody else's; commands may still run, or its last commit is not answered */
};

struct kt_workpart {
	struct kt_member_part at;
	struct kt_workwindow window;
	enum kt_workpart_state state;
	size_t items, busy; /* of its records; of them running or being written */
	bool dry;           /* nothing was in its queue when it was read last */
	bool ended;
	bool asking; /* a commit is on its way */
	int64_t asked_us;
};

struct kt_workrun {
	struct kt_workrun_how how;
	struct kt_member *member;
	struct kt_worksend *send; /* NULL: nothing is written */
	struct kt_workrunner runner;
	struct kt_workreport *report;
	struct kt_workitems items;
	struct kt_workpart *parts;
	size_t n_parts, parts_cap, turn, n_owned;
	struct kt_workcounts counts;
	struct kt_histogram job_us;
	struct kt_loop loop;
	struct kt_loop_source sources[7], *runner_source, *send_source;
	struct kt_stop *stop;
	struct kt_err failed; /* status 0: nothing stops the run */
	int64_t turn_us;      /* when it began to hand out records the last time */
	int64_t look_us, opened_us, revoked_us, next_commit_us, due_us, revoke_ms, empty_ms;
	int64_t assigned_us; /* of the last assignment; 0: there was none yet, or none since all was given up */
	size_t running, orphans;
	struct kt_waiting wait; /* for partitions */
	int stopped;
	bool draining; /* nothing is handed out any more */
	bool revoking, leaving, left, urgent, told_wait, told_refused;
	int rejoining; /* a cooperative group took some partitions: so many assignments until it is joined again */
};

/* workmember.c */
int kt_workmember_serve(struct kt_workrun *run, struct kt_err *err) kt_must_check;
/* Asks for the commits that are due, or (all) for every one that would change something. */
int kt_workmember_commit(struct kt_workrun *run, bool all, struct kt_err *err) kt_must_check;
/* Whether a commit is wanted or on its way. */
bool kt_workmember_has_uncommitted(const struct kt_workrun *run);
/* A record of the partition is gone; its place may be free. */
void kt_workmember_release(struct kt_workrun *run, struct kt_workpart *part);

/* workrecord.c */
int kt_workrecord_fill(struct kt_workrun *run, struct kt_err *err) kt_must_check;
void kt_workrecord_ended(void *run, struct kt_workitem *item);
void kt_workrecord_over(void *run, struct kt_workitem *item);
/* All records of the partition that are not running are given up, or (running too) whatever becomes of them. */
void kt_workrecord_give_up(struct kt_workrun *run, uint32_t part, bool running);

#endif
