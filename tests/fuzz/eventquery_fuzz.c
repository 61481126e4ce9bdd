/* What requests for streams say: any query and any id is read or refused, and what was read is in its bounds. The text
 * before the first newline is the id. */
#include "eventquery.h"
#include "fuzz.h"
#include "mem.h"

static void check(const struct kt_eventquery *q)
{
	REQUIRE(q->where.n_partitions <= KT_READ_PARTITIONS && q->where.n_starts <= KT_READ_PARTITIONS);
	REQUIRE(!q->from_end || (!q->resumes && !q->where.n_starts));
	REQUIRE(!q->resumes || q->where.n_starts);
	for (size_t i = 0; i < q->where.n_starts; i++)
		REQUIRE(kt_readquery_from(&q->where, q->where.starts[i].partition).n == q->where.starts[i].offset);
	for (size_t i = 0; i < q->where.n_partitions; i++)
		REQUIRE(kt_eventquery_wants(q, q->where.partitions[i], (struct kt_bytes){q->key.data, q->key.len}) ==
			(!q->has_key || q->key.data != NULL));
	REQUIRE(!q->where.n_partitions || !kt_eventquery_wants(q, -1, (struct kt_bytes){"", 0}));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	kt_auto(kt_eventquery_fini) struct kt_eventquery q = {0};
	char *target = strchr(text, '\n');
	if (target)
		*target++ = '\0';
	int result = kt_eventquery_parse(&q, target ? target : "", text, &err);
	REQUIRE(result == 0 || (err.status == KT_USAGE && err.msg[0]));
	if (result == 0)
		check(&q);
	return 0;
}
