/* The lines of a file, one after another, for commands that read it to its end.
 *
 *   struct kt_each_line each = {.path = path, .take = take, .user = &x};
 *   if (kt_each_line(&each, err) < 0)
 *           return -1;
 *   … each.bad of them were not what was expected, the first one is each.first_bad …
 */
#ifndef KT_EACHLINE_H
#define KT_EACHLINE_H

#include "stop.h"

enum { KT_EACH_LINE_MAX = 16 << 20 }; /* bytes of a line; a longer one is bad */

struct kt_each_line {
	const char *path; /* "-": stdin */
	/* A line that is not empty; number counts from 1. -1: it is bad. */
	int (*take)(void *user, const char *data, size_t len, int64_t number);
	void *user;
	const struct kt_stop *stop; /* NULL: nothing ends it early */
	int64_t bad, first_bad;
};

/* -1: the file cannot be read, or it was stopped. */
int kt_each_line(struct kt_each_line *each, struct kt_err *err) kt_must_check;

#endif
