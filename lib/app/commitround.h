/* What becomes of one record at a time, as kt commit-demo shows it: it is stored, and committed before that, after
 * that, by the timer or not at all; then the next one may come. Each step is told and counted.
 *
 *   struct kt_commitround r = {.when = …, .poller = poller, .storing = storing, .telling = {…}};
 *   kt_commitround_begin(&r, &event.record, err)      and kt_commitround_committed(), kt_commitround_gone() for theirs
 *   kt_commitround_serve(&r, err)                     then wait for kt_commitround_fd(), kt_commitround_wait_ms()
 *   kt_commitround_give_up(&r)
 *   kt_commitround_fini(&r)
 *
 * The poller is paused while a record is in work, and polled on, so that the member stays in its group.
 */
#ifndef KT_COMMITROUND_H
#define KT_COMMITROUND_H

#include "poller.h"
#include "storing.h"
#include "telling.h"

/* When a record is committed. */
enum kt_commitround_when { KT_ROUND_AFTER, KT_ROUND_BEFORE, KT_ROUND_AUTO, KT_ROUND_NONE };

/* A record goes round: READY, COMMITTING (before), STORING, COMMITTING (after), READY. */
enum kt_commitround_stage { KT_ROUND_READY, KT_ROUND_STORING, KT_ROUND_COMMITTING };

struct kt_commitround {
	enum kt_commitround_when when;
	const char *file;         /* where it is stored, to name it; or NULL */
	struct kt_poller *poller; /* borrowed, as the next */
	struct kt_storing *storing;
	struct kt_telling telling;
	/* For the caller to read. */
	enum kt_commitround_stage stage;
	int64_t since_us; /* of the stage */
	bool told;        /* what is waited for was said; for the caller to set, and to clear */
	char *topic;      /* of the record in work */
	int32_t partition;
	int64_t offset;
	int64_t n_done; /* went all the way round */
	/* Below: commitround.c's. */
	bool stored, mine; /* the record in work: it is stored; its partition was not given away meanwhile */
	int64_t ask_again_us;
	int64_t n_read, n_stored, n_before, n_committed;
};

/* A record comes, when the stage is READY. */
int kt_commitround_begin(struct kt_commitround *r, const struct kt_record *record, struct kt_err *err) kt_must_check;

/* A commit was acknowledged or refused: this record's, or the timer's. */
int kt_commitround_committed(
	struct kt_commitround *r, const struct kt_polled_event *event, struct kt_err *err) kt_must_check;

/* Partitions were revoked or lost. */
void kt_commitround_gone(struct kt_commitround *r, const struct kt_polled_event *event);

/* Goes on with the record when it is stored (KT_FAILED: it could not be), or its commit has to be asked for again. */
int kt_commitround_serve(struct kt_commitround *r, struct kt_err *err) kt_must_check;

/* There is nothing to serve until fd (-1: none) is readable, or for so long (INT64_MAX: for ever). */
int kt_commitround_fd(const struct kt_commitround *r);
int64_t kt_commitround_wait_ms(const struct kt_commitround *r);

/* The run ends: what is being stored is given up, and comes again in the next one. Acknowledgements that arrive until
 * the group is left are for kt_commitround_committed_late(). */
void kt_commitround_give_up(struct kt_commitround *r);
void kt_commitround_committed_late(struct kt_commitround *r, const struct kt_polled_event *event);

/* Says what the end of the run means for the record in work, if there is one; and how many there were. */
void kt_commitround_say_unfinished(const struct kt_commitround *r);
void kt_commitround_say_counts(const struct kt_commitround *r);

void kt_commitround_fini(struct kt_commitround *r);

#endif
