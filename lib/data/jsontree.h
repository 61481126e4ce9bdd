/* JSON as a tree in one array: for schemas and other text in which members are looked up. Lenient as the JSON libraries
 * that others use: see kt_json.lenient; a byte order mark may stand in front, and numbers are of any size.
 *
 *   kt_auto(kt_jsontree_fini) struct kt_jsontree tree = {0};
 *   if (kt_jsontree_read(&tree, text, len, err) < 0)
 *           return -1;
 *   const struct kt_jsonnode *name = kt_jsontree_member(&tree, tree.nodes, "name");
 *   const struct kt_jsonnode *item = kt_jsontree_first(list);
 *   for (uint32_t i = 0; i < list->n; i++, item = kt_jsontree_next(item)) …
 *
 * A node comes before what is in it. An object has twice as many items as members: each name is one. Of members of the
 * same name the last one counts.
 */
#ifndef KT_JSONTREE_H
#define KT_JSONTREE_H

#include "buf.h"
#include "err.h"

enum { KT_JSONTREE_MAX = 64 << 20 }; /* bytes of text */

struct kt_jsonnode {
	char kind;               /* the first character: { [ " t f n - or a digit */
	uint32_t n;              /* items of a list; of an object names and values */
	uint32_t skip;           /* nodes from this one to the next that is not inside it */
	uint32_t at, len;        /* in json */
	uint32_t text, text_len; /* of a string: in texts, decoded; a NUL follows */
};

struct kt_jsontree {
	struct kt_jsonnode *nodes; /* the first one is the root */
	size_t n, cap;
	struct kt_buf json; /* what was read, in the strict sense and without white space */
	struct kt_buf texts;
};

/* KT_FAILED with what is wrong and its column. The tree is {0} before, and in need of no fini after an error. */
int kt_jsontree_read(struct kt_jsontree *tree, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* What is in a list or an object begins here; NULL for NULL. */
static inline const struct kt_jsonnode *kt_jsontree_first(const struct kt_jsonnode *node)
{
	return node ? node + 1 : NULL;
}

static inline const struct kt_jsonnode *kt_jsontree_next(const struct kt_jsonnode *node)
{
	return node + node->skip;
}

/* The value of a member; NULL when there is none, or node is NULL or not an object. */
const struct kt_jsonnode *kt_jsontree_member(
	const struct kt_jsontree *tree, const struct kt_jsonnode *node, const char *name);

/* The text of a string that holds no NUL; NULL when it does, or node is NULL or not a string. */
const char *kt_jsontree_text(const struct kt_jsontree *tree, const struct kt_jsonnode *node);

/* A whole number without fraction and exponent; false when node is NULL, or anything else, or too large. */
bool kt_jsontree_i64(const struct kt_jsontree *tree, const struct kt_jsonnode *node, int64_t *n);

/* The value as JSON. */
struct kt_bytes kt_jsontree_json(const struct kt_jsontree *tree, const struct kt_jsonnode *node);

/* Whether it is there and begins with this character. */
static inline bool kt_jsontree_is(const struct kt_jsonnode *node, char kind)
{
	return node && node->kind == kind;
}

/* For kt_auto(). */
void kt_jsontree_fini(struct kt_jsontree *tree);

#endif
