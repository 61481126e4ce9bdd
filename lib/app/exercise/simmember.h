/* One member of a simulated group (groupsim.h): it joins, works on its records, commits them, gives partitions away,
 * and leaves or dies, as its membership and the clock say. Only groupsim.c, which runs them all, has to do with it.
 *
 *   kt_simmember_join(c, m, timeout_ms, err)
 *   if (kt_simmember_is_due(m, now_us))
 *           kt_simmember_serve(c, m, now_us, err)      what happens goes to how.event and into the audit
 *   kt_simmember_commit(c, m)                          now and then
 *   kt_simmember_leave(c, m)                           served on until m->state is KT_GROUPSIM_LEFT
 *   kt_simmember_free(m)
 */
#ifndef KT_SIMMEMBER_H
#define KT_SIMMEMBER_H

#include "groupsim.h"
#include "partitions.h"

struct kt_groupsim {
	const struct kt_settings *settings;
	struct kt_groupsim_how how;
	struct kt_groupaudit *audit;
	struct kt_groupsim_member **members;
	size_t n, cap;
	int64_t session_us;
	int64_t ghosts_us;  /* until then the group may count on members that are no more */
	int64_t changed_us; /* of what members own or know */
	int64_t taken;      /* records */
	bool hold;          /* nobody takes records */
	bool settled;       /* what members own has not changed since the rebalance was said to be over */
	/* Below: groupsim.c's. */
	struct kt_partitions extent;
	struct kt_loop_source commits;
	int64_t commit_us;
	bool begun; /* all members of the start knew what they own */
	/* Below: simmember.c's. */
	struct kt_member_part *told;
	size_t told_cap;
	int64_t trouble_us;
	char trouble[512]; /* told last */
};

/* Begins to join, and tells so. KT_UNREACHABLE when the cluster is away. */
int kt_simmember_join(
	struct kt_groupsim *c, struct kt_groupsim_member *m, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Whether there is something to do for m, which has joined. */
bool kt_simmember_is_due(const struct kt_groupsim_member *m, int64_t now_us);

/* Does it: ends the work whose time is over, and takes what the member has, up to a bounded number of events. */
int kt_simmember_serve(
	struct kt_groupsim *c, struct kt_groupsim_member *m, int64_t now_us, struct kt_err *err) kt_must_check;

/* Asks to commit what was written and not asked for yet. */
void kt_simmember_commit(struct kt_groupsim *c, struct kt_groupsim_member *m);

/* Commits and begins to leave; the record in work is given up. */
void kt_simmember_leave(struct kt_groupsim *c, struct kt_groupsim_member *m);

/* Dies without a word to the group. */
void kt_simmember_kill(struct kt_groupsim *c, struct kt_groupsim_member *m);

/* What m owns of that name; NULL: not that. */
struct kt_groupsim_part *kt_simmember_part(struct kt_groupsim_member *m, const char *topic, int32_t partition);

/* All members at once: take no records for now, or do again; and what was told of their records is written. */
void kt_simmember_hold_all(struct kt_groupsim *c, bool hold);
void kt_simmember_written_all(struct kt_groupsim *c);

void kt_simmember_free(struct kt_groupsim_member *m);

#endif
