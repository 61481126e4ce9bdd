#include "fuzz.h"
#include "json.h"
#include "openapi.h"
#include "query.h"
#include "routes.h"

/* What was read can be printed and read again, to the same rows, and described in JSON; a request's target is any text.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_routes_fini) struct kt_routes routes = {0}, again = {0};
	kt_auto(kt_buf_fini) struct kt_buf first = {0}, second = {0}, target = {0}, document = {0};
	kt_auto(kt_route_found_fini) struct kt_route_found found;
	struct kt_err err = {0};
	int result = kt_routes_add(&routes, "f", (struct kt_bytes){(const char *)data, size}, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	kt_routes_print(&routes, &first);
	REQUIRE(kt_routes_add(&again, "f", (struct kt_bytes){kt_buf_cstr(&first), first.len}, &err) == 0);
	kt_routes_print(&again, &second);
	REQUIRE(first.len == second.len && !memcmp(kt_buf_cstr(&first), kt_buf_cstr(&second), first.len));
	kt_openapi_write(&document, &routes, size & 1);
	const char *start = kt_buf_cstr(&document);
	struct kt_json j = {.start = start, .at = start, .end = start + document.len, .out = &second, .err = &err};
	REQUIRE(kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0);
	kt_buf_add(&target, data, size);
	const char *text = kt_buf_cstr(&target);
	if (kt_routes_find(&routes, "GET", text, text, &found))
		for (size_t i = 0; i < found.route->words.n; i++)
			REQUIRE(kt_route_word(&found, i));
	kt_auto(kt_query_fini) struct kt_query q = kt_query_of(text);
	while (kt_query_next(&q))
		REQUIRE(q.name.len + q.value.len <= size);
	return 0;
}
