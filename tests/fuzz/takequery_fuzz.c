/* What requests to take records of a group say, and acknowledgements: whatever comes is read or refused, and what was
 * read is in its bounds. The text before the first newline is the request's target, the rest a message. */
#include "fuzz.h"
#include "mem.h"
#include "takequery.h"

static void check_query(const char *target)
{
	struct kt_err err = {0};
	struct kt_takequery q;
	bool has_group = kt_takequery_has_group(target);
	int result = kt_takequery_parse(&q, target, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	if (result < 0)
		return;
	REQUIRE(q.window >= 1 && q.window <= KT_GROUPREADER_WINDOW_MOST);
	REQUIRE(q.reset == KT_RESET_EARLIEST || q.reset == KT_RESET_LATEST);
	REQUIRE(has_group == (q.group[0] != '\0') && strlen(q.group) <= KT_TAKEQUERY_GROUP);
}

static void check_acks(struct kt_bytes message)
{
	struct kt_err err = {0};
	struct kt_groupack acks[KT_TAKEQUERY_ACKS];
	int n = kt_takequery_acks(acks, message, &err);
	REQUIRE(n >= 0 || (err.status == KT_FAILED && err.msg[0]));
	REQUIRE(n != 0 && n <= KT_TAKEQUERY_ACKS);
	for (int i = 0; i < n; i++)
		REQUIRE(acks[i].partition >= 0 && acks[i].next >= 0 && (!acks[i].only || n == 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	size_t len = newline ? (size_t)(newline - data) : size;
	kt_auto(kt_free_ptr) char *target = fuzz_text(data, len);
	check_query(target);
	if (newline)
		check_acks((struct kt_bytes){(const char *)newline + 1, size - len - 1});
	return 0;
}
