/* "Did you mean": the candidate that is nearest to a mistyped word. */
#ifndef KT_NEAR_H
#define KT_NEAR_H

#include "base.h"

/* Start as {.word = "prodcue"}; offer every candidate; best is then the nearest one within a sensible distance (a
 * third of the word's length, at least 1; transpositions count 1; case is ignored), or NULL. best borrows the
 * candidate's text. */
struct kt_near {
	const char *word;
	const char *best;
	unsigned distance;
};

void kt_near_offer(struct kt_near *near, const char *candidate);

#endif
