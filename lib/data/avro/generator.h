/* Rules by which values are made, as people write them:
 *
 *   sequence            1, 2, 3, …; sequence:START, sequence:START,STEP
 *   uniform:MIN,MAX     a number between them, both included where numbers are whole; range: is the same
 *   normal:MEAN,DEV     around MEAN, two of three no farther than DEV
 *   zipf:N              1 to N, the small ones often; zipf:N,EXPONENT (1 unless given)
 *   uuid                a new one each time
 *   now                 the time
 *   choice:A,B,…        one of these; choice:["A","B"] where a comma is in them
 *   constant:X          always that
 *
 *   struct kt_generator g;
 *   if (kt_generator_parse(&g, "zipf:1000,1.2", err) < 0)
 *           return -1;
 *   int64_t n = kt_generator_whole(&g, &random, 1, INT32_MAX);
 *
 * Of what type a value is to be, and what the texts of a choice are for it, is for the caller to say.
 */
#ifndef KT_GENERATOR_H
#define KT_GENERATOR_H

#include "distribution.h"
#include "err.h"
#include "list.h"

enum kt_generator_kind {
	KT_GENERATE_SEQUENCE,
	KT_GENERATE_UNIFORM,
	KT_GENERATE_NORMAL,
	KT_GENERATE_ZIPF, /* the last of those that make numbers */
	KT_GENERATE_UUID,
	KT_GENERATE_NOW,
	KT_GENERATE_CHOICE,
	KT_GENERATE_CONSTANT,
};

struct kt_generator {
	enum kt_generator_kind kind;
	const char *word;      /* "sequence", … */
	struct kt_strs values; /* of a choice or constant: as they were given, in a list of JSON as JSON */
	double a, b;           /* the two numbers of uniform, normal */
	int64_t start, step;   /* of a sequence; of uniform the two numbers, when they are whole */
	bool whole;
	int64_t next; /* of a sequence */
	struct kt_zipf zipf;
};

/* KT_USAGE, and g needs no fini then. */
int kt_generator_parse(struct kt_generator *g, const char *text, struct kt_err *err) kt_must_check;

static inline bool kt_generator_is_number(const struct kt_generator *g)
{
	return g->kind <= KT_GENERATE_ZIPF;
}

/* KT_USAGE when a rule for numbers does not fit a type whose numbers are min to max: limits that are beyond them or,
 * for a type of whole ones, are not whole. A normal distribution has only its mean to be between them. */
int kt_generator_fits(
	const struct kt_generator *g, double min, double max, bool whole, struct kt_err *err) kt_must_check;

/* The next number, for rules that are for numbers. What a normal distribution has beyond min or max becomes that; a
 * sequence that gets there begins again. */
int64_t kt_generator_whole(struct kt_generator *g, struct kt_random *random, int64_t min, int64_t max);
double kt_generator_real(struct kt_generator *g, struct kt_random *random);

void kt_generator_fini(struct kt_generator *g);

#endif
