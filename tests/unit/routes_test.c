#include "routes.h"

#include "query.h"
#include "tap.h"

static int add(struct kt_routes *routes, const char *text, struct kt_err *err)
{
	return kt_routes_add(routes, "f", (struct kt_bytes){text, strlen(text)}, err);
}

TEST(rows_are_printed_as_they_can_be_read_again)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{"", ""},
		{"# a comment\n\n \t\n", ""},
		{"POST /orders produce orders", "POST /orders produce orders\n"},
		{"  POST\t/orders  produce orders\r\n", "POST /orders produce orders\n"},
		{"POST /produce/{topic} produce {topic} host=a.example\n",
			"POST /produce/{topic} produce {topic} host=a.example\n"},
		{"GET / text \"\\nHello \\\"you\\\"\\n\" status=201 type=text/html",
			"GET / text \"\\nHello \\\"you\\\"\\n\" status=201 type=text/html\n"},
		{"GET /e event t '{\"a\": 1}' reply='it\\s'", "GET /e event t \"{\\\"a\\\": 1}\" reply=it\\s\n"},
		{"GET /h healthy\nGET /m metrics", "GET /h healthy\nGET /m metrics\n"},
		{"GET /x text ''", "GET /x text \"\"\n"},
		{"GET /x text #1", "GET /x text \"#1\"\n"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_routes_fini) struct kt_routes routes = {0}, again = {0};
		kt_auto(kt_buf_fini) struct kt_buf out = {0}, second = {0};
		struct kt_err err = {0};
		CHECK_INT(add(&routes, rows[i].text, &err), 0);
		CHECK_STR(err.msg, "");
		kt_routes_print(&routes, &out);
		CHECK_STR(kt_buf_cstr(&out), rows[i].printed);
		CHECK_INT(add(&again, kt_buf_cstr(&out), &err), 0);
		kt_routes_print(&again, &second);
		CHECK_STR(kt_buf_cstr(&second), rows[i].printed);
	}
}

TEST(what_is_wrong_is_said_with_its_line)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"\nPOST /x\n", "f:2: expected METHOD PATH ACTION"},
		{"post /x produce t", "f:1: \"post\" is not a method such as GET or POST"},
		{"HEAD /x text a", "f:1: HEAD is answered by the row for GET"},
		{"GET x text a", "f:1: \"x\" is not a path such as /orders"},
		{"GET /x?a text a", "f:1: \"/x?a\": a path has no query, and no blanks"},
		{"GET /x{t} text a", "f:1: \"/x{t}\": braces are for one whole part, as in /a/{topic}/b"},
		{"GET /{a}/b/{a} text a", "f:1: \"/{a}/b/{a}\": {a} appears twice"},
		{"GET /{a{b}} text a", "f:1: \"/{a{b}}\": braces are for one whole part, as in /a/{topic}/b"},
		{"GET /{} text a", "f:1: \"/{}\": braces are for one whole part, as in /a/{topic}/b"},
		{"GET /} text a", "f:1: \"/}\": braces are for one whole part, as in /a/{topic}/b"},
		{"POST /x prodcue t", "f:1: \"prodcue\" is not an action"},
		{"POST /x produce", "f:1: produce wants TOPIC"},
		{"GET /x event t", "f:1: event wants TOPIC VALUE"},
		{"POST /x produce t u", "f:1: \"u\" is not a parameter of produce"},
		{"POST /x produce t type=a", "f:1: \"type=a\" is not a parameter of produce"},
		{"GET /x text a type=b type=c", "f:1: type= appears twice"},
		{"GET /x text a host=b host=c", "f:1: host= appears twice"},
		{"GET /x text a status=600", "f:1: status=600: expected 200 to 599"},
		{"GET /x text a type=\"b\\r\\nc\"", "f:1: type=: one line is expected"},
		{"GET /x text \"a", "f:1: \" is not closed"},
		{"GET /x text 'a", "f:1: ' is not closed"},
		{"GET /x text a\nPOST /x text b\nGET /x text c", "f:3: GET /x is claimed already, by f:1"},
		{"GET /a/{t}/b text a\nGET /a/{u}/b text b", "f:2: GET /a/{u}/b is claimed already, by f:1"},
		{"GET /{a}/{b} text a\nGET /{c}/{d} text b", "f:2: GET /{c}/{d} is claimed already, by f:1"},
		{"GET /x text a host=h\nGET /x text b\nGET /x text c host=H", "f:3: GET /x is claimed already, by f:1"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_routes_fini) struct kt_routes routes = {0};
		struct kt_err err = {0};
		CHECK_INT(add(&routes, rows[i].text, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_USAGE);
	}
	static const char *const others[] = {"POST /x produce a/b", "POST /x produce {topic}", "POST /x produce ..",
		"POST /{topic} produce {other}", "GET /x text \"\\q\"", "GET /x text \"a\\0b\""};
	for (size_t i = 0; i < KT_LEN(others); i++) {
		kt_auto(kt_routes_fini) struct kt_routes routes = {0};
		struct kt_err err = {0};
		CHECK_INT(add(&routes, others[i], &err), -1);
		CHECK_MEM(err.msg, 5, "f:1: ", 5);
	}
}

