/* What became of a group's partitions and records while somebody watched all of its members: who owned what when, who
 * got which record, and whether what Kafka promises held.
 *
 *   struct kt_groupaudit *audit = kt_groupaudit_new();
 *   size_t m1 = kt_groupaudit_member(audit, "m1");
 *   kt_groupaudit_take(audit, m1, "client58", 3, 42, now_us);           owns it, and reads from offset 42
 *   kt_groupaudit_record(audit, m1, &record);
 *   kt_groupaudit_yield(audit, m1, "client58", 3, KT_YIELD_GAVE, now_us);
 *   struct kt_verdict verdict = kt_groupaudit_judge(audit, now_us, &lines);
 *
 * Calls come in the order in which things happened. Nothing is kept per record: offsets are ranges per partition and
 * owner, keys are hashes. All lists are bounded; what no longer fits is counted, and the verdict says so.
 */
#ifndef KT_GROUPAUDIT_H
#define KT_GROUPAUDIT_H

#include "list.h"
#include "record.h"

enum {
	KT_GROUPAUDIT_KEYS = 1 << 16,  /* keys watched */
	KT_GROUPAUDIT_SPANS = 1 << 12, /* ranges remembered per partition */
	KT_GROUPAUDIT_TOLD = 64,       /* findings of a kind that are told one by one */
};

/* How a member's ownership of a partition ended. */
enum kt_yield {
	KT_YIELD_GAVE,   /* revoked, or given up on leaving */
	KT_YIELD_LOST,   /* the group had thought the member dead */
	KT_YIELD_KILLED, /* it died */
};

struct kt_groupaudit;

struct kt_groupaudit *kt_groupaudit_new(void);

/* A further member, by its number, which counts from 0. Copies name. */
size_t kt_groupaudit_member(struct kt_groupaudit *l, const char *name);

/* The member owns the partition and reads from offset start; start < 0: not known. */
void kt_groupaudit_take(
	struct kt_groupaudit *l, size_t member, const char *topic, int32_t partition, int64_t start, int64_t now_us);

/* It owns it no more. Nothing happens when it did not. */
void kt_groupaudit_yield(struct kt_groupaudit *l, size_t member, const char *topic, int32_t partition,
	enum kt_yield how, int64_t now_us);

/* Others than those watched own the partition now: what they read is not known, so that nothing counts as passed over.
 */
void kt_groupaudit_outside(struct kt_groupaudit *l, const char *topic, int32_t partition);

/* A commit was asked for, up to and without offset next; and what came of it: refused is NULL, or why (copied). */
void kt_groupaudit_ask_commit(struct kt_groupaudit *l, const char *topic, int32_t partition, int64_t next);
void kt_groupaudit_commit(
	struct kt_groupaudit *l, const char *topic, int32_t partition, int64_t next, const char *refused);

/* The member got the record. True when it is the first one to get it. */
bool kt_groupaudit_record(struct kt_groupaudit *l, size_t member, const struct kt_record *record);

/* One after the highest offset of the partition that was read, or where reading began; -1 when nobody has owned it. */
int64_t kt_groupaudit_next(const struct kt_groupaudit *l, const char *topic, int32_t partition);

/* How many partitions have had an owner so far. */
size_t kt_groupaudit_partitions(const struct kt_groupaudit *l);

struct kt_verdict {
	bool holds;          /* one owner at a time, nothing passed over, order kept, each repeat explained */
	int64_t records;     /* different ones */
	int64_t repeats;     /* further times that one of them was read */
	int64_t unexplained; /* repeats of what had been committed, or was never to be */
	int64_t passed_over; /* offsets between where one owner stopped and the next one began */
	int64_t overlaps;    /* times that a partition had two owners */
	int64_t disordered;  /* records that came after a later one of their partition */
	int64_t keys;        /* different ones, as far as they were watched */
	int64_t moved;       /* keys seen in two partitions */
	int64_t unwatched;   /* records whose key came when KT_GROUPAUDIT_KEYS were known */
	int64_t uncommitted; /* offsets that were read and not committed: the next owner reads them again */
	int64_t outside;     /* partitions that had owners outside for a while */
	const char *refusal; /* why a commit was refused last; "" when none was; borrowed from the audit */
	int64_t unowned_us;  /* the longest time that a partition had no owner between two */
};

/* The state of things at now_us. lines (may be NULL): sentences that say it, findings indented below theirs. */
struct kt_verdict kt_groupaudit_judge(const struct kt_groupaudit *l, int64_t now_us, struct kt_strs *lines);

/* For kt_auto(). */
void kt_groupaudit_free(struct kt_groupaudit **l);

#endif
