/* The bytes as an answer of a broker, to each question and in each version: read within its bounds, or refused. */
#include "fuzz.h"
#include "proto.h"
#include "scram.h"

static void check_metadata(struct kt_bytes answer, int version)
{
	struct kt_seen seen = {0};
	struct kt_err err = {0};
	if (kt_read_metadata(&seen, answer, version, "t", &err) < 0) {
		REQUIRE(err.status == KT_UNREACHABLE && err.msg[0]);
		REQUIRE(!seen.brokers && !seen.topics.n);
		return;
	}
	/* Nothing is made of nothing. */
	REQUIRE(seen.n <= answer.len && seen.topics.n <= answer.len);
	REQUIRE(seen.topic.leaderless <= seen.topic.partitions && seen.topic.behind <= seen.topic.partitions);
	kt_seen_fini(&seen);
}

/* Only what was asked about is filled in, with a size or -1. */
static void check_logdirs(struct kt_bytes answer, int version)
{
	struct kt_logsize sizes[] = {{"", 0, 7}, {"t", 0, 7}, {"t", 1, 7}, {"tt", 0, 7}};
	struct kt_err err = {0};
	int error = 0;
	bool read = kt_read_logdirs(&error, sizes, KT_LEN(sizes), answer, version, &err) == 0;
	REQUIRE(read || (err.status == KT_UNREACHABLE && err.msg[0]));
	for (size_t i = 0; i < KT_LEN(sizes); i++)
		REQUIRE(sizes[i].bytes == -1 || (read && sizes[i].bytes >= 0));
}

static void check_others(struct kt_bytes answer)
{
	struct kt_versions versions;
	struct kt_coordinator coordinator;
	struct kt_err err = {0};
	struct kt_bytes token;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	int error;
	if (kt_read_versions(&versions, answer, &err) == 0)
		REQUIRE(kt_versions_pick(&versions, KT_API_METADATA, 1, 12) <= 12);
	for (int version = 1; version <= 3; version++)
		if (kt_read_coordinator(&coordinator, answer, version, &err) == 0)
			REQUIRE(memchr(coordinator.broker.host, '\0', sizeof(coordinator.broker.host)));
	struct kt_features features = {0};
	int32_t leader;
	if (kt_read_features(&features, answer, &err) == 0)
		REQUIRE(features.n <= answer.len);
	else
		REQUIRE(!features.v && !features.n);
	for (size_t i = 0; i < features.n; i++)
		REQUIRE(memchr(features.v[i].name, '\0', sizeof(features.v[i].name)));
	kt_features_fini(&features);
	if (kt_read_acls(&error, answer, &err) == 0)
		REQUIRE(answer.len >= 6);
	if (kt_read_quorum(&error, &leader, answer, &err) == 0)
		REQUIRE(!error || leader == -1);
	if (kt_read_handshake(&error, &text, answer, &err) == 0)
		REQUIRE(text.len <= 2 * answer.len);
	if (kt_read_heartbeat(&error, answer, 1, &err) == 0)
		REQUIRE(answer.len >= 6);
	text.len = 0;
	if (kt_read_authenticate(&error, &text, &token, answer, &err) == 0)
		REQUIRE(!token.len ||
			(token.data >= answer.data && token.data + token.len <= answer.data + answer.len));
}

static void check_scram(struct kt_bytes answer)
{
	kt_auto(kt_scram_fini) struct kt_scram s = {.user = "u", .password = "p"};
	kt_auto(kt_buf_fini) struct kt_buf first = {0}, final = {0};
	struct kt_err err = {0};
	REQUIRE(kt_scram_begin(&s, "SCRAM-SHA-256", "n", &first, &err) == 0);
	/* Iterations are what costs: only those that are refused. */
	if (!memmem(answer.data, answer.len, "i=", 2))
		REQUIRE(kt_scram_answer(&s, answer, &final, &err) < 0 && err.msg[0]);
	REQUIRE(kt_scram_verify(&s, answer, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_bytes answer = {(const char *)data, size};
	for (int version = KT_METADATA_FIRST; version <= KT_METADATA_LAST; version++)
		check_metadata(answer, version);
	for (int version = KT_LOGDIRS_FIRST; version <= KT_LOGDIRS_LAST; version++)
		check_logdirs(answer, version);
	check_others(answer);
	check_scram(answer);
	return 0;
}
