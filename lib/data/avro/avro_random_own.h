/* What avro_rule.c prepares and avro_random.c uses. Used by these two alone. */
#ifndef KT_AVRO_RANDOM_OWN_H
#define KT_AVRO_RANDOM_OWN_H

#include "avro_random.h"
#include "generator.h"

/* A place in a datum about which something was said, or about a part of which something was. */
struct place {
	const struct kt_avro_type *type;
	struct place **parts;      /* by field, branch, or 0 for items; NULL, and each of them may be */
	struct kt_generator *rule; /* NULL: none; borrows */
	struct kt_buf choices;     /* of a choice or constant: the encoded values, one after another */
	size_t *ends;              /* of each of them */
	int64_t branch;            /* of a union: the one that is always taken; -1: any */
	bool is_key;
};

/* Of the shortest datum of a type. */
struct cost {
	uint32_t values, levels;
};

struct kt_avro_random {
	const struct kt_avro_schema *schema;
	struct kt_random random;
	struct cost *costs; /* by type */
	struct place *root;
	struct kt_generator **rules;
	size_t n_rules, cap;
	int64_t now_ns;
	unsigned depth; /* of lists and unions */
	int64_t left;   /* so many values may still be made where fewer would do */
	struct kt_buf key;
	bool has_key;
};

/* The limits of a type's whole numbers; of a decimal those of the number without its point. */
void kt_avro_limits(const struct kt_avro_type *type, int64_t *min, int64_t *max);

/* 10^scale, as far as a double has it. */
double kt_avro_unit(const struct kt_avro_type *type);

struct place *kt_avro_place_new(const struct kt_avro_type *type) __attribute__((returns_nonnull));
void kt_avro_place_free(struct place *place);

#endif
