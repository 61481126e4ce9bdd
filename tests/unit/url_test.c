#include "url.h"

#include "tap.h"

/* "BASE USER PASSWORD", or the message in angle brackets. Valid until the next call. */
static const char *outcome(const char *text)
{
	static char shown[600];
	struct kt_err err = {0};
	kt_auto(kt_url_fini) struct kt_url url = {0};
	if (kt_url_parse(&url, text, &err) == 0)
		snprintf(shown, sizeof(shown), "%s%s %s %s", url.tls ? "tls " : "", url.base, url.user ? url.user : "-",
			url.password ? url.password : "-");
	else
		snprintf(shown, sizeof(shown), "%d <%s>", err.status, err.msg);
	return shown;
}

TEST(addresses)
{
	static const char *const cases[][2] = {
		{"http://localhost:8081", "http://localhost:8081 - -"},
		{"HTTP://localhost", "http://localhost - -"},
		{"https://h.example.org/apis/ccompat/v7///", "tls https://h.example.org/apis/ccompat/v7 - -"},
		{"http://[::1]:8081/", "http://[::1]:8081 - -"},
		{"http://[::1]", "http://[::1] - -"},
		{"http://me@h", "http://h me -"},
		{"http://me:@h", "http://h me "},
		{"http://me:p:w@h:1", "http://h:1 me p:w"},
		{"http://m%40e:p%2Fw%25@h:65535/x", "http://h:65535/x m@e p/w%"},
		{"http://a@b:c@h/", "http://h a@b c"},
		{"http://h/a@b", "http://h/a@b - -"},
		{"", "2 <\"\" is not an address of an HTTP service>"},
		{"localhost:8081", "2 <\"localhost:8081\" is not an address of an HTTP service>"},
		{"ftp://h", "2 <\"ftp://h\" is not an address of an HTTP service>"},
		{"http://", "2 <\"http://\" is not an address of an HTTP service>"},
		{"http://:8081", "2 <\"http://:8081\" is not an address of an HTTP service>"},
		{"http://h:", "2 <\"http://h:\" is not an address of an HTTP service>"},
		{"http://h:0", "2 <\"http://h:0\" is not an address of an HTTP service>"},
		{"http://h:65536", "2 <\"http://h:65536\" is not an address of an HTTP service>"},
		{"http://[::1", "2 <\"http://[::1\" is not an address of an HTTP service>"},
		{"http://[::1]x", "2 <\"http://[::1]x\" is not an address of an HTTP service>"},
		{"http://h x", "2 <\"http://h x\" is not an address of an HTTP service>"},
		{"http://h/?a", "2 <\"http://h/?a\" is not an address of an HTTP service>"},
		{"http://h/\n", "2 <\"http://h/\\n\" is not an address of an HTTP service>"},
		{"http://me:pw@", "2 <this is not an address of an HTTP service>"},
		{"http://me:p%w@h", "2 <this is not an address of an HTTP service>"},
		{"http://me:p%0@h", "2 <this is not an address of an HTTP service>"},
		{"http://me:p%00@h", "2 <this is not an address of an HTTP service>"},
		{"http://me:p/w@h", "2 <this is not an address of an HTTP service>"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome(cases[i][0]), cases[i][1]);
}

TEST(parts_of_a_path)
{
	static const char *const cases[][2] = {
		{"t-value_1.a~", "t-value_1.a~"}, {"a/b c", "a%2Fb%20c"}, {"ü?#%", "%C3%BC%3F%23%25"}, {"", ""}};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		kt_auto(kt_buf_fini) struct kt_buf out = {0};
		kt_url_escape(&out, cases[i][0]);
		CHECK_STR(kt_buf_cstr(&out), cases[i][1]);
	}
}
