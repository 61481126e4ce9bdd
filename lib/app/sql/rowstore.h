/* Rows that are read more than once, in a temporary file of SQLite's, which is gone with the process.
 *
 *   kt_rowstore_new(&store, n, err)                                     rows of n values
 *   sqlite3_bind_*(store->add, i + 1, …); kt_rowstore_add(store, err)   for each row
 *   kt_rowstore_ready(store, err)
 *   kt_rowstore_search(store, columns, 2, &statement, err)              those where two columns have the values that
 *   sqlite3_bind_*(statement, …), sqlite3_step(statement)               are bound
 */
#ifndef KT_ROWSTORE_H
#define KT_ROWSTORE_H

#include "sqlitelib.h"

struct kt_rowstore {
	sqlite3 *db;
	sqlite3_stmt *add; /* bind the values of a row to it, from 1 */
	size_t n;
	int64_t rows;
	bool *indexed; /* columns */
};

int kt_rowstore_new(struct kt_rowstore **out, size_t n, struct kt_err *err) kt_must_check;

/* Adds the row that is bound. */
int kt_rowstore_add(struct kt_rowstore *store, struct kt_err *err) kt_must_check;

/* No more are added. */
int kt_rowstore_ready(struct kt_rowstore *store, struct kt_err *err) kt_must_check;

/* A statement for the values of all rows, behind which their numbers stand, or for those in which each of n columns may
 * be equal to a value, which is bound from 1 on, whatever affinity the comparison has: numbers and texts that look like
 * them are the same here. To be finalized. */
int kt_rowstore_search(
	struct kt_rowstore *store, const int *columns, size_t n, sqlite3_stmt **out, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_rowstore_free(struct kt_rowstore **store);

#endif
