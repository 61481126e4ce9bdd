/* The text of a condition: paths become parameters, and nothing of what is left can name one. */
#include "conditionscan.h"
#include "fuzz.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	kt_auto(kt_conditionscan_fini) struct kt_conditionscan scan = {0};
	struct kt_err err = {0};
	if (size > 4096)
		return 0;
	if (kt_conditionscan(&scan, text, &err) < 0) {
		REQUIRE(err.status == KT_USAGE && err.msg[0] && err.hint[0]);
		return 0;
	}
	REQUIRE(scan.columns.n <= scan.n);
	for (size_t i = 0; i < scan.n; i++)
		REQUIRE(scan.terms[i] >= -7 && scan.terms[i] < (int)scan.columns.n);
	const char *sql = kt_buf_cstr(&scan.sql);
	REQUIRE(strlen(sql) == scan.sql.len && !strncmp(sql, "SELECT (", 8) && !strcmp(sql + scan.sql.len - 2, "\n)"));
	/* Texts, names and comments are as they were; without them there is no path left. */
	if (!strpbrk(text, "'\"`[-/"))
		REQUIRE(!strchr(sql, '$'));
	return 0;
}
