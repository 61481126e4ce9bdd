/* Topics and files as tables of SQLite's: a module of virtual tables, whose rows are read as a query asks for them.
 *
 *   kt_sqltables_init(&tables, db, &reads);
 *   if (kt_sqltables_add(&tables, "game-events", err) < 0)              CREATE VIRTUAL TABLE temp."game-events"
 *           return -1;
 *   … sqlite3_step() …                 -1 of a source is SQLITE_ERROR, and tables.err says why
 *   kt_sqltables_fini(&tables);                                         after the connection was closed
 *
 * The columns of a table are the fields of its values, and the record's own: _topic, _partition, _offset, _timestamp
 * (milliseconds), _key, _value (JSON where it was Avro) and _headers (an object), hidden to *; those also without the
 * underscore, where no field has the name. Where no fields are found they are not hidden.
 *
 * A table that one statement reads again and again, as the inner one of a join, is to be `stored`: its rows are read
 * once into a temporary file, and found there by their columns.
 */
#ifndef KT_SQLTABLE_H
#define KT_SQLTABLE_H

#include "list.h"
#include "rowsource.h"
#include "rowstore.h"
#include "sqlvalue.h"

enum { KT_SQLTABLE_SAMPLE = 1000 };

struct kt_sqltables;

struct kt_sqltable {
	struct kt_sqltables *all;
	size_t number; /* among them */
	char *name;
	bool file;
	struct kt_jsoncolumns columns;
	int owns[2 * KT_OWNS]; /* what the columns behind the fields are */
	size_t n_owns;
	int64_t sampled; /* records that were looked at for fields */
	struct kt_partitions bounds;
	bool stored;               /* for the statement that is prepared */
	uint64_t used;             /* columns of it: bit 63 stands for all from there on */
	struct kt_rowstore *store; /* made when it is first read */
	const void *cut_by;        /* the row (of several that are read at once) that columns are cut from */
	int64_t bad;               /* values that are no objects of JSON, or could not be decoded */
};

struct kt_sqltables {
	sqlite3 *db;
	const struct kt_rowreads *reads;
	const struct kt_strs *words; /* --column; columns of all tables, in place of those that are found */
	bool by_name;                /* fields are ordered by their names */
	bool only_topics;            /* names are never those of files */
	struct kt_sqltable **v;
	size_t n, cap;
	bool failed; /* a source did, and this is why */
	struct kt_err err;
};

int kt_sqltables_init(
	struct kt_sqltables *tables, sqlite3 *db, const struct kt_rowreads *reads, struct kt_err *err) kt_must_check;

/* Makes the table of a topic, or of a file: a name with a slash, or one that ends in .jsonl, .ndjson, .json or .avro
 * and exists. Reads a sample, and says what it found. */
int kt_sqltables_add(struct kt_sqltables *tables, const char *name, struct kt_err *err) kt_must_check;

/* The table of that name, as SQL compares names; or NULL. */
struct kt_sqltable *kt_sqltables_find(const struct kt_sqltables *tables, const char *name);

/* Before a statement: nothing is stored, and topics end where they end now. */
void kt_sqltables_begin(struct kt_sqltables *tables);

/* Which table the words that a plan has for a scan are about (P4 of VFilter); NULL: none of these. */
struct kt_sqltable *kt_sqltables_planned(const struct kt_sqltables *tables, const char *words);

/* After a statement: says what was wrong with values, and which fields were met that no column has. */
void kt_sqltables_end(struct kt_sqltables *tables);

void kt_sqltables_fini(struct kt_sqltables *tables);

/* sqlmodule.c for sqltable.c: makes the module known to a connection. */
int kt_sqlmodule_create(struct kt_sqltables *tables, struct kt_err *err) kt_must_check;

/* The columns of a table as CREATE TABLE has them; "" hides none. */
void kt_sqltable_declare(const struct kt_sqltable *table, struct kt_buf *out);

#endif
