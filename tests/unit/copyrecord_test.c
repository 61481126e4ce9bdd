#include "copyrecord.h"

#include "tap.h"

#define HEADER(name, value)                                                                                            \
	{                                                                                                              \
		KT_BYTES(name), KT_BYTES(value)                                                                        \
	}
#define KT_BYTES(text)                                                                                                 \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}

static const struct kt_header headers[] = {
	HEADER("kt.errors.topic", "mails"),
	HEADER("a", "1"),
	HEADER("kt.errors.partition", "3"),
	HEADER("a", "2"),
	{KT_BYTES("null"), {NULL, 0}},
};

static const struct kt_record letter = {
	.topic = KT_BYTES("dead"),
	.partition = 0,
	.offset = 7,
	.tstype = KT_TS_CREATE,
	.ts_ms = 5,
	.key = KT_BYTES("k"),
	.value = {NULL, 0},
	.headers = headers,
	.n_headers = KT_LEN(headers),
};

static const struct kt_strs none = {0};

TEST(stays_as_it_is)
{
	struct kt_err err;
	kt_auto(kt_copyrecord_fini) struct kt_copyrecord c = {.how = {.drop_header = &none, .partitions = 1}};
	CHECK_INT(kt_copyrecord_make(&c, &letter, &err), 0);
	CHECK(c.made.headers == headers);
	CHECK_INT(c.made.n_headers, KT_LEN(headers));
	CHECK_INT(c.made.partition, 0);
	CHECK_INT(c.made.ts_ms, 5);
	CHECK(c.made.value.data == NULL);
	CHECK(!c.retimed && !c.rekeyed);
}

TEST(partitions)
{
	struct kt_err err;
	struct kt_record r = letter;
	kt_auto(kt_copyrecord_fini) struct kt_copyrecord c = {.how = {.drop_header = &none, .partitions = 2}};
	r.partition = 2;
	CHECK_INT(kt_copyrecord_make(&c, &r, &err), 0);
	CHECK_INT(c.made.partition, -1);
	CHECK(c.rekeyed);
	c.how.by_key = true;
	r.partition = 1;
	CHECK_INT(kt_copyrecord_make(&c, &r, &err), 0);
	CHECK_INT(c.made.partition, -1);
	CHECK(!c.rekeyed);
}

TEST(times)
{
	struct kt_err err;
	struct kt_record r = letter;
	kt_auto(kt_copyrecord_fini) struct kt_copyrecord c = {.how = {.drop_header = &none, .partitions = 1}};
	r.ts_ms = 0;
	CHECK_INT(kt_copyrecord_make(&c, &r, &err), 0);
	CHECK(c.retimed);
	CHECK_INT(c.made.tstype, KT_TS_NONE);
	r.ts_ms = 1700000000000;
	r.tstype = KT_TS_APPEND;
	CHECK_INT(kt_copyrecord_make(&c, &r, &err), 0);
	CHECK_INT(c.made.tstype, KT_TS_CREATE);
	CHECK_INT(c.made.ts_ms, 1700000000000);
	r.tstype = KT_TS_NONE;
	r.ts_ms = 99;
	CHECK_INT(kt_copyrecord_make(&c, &r, &err), 0);
	CHECK_INT(c.made.ts_ms, -1);
	CHECK(!c.retimed);
}

TEST(dead_letters)
{
	struct kt_err err;
	kt_auto(kt_strs_fini) struct kt_strs drop = {0};
	kt_strs_add(&drop, "n*");
	kt_auto(kt_copyrecord_fini) struct kt_copyrecord c = {
		.how = {.drop_header = &drop, .replays = true, .to_header = "kt.errors.topic"}};
	CHECK_INT(kt_copyrecord_make(&c, &letter, &err), 0);
	CHECK_STR(kt_buf_cstr(&c.topic), "mails");
	CHECK_INT(c.made.partition, 3);
	CHECK_INT(c.made.n_headers, 2);
	CHECK(!memcmp(c.made.headers[1].value.data, "2", 1));
	kt_copyrecord_limit(&c, 3);
	CHECK_INT(c.made.partition, -1);
}

TEST(headers_that_name_no_topic)
{
	static const struct kt_header bad[] = {HEADER("t", "a\0b"), {KT_BYTES("u"), {NULL, 0}}};
	static const char *const names[] = {"t", "u", "v"};
	struct kt_err err;
	struct kt_record r = letter;
	r.headers = bad;
	r.n_headers = KT_LEN(bad);
	for (size_t i = 0; i < KT_LEN(names); i++) {
		kt_auto(kt_copyrecord_fini) struct kt_copyrecord c = {
			.how = {.drop_header = &none, .to_header = names[i]}};
		CHECK_INT(kt_copyrecord_make(&c, &r, &err), -1);
		CHECK_INT(err.status, KT_FAILED);
	}
}
