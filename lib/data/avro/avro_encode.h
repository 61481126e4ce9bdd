/* JSON to Avro's binary encoding, checked against a type, in one pass and without a tree.
 *
 *   kt_auto(kt_avro_encoder_fini) struct kt_avro_encoder e = {.type = schema->root};
 *   if (kt_avro_encode(&e, &out, line.data, line.len, err) < 0)
 *           … err->msg is ".sensors[2]: expected string, got a number" …
 *
 * JSON is understood as kt prints it: bytes as a character per byte, unions as the value alone or tagged as in Avro's
 * own JSON ({"string": "x"}), numbers that JSON does not have as "NaN", "Infinity" and "-Infinity", and logical types
 * also as what they mean (avro_fromtext.h): decimals as numbers, dates and times in ISO 8601, UUIDs, durations. A field
 * that is left out takes its default; one that the schema does not have is an error; of one that comes twice the last
 * value counts. In a union a value goes to the first branch that it fits, and to one that it fits only by its meaning
 * when there is no other.
 */
#ifndef KT_AVRO_ENCODE_H
#define KT_AVRO_ENCODE_H

#include "avro_schema.h"
#include "idmap.h"

enum {
	KT_AVRO_DEFAULT_VALUES = 10000, /* in one default: they can stand within each other in any number */
	/* So many values of one datum are looked at, and so many more for each byte of its JSON: unions inside unions
	 * can be tried in more ways than there is time for. */
	KT_AVRO_TRIES = 10000000,
	KT_AVRO_TRIES_PER_BYTE = 64,
};

struct kt_avro_encoder {
	const struct kt_avro_type *type; /* set by the caller; for one schema from then on */

	/* The rest is avro_encode.c's own: what is worth keeping from one datum to the next. */
	struct kt_buf texts, pieces_again;
	struct kt_avro_piece *pieces;
	size_t n_pieces, pieces_cap;
	struct kt_idmap names; /* of types that have many */
	bool *has_names;       /* by type */
	size_t has_names_cap;
};

/* Appends the datum. -1 (KT_FAILED), and out is as before. */
int kt_avro_encode(
	struct kt_avro_encoder *e, struct kt_buf *out, const char *json, size_t len, struct kt_err *err) kt_must_check;

/* Appends the default of a field, which must have one. It has no tags: of a union it takes the first branch that it
 * fits (the first one of all, if the schema keeps to the specification before 1.12). -1 (KT_FAILED), and out is as
 * before. */
int kt_avro_encode_default(struct kt_buf *out, const struct kt_avro_field *field, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_avro_encoder_fini(struct kt_avro_encoder *e);

#endif
