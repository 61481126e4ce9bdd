/* Samples of the text that Prometheus scrapes, OpenMetrics or its older form.
 *
 *   const char *at = text;
 *   while (kt_sample_next(&at, end, &sample))
 *           if (kt_sample_is(&sample, "requests_total")) sum += sample.value;
 *
 * Comments and lines that are not samples are passed over. Blanks may stand wherever the formats allow them, and names
 * may be quoted as Prometheus 3 does it: {"a.name","a.label"="value"} 1.
 */
#ifndef KT_OPENMETRICS_H
#define KT_OPENMETRICS_H

#include "buf.h"

struct kt_sample_line {
	struct kt_bytes name;   /* as it is escaped when it was quoted, see kt_sample_is() */
	struct kt_bytes labels; /* what stands between the braces; data NULL: no braces */
	double value;           /* finite */
};

/* The next sample after *at, which moves to the line after it. False at the end. */
bool kt_sample_next(const char **at, const char *end, struct kt_sample_line *sample);

bool kt_sample_is(const struct kt_sample_line *sample, const char *name);

/* The next label of a set, which is then without it: its name, escaped when it was quoted, and its value appended,
 * unescaped. False, and nothing appended, at the end and at what is not a label. */
bool kt_label_next(struct kt_bytes *labels, struct kt_bytes *name, struct kt_buf *value);

/* Appends the value of the label of that name; false, and nothing appended, when there is none. */
bool kt_label(struct kt_bytes labels, const char *name, struct kt_buf *out);

/* The next metric that is announced ("# TYPE name …"), whether or not it has samples; in OpenMetrics the samples of a
 * counter have _total after that name. *at as in kt_sample_next(). */
bool kt_family_next(const char **at, const char *end, struct kt_bytes *name);

#endif
