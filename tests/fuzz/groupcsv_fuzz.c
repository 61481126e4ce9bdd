/* A file of committed offsets: refused with a line's number, or read so that what is written of it reads the same. */
#include "fuzz.h"
#include "groupcsv.h"

static bool is_printable(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e || *text == '\\')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_groupcsv_fini) struct kt_groupcsv csv = {0}, again = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_err err = {0};
	if (kt_groupcsv_parse(&csv, (const char *)data, size, "f", &err) < 0) {
		REQUIRE(err.status == KT_USAGE && err.msg[0]);
		return 0;
	}
	REQUIRE(csv.n && csv.n <= size);
	bool plain = true;
	for (size_t i = 0; i < csv.n; i++) {
		REQUIRE(kt_groupcsv_find(&csv, csv.v[i].group, csv.v[i].topic, csv.v[i].partition) == &csv.v[i]);
		plain &= is_printable(csv.v[i].group) && is_printable(csv.v[i].topic);
		kt_groupcsv_line(&out, csv.v[i].group, csv.v[i].topic, csv.v[i].partition, csv.v[i].offset);
	}
	/* Other names are escaped, and then are others. */
	if (!plain)
		return 0;
	REQUIRE(kt_groupcsv_parse(&again, out.data, out.len, "f", &err) == 0 && again.n == csv.n);
	for (size_t i = 0; i < csv.n; i++)
		REQUIRE(again.v[i].offset == csv.v[i].offset && !strcmp(again.v[i].topic, csv.v[i].topic));
	return 0;
}
