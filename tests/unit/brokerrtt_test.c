#include "brokerrtt.h"

#include "tap.h"

TEST(the_slowest_broker)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{"{\"name\":\"a\",\"brokers\":{\"b:1/1\":{\"nodeid\":1,\"rtt\":{\"min\":1,\"avg\":523,\"cnt\":3,\"p99\":9},\"x\":[]},"
		 "\"b:2/2\":{\"rtt\":{\"avg\":1200,\"cnt\":1}},\"b:3/3\":{\"rtt\":{\"avg\":9999,\"cnt\":0}}},\"topics\":{}}",
			1200},
		/* What comes after the brokers is not looked at. */
		{"{\"brokers\":{\"b\":{\"rtt\":{\"cnt\":1,\"avg\":7}}},\"topics\":", 7},
		{"{\"brokers\":{\"b\":{\"rtt\":{\"cnt\":1,\"avg\":0}}}}", 0},
		{"{\"brokers\":{\"b\":{\"throttle\":{\"cnt\":1,\"avg\":7}}}}", -1},
		{"{\"brokers\":{\"b\":{\"rtt\":7}}}", -1},
		{"{\"brokers\":{\"b\":{\"rtt\":{\"cnt\":1,\"avg\":\"7\"}}}}", -1},
		{"{\"brokers\":{\"b\":{\"rtt\":{\"cnt\":1}}}}", -1},
		{"{\"brokers\":{}}", -1},
		{"{\"brokers\":[]}", -1},
		{"{\"brokers\":{\"b\":", -1},
		{"{}", -1},
		{"", -1},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_INT(kt_brokerrtt_of((struct kt_bytes){rows[i].text, strlen(rows[i].text)}), rows[i].us);
}
