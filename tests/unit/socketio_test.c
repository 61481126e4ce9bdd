#include <arpa/inet.h>

#include "socketio_own.h"

#include "tap.h"

static bool next_is(struct kt_socketio_session *session, const char *packet)
{
	return kt_bytes_are(kt_socketio_next(session)->texts[KT_TEXT_SOCKETIO], packet);
}

/* A client that takes one packet for each that it sends has some that wait at any time. */
TEST(a_queue_that_is_never_empty_does_not_grow)
{
	struct kt_socketio all = {0};
	struct kt_socketio_session session = {.all = &all};
	char packet[24];
	kt_socketio_puts(&session, "40");
	kt_socketio_puts(&session, "41");
	for (int i = 2; i < 10000; i++) {
		snprintf(packet, sizeof(packet), "4%d", i - 2);
		CHECK(next_is(&session, packet));
		kt_socketio_shift(&session);
		snprintf(packet, sizeof(packet), "4%d", i);
		kt_socketio_puts(&session, packet);
	}
	CHECK(session.cap_own < 100);
	CHECK(next_is(&session, "49998"));
	kt_socketio_shift(&session);
	CHECK(next_is(&session, "49999"));
	kt_socketio_shift(&session);
	CHECK(!kt_socketio_next(&session) && !all.own_bytes);
	free(session.own);
}

static struct kt_peer *holder_of(struct kt_socketio *all, const char *address)
{
	struct sockaddr_in peer = {.sin_family = AF_INET};
	inet_pton(AF_INET, address, &peer.sin_addr);
	return kt_peers_enter(&all->holders, (struct sockaddr *)&peer);
}

/* Whoever takes nothing, in however many sessions, leaves room for others. */
TEST(one_address_takes_up_an_eighth)
{
	enum { MOST = 1 << 20 };
	struct kt_serve s = {.how = {.limits = {.max_inflight = MOST}}};
	struct kt_socketio all = {.serve = &s};
	struct kt_socketio_session lazy[] = {
		{.all = &all, .holder = holder_of(&all, "192.0.2.1")},
		{.all = &all, .holder = holder_of(&all, "192.0.2.1")},
	};
	struct kt_socketio_session others[] = {
		{.all = &all, .holder = holder_of(&all, "192.0.2.2")},
		{.all = &all, .holder = holder_of(&all, "127.0.0.1")},
	};
	int n = 0;
	CHECK(!others[1].holder);
	for (; !kt_socketio_is_full(&lazy[0]) && n < MOST; n++)
		kt_socketio_puts(&lazy[0], "42/test,[\"my_response\",{}]");
	CHECK(all.own_bytes > MOST / KT_SOCKETIO_SHARE && all.own_bytes < MOST / 2);
	CHECK(lazy[0].own_bytes < KT_SOCKETIO_OWN_BYTES && n < KT_SOCKETIO_OWN_PACKETS);
	CHECK(kt_socketio_is_full(&lazy[1]));
	CHECK(!kt_socketio_is_full(&others[0]) && !kt_socketio_is_full(&others[1]));
	kt_socketio_shift(&lazy[0]);
	CHECK(!kt_socketio_is_full(&lazy[1]));
	while (lazy[0].n_own)
		kt_socketio_shift(&lazy[0]);
	CHECK(!all.own_bytes && !lazy[0].holder->bytes);
	free(lazy[0].own);
	kt_peers_leave(lazy[0].holder);
	kt_peers_leave(lazy[1].holder);
	kt_peers_leave(others[0].holder);
}
