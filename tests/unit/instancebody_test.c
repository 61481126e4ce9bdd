#include "instancebody.h"

#include "tap.h"

static struct kt_bytes bytes_of(const char *text)
{
	return (struct kt_bytes){text, strlen(text)};
}

TEST(what_is_not_said)
{
	static const char *const bodies[] = {"", "{}",
		"{\"name\":null,\"format\":null,\"auto.offset.reset\":null,"
		"\"auto.commit.enable\":null,\"fetch.min.bytes\":null}"};
	for (size_t i = 0; i < KT_LEN(bodies); i++) {
		struct kt_instance_config c;
		struct kt_err err = {0};
		int64_t code;
		CHECK_INT(kt_instancebody_config(&c, bytes_of(bodies[i]), &code, &err), 0);
		CHECK_STR(c.name, "");
		CHECK_INT(c.format, KT_REST_BINARY);
		CHECK_INT(c.reset, KT_RESET_LATEST);
		CHECK(c.auto_commit && !c.uncommitted);
		CHECK_INT(c.wait_ms, 1000);
		CHECK_INT(c.least_bytes, 1);
	}
}

TEST(configurations)
{
	static const char *const truths[] = {"\"false\"", "false"};
	for (size_t i = 0; i < KT_LEN(truths); i++) {
		char body[400];
		struct kt_instance_config c;
		struct kt_err err = {0};
		int64_t code;
		snprintf(body, sizeof(body),
			"{\"name\":\"a.B-c_1\",\"format\":\"json\",\"auto.offset.reset\":\"earliest\",\"%s\":%s,"
			"\"isolation.level\":\"read_uncommitted\",\"consumer.request.timeout.ms\":\"500\",\"fetch.min.bytes\":9}",
			i ? "enable.auto.commit" : "auto.commit.enable", truths[i]);
		CHECK_INT(kt_instancebody_config(&c, bytes_of(body), &code, &err), 0);
		CHECK_STR(c.name, "a.B-c_1");
		CHECK_INT(c.format, KT_REST_JSON);
		CHECK_INT(c.reset, KT_RESET_EARLIEST);
		CHECK(!c.auto_commit && c.uncommitted);
		CHECK_INT(c.wait_ms, 500);
		CHECK_INT(c.least_bytes, 9);
	}
}

TEST(refused_configurations)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *why;
	} rows[] = {
		{"{", 400, ""},
		{"{} {}", 400, ""},
		{"[]", 422, ""},
		{"{\"name\":\"a/b\"}", 422, "name: expected 1 to 249 letters, digits, . _ and -"},
		{"{\"name\":\"\"}", 422, "name: expected 1 to 249 letters, digits, . _ and -"},
		{"{\"name\":\"..\"}", 422, "name: expected 1 to 249 letters, digits, . _ and -"},
		{"{\"name\":\"a\\u0000\"}", 422, "name: expected 1 to 249 letters, digits, . _ and -"},
		{"{\"format\":\"avro\"}", 422, "format: expected one of binary, json, text"},
		{"{\"auto.offset.reset\":\"smallest\"}", 422, "auto.offset.reset: expected one of earliest, latest"},
		{"{\"auto.commit.enable\":\"yes\"}", 422, "auto.commit.enable: expected one of false, true"},
		{"{\"consumer.request.timeout.ms\":60001}", 422, ""},
		{"{\"fetch.min.bytes\":\"many\"}", 422, ""},
		{"{\"group.id\":\"g\"}", 422, ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_instance_config c;
		struct kt_err err = {0};
		int64_t code;
		CHECK_INT(kt_instancebody_config(&c, bytes_of(rows[i].body), &code, &err), rows[i].status);
		CHECK_INT(code, rows[i].status == 422 ? 42204 : 0);
		CHECK(err.msg[0]);
		if (rows[i].why[0])
			CHECK_STR(err.msg, rows[i].why);
	}
}

TEST(topics)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	struct kt_err err = {0};
	int64_t code;
	CHECK_INT(kt_instancebody_topics(&topics, bytes_of("{\"topics\":[\"t\",\"u\",\"t\"]}"), &code, &err), 0);
	CHECK_INT(topics.n, 2);
	CHECK_STR(topics.v[1], "u");
}

TEST(refused_topics)
{
	static const struct {
		const char *body;
		unsigned status;
	} rows[] = {
		{"", 422},
		{"{}", 422},
		{"{\"topics\":[]}", 422},
		{"{\"topics\":\"t\"}", 422},
		{"{\"topics\":[1]}", 422},
		{"{\"topics\":[\"a\\u0000b\"]}", 422},
		{"{\"topic_pattern\":\"t.*\"}", 501},
		{"{\"topics\":[\"t\"],\"x\":1}", 422},
		{"topics", 400},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_strs_fini) struct kt_strs topics = {0};
		struct kt_err err = {0};
		int64_t code;
		CHECK_INT(kt_instancebody_topics(&topics, bytes_of(rows[i].body), &code, &err), rows[i].status);
		CHECK(err.msg[0]);
	}
}

TEST(offsets)
{
	kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
	struct kt_err err = {0};
	const char *body =
		"{\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":41,\"metadata\":\"x\"},"
		"{\"topic\":\"u\",\"partition\":\"1\",\"offset\":0},{\"topic\":\"t\",\"partition\":2,\"offset\":3}]}";
	CHECK_INT(kt_instancebody_parts(&parts, bytes_of(body), true, &err), 0);
	CHECK_INT(parts.n, 3);
	CHECK_INT(parts.topics.n, 2);
	CHECK(parts.listed);
	CHECK_STR(parts.topics.v[parts.v[1].topic], "u");
	CHECK_INT(parts.v[1].partition, 1);
	CHECK_INT(parts.v[0].offset, 41);
	CHECK_INT(parts.v[2].topic, parts.v[0].topic);
}

TEST(all_offsets)
{
	static const struct {
		const char *body;
		bool listed;
	} rows[] = {{"", false}, {"{}", false}, {"{\"offsets\":null}", false}, {"{\"offsets\":[]}", true}};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
		struct kt_err err = {0};
		CHECK_INT(kt_instancebody_parts(&parts, bytes_of(rows[i].body), true, &err), 0);
		CHECK_INT(parts.n, 0);
		CHECK(parts.listed == rows[i].listed);
	}
}

TEST(refused_offsets)
{
	static const struct {
		const char *body, *why;
		bool offsets;
	} rows[] = {
		{"{\"offsets\":[{\"topic\":\"t\",\"partition\":0}]}",
			"offsets: number 1: expected a topic, a partition and an offset", true},
		{"{\"partitions\":[{\"topic\":\"t\"}]}", "partitions: number 1: expected a topic and a partition",
			false},
		{"{\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"offset\":1}]}", "", false},
		{"{\"offsets\":[{\"topic\":\"t\",\"partition\":-1,\"offset\":1}]}", "", true},
		{"{\"offsets\":[{\"topic\":\"t\",\"topic\":\"u\",\"partition\":0,\"offset\":1}]}", "", true},
		{"{\"offsets\":[{\"topic\":\"t\",\"partition\":0,\"offset\":9223372036854775807}]}", "", true},
		{"{\"partitions\":[]}", "", true},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
		struct kt_err err = {0};
		CHECK_INT(kt_instancebody_parts(&parts, bytes_of(rows[i].body), rows[i].offsets, &err), 422);
		CHECK(err.msg[0]);
		if (rows[i].why[0])
			CHECK_STR(err.msg, rows[i].why);
	}
}
