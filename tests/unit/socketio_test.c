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
