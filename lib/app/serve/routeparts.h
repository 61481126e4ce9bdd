/* A route's path, part by part: what stands between two slashes.
 *
 *   const char *at = "/topics/{topic}";
 *   while (kt_route_next(&at, &part))
 *           … kt_route_is_any(part) …
 */
#ifndef KT_ROUTEPARTS_H
#define KT_ROUTEPARTS_H

#include "base.h"

/* The next part of a path, which begins with its slash; false at the end. */
bool kt_route_next(const char **at, struct kt_bytes *part);

/* {topic} and its like: stands for any text. */
bool kt_route_is_any(struct kt_bytes part);

/* A last part of * stands for the rest of the path, whatever its parts; `after` is what comes after the part. */
bool kt_route_is_rest(struct kt_bytes part, const char *after);

bool kt_route_is_same(struct kt_bytes a, struct kt_bytes b);

/* Whatever stands in braces, two paths that fit the same requests are one. */
bool kt_route_is_same_path(const char *a, const char *b);

/* Which of the parts in braces it is, from 0; -1: none. */
int kt_route_place(const char *path, struct kt_bytes braces);

#endif
