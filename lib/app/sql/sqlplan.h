/* What SQLite means to do for a statement, read from EXPLAIN. */
#ifndef KT_SQLPLAN_H
#define KT_SQLPLAN_H

#include "buf.h"
#include "sqltable.h"

struct kt_sqlplan {
	bool repeats; /* a table is read again and again that was not stored: it is from now on, and the plan made anew
		       */
	bool waits;   /* nothing comes out before all was read: a sum, an order */
	size_t scans; /* of topics that are not stored, one after the other */
};

/* The plan of the statement in sql, which was prepared before without an error. */
int kt_sqlplan_read(struct kt_sqlplan *plan, const struct kt_sqltables *tables, sqlite3 *db, struct kt_bytes sql,
	struct kt_err *err) kt_must_check;

#endif
