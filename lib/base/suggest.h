/* "Did you mean": the candidate that is nearest to a mistyped word. */
#ifndef KT_SUGGEST_H
#define KT_SUGGEST_H

#include "base.h"

/* Start as {.word = "prodcue"}; offer every candidate; best is then the nearest one within a sensible distance (a
 * third of the word's length, at least 1; transpositions count 1; case is ignored), or NULL. best borrows the
 * candidate's text. */
struct kt_suggest {
	const char *word;
	const char *best;
	unsigned distance;
};

void kt_suggest_offer(struct kt_suggest *near, const char *candidate);

#endif
