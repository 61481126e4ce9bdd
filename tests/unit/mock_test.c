#include "mock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

/* A run of `n` ports that were free a moment ago. */
static int free_ports(int n)
{
	for (int port = 20000 + (int)(getpid() % 20000); port < 65000; port += n) {
		struct kt_ports ports = {0};
		struct kt_err err;
		bool all = kt_ports_open(&ports, port, n, &err) == 0;
		kt_ports_fini(&ports);
		if (all)
			return port;
	}
	return 0;
}

static int connects(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int result = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
	close(fd);
	return result;
}

TEST(fixed_ports_in_a_row)
{
	char answer[64], expected[64];
	struct kt_mock *mock;
	struct kt_err err = {0};
	int port = free_ports(2);
	CHECK_INT(kt_mock_start(&mock, 2, port, NULL, &err), 0);
	snprintf(expected, sizeof(expected), "127.0.0.1:%d,127.0.0.1:%d", port, port + 1);
	CHECK_STR(kt_mock_bootstrap(mock), expected);
	CHECK_INT(kt_mock_port(mock), port);
	CHECK_INT(kt_mock_tell(mock, "bootstrap", answer, sizeof(answer), &err), 0);
	CHECK_STR(answer, expected);
	CHECK_INT(connects(port), 0);
	CHECK_INT(connects(port + 1), 0);

	struct kt_mock *second = NULL;
	CHECK_INT(kt_mock_start(&second, 1, port + 1, NULL, &err), -1);
	snprintf(expected, sizeof(expected), "listening on 127.0.0.1:%d: Address already in use", port + 1);
	CHECK_STR(err.msg, expected);
	CHECK_INT(err.status, KT_FAILED);
	CHECK(!second);
	kt_mock_stop(mock);
	CHECK_INT(connects(port), ECONNREFUSED);
}

TEST(chosen_ports)
{
	struct kt_mock *mock;
	struct kt_err err = {0};
	CHECK_INT(kt_mock_start(&mock, 1, 0, NULL, &err), 0);
	CHECK(kt_mock_port(mock) > 0);
	CHECK_INT(connects(kt_mock_port(mock)), 0);
	kt_mock_stop(mock);
	kt_mock_stop(NULL);
}

TEST(what_cannot_be_started)
{
	static const struct {
		int brokers, port;
	} rows[] = {{0, 0}, {-1, 0}, {KT_MOCK_MAX_BROKERS + 1, 0}, {1, -1}, {1, 65536}, {2, 65535}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_mock *mock = NULL;
		struct kt_err err = {0};
		CHECK_INT(kt_mock_start(&mock, rows[i].brokers, rows[i].port, NULL, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(!mock);
	}
}

TEST(down_and_up)
{
	char answer[64];
	struct kt_mock *mock;
	struct kt_err err = {0};
	CHECK_INT(kt_mock_start(&mock, 1, 0, NULL, &err), 0);
	int port = kt_mock_port(mock);
	CHECK_INT(kt_mock_tell(mock, "down 1", answer, sizeof(answer), &err), 0);
	CHECK_INT(kt_mock_tell(mock, "down all", answer, sizeof(answer), &err), 0);
	CHECK_INT(connects(port), ECONNREFUSED);

	int thief = kt_port_listen(port);
	CHECK(thief >= 0);
	CHECK_INT(kt_mock_tell(mock, "up all", answer, sizeof(answer), &err), -1);
	CHECK(strstr(err.msg, "Address already in use"));
	close(thief);

	CHECK_INT(kt_mock_tell(mock, "up all", answer, sizeof(answer), &err), 0);
	CHECK_INT(kt_mock_tell(mock, "up 1", answer, sizeof(answer), &err), 0);
	CHECK_INT(connects(port), 0);
	kt_mock_stop(mock);
}

TEST(commands)
{
	static const struct {
		const char *line;
		int status;
		const char *text, *hint; /* the answer, or the message and the hint */
	} rows[] = {
		{"create t 16", 0, "", NULL},
		{"  create\tu 1\r\n", 0, "", NULL},
		{"create t 16", KT_FAILED, "topic t exists already", "with --if-not-exists that is not an error"},
		{"create t 4 if-not-exists", 0, "exists", NULL},
		{"create v 4 if-not-exists", 0, "", NULL},
		{"create v 4 if-not-exist", KT_USAGE, "the word \"if-not-exist\" is not known",
			"did you mean if-not-exists?"},
		{"create v", KT_USAGE, "an embedded broker understands `create TOPIC PARTITIONS [if-not-exists]`", ""},
		{"create a/b 1", KT_USAGE, "a topic cannot be called \"a/b\"", NULL},
		{"delay 0.01", 0, "", NULL},
		{"delay 0", 0, "", NULL},
		{"delay 2h", KT_USAGE, "a delay is at most an hour", ""},
		{"error Produce NOT_LEADER_FOR_PARTITION 3", 0, "", NULL},
		{"error produce not_leader_for_partition 3", 0, "", NULL},
		{"error Fetch 6 1", 0, "", NULL},
		{"error ApiVersions _TRANSPORT 1", 0, "", NULL},
		{"error Produse 6 1", KT_USAGE, "the request \"Produse\" is not known", "did you mean Produce?"},
		{"error Fetch NOT_LEADER_FOR_PARTITON 1", KT_USAGE,
			"the error \"NOT_LEADER_FOR_PARTITON\" is not known", "did you mean NOT_LEADER_FOR_PARTITION?"},
		{"error Fetch 9999 1", KT_USAGE, "the error \"9999\" is not known", ""},
		{"error Fetch 0 1", KT_USAGE, "the error \"0\" is not known", ""},
		{"error Fetch -197 1", KT_USAGE, "the error \"-197\" is not known", ""},
		{"up", KT_USAGE, "an embedded broker understands `up ID|all`", ""},
		{"dwon 1", KT_USAGE, "the command \"dwon\" is not known", "did you mean down?"},
		{"", KT_USAGE, "the command for the embedded broker is empty", ""},
	};
	struct kt_mock *mock;
	struct kt_err err = {0};
	CHECK_INT(kt_mock_start(&mock, 1, 0, NULL, &err), 0);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		char answer[128] = "unchanged";
		err = (struct kt_err){0};
		int result = kt_mock_tell(mock, rows[i].line, answer, sizeof(answer), &err);
		CHECK_INT(result, rows[i].status ? -1 : 0);
		CHECK_INT(err.status, rows[i].status);
		CHECK_STR(result ? err.msg : answer, rows[i].text);
		if (rows[i].hint)
			CHECK_STR(err.hint, rows[i].hint);
	}
	/* Bounds; the wording is that of num.h. */
	static const char *const bad[] = {"down 0", "down 2", "up x", "create w 0", "create w 10001", "create w x",
		"delay x", "error Fetch 6 0", "error Fetch 6 100001"};
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		char answer[128];
		CHECK_INT(kt_mock_tell(mock, bad[i], answer, sizeof(answer), &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
	kt_mock_stop(mock);
}
