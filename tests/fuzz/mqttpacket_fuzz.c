/* The bytes as what a broker of MQTT sends, in both versions: packets are read within their bounds, or refused. */
#include "fuzz.h"
#include "mqttpacket.h"

enum { MAX = 4096 };

static void check_within(struct kt_bytes part, struct kt_bytes all)
{
	REQUIRE(!part.len || (part.data >= all.data && part.data + part.len <= all.data + all.len));
}

static void check_message(const struct kt_mqttpacket *packet, int version)
{
	struct kt_err err = {0};
	struct kt_mqttmessage m;
	if (kt_mqttpacket_message(&m, packet, version, &err) < 0) {
		REQUIRE(err.status == KT_FAILED && err.msg[0]);
		return;
	}
	check_within(m.topic, packet->body);
	check_within(m.payload, packet->body);
	REQUIRE(m.topic.len && m.payload.data);
	REQUIRE(m.qos <= 1 && !m.id == !m.qos);
}

static void check_others(const struct kt_mqttpacket *packet, int version)
{
	struct kt_err err = {0};
	struct kt_mqttanswer a = {0};
	struct kt_bytes codes;
	unsigned code;
	if (kt_mqttpacket_answer(&a, packet, version, &err) == 0)
		check_within(a.reason, packet->body);
	if (kt_mqttpacket_granted(&codes, packet, version, 1, 2, &err) == 0) {
		REQUIRE(codes.len == 2);
		check_within(codes, packet->body);
	}
	if (kt_mqttpacket_farewell(&code, packet, version, &err) == 0)
		REQUIRE(code <= 0xff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int version = KT_MQTT_3_1_1; version <= KT_MQTT_5; version++) {
		struct kt_bytes in = {(const char *)data, size};
		struct kt_mqttpacket packet;
		struct kt_err err = {0};
		while (kt_mqttpacket_find(&packet, in, MAX, &err) > 0) {
			REQUIRE(packet.size <= in.len && packet.size <= MAX);
			check_within(packet.body, in);
			check_message(&packet, version);
			check_others(&packet, version);
			in.data += packet.size;
			in.len -= packet.size;
		}
	}
	return 0;
}
