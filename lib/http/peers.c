#include "peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "mem.h"

/* An IPv4 address, also where a socket of both families shows it as ::ffff:a.b.c.d. */
static bool read_v4(const struct sockaddr *address, uint32_t *out)
{
	if (address->sa_family == AF_INET) {
		*out = ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr);
		return true;
	}
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	if (address->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(v6))
		return false;
	memcpy(out, v6->s6_addr + 12, sizeof(*out));
	*out = ntohl(*out);
	return true;
}

bool kt_is_loopback(const struct sockaddr *address)
{
	uint32_t v4;
	if (read_v4(address, &v4))
		return v4 >> 24 == 127;
	return address->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* Nobody has a /64 that begins with the four zero bytes of an IPv4 address's key. */
bool kt_peer_key(const struct sockaddr *address, uint64_t *key)
{
	uint32_t v4;
	if (read_v4(address, &v4))
		*key = v4;
	else if (address->sa_family == AF_INET6)
		memcpy(key, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof(*key));
	else
		return false;
	return true;
}

struct kt_peer *kt_peers_enter(struct kt_peers *peers, const struct sockaddr *address)
{
	uint64_t key;
	if (!kt_peer_key(address, &key) || kt_is_loopback(address))
		return NULL;
	struct kt_peer **bucket = &peers->buckets[(key * 0x9e3779b97f4a7c15u) >> 54], *peer = *bucket;
	while (peer && peer->key != key)
		peer = peer->next;
	if (!peer) {
		peer = kt_calloc(1, sizeof(*peer));
		*peer = (struct kt_peer){.key = key, .link = bucket, .next = *bucket};
		if (peer->next)
			peer->next->link = &peer->next;
		*bucket = peer;
	}
	peer->n++;
	return peer;
}

void kt_peers_leave(struct kt_peer *peer)
{
	if (!peer || --peer->n)
		return;
	*peer->link = peer->next;
	if (peer->next)
		peer->next->link = peer->link;
	free(peer);
}
