/* Samples of the text that Prometheus scrapes, OpenMetrics or its older form.
 *
 *   const char *at = text;
 *   while (kt_sample_next(&at, end, &sample))
 *           if (kt_sample_is(&sample, "requests_total")) sum += sample.value;
 *
 * Comments and lines that are no sample are passed over.
 */
#ifndef KT_OPENMETRICS_H
#define KT_OPENMETRICS_H

#include "buf.h"

struct kt_sample_line {
	struct kt_bytes name;
	struct kt_bytes labels; /* what stands between the braces; data NULL: no braces */
	double value;           /* finite */
};

/* The next sample behind *at, which moves behind its line. False at the end. */
bool kt_sample_next(const char **at, const char *end, struct kt_sample_line *sample);

bool kt_sample_is(const struct kt_sample_line *sample, const char *name);

/* The next label of a set, which is then without it: its name, and its value appended, unescaped. False, and nothing
 * appended, at the end and at what is no label. */
bool kt_label_next(struct kt_bytes *labels, struct kt_bytes *name, struct kt_buf *value);

/* Appends the value of the label of that name; false, and nothing appended, when there is none. */
bool kt_label(struct kt_bytes labels, const char *name, struct kt_buf *out);

#endif
