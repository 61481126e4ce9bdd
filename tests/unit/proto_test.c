#include "proto.h"

#include "tap.h"

static struct kt_err err;

static struct kt_bytes bytes(const char *data, size_t len)
{
	return (struct kt_bytes){data, len};
}

#define BYTES(text) bytes(text, sizeof(text) - 1)

/* Answers as Apache Kafka sends them; the reference is https://kafka.apache.org/protocol. */
#define BROKER_V1 "\0\0\0\1\0\1h\0\0#\x84\xff\xff"
#define PARTITION_V1(leader, isr) "\0\0\0\0\0\0" leader "\0\0\0\2\0\0\0\1\0\0\0\2" isr
#define LED "\0\0\0\1"
#define NOT_LED "\xff\xff\xff\xff"
#define BOTH "\0\0\0\2\0\0\0\1\0\0\0\2"
#define ONE "\0\0\0\1\0\0\0\1"

static const char v2[] = "\0\0\0\1" BROKER_V1 "\0\2id\0\0\0\1"
			 "\0\0\0\2"
			 "\0\0\0\1t\0\0\0\0\3" PARTITION_V1(LED, BOTH) PARTITION_V1(NOT_LED, ONE)
				 PARTITION_V1(NOT_LED, BOTH) "\0\3\0\1u\0\0\0\0\0";

static const char v8[] = "\0\0\0\0"
			 "\0\0\0\1" BROKER_V1 "\xff\xff\xff\xff\xff\xff"
			 "\0\0\0\1"
			 "\0\0\0\1t\0\0\0\0\1"
			 "\0\0\0\0\0\0" LED "\0\0\0\5" ONE ONE "\0\0\0\0"
			 "\0\0\0\x18"
			 "\x80\0\0\0";

/* Tagged fields in the header, after the broker and at the end are passed over. */
static const char v12[] = "\1\7\2ab"
			  "\0\0\0\0"
			  "\2\0\0\0\1\2h\0\0#\x84\0\1\0\1x"
			  "\3id\0\0\0\1"
			  "\2\0\0\2t0123456789abcdef\0"
			  "\2\0\0\0\0\0\0" LED "\0\0\0\5\2\0\0\0\1\2\0\0\0\1\1\0"
			  "\0\0\1\x08\0"
			  "\0";

TEST(metadata_of_old_brokers)
{
	struct kt_seen seen = {0};
	CHECK_INT(kt_read_metadata(&seen, bytes(v2, sizeof(v2) - 1), 2, "t", &err), 0);
	CHECK_INT(seen.n, 1);
	CHECK_STR(seen.brokers[0].host, "h");
	CHECK_INT(seen.brokers[0].port, 9092);
	CHECK_STR(seen.cluster, "id");
	CHECK_INT(seen.controller, 1);
	CHECK(seen.topic.there);
	CHECK_INT(seen.topic.partitions, 3);
	CHECK_INT(seen.topic.leaderless, 2);
	CHECK_INT(seen.topic.behind, 1);
	CHECK_INT(seen.topic.operations, INT32_MIN);
	CHECK_INT(seen.topics.n, 1);
	kt_seen_fini(&seen);
}

TEST(metadata_with_rights)
{
	struct kt_seen seen = {0};
	CHECK_INT(kt_read_metadata(&seen, bytes(v8, sizeof(v8) - 1), 8, "t", &err), 0);
	CHECK_STR(seen.cluster, "");
	CHECK_INT(seen.topic.operations, KT_OPERATION_READ | KT_OPERATION_WRITE);
	kt_seen_fini(&seen);
	CHECK_INT(kt_read_metadata(&seen, bytes(v12, sizeof(v12) - 1), 12, "t", &err), 0);
	CHECK_STR(seen.cluster, "id");
	CHECK_STR(seen.brokers[0].rack, "");
	CHECK_INT(seen.topic.partitions, 1);
	CHECK_INT(seen.topic.operations, 1 << 8 | KT_OPERATION_READ);
	kt_seen_fini(&seen);
}

