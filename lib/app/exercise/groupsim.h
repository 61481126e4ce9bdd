/* The members of one consumer group in one process, in one loop: each is a client of its own that joins, owns
 * partitions, works on its records, commits them, and leaves or dies.
 *
 *   kt_groupsim_open(&sim, &settings, &how, err)
 *   kt_groupsim_join(sim, err)                       as often as there are to be members
 *   while (…) {
 *           kt_groupsim_turn(sim, err)               serves all of them; what happens comes through how.event
 *           kt_groupsim_written(sim)                 the output is written: what stands for it may be committed
 *           kt_loop_turn(&loop, err)                   how.loop, with what else there is
 *   }
 *   kt_groupsim_leave(sim) … until kt_groupsim_present(sim) == 0
 *   kt_groupsim_free(&sim)
 *
 * Nobody reads before all members of the start know what they own: else the first one would be through before the
 * second one comes. Records are committed once they are worked on and written, twice a second and before a partition
 * goes to another owner: the member finishes the record it is at first. While a member works the others go on, and it
 * stays in its group for however long it takes. Everything is entered into the audit.
 */
#ifndef KT_GROUPSIM_H
#define KT_GROUPSIM_H

#include "simmember.h"

struct kt_groupsim_how {
	struct kt_simmember_how each;
	struct kt_loop *loop; /* where the members are sources, until kt_groupsim_free() */
	int64_t count;        /* so many records are taken, by all of them; -1: no limit */
	void *user;
	void (*event)(void *user, const struct kt_simmember_event *event);
	/* Partitions are about to be given away: write what was told, for a bounded time. True when all is written. */
	bool (*write_out)(void *user);
};

struct kt_groupsim;

/* Finds out what there is to read. Borrows how's texts and the settings. */
int kt_groupsim_open(struct kt_groupsim **out, const struct kt_settings *settings, const struct kt_groupsim_how *how,
	struct kt_err *err) kt_must_check;

/* A further member, which must reach the cluster. */
int kt_groupsim_join(struct kt_groupsim *c, struct kt_err *err) kt_must_check;

/* The same, but while the cluster is away it is tried again. */
int kt_groupsim_join_later(struct kt_groupsim *c, struct kt_err *err) kt_must_check;

/* One member leaves, or dies without a word. False when there is no such member now. In the middle of a rebalance it
 * leaves when that is over: a broker that keeps a member waiting for the others does not hear that it leaves, counts on
 * it until its session expires, and may even make it the leader that all others then wait for. */
bool kt_groupsim_let_go(struct kt_groupsim *c, size_t number);
bool kt_groupsim_kill(struct kt_groupsim *c, size_t number);

/* Serves every member that has something to do; never waits, except as member.h says. hold: they take no records. */
int kt_groupsim_turn(struct kt_groupsim *c, bool hold, struct kt_err *err) kt_must_check;

/* Everything that was told is written. */
void kt_groupsim_written(struct kt_groupsim *c);

/* All begin to leave, at once; the record that one works on is given up. */
void kt_groupsim_leave(struct kt_groupsim *c);

/* Members that have not left or died. */
size_t kt_groupsim_present(const struct kt_groupsim *c);

/* Says what they wait for while all of them do, as kt_member_say_joining(). */
bool kt_groupsim_say_joining(const struct kt_groupsim *c, struct kt_waiting *wait, bool *seen);

/* Before they leave: for how long that is to be waited for (see kt_membership_leave_ms()), and whether they have
 * partitions. */
int64_t kt_groupsim_leave_ms(const struct kt_groupsim *c, bool hurry);
bool kt_groupsim_has_any(const struct kt_groupsim *c);

/* how.count records were worked on; or with how.each.ends: nothing is left to read before the ends, in the partitions
 * that these members own. */
bool kt_groupsim_is_done(const struct kt_groupsim *c);

/* The members so far, by number, and the partitions that there were at the start. */
size_t kt_groupsim_members(const struct kt_groupsim *c);
const struct kt_simmember *kt_groupsim_member(const struct kt_groupsim *c, size_t number);
size_t kt_groupsim_partitions(const struct kt_groupsim *c);
int64_t kt_groupsim_session_ms(const struct kt_groupsim *c);
const struct kt_groupaudit *kt_groupsim_ledger(const struct kt_groupsim *c);

/* Frees the members that have not left as if they had been killed. For kt_auto(). */
void kt_groupsim_free(struct kt_groupsim **c);

#endif
