#include "chart.h"

enum { EIGHTHS = 8 };

/* Rounded, but what is there at all can be seen. */
static size_t eighths(double value, double max, size_t width)
{
	if (!(value > 0) || !(max > 0))
		return 0;
	double n = value >= max ? (double)(width * EIGHTHS) : value / max * (double)(width * EIGHTHS) + 0.5;
	return n < 1 ? 1 : (size_t)n;
}

void kt_chart_line(struct kt_buf *out, const double *values, size_t n, double max)
{
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	for (size_t i = 0; i < n; i++)
		kt_buf_adds(out, blocks[eighths(values[i], max, 1)]);
}

void kt_chart_bar(struct kt_buf *out, double value, double max, size_t width)
{
	static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	size_t n = eighths(value, max, width);
	for (size_t i = 0; i < n / EIGHTHS; i++)
		kt_buf_adds(out, "█");
	kt_buf_adds(out, parts[n % EIGHTHS]);
}
