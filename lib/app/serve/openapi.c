#include "openapi.h"

#include "jsonout.h"
#include "routeparts.h"

/* OpenAPI's methods except HEAD, and whether a row for ANY is shown as one of that method. */
static const struct {
	const char *name, *key;
	bool any;
} methods[] = {
	{"GET", "get", true},
	{"POST", "post", true},
	{"PUT", "put", true},
	{"PATCH", "patch", true},
	{"DELETE", "delete", true},
	{"OPTIONS", "options", false},
	{"TRACE", "trace", false},
};

static const struct {
	const char *status, *means;
} meanings[] = {
	{"101", "From here on a WebSocket"},
	{"200", "As asked"},
	{"201", "Added"},
	{"204", "Done, or in the queue"},
	{"207", "Some records were not acknowledged"},
	{"400", "Not a request of this kind"},
	{"403", "Forbidden, by this server or the cluster"},
	{"404", "There is no such topic, partition, consumer instance or path"},
	{"406", "No format that is accepted"},
	{"409", "There is one already, or not as things are"},
	{"413", "Too large"},
	{"415", "Not a format that is read here"},
	{"416", "The offset is not in the log; the answer says what is"},
	{"422", "This cannot be a record, or cannot be shown in this format"},
	{"426", "This is a WebSocket"},
	{"501", "Not in this build of kt, or not at all"},
	{"502", "Refused for good"},
	{"503", "Not in time; Retry-After says when to ask again, maybe_written that it may be there all the same"},
};

/* The next word of a list with blanks between. */
static bool next_word(const char **at, struct kt_bytes *word)
{
	*at += strspn(*at, " ");
	*word = (struct kt_bytes){*at, strcspn(*at, " ")};
	*at += word->len;
	return word->len;
}

static void add_bytes(struct kt_buf *out, const char *name, struct kt_bytes text)
{
	kt_auto(kt_buf_fini) struct kt_buf copy = {0};
	kt_buf_add(&copy, text.data, text.len);
	kt_jsonout_words(out, name, kt_buf_cstr(&copy));
}

static void begin_named(struct kt_buf *out, struct kt_bytes name)
{
	kt_auto(kt_buf_fini) struct kt_buf copy = {0};
	kt_buf_add(&copy, name.data, name.len);
	kt_jsonout_begin(out, kt_buf_cstr(&copy), '{');
}

static void write_parameter(struct kt_buf *out, struct kt_bytes name, const char *in, struct kt_bytes type)
{
	kt_jsonout_begin(out, NULL, '{');
	add_bytes(out, "name", name);
	kt_jsonout_words(out, "in", in);
	if (!strcmp(in, "path"))
		kt_jsonout_bool(out, "required", true);
	kt_jsonout_begin(out, "schema", '{');
	add_bytes(out, "type", type);
	kt_jsonout_end(out, '}');
	kt_jsonout_end(out, '}');
}

static void write_parameters(struct kt_buf *out, const char *path, const char *query)
{
	static const struct kt_bytes text = {"string", 6}, rest = {"rest", 4};
	struct kt_bytes part;
	kt_jsonout_begin(out, "parameters", '[');
	while (kt_route_next(&path, &part)) {
		if (kt_route_is_rest(part, path))
			write_parameter(out, rest, "path", text);
		else if (kt_route_is_any(part))
			write_parameter(out, (struct kt_bytes){part.data + 1, part.len - 2}, "path", text);
	}
	while (next_word(&query, &part)) {
		const char *colon = memchr(part.data, ':', part.len);
		size_t len = colon ? (size_t)(colon - part.data) : part.len;
		write_parameter(out, (struct kt_bytes){part.data, len}, "query",
			colon ? (struct kt_bytes){colon + 1, part.len - len - 1} : text);
	}
	kt_jsonout_end(out, ']');
}

static void write_content(struct kt_buf *out, const char *types)
{
	struct kt_bytes type;
	kt_jsonout_begin(out, "content", '{');
	while (next_word(&types, &type)) {
		begin_named(out, type);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, '}');
}

static const char *meaning_of(struct kt_bytes status)
{
	for (size_t i = 0; i < KT_LEN(meanings); i++)
		if (kt_bytes_are(status, meanings[i].status))
			return meanings[i].means;
	return "";
}

static void write_response(struct kt_buf *out, struct kt_bytes status, const char *means, const char *types)
{
	begin_named(out, status);
	kt_jsonout_words(out, "description", means);
	if (types)
		write_content(out, types);
	kt_jsonout_end(out, '}');
}

