#include "python.h"

#include "tap.h"

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		literal, sizeof(literal) - 1                                                                           \
	}

TEST(python_bytes)
{
	static const struct {
		struct kt_bytes bytes;
		const char *text;
	} rows[] = {
		{{NULL, 0}, "None"},
		{BYTES(""), "b''"},
		{BYTES("hello"), "b'hello'"},
		{BYTES("a\tb\nc\rd\\e"), "b'a\\tb\\nc\\rd\\\\e'"},
		{BYTES("it's"), "b\"it's\""},
		{BYTES("say \"hi\""), "b'say \"hi\"'"},
		{BYTES("it's \"hi\""), "b'it\\'s \"hi\"'"},
		{BYTES("\0\x1f ~\x7f\x80\xff"), "b'\\x00\\x1f ~\\x7f\\x80\\xff'"},
		{BYTES("\a\b\f\v\033"), "b'\\x07\\x08\\x0c\\x0b\\x1b'"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_python_bytes(&out, rows[i].bytes);
		CHECK_STR(kt_buf_cstr(&out), rows[i].text);
	}
}

/* Every pair of bytes, as Python itself prints it. */
TEST(python_bytes_agree_with_python)
{
	static const char program[] = "python3 -c 'for a in range(256):\n"
				      " for b in range(256): print(repr(bytes((a, b))))' 2>/dev/null";
	FILE *python = popen(program, "r");
	char line[32];
	unsigned wrong = 0, pair = 0;
	for (; python && fgets(line, sizeof(line), python); pair++) {
		char bytes[2] = {(char)(pair >> 8), (char)pair};
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_python_bytes(&out, (struct kt_bytes){bytes, 2});
		kt_buf_addc(&out, '\n');
		wrong += strcmp(kt_buf_cstr(&out), line) != 0;
	}
	int status = python ? pclose(python) : -1;
	if (status == 0)
		CHECK_INT(pair, 65536);
	else
		printf("# no python3 here\n");
	CHECK_INT(wrong, 0);
}

TEST(python_strings)
{
	static const struct {
		struct kt_bytes bytes;
		const char *text;
	} rows[] = {
		{BYTES(""), "''"},
		{BYTES("hello"), "'hello'"},
		{BYTES("577cb8c3-0c81-456e-9314-349937ca08a9"), "'577cb8c3-0c81-456e-9314-349937ca08a9'"},
		{BYTES("a\tb\nc\rd\\e"), "'a\\tb\\nc\\rd\\\\e'"},
		{BYTES("it's"), "\"it's\""},
		{BYTES("0123456789abcdef it's"), "\"0123456789abcdef it's\""},
		{BYTES("say \"hi\""), "'say \"hi\"'"},
		{BYTES("it's \"hi\""), "'it\\'s \"hi\"'"},
		{BYTES("\0\x1f ~\x7f"), "'\\x00\\x1f ~\\x7f'"},
		{BYTES("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "'caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80'"},
		{BYTES("\xc2\x80\xc2\xa0\xc2\xad"), "'\\x80\\xa0\\xad'"},
		{BYTES("\xe2\x80\x8b\xe2\x80\xa8\xe3\x80\x80"), "'\\u200b\\u2028\\u3000'"},
		{BYTES("\xee\x80\x80\xef\xbb\xbf\xef\xbf\xbf"), "'\\ue000\\ufeff\\uffff'"},
		{BYTES("\xf0\x90\x80\x80\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf"), "'\xf0\x90\x80\x80\\U000e0001\\U0010ffff'"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		CHECK(kt_python_string(&out, rows[i].bytes.data, rows[i].bytes.len));
		CHECK_STR(kt_buf_cstr(&out), rows[i].text);
	}
}

TEST(python_strings_are_utf8)
{
	static const struct kt_bytes rows[] = {
		BYTES("\xff"), BYTES("abc\xc3"), BYTES("\xed\xa0\x80"), BYTES("\xc0\x80"), BYTES("'\xf4\x90\x80\x80")};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_buf_adds(&out, "before");
		CHECK(!kt_python_string(&out, rows[i].data, rows[i].len));
		CHECK_MEM(out.data, out.len, "before", 6);
	}
}
