#include "suggest.h"

/* Longer words are not typing errors. */
enum { LONGEST = 64 };

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits between two words: insert, delete, replace, and swap of neighbours (optimal string alignment). */
static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned *oldest = before;
		before = above;
		above = row;
		row = oldest;
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned char x = lower(a[i - 1]), y = lower(b[j - 1]);
			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return row[b_len];
}

void kt_suggest_offer(struct kt_suggest *near, const char *candidate)
{
	size_t len = strlen(near->word), other = strlen(candidate);
	if (!len || !other || len > LONGEST || other > LONGEST)
		return;
	unsigned allowed = len < 2 ? 0 : len < 6 ? 1 : (unsigned)len / 3;
	unsigned distance = edits(near->word, len, candidate, other);
	/* People mostly get the beginning of a word right; another word of the same length is not what they meant. */
	if (distance > 1 && lower((unsigned char)*near->word) != lower((unsigned char)*candidate))
		return;
	if (distance <= allowed && (!near->best || distance < near->distance)) {
		near->best = candidate;
		near->distance = distance;
	}
}