/* Cut at any place they are refused, in a buffer that is exactly as long. */
TEST(cut_metadata)
{
	static const struct {
		const char *data;
		size_t len;
		int version;
	} cases[] = {{v2, sizeof(v2) - 1, 2}, {v8, sizeof(v8) - 1, 8}, {v12, sizeof(v12) - 1, 12}};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		for (size_t len = 0; len < cases[i].len; len++) {
			struct kt_seen seen = {0};
			char *copy = malloc(len + 1);
			memcpy(copy + 1, cases[i].data, len);
			err = (struct kt_err){0};
			CHECK_INT(kt_read_metadata(&seen, bytes(copy + 1, len), cases[i].version, "t", &err), -1);
			CHECK_INT(err.status, KT_UNREACHABLE);
			CHECK_STR(err.msg, "it answers in a protocol other than Kafka's: the answer to Metadata is cut "
					   "off or makes no sense");
			free(copy);
		}
}

TEST(racks)
{
	kt_auto(kt_seen_fini) struct kt_seen seen = {0};
	static const char answer[] = "\0\0\0\2"
				     "\0\0\0\1\0\1h\0\0#\x84\0\2r1" BROKER_V1 "\0\0\0\1\0\0\0\0";
	CHECK_INT(kt_read_metadata(&seen, BYTES(answer), 1, NULL, &err), 0);
	CHECK_STR(seen.brokers[0].rack, "r1");
	CHECK_STR(seen.brokers[1].rack, "");
}

TEST(impossible_counts)
{
	static const struct {
		struct kt_bytes answer;
		int version;
	} cases[] = {
		{{"\x7f\xff\xff\xff", 4}, 1},
		{{"\0\0\0\2" BROKER_V1 "\0\2id\0\0\0\1\0\0\0\0", 29}, 2},
		{{"\0\0\0\0\0\xff\xff\xff\xff\x0f", 10}, 12},
		{{"\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff", 12}, 12},
		{{"\xff\xff\xff\xff\x0f\0\0", 7}, 12},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_seen seen = {0};
		CHECK_INT(kt_read_metadata(&seen, cases[i].answer, cases[i].version, NULL, &err), -1);
	}
}

TEST(versions)
{
	struct kt_versions v;
	CHECK_INT(kt_read_versions(
			  &v, BYTES("\0\0\0\0\0\4\0\1\0\4\0\x11\0\3\0\0\0\x0c\x7f\xff\0\0\0\1\0\x0a\0\4\0\6"), &err),
		0);
	CHECK_INT(v.n, 4);
	CHECK_INT(kt_versions_pick(&v, KT_API_METADATA, 1, 12), 12);
	CHECK_INT(kt_versions_pick(&v, KT_API_METADATA, 1, 8), 8);
	CHECK_INT(kt_versions_pick(&v, KT_API_FIND_COORDINATOR, 1, 3), -1);
	CHECK_INT(kt_versions_pick(&v, KT_API_CREATE_TOPICS, 0, 3), -1);
	CHECK_STR(kt_versions_release(&v), "4.0");
	v.v[KT_API_FETCH].first = 0;
	CHECK_STR(kt_versions_release(&v), "3.9");
	v.v[KT_API_FETCH].last = 11;
	CHECK_STR(kt_versions_release(&v), "2.3");
	v.v[KT_API_FETCH].last = -1;
	CHECK(!kt_versions_release(&v));
	CHECK_INT(kt_read_versions(&v, BYTES("\0\0\0\0\0\4\0\1"), &err), -1);
	CHECK_INT(kt_read_versions(&v, BYTES("\0\x23\0\0\0\0"), &err), 0);
	CHECK_INT(v.error, 35);
}

/* As Kafka 4.1 answers version 4, with one kind of request; an unknown tag is between the others. */
static const char features[] = "\0\0\2\0\x12\0\0\0\4\0\0\0\0\0"
			       "\4\0\x0f\3\2m\0\7\0\x1b\0\2t\0\0\0\2\0"
			       "\1\x08\0\0\0\0\0\0\0\x05"
			       "\2\x0f\3\2m\0\x19\0\x19\0\2o\0\1\0\1\0"
			       "\x09\1x";

TEST(features_of_brokers)
{
	kt_auto(kt_features_fini) struct kt_features f = {0};
	CHECK_INT(kt_read_features(&f, BYTES(features), &err), 0);
	CHECK_INT(f.n, 3);
	CHECK_STR(f.v[0].name, "m");
	CHECK_INT(f.v[0].level, 25);
	CHECK_INT(f.v[0].first, 7);
	CHECK_INT(f.v[0].last, 27);
	CHECK_STR(f.v[1].name, "t");
	CHECK_INT(f.v[1].level, -1);
	CHECK_STR(f.v[2].name, "o");
	CHECK_INT(f.v[2].level, 1);
	CHECK(f.v[2].last < f.v[2].first);
	for (size_t len = 0; len < sizeof(features) - 1; len++) {
		struct kt_features none = {0};
		char *copy = malloc(len + 1);
		memcpy(copy + 1, features, len);
		CHECK_INT(kt_read_features(&none, bytes(copy + 1, len), &err), -1);
		CHECK(!none.v && !none.n);
		free(copy);
	}
}

