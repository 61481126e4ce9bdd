/* JSON to Avro's binary encoding, checked against a schema.
 *
 *   if (kt_avro_encode(&out, schema, line.data, line.len, err) < 0)
 *           … err->msg is ".sensors[2]: expected string, got a number" …
 *
 * JSON is understood as kt prints it: bytes as a character per byte, unions as the value alone or tagged as in Avro's
 * own JSON ({"string": "x"}), numbers that JSON does not have as "NaN", "Infinity" and "-Infinity". A field that is
 * left out takes its default; one that the schema does not have is an error. In a union a value goes to the first
 * branch that it fits.
 */
#ifndef KT_AVRO_ENCODE_H
#define KT_AVRO_ENCODE_H

#include "avro_schema.h"

/* Appends the datum. -1 (KT_FAILED), and out is as before. */
int kt_avro_encode(struct kt_buf *out, const struct kt_avro_schema *schema, const char *json, size_t len,
	struct kt_err *err) kt_must_check;

enum { KT_AVRO_DEFAULT_VALUES = 10000 }; /* in one default: they can stand within each other in any number */

/* Appends the default of a field, which must have one. It has no tags: of a union it takes the first branch that it
 * fits (the first one of all, if the schema keeps to the specification before 1.12). -1 (KT_FAILED), and out is as
 * before. */
int kt_avro_encode_default(struct kt_buf *out, const struct kt_avro_field *field, struct kt_err *err) kt_must_check;

#endif
