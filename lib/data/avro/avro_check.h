/* Whether a schema is one to write with. Reading takes what it can make sense of; what is written must be open to
 * everybody, also to those who hold to the letter of the specification (Avro 1.12, "Schema Declaration" and "Names"):
 * what names are made of, symbols and branches that are there once, defaults that are values of their types, aliases,
 * sort orders.
 *
 *   if (kt_avro_schema_parse(&schema, text, len, err) < 0 || kt_avro_check_writer(schema, err) < 0)
 *           … err->msg is "the schema is not valid: enum \"E\": the symbol \"A\" is there twice" …
 */
#ifndef KT_AVRO_CHECK_H
#define KT_AVRO_CHECK_H

#include "avro_schema.h"

/* KT_FAILED. */
int kt_avro_check_writer(const struct kt_avro_schema *schema, struct kt_err *err) kt_must_check;

/* Whether the schema can be a reader's: its defaults are values of their types. KT_FAILED. */
int kt_avro_check_reader(const struct kt_avro_schema *schema, struct kt_err *err) kt_must_check;

#endif
