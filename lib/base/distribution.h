/* Random numbers that are not all equally likely.
 *
 *   double height = kt_random_normal(&random, 175, 7);
 *   struct kt_zipf zipf;
 *   kt_zipf_init(&zipf, 1000, 1.1);                       a thousand customers, of which the first buys most
 *   int64_t customer = kt_zipf_next(&zipf, &random);
 */
#ifndef KT_DISTRIBUTION_H
#define KT_DISTRIBUTION_H

#include "random.h"

double kt_random_normal(struct kt_random *r, double mean, double deviation);

/* Ranks 1 to n, of which k comes up in proportion to 1 / k^exponent. */
struct kt_zipf {
	double n, exponent;
	double from, to, always; /* constants of the method */
};

enum { KT_ZIPF_MOST = 1000000000 };

/* n: 1 to KT_ZIPF_MOST; exponent: above 0, at most 100. No table: the time does not depend on n. */
void kt_zipf_init(struct kt_zipf *z, int64_t n, double exponent);
int64_t kt_zipf_next(const struct kt_zipf *z, struct kt_random *r);

#endif
