#include "benchanswer.h"

#include "benchhttp.h"
#include "tap.h"

static const char small[] = "HTTP/1.1 200 OK\r\nServer: Apache/2.4 (Debian)\r\nContent-Length: 5\r\n\r\nhello";
static const char chunked[] =
	"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\n"
	"Trailer: x\r\n\r\n";

/* Whole, and in pieces of each length: the same has to come of it, and nothing of what follows may be taken. */
static void check(const char *text, int status, int64_t body, bool keep)
{
	size_t len = strlen(text);
	for (size_t piece = 1; piece <= len + 4; piece++) {
		struct kt_benchanswer a = {0};
		char all[1000];
		size_t at = 0, total = (size_t)snprintf(all, sizeof(all), "%sHTTP", text);
		kt_benchanswer_begin(&a, false);
		while (at < total && !a.done) {
			size_t n = piece < total - at ? piece : total - at;
			ssize_t taken = kt_benchanswer_take(&a, all + at, n);
			CHECK(taken >= 0);
			if (taken < 0)
				break;
			at += (size_t)taken;
		}
		CHECK(a.done);
		CHECK_INT(at, len);
		CHECK_INT(a.status, status);
		CHECK_INT(a.body, body);
		CHECK(a.keep == keep);
		kt_benchanswer_fini(&a);
	}
}

TEST(answers)
{
	check(small, 200, 5, true);
	check(chunked, 404, 15, true);
	check("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, 2, false);
	check("HTTP/1.0 200 OK\r\ncontent-length:2\r\nCONNECTION: keep-alive \r\n\r\nok", 200, 2, true);
	check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", 200, 2, false);
	check("HTTP/1.1 204 No Content\r\n\r\n", 204, 0, true);
	check("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", 304, 0, true);
	check("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", 200, 3, true);
	check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, 1, true);
	check("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 500, 0, true);
}

TEST(an_answer_that_the_end_of_the_connection_ends)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n\r\nabc";
	struct kt_benchanswer a = {0};
	kt_benchanswer_begin(&a, false);
	CHECK_INT(kt_benchanswer_take(&a, text, sizeof(text) - 1), sizeof(text) - 1);
	CHECK(!a.done);
	CHECK(kt_benchanswer_end(&a));
	CHECK(!a.keep);
	CHECK_INT(a.body, 3);
	kt_benchanswer_begin(&a, true);
	CHECK_INT(kt_benchanswer_take(&a, small, sizeof(small) - 6), sizeof(small) - 6);
	CHECK(a.done); /* of a HEAD request, however long the body would be */
	CHECK_STR(a.server, "Apache/2.4");
	kt_benchanswer_begin(&a, false);
	CHECK(kt_benchanswer_take(&a, small, sizeof(small) - 3) > 0);
	CHECK(!kt_benchanswer_end(&a));
	kt_benchanswer_fini(&a);
}

TEST(what_is_no_answer)
{
	static const char *const bad[] = {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
		"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"};
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		struct kt_benchanswer a = {0};
		kt_benchanswer_begin(&a, false);
		CHECK_INT(kt_benchanswer_take(&a, bad[i], strlen(bad[i])), -1);
		kt_benchanswer_fini(&a);
	}
	struct kt_benchanswer a = {0};
	ssize_t taken = 0;
	size_t sum = 0;
	kt_benchanswer_begin(&a, false);
	for (int i = 0; i < 100000 && taken >= 0; i++, sum += (size_t)(taken > 0 ? taken : 0))
		taken = kt_benchanswer_take(&a, "HTTP/1.1 200 OK\r\nX: ", 20);
	CHECK_INT(taken, -1); /* a head without an end */
	CHECK(sum <= KT_BENCHANSWER_HEAD);
	kt_benchanswer_fini(&a);
}

static void check_url(const char *text, const char *host, int port, const char *path, bool tls)
{
	struct kt_benchurl url = {0};
	struct kt_err err = {0};
	CHECK_INT(kt_benchurl_parse(&url, text, &err), 0);
	CHECK_STR(url.at.host, host);
	CHECK_INT(url.at.port, port);
	CHECK_STR(url.path, path);
	CHECK(url.tls == tls);
	kt_benchurl_fini(&url);
}

TEST(urls)
{
	check_url("http://a.example/x/y?z=1#top", "a.example", 80, "/x/y?z=1", false);
	check_url("https://a.example", "a.example", 443, "/", true);
	check_url("HTTPS://a.example:8443/", "a.example", 8443, "/", true);
	check_url("localhost:3000/ping", "localhost", 3000, "/ping", false);
	check_url("http://[::1]:81?q", "::1", 81, "/?q", false);
	static const char *const bad[] = {"", "ftp://x/", "http://", "http:///x", "http://u:p@h/", "http://h/a b",
		"http://h/\r\nX: y", "http://h:0/", "http://h:99999/"};
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		struct kt_benchurl url = {0};
		struct kt_err err = {0};
		CHECK_INT(kt_benchurl_parse(&url, bad[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		kt_benchurl_fini(&url);
	}
}