TEST(the_row_for_a_request)
{
	kt_auto(kt_routes_fini) struct kt_routes routes = {0};
	struct kt_err err = {0};
	CHECK_INT(add(&routes,
			  "GET /x text any\nGET /x text its host=h.example\nPOST /x produce t\n"
			  "POST /produce/{topic} produce {topic}\nPOST /produce/special produce one\n"
			  "GET /a/{b}/c event t '{b}'",
			  &err),
		0);
	static const struct {
		const char *method, *host, *path, *word, *allow;
	} rows[] = {
		{"GET", "other", "/x", "any", "GET, HEAD, POST"},
		{"GET", "", "/x", "any", "GET, HEAD, POST"},
		{"GET", "H.EXAMPLE:80", "/x", "its", "GET, HEAD, POST"},
		{"GET", "h.example.org", "/x", "any", "GET, HEAD, POST"},
		{"HEAD", "other", "/x", "any", "GET, HEAD, POST"},
		{"PUT", "other", "/x", NULL, "GET, HEAD, POST"},
		{"POST", "h", "/produce/mine", "mine", "POST"},
		{"POST", "h", "/produce/special", "one", "POST"},
		{"POST", "h", "/produce/", NULL, ""},
		{"POST", "h", "/produce/a/b", NULL, ""},
		{"GET", "h", "/produce/a", NULL, "POST"},
		{"GET", "h", "/a/z/c", "t", "GET, HEAD"},
		{"GET", "h", "/a/z/d", NULL, ""},
		{"GET", "h", "/", NULL, ""},
		{"GET", "h", "", NULL, ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_route_found_fini) struct kt_route_found found;
		bool there = kt_routes_find(&routes, rows[i].method, rows[i].host, rows[i].path, &found);
		CHECK(there == (rows[i].word != NULL));
		if (there && rows[i].word)
			CHECK_STR(kt_route_word(&found, 0), rows[i].word);
		CHECK_STR(kt_buf_cstr(&found.allow), rows[i].allow);
	}
	kt_auto(kt_route_found_fini) struct kt_route_found found;
	CHECK(kt_routes_find(&routes, "GET", "h", "/a/z/c", &found));
	CHECK_STR(kt_route_word(&found, 1), "z");
}

TEST(the_rest_of_a_path_and_any_method)
{
	kt_auto(kt_routes_fini) struct kt_routes routes = {0};
	struct kt_err err = {0};
	CHECK_INT(
		add(&routes,
			"ANY /* text all\nANY /a/* text a\nGET /a/* text get\nGET /a/{b}/c text braces\nPOST /b text b\n"
			"GET /*/d text star",
			&err),
		0);
	static const struct {
		const char *method, *path, *word;
	} rows[] = {
		{"GET", "/", "all"},
		{"PUT", "/x/y", "all"},
		{"GET", "/a", "all"},
		{"PUT", "/a/", "a"},
		{"HEAD", "/a/x/y", "get"},
		{"GET", "/a/x/c", "braces"},
		{"POST", "/a/x/c", "a"},
		{"POST", "/b", "b"},
		{"GET", "/b", "all"},
		{"GET", "/*/d", "star"},
		{"GET", "/x/d", "all"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_route_found_fini) struct kt_route_found found;
		CHECK(kt_routes_find(&routes, rows[i].method, "h", rows[i].path, &found));
		CHECK_STR(kt_route_word(&found, 0), rows[i].word);
	}
	CHECK_INT(add(&routes, "ANY /a/* text again", &err), -1);
	CHECK_INT(add(&routes, "GET /p proxy ftp://a", &err), -1);
	CHECK_INT(add(&routes, "GET /p proxy http://a@b", &err), -1);
	CHECK_INT(add(&routes, "GET /p proxy http://a:1/b", &err), 0);
}

