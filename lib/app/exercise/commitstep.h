/* What becomes of one record at a time, as kt commit-demo shows it: it is stored, and committed before that, after
 * that, by the timer or not at all; then the next one may come. Each step is told and counted.
 *
 *   struct kt_commitstep r = {.when = …, .member = member, .storing = storing, .telling = {…}};
 *   kt_commitstep_begin(&r, &event.record, err)      and kt_commitstep_committed(), kt_commitstep_gone() for theirs
 *   kt_commitstep_serve(&r, err)                     then wait for kt_commitstep_fd(), kt_commitstep_wait_ms()
 *   kt_commitstep_give_up(&r)
 *   kt_commitstep_fini(&r)
 *
 * The member is paused while a record is in work, and served on, so that it stays in its group.
 */
#ifndef KT_COMMITSTEP_H
#define KT_COMMITSTEP_H

#include "demotext.h"
#include "member.h"
#include "storestep.h"

/* When a record is committed. */
enum kt_commitstep_when { KT_ROUND_AFTER, KT_ROUND_BEFORE, KT_ROUND_AUTO, KT_ROUND_NONE };

/* A record goes round: READY, COMMITTING (before), STORING, COMMITTING (after), READY. */
enum kt_commitstep_stage { KT_ROUND_READY, KT_ROUND_STORING, KT_ROUND_COMMITTING };

struct kt_commitstep {
	enum kt_commitstep_when when;
	const char *file;         /* where it is stored, to name it; or NULL */
	struct kt_member *member; /* borrowed, as the next */
	struct kt_storestep *storing;
	struct kt_demotext telling;
	/* For the caller to read. */
	enum kt_commitstep_stage stage;
	int64_t since_us; /* of the stage */
	bool told;        /* what is waited for was said; for the caller to set, and to clear */
	char *topic;      /* of the record in work */
	int32_t partition;
	int64_t offset;
	int64_t n_done; /* went all the way round */
	/* Below: commitstep.c's. */
	bool stored, mine; /* the record in work: it is stored; its partition was not given away meanwhile */
	int64_t ask_again_us;
	int64_t n_read, n_stored, n_before, n_committed;
};

/* A record comes, when the stage is READY. */
int kt_commitstep_begin(struct kt_commitstep *r, const struct kt_record *record, struct kt_err *err) kt_must_check;

/* A commit was acknowledged or refused: this record's, or the timer's. */
int kt_commitstep_committed(
	struct kt_commitstep *r, const struct kt_member_event *event, struct kt_err *err) kt_must_check;

/* Partitions were revoked or lost. */
void kt_commitstep_gone(struct kt_commitstep *r, const struct kt_member_event *event);

/* Goes on with the record when it is stored (KT_FAILED: it could not be), or its commit has to be asked for again. */
int kt_commitstep_serve(struct kt_commitstep *r, struct kt_err *err) kt_must_check;

/* There is nothing to serve until fd (-1: none) is readable, or for so long (INT64_MAX: for ever). */
int kt_commitstep_fd(const struct kt_commitstep *r);
int64_t kt_commitstep_wait_ms(const struct kt_commitstep *r);

/* The run ends: what is being stored is given up, and comes again in the next one. Acknowledgements that arrive until
 * the group is left are for kt_commitstep_committed_late(). */
void kt_commitstep_give_up(struct kt_commitstep *r);
void kt_commitstep_committed_late(struct kt_commitstep *r, const struct kt_member_event *event);

/* Says what the end of the run means for the record in work, if there is one; and how many there were. */
void kt_commitstep_say_unfinished(const struct kt_commitstep *r);
void kt_commitstep_say_counts(const struct kt_commitstep *r);

void kt_commitstep_fini(struct kt_commitstep *r);

#endif
