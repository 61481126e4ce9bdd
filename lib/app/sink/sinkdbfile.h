/* The file of `kt sink sqlite`: opened for one sink at a time, with transactions and the places that it has come to.
 *
 *   kt_auto(kt_sinkdbfile_close) struct kt_sinkdbfile f = {0};
 *   if (kt_sinkdbfile_open(&f, "orders.db", &owner, err) < 0)
 *           return -1;
 *   kt_sinkdbfile_begin(&f, err)                       any number of times
 *   … statements …
 *   kt_sinkdbfile_put_place(&f, "orders", 0, 42, err)
 *   kt_sinkdbfile_commit(&f, err)
 *
 * Another sink is kept out by a lock on the file that is none of SQLite's: others read it meanwhile, and may write
 * between its transactions. While somebody else does, it is waited for.
 */
#ifndef KT_SINKDBFILE_H
#define KT_SINKDBFILE_H

#include "owner.h"
#include "sinkrun.h"
#include "sqlvalue.h"
#include "waiting.h"

struct kt_sinkdbfile {
	const char *path; /* borrowed, as the owner is */
	const struct kt_owner *owner;
	/* The rest is sinkdbfile.c's own, but for db, open and failed. */
	sqlite3 *db;
	int lock_fd; /* 0: none */
	bool open;   /* a transaction is */
	bool failed; /* one was rolled back: nothing more is kept */
	struct kt_waiting wait;
	sqlite3_stmt *begin, *commit, *put_place;
};

/* Makes the file where there is none, and the tables that a sink keeps its own facts in. KT_USAGE for what is no file
 * of SQLite's, KT_FAILED where another sink has it. */
int kt_sinkdbfile_open(
	struct kt_sinkdbfile *f, const char *path, const struct kt_owner *owner, struct kt_err *err) kt_must_check;

/* Begins a transaction, unless one is open. */
int kt_sinkdbfile_begin(struct kt_sinkdbfile *f, struct kt_err *err) kt_must_check;

/* Keeps what was changed since; nothing where none is open. After a failure of any statement: -1. */
int kt_sinkdbfile_commit(struct kt_sinkdbfile *f, struct kt_err *err) kt_must_check;

int kt_sinkdbfile_exec(struct kt_sinkdbfile *f, const char *sql, struct kt_err *err) kt_must_check;
int kt_sinkdbfile_prepare(
	struct kt_sinkdbfile *f, const char *sql, sqlite3_stmt **out, struct kt_err *err) kt_must_check;

/* Runs a statement that gives no rows, and makes it ready for the next time. */
int kt_sinkdbfile_step(struct kt_sinkdbfile *f, sqlite3_stmt *statement, struct kt_err *err) kt_must_check;

/* Whether there is a table, or a view, of that name. */
int kt_sinkdbfile_has(struct kt_sinkdbfile *f, const char *name, bool *has, struct kt_err *err) kt_must_check;

/* Says what SQLite says, rolls back, and keeps nothing from now on. Returns -1. */
int kt_sinkdbfile_fail(struct kt_sinkdbfile *f, struct kt_err *err);

/* Appends the places of all topics, allocated: their topics are the caller's, as the list is. */
int kt_sinkdbfile_places(
	struct kt_sinkdbfile *f, struct kt_sinkplace **out, size_t *n, struct kt_err *err) kt_must_check;

int kt_sinkdbfile_put_place(
	struct kt_sinkdbfile *f, const char *topic, int32_t partition, int64_t next, struct kt_err *err) kt_must_check;

/* Lets others in. For kt_auto(). */
void kt_sinkdbfile_close(struct kt_sinkdbfile *f);

#endif
