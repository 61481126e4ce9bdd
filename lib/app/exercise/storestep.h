/* The store step of a demonstration: it takes a time, and may really store, in a SQLite file or by a command. It runs
 * beside the caller's loop.
 *
 *   kt_storestep_open(&s, &how, err)
 *   kt_storestep_take(s, &record), kt_storestep_begin(s, err)
 *   while (!(result = kt_storestep_poll(s, err)))
 *           kt_wait(… kt_storestep_fd(s) …, kt_storestep_wait_ms(s));
 *   kt_storestep_free(&s)                              ends a command that still runs
 */
#ifndef KT_STORESTEP_H
#define KT_STORESTEP_H

#include "err.h"
#include "record.h"

struct kt_storestep_how {
	int64_t time_ms;     /* the step takes at least so long */
	const char *file;    /* SQLite; NULL: none */
	const char *command; /* for sh -c, as recordcommand.h; its stdout is our stderr. NULL: none */
};

struct kt_storestep;

/* how's strings have to live as long. */
int kt_storestep_open(struct kt_storestep **out, const struct kt_storestep_how *how, struct kt_err *err) kt_must_check;

/* Copies the record that is to be stored next. */
void kt_storestep_take(struct kt_storestep *s, const struct kt_record *record);

int kt_storestep_begin(struct kt_storestep *s, struct kt_err *err) kt_must_check;

/* 0: not done yet; 1: stored; 2: it had been stored before; -1: not stored (KT_FAILED). */
int kt_storestep_poll(struct kt_storestep *s, struct kt_err *err) kt_must_check;

/* The step is over, or ask again when fd (-1: none) is readable, or after so long (INT64_MAX: for ever). */
int kt_storestep_fd(const struct kt_storestep *s);
int64_t kt_storestep_wait_ms(const struct kt_storestep *s);

/* Gives the step up: the command, and what it has started, is ended within a tenth of a second. */
void kt_storestep_abort(struct kt_storestep *s);

/* For kt_auto(). */
void kt_storestep_free(struct kt_storestep **s);

#endif