TEST(quorum)
{
	static const char answer[] = "\0\0\0\2\2m\2\0\0\0\0\0\0\0\0\0\3\0\0\0\1";
	int error;
	int32_t leader;
	CHECK_INT(kt_read_quorum(&error, &leader, BYTES(answer), &err), 0);
	CHECK_INT(error, 0);
	CHECK_INT(leader, 3);
	for (size_t len = 0; len < 16; len++)
		CHECK_INT(kt_read_quorum(&error, &leader, bytes(answer, len), &err), -1);
	CHECK_INT(kt_read_quorum(&error, &leader, BYTES("\0\0\x1f\1\0"), &err), 0);
	CHECK_INT(error, KT_ERROR_CLUSTER_DENIED);
	CHECK_INT(leader, -1);
}

TEST(acls)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	int error;
	CHECK_INT(kt_read_acls(&error, BYTES("\0\0\0\0\0\x1f\xff\xff\0\0\0\0"), &err), 0);
	CHECK_INT(error, KT_ERROR_CLUSTER_DENIED);
	CHECK_INT(kt_read_acls(&error, BYTES("\0\0\0\0\0"), &err), -1);
	kt_ask_acls(&out, 1);
	CHECK_MEM(out.data, out.len, "\0\0\0\x1d\0\x1d\0\1\0\0\0\1\0\2kt\4\0\7kt-none\3\xff\xff\xff\xff\1\1", 33);
}

#define LOG(partition, bytes, future) "\0\0\0" partition "\0\0\0\0\0\0" bytes "\0\0\0\0\0\0\0\7" future

/* Two directories: one has a copy that moves, a topic that was not asked about and a size that none can have. */
static const char logdirs_v1[] =
	"\0\0\0\0\0\0\0\2"
	"\0\0\0\2/a\0\0\0\2\0\1t\0\0\0\2" LOG("\0", "\1\0", "\0") LOG("\1", "\0\5", "\1") "\0\2tt\0\0\0\1" LOG(
		"\0", "\0\x09", "\0") "\0\0\0\2/b\0\0\0\1\0\1t\0\0\0\2" LOG("\1", "\0\3",
		"\0") "\0\0\0\2\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0";

/* As Kafka 3.3 and later answer, with tagged fields in the header, after a partition and at the end. */
static const char logdirs_v4[] =
	"\1\7\1a\0\0\0\0\0\0"
	"\3\0\0\3/a\2\2t\2" LOG(
		"\1", "\0\3", "\0") "\1\x09\1x\0"
				    "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0"
				    "\0\x38\3/b\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"
				    "\1\7\1b";

#define ASKED                                                                                                          \
	{                                                                                                              \
		{"s", 0, 5}, {"t", 0, 5}, {"t", 1, 5}, {"t", 2, 5},                                                    \
		{                                                                                                      \
			"tt", 1, 5                                                                                     \
		}                                                                                                      \
	}

TEST(sizes_of_logs)
{
	struct kt_logsize old[] = ASKED, new[] = ASKED;
	int error;
	CHECK_INT(kt_read_logdirs(&error, old, KT_LEN(old), BYTES(logdirs_v1), 1, &err), 0);
	CHECK_INT(error, 0);
	CHECK_INT(old[0].bytes, -1);
	CHECK_INT(old[1].bytes, 256);
	CHECK_INT(old[2].bytes, 3);
	CHECK_INT(old[3].bytes, -1);
	CHECK_INT(old[4].bytes, -1);
	CHECK_INT(kt_read_logdirs(&error, new, KT_LEN(new), BYTES(logdirs_v4), 4, &err), 0);
	CHECK_INT(error, 0);
	CHECK_INT(new[1].bytes, -1);
	CHECK_INT(new[2].bytes, 3);
	CHECK_INT(kt_read_logdirs(&error, NULL, 0, BYTES(logdirs_v4), 4, &err), 0);
}

