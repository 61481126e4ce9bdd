/* How many connections each client has. An IPv4 address is one client, and so is a /64 of IPv6, which one machine
 * can have all of. Starts as {0}.
 *
 *   struct kt_peer *peer = kt_peers_enter(&peers, address);       peer->n of them by now; NULL: this machine
 *   …
 *   kt_peers_leave(peer);
 */
#ifndef KT_PEERS_H
#define KT_PEERS_H

#include <sys/socket.h>

#include "base.h"

enum { KT_PEERS_BUCKETS = 1024 };

struct kt_peer {
	struct kt_peer *next, **link;
	uint64_t key;
	unsigned n;
	size_t bytes; /* its owner's, of what is held for this client; 0 at first */
};

struct kt_peers {
	struct kt_peer *buckets[KT_PEERS_BUCKETS];
};

/* Counts one more of this address. NULL, and nothing is counted, for a loopback address and for what is not IP. */
struct kt_peer *kt_peers_enter(struct kt_peers *peers, const struct sockaddr *address);

/* Does nothing for NULL. The peer is gone with its last connection. */
void kt_peers_leave(struct kt_peer *peer);

/* What an address is counted as: itself, or its /64. False for what is not IP. */
bool kt_peer_key(const struct sockaddr *address, uint64_t *key);

/* 127.0.0.0/8, ::1, and the former written as an IPv6 address. */
bool kt_is_loopback(const struct sockaddr *address);

#endif
