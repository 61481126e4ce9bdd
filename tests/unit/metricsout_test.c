#include "metricsout.h"

#include "tap.h"

TEST(samples)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_metricsout_family(&out, "a", "counter", "Help.");
	kt_metricsout_name(&out, "a_total");
	kt_metricsout_i64(&out, -7);
	kt_metricsout_name(&out, "a_total");
	kt_metricsout_label(&out, "x", "plain");
	kt_metricsout_label(&out, "y", "q\"b\\l\n");
	kt_metricsout_label(&out, "z", "");
	kt_metricsout_double(&out, 0.25);
	kt_metricsout_end(&out);
	CHECK_STR(kt_buf_cstr(&out), "# HELP a Help.\n# TYPE a counter\na_total -7\n"
				     "a_total{x=\"plain\",y=\"q\\\"b\\\\l\\n\",z=\"\"} 0.25\n# EOF\n");
}

TEST(histogram)
{
	static struct kt_histogram h;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_histogram_add(&h, 100);
	kt_histogram_add(&h, 3000000);
	kt_metricsout_seconds(&out, "t_seconds", "Time.", &h);
	const char *text = kt_buf_cstr(&out);
	CHECK(strstr(text, "# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.0005\"} 1\n"));
	CHECK(strstr(text, "t_seconds_bucket{le=\"2.5\"} 1\nt_seconds_bucket{le=\"5.0\"} 2\n"));
	CHECK(strstr(text, "t_seconds_bucket{le=\"+Inf\"} 2\nt_seconds_sum 3.0001\nt_seconds_count 2\n"));
}
