#include "transaction.h"

#include "offsetquery.h"
#include "producer_own.h"
#include "sig.h"
#include "waiting.h"
#include "when.h"

/* MOST_MS: somebody else's open transaction may hold the ends back for longer. */
enum { MOST_MS = 5000, TICK_MS = 10 };

static int ask_ends(
	struct kt_client *c, const struct kt_strs *topics, rd_kafka_topic_partition_list_t *ends, struct kt_err *err)
{
	for (size_t i = 0; i < topics->n; i++) {
		const struct rd_kafka_metadata *md;
		if (kt_client_topic(c, topics->v[i], MOST_MS, &md, err) < 0)
			return -1;
		for (int n = 0; n < md->topics[0].partition_cnt; n++)
			rd_kafka_topic_partition_list_add(ends, topics->v[i], md->topics[0].partitions[n].id);
		rd_kafka_metadata_destroy(md);
	}
	return kt_offsetquery_offsets(c, ends, KT_OFFSETQUERY_END, MOST_MS, err);
}

static bool are_visible(struct kt_client *stable, const rd_kafka_topic_partition_list_t *ends)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *seen = rd_kafka_topic_partition_list_copy(ends);
	kt_offsetquery_stable(stable, seen, MOST_MS);
	for (int i = 0; i < ends->cnt; i++)
		if (seen->elems[i].offset < ends->elems[i].offset)
			return false;
	return true;
}

void kt_transaction_settle(const struct kt_transaction *t, const struct kt_strs *topics)
{
	struct kt_err ignored;
	int64_t start_us = kt_clock_us();
	const struct kt_owner *owner = kt_producer_owner(t->producer);
	kt_auto(kt_client_fini) struct kt_client *c = NULL, *stable = NULL;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(1);
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = owner};
	if (kt_client_open(&c, KT_ROLE_ADMIN, kt_producer_settings(t->producer), owner, &ignored) < 0 ||
		kt_client_open_stable(&stable, c, &ignored) < 0 || ask_ends(c, topics, ends, &ignored) < 0)
		return;
	while (!kt_owner_stopped(owner) && !are_visible(stable, ends) && kt_left_ms(start_us, MOST_MS)) {
		kt_waiting_say(&wait, "what was committed to become visible: another transaction is open");
		kt_wait(NULL, 0, TICK_MS);
	}
}
