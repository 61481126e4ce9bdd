/* What requests for WebSockets to write with say, and the id of a message: what was read is in its bounds, and what is
 * left of a message is JSON still. The text before the first newline is the request's target, the rest a message. */
#include "fuzz.h"
#include "json.h"
#include "mem.h"
#include "sendquery.h"

static void check_query(const char *target)
{
	struct kt_err err = {0};
	kt_auto(kt_sendquery_fini) struct kt_sendquery q = {0};
	int result = kt_sendquery_parse(&q, target, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	if (result < 0)
		return;
	REQUIRE(q.record.partition >= -1 && q.record.n_headers <= KT_SENDQUERY_HEADERS);
	REQUIRE(!q.json || (!q.record.key.data && !q.record.n_headers));
	for (size_t i = 0; i < q.record.n_headers; i++)
		REQUIRE(q.record.headers[i].name.len && q.record.headers[i].value.data);
}

static void check_id(struct kt_bytes message)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf rest = {0}, texts = {0};
	struct kt_bytes id;
	int has = kt_sendquery_id(message, &rest, &id, &err);
	REQUIRE(has >= 0 || (err.status == KT_FAILED && err.msg[0]));
	if (has <= 0)
		return;
	REQUIRE(id.len && id.len <= KT_SENDQUERY_ID_BYTES && id.data > message.data &&
		id.data + id.len < message.data + message.len);
	const char *start = kt_buf_cstr(&rest);
	struct kt_json j = {.start = start, .at = start, .end = start + rest.len, .out = &texts, .err = &err};
	REQUIRE(kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	size_t len = newline ? (size_t)(newline - data) : size;
	kt_auto(kt_free_ptr) char *target = fuzz_text(data, len);
	check_query(target);
	if (newline)
		check_id((struct kt_bytes){(const char *)newline + 1, size - len - 1});
	return 0;
}