/* A log of nothing takes no bytes, which is not the same as one that nobody tells of. */
TEST(sizes_that_are_not_told)
{
	struct kt_logsize sizes[] = ASKED;
	int error;
	CHECK_INT(kt_read_logdirs(&error, sizes, 5, BYTES("\0\0\0\0\0\0\0\0"), 1, &err), 0);
	CHECK_INT(error, KT_ERROR_CLUSTER_DENIED);
	CHECK_INT(kt_read_logdirs(&error, sizes, 5, BYTES("\0\0\0\0\0\1\0"), 2, &err), 0);
	CHECK_INT(error, KT_ERROR_CLUSTER_DENIED);
	CHECK_INT(kt_read_logdirs(&error, sizes, 5, BYTES("\0\0\0\0\0\0\x1f\1\0"), 3, &err), 0);
	CHECK_INT(error, KT_ERROR_CLUSTER_DENIED);
	for (size_t i = 0; i < KT_LEN(sizes); i++)
		CHECK_INT(sizes[i].bytes, -1);
	CHECK_INT(kt_read_logdirs(&error, sizes, 5,
			  BYTES("\0\0\0\0\0\0\0\1\0\0\0\2/a\0\0\0\1\0\1t\0\0\0\1" LOG("\0", "\0\0", "\0")), 1, &err),
		0);
	CHECK_INT(sizes[1].bytes, 0);
}

TEST(cut_sizes_of_logs)
{
	static const struct {
		const char *data;
		size_t len;
		int version;
	} cases[] = {{logdirs_v1, sizeof(logdirs_v1) - 1, 1}, {logdirs_v4, sizeof(logdirs_v4) - 1, 4}};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		for (size_t len = 0; len < cases[i].len; len++) {
			struct kt_logsize sizes[] = ASKED;
			int error;
			char *copy = malloc(len + 1);
			memcpy(copy + 1, cases[i].data, len);
			CHECK_INT(kt_read_logdirs(&error, sizes, 5, bytes(copy + 1, len), cases[i].version, &err), -1);
			for (size_t k = 0; k < KT_LEN(sizes); k++)
				CHECK_INT(sizes[k].bytes, -1);
			free(copy);
		}
}

TEST(questions_about_logs)
{
	static const struct kt_logsize asked[] = {{"t", 0, -1}, {"t", 2, -1}, {"u", 1, -1}};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_ask_logdirs(&out, 1, 1, asked, 3);
	CHECK_MEM(out.data, out.len,
		"\0\0\0\x2a\0\x23\0\1\0\0\0\1\0\2kt\0\0\0\2"
		"\0\1t\0\0\0\2\0\0\0\0\0\0\0\2\0\1u\0\0\0\1\0\0\0\1",
		46);
	out.len = 0;
	kt_ask_logdirs(&out, 1, 4, asked, 3);
	CHECK_MEM(out.data, out.len,
		"\0\0\0\x23\0\x23\0\4\0\0\0\1\0\2kt\0\3"
		"\2t\3\0\0\0\0\0\0\0\2\0\2u\2\0\0\0\1\0\0",
		39);
	out.len = 0;
	kt_ask_logdirs(&out, 1, 4, NULL, 0);
	CHECK_MEM(out.data, out.len, "\0\0\0\x0f\0\x23\0\4\0\0\0\1\0\2kt\0\1\0", 19);
}

TEST(names_of_requests)
{
	CHECK_STR(kt_api_name(KT_API_VERSIONS), "ApiVersions");
	CHECK_STR(kt_api_name(KT_API_DESCRIBE_QUORUM), "DescribeQuorum");
	CHECK_STR(kt_api_name(75), "DescribeTopicPartitions");
	CHECK(!kt_api_name(-1) && !kt_api_name(127));
}

TEST(coordinators)
{
	struct kt_coordinator c;
	CHECK_INT(kt_read_coordinator(&c, BYTES("\0\0\0\0\0\x1e\xff\xff\xff\xff\xff\xff\0\0\xff\xff\xff\xff"), 2, &err),
		0);
	CHECK_INT(c.error, KT_ERROR_GROUP_DENIED);
	CHECK_INT(kt_read_coordinator(&c, BYTES("\0\0\0\0\0\0\0\1\0\0\0\2\2h\0\0#\x84\0"), 3, &err), 0);
	CHECK_INT(c.broker.id, 2);
	CHECK_STR(c.broker.host, "h");
	CHECK_INT(kt_read_coordinator(&c, BYTES("\0\0\0\0\0\0\0\1\0\0\0\2\2h\0\0#"), 3, &err), -1);
}

