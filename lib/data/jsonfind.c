#include "jsonfind.h"

#include "json.h"

/* How long the step at the front of a path is: ".name", "name", "[12]"; 0: it is none. */
static size_t step(const char *path, size_t len, bool first)
{
	size_t at = 0;
	if (len && *path == '[') {
		for (at = 1; at < len && path[at] >= '0' && path[at] <= '9';)
			at++;
		bool padded = at > 2 && path[1] == '0';
		/* 18 digits fit into an int64_t. */
		return at > 1 && at < 20 && !padded && at < len && path[at] == ']' ? at + 1 : 0;
	}
	size_t begin = first ? 0 : 1;
	if (!len || (*path == '.') == first)
		return 0;
	for (at = begin; at < len && !strchr(".[]{}", path[at]);)
		at++;
	return at > begin ? at : 0;
}

bool kt_json_is_path(const char *path, size_t len)
{
	size_t used = step(path, len, true), all = used;
	while (used && all < len) {
		used = step(path + all, len - all, false);
		all += used;
	}
	return used != 0;
}

/* To the element of a list; it is next. */
static bool enter_list(struct kt_json *j, const char *digits)
{
	int64_t left = strtoll(digits, NULL, 10);
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
static bool enter_object(struct kt_json *j, const char *name, size_t len)
{
	struct kt_bytes found;
	if (kt_json_peek(j) != '{' || kt_json_enter(j, '{') < 0)
		return false;
	while (kt_json_member(j, &found) > 0) {
		if (found.len == len && !memcmp(found.data, name, len))
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
	kt_buf_reserve(scratch, text.len + KT_JSON_SLACK);
	for (bool first = true; *path; first = false) {
		size_t len = step(path, strlen(path), first), dot = *path == '.';
		if (!len || !(*path == '[' ? enter_list(&j, path + 1) : enter_object(&j, path + dot, len - dot)))
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
