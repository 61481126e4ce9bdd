#include "recordprint.h"

#include "tap.h"

#define BYTES(text) ((struct kt_bytes){text, sizeof(text) - 1})

static const struct kt_record record = {.topic = {"t", 1},
	.partition = 3,
	.offset = 42,
	.key = {"k", 1},
	.value = {"v\x1b", 2},
	.tstype = KT_TS_CREATE,
	.ts_ms = 7};

/* What is printed, and with the fields of a datum when there are some. */
static const char *printed(struct kt_recordprint *how, const struct kt_record *r, const struct kt_bytes *fields)
{
	static char text[512];
	struct kt_buf out = {0};
	kt_recordprint(how, &out, r, fields);
	snprintf(text, sizeof(text), "%s", kt_buf_cstr(&out));
	kt_buf_fini(&out);
	return text;
}

TEST(a_value_alone_or_after_its_key)
{
	kt_auto(kt_recordprint_fini) struct kt_recordprint how = {0};
	struct kt_record null = record;
	null.key = null.value = (struct kt_bytes){0};
	kt_buf_adds(&how.delim, "\n");
	kt_recordprint_choose(&how, false, 0);
	CHECK_STR(printed(&how, &record, NULL), "v\x1b\n");
	CHECK_STR(printed(&how, &null, NULL), "\n");
	kt_buf_adds(&how.key_delim, "|");
	CHECK_STR(printed(&how, &record, NULL), "k|v\x1b\n");
	how.null_text = "NULL";
	CHECK_STR(printed(&how, &null, NULL), "NULL|NULL\n");
	kt_recordprint_choose(&how, true, 0);
	CHECK_STR(printed(&how, &record, NULL), "k|v\\x1b\n");
}

TEST(the_first_that_is_set_counts)
{
	kt_auto(kt_recordprint_fini) struct kt_recordprint how = {.json = true, .python = true};
	struct kt_err err = {0};
	const struct kt_bytes fields[] = {BYTES("1")};
	struct kt_record datum = record;
	datum.value = BYTES("{\"a\":1}");
	CHECK(strstr(printed(&how, &record, NULL), "\"key\":\"k\",\"payload\":\"v\\u001b\"}\n") != NULL);
	CHECK(strstr(printed(&how, &datum, fields), "\"key\":\"k\",\"payload\":{\"a\":1}}\n") != NULL);
	how.json = false;
	CHECK_INT(kt_format_compile(&how.format, "%p:%o %k\\n", NULL, &err), 0);
	CHECK_STR(printed(&how, &record, NULL), "3:42 k\n");
	kt_format_free(how.format);
	how.format = NULL;
	CHECK_STR(printed(&how, &record, NULL), "b'v\\x1b'\n");
	CHECK_STR(printed(&how, &datum, fields), "{\"a\":1}\n");
}

TEST(python_counts_each_thousandth)
{
	kt_auto(kt_recordprint_fini) struct kt_recordprint how = {.python = true};
	for (int i = 1; i < 1000; i++)
		CHECK_STR(printed(&how, &record, NULL), "b'v\\x1b'\n");
	CHECK_STR(printed(&how, &record, NULL), "1000\nb'v\\x1b'\n");
	CHECK_STR(printed(&how, &record, NULL), "b'v\\x1b'\n");
}
