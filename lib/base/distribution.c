#include "distribution.h"

#include <math.h>

/* Box and Muller; the second number that the method yields is dropped, so that there is no state. */
double kt_random_normal(struct kt_random *r, double mean, double deviation)
{
	double radius = sqrt(-2 * log(1 - kt_random_unit(r)));
	return mean + deviation * radius * cos(2 * M_PI * kt_random_unit(r));
}

/* Rejection-inversion: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", 1996. density() is x^-s, area() its integral from 1, which for s near 1 is near the logarithm. */
static double density(const struct kt_zipf *z, double x)
{
	return exp(-z->exponent * log(x));
}

static double area(const struct kt_zipf *z, double x)
{
	double power = (1 - z->exponent) * log(x);
	return log(x) * (fabs(power) > 1e-8 ? expm1(power) / power : 1 + power / 2);
}

static double area_inverse(const struct kt_zipf *z, double y)
{
	double power = y * (1 - z->exponent);
	power = power < -1 ? -1 : power;
	return exp(y * (fabs(power) > 1e-8 ? log1p(power) / power : 1 - power / 2));
}

void kt_zipf_init(struct kt_zipf *z, int64_t n, double exponent)
{
	*z = (struct kt_zipf){.n = (double)n, .exponent = exponent};
	z->from = area(z, 1.5) - 1;
	z->to = area(z, z->n + 0.5);
	z->always = 2 - area_inverse(z, area(z, 2.5) - density(z, 2));
}

int64_t kt_zipf_next(const struct kt_zipf *z, struct kt_random *r)
{
	for (;;) {
		double y = z->to + kt_random_unit(r) * (z->from - z->to), x = area_inverse(z, y);
		double k = floor(x + 0.5);
		k = k < 1 ? 1 : k > z->n ? z->n : k;
		if (k - x <= z->always || y >= area(z, k + 0.5) - density(z, k))
			return (int64_t)k;
	}
}
