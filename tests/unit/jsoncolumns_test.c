#include "jsoncolumns.h"

#include "mem.h"
#include "tap.h"

static struct kt_bytes text_of(const char *text)
{
	return (struct kt_bytes){text, strlen(text)};
}

/* A cell as text: 'x', 12, 1.5, or NULL. */
static const char *shown(struct kt_jsoncolumns *c, size_t i)
{
	static struct kt_buf out;
	struct kt_cell cell;
	kt_jsoncolumns_cell(c, i, &cell);
	out.len = 0;
	if (cell.kind == KT_CELL_TEXT)
		kt_buf_addf(&out, "'%.*s'", (int)cell.text.len, cell.text.data);
	else if (cell.kind == KT_CELL_INT)
		kt_buf_add_i64(&out, cell.i64);
	else if (cell.kind == KT_CELL_REAL)
		kt_buf_addf(&out, "%g", cell.real);
	else
		kt_buf_adds(&out, "NULL");
	return kt_buf_cstr(&out);
}

TEST(learned)
{
	static const char *const reserved[] = {"_offset", NULL};
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {.reserved = reserved};
	CHECK(kt_jsoncolumns_learn(&c, text_of("{\"b\":1,\"a\":\"x\"}")));
	CHECK(kt_jsoncolumns_learn(&c, text_of(" {\"a\":null,\"A\":2,\"_offset\":3,\"\":4,\"b\":5,\"a\":6} ")));
	CHECK(!kt_jsoncolumns_learn(&c, text_of("{\"z\":1")));
	CHECK(!kt_jsoncolumns_learn(&c, text_of("[1]")));
	CHECK(!kt_jsoncolumns_learn(&c, (struct kt_bytes){0}));
	CHECK_INT(c.n, 5);
	CHECK_STR(c.v[0].name, "b");
	CHECK_STR(c.v[1].name, "a");
	CHECK_STR(c.v[2].name, "A_2");
	CHECK(c.v[2].renamed && !c.v[1].renamed);
	CHECK_STR(c.v[3].name, "_offset_2");
	CHECK(kt_jsoncolumns_cut(&c, text_of("{\"new\":[1],\"A\":7,\"a\":\"q\\u0041\\\"\",\"a\":9}")));
	CHECK_STR(shown(&c, 0), "NULL");
	CHECK_STR(shown(&c, 1), "'qA\"'");
	CHECK_STR(shown(&c, 2), "7");
	/* The empty name and "new". */
	CHECK_INT(c.n_later, 2);
	CHECK(!kt_jsoncolumns_cut(&c, text_of("{\"a\":1,\"b\":2}}")));
	CHECK_STR(shown(&c, 1), "NULL");
	kt_jsoncolumns_sort(&c);
	CHECK_STR(c.v[0].name, "A_2");
	CHECK(kt_jsoncolumns_cut(&c, text_of("{\"b\":true,\"a\":1}")));
	CHECK_STR(shown(&c, 0), "NULL");
	CHECK_STR(shown(&c, 2), "1");
	CHECK_STR(shown(&c, 3), "1");
}

TEST(named)
{
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {0};
	struct kt_err err = {0};
	static const char *const good[] = {
		"t=sensor.t:real", "id", "room=$.sensor[\"a=b:c\"][1]:text", "all=[0]", "j=sensor:json", "$.n:int"};
	for (size_t i = 0; i < KT_LEN(good); i++)
		if (kt_jsoncolumns_add(&c, good[i], &err) < 0)
			TAP_FAIL("%s: %s", good[i], err.msg);
	CHECK_STR(c.v[2].name, "room");
	CHECK_STR(c.v[5].name, "n");
	CHECK(kt_jsoncolumns_cut(
		&c, text_of("{\"id\":-5,\"sensor\":{\"t\":\"21.5\",\"a=b:c\":[0,{\"x\":1}]},\"n\":2.0,\"o\":0}")));
	CHECK_STR(shown(&c, 0), "21.5");
	CHECK_STR(shown(&c, 1), "-5");
	CHECK_STR(shown(&c, 2), "'{\"x\":1}'");
	CHECK_STR(shown(&c, 3), "NULL");
	CHECK_STR(shown(&c, 4), "'{\"t\":\"21.5\",\"a=b:c\":[0,{\"x\":1}]}'");
	CHECK_STR(shown(&c, 5), "2");
	CHECK(kt_jsoncolumns_cut(&c, text_of("[{\"id\":1}]")));
	CHECK_STR(shown(&c, 3), "'{\"id\":1}'");
	CHECK_STR(shown(&c, 1), "NULL");
	static const char *const bad[] = {"", "a=", "=a", "a=b:itn", "b=a..b", "ID=x", "a=b.", "a=[x]", "a:b:c"};
	for (size_t i = 0; i < KT_LEN(bad); i++)
		if (kt_jsoncolumns_add(&c, bad[i], &err) == 0 || err.status != KT_USAGE)
			TAP_FAIL("%s is taken", bad[i]);
}

/* Ids of 64 bits without a sign stay what they are; to be compared they are numbers. */
TEST(numbers_that_no_64_bits_have)
{
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns exact = {0}, rounded = {.rounds = true};
	static const struct {
		const char *value, *exact, *rounded;
	} cases[] = {
		{"18446744073709551615", "'18446744073709551615'", "1.84467e+19"},
		{"-9223372036854775809", "'-9223372036854775809'", "-9.22337e+18"},
		{"9007199254740993", "9007199254740993", "9007199254740993"},
		{"1e400", "'1e400'", "inf"},
		{"12345678901234567890.5", "1.23457e+19", "1.23457e+19"},
		{"\"18446744073709551615\"", "'18446744073709551615'", "'18446744073709551615'"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_free_ptr) char *text = kt_asprintf("{\"n\":%s}", cases[i].value);
		CHECK(kt_jsoncolumns_learn(&exact, text_of(text)));
		CHECK(kt_jsoncolumns_learn(&rounded, text_of(text)));
		CHECK_STR(shown(&exact, 0), cases[i].exact);
		CHECK_STR(shown(&rounded, 0), cases[i].rounded);
	}
}

