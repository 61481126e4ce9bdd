/* Topic names, as brokers judge them. */
#ifndef KT_TOPIC_H
#define KT_TOPIC_H

#include "buf.h"
#include "err.h"
#include "list.h"

/* KT_USAGE unless name can be a topic's: 1 to 249 of the bytes a-z A-Z 0-9 . _ - and neither "." nor "..". */
int kt_topic_check(const char *name, struct kt_err *err) kt_must_check;

/* Whether name stands for the topics that it matches: a regular expression, which begins with ^ (POSIX extended), or a
 * pattern as the shell has them (* ? [a-z]). */
bool kt_topic_is_pattern(const char *name);

/* The pattern as a regular expression that begins with ^. */
void kt_topic_regex(struct kt_buf *out, const char *pattern);

/* Adds what a word of a command line means: "a,b" are two names, which have no commas; a pattern is one. None twice. */
void kt_topic_names(struct kt_strs *out, const char *word);

#endif
