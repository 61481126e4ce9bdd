#include "jsontree.h"

#include "tap.h"

static bool read_it(struct kt_jsontree *tree, const char *text, struct kt_err *err)
{
	return kt_jsontree_read(tree, text, strlen(text), err) == 0;
}

TEST(members_and_items)
{
	kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
	struct kt_err err = {0};
	int64_t n = 0;
	CHECK(read_it(
		&tree, " { \"a\" : [ 1, {\"b\":2}, \"x\\u0041\" ], \"c\": true, \"a\\u0000\": 3, \"c\" :-4 } ", &err));
	CHECK_STR(kt_buf_cstr(&tree.json), "{\"a\":[1,{\"b\":2},\"x\\u0041\"],\"c\":true,\"a\\u0000\":3,\"c\":-4}");
	const struct kt_jsonnode *root = tree.nodes, *list = kt_jsontree_member(&tree, root, "a");
	CHECK(kt_jsontree_is(root, '{') && root->n == 8 && root->skip == tree.n);
	CHECK(kt_jsontree_is(list, '[') && list->n == 3);
	const struct kt_jsonnode *item = kt_jsontree_first(list);
	CHECK(kt_jsontree_i64(&tree, item, &n) && n == 1);
	item = kt_jsontree_next(item);
	CHECK(kt_jsontree_i64(&tree, kt_jsontree_member(&tree, item, "b"), &n) && n == 2);
	item = kt_jsontree_next(item);
	CHECK_STR(kt_jsontree_text(&tree, item), "xA");
	/* The last of two counts. */
	CHECK(kt_jsontree_i64(&tree, kt_jsontree_member(&tree, root, "c"), &n) && n == -4);
	struct kt_bytes json = kt_jsontree_json(&tree, list);
	CHECK(json.len == 21 && !memcmp(json.data, "[1,{\"b\":2},\"x\\u0041\"]", 21));
}

TEST(what_is_not_there)
{
	kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
	struct kt_err err = {0};
	int64_t n;
	CHECK(read_it(&tree, "[\"a\\u0000\",1.0,18446744073709551616,null]", &err));
	const struct kt_jsonnode *item = kt_jsontree_first(tree.nodes);
	CHECK(!kt_jsontree_member(&tree, tree.nodes, "a") && !kt_jsontree_member(&tree, NULL, "a"));
	CHECK(!kt_jsontree_text(&tree, item) && !kt_jsontree_text(&tree, NULL) && !kt_jsontree_text(&tree, tree.nodes));
	for (int i = 0; i < 4; i++, item = kt_jsontree_next(item))
		CHECK(!kt_jsontree_i64(&tree, item, &n));
	CHECK(!kt_jsontree_i64(&tree, NULL, &n));
}

TEST(refusals)
{
	static const char *const rows[] = {
		"", "{", "[1,]", "{\"a\" 1}", "tru", "1 2", "\"a", "{1:2}", "[01]", "/*", "/ /"};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
		struct kt_err err = {0};
		CHECK(!read_it(&tree, rows[i], &err) && err.msg[0] && !tree.nodes);
	}
}
