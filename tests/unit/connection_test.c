#include "connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include "proto.h"
#include "tap.h"
#include "when.h"

static struct kt_err err;

/* What the other side of a connection sends, and whether it closes it then. */
struct reply {
	const char *data;
	size_t len;
	bool closes;
};

/* Asks for versions, id 1, and gets the reply. Waits only briefly where none is expected. */
static int ask(struct kt_connection *link, const struct reply *reply, struct kt_bytes *answer, int64_t ms)
{
	static const struct kt_settings none;
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit limit = {kt_clock_us() + ms * 1000, -1};
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0 ||
		write(ends[1], reply->data, reply->len) != (ssize_t)reply->len)
		TAP_FAIL("no connection");
	if (reply->closes)
		shutdown(ends[1], SHUT_WR);
	*link = (struct kt_connection){.fd = ends[0], .settings = &none, .id = 1};
	err = (struct kt_err){0};
	kt_ask_versions(&request, 1);
	int result = kt_connection_exchange(link, &request, answer, &limit, &err);
	close(ends[1]);
	return result;
}

#define REPLY(text) (&(struct reply){text, sizeof(text) - 1, true})
#define OTHER "it answers in a protocol other than Kafka's: "

TEST(an_answer)
{
	struct kt_connection link;
	struct kt_bytes answer;
	CHECK_INT(ask(&link, REPLY("\0\0\0\6\0\0\0\1ab"), &answer, 10000), 0);
	CHECK_MEM(answer.data, answer.len, "ab", 2);
	CHECK(!link.lost);
	kt_connection_close(&link);
}

TEST(bad_answers)
{
	static const struct {
		struct reply reply;
		const char *message;
		bool ended;
	} cases[] = {
		{{"", 0, true}, "it closed the connection", true},
		{{"\0\0", 2, true}, "it closed the connection", true},
		{{"\x15\3\1\0\2", 5, false}, "it closed the connection", true},
		{{"\0\0\0\6\0\0", 6, true}, OTHER "an answer that is cut off", false},
		{{"\0\0\0\3abc", 7, false}, OTHER "an answer that is shorter than its header", false},
		{{"\x7f\xff\xff\xff", 4, false}, OTHER "an answer of impossible length", false},
		{{"HTTP/1.1", 8, false}, OTHER "an answer of impossible length", false},
		{{"\0\0\0\4\0\0\0\2", 8, false}, OTHER "an answer to something that was not asked", false},
		{{"\0\0\0\6\0\0", 6, false}, "no answer", false},
		{{"", 0, false}, "no answer", false},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_connection link;
		struct kt_bytes answer;
		int64_t ms = strcmp(cases[i].message, "no answer") ? 10000 : 50;
		CHECK_INT(ask(&link, &cases[i].reply, &answer, ms), -1);
		CHECK_STR(err.msg, cases[i].message);
		CHECK_INT(err.status, KT_UNREACHABLE);
		CHECK_INT(link.ended, cases[i].ended);
		CHECK(link.lost);
		kt_connection_close(&link);
	}
}