TEST(heartbeats)
{
	int error;
	CHECK_INT(kt_read_heartbeat(&error, BYTES("\0\x1e"), 0, &err), 0);
	CHECK_INT(error, KT_ERROR_GROUP_DENIED);
	CHECK_INT(kt_read_heartbeat(&error, BYTES("\0\0\0\0\0\x19"), 2, &err), 0);
	CHECK_INT(error, 25);
	CHECK_INT(kt_read_heartbeat(&error, BYTES("\0\0\0\0\0"), 2, &err), -1);
}

TEST(sasl_answers)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_bytes token;
	int error;
	CHECK_INT(kt_read_handshake(&error, &text, BYTES("\0\x21\0\0\0\2\0\5PLAIN\0\3XYZ"), &err), 0);
	CHECK_INT(error, KT_ERROR_MECHANISM);
	CHECK_STR(kt_buf_cstr(&text), "PLAIN, XYZ");
	CHECK_INT(kt_read_handshake(&error, &text, BYTES("\0\x21\0\0\0\2\0\5PLAIN\0\3X"), &err), -1);
	text.len = 0;
	CHECK_INT(kt_read_authenticate(&error, &text, &token, BYTES("\0\x3a\0\2no\xff\xff\xff\xff"), &err), 0);
	CHECK_INT(error, KT_ERROR_AUTHENTICATION);
	CHECK_STR(kt_buf_cstr(&text), "no");
	CHECK_INT(token.len, 0);
	CHECK_INT(kt_read_authenticate(&error, &text, &token, BYTES("\0\0\xff\xff\0\0\0\2ab"), &err), 0);
	CHECK_MEM(token.data, token.len, "ab", 2);
	CHECK_INT(kt_read_authenticate(&error, &text, &token, BYTES("\0\0\xff\xff\0\0\0\3ab"), &err), -1);
}

TEST(requests)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_ask_features(&out, 1, 3);
	CHECK_MEM(out.data, out.len, "\0\0\0\x13\0\x12\0\3\0\0\0\1\0\2kt\0\3kt\0021\0", 23);
	out.len = 0;
	kt_ask_quorum(&out, 1);
	CHECK_MEM(
		out.data, out.len, "\0\0\0\x29\0\x37\0\0\0\0\0\1\0\2kt\0\2\x13__cluster_metadata\2\0\0\0\0\0\0\0", 45);
	out.len = 0;
	kt_ask_versions(&out, 7);
	CHECK_MEM(out.data, out.len, "\0\0\0\x0c\0\x12\0\0\0\0\0\7\0\2kt", 16);
	out.len = 0;
	kt_ask_metadata(&out, 1, 1, NULL);
	CHECK_MEM(out.data, out.len, "\0\0\0\x10\0\3\0\1\0\0\0\1\0\2kt\0\0\0\0", 20);
	out.len = 0;
	kt_ask_metadata(&out, 1, 1, "");
	CHECK_MEM(out.data, out.len, "\0\0\0\x10\0\3\0\1\0\0\0\1\0\2kt\xff\xff\xff\xff", 20);
	out.len = 0;
	kt_ask_metadata(&out, 1, 8, "t");
	CHECK_MEM(out.data, out.len, "\0\0\0\x16\0\3\0\x08\0\0\0\1\0\2kt\0\0\0\1\0\1t\0\0\1", 26);
	out.len = 0;
	kt_ask_metadata(&out, 1, 12, "t");
	CHECK_MEM(out.data, out.len,
		"\0\0\0\x24\0\3\0\x0c\0\0\0\1\0\2kt\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2t\0\0\1\0", 40);
	out.len = 0;
	kt_ask_coordinator(&out, 1, 3, "g");
	CHECK_MEM(out.data, out.len, "\0\0\0\x11\0\x0a\0\3\0\0\0\1\0\2kt\0\2g\0\0", 21);
	out.len = 0;
	kt_ask_heartbeat(&out, 1, 2, "g");
	CHECK_MEM(out.data, out.len, "\0\0\0\x15\0\x0c\0\2\0\0\0\1\0\2kt\0\1g\xff\xff\xff\xff\0\0", 25);
}
