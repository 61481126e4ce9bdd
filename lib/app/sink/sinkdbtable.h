/* A table of `kt sink sqlite`: its columns, and records on their way into them.
 *
 *   struct kt_sinkdbtable t;
 *   if (kt_sinkdbtable_open(&t, &file, "orders", &how, err) < 0)     the table of a name, made or to be made
 *           return -1;
 *   kt_sinkdbtable_take(&t, &record, 0, err)                         for each record
 *   kt_sinkdbtable_settle(&t, err)                                   before each commit
 *   kt_sinkdbtable_say(&t);
 *   kt_sinkdbtable_fini(&t);
 *
 * Columns that nobody named are found from the first records, which are held until there are enough of them, or until
 * it is settled. A table that is there keeps its columns, whatever the records are like. A record is a row in any case:
 * what has no column is in _value.
 */
#ifndef KT_SINKDBTABLE_H
#define KT_SINKDBTABLE_H

#include "jsoncolumns.h"
#include "list.h"
#include "recordcopy.h"
#include "sinkdbfile.h"

enum { KT_SINKDB_SAMPLE = 1000, KT_SINKDB_SAMPLE_BYTES = 16 << 20 };

struct kt_sinkdbtable_how {
	const struct kt_strs *columns; /* --column */
	bool add_columns;
	bool parts; /* a record may be several rows: values are Avro */
};

struct kt_sinkdbtable {
	struct kt_sinkdbfile *file;
	const struct kt_sinkdbtable_how *how;
	char *name;
	struct kt_jsoncolumns columns;
	bool made;
	sqlite3_stmt *insert; /* NULL: its columns have changed */
	struct kt_recordcopy *held;
	uint32_t *held_parts;
	size_t n_held, held_bytes;
	struct kt_buf headers;
	int64_t bad; /* values that are no objects of JSON */
	int64_t cut; /* rows that were too large for SQLite with all of their values */
};

/* KT_USAGE for columns that do not go with those that the table has. */
int kt_sinkdbtable_open(struct kt_sinkdbtable *t, struct kt_sinkdbfile *file, const char *name,
	const struct kt_sinkdbtable_how *how, struct kt_err *err) kt_must_check;

/* part: the number of the datum within its record. */
int kt_sinkdbtable_take(
	struct kt_sinkdbtable *t, const struct kt_record *record, uint32_t part, struct kt_err *err) kt_must_check;

/* Takes the rows of a record back, of which not all could be taken. */
int kt_sinkdbtable_drop(struct kt_sinkdbtable *t, const struct kt_record *record, struct kt_err *err) kt_must_check;

/* Takes all rows of a topic away. */
int kt_sinkdbtable_clear(struct kt_sinkdbtable *t, struct kt_bytes topic, struct kt_err *err) kt_must_check;

/* No record is held any more. */
int kt_sinkdbtable_settle(struct kt_sinkdbtable *t, struct kt_err *err) kt_must_check;

/* What the columns do not have. */
void kt_sinkdbtable_say(const struct kt_sinkdbtable *t);

void kt_sinkdbtable_fini(struct kt_sinkdbtable *t);

#endif
