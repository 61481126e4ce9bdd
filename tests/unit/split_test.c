#include "split.h"

#include "buf.h"
#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		literal, sizeof(literal) - 1                                                                           \
	}

static const struct kt_bytes line = BYTES("\n");

/* Appends "<record>" for each record of the block; returns how much of it is left over. */
static size_t take_records(
	struct kt_buf *out, const struct kt_split *split, const char *block, size_t len, size_t searched, bool ended)
{
	size_t used;
	struct kt_bytes record;
	while ((used = kt_split_record(split, block, len, searched, ended, &record))) {
		kt_buf_addc(out, '<');
		kt_buf_add(out, record.data, record.len);
		kt_buf_addc(out, '>');
		block += used, len -= used, searched = 0;
	}
	return len;
}

TEST(split_cuts)
{
	static const struct {
		struct kt_bytes delim, input;
		const char *records;
	} rows[] = {
		{BYTES("\n"), BYTES(""), ""},
		{BYTES("\n"), BYTES("a"), "<a>"},
		{BYTES("\n"), BYTES("a\n"), "<a>"},
		{BYTES("\n"), BYTES("\n"), "<>"},
		{BYTES("\n"), BYTES("\n\n"), "<><>"},
		{BYTES("\n"), BYTES("a\n\nb"), "<a><><b>"},
		{BYTES("\n"), BYTES("a\r\n"), "<a\r>"},
		{BYTES("--"), BYTES("a--b"), "<a><b>"},
		{BYTES("--"), BYTES("a---b"), "<a><-b>"},
		{BYTES("--"), BYTES("----"), "<><>"},
		{BYTES("--"), BYTES("-"), "<->"},
		{BYTES("aab"), BYTES("aaab"), "<a>"},
		{BYTES("aab"), BYTES("aabaaaabaa"), "<><aa><aa>"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_split split = {.delim = rows[i].delim};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		size_t left = take_records(&out, &split, rows[i].input.data, rows[i].input.len, 0, true);
		CHECK_STR(kt_buf_cstr(&out), rows[i].records);
		CHECK_INT(left, 0);
	}
}

TEST(split_waits_for_the_rest)
{
	struct kt_split split = {.delim = line};
	struct kt_bytes record = {"before", 6};
	CHECK_INT(kt_split_record(&split, "abc", 3, 0, false, &record), 0);
	CHECK_INT(kt_split_record(&split, "", 0, 0, false, &record), 0);
	CHECK_MEM(record.data, record.len, "before", 6);
	CHECK_INT(kt_split_record(&split, "abc\nd", 5, 3, false, &record), 4);
	CHECK_MEM(record.data, record.len, "abc", 3);
	/* a NUL is a byte like any other */
	CHECK_INT(kt_split_record(&split, "\0\0\n", 3, 0, false, &record), 3);
	CHECK_MEM(record.data, record.len, "\0", 2);
}

TEST(split_finds_keys)
{
	static const struct {
		struct kt_bytes delim, record, key, value;
	} rows[] = {
		{{NULL, 0}, BYTES("a:b"), {NULL, 0}, BYTES("a:b")},
		{BYTES(":"), BYTES("a:b"), BYTES("a"), BYTES("b")},
		{BYTES(":"), BYTES("a:b:c"), BYTES("a"), BYTES("b:c")},
		{BYTES(":"), BYTES("ab"), {NULL, 0}, BYTES("ab")},
		{BYTES(":"), BYTES(":b"), BYTES(""), BYTES("b")},
		{BYTES(":"), BYTES("a:"), BYTES("a"), BYTES("")},
		{BYTES(":"), BYTES(""), {NULL, 0}, BYTES("")},
		{BYTES("::"), BYTES("a:b::c"), BYTES("a:b"), BYTES("c")},
		{BYTES("::"), BYTES(":"), {NULL, 0}, BYTES(":")},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_split split = {.delim = line, .key_delim = rows[i].delim};
		struct kt_bytes key = {"x", 1}, value = {0};
		kt_split_key(&split, rows[i].record, &key, &value);
		CHECK(!key.data == !rows[i].key.data);
		CHECK(value.data);
		CHECK_MEM(key.data, key.len, rows[i].key.data, rows[i].key.len);
		CHECK_MEM(value.data, value.len, rows[i].value.data, rows[i].value.len);
	}
}

/* Random input of few different bytes, so that delimiters and their beginnings are frequent. */
static size_t random_input(char *input, size_t most)
{
	size_t len = (size_t)random() % most;
	for (size_t i = 0; i < len; i++)
		input[i] = "ab\n"[random() % 3];
	return len;
}

/* The records of a stream that arrives in two blocks, cut at `cut`. */
static void take_in_two(struct kt_buf *out, const struct kt_split *split, const char *input, size_t len, size_t cut)
{
	size_t left = take_records(out, split, input, cut, 0, false);
	left = take_records(out, split, input + cut - left, len - cut + left, left, true);
	CHECK_INT(left, 0);
}

/* The records of a stream that arrives byte by byte. */
static void take_one_by_one(struct kt_buf *out, const struct kt_split *split, const char *input, size_t len)
{
	size_t left = 0;
	for (size_t i = 0; i <= len; i++) {
		size_t searched = left, more = i < len;
		left = take_records(out, split, input + i - left, left + more, searched, !more);
	}
	CHECK_INT(left, 0);
}

TEST(split_does_not_depend_on_the_cut)
{
	static const struct kt_bytes delims[] = {BYTES("\n"), BYTES("ab"), BYTES("aab"), BYTES("abab"), BYTES("aaaa")};
	char input[48];
	srandom(1);
	for (size_t round = 0; round < 2000; round++) {
		struct kt_split split = {.delim = delims[round % KT_LEN(delims)]};
		kt_auto(kt_buf_fini) struct kt_buf whole = {0}, cut = {0};
		size_t len = random_input(input, sizeof(input));
		take_records(&whole, &split, input, len, 0, true);
		for (size_t at = 0; at <= len; at++) {
			cut.len = 0;
			take_in_two(&cut, &split, input, len, at);
			CHECK_MEM(cut.data, cut.len, whole.data, whole.len);
		}
		cut.len = 0;
		take_one_by_one(&cut, &split, input, len);
		CHECK_MEM(cut.data, cut.len, whole.data, whole.len);
	}
}
