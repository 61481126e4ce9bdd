#include "mqttaddress.h"

#include "tap.h"

/* "NAME", with the user in front and TLS behind it, or the message in angle brackets. Valid until the next call. */
static const char *parsed(const char *text)
{
	static char out[700];
	struct kt_mqttaddress a = {0};
	struct kt_err err = {0};
	if (kt_mqttaddress_parse(&a, text, &err) < 0) {
		CHECK_INT(err.status, KT_USAGE);
		snprintf(out, sizeof(out), "<%s>", err.msg);
		return out;
	}
	snprintf(out, sizeof(out), "%s%s%s%s", a.user ? a.user : "", a.user ? " at " : "", a.at.name,
		a.tls ? " tls" : "");
	kt_mqttaddress_fini(&a);
	return out;
}

TEST(addresses)
{
	CHECK_STR(parsed("mqtt://h"), "h:1883");
	CHECK_STR(parsed("mqtt://h/"), "h:1883");
	CHECK_STR(parsed("mqtts://h"), "h:8883 tls");
	CHECK_STR(parsed("MQTTS://h:9092"), "h:9092 tls");
	CHECK_STR(parsed("mqtt://h:9092"), "h:9092");
	CHECK_STR(parsed("mqtt://[::1]"), "[::1]:1883");
	CHECK_STR(parsed("mqtt://[::1]:7"), "[::1]:7");
	CHECK_STR(parsed("mqtt://u@h:7"), "u at h:7");
	CHECK_STR(parsed("mqtt://u@x@h"), "u@x at h:1883");
}

TEST(what_is_none)
{
	CHECK_STR(parsed("h:1883"), "<\"h:1883\" is not the address of an MQTT broker>");
	CHECK_STR(parsed("http://h"), "<\"http://h\" is not the address of an MQTT broker>");
	CHECK_STR(parsed("mqtt://"), "<\"mqtt://\" is not the address of an MQTT broker>");
	CHECK_STR(parsed("mqtt://h:0"), "<\"mqtt://h:0\" is not the address of an MQTT broker>");
	CHECK_STR(parsed("mqtt://h/path"), "<\"mqtt://h/path\" is not the address of an MQTT broker>");
	CHECK_STR(parsed("mqtt://u:secret@"), "<this is not the address of an MQTT broker>");
}

TEST(passwords_are_not_shown)
{
	CHECK_STR(parsed("mqtt://u:secret@h"), "<a password in an address is seen by all who list processes>");
}
