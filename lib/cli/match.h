/* Which of the things that exist the words of a command line mean: exact names, and patterns as the shell has them
 * (* ? [a-z], a backslash in front takes their meaning away), or as a regular expression that begins with ^, quoted so
 * that the shell leaves them alone.
 *
 *   kt_auto(kt_match_fini) struct kt_match pick = {0};
 *   kt_match(&pick, &words, &existing, "__");
 *   for (size_t i = 0; i < pick.found.n; i++) describe(pick.found.v[i]);
 *   for (size_t i = 0; i < pick.missing.n; i++)
 *           kt_match_missing("topic", pick.missing.v[i], brokers, &existing, &one);
 */
#ifndef KT_MATCH_H
#define KT_MATCH_H

#include "buf.h"
#include "err.h"
#include "list.h"

struct kt_match {
	struct kt_strs found;   /* each once; in the order of the words, and what a pattern matches in byte order */
	struct kt_strs missing; /* words to which nothing answers, each once, in their order */
};

bool kt_is_pattern(const char *word);

/* Whether one name is what a pattern means, an internal one too. */
bool kt_matches(const char *pattern, const char *name);

/* Fills *pick, which is all zero before. A word that is somebody's name means that one, even if it looks like a
 * pattern. Names that begin with `internal` only answer to patterns that begin with it too; NULL: there are none. */
void kt_match(struct kt_match *pick, const struct kt_strs *words, const struct kt_strs *existing, const char *internal);

/* Fills err for a word to which nothing answered: KT_NOT_FOUND, for a name with the nearest one as its hint; KT_USAGE
 * for what is no regular expression. kind: "topic", "group"; where: the brokers. Returns -1. */
int kt_match_missing(
	const char *kind, const char *word, const char *where, const struct kt_strs *existing, struct kt_err *err);

/* Appends "topic a" or "3 topics (a, b, c)"; of many names the first ten and how many more there are. */
void kt_match_show(struct kt_buf *out, const char *kind, const struct kt_strs *names);

void kt_match_fini(struct kt_match *pick);

#endif