static void write_responses(struct kt_buf *out, const struct kt_route *route, bool tokens)
{
	const char *statuses = route->action->statuses, *own = kt_route_param(route, "status");
	struct kt_bytes status;
	kt_jsonout_begin(out, "responses", '{');
	while (next_word(&statuses, &status)) {
		bool good = status.data[0] == '2';
		if (own && good)
			status = (struct kt_bytes){own, strlen(own)};
		write_response(out, status, own && good ? "As the row says" : meaning_of(status),
			good && !kt_bytes_are(status, "204") ? route->action->gives : NULL);
	}
	if (tokens) {
		write_response(out, (struct kt_bytes){"401", 3}, "A token is needed", NULL);
		write_response(out, (struct kt_bytes){"429", 3}, "Too many requests", NULL);
	}
	kt_jsonout_end(out, '}');
}

/* path: with the names of braces that all rows of this path are shown with. */
static void write_operation(
	struct kt_buf *out, const char *method, const struct kt_route *route, const char *path, bool tokens)
{
	const char *takes = strcmp(method, "get") != 0 ? route->action->takes : "";
	kt_jsonout_begin(out, method, '{');
	kt_jsonout_words(out, "summary", route->action->help);
	write_parameters(out, path, route->action->query);
	if (*takes) {
		kt_jsonout_begin(out, "requestBody", '{');
		write_content(out, takes);
		kt_jsonout_end(out, '}');
	}
	write_responses(out, route, tokens);
	kt_jsonout_end(out, '}');
}

/* The first of the rows from i on that is of the path and method. */
static const struct kt_route *find(const struct kt_routes *routes, size_t i, size_t method)
{
	const char *path = routes->v[i].path;
	for (; i < routes->n; i++) {
		const struct kt_route *r = &routes->v[i];
		bool fits =
			!strcmp(r->method, methods[method].name) || (methods[method].any && !strcmp(r->method, "ANY"));
		if (fits && kt_route_is_same_path(r->path, path))
			return r;
	}
	return NULL;
}

/* A * at the end, which OpenAPI does not have, is {rest}. */
static void begin_path(struct kt_buf *out, const char *path)
{
	kt_auto(kt_buf_fini) struct kt_buf shown = {0};
	const char *at = path;
	struct kt_bytes part;
	while (kt_route_next(&at, &part)) {
		kt_buf_addc(&shown, '/');
		if (kt_route_is_rest(part, at))
			kt_buf_adds(&shown, "{rest}");
		else
			kt_buf_add(&shown, part.data, part.len);
	}
	kt_jsonout_begin(out, kt_buf_cstr(&shown), '{');
}

static bool was_shown(const struct kt_routes *routes, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (kt_route_is_same_path(routes->v[k].path, routes->v[i].path))
			return true;
	return false;
}

static void write_paths(struct kt_buf *out, const struct kt_routes *routes, bool tokens)
{
	kt_jsonout_begin(out, "paths", '{');
	for (size_t i = 0; i < routes->n; i++) {
		const char *path = routes->v[i].path;
		if (was_shown(routes, i))
			continue;
		begin_path(out, path);
		for (size_t m = 0; m < KT_LEN(methods); m++) {
			const struct kt_route *route = find(routes, i, m);
			if (route)
				write_operation(out, methods[m].key, route, path, tokens);
		}
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, '}');
}

static void write_security(struct kt_buf *out)
{
	kt_jsonout_begin(out, "components", '{');
	kt_jsonout_begin(out, "securitySchemes", '{');
	kt_jsonout_begin(out, "token", '{');
	kt_jsonout_words(out, "type", "http");
	kt_jsonout_words(out, "scheme", "bearer");
	kt_jsonout_end(out, '}');
	kt_jsonout_end(out, '}');
	kt_jsonout_end(out, '}');
	kt_jsonout_begin(out, "security", '[');
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_begin(out, "token", '[');
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
	kt_jsonout_end(out, ']');
}

void kt_openapi_write(struct kt_buf *out, const struct kt_routes *routes, bool tokens)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "openapi", "3.0.3");
	kt_jsonout_begin(out, "info", '{');
	kt_jsonout_words(out, "title", "kt serve");
	kt_jsonout_words(out, "description", "HTTP in front of topics");
	/* Of this description: the rows are the user's. */
	kt_jsonout_words(out, "version", "1");
	kt_jsonout_end(out, '}');
	write_paths(out, routes, tokens);
	if (tokens)
		write_security(out);
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}
