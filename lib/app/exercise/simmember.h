/* One member of a simulated group: it joins, works on its records, commits them, gives partitions away, and leaves or
 * dies, as its membership and the clock say. groupsim.h runs them all; a member knows of the others only what
 * struct kt_simmember_group says.
 *
 *   m = kt_simmember_new(&group, number)               m->source is a source of the loop
 *   kt_simmember_join(m, timeout_ms, err)
 *   kt_simmember_turn(m, now_us, commits, err)         what happens goes to group.event and into the audit
 *   kt_simmember_leave(m)                              has its turns until m->state is KT_SIMMEMBER_LEFT
 *   kt_simmember_free(m)
 */
#ifndef KT_SIMMEMBER_H
#define KT_SIMMEMBER_H

#include "groupaudit.h"
#include "loop.h"
#include "member.h"

enum kt_simmember_state {
	KT_SIMMEMBER_OUTSIDE, /* could not be started yet, is tried again */
	KT_SIMMEMBER_JOINING, /* waits for its first assignment */
	KT_SIMMEMBER_MEMBER,
	KT_SIMMEMBER_LEAVING,
	KT_SIMMEMBER_LEFT,
	KT_SIMMEMBER_KILLED,
};

/* One partition that a member owns. */
struct kt_simmember_part {
	char *topic;
	int32_t partition;
	int64_t done;    /* offset after the last record that was worked on; KT_NO_OFFSET: not known */
	int64_t written; /* the same of what may be committed */
	int64_t asked;   /* the same of what a commit was asked for */
};

struct kt_simmember_group;

/* To look at. */
struct kt_simmember {
	char *name; /* m1, m2, … */
	size_t number;
	enum kt_simmember_state state;
	struct kt_simmember_part *parts; /* by topic and partition */
	size_t n_parts, cap_parts;
	int64_t records;
	int64_t first_us, last_us; /* when its first record came, and its last one was done */
	int64_t ended_us;          /* when it left or was killed */
	int64_t busy_us;           /* works until then; 0: it does not */
	bool settled;              /* knows what it owns since the last rebalance */
	char last[64];             /* the last record, for people: client58 [3] 42 "value" */
	struct kt_loop_source source;
	/* Below: simmember.c's. */
	struct kt_simmember_group *group;
	struct kt_member *member;
	struct kt_member_event revoked; /* a revocation that waits for the record in work */
	bool revoking, ready, going;
	int64_t next_us;        /* when it is served without being woken up */
	const char *work_topic; /* what it works on; borrowed from parts */
	int32_t work_partition;
	int64_t work_offset;
};

enum kt_simmember_kind {
	KT_SIMMEMBER_JOIN,     /* begins to join */
	KT_SIMMEMBER_ASSIGNED, /* parts: new ones; may be none */
	KT_SIMMEMBER_REVOKED,
	KT_SIMMEMBER_LOST,    /* others may have had them already */
	KT_SIMMEMBER_RECORD,  /* record; again: somebody has had it before */
	KT_SIMMEMBER_GONE,    /* has left */
	KT_SIMMEMBER_DIED,    /* killed: parts are free again when its session expires */
	KT_SIMMEMBER_SETTLED, /* member NULL, from groupsim.c: a rebalance is over, all know what they own */
};

/* Everything is borrowed for the time of the call. */
struct kt_simmember_event {
	enum kt_simmember_kind kind;
	const struct kt_simmember *member;
	const struct kt_member_part *parts;
	size_t n_parts;
	const struct kt_record *record;
	bool again;
};

/* Of every member the same. */
struct kt_simmember_how {
	const struct kt_owner *owner;
	const struct kt_strs *topics;
	const char *group;
	enum kt_reset reset;
	const char *assignor; /* NULL: the library's */
	const char *instance; /* NULL: no static membership */
	bool alone;           /* instance is the name of the one member, not the beginning of it */
	bool ends;            /* tell when partitions are at the end they had at the start */
	int64_t work_ms;      /* per record */
	int64_t timeout_ms;
};

/* What the members share, and whom they tell. */
struct kt_simmember_group {
	const struct kt_settings *settings;
	struct kt_simmember_how how;
	struct kt_groupaudit *audit;
	int64_t session_us;
	bool hold; /* nobody takes records */
	void *user;
	void (*event)(void *user, const struct kt_simmember_event *event);
	void (*took)(void *user);      /* a record, which was told */
	void (*write_out)(void *user); /* partitions are about to be given away */
	/* Members set these. */
	int64_t ghosts_us;  /* until then the group may count on members that are no more */
	int64_t changed_us; /* of what members own or know */
	bool settled;       /* what members own has not changed since the rebalance was said to be over */
	/* Below: simmember.c's. */
	int64_t trouble_us;
	char trouble[512]; /* told last */
};

/* Enters it into the audit. group is borrowed. */
struct kt_simmember *kt_simmember_new(struct kt_simmember_group *group, size_t number);

/* Begins to join, and tells so. KT_UNREACHABLE when the cluster is away; the other one says so and tries again later.
 */
int kt_simmember_join(struct kt_simmember *m, int64_t timeout_ms, struct kt_err *err) kt_must_check;
int kt_simmember_try_to_join(struct kt_simmember *m, struct kt_err *err) kt_must_check;

/* Does what there is to do, never for long. commits: also asks to commit what was written and not asked for yet. */
int kt_simmember_turn(struct kt_simmember *m, int64_t now_us, bool commits, struct kt_err *err) kt_must_check;

/* Its next turn finds something to do. */
void kt_simmember_wake(struct kt_simmember *m);

/* Commits and begins to leave; the record in work is given up. let_go: in the middle of a rebalance, when that is over.
 */
void kt_simmember_leave(struct kt_simmember *m);
void kt_simmember_let_go(struct kt_simmember *m);

/* Dies without a word to the group. */
void kt_simmember_kill(struct kt_simmember *m);

/* What m owns of that name; NULL: not that. */
struct kt_simmember_part *kt_simmember_find(struct kt_simmember *m, const char *topic, int32_t partition);

/* group.hold is another one; what was told of its records is written. */
void kt_simmember_hold(struct kt_simmember *m);
void kt_simmember_written(struct kt_simmember *m);

void kt_simmember_free(struct kt_simmember *m);

#endif
