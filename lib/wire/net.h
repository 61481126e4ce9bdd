/* Names and TCP connections with a limit in time, one step at a time, so that each can be told by itself.
 *
 *   struct kt_endpoint at;
 *   struct kt_addresses addresses;
 *   if (kt_endpoint_parse(&at, "kafka1:9092", err) < 0 ||
 *       kt_net_resolve(&addresses, &at, NULL, KT_FAMILY_ANY, &limit, err) < 0 ||
 *       (fd = kt_net_connect(&addresses, &limit, err)) < 0)
 *
 * Every wait also ends when limit.stop_fd becomes readable; the error then has the status KT_SIGNAL and nobody reads
 * it. These functions may be called on several threads.
 */
#ifndef KT_NET_H
#define KT_NET_H

#include <sys/socket.h>

#include "err.h"

struct kt_limit {
	int64_t deadline_us; /* of kt_clock_us() */
	int stop_fd;         /* -1: none */
};

/* Waits until fd is ready for events (POLLIN, POLLOUT). KT_UNREACHABLE when the time is over, also
 * when fd is ready then. */
int kt_net_wait(int fd, short events, const struct kt_limit *limit, struct kt_err *err) kt_must_check;

struct kt_endpoint {
	char host[256];
	int port;
	char name[272]; /* host:port, for people and for librdkafka's sentences */
};

/* HOST, HOST:PORT, [IPv6]:PORT, with PROTOCOL:// in front as librdkafka takes it; port 9092 where none is given.
 * KT_USAGE. */
int kt_endpoint_parse(struct kt_endpoint *out, const char *text, struct kt_err *err) kt_must_check;

/* An advertised one: KT_UNREACHABLE when it cannot be an address. */
int kt_endpoint_make(struct kt_endpoint *out, const char *host, int port, struct kt_err *err) kt_must_check;

enum kt_family { KT_FAMILY_ANY, KT_FAMILY_V4, KT_FAMILY_V6 };

enum { KT_ADDRESSES = 16 };

struct kt_address {
	struct sockaddr_storage at;
	socklen_t len;
	char text[64]; /* "127.0.0.1" */
	int error;     /* errno of the attempt, 0: connected, -1: no answer in time */
};

struct kt_addresses {
	struct kt_address v[KT_ADDRESSES]; /* further ones are left out */
	size_t n;
};

/* All addresses of a host. instead: an address or name to look up in its place (kt.resolve), or NULL. */
int kt_net_resolve(struct kt_addresses *out, const struct kt_endpoint *at, const char *instead, enum kt_family family,
	const struct kt_limit *limit, struct kt_err *err) kt_must_check;

/* Tries all addresses at the same time and says in each how that went; once one is connected the others have a little
 * longer. Returns the descriptor of the first in the list that is connected (non-blocking, the caller's), or -1. */
int kt_net_connect(struct kt_addresses *addresses, const struct kt_limit *limit, struct kt_err *err) kt_must_check;

/* How the attempt at an address went: "connected", "connection refused", "no answer". */
const char *kt_address_result(const struct kt_address *address);

#endif
