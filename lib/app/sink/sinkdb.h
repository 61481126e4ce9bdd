/* `kt sink sqlite`: a file of SQLite's as the store of a sink. Rows and the places of their topics are committed in one
 * transaction: whatever is killed, each record is in it once.
 *
 *   struct kt_sinkdb *db = NULL;
 *   if (kt_sinkdb_open(&db, &how, err) < 0)
 *           return -1;
 *   struct kt_sinkrun_how run = {.store = kt_sinkdb_store(db), …};
 *   run.places = kt_sinkdb_places(db, &run.n_places);
 *   …
 *   kt_sinkdb_say(db);
 *   kt_sinkdb_close(db);
 *
 * Each topic has a table of its name, unless one table is named for all of them. A commit is due after 10,000 rows, or
 * a second after the first.
 */
#ifndef KT_SINKDB_H
#define KT_SINKDB_H

#include "sinkdecode.h"
#include "sinkrun.h"

enum { KT_SINKDB_ROWS = 10000, KT_SINKDB_MS = 1000 };

struct kt_sinkdb;

/* All is borrowed. */
struct kt_sinkdb_how {
	const struct kt_client_opts *client;
	struct kt_sinkdecode_how decode;
	const char *path;
	const char *table; /* NULL: that of the topic's name */
	const struct kt_strs *columns;
	bool add_columns;
};

/* KT_USAGE, also in a kt without SQLite; KT_FAILED where another sink has the file. */
int kt_sinkdb_open(struct kt_sinkdb **out, const struct kt_sinkdb_how *how, struct kt_err *err) kt_must_check;

/* Borrowed until it is closed. */
struct kt_sinkstore kt_sinkdb_store(struct kt_sinkdb *db);
const struct kt_sinkplace *kt_sinkdb_places(const struct kt_sinkdb *db, size_t *n);

/* In place of a run: the lines of a file (sinkimport.h) as records of a topic "./NAME", of partition 0, whose offsets
 * are the numbers of the lines; the table is that of the name without its ending, where none is named. What an earlier
 * import of the name left there is replaced, in one transaction: readers see all of the old rows, or all of the new.
 * *rows: how many there are. On failure nothing has changed. */
int kt_sinkdb_import(struct kt_sinkdb *db, const char *path, const struct kt_owner *owner, int64_t *rows,
	struct kt_err *err) kt_must_check;

/* What was wrong with values, and what has no column. */
void kt_sinkdb_say(const struct kt_sinkdb *db);

/* NULL is allowed. */
void kt_sinkdb_close(struct kt_sinkdb *db);

#endif
