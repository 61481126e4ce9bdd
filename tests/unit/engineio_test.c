#include "engineio.h"

#include "tap.h"

#define TEXT_IS(text) ((struct kt_bytes){text, sizeof(text) - 1})

/* All packets of a payload, "4abc|b4x|2": a b before those that are binary; ends in ! where it is none. */
static const char *packets(struct kt_bytes body, bool binary)
{
	static char out[200];
	struct kt_engineio_payload p = {.at = body.data, .end = body.data + body.len, .binary = binary};
	struct kt_engineio_packet packet;
	size_t len = 0;
	int got;
	out[0] = '\0';
	while ((got = kt_engineio_next(&p, &packet)) > 0)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s%c%.*s", len ? "|" : "",
			packet.binary ? "b" : "", packet.type, (int)packet.data.len, packet.data.data);
	if (got < 0)
		snprintf(out + len, sizeof(out) - len, "!");
	return out;
}

TEST(payloads_of_text)
{
	CHECK_STR(packets(TEXT_IS("1:2"), false), "2");
	CHECK_STR(packets(TEXT_IS("7:40/test12:42[\"x\"1:1"), false), "40/test!");
	CHECK_STR(packets(TEXT_IS("7:40/test7:42[\"x\"]1:1"), false), "40/test|42[\"x\"]|1");
	CHECK_STR(packets(TEXT_IS("4:b4eA"), false), "b4eA");
	CHECK_STR(packets(TEXT_IS(""), false), "");
}

TEST(lengths_are_units_of_utf_16)
{
	/* 4 and three characters, of which one is two units */
	CHECK_STR(packets(TEXT_IS("5:4\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), false),
		"4\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	CHECK_STR(packets(TEXT_IS("10:4\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), false), "!");
	/* the second unit is missing */
	CHECK_STR(packets(TEXT_IS("2:4\xf0\x9f\x98\x80"), false), "!");
	CHECK_STR(packets(TEXT_IS("2:4\xff"), false), "!");
}

TEST(what_is_no_payload)
{
	static const char *const none[] = {
		":2", "x:2", "0:", "1:", "2:2", "1:7", "1:x", "1", "9999999999:2", "-1:2", "1:b", "1:\xc3", " 1:2"};
	for (size_t i = 0; i < KT_LEN(none); i++)
		CHECK_STR(packets((struct kt_bytes){none[i], strlen(none[i])}, false), "!");
}

TEST(binary_payloads)
{
	CHECK_STR(packets(TEXT_IS("\0\1\xff"
				  "2"),
			  true),
		"2");
	CHECK_STR(packets(TEXT_IS("\0\1\0\xff"
				  "4\xc3\xa9\xe2\x82\xac____"
				  "\0\1\xff"
				  "1"),
			  true),
		"4\xc3\xa9\xe2\x82\xac____|1");
	CHECK_STR(packets(TEXT_IS("\1\3\xff\4ab"), true), "b4ab");
	CHECK_STR(packets(TEXT_IS("\1\1\xff\7"), true), "!");
	CHECK_STR(packets(TEXT_IS("\2\1\xff"
				  "2"),
			  true),
		"!");
	CHECK_STR(packets(TEXT_IS("\0\1"), true), "!");
	CHECK_STR(packets(TEXT_IS("\0\xff"
				  "2"),
			  true),
		"!");
	CHECK_STR(packets(TEXT_IS("\0\2\xff"
				  "4\xff"),
			  true),
		"!");
	CHECK_STR(packets(TEXT_IS("\0\12\xff"
				  "2"),
			  true),
		"!");
	CHECK_STR(packets(TEXT_IS("\0\2\xff"
				  "2"),
			  true),
		"!");
}

TEST(what_is_written_is_read)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, binary = {0};
	static const char *const all[] = {"0{}", "40/test", "4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	for (size_t i = 0; i < KT_LEN(all); i++) {
		kt_engineio_add(&text, (struct kt_bytes){all[i], strlen(all[i])}, false);
		kt_engineio_add(&binary, (struct kt_bytes){all[i], strlen(all[i])}, true);
	}
	CHECK_STR(packets((struct kt_bytes){text.data, text.len}, false),
		"0{}|40/test|4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	CHECK_STR(packets((struct kt_bytes){binary.data, binary.len}, true),
		"0{}|40/test|4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	CHECK_INT(binary.data[0], 0);
	CHECK_INT(binary.data[1], 3);
	CHECK_INT((unsigned char)binary.data[2], 0xff);
}

static const char *again(struct kt_bytes text)
{
	static char shown[100];
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	bool done = kt_engineio_decode_again(&out, text);
	snprintf(shown, sizeof(shown), "%s", done ? kt_buf_cstr(&out) : out.len ? "left something" : "no");
	return shown;
}

TEST(what_was_encoded_twice)
{
	/* é, € and a smiling face, each byte of their UTF-8 a character */
	CHECK_STR(again(TEXT_IS("a\xc3\x83\xc2\xa9\xc3\xa2\xc2\x82\xc2\xac\xc3\xb0\xc2\x9f\xc2\x98\xc2\x80")),
		"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	CHECK_STR(again(TEXT_IS("plain")), "plain");
	CHECK_STR(again(TEXT_IS("\xc3\xa9")), "no");     /* a byte alone */
	CHECK_STR(again(TEXT_IS("\xe2\x82\xac")), "no"); /* no byte */
}
