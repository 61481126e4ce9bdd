#include "chart.h"

#include "tap.h"

TEST(bars)
{
	static const struct {
		double value, max;
		const char *bar;
	} rows[] = {
		{0, 10, ""},
		{10, 10, "████"},
		{20, 10, "████"},
		{5, 10, "██"},
		{5.3, 10, "██▏"},
		{0.001, 10, "▏"},
		{-1, 10, ""},
		{1, 0, ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_chart_bar(&out, rows[i].value, rows[i].max, 4);
		CHECK_STR(kt_buf_cstr(&out), rows[i].bar);
	}
}

TEST(lines)
{
	static const double values[] = {0, 0.01, 4, 8, 9};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_chart_line(&out, values, KT_LEN(values), 8);
	CHECK_STR(kt_buf_cstr(&out), " ▁▄██");
}
