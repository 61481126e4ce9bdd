#include "mqttpacket.h"

#include "tap.h"

#define BYTES(text) ((struct kt_bytes){text, sizeof(text) - 1})
enum { MAX = 1000 };

static struct kt_err err;

static int find(struct kt_mqttpacket *p, struct kt_bytes in)
{
	err = (struct kt_err){0};
	return kt_mqttpacket_find(p, in, MAX, &err);
}

TEST(packets_one_after_the_other)
{
	struct kt_mqttpacket p;
	struct kt_bytes in = BYTES("\xd0\x00\x30\x05\x00\x01t!?"
				   "\x30");
	CHECK_INT(find(&p, in), 1);
	CHECK_INT(p.type, KT_MQTT_PINGRESP);
	CHECK_INT(p.size, 2);
	in.data += p.size, in.len -= p.size;
	CHECK_INT(find(&p, in), 1);
	CHECK_INT(p.type, KT_MQTT_PUBLISH);
	CHECK_MEM(p.body.data, p.body.len, "\x00\x01t!?", 5);
	in.data += p.size, in.len -= p.size;
	CHECK_INT(find(&p, in), 0);
	in.len = 0;
	CHECK_INT(find(&p, in), 0);
}

TEST(a_packet_that_comes_in_parts)
{
	struct kt_mqttpacket p;
	char bytes[303] = "\x30\xac\x02";
	for (size_t len = 0; len < sizeof(bytes); len++)
		CHECK_INT(find(&p, (struct kt_bytes){bytes, len}), 0);
	CHECK_INT(find(&p, (struct kt_bytes){bytes, sizeof(bytes)}), 1);
	CHECK_INT(p.body.len, 300);
}

TEST(packets_that_are_refused)
{
	struct kt_mqttpacket p;
	CHECK_INT(find(&p, BYTES("\x30\x80\x80\x80\x80")), -1);
	CHECK_STR(err.msg, "the length of a packet has more than four bytes");
	/* As soon as its length is there. */
	CHECK_INT(find(&p, BYTES("\x30\xe9\x07")), -1);
	CHECK_STR(err.msg, "a packet of 1004 bytes is larger than the 1000 of --max-packet");
	CHECK_INT(err.status, KT_FAILED);
	CHECK_INT(find(&p, BYTES("\xd1\x00")), -1);
	CHECK_STR(err.msg, "the flags of a packet are not 0");
}

static const char *message(struct kt_mqttmessage *m, int version, struct kt_bytes in)
{
	struct kt_mqttpacket p;
	CHECK_INT(find(&p, in), 1);
	return kt_mqttpacket_message(m, &p, version, &err) < 0 ? err.msg : "";
}

TEST(messages)
{
	struct kt_mqttmessage m;
	CHECK_STR(message(&m, KT_MQTT_3_1_1,
			  BYTES("\x3b\x08\x00\x03"
				"a/b\x12\x34!")),
		"");
	CHECK_MEM(m.topic.data, m.topic.len, "a/b", 3);
	CHECK_MEM(m.payload.data, m.payload.len, "!", 1);
	CHECK_INT(m.id, 0x1234);
	CHECK_INT(m.qos, 1);
	CHECK(m.dup && m.retain);
	CHECK_STR(message(&m, KT_MQTT_3_1_1, BYTES("\x30\x03\x00\x01t")), "");
	CHECK(m.payload.data && !m.payload.len);
	CHECK(!m.dup && !m.retain && !m.id && !m.qos);
	/* A user property and one that is a number. */
	CHECK_STR(message(&m, KT_MQTT_5,
			  BYTES("\x30\x11\x00\x01t\x0b\x26\x00\x01"
				"a\x00\x00\x02\x00\x00\x00\x05v!")),
		"");
	CHECK_MEM(m.payload.data, m.payload.len, "v!", 2);
}

