#include "socketiopacket.h"

#include "tap.h"

/* "TYPE SPACE COMMA ID DATA", or "no". */
static const char *packet_of(const char *text)
{
	static char out[200];
	struct kt_socketio_packet p;
	if (!kt_socketio_read(&p, (struct kt_bytes){text, strlen(text)}))
		return "no";
	snprintf(out, sizeof(out), "%c %.*s %d %lld %.*s", p.type, (int)p.space.len, p.space.data, p.comma,
		(long long)p.id, (int)p.data.len, p.data.data);
	return out;
}

TEST(packets)
{
	CHECK_STR(packet_of("0"), "0 / 0 -1 ");
	CHECK_STR(packet_of("0/test"), "0 /test 0 -1 ");
	CHECK_STR(packet_of("0/test,"), "0 /test 1 -1 ");
	CHECK_STR(packet_of("0/test?token=a,"), "0 /test 1 -1 ");
	CHECK_STR(packet_of("2[\"x\"]"), "2 / 0 -1 [\"x\"]");
	CHECK_STR(packet_of("2/test,[\"x\",1]"), "2 /test 1 -1 [\"x\",1]");
	CHECK_STR(packet_of("2/test,0[\"x\"]"), "2 /test 1 0 [\"x\"]");
	CHECK_STR(packet_of("2/test,42[\"x\"]"), "2 /test 1 42 [\"x\"]");
	CHECK_STR(packet_of("2/test,999999999999999[\"x\"]"), "2 /test 1 999999999999999 [\"x\"]");
}

TEST(what_is_no_packet)
{
	static const char *const none[] = {
		"", "x", "5/test,[\"x\"]", "51-/test,[\"x\"]", "6", "2/test,1000000000000000[]"};
	for (size_t i = 0; i < KT_LEN(none); i++)
		CHECK_STR(packet_of(none[i]), "no");
}

/* "NAME RESPONSE", the response with the count 3; "NAME" without data; or "no". */
static const char *event_of(const char *json)
{
	static char out[300];
	kt_auto(kt_socketio_event_fini) struct kt_socketio_event event = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (!kt_socketio_event(&event, (struct kt_bytes){json, strlen(json)}))
		return "no";
	if (event.data.value.data)
		kt_socketio_response(&text, event.data, 3);
	snprintf(out, sizeof(out), "%.*s %s", (int)event.name.len, event.name.data, kt_buf_cstr(&text));
	return out;
}

#define RESPONSE(data) "42/test,[\"my_response\",{\"data\":" data ",\"count\":3}]"

TEST(events)
{
	CHECK_STR(event_of("[\"e\",{\"data\":\"hi\"}]"), "e " RESPONSE("\"hi\""));
	CHECK_STR(event_of("[\"e\",{\"x\":[1],\"data\":\"a\\\"\\n\\u0000\",\"y\":{}}, 7]"),
		"e " RESPONSE("\"a\\\"\\n\\u0000\""));
	CHECK_STR(event_of("[\"e\",{\"data\":\"\"}]"), "e " RESPONSE("\"\""));
	CHECK_STR(event_of("[\"e\",{\"data\": [1.50, null, \"\xc3\xa9\"]}]"), "e " RESPONSE("[1.50,null,\"\\u00e9\"]"));
	CHECK_STR(event_of("[\"e\",{\"data\":null}]"), "e " RESPONSE("null"));
	CHECK_STR(event_of("[\"e\"]"), "e ");
	CHECK_STR(event_of("[\"e\",{}]"), "e ");
	CHECK_STR(event_of("[\"e\",\"data\"]"), "e ");
	CHECK_STR(event_of("[\"e\",{\"nothing\":1},{\"data\":1}]"), "e ");
}

TEST(what_is_answered_is_ascii)
{
	CHECK_STR(event_of("[\"e\",{\"data\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}]"),
		"e " RESPONSE("\"\\u00e9\\u20ac\\ud83d\\ude00\""));
	CHECK_STR(event_of("[\"e\",{\"data\":\"\\u00e9\\ud83d\\ude00\"}]"), "e " RESPONSE("\"\\u00e9\\ud83d\\ude00\""));
	/* half a pair */
	CHECK_STR(event_of("[\"e\",{\"data\":\"\\ud83d\"}]"), "e " RESPONSE("\"\\ufffd\""));
}

TEST(what_is_no_event)
{
	static const char *const none[] = {"", "{}", "[]", "[1]", "[\"e\"", "[\"e\"]x", "[\"e\",{\"data\":}]",
		"[\"e\",{\"data\":\"x]", "[\"e\",]", "null", "[\"e\",{\"data\":01}]"};
	for (size_t i = 0; i < KT_LEN(none); i++)
		CHECK_STR(event_of(none[i]), "no");
}

static const char *response_to(struct kt_bytes value, const char *count)
{
	static char out[200];
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const struct kt_header headers[] = {
		{{"other", 5}, {"9", 1}}, {{"count", 5}, {count, count ? strlen(count) : 0}}};
	const struct kt_record record = {.value = value, .headers = headers, .n_headers = 2};
	bool shown = kt_socketio_of_record(&text, &record);
	snprintf(out, sizeof(out), "%s", shown ? kt_buf_cstr(&text) : "no");
	return out;
}

TEST(records)
{
	CHECK_STR(response_to((struct kt_bytes){"hi", 2}, "3"), RESPONSE("\"hi\""));
	CHECK_STR(response_to((struct kt_bytes){"", 0}, "3"), RESPONSE("\"\""));
	CHECK_STR(response_to((struct kt_bytes){"\xff", 1}, "3"), RESPONSE("\"\\ufffd\""));
	CHECK_STR(response_to((struct kt_bytes){NULL, 0}, "3"), "no");
	static const char *const none[] = {
		NULL, "", "-1", "x", "3x", "99999999999999999999", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	for (size_t i = 0; i < KT_LEN(none); i++)
		CHECK_STR(response_to((struct kt_bytes){"hi", 2}, none[i]),
			"42/test,[\"my_response\",{\"data\":\"hi\",\"count\":0}]");
}
