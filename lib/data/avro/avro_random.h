/* Random data of any schema, in Avro's binary encoding.
 *
 *   struct kt_avro_random *random;
 *   if (kt_avro_random_new(&random, schema, &seed, err) < 0 ||
 *       kt_avro_random_rule(random, "customer.id", "zipf:1000", err) < 0)
 *           return -1;
 *   kt_avro_random_make(random, &datum);
 *   kt_avro_random_free(random);
 *
 * Without a rule a number is within a million of 0, a string a word, bytes are at most 16, lists and maps have up to
 * three items; symbols and branches are equally likely. Logical types are what they stand for: timestamps are of the
 * last full day (UTC) and dates of the year before it, so that the data of a seed is the same all day. What holds
 * itself ends soon.
 *
 * A path names a value by fields with dots between them, and [] after a list or map: "order.lines[].price"; "." is the
 * datum itself. Unions are not a step of their own: a rule goes to the first branch that it fits, which is then the one
 * that is always taken, and further steps to every branch that has them.
 */
#ifndef KT_AVRO_RANDOM_H
#define KT_AVRO_RANDOM_H

#include "avro_schema.h"

struct kt_avro_random;

/* seed: NULL for data that nobody can repeat. KT_USAGE when data of this schema would have no end, or too many values.
 * The schema is borrowed. */
int kt_avro_random_new(struct kt_avro_random **out, const struct kt_avro_schema *schema, const uint64_t *seed,
	struct kt_err *err) kt_must_check;

/* How the value at a path is made, in the words of generator.h; a rule that the path had before is replaced. KT_USAGE
 * with "shop.Order has no field idd", "uuid does not fit int". */
int kt_avro_random_rule(
	struct kt_avro_random *m, const char *path, const char *generator, struct kt_err *err) kt_must_check;

/* The value at a path is to be the record's key. KT_USAGE when it cannot be one. */
int kt_avro_random_key(struct kt_avro_random *m, const char *path, struct kt_err *err) kt_must_check;

/* Appends a datum. */
void kt_avro_random_make(struct kt_avro_random *m, struct kt_buf *out);

/* The key of the datum made last, as text (of bytes: the bytes themselves); data NULL when there is none. Valid until
 * the next one. */
struct kt_bytes kt_avro_random_key_of(const struct kt_avro_random *m);

void kt_avro_random_free(struct kt_avro_random *m);

#endif
