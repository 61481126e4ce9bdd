/* Paths into the data of a schema, as jsonfind.h takes them into its text: whether any datum can have one.
 *
 *   if (!kt_avro_has_path(schema, "sensors[0].id"))
 *           … a word about a name that is mistyped …
 */
#ifndef KT_AVRO_PATH_H
#define KT_AVRO_PATH_H

#include "avro_schema.h"

/* Through records by their fields, maps by any key, lists by any number, and all branches of unions. */
bool kt_avro_has_path(const struct kt_avro_schema *schema, const char *path);

#endif
