/* Schemas in files, which may refer to each other's types in any order: --schema, repeated, and --schema-dir.
 *
 *   kt_auto(kt_schemafiles_fini) struct kt_schemafiles files = {0};
 *   if (kt_schemafiles_read(&files, &opts->schemas, opts->schema_dir, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < files.n; i++)
 *           … files.v[i].text stands alone …
 */
#ifndef KT_SCHEMAFILES_H
#define KT_SCHEMAFILES_H

#include "buf.h"
#include "err.h"
#include "list.h"

struct kt_schemafile {
	char *path;
	struct kt_buf text; /* with the types of other files in it */
	int64_t id;         /* of --schema-dir/17.avsc, or KT_AVRO_NO_ID */
	bool named;         /* by --schema */
	bool wanted;        /* another one refers to its types */
};

struct kt_schemafiles {
	/* Those that were named, then the folder's; of either first those that nobody refers to, else in their order.
	 */
	struct kt_schemafile *v;
	size_t n, cap;
};

/* KT_USAGE, naming the file. In the folder (which may be NULL) one that is not a schema is left out with a word on
 * stderr, unless it is all there is. */
int kt_schemafiles_read(
	struct kt_schemafiles *files, const struct kt_strs *named, const char *dir, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_schemafiles_fini(struct kt_schemafiles *files);

#endif
