/* Queries of requests for records, and types that clients accept: any text is read or refused, and what was read is in
 * its bounds. The first byte says whether the path names the partition. */
#include "fuzz.h"
#include "mem.h"
#include "readquery.h"
#include "restbody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kt_readquery q;
	struct kt_err err = {0};
	enum kt_rest_format format;
	if (!size)
		return 0;
	kt_auto(kt_free_ptr) char *text = fuzz_text(data + 1, size - 1);
	q = (struct kt_readquery){.max_bytes = 1, .most_bytes = 1 << 20};
	int result = kt_readquery_parse(&q, text, data[0] & 1, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	REQUIRE(q.n_partitions <= KT_READ_PARTITIONS && q.n_starts <= KT_READ_PARTITIONS);
	REQUIRE(q.count >= 1 && q.count <= KT_READ_MOST && q.timeout_ms >= 0 && q.timeout_ms <= KT_READ_MOST_MS);
	REQUIRE(q.max_bytes >= 1 && q.max_bytes <= q.most_bytes);
	for (size_t i = 0; i < q.n_starts; i++) {
		struct kt_place from = kt_readquery_from(&q, q.starts[i].partition);
		REQUIRE(from.where == KT_AT_OFFSET && from.n == q.starts[i].offset && from.n >= 0);
	}
	REQUIRE(q.from.where != KT_AT_STORED || result < 0);
	if (kt_rest_format(text, &format))
		REQUIRE(kt_rest_type(format));
	return 0;
}
