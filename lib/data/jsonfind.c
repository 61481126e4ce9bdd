#include "jsonfind.h"

#include "json.h"

/* "[12]", "[\"name\"]": its length, or 0. */
static size_t bracket(const char *path, size_t len)
{
	size_t at = 1;
	if (len > 1 && path[1] == '"') {
		for (at = 2; at < len && path[at] != '"'; at++)
			at += path[at] == '\\' && at + 1 < len;
		return at + 1 < len && path[at + 1] == ']' ? at + 2 : 0;
	}
	while (at < len && path[at] >= '0' && path[at] <= '9')
		at++;
	bool padded = at > 2 && path[1] == '0';
	/* 18 digits fit into an int64_t. */
	return at > 1 && at < 20 && !padded && at < len && path[at] == ']' ? at + 1 : 0;
}

/* The length of the step at the front of a path: ".name", "name", "[12]", "[\"name\"]"; 0 when there is none. */
static size_t step(const char *path, size_t len, bool first)
{
	size_t begin = first ? 0 : 1, at = begin;
	if (len && *path == '[')
		return bracket(path, len);
	if (!len || (*path == '.') == first)
		return 0;
	while (at < len && !strchr(".[]{}", path[at]))
		at++;
	return at > begin ? at : 0;
}

/* Appends the text between the quotes of a step, decoded, which is then the name. False when it is not one. */
static bool unquote(struct kt_bytes *name, const char *quoted, size_t len, struct kt_buf *scratch)
{
	struct kt_err ignored;
	struct kt_json j = {.start = quoted, .at = quoted, .end = quoted + len, .out = scratch, .err = &ignored};
	return kt_json_text(&j, name) == 0 && kt_json_finish(&j) == 0;
}

size_t kt_json_step(const char *path, bool first, struct kt_bytes *name, int64_t *index, struct kt_buf *scratch)
{
	size_t len = strlen(path), used = step(path, len, first), dot = *path == '.';
	*name = (struct kt_bytes){path + dot, used - (used ? dot : 0)};
	if (!used || *path != '[')
		return used;
	*name = (struct kt_bytes){0};
	if (path[1] != '"') {
		*index = strtoll(path + 1, NULL, 10);
		return used;
	}
	kt_buf_reserve(scratch, used + KT_JSON_SLACK);
	return unquote(name, path + 1, used - 2, scratch) ? used : 0;
}

size_t kt_json_path(const char *path)
{
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0};
	struct kt_bytes name;
	int64_t index;
	size_t all = 0, used;
	while ((used = kt_json_step(path + all, !all, &name, &index, &scratch)))
		all += used;
	return all;
}

/* To the element of a list; it is next. */
static bool enter_list(struct kt_json *j, int64_t left)
{
	if (kt_json_peek(j) != '[' || kt_json_enter(j, '[') < 0)
		return false;
	while (kt_json_element(j) > 0) {
		if (!left--)
			return true;
		if (kt_json_skip(j) < 0)
			return false;
	}
	return false;
}

/* To the member of an object; its value is next. */
static bool enter_object(struct kt_json *j, struct kt_bytes name)
{
	struct kt_bytes found;
	if (kt_json_peek(j) != '{' || kt_json_enter(j, '{') < 0)
		return false;
	while (kt_json_member(j, &found) > 0) {
		if (found.len == name.len && !memcmp(found.data, name.data, name.len))
			return true;
		if (kt_json_skip(j) < 0)
			return false;
	}
	return false;
}

bool kt_json_find(struct kt_bytes *value, struct kt_bytes text, const char *path, struct kt_buf *scratch)
{
	struct kt_err ignored;
	struct kt_json j = {
		.start = text.data, .at = text.data, .end = text.data + text.len, .out = scratch, .err = &ignored};
	scratch->len = 0;
	/* For names of the text and of the path, neither of which moves. */
	kt_buf_reserve(scratch, text.len + 2 * strlen(path) + (strlen(path) + 1) * KT_JSON_SLACK);
	for (bool first = true; *path; first = false) {
		struct kt_bytes name;
		int64_t index = 0;
		size_t len = kt_json_step(path, first, &name, &index, scratch);
		if (!len || !(name.data ? enter_object(&j, name) : enter_list(&j, index)))
			return false;
		path += len;
	}
	(void)kt_json_peek(&j);
	const char *begin = j.at;
	if (kt_json_skip(&j) < 0)
		return false;
	*value = (struct kt_bytes){begin, (size_t)(j.at - begin)};
	return true;
}