TEST(messages_that_are_refused)
{
	struct kt_mqttmessage m;
	const struct {
		struct kt_bytes in;
		const char *why;
	} rows[] = {
		{BYTES("\x34\x05\x00\x01t\x00\x01"), "a message has a QoS that was not granted"},
		{BYTES("\x36\x05\x00\x01t\x00\x01"), "a message has a QoS that was not granted"},
		{BYTES("\x30\x00"), "a message ends too early"},
		{BYTES("\x30\x03\x00\x02t"), "a message ends too early"},
		{BYTES("\x32\x04\x00\x01t\x00"), "a message ends too early"},
		{BYTES("\x32\x05\x00\x01t\x00\x00"), "a message of QoS 1 has the identifier 0"},
		{BYTES("\x30\x02\x00\x00"), "a message has no topic"},
		{BYTES("\x30\x03\x00\x01\xff"), "a topic's name is not UTF-8"},
		{BYTES("\x30\x03\x00\x01\x00"), "a topic's name is not UTF-8"},
		{BYTES("\x30\x03\x00\x01#"), "a topic's name holds a wildcard"},
		{BYTES("\x30\x03\x00\x01+"), "a topic's name holds a wildcard"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(message(&m, KT_MQTT_3_1_1, rows[i].in), rows[i].why);
	CHECK_STR(message(&m, KT_MQTT_5, BYTES("\x30\x03\x00\x01t")), "properties go on past the end of their packet");
	CHECK_STR(message(&m, KT_MQTT_5, BYTES("\x30\x04\x00\x01t\x05")),
		"properties go on past the end of their packet");
	CHECK_STR(message(&m, KT_MQTT_5, BYTES("\x30\x06\x00\x01t\x02\x7f\x00")), "a property is not one of MQTT 5");
	CHECK_STR(message(&m, KT_MQTT_5, BYTES("\x30\x06\x00\x01t\x02\x26\x00")), "a property is not one of MQTT 5");
	CHECK_STR(message(&m, KT_MQTT_5, BYTES("\x30\x07\x00\x01t\x03\x23\x00\x01")),
		"a message has a topic alias, which none was asked for");
}

static const char *answer(struct kt_mqttanswer *a, int version, struct kt_bytes in)
{
	struct kt_mqttpacket p;
	CHECK_INT(find(&p, in), 1);
	return kt_mqttpacket_answer(a, &p, version, &err) < 0 ? err.msg : "";
}

TEST(answers_to_connect)
{
	struct kt_mqttanswer a;
	CHECK_STR(answer(&a, KT_MQTT_3_1_1, BYTES("\x20\x02\x01\x00")), "");
	CHECK(a.session && !a.code);
	CHECK_STR(answer(&a, KT_MQTT_3_1_1, BYTES("\x20\x02\x00\x05")), "");
	CHECK(!a.session && a.code == 5);
	CHECK_STR(answer(&a, KT_MQTT_5, BYTES("\x20\x0e\x00\x87\x0b\x13\x00\x07\x11\x00\x00\x00\x09\x1f\x00\x00")), "");
	CHECK_INT(a.code, 0x87);
	CHECK_INT(a.keep_alive_s, 7);
	CHECK_INT(a.session_s, 9);
	/* A broker of 3.1.1 answers so to what it does not understand. */
	CHECK_STR(answer(&a, KT_MQTT_5, BYTES("\x20\x02\x00\x01")), "");
	CHECK_INT(a.code, 1);
	CHECK_INT(a.keep_alive_s, -1);
	CHECK_STR(answer(&a, KT_MQTT_5, BYTES("\x20\x02\x00\x00")), "properties go on past the end of their packet");
	CHECK_STR(answer(&a, KT_MQTT_3_1_1, BYTES("\x20\x03\x00\x00\x00")), "the answer to CONNECT is too long");
	CHECK_STR(
		answer(&a, KT_MQTT_3_1_1, BYTES("\x20\x02\x02\x00")), "the first packet is not the answer to CONNECT");
	CHECK_STR(answer(&a, KT_MQTT_3_1_1, BYTES("\x20\x01\x00")), "the first packet is not the answer to CONNECT");
	CHECK_STR(answer(&a, KT_MQTT_3_1_1, BYTES("\xd0\x00")), "the first packet is not the answer to CONNECT");
}

TEST(what_is_granted)
{
	struct kt_mqttpacket p;
	struct kt_bytes codes;
	CHECK_INT(find(&p, BYTES("\x90\x04\x00\x01\x00\x80")), 1);
	CHECK_INT(kt_mqttpacket_granted(&codes, &p, KT_MQTT_3_1_1, 1, 2, &err), 0);
	CHECK_MEM(codes.data, codes.len, "\x00\x80", 2);
	CHECK_INT(kt_mqttpacket_granted(&codes, &p, KT_MQTT_3_1_1, 1, 1, &err), -1);
	CHECK_INT(kt_mqttpacket_granted(&codes, &p, KT_MQTT_3_1_1, 2, 2, &err), -1);
	CHECK_INT(kt_mqttpacket_granted(&codes, &p, KT_MQTT_5, 1, 1, &err), 0);
	CHECK_MEM(codes.data, codes.len, "\x80", 1);
}

TEST(farewells)
{
	struct kt_mqttpacket p;
	unsigned code = 99;
	CHECK_INT(find(&p, BYTES("\xe0\x00")), 1);
	CHECK_INT(kt_mqttpacket_farewell(&code, &p, KT_MQTT_5, &err), 0);
	CHECK_INT(code, 0);
	CHECK_INT(kt_mqttpacket_farewell(&code, &p, KT_MQTT_3_1_1, &err), -1);
	CHECK_INT(find(&p, BYTES("\xe0\x02\x8e\x00")), 1);
	CHECK_INT(kt_mqttpacket_farewell(&code, &p, KT_MQTT_5, &err), 0);
	CHECK_INT(code, 0x8e);
}

TEST(what_is_made)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_mqttconnect connect = {
		.version = KT_MQTT_3_1_1, .client_id = "me", .user = "u", .password = "pw", .keep_alive_s = 30};
	kt_mqttpacket_connect(&out, &connect);
	CHECK_MEM(out.data, out.len, "\x10\x15\x00\x04MQTT\x04\xc0\x00\x1e\x00\x02me\x00\x01u\x00\x02pw", 23);
	out.len = 0;
	connect = (struct kt_mqttconnect){
		.version = KT_MQTT_5, .client_id = "me", .keep_alive_s = 30, .receive_maximum = 1000};
	kt_mqttpacket_connect(&out, &connect);
	CHECK_MEM(out.data, out.len,
		"\x10\x17\x00\x04MQTT\x05\x00\x00\x1e\x08\x11\xff\xff\xff\xff\x21\x03\xe8\x00\x02me", 25);
	out.len = 0;
	kt_auto(kt_strs_fini) struct kt_strs filters = {0};
	kt_strs_add(&filters, "a/#");
	kt_strs_add(&filters, "+");
	struct kt_mqttsubscribe subscribe = {.version = KT_MQTT_3_1_1, .qos = 1, .id = 1, .filters = &filters};
	kt_mqttpacket_subscribe(&out, &subscribe);
	CHECK_MEM(out.data, out.len,
		"\x82\x0c\x00\x01\x00\x03"
		"a/#\x01\x00\x01+\x01",
		14);
	out.len = 0;
	subscribe.version = KT_MQTT_5;
	subscribe.skips_retained = true;
	kt_mqttpacket_subscribe(&out, &subscribe);
	CHECK_MEM(out.data, out.len,
		"\x82\x0d\x00\x01\x00\x00\x03"
		"a/#\x21\x00\x01+\x21",
		15);
	out.len = 0;
	kt_mqttpacket_puback(&out, 0xfedc);
	kt_mqttpacket_ping(&out);
	kt_mqttpacket_disconnect(&out);
	CHECK_MEM(out.data, out.len, "\x40\x02\xfe\xdc\xc0\x00\xe0\x00", 8);
}

TEST(long_packets_are_made)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_auto(kt_strs_fini) struct kt_strs filters = {0};
	struct kt_mqttpacket p;
	char filter[201] = "";
	memset(filter, 'x', sizeof(filter) - 1);
	kt_strs_add(&filters, filter);
	struct kt_mqttsubscribe subscribe = {.version = KT_MQTT_3_1_1, .qos = 1, .id = 1, .filters = &filters};
	kt_mqttpacket_subscribe(&out, &subscribe);
	CHECK_MEM(out.data, 3, "\x82\xcd\x01", 3);
	CHECK_INT(out.len, 3 + 205);
	out.data[0] = 0x30;
	CHECK_INT(find(&p, (struct kt_bytes){out.data, out.len}), 1);
}

TEST(filters)
{
	static const char *const good[] = {"a", "#", "+", "a/#", "+/b/+", "/", "$share/g/a/#", "a//b", "ä"};
	static const char *const bad[] = {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/+b/c", "##", "\xff"};
	for (size_t i = 0; i < KT_LEN(good); i++)
		CHECK_INT(kt_mqttpacket_check_filter(good[i], &err), 0);
	for (size_t i = 0; i < KT_LEN(bad); i++) {
		err = (struct kt_err){0};
		CHECK_INT(kt_mqttpacket_check_filter(bad[i], &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
	CHECK_INT(kt_mqttpacket_check_filter("a/#/b", &err), -1);
	CHECK_STR(err.msg, "\"a/#/b\" is not an MQTT filter: # stands alone, as the last level");
}
