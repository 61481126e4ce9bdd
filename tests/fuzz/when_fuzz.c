/* A time that is read and shown reads back as the same one. */
#include "fuzz.h"
#include "mem.h"
#include "when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t now = 1700000000123, year_1 = -62135596800000, year_9999 = 253402300799999;
	struct kt_err err = {0};
	char shown[40];
	int64_t ms = 77, again = 0;
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	if (kt_parse_when_ms(text, now, &ms, &err) < 0) {
		REQUIRE(ms == 77 && err.status == KT_USAGE && err.msg[0] && err.hint[0]);
		return 0;
	}
	kt_show_when(ms, shown);
	REQUIRE(strlen(shown) < sizeof(shown) && shown[strlen(shown) - 1] == 'Z');
	if (ms >= year_1 && ms <= year_9999)
		REQUIRE(kt_parse_when_ms(shown, now, &again, &err) == 0 && again == ms);
	return 0;
}
