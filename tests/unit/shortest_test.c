#include "shortest.h"

#include <math.h>

#include "tap.h"

static const char *double_text(double value)
{
	static char text[KT_SHORTEST_MAX + 1];
	*kt_shortest_double(text, value) = '\0';
	return text;
}

static const char *float_text(float value)
{
	static char text[KT_SHORTEST_MAX + 1];
	*kt_shortest_float(text, value) = '\0';
	return text;
}

static double from_bits(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static float from_bits32(uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* splitmix64: the same numbers in every run. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

TEST(doubles)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{0.0, "0.0"},
		{-0.0, "-0.0"},
		{1.0, "1.0"},
		{-1.5, "-1.5"},
		{100.0, "100.0"},
		{0.1, "0.1"},
		{0.3, "0.3"},
		{0.1 + 0.2, "0.30000000000000004"},
		{26.5, "26.5"},
		{1.0 / 3, "0.3333333333333333"},
		{0.0001, "0.0001"},
		{0.00011, "0.00011"},
		{0.0012345678901234567, "0.0012345678901234567"},
		{0.00001, "1e-05"},
		{0.000012, "1.2e-05"},
		{1e-10, "1e-10"},
		{123456.789, "123456.789"},
		{1e15, "1000000000000000.0"},
		{1234567890123456.0, "1234567890123456.0"},
		{9999999999999998.0, "9999999999999998.0"},
		{1e16, "1e+16"},
		{12345678901234568.0, "1.2345678901234568e+16"},
		{1e22, "1e+22"},
		{1e23, "1e+23"},
		{1e100, "1e+100"},
		{2251799813685248.5, "2251799813685248.5"},
		{9007199254740991.0, "9007199254740991.0"},
		{9007199254740992.0, "9007199254740992.0"},
		{9007199254740994.0, "9007199254740994.0"},
		{18014398509481984.0, "1.8014398509481984e+16"},
		{9223372036854775808.0, "9.223372036854776e+18"},
		{1694266072.6484454, "1694266072.6484454"},
		{29.995697021484375, "29.995697021484375"},
		{5e-324, "5e-324"},
		{1e-323, "1e-323"},
		{2.2250738585072009e-308, "2.225073858507201e-308"},
		{2.2250738585072014e-308, "2.2250738585072014e-308"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{-1.7976931348623157e308, "-1.7976931348623157e+308"},
		{9.5367431640625e-07, "9.5367431640625e-07"},
		{5.684341886080802e-14, "5.684341886080802e-14"},
		{2.98023223876953125e-8, "2.9802322387695312e-08"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(double_text(rows[i].value), rows[i].text);
}

TEST(floats)
{
	static const struct {
		float value;
		const char *text;
	} rows[] = {
		{0.0f, "0.0"},
		{-0.0f, "-0.0"},
		{0.1f, "0.1"},
		{26.5f, "26.5"},
		{29.995697f, "29.995697"},
		{16777216.0f, "16777216.0"},
		{33554432.0f, "33554432.0"},
		{1e16f, "1e+16"},
		{1.17549435e-38f, "1.1754944e-38"},
		{1e-45f, "1e-45"},
		{3.4028235e38f, "3.4028235e+38"},
		{8388608.5f, "8388608.0"},
		{0.3f, "0.3"},
		{1e-05f, "1e-05"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(float_text(rows[i].value), rows[i].text);
}

TEST(what_is_not_finite)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	double values[] = {NAN, INFINITY, -INFINITY, 1.5};
	for (size_t i = 0; i < KT_LEN(values); i++) {
		kt_json_double(&out, values[i]);
		kt_buf_addc(&out, ' ');
		kt_json_float(&out, (float)values[i]);
		kt_buf_addc(&out, ' ');
		kt_python_double(&out, values[i]);
		kt_buf_addc(&out, ' ');
	}
	CHECK_STR(kt_buf_cstr(&out), "\"NaN\" \"NaN\" nan \"Infinity\" \"Infinity\" inf \"-Infinity\" \"-Infinity\" "
				     "-inf 1.5 1.5 1.5 ");
}

/* The significant digits of a text, without point, exponent and zeros at either end. */
static const char *digits_of(const char *text, char *out)
{
	size_t n = 0, len = 0;
	for (; *text && *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9' && (n || *text != '0')) {
			out[n++] = *text;
			len = *text == '0' ? len : n;
		}
	}
	out[len] = '\0';
	return out;
}

/* It reads back; no text with a digit less does ("%.*e" gives the best one of each length); and it is the nearest. */
static void check_double(double value)
{
	char other[40], ours[40], theirs[40];
	const char *text = double_text(value);
	if (strtod(text, NULL) != value)
		TAP_FAIL("%s does not read back as %a", text, value);
	int n = (int)strlen(digits_of(text, ours));
	snprintf(other, sizeof(other), "%.*e", n > 1 ? n - 2 : 0, value);
	if (n > 1 && strtod(other, NULL) == value)
		TAP_FAIL("%s would do for %s", other, text);
	snprintf(other, sizeof(other), "%.*e", n - 1, value);
	if (n && strtod(other, NULL) == value && strcmp(ours, digits_of(other, theirs)) != 0)
		TAP_FAIL("%s is nearer than %s", other, text);
}

TEST(every_double_reads_back)
{
	uint64_t state = 1;
	for (int i = 0; i < 200000; i++) {
		double value = from_bits(next_random(&state));
		if (isfinite(value))
			check_double(value);
	}
	for (int i = 0; i < 50000; i++)
		check_double((double)(int64_t)next_random(&state) / 1e9);
	for (int i = 0; i < 50000; i++)
		check_double((double)(next_random(&state) % 100000) / 1000);
}

TEST(around_powers_of_two)
{
	for (int exponent = -1074; exponent <= 1023; exponent++) {
		double value = ldexp(1, exponent);
		check_double(value);
		check_double(nextafter(value, 0));
		check_double(nextafter(value, INFINITY));
	}
	for (uint64_t bits = 1; bits < 3000; bits++)
		check_double(from_bits(bits));
}

TEST(every_float_reads_back)
{
	uint64_t state = 2;
	char shorter[40], ours[40];
	for (int i = 0; i < 200000; i++) {
		float value = from_bits32((uint32_t)next_random(&state));
		if (!isfinite(value))
			continue;
		const char *text = float_text(value);
		if (strtof(text, NULL) != value)
			TAP_FAIL("%s does not read back as %a", text, (double)value);
		int n = (int)strlen(digits_of(text, ours));
		snprintf(shorter, sizeof(shorter), "%.*e", n > 1 ? n - 2 : 0, (double)value);
		if (n > 1 && strtof(shorter, NULL) == value)
			TAP_FAIL("%s would do for %s", shorter, text);
	}
}
