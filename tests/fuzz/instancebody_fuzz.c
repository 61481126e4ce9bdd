/* Bodies of requests about consumer instances: whatever comes is read or refused, and what was read is in its bounds.
 */
#include "fuzz.h"
#include "instancebody.h"

static void check_status(unsigned status, const struct kt_err *err)
{
	REQUIRE(status == 0 || status == 400 || status == 422 || status == 501);
	REQUIRE(!status || err->msg[0]);
}

static void check_config(struct kt_bytes body)
{
	struct kt_err err = {0};
	struct kt_instance_config c;
	int64_t code;
	unsigned status = kt_instancebody_config(&c, body, &code, &err);
	check_status(status, &err);
	REQUIRE(code == (status == 422 ? KT_INSTANCE_BAD_CONFIG : 0));
	if (status)
		return;
	REQUIRE(strlen(c.name) <= KT_INSTANCE_NAME && !strpbrk(c.name, "/%? \"\\\n"));
	REQUIRE(c.wait_ms >= 0 && c.wait_ms <= KT_INSTANCE_WAIT_MS);
	REQUIRE(c.least_bytes >= -1 && c.least_bytes <= KT_INSTANCE_LEAST_BYTES);
}

static void check_topics(struct kt_bytes body)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	struct kt_err err = {0};
	int64_t code;
	unsigned status = kt_instancebody_topics(&topics, body, &code, &err);
	check_status(status, &err);
	REQUIRE((status == 501) == (code == 501));
	REQUIRE(status || (topics.n && topics.n <= KT_INSTANCE_TOPICS));
}

static void check_parts(struct kt_bytes body, bool offsets)
{
	kt_auto(kt_instance_parts_fini) struct kt_instance_parts parts = {0};
	struct kt_err err = {0};
	unsigned status = kt_instancebody_parts(&parts, body, offsets, &err);
	check_status(status, &err);
	REQUIRE(parts.n <= KT_INSTANCE_PARTS && (parts.listed || !parts.n));
	for (size_t i = 0; i < parts.n; i++) {
		REQUIRE(parts.v[i].topic < parts.topics.n && parts.v[i].partition >= 0);
		REQUIRE(offsets ? parts.v[i].offset >= 0 : parts.v[i].offset == -1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_bytes body = {(const char *)data, size};
	check_config(body);
	check_topics(body);
	check_parts(body, true);
	check_parts(body, false);
	return 0;
}
