#include "jsontree.h"

#include "json.h"
#include "mem.h"

static int add_value(struct kt_jsontree *tree, struct kt_json *j);

static size_t add_node(struct kt_jsontree *tree, char kind)
{
	tree->nodes = kt_grow(tree->nodes, &tree->cap, tree->n + 1, sizeof(*tree->nodes));
	tree->nodes[tree->n] = (struct kt_jsonnode){.kind = kind, .at = (uint32_t)tree->json.len};
	return tree->n++;
}

static void end_node(struct kt_jsontree *tree, size_t node)
{
	tree->nodes[node].skip = (uint32_t)(tree->n - node);
	tree->nodes[node].len = (uint32_t)(tree->json.len - tree->nodes[node].at);
}

/* As it is written, unless that is not JSON in the strict sense. */
static int add_string(struct kt_jsontree *tree, struct kt_json *j)
{
	struct kt_bytes text;
	(void)kt_json_peek(j);
	size_t node = add_node(tree, '"'), at = tree->texts.len;
	const char *start = j->at;
	j->replaced = false;
	if (kt_json_text(j, &text) < 0)
		return -1;
	if (j->replaced)
		kt_json_string(&tree->json, text.data, text.len);
	else
		kt_buf_add(&tree->json, start, (size_t)(j->at - start));
	tree->nodes[node].text = (uint32_t)at;
	tree->nodes[node].text_len = (uint32_t)text.len;
	kt_buf_addc(&tree->texts, '\0');
	end_node(tree, node);
	return 0;
}

static int add_list(struct kt_jsontree *tree, struct kt_json *j)
{
	size_t node = add_node(tree, '[');
	int more;
	if (kt_json_enter(j, '[') < 0)
		return -1;
	kt_buf_addc(&tree->json, '[');
	while ((more = kt_json_element(j)) > 0) {
		if (tree->nodes[node].n++)
			kt_buf_addc(&tree->json, ',');
		if (add_value(tree, j) < 0)
			return -1;
	}
	kt_buf_addc(&tree->json, ']');
	end_node(tree, node);
	return more;
}

static int add_object(struct kt_jsontree *tree, struct kt_json *j)
{
	size_t node = add_node(tree, '{');
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	kt_buf_addc(&tree->json, '{');
	while ((more = kt_json_next(j, '}')) > 0) {
		if (tree->nodes[node].n)
			kt_buf_addc(&tree->json, ',');
		if (add_string(tree, j) < 0 || kt_json_colon(j) < 0)
			return -1;
		kt_buf_addc(&tree->json, ':');
		if (add_value(tree, j) < 0)
			return -1;
		tree->nodes[node].n += 2;
	}
	kt_buf_addc(&tree->json, '}');
	end_node(tree, node);
	return more;
}

/* Recursion is bounded by kt_json_enter(). */
static int add_value(struct kt_jsontree *tree, struct kt_json *j)
{
	char kind = kt_json_peek(j);
	if (kind == '{')
		return add_object(tree, j);
	if (kind == '[')
		return add_list(tree, j);
	if (kind == '"')
		return add_string(tree, j);
	size_t node = add_node(tree, kind);
	const char *start = j->at;
	if (kt_json_skip(j) < 0)
		return -1;
	kt_buf_add(&tree->json, start, (size_t)(j->at - start));
	end_node(tree, node);
	return 0;
}

int kt_jsontree_read(struct kt_jsontree *tree, const char *text, size_t len, struct kt_err *err)
{
	struct kt_json j = {.start = text, .at = text, .end = text + len, .lenient = true};
	j.out = &tree->texts;
	j.err = err;
	if (len > KT_JSONTREE_MAX)
		return kt_err_set(err, KT_FAILED, "more than %d bytes", KT_JSONTREE_MAX);
	kt_json_mark(&j);
	if (add_value(tree, &j) == 0 && kt_json_finish(&j) == 0)
		return 0;
	if (memchr(text, '\n', (size_t)(j.at - text)))
		kt_err_wrap(err, "line %zu", kt_json_line(&j));
	kt_jsontree_fini(tree);
	return -1;
}

static struct kt_bytes text_of(const struct kt_jsontree *tree, const struct kt_jsonnode *node)
{
	return (struct kt_bytes){tree->texts.data + node->text, node->text_len};
}

const struct kt_jsonnode *kt_jsontree_member(
	const struct kt_jsontree *tree, const struct kt_jsonnode *node, const char *name)
{
	size_t len = strlen(name);
	const struct kt_jsonnode *found = NULL, *key = kt_jsontree_first(node);
	for (uint32_t i = 0; kt_jsontree_is(node, '{') && i < node->n; i += 2) {
		struct kt_bytes text = text_of(tree, key);
		const struct kt_jsonnode *value = kt_jsontree_next(key);
		if (text.len == len && !memcmp(text.data, name, len))
			found = value;
		key = kt_jsontree_next(value);
	}
	return found;
}

const char *kt_jsontree_text(const struct kt_jsontree *tree, const struct kt_jsonnode *node)
{
	struct kt_bytes text = kt_jsontree_is(node, '"') ? text_of(tree, node) : (struct kt_bytes){0};
	return text.data && strlen(text.data) == text.len ? text.data : NULL;
}

bool kt_jsontree_i64(const struct kt_jsontree *tree, const struct kt_jsonnode *node, int64_t *n)
{
	struct kt_err ignored;
	struct kt_bytes json = node ? kt_jsontree_json(tree, node) : (struct kt_bytes){"", 0};
	struct kt_json j = {.start = json.data, .at = json.data, .end = json.data + json.len, .err = &ignored};
	return kt_json_i64(&j, INT64_MIN, INT64_MAX, n) == 0;
}

struct kt_bytes kt_jsontree_json(const struct kt_jsontree *tree, const struct kt_jsonnode *node)
{
	return (struct kt_bytes){tree->json.data + node->at, node->len};
}

void kt_jsontree_fini(struct kt_jsontree *tree)
{
	free(tree->nodes);
	kt_buf_fini(&tree->json);
	kt_buf_fini(&tree->texts);
	*tree = (struct kt_jsontree){0};
}
