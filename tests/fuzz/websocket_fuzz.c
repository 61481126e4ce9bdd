/* Frames of a client, any bytes: in one piece, or in pieces of the length that the first byte says. Messages are within
 * the limit, those of text are UTF-8, and what is sent back is whole frames without a mask. */
#include "websocket.h"

#include <sys/socket.h>
#include <unistd.h>

#include "esc.h"
#include "fuzz.h"

enum { LARGEST = 300 };

static bool is_gone;

static void take(void *user, struct kt_websocket *ws, bool text, struct kt_bytes message)
{
	(void)user;
	REQUIRE(message.len <= LARGEST);
	REQUIRE(!text || kt_utf8_valid(message.data, message.len));
	kt_websocket_say(ws, message);
}

static void gone(void *user)
{
	(void)user;
	is_gone = true;
}

/* Of at most 65535 bytes, since messages are. */
static void check_frames(const unsigned char *at, size_t len)
{
	for (size_t n; len; at += n, len -= n) {
		REQUIRE(len >= 2 && at[0] & 0x80 && !(at[1] & 0x80) && at[1] < 127);
		n = at[1] < 126 ? 2u + at[1] : len >= 4 ? 4u + (size_t)(at[2] << 8) + at[3] : len + 1;
		REQUIRE(n <= len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct kt_websocket_kind kind = {.largest = LARGEST, .message = take, .gone = gone};
	static unsigned char answer[1 << 20];
	struct kt_websockets *set;
	struct kt_err err;
	int fds[2];
	size_t piece = size && data[0] ? data[0] : size, len = 0;
	if (!size || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
		return 0;
	REQUIRE(kt_websockets_open(&set, &err) == 0);
	is_gone = false;
	kt_websockets_add(set, fds[1], (struct kt_bytes){NULL, 0}, NULL, &kind, NULL, NULL);
	struct kt_loop_source source = kt_websockets_source(set);
	for (size_t at = 1; at < size && !is_gone; at += piece) {
		size_t n = size - at < piece ? size - at : piece;
		if (send(fds[0], data + at, n, MSG_NOSIGNAL) < 0)
			break;
		REQUIRE(source.serve(set, 0, &err) == 0);
		ssize_t got = recv(fds[0], answer + len, sizeof(answer) - len, MSG_DONTWAIT);
		len += got > 0 ? (size_t)got : 0;
	}
	kt_websockets_close(set);
	REQUIRE(is_gone);
	check_frames(answer, len);
	close(fds[0]);
	return 0;
}
