/* Routes of `kt serve` as rows of text: what a request of this method and path does.
 *
 *   METHOD PATH ACTION [WORD…] [key=value …]
 *   POST /orders produce orders
 *   GET /purchase_a_sword event game_events '{"event_type": "purchase_sword"}' reply="Sword Purchased!\n"
 *
 *   kt_auto(kt_routes_fini) struct kt_routes routes = {0};
 *   if (kt_routes_read(&routes, "shop.routes", err) < 0) return -1;           "shop.routes:3: …"
 *   if (kt_routes_find(&routes, "POST", "localhost", "/orders", &found)) … found.route->action->id …
 *
 * Words stand between blanks; within "…" the escapes of esc.h are understood, within '…' nothing is. A line that begins
 * with # is a comment. A part of a path in braces matches any text there is between two slashes, and may stand for a
 * word or a value of the action: `POST /produce/{topic} produce {topic}`. A last part of * stands for the rest of the
 * path, and the method ANY for every one. Where several rows fit, a row with a host comes before one without, and a
 * plain part of the path before one in braces. Two rows that claim one method, host and path are an error.
 */
#ifndef KT_ROUTES_H
#define KT_ROUTES_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "routeactions.h"

#define KT_ROUTE_ID(name, id, ...) KT_ROUTE_##id,
enum kt_route_id { KT_ROUTE_ACTIONS(KT_ROUTE_ID) };
#undef KT_ROUTE_ID

/* See routeactions.h. */
struct kt_route_action {
	const char *name;
	enum kt_route_id id;
	const char *words; /* their names, with a blank before each */
	const char *keys;  /* besides host=; " reply= type=" */
	size_t max_body;   /* 0: as the server says */
	const char *query, *takes, *gives, *statuses, *help;
};

/* KT_USAGE, which lists those that there are, unless the queries of its requests may have a parameter of that name. */
int kt_route_check_query(const struct kt_route_action *action, const char *name, struct kt_err *err) kt_must_check;

struct kt_route {
	const struct kt_route_action *action;
	char *method, *path, *host; /* host NULL: any */
	struct kt_strs words;       /* as many as the action has */
	struct kt_strs params;      /* keys and values in turn, but for host */
	char *origin;               /* "shop.routes:3" */
};

struct kt_routes {
	struct kt_route *v;
	size_t n, cap;
};

/* Adds the rows of a text. KT_USAGE names origin, line and what is wrong; rows before that are added. */
int kt_routes_add(struct kt_routes *routes, const char *origin, struct kt_bytes text, struct kt_err *err) kt_must_check;

/* The same for a file of at most 1 MiB. */
int kt_routes_read(struct kt_routes *routes, const char *path, struct kt_err *err) kt_must_check;

/* Adds the names of topics that the rows name: their words, and what stands in topics=. */
void kt_routes_topics(const struct kt_routes *routes, struct kt_strs *out);

/* Appends the rows, so that they can be read again. */
void kt_routes_print(const struct kt_routes *routes, struct kt_buf *out);

/* A parameter's value, or NULL. */
const char *kt_route_param(const struct kt_route *route, const char *key);

struct kt_route_found {
	const struct kt_route *route; /* NULL: none; allow tells whether the path exists for other methods */
	struct kt_strs parts;         /* what stood for the braces, in their order */
	struct kt_buf allow;          /* "GET, HEAD, POST": all methods of this path; empty: there is no such path */
};

/* Finds the row for a request; a GET row is for HEAD too. host: of the Host header, with or without a port. */
bool kt_routes_find(const struct kt_routes *routes, const char *method, const char *host, const char *path,
	struct kt_route_found *found);

/* Whether paths that begin as this one are of the REST proxy's API: there errors are said as it says them. */
bool kt_routes_speak_v2(const struct kt_routes *routes, const char *path);

/* The same for a row. */
bool kt_route_speaks_v2(const struct kt_route *route);

/* A word of the action for this request: what stood for the same braces in the path, or the word itself. Borrowed. */
const char *kt_route_word(const struct kt_route_found *found, size_t i);

/* The same for a parameter; NULL: the row does not have it. */
const char *kt_route_value(const struct kt_route_found *found, const char *key);

void kt_route_found_fini(struct kt_route_found *found);
void kt_routes_fini(struct kt_routes *routes);

#endif
