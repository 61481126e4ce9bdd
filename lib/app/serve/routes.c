#include "routes.h"

#include "esc.h"
#include "file.h"
#include "forward.h"
#include "json.h"
#include "mem.h"
#include "num.h"
#include "routeparts.h"
#include "suggest.h"
#include "topic.h"

enum {
	FILE_MAX = 1 << 20,
	PATH_MAX_BYTES = 1000,
	METHOD_MAX_BYTES = 16,
};

#define ACTION(name, id, words, keys, body, query, takes, gives, statuses, help)                                       \
	{name, KT_ROUTE_##id, words, keys, body, query, takes, gives, statuses, help},
static const struct kt_route_action actions[] = {KT_ROUTE_ACTIONS(ACTION)};

/* A row of a text that is being read, as far as at. */
struct row {
	struct kt_strs words;
	const char *at, *end;
};

static void fini_row(struct row *row)
{
	kt_strs_fini(&row->words);
}

/* The part of a word in quotes, from its first quote on. */
static int read_quoted(struct row *row, struct kt_buf *word, struct kt_err *err)
{
	char quote = *row->at++;
	const char *start = row->at;
	while (row->at < row->end && *row->at != quote)
		row->at += quote == '"' && *row->at == '\\' && row->at + 1 < row->end ? 2 : 1;
	if (row->at == row->end)
		return kt_err_set(err, KT_USAGE, "%c is not closed", quote);
	size_t len = (size_t)(row->at++ - start);
	if (quote == '\'') {
		kt_buf_add(word, start, len);
		return 0;
	}
	kt_auto(kt_free_ptr) char *text = kt_strndup(start, len);
	return kt_unescape(word, text, err);
}

static int read_word(struct row *row, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf word = {0};
	while (row->at < row->end && *row->at != ' ' && *row->at != '\t') {
		if (*row->at != '"' && *row->at != '\'')
			kt_buf_addc(&word, *row->at++);
		else if (read_quoted(row, &word, err) < 0)
			return -1;
	}
	if (memchr(word.data ? word.data : "", '\0', word.len))
		return kt_err_set(err, KT_USAGE, "a NUL byte");
	kt_strs_add(&row->words, kt_buf_cstr(&word));
	return 0;
}

static int read_row(struct row *row, struct kt_err *err)
{
	for (;;) {
		while (row->at < row->end && (*row->at == ' ' || *row->at == '\t'))
			row->at++;
		if (row->at == row->end || (*row->at == '#' && !row->words.n))
			return 0;
		if (read_word(row, err) < 0)
			return -1;
	}
}

static int check_method(const char *method, struct kt_err *err)
{
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (!len || method[len] || len > METHOD_MAX_BYTES)
		return kt_err_set(err, KT_USAGE, "\"%.40s\" is not a method such as GET or POST", method);
	return strcmp(method, "HEAD") != 0 ? 0 : kt_err_set(err, KT_USAGE, "HEAD is answered by the row for GET");
}

static bool has_braces(struct kt_bytes part)
{
	return memchr(part.data, '{', part.len) || memchr(part.data, '}', part.len);
}

static int check_parts(const char *path, struct kt_err *err)
{
	const char *at = path;
	struct kt_bytes part;
	while (kt_route_next(&at, &part)) {
		struct kt_bytes inner = {part.data + 1, part.len - 2};
		if (!has_braces(part))
			continue;
		if (!kt_route_is_any(part) || has_braces(inner))
			return kt_err_set(
				err, KT_USAGE, "\"%.200s\": braces are for one whole part, as in /a/{topic}/b", path);
		if (kt_route_place(at, part) >= 0)
			return kt_err_set(
				err, KT_USAGE, "\"%.200s\": %.*s appears twice", path, (int)part.len, part.data);
	}
	return 0;
}

static int check_path(const char *path, struct kt_err *err)
{
	if (path[0] != '/' || strlen(path) > PATH_MAX_BYTES)
		return kt_err_set(err, KT_USAGE, "\"%.40s\" is not a path such as /orders", path);
	if (path[strcspn(path, "?# ")])
		return kt_err_set(err, KT_USAGE, "\"%.200s\": a path has no query, and no blanks", path);
	return check_parts(path, err);
}

static const struct kt_route_action *find_action(const char *name, struct kt_err *err)
{
	struct kt_suggest near = {.word = name};
	for (size_t i = 0; i < KT_LEN(actions); i++) {
		if (!strcmp(actions[i].name, name))
			return &actions[i];
		kt_suggest_offer(&near, actions[i].name);
	}
	kt_err_set(err, KT_USAGE, "\"%.40s\" is not an action", name);
	if (near.best)
		kt_err_hint(err, "did you mean %s?", near.best);
	return NULL;
}

static size_t count_words(const char *names)
{
	size_t n = 0;
	for (; *names; names++)
		n += *names == ' ';
	return n;
}

static bool is_among(const char *keys, const char *key, size_t len)
{
	for (const char *at = keys; *at; at += strcspn(at, " "), at += strspn(at, " "))
		if (strcspn(at, "= ") == len && at[len] == '=' && !memcmp(at, key, len))
			return true;
	return false;
}

int kt_route_check_query(const struct kt_route_action *action, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	for (const char *at = action->query; *at; at += strspn(at, " ")) {
		int len = (int)strcspn(at, ": ");
		if (strlen(name) == (size_t)len && !memcmp(at, name, (size_t)len))
			return 0;
		kt_buf_addf(&names, names.len ? ", %.*s" : "%.*s", len, at);
		at += strcspn(at, " ");
	}
	return kt_err_set(err, KT_USAGE, "\"%.60s\" is not a parameter: %s", name, kt_buf_cstr(&names));
}

static int check_status(const char *text, struct kt_err *err)
{
	struct kt_err ignored;
	int64_t status;
	if (kt_parse_i64(text, 200, 599, &status, &ignored) < 0)
		return kt_err_set(err, KT_USAGE, "status=%.40s: expected 200 to 599", text);
	return 0;
}

static int check_choice(const char *key, const char *wanted, const char *value, const char *only, struct kt_err *err)
{
	if (strcmp(key, wanted) != 0 || !strcmp(value, only))
		return 0;
	return kt_err_set(err, KT_USAGE, "%s=%.40s: expected %s", key, value, only);
}

static int take_param(struct kt_route *route, const char *word, struct kt_err *err)
{
	size_t len = strcspn(word, "=");
	const char *value = word + len + 1;
	kt_auto(kt_free_ptr) char *key = kt_strndup(word, len);
	bool host = !strcmp(key, "host");
	if (word[len] != '=' || (!host && !is_among(route->action->keys, key, len)))
		return kt_err_set(err, KT_USAGE, "\"%.60s\" is not a parameter of %s", word, route->action->name);
	if (host ? route->host != NULL : kt_route_param(route, key) != NULL)
		return kt_err_set(err, KT_USAGE, "%s= appears twice", key);
	if (value[strcspn(value, "\r\n")] && strcmp(key, "reply") != 0)
		return kt_err_set(err, KT_USAGE, "%s=: one line is expected", key);
	if (!strcmp(key, "status") && check_status(value, err) < 0)
		return -1;
	if (check_choice(key, "like", value, "express", err) < 0 ||
		check_choice(key, "merge", value, "headers", err) < 0 ||
		check_choice(key, "of", value, "socketio", err) < 0 || check_choice(key, "wait", value, "0", err) < 0 ||
		check_choice(key, "on-error", value, "200", err) < 0)
		return -1;
	if (host) {
		route->host = kt_strdup(value);
		return 0;
	}
	kt_strs_add(&route->params, key);
	kt_strs_add(&route->params, value);
	return 0;
}

static bool stands_for_part(const struct kt_route *route, const char *word)
{
	return kt_route_place(route->path, (struct kt_bytes){word, strlen(word)}) >= 0;
}

/* Requests can be passed on to it. */
static int check_url(const struct kt_route *route, struct kt_err *err)
{
	return route->action->id == KT_ROUTE_PROXY ? kt_forward_check(route->words.v[0], err) : 0;
}

/* A word in braces stands for what stands for the same ones in the path; another TOPIC is a topic's name. */
static int check_word(const struct kt_route *route, size_t i, struct kt_err *err)
{
	const char *word = route->words.v[i], *name = route->action->words + 1;
	for (size_t k = 0; k < i; k++)
		name += strcspn(name, " ") + 1;
	if (stands_for_part(route, word))
		return 0;
	return strncmp(name, "TOPIC", 5) != 0 ? 0 : kt_topic_check(word, err);
}

/* Headers are merged into an object. */
static int check_object(const struct kt_route *route, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf ignored = {0};
	if (!kt_route_param(route, "merge"))
		return 0;
	const char *value = route->words.v[1];
	struct kt_json j = {.start = value, .at = value, .end = value + strlen(value), .out = &ignored, .err = err};
	if (kt_json_peek(&j) != '{')
		return kt_json_expected(&j, "merge=headers: an object as the value");
	return kt_json_skip(&j) < 0 ? -1 : kt_json_finish(&j);
}

static int fill(struct kt_route *route, const struct kt_strs *words, struct kt_err *err)
{
	if (words->n < 3)
		return kt_err_set(err, KT_USAGE, "expected METHOD PATH ACTION");
	route->method = kt_strdup(words->v[0]);
	route->path = kt_strdup(words->v[1]);
	route->action = find_action(words->v[2], err);
	if (!route->action || check_method(route->method, err) < 0 || check_path(route->path, err) < 0)
		return -1;
	size_t n = count_words(route->action->words);
	if (words->n < 3 + n)
		return kt_err_set(err, KT_USAGE, "%s wants%s", route->action->name, route->action->words);
	for (size_t i = 0; i < n; i++) {
		kt_strs_add(&route->words, words->v[3 + i]);
		if (check_word(route, i, err) < 0)
			return -1;
	}
	for (size_t i = 3 + n; i < words->n; i++)
		if (take_param(route, words->v[i], err) < 0)
			return -1;
	return check_url(route, err) < 0 ? -1 : check_object(route, err);
}

static bool same_host(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

static int check_claim(const struct kt_routes *routes, const struct kt_route *route, struct kt_err *err)
{
	for (size_t i = 0; i < routes->n; i++) {
		const struct kt_route *other = &routes->v[i];
		if (!strcmp(other->method, route->method) && same_host(other->host, route->host) &&
			kt_route_is_same_path(other->path, route->path))
			return kt_err_set(err, KT_USAGE, "%s %.200s is claimed already, by %.200s", route->method,
				route->path, other->origin);
	}
	return 0;
}

static void fini_route(struct kt_route *route)
{
	free(route->method);
	free(route->path);
	free(route->host);
	free(route->origin);
	kt_strs_fini(&route->words);
	kt_strs_fini(&route->params);
}

static int add_row(struct kt_routes *routes, const char *origin, const struct kt_strs *words, struct kt_err *err)
{
	struct kt_route route = {.origin = kt_strdup(origin)};
	if (fill(&route, words, err) < 0 || check_claim(routes, &route, err) < 0) {
		fini_route(&route);
		return -1;
	}
	routes->v = kt_grow(routes->v, &routes->cap, routes->n + 1, sizeof(*routes->v));
	routes->v[routes->n++] = route;
	return 0;
}

int kt_routes_add(struct kt_routes *routes, const char *origin, struct kt_bytes text, struct kt_err *err)
{
	const char *at = text.data, *end = at + text.len;
	for (unsigned line = 1; at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
		kt_auto(fini_row) struct row row = {.at = at, .end = stop > at && stop[-1] == '\r' ? stop - 1 : stop};
		char place[300];
		snprintf(place, sizeof(place), "%.250s:%u", origin, line);
		at = newline ? newline + 1 : end;
		if (read_row(&row, err) < 0 || (row.words.n && add_row(routes, place, &row.words, err) < 0))
			return kt_err_wrap(err, "%s", place);
	}
	return 0;
}

int kt_routes_read(struct kt_routes *routes, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_file_read(&text, path, FILE_MAX, err) < 0)
		return -1;
	return kt_routes_add(routes, path, (struct kt_bytes){kt_buf_cstr(&text), text.len}, err);
}

void kt_routes_topics(const struct kt_routes *routes, struct kt_strs *out)
{
	for (size_t i = 0; i < routes->n; i++) {
		const struct kt_route *r = &routes->v[i];
		const char *listed = kt_route_param(r, "topics");
		bool named = !strncmp(r->action->words, " TOPIC", 6) && !stands_for_part(r, r->words.v[0]);
		bool shared = r->action->id == KT_ROUTE_CHAT || r->action->id == KT_ROUTE_SOCKETIO;
		if (named && !(shared && !strcmp(r->words.v[0], "none")))
			kt_strs_add_new(out, r->words.v[0]);
		kt_strs_split(out, listed ? listed : "", ",");
	}
}

/* In quotes only where that is needed. */
static void print_word(struct kt_buf *out, const char *key, const char *word)
{
	static const char escaped[] = "\n\t\r\"\\", letters[] = "ntr\"\\";
	kt_buf_addf(out, key ? " %s=" : " ", key);
	bool plain = word[0] && word[0] != '#' && !word[strcspn(word, " \t\r\n\"'")];
	kt_buf_adds(out, plain ? "" : "\"");
	for (; *word; word++) {
		const char *found = plain ? NULL : strchr(escaped, *word);
		if (found)
			kt_buf_addc(out, '\\');
		kt_buf_addc(out, found ? letters[found - escaped] : *word);
	}
	kt_buf_adds(out, plain ? "" : "\"");
}

void kt_routes_print(const struct kt_routes *routes, struct kt_buf *out)
{
	for (size_t i = 0; i < routes->n; i++) {
		const struct kt_route *r = &routes->v[i];
		kt_buf_adds(out, r->method);
		print_word(out, NULL, r->path);
		print_word(out, NULL, r->action->name);
		for (size_t k = 0; k < r->words.n; k++)
			print_word(out, NULL, r->words.v[k]);
		for (size_t k = 0; k < r->params.n; k += 2)
			print_word(out, r->params.v[k], r->params.v[k + 1]);
		if (r->host)
			print_word(out, "host", r->host);
		kt_buf_addc(out, '\n');
	}
}

const char *kt_route_param(const struct kt_route *route, const char *key)
{
	for (size_t i = 0; i < route->params.n; i += 2)
		if (!strcmp(route->params.v[i], key))
			return route->params.v[i + 1];
	return NULL;
}

void kt_routes_fini(struct kt_routes *routes)
{
	for (size_t i = 0; i < routes->n; i++)
		fini_route(&routes->v[i]);
	free(routes->v);
	*routes = (struct kt_routes){0};
}
