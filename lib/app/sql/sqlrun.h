/* `kt sql`: statements over topics, files and a database, and what they give to stdout.
 *
 *   struct kt_sqlrun *run = NULL;
 *   if (kt_sqlrun_open(&run, &how, err) < 0)
 *           return -1;
 *   return kt_sqlrun_close(run, kt_sqlrun_statements(run, "SELECT …; SELECT …", err), err);
 *
 * A name that no table of the database has is a topic's, or a file's: it becomes a table when a statement first names
 * it.
 */
#ifndef KT_SQLRUN_H
#define KT_SQLRUN_H

#include "condition.h"
#include "conf.h"
#include "decode.h"
#include "filter.h"
#include "reading.h"

struct kt_sqlrun_how {
	const struct kt_client_opts *client;
	const struct kt_read_opts *read;
	const struct kt_decode_opts *decode; /* NULL: values are not Avro */
	const struct kt_filter *filter;
	struct kt_condition *where; /* a condition on records of topics; NULL: none */
	struct kt_settings *settings;
	const struct kt_strs *columns; /* --column */
	const char *db;                /* a file of SQLite's, only read; NULL: none */
	const char *form;              /* a word of kt_sqlforms; NULL: by what stdout is */
	bool follow;
};

struct kt_sqlrun;

/* All is borrowed. KT_USAGE, also in a kt without SQLite. */
int kt_sqlrun_open(struct kt_sqlrun **out, const struct kt_sqlrun_how *how, struct kt_err *err) kt_must_check;

/* Runs one after the other, and ends at the first that fails. KT_USAGE for what is wrong with a statement. */
int kt_sqlrun_statements(struct kt_sqlrun *run, const char *text, struct kt_err *err) kt_must_check;

/* All rows of a topic, or as many (negative: all). */
int kt_sqlrun_table(struct kt_sqlrun *run, const char *topic, int64_t count, struct kt_err *err) kt_must_check;

/* Whether the run is over: nobody reads its output, or it was stopped. */
bool kt_sqlrun_is_over(const struct kt_sqlrun *run);

/* Writes what is left, and frees it. Returns result, or -1. */
int kt_sqlrun_close(struct kt_sqlrun *run, int result, struct kt_err *err) kt_must_check;

#endif
