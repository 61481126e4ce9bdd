#include "groupjson.h"

#include "tap.h"

static char name[] = "g\"1", topic[] = "t", address[] = "h:1", assignor[] = "range", id[] = "m-1", client[] = "kt",
	    host[] = "/127.0.0.1";

static const char *written(
	const struct kt_group *group, void (*write)(struct kt_buf *out, const struct kt_group *group))
{
	static char text[1024];
	struct kt_buf out = {0};
	write(&out, group);
	snprintf(text, sizeof(text), "%s", kt_buf_cstr(&out));
	kt_buf_fini(&out);
	return text;
}

static void state(struct kt_buf *out, const struct kt_group *group)
{
	kt_group_json_state(out, group, false);
}

TEST(all_that_is_known)
{
	struct kt_group_member member = {.id = id, .client = client, .host = host, .n_partitions = 1};
	struct kt_group_part parts[] = {
		{.log = {.topic = topic, .topic_len = 1, .begin = 1, .log_end = 5}, .committed = 2, .member = 0},
		{.log = {.topic = topic, .topic_len = 1, .partition = 1},
			.committed = KT_NO_OFFSET,
			.member = -1,
			.code = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED},
	};
	struct kt_group group = {.name = name,
		.state = RD_KAFKA_CONSUMER_GROUP_STATE_STABLE,
		.coordinator = 1,
		.address = address,
		.assignor = assignor,
		.members = &member,
		.n_members = 1,
		.parts = parts,
		.n_parts = 2};
	CHECK_STR(written(&group, kt_group_json),
		"{\"group\":\"g\\\"1\",\"state\":\"Stable\",\"type\":\"classic\",\"coordinator\":1,\"address\":\"h:1\","
		"\"assignor\":\"range\",\"member_count\":1,\"lag\":null,\"uncommitted\":0,\"unknown\":1,\"members\":[{\"group\":\"g\\\"1\",\"member\":\"m-"
		"1\","
		"\"client\":\"kt\",\"host\":\"127.0.0.1\",\"instance\":null,\"assigned\":[{\"topic\":\"t\","
		"\"partition\":0}]}],"
		"\"partitions\":[{\"group\":\"g\\\"1\",\"topic\":\"t\",\"partition\":0,\"committed\":2,\"begin\":1,"
		"\"end\":5,"
		"\"lag\":3,\"member\":\"m-1\",\"client\":\"kt\",\"host\":\"127.0.0.1\"},{\"group\":\"g\\\"1\","
		"\"topic\":\"t\","
		"\"partition\":1,\"committed\":null,\"begin\":null,\"end\":null,\"lag\":null,\"member\":null,"
		"\"client\":null,"
		"\"host\":null,\"error\":\"TOPIC_AUTHORIZATION_FAILED\"}]}");
}

TEST(what_is_not_known_is_null)
{
	struct kt_group group = {.name = name, .coordinator = -1};
	CHECK_STR(written(&group, state), "{\"group\":\"g\\\"1\",\"state\":null,\"type\":null,\"coordinator\":null,"
					  "\"address\":null,\"assignor\":null,"
					  "\"member_count\":null}");
	group.code = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	CHECK(strstr(written(&group, state), ",\"error\":\"GROUP_AUTHORIZATION_FAILED\"}"));
	group = (struct kt_group){.name = name,
		.coordinator = 1,
		.address = address,
		.unseen = true,
		.state = RD_KAFKA_CONSUMER_GROUP_STATE_STABLE};
	CHECK(strstr(written(&group, state), "\"type\":\"consumer\""));
	CHECK(strstr(written(&group, state), "\"member_count\":null"));
}

TEST(a_row_of_a_plan)
{
	struct kt_group_part part = {
		.log = {.topic = topic, .topic_len = 1, .partition = 3}, .committed = 2, .member = -1};
	const struct kt_group group = {.name = name, .parts = &part, .n_parts = 1};
	struct kt_plan_row row = {.part = &part, .to = 0};
	struct kt_buf out = {0};
	kt_group_json_plan(&out, &group, &row);
	row.to = KT_NO_OFFSET;
	part.committed = KT_NO_OFFSET;
	part.code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
	kt_group_json_plan(&out, &group, &row);
	CHECK_STR(kt_buf_cstr(&out),
		"{\"group\":\"g\\\"1\",\"topic\":\"t\",\"partition\":3,\"committed\":2,\"new\":0}"
		"{\"group\":\"g\\\"1\",\"topic\":\"t\",\"partition\":3,\"committed\":null,\"new\":null,"
		"\"error\":\"LEADER_NOT_AVAILABLE\"}");
	kt_buf_fini(&out);
}