TEST(several_parts_in_braces)
{
	kt_auto(kt_routes_fini) struct kt_routes routes = {0};
	struct kt_err err = {0};
	CHECK_INT(add(&routes,
			  "GET /{a}/{b}/c text {b} type={a}\nGET /{a}/{b} text any\nGET /y/{b} text y\n"
			  "GET /{a}/z text z\nGET /{a}/{b}/c/ text slash",
			  &err),
		0);
	static const struct {
		const char *path, *word, *type;
	} rows[] = {
		{"/b/d/c", "d", "b"},
		{"/b/d/c/", "slash", NULL},
		{"/b/d", "any", NULL},
		{"/y/z", "y", NULL},
		{"/x/z", "z", NULL},
		{"/b//c", NULL, NULL},
		{"/b/", NULL, NULL},
		{"/b/d/c/e", NULL, NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_route_found_fini) struct kt_route_found found;
		bool there = kt_routes_find(&routes, "GET", "h", rows[i].path, &found);
		CHECK(there == (rows[i].word != NULL));
		if (there && rows[i].word)
			CHECK_STR(kt_route_word(&found, 0), rows[i].word);
		const char *type = there ? kt_route_value(&found, "type") : NULL;
		CHECK_STR(type ? type : "", rows[i].type ? rows[i].type : "");
	}
}

TEST(paths_of_the_rest_proxy)
{
	static const char rows[] =
		"GET /topics/{t} topic {t}\nGET /t/{t}/consume consume {t}\nPOST /own/* proxy http://a\n"
		"POST /{t}/records records {t}\n";
	static const struct {
		const char *path;
		bool v2;
	} paths[] = {{"/topics", true}, {"/topics/", true}, {"/topics/a/b/c", true}, {"/any/records", true},
		{"/any/record", false}, {"/topic", false}, {"/topicss", false}, {"/t/a/consume", false},
		{"/own/x", false}, {"/", false}, {"", false}, {"*", false}};
	kt_auto(kt_routes_fini) struct kt_routes routes = {0};
	struct kt_err err;
	CHECK_INT(add(&routes, rows, &err), 0);
	for (size_t i = 0; i < KT_LEN(paths); i++)
		CHECK(kt_routes_speak_v2(&routes, paths[i].path) == paths[i].v2);
	CHECK(kt_route_speaks_v2(&routes.v[0]) && !kt_route_speaks_v2(&routes.v[1]) &&
		!kt_route_speaks_v2(&routes.v[2]));
}

TEST(queries)
{
	static const struct {
		const char *target, *parts;
		bool malformed;
	} rows[] = {
		{"/x", "", false},
		{"/x?", "", false},
		{"/x?a=b", "a=b;", false},
		{"/x?a=b&a=c&d", "a=b;a=c;d=;", false},
		{"/x?a=b+c%20%2B%41&&=e", "a=b c +A;=e;", false},
		{"/x?a=b=c?d", "a=b=c?d;", false},
		{"/x?a=1&b=%4", "a=1;", true},
		{"/x?a=%", "", true},
		{"/x?%zz=1&b=2", "", true},
		{"/x?a=%41", "a=A;", false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_query_fini) struct kt_query q = kt_query_of(rows[i].target);
		kt_auto(kt_buf_fini) struct kt_buf parts = {0};
		while (kt_query_next(&q))
			kt_buf_addf(&parts, "%s=%s;", kt_buf_cstr(&q.name), kt_buf_cstr(&q.value));
		CHECK_STR(kt_buf_cstr(&parts), rows[i].parts);
		CHECK(q.malformed == rows[i].malformed);
	}
}
