/* Two results of `kt bench … -J` side by side: what differs, and whether it is more than the intervals of each differ
 * among themselves.
 *
 *   struct kt_benchresult a = {0}, b = {0};
 *   if (kt_benchresult_read(&a, "a.json", err) < 0 || kt_benchresult_read(&b, "b.json", err) < 0)
 *           return -1;
 *   kt_benchcompare_add(&out, &a, &b, aligned);
 */
#ifndef KT_BENCHCOMPARE_H
#define KT_BENCHCOMPARE_H

#include "buf.h"
#include "err.h"

enum { KT_BENCHRESULT_ROWS = 10 };

struct kt_benchresult {
	char kind[16]; /* of bench: produce, http */
	bool open;     /* an open loop */
	double asked;  /* its rate; 0: none */
	size_t intervals;
	struct {
		bool known;
		double value;
		double spread; /* the standard deviation of the intervals, -1: they do not have it, or are too few */
	} v[KT_BENCHRESULT_ROWS];
};

/* Reads the last line of a file; - is stdin. KT_USAGE when it is no such result. */
int kt_benchresult_read(struct kt_benchresult *r, const char *path, struct kt_err *err) kt_must_check;

/* The same of a text; name is what messages call it. */
int kt_benchresult_parse(
	struct kt_benchresult *r, const char *text, size_t len, const char *name, struct kt_err *err) kt_must_check;

/* A table; aligned under a heading, or tab-separated. What both have, and who differs by how much. */
void kt_benchcompare_add(
	struct kt_buf *out, const struct kt_benchresult *a, const struct kt_benchresult *b, bool aligned);
/* The same as an object. */
void kt_benchcompare_json(struct kt_buf *out, const struct kt_benchresult *a, const struct kt_benchresult *b);

#endif
