/* Payloads of Engine.IO with packets of Socket.IO in them, of text or binary as the first byte says, and of text that
 * may be encoded twice: whatever comes, packets and what they point to are the payload's, and answers are ASCII and can
 * be read again. */
#include "engineio.h"
#include "esc.h"
#include "fuzz.h"
#include "mem.h"
#include "socketiopacket.h"

static void check_answer(struct kt_bytes packet)
{
	struct kt_engineio_packet got;
	for (size_t i = 0; i < packet.len; i++)
		REQUIRE((unsigned char)packet.data[i] < 0x80);
	for (size_t binary = 0; binary < 2; binary++) {
		kt_auto(kt_buf_fini) struct kt_buf b = {0};
		kt_engineio_add(&b, packet, binary);
		struct kt_engineio_payload p = {.at = b.data, .end = b.data + b.len, .binary = binary};
		REQUIRE(kt_engineio_next(&p, &got) == 1);
		REQUIRE(got.type == '4' && got.data.len == packet.len - 1);
		REQUIRE(kt_engineio_next(&p, &got) == 0);
	}
}

static void check_message(struct kt_bytes text)
{
	struct kt_socketio_packet packet;
	if (!kt_socketio_read(&packet, text))
		return;
	REQUIRE(packet.space.len && *packet.space.data == '/');
	REQUIRE(packet.id >= -1);
	REQUIRE(packet.data.len < text.len && packet.data.data + packet.data.len == text.data + text.len);
	kt_auto(kt_socketio_event_fini) struct kt_socketio_event event = {0};
	kt_auto(kt_buf_fini) struct kt_buf answer = {0};
	if (!kt_socketio_event(&event, packet.data) || !event.data.value.data)
		return;
	kt_socketio_response(&answer, event.data, packet.id);
	check_answer((struct kt_bytes){answer.data, answer.len});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_engineio_packet packet;
	if (size < 2)
		return 0;
	char *copy = memcpy(kt_calloc(size - 1, 1), data + 1, size - 1), *end = copy + size - 1;
	struct kt_engineio_payload payload = {.at = copy, .end = end, .binary = data[0] & 1};
	while (kt_engineio_next(&payload, &packet) > 0) {
		kt_auto(kt_buf_fini) struct kt_buf once = {0};
		REQUIRE(packet.type >= '0' && packet.type <= '6');
		REQUIRE(packet.data.data > copy && packet.data.data + packet.data.len <= end);
		if (packet.binary)
			continue;
		REQUIRE(kt_utf8_valid(packet.data.data, packet.data.len));
		check_message(packet.data);
		if (!kt_engineio_decode_again(&once, packet.data))
			continue;
		REQUIRE(kt_utf8_valid(once.data, once.len) && once.len <= packet.data.len);
		check_message((struct kt_bytes){kt_buf_cstr(&once), once.len});
	}
	free(copy);
	return 0;
}
