/* A schema that is to be registered or checked, as the command line gives it: a file, its type, what it refers to.
 *
 *   struct x_opts { struct kt_schemafile_opts schema; … };    rows: {KT_INCLUDE(schema, "…", kt_schemafile_opts)}
 *   if (kt_schemafile_read(&text, &schema, &opts->schema, err) < 0)
 *           return -1;
 */
#ifndef KT_SCHEMAFILE_H
#define KT_SCHEMAFILE_H

#include "opt.h"
#include "subjects.h"

struct kt_schemafile_opts {
	const char *subject, *file;
	struct kt_strs references;
	int type;
};
extern const struct kt_opt kt_schemafile_opts[];

/* text holds the bytes that schema points at. KT_USAGE when one of the words is missing. */
int kt_schemafile_read(struct kt_buf *text, struct kt_subject_schema *schema, const struct kt_schemafile_opts *o,
	struct kt_err *err) kt_must_check;

#endif
