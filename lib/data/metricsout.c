#include "metricsout.h"

#include "shortest.h"

void kt_metricsout_family(struct kt_buf *out, const char *name, const char *type, const char *help)
{
	kt_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void kt_metricsout_name(struct kt_buf *out, const char *name)
{
	kt_buf_adds(out, name);
}

static bool has_labels(const struct kt_buf *out)
{
	return out->len && out->data[out->len - 1] == '"';
}

void kt_metricsout_label(struct kt_buf *out, const char *name, const char *text)
{
	kt_buf_addc(out, has_labels(out) ? ',' : '{');
	kt_buf_adds(out, name);
	kt_buf_adds(out, "=\"");
	for (; *text; text++) {
		if (*text == '\\' || *text == '"' || *text == '\n')
			kt_buf_addc(out, '\\');
		kt_buf_addc(out, *text == '\n' ? 'n' : *text);
	}
	kt_buf_addc(out, '"');
}

static void end_labels(struct kt_buf *out)
{
	kt_buf_adds(out, has_labels(out) ? "} " : " ");
}

void kt_metricsout_i64(struct kt_buf *out, int64_t value)
{
	end_labels(out);
	kt_buf_add_i64(out, value);
	kt_buf_addc(out, '\n');
}

void kt_metricsout_double(struct kt_buf *out, double value)
{
	end_labels(out);
	kt_json_double(out, value);
	kt_buf_addc(out, '\n');
}

void kt_metricsout_seconds(struct kt_buf *out, const char *name, const char *help, const struct kt_histogram *h)
{
	static const int64_t bounds_us[] = {500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000,
		2500000, 5000000, 10000000};
	kt_metricsout_family(out, name, "histogram", help);
	for (size_t i = 0; i < KT_LEN(bounds_us); i++) {
		kt_buf_addf(out, "%s_bucket{le=\"", name);
		kt_json_double(out, (double)bounds_us[i] / 1e6);
		kt_buf_addc(out, '"');
		kt_metricsout_i64(out, (int64_t)kt_histogram_up_to(h, bounds_us[i]));
	}
	kt_buf_addf(out, "%s_bucket{le=\"+Inf\"", name);
	kt_metricsout_i64(out, (int64_t)h->n);
	kt_buf_addf(out, "%s_sum", name);
	kt_metricsout_double(out, (double)h->sum / 1e6);
	kt_buf_addf(out, "%s_count", name);
	kt_metricsout_i64(out, (int64_t)h->n);
}

void kt_metricsout_end(struct kt_buf *out)
{
	kt_buf_adds(out, "# EOF\n");
}
