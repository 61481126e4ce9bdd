/* JSON, and what Avro's encoding of it is: for our encoder, and for avro-c, which reads it. */
#ifndef AVRO_ROWS_H
#define AVRO_ROWS_H

#define RECORD                                                                                                          \
	"{\"type\":\"record\",\"name\":\"n.R\",\"fields\":[{\"name\":\"e\",\"type\":\"string\"},{\"name\":\"sensors\"," \
	"\"type\":{\"type\":\"array\",\"items\":\"string\"},\"default\":[\"d\"]},{\"name\":\"o\",\"type\":[\"null\","   \
	"\"R\"],\"default\":null}]}"
#define ENUM "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}"
#define FIXED "{\"type\":\"fixed\",\"name\":\"F\",\"size\":2}"

#define DECIMAL "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":5,\"scale\":2}"

static const struct {
	const char *schema, *json, *hex;
} avro_rows[] = {
	{"\"null\"", "null", ""},
	{"\"boolean\"", "true", "01"},
	{"\"int\"", "-64", "7f"},
	{"\"int\"", "2147483647", "feffffff0f"},
	{"\"long\"", "-9223372036854775808", "ffffffffffffffffff01"},
	{"\"float\"", "0.1", "cdcccc3d"},
	{"\"float\"", "1", "0000803f"},
	{"\"float\"", "\"NaN\"", "0000c07f"},
	{"\"double\"", "\"-Infinity\"", "000000000000f0ff"},
	{"\"double\"", "1694266072.6484454", "218029b61c3fd941"},
	{"\"string\"", "\"a\\u0000\\u00e9\"", "086100c3a9"},
	{"\"bytes\"", "\"\\u0000\\u00ffA\"", "0600ff41"},
	{FIXED, "\"\\u0080\\u007f\"", "807f"},
	{ENUM, "\"B\"", "02"},
	{"{\"type\":\"array\",\"items\":\"int\"}", "[1,2]", "04020400"},
	{"{\"type\":\"array\",\"items\":\"int\"}", "[]", "00"},
	{"{\"type\":\"map\",\"values\":\"int\"}", "{\"a\":1}", "0202610200"},
	{RECORD, "{\"sensors\":[],\"e\":\"x\"}", "02780000"},
	{RECORD, "{\"o\":{\"sensors\":[\"a\"],\"e\":\"y\"},\"e\":\"x\"}", "0278020264000202790202610000"},
	{RECORD, "{\"e\":\"y\",\"sensors\":[\"s\"],\"e\":\"x\"}", "02780202730000"},
	{RECORD, "{\"o\":{\"e\":\"y\"},\"e\":\"x\",\"o\":null}",
		"027802026400"
		"00"},
	{"\"double\"", "9223372036854775808", "000000000000e043"},
	{"\"double\"", "-100000000000000000000", "408cb5781daf15c4"},
	{"\"float\"", "18446744073709551616", "0000805f"},
	{"\"double\"", "\xef\xbb\xbf 1", "000000000000f03f"},
	{RECORD, "{\"e\":\"x\",\"o\":{\"e\":\"\",\"sensors\":[\"s\"]}}",
		"0278020264000200020273"
		"0000"},
	{RECORD, "{\"e\":\"x\",\"o\":{\"n.R\":{\"e\":\"\",\"sensors\":[]}}}", "02780202640002000000"},
	{DECIMAL, "1.23", "027b"},
	{DECIMAL, "\"{\"", "027b"},
	{"{\"type\":\"int\",\"logicalType\":\"date\"}", "\"1970-01-02\"", "02"},
	{"{\"type\":\"int\",\"logicalType\":\"date\"}", "1", "02"},
	{"[\"null\",\"string\"]", "null", "00"},
	{"[\"null\",\"string\"]", "\"a\"", "020261"},
	{"[\"null\",\"string\"]", "{\"string\":\"a\"}", "020261"},
	{"[\"double\",\"string\"]", "\"NaN\"", "02064e614e"},
	{"[\"null\",\"double\"]", "\"NaN\"", "02000000000000f87f"},
	{"[\"int\",\"long\"]", "3000000000", "0280f882ad16"},
	{"[\"int\",\"double\"]", "1.0", "02000000000000f03f"},
	{"[{\"type\":\"map\",\"values\":\"string\"},\"string\"]", "{\"string\":\"a\"}", "020261"},
	{"[{\"type\":\"map\",\"values\":\"string\"},\"string\"]", "{\"x\":\"a\"}",
		"000202780261"
		"00"},
};

#endif
