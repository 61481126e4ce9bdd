/* One member of a crowd (crowd.h): it joins, works on its records, commits them, gives partitions away, and leaves or
 * dies, as its poller and the clock say. Only crowd.c, which runs them all, has to do with it.
 *
 *   kt_crowdmember_join(c, m, timeout_ms, err)
 *   if (kt_crowdmember_is_due(m, now_us))
 *           kt_crowdmember_serve(c, m, now_us, err)      what happens goes to how.event and into the ledger
 *   kt_crowdmember_commit(c, m)                          now and then
 *   kt_crowdmember_leave(c, m)                           served on until m->state is KT_CROWD_LEFT
 *   kt_crowdmember_free(m)
 */
#ifndef KT_CROWDMEMBER_H
#define KT_CROWDMEMBER_H

#include "crowd.h"
#include "parts.h"

struct kt_crowd {
	const struct kt_settings *settings;
	struct kt_crowd_how how;
	struct kt_ledger *ledger;
	struct kt_crowd_member **members;
	size_t n, cap;
	int64_t session_us;
	int64_t ghosts_us;  /* until then the group may count on members that are no more */
	int64_t changed_us; /* of what members own or know */
	int64_t taken;      /* records */
	bool hold;          /* nobody takes records */
	bool settled;       /* what members own has not changed since the rebalance was said to be over */
	/* Below: crowd.c's. */
	struct kt_parts extent;
	struct pollfd *fds;
	size_t fds_cap;
	int64_t commit_us;
	bool begun; /* all members of the start knew what they own */
	/* Below: crowdmember.c's. */
	struct kt_polled_part *told;
	size_t told_cap;
	int64_t trouble_us;
	char trouble[512]; /* told last */
};

/* Begins to join, and tells so. KT_UNREACHABLE when the cluster is away. */
int kt_crowdmember_join(
	struct kt_crowd *c, struct kt_crowd_member *m, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Whether there is something to do for m, which has joined. */
bool kt_crowdmember_is_due(const struct kt_crowd_member *m, int64_t now_us);

/* Does it: ends the work whose time is over, and takes what the poller has, up to a bounded number of events. */
int kt_crowdmember_serve(
	struct kt_crowd *c, struct kt_crowd_member *m, int64_t now_us, struct kt_err *err) kt_must_check;

/* Asks to commit what was written and not asked for yet. */
void kt_crowdmember_commit(struct kt_crowd *c, struct kt_crowd_member *m);

/* Commits and begins to leave; the record in work is given up. */
void kt_crowdmember_leave(struct kt_crowd *c, struct kt_crowd_member *m);

/* Dies without a word to the group. */
void kt_crowdmember_kill(struct kt_crowd *c, struct kt_crowd_member *m);

/* What m owns of that name; NULL: not that. */
struct kt_crowd_part *kt_crowdmember_part(struct kt_crowd_member *m, const char *topic, int32_t partition);

/* All members at once: take no records for now, or do again; and what was told of their records is written. */
void kt_crowdmember_hold_all(struct kt_crowd *c, bool hold);
void kt_crowdmember_written_all(struct kt_crowd *c);

void kt_crowdmember_free(struct kt_crowd_member *m);

#endif
