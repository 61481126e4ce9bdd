/* Numbers are in range or refused; what is shown of them fits its room and has the same digits. */
#include "fuzz.h"
#include "mem.h"
#include "num.h"

static void check_i64(const char *text)
{
	struct kt_err err = {0};
	char shown[32], plain[32];
	size_t digits = 0;
	int64_t n = 0, again = 0;
	if (kt_parse_i64(text, INT64_MIN, INT64_MAX, &n, &err) < 0) {
		REQUIRE(err.status == KT_USAGE && err.msg[0]);
		return;
	}
	snprintf(plain, sizeof(plain), "%lld", (long long)n);
	REQUIRE(kt_parse_i64(plain, n, n, &again, &err) == 0 && again == n);
	for (const char *at = kt_group_digits(n, shown); *at; at++)
		if (*at != ',')
			shown[digits++] = *at;
	shown[digits] = '\0';
	REQUIRE(!strcmp(shown, plain));
	if (n < INT64_MAX)
		REQUIRE(kt_parse_i64(plain, n + 1, INT64_MAX, &again, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	char shown[32];
	double real;
	int64_t n;
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	check_i64(text);
	if (!kt_parse_double(text, &real, &err))
		REQUIRE(real - real == 0);
	if (!kt_parse_bytes(text, &n, &err))
		REQUIRE(n >= 0);
	if (!kt_parse_duration_ms(text, &n, &err)) {
		REQUIRE(n >= 0);
		REQUIRE(strlen(kt_show_ms(n, shown)) < sizeof(shown));
	}
	return 0;
}
