/* Lists with columns: aligned under a heading for people, tab-separated without heading for programs.
 *
 *   static const struct kt_column columns[] = {{"TOPIC"}, {"PARTITIONS", .right = true}, {NULL}};
 *   kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
 *   kt_table_add(&t, "%s", name);                      cell by cell, row by row
 *   kt_table_add(&t, "%d", partitions);
 *   kt_table_render(&t, &out, isatty(STDOUT_FILENO));
 */
#ifndef KT_TABLE_H
#define KT_TABLE_H

#include "buf.h"
#include "list.h"

struct kt_column {
	const char *name;
	bool right; /* numbers stand at the right */
};

struct kt_table {
	const struct kt_column *columns; /* borrowed; a NULL name at the end */
	struct kt_strs cells;
};

/* Appends the next cell, escaped as kt_words() does it. */
void kt_table_add(struct kt_table *t, const char *format, ...) kt_printf(2, 3);

/* The same for a number; a negative one is not known: "-". */
void kt_table_add_count(struct kt_table *t, int64_t n);

/* Appends all complete rows. */
void kt_table_render(const struct kt_table *t, struct kt_buf *out, bool aligned);

void kt_table_fini(struct kt_table *t);

/* Columns that len bytes of UTF-8 take on a terminal, double-width characters aside. */
size_t kt_columns(const char *text, size_t len);

#endif
