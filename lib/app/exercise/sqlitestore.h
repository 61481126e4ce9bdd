/* Records kept in a SQLite file, each once: topic, partition and offset are the key, so storing one again changes
 * nothing. Each put is a transaction of its own, on disk when it returns.
 *
 *   kt_auto(kt_sqlitestore_close) struct kt_sqlitestore *store = NULL;
 *   if (kt_sqlitestore_open(&store, "orders.db", err) < 0 || kt_sqlitestore_put(store, &record, err) < 0)
 *           return -1;
 */
#ifndef KT_SQLITESTORE_H
#define KT_SQLITESTORE_H

#include "err.h"
#include "record.h"

struct kt_sqlitestore;

enum kt_stored {
	KT_STORED_NEW = 1,
	KT_STORED_BEFORE, /* the same value stands there already */
	KT_STORED_BUSY,   /* another process writes: to be tried again after some milliseconds */
};

/* Opens or makes the file and its table `records`. KT_FAILED with SQLite's reason; KT_USAGE when this kt was built
 * without SQLite. path has to live as long as the store. */
int kt_sqlitestore_open(struct kt_sqlitestore **out, const char *path, struct kt_err *err) kt_must_check;

/* An enum kt_stored, or -1 (KT_FAILED): also when another value stands under the key, which is then another record's:
 * the topic was recreated. */
int kt_sqlitestore_put(struct kt_sqlitestore *store, const struct kt_record *record, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_sqlitestore_close(struct kt_sqlitestore **store);

#endif
