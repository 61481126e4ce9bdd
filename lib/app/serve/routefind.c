/* Which row is for a request. */
#include "mem.h"
#include "routeparts.h"
#include "routes.h"

static bool fits_path(const struct kt_route *route, const char *path)
{
	const char *at = route->path;
	struct kt_bytes wanted, part;
	bool more;
	while ((more = kt_route_next(&at, &wanted)) && kt_route_next(&path, &part))
		if (kt_route_is_rest(wanted, at))
			return true;
		else if (kt_route_is_any(wanted) ? !part.len : !kt_route_is_same(wanted, part))
			return false;
	return !more && !*path;
}

static bool fits_host(const struct kt_route *route, const char *host)
{
	return !route->host || (!strncasecmp(route->host, host, strlen(route->host)) &&
				       (!host[strlen(route->host)] || host[strlen(route->host)] == ':'));
}

static void add_method(struct kt_strs *methods, const char *method)
{
	kt_strs_add_new(methods, method);
	if (!strcmp(method, "GET"))
		kt_strs_add_new(methods, "HEAD");
}

static bool is_any_method(const char *method)
{
	return !strcmp(method, "ANY");
}

/* How much a part leaves open. */
static int openness(struct kt_bytes part, const char *after)
{
	return kt_route_is_rest(part, after) ? 2 : kt_route_is_any(part);
}

/* Which of two rows that fit comes first: one for this host; then the one that says more of the path, from the left;
 * then the one for this method. */
static bool is_closer(const struct kt_route *a, const struct kt_route *b)
{
	const char *at_a = a->path, *at_b = b->path;
	struct kt_bytes pa, pb;
	if (!a->host != !b->host)
		return a->host != NULL;
	while (kt_route_next(&at_a, &pa) && kt_route_next(&at_b, &pb)) {
		int open_a = openness(pa, at_a), open_b = openness(pb, at_b);
		if (open_a != open_b)
			return open_a < open_b;
	}
	return is_any_method(b->method) && !is_any_method(a->method);
}

static void take_parts(struct kt_route_found *found, const char *path)
{
	const char *at = found->route->path;
	struct kt_bytes wanted, part;
	while (kt_route_next(&at, &wanted) && kt_route_next(&path, &part))
		if (kt_route_is_any(wanted))
			kt_strs_take(&found->parts, kt_strndup(part.data, part.len));
}

bool kt_routes_find(const struct kt_routes *routes, const char *method, const char *host, const char *path,
	struct kt_route_found *found)
{
	kt_auto(kt_strs_fini) struct kt_strs methods = {0};
	const char *wanted = strcmp(method, "HEAD") != 0 ? method : "GET";
	*found = (struct kt_route_found){0};
	for (size_t i = 0; i < routes->n; i++) {
		const struct kt_route *r = &routes->v[i];
		if (!fits_host(r, host) || !fits_path(r, path))
			continue;
		add_method(&methods, r->method);
		if ((!strcmp(r->method, wanted) || is_any_method(r->method)) &&
			(!found->route || is_closer(r, found->route)))
			found->route = r;
	}
	if (found->route)
		take_parts(found, path);
	kt_strs_sort(&methods);
	for (size_t i = 0; i < methods.n; i++)
		kt_buf_addf(&found->allow, i ? ", %s" : "%s", methods.v[i]);
	return found->route;
}

bool kt_route_speaks_v2(const struct kt_route *route)
{
	return strstr(route->action->gives, ".v2+json");
}

static bool begin_alike(const char *a, const char *b)
{
	struct kt_bytes pa, pb;
	return kt_route_next(&a, &pa) && kt_route_next(&b, &pb) && kt_route_is_same(pa, pb);
}

bool kt_routes_speak_v2(const struct kt_routes *routes, const char *path)
{
	for (size_t i = 0; i < routes->n; i++) {
		const struct kt_route *r = &routes->v[i];
		if (kt_route_speaks_v2(r) && (begin_alike(r->path, path) || fits_path(r, path)))
			return true;
	}
	return false;
}

/* What stood for the braces, or the text itself. */
static const char *meant_by(const struct kt_route_found *found, const char *text)
{
	int place = kt_route_place(found->route->path, (struct kt_bytes){text, strlen(text)});
	return place < 0 ? text : found->parts.v[place];
}

const char *kt_route_word(const struct kt_route_found *found, size_t i)
{
	return meant_by(found, found->route->words.v[i]);
}

const char *kt_route_value(const struct kt_route_found *found, const char *key)
{
	const char *value = kt_route_param(found->route, key);
	return value ? meant_by(found, value) : NULL;
}

void kt_route_found_fini(struct kt_route_found *found)
{
	kt_strs_fini(&found->parts);
	kt_buf_fini(&found->allow);
}
