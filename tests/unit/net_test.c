#include "net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include "tap.h"
#include "when.h"

static struct kt_err err;

static struct kt_limit soon(void)
{
	return (struct kt_limit){kt_clock_us() + 5000000, -1};
}

TEST(endpoints)
{
	static const struct {
		const char *text, *host, *name;
		int port;
	} cases[] = {
		{"h", "h", "h:9092", 9092},
		{"h:1", "h", "h:1", 1},
		{"ssl://h.example:65535", "h.example", "h.example:65535", 65535},
		{"[::1]:9093", "::1", "[::1]:9093", 9093},
		{"[fe80::1%eth0]", "fe80::1%eth0", "[fe80::1%eth0]:9092", 9092},
		{"::1", "::1", "[::1]:9092", 9092},
		{"", NULL},
		{":9092", NULL},
		{"h:", NULL},
		{"h:0", NULL},
		{"h:65536", NULL},
		{"h:x", NULL},
		{"[]:1", NULL},
		{"[::1]1", NULL},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_endpoint e = {0};
		CHECK_INT(kt_endpoint_parse(&e, cases[i].text, &err), cases[i].host ? 0 : -1);
		if (!cases[i].host)
			continue;
		CHECK_STR(e.host, cases[i].host);
		CHECK_STR(e.name, cases[i].name);
		CHECK_INT(e.port, cases[i].port);
	}
}

TEST(advertised_endpoints)
{
	struct kt_endpoint e;
	CHECK_INT(kt_endpoint_make(&e, "kafka1", 9092, &err), 0);
	CHECK_STR(e.name, "kafka1:9092");
	CHECK_INT(kt_endpoint_make(&e, "", 9092, &err), -1);
	CHECK_INT(kt_endpoint_make(&e, "kafka1", 0, &err), -1);
	CHECK_INT(kt_endpoint_make(&e, "kafka1", 70000, &err), -1);
	CHECK_INT(kt_endpoint_make(&e, "kaf ka", 9092, &err), -1);
	CHECK_STR(err.msg, "it is advertised as \"kaf ka\", port 9092, which is not an address");
	CHECK_INT(err.status, KT_UNREACHABLE);
}

/* A port that listens on 127.0.0.1 (or did, and is free again). */
static int listening(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 1) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		TAP_FAIL("no port");
	*port = ntohs(at.sin_port);
	return fd;
}

TEST(connections)
{
	struct kt_endpoint e;
	struct kt_addresses all;
	struct kt_limit limit = soon();
	int port, server = listening(&port);
	CHECK_INT(kt_endpoint_make(&e, "elsewhere.invalid", port, &err), 0);
	CHECK_INT(kt_net_resolve(&all, &e, "127.0.0.1", KT_FAMILY_ANY, &limit, &err), 0);
	CHECK_INT(all.n, 1);
	CHECK_STR(all.v[0].text, "127.0.0.1");
	int fd = kt_net_connect(&all, &limit, &err);
	CHECK(fd >= 0);
	CHECK_STR(kt_address_result(&all.v[0]), "connected");
	close(fd);
	close(server);
	CHECK_INT(kt_net_connect(&all, &limit, &err), -1);
	CHECK_STR(err.msg, "connection refused");
	CHECK_INT(err.status, KT_UNREACHABLE);
	all.n = 0;
	CHECK_INT(kt_net_connect(&all, &limit, &err), -1);
}

TEST(names_that_are_not_there)
{
	struct kt_endpoint e;
	struct kt_addresses all;
	struct kt_limit limit = soon();
	CHECK_INT(kt_endpoint_make(&e, "nowhere.invalid", 9092, &err), 0);
	CHECK_INT(kt_net_resolve(&all, &e, NULL, KT_FAMILY_ANY, &limit, &err), -1);
	CHECK_INT(err.status, KT_UNREACHABLE);
	CHECK(strstr(err.hint, "--resolve NAME=ADDRESS") != NULL);
}

TEST(waits_end)
{
	int ends[2];
	struct kt_limit limit = {kt_clock_us() + 20000, -1};
	CHECK_INT(kt_net_wait(-1, POLLIN, &limit, &err), -1);
	CHECK_STR(err.msg, "no answer");
	CHECK(kt_clock_us() >= limit.deadline_us);
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(write(ends[1], "x", 1), 1);
	limit = (struct kt_limit){kt_clock_us() - 1, -1};
	CHECK_INT(kt_net_wait(ends[0], POLLIN, &limit, &err), -1);
	CHECK_STR(err.msg, "no answer");
	limit.deadline_us = kt_clock_us() + 60000000;
	CHECK_INT(kt_net_wait(ends[0], POLLIN, &limit, &err), 0);
	limit = (struct kt_limit){kt_clock_us() + 60000000, ends[0]};
	CHECK_INT(kt_net_wait(-1, POLLIN, &limit, &err), -1);
	CHECK_INT(err.status, KT_SIGNAL);
	close(ends[0]);
	close(ends[1]);
}
