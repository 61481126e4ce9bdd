/* Charts made of characters. */
#ifndef KT_CHART_H
#define KT_CHART_H

#include "buf.h"

/* Appends one character per value, from a blank for 0 to a full block for max. */
void kt_chart_line(struct kt_buf *out, const double *values, size_t n, double max);

/* Appends a bar of value / max of width characters, to an eighth of one. */
void kt_chart_bar(struct kt_buf *out, double value, double max, size_t width);

#endif
