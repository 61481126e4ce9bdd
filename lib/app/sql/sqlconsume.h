/* What `kt consume` has of `kt sql`: records as a table, and those that meet a condition.
 *
 *   struct x_opts { …; struct kt_sqlconsume_opts sql; };    {KT_INCLUDE(sql, "Fields of JSON and Avro",
 * kt_sqlconsume_opts)} if (o->sql.table) return kt_sqlconsume(&how, &o->sql, &o->read, &o->topics, err);
 */
#ifndef KT_SQLCONSUME_H
#define KT_SQLCONSUME_H

#include "sqlrun.h"

struct kt_sqlconsume_opts {
	const char *where;
	struct kt_strs columns;
	bool table;
};
extern const struct kt_opt kt_sqlconsume_opts[];

/* Prints the records of one topic, or of a pattern, as a table: read as `read` says, which may name it too. how: all
 * but what follows from the options. KT_USAGE for what a table cannot be read by: a group, --idle. */
int kt_sqlconsume(struct kt_sqlrun_how *how, const struct kt_sqlconsume_opts *opts, const struct kt_read_opts *read,
	const struct kt_strs *topics, struct kt_err *err) kt_must_check;

#endif