TEST(types)
{
	static const struct {
		const char *value, *any, *text, *whole, *real, *json;
	} cases[] = {
		{"1", "1", "'1'", "1", "1", "'1'"},
		{"-9223372036854775808", "-9223372036854775808", "'-9223372036854775808'", "-9223372036854775808",
			"-9.22337e+18", "'-9223372036854775808'"},
		{"9223372036854775808", "'9223372036854775808'", "'9223372036854775808'", "NULL", "9.22337e+18",
			"'9223372036854775808'"},
		{"1.5", "1.5", "'1.5'", "NULL", "1.5", "'1.5'"},
		{"1e3", "1000", "'1e3'", "1000", "1000", "'1e3'"},
		{"true", "1", "'true'", "1", "1", "'true'"},
		{"false", "0", "'false'", "0", "0", "'false'"},
		{"null", "NULL", "NULL", "NULL", "NULL", "NULL"},
		{"\"12\"", "'12'", "'12'", "12", "12", "'\"12\"'"},
		{"\"x\"", "'x'", "'x'", "NULL", "NULL", "'\"x\"'"},
		{"\"\"", "''", "''", "NULL", "NULL", "'\"\"'"},
		{"[1,2]", "'[1,2]'", "'[1,2]'", "NULL", "NULL", "'[1,2]'"},
	};
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {0};
	static const char *const columns[] = {"v", "t=v:text", "i=v:int", "r=v:real", "j=v:json"};
	struct kt_err err = {0};
	for (size_t i = 0; i < KT_LEN(columns); i++)
		CHECK(kt_jsoncolumns_add(&c, columns[i], &err) == 0);
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_buf_fini) struct kt_buf text = {0};
		kt_buf_addf(&text, "{\"v\":%s}", cases[i].value);
		CHECK(kt_jsoncolumns_cut(&c, text_of(kt_buf_cstr(&text))));
		CHECK_STR(shown(&c, 0), cases[i].any);
		CHECK_STR(shown(&c, 1), cases[i].text);
		CHECK_STR(shown(&c, 2), cases[i].whole);
		CHECK_STR(shown(&c, 3), cases[i].real);
		CHECK_STR(shown(&c, 4), cases[i].json);
	}
}

TEST(many_names)
{
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	for (int i = 0; i < 100000; i++)
		kt_buf_addf(&text, "%s\"f%d\":%d", i ? "," : "{", i, i);
	kt_buf_addc(&text, '}');
	CHECK(kt_jsoncolumns_learn(&c, (struct kt_bytes){text.data, text.len}));
	CHECK_INT(c.n, KT_JSONCOLUMNS_MAX);
	CHECK(c.more_later);
	CHECK_STR(shown(&c, 999), "999");
}

TEST(columns_that_are_kept)
{
	static const char *const words[] = {"a", "b=x[\"y.\\\"z\"][0].c:int", "whole=$[1]", "d=x.y:json"};
	static const char *const paths[] = {"[\"a\"]", "[\"x\"][\"y.\\\"z\"][0].c", "[1]", "[\"x\"].y"};
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {0}, again = {0};
	struct kt_err err = {0};
	for (size_t i = 0; i < KT_LEN(words); i++) {
		kt_auto(kt_buf_fini) struct kt_buf path = {0};
		CHECK(kt_jsoncolumns_add(&c, words[i], &err) == 0);
		kt_jsoncolumns_path(&c, i, &path);
		CHECK_STR(kt_buf_cstr(&path), paths[i]);
		CHECK(kt_jsoncolumns_put(&again, c.v[i].name, kt_buf_cstr(&path), c.v[i].type, &err) == 0);
	}
	CHECK(kt_jsoncolumns_cut(&again, text_of("{\"x\":{\"y.\\\"z\":[{\"c\":7}],\"y\":\"s\"},\"a\":1}")));
	CHECK_STR(shown(&again, 0), "1");
	CHECK_STR(shown(&again, 1), "7");
	CHECK_STR(shown(&again, 3), "'\"s\"'");
	CHECK_INT(kt_jsoncolumns_find(&again, "WHOLE"), 2);
	CHECK(kt_jsoncolumns_find(&again, "nosuch") == KT_JSONCOLUMNS_WHOLE);
	CHECK(kt_jsoncolumns_put(&again, "A", "z", KT_COLUMN_ANY, &err) < 0);
	CHECK(kt_jsoncolumns_put(&again, "z", "..", KT_COLUMN_ANY, &err) < 0);
}

TEST(members_that_come_later)
{
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns c = {0};
	CHECK(kt_jsoncolumns_learn(&c, text_of("{\"a\":1}")));
	CHECK(kt_jsoncolumns_cut(&c, text_of("{\"b\":2,\"\":3,\"A\":4,\"a\":5}")));
	CHECK_INT(c.n_later, 3);
	kt_jsoncolumns_adopt(&c);
	CHECK_INT(c.n, 3);
	CHECK_INT(c.n_later, 1); /* the one without a name */
	CHECK_STR(c.v[2].name, "A_2");
	CHECK_STR(shown(&c, 0), "5");
	CHECK_STR(shown(&c, 1), "2");
	CHECK_STR(shown(&c, 2), "4");
	kt_jsoncolumns_adopt(&c);
	CHECK_INT(c.n, 3);
}
