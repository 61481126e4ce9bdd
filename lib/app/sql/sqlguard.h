/* What a statement may do: read, and nothing else, however it is written and whatever database it is given; and the
 * functions of ours that it has: ms('-1h'), a time as -o knows it, in milliseconds, and iso(MS), the time as text.
 *
 *   kt_sqlguard_set(&guard, db);
 *   guard.off = true; … a statement of our own … guard.off = false;
 */
#ifndef KT_SQLGUARD_H
#define KT_SQLGUARD_H

#include "sqlitelib.h"

struct kt_sqlguard {
	bool off;
	int64_t now_ms;  /* what times are counted from */
	char denied[64]; /* what the last statement was not allowed, in its words; "": nothing */
};

/* Borrows guard for as long as the connection is open. Also makes names in double quotes names, never text. */
void kt_sqlguard_set(struct kt_sqlguard *guard, sqlite3 *db);

#endif
