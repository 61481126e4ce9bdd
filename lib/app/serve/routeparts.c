#include "routeparts.h"

bool kt_route_next(const char **at, struct kt_bytes *part)
{
	if (**at != '/')
		return false;
	*part = (struct kt_bytes){*at + 1, strcspn(*at + 1, "/")};
	*at += 1 + part->len;
	return true;
}

bool kt_route_is_any(struct kt_bytes part)
{
	return part.len > 2 && part.data[0] == '{' && part.data[part.len - 1] == '}';
}

bool kt_route_is_rest(struct kt_bytes part, const char *after)
{
	return part.len == 1 && part.data[0] == '*' && !*after;
}

bool kt_route_is_same(struct kt_bytes a, struct kt_bytes b)
{
	return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

bool kt_route_is_same_path(const char *a, const char *b)
{
	struct kt_bytes pa, pb;
	bool more;
	while ((more = kt_route_next(&a, &pa)) && kt_route_next(&b, &pb))
		if (kt_route_is_any(pa) != kt_route_is_any(pb) || (!kt_route_is_any(pa) && !kt_route_is_same(pa, pb)))
			return false;
	return !more && !*b;
}

int kt_route_place(const char *path, struct kt_bytes braces)
{
	struct kt_bytes part;
	int place = 0;
	while (kt_route_next(&path, &part)) {
		if (kt_route_is_same(part, braces))
			return kt_route_is_any(part) ? place : -1;
		place += kt_route_is_any(part);
	}
	return -1;
}
