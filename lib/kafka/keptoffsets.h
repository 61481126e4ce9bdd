/* Offsets that are committed within the transactions of a producer, for a group that has no members: how far somebody
 * has come who may die at any instant. They count with the transaction's records, or neither does.
 *
 *   kt_keptoffsets_open(&k, &settings, owner, "group", "topic", n, err)
 *   kt_keptoffsets_read(k, offsets, timeout_ms, err)             what was committed last, after the transactions' init
 *   kt_keptoffsets_put(k, &transaction, offsets)                 for KT_TRANSACTION_OFFSETS
 *   kt_keptoffsets_free(&k)
 *
 * The group's coordinator refuses offsets of partitions that its cluster does not have.
 */
#ifndef KT_KEPTOFFSETS_H
#define KT_KEPTOFFSETS_H

#include "transaction.h"

struct kt_keptoffsets;

/* Offsets of the first n partitions of a topic. Borrows the settings and the owner. */
int kt_keptoffsets_open(struct kt_keptoffsets **out, const struct kt_settings *settings, const struct kt_owner *owner,
	const char *group, const char *topic, int32_t n, struct kt_err *err) kt_must_check;

/* Of each partition, or KT_NO_OFFSET. Waits for transactions that are just being ended. */
int kt_keptoffsets_read(
	struct kt_keptoffsets *k, int64_t *offsets, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Where there is one (not KT_NO_OFFSET), and all: else only what has changed since it was put last. The transaction
 * borrows them until the next put. */
void kt_keptoffsets_put(struct kt_keptoffsets *k, struct kt_transaction *t, const int64_t *offsets, bool all);

/* For kt_auto(). */
void kt_keptoffsets_free(struct kt_keptoffsets **k);

#endif
