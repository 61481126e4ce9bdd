/* The partitions that a consumer reads: where each starts and ends, and how far it has come. */
#ifndef KT_PARTITIONS_H
#define KT_PARTITIONS_H

#include <librdkafka/rdkafka.h>

#include "base.h"

struct kt_client;

enum { KT_NO_OFFSET = -1 };

/* Why a partition starts where it does; kt_start_names has a word for each. */
enum kt_start_why {
	KT_START_COMMITTED,
	KT_START_BEGINNING,
	KT_START_END,
	KT_START_ASKED,   /* -o */
	KT_START_RESUMED, /* this member read it before, and nothing was committed since */
	KT_START_EXPIRED, /* the committed or asked offset is not there any more; moved to what is */
};
extern const char *const kt_start_names[];

struct kt_partition {
	char *topic;
	size_t topic_len;
	int32_t partition;
	bool known; /* was assigned before in this run */
	bool assigned;
	bool done;    /* nothing before `end` is left to read */
	bool empty;   /* the log held nothing */
	int64_t held; /* offsets that an open transaction holds back from consumers; only looked up where all are empty,
		       * or where the partition would start behind its end */
	bool went_back; /* its records began again by themselves, */
	bool sent_back; /* or are to since it was sent to their beginning */
	bool told_end;  /* its end was announced */
	bool broken;    /* what follows cannot be unpacked, however often it is fetched */
	int error;      /* the last error that came in place of its records, and was said; 0: none since a record */
	enum kt_start_why why;
	int64_t begin, log_end; /* of the log, when the partition was taken or a gap was seen; the end is exclusive */
	int64_t end;            /* where -e stops */
	int64_t start;
	int64_t next;            /* offset of the first record that was not given out yet */
	int64_t written;         /* the same of what was written: what may be committed */
	int64_t gaps_in;         /* the turn for whose gaps `begin` was last asked for */
	int64_t stored;          /* the last offset given to the library for committing; KT_NO_OFFSET: none */
	int64_t taken;           /* number of the assignment that it came with */
	rd_kafka_queue_t *queue; /* its records, where they are not in the consumer's queue; owned, or NULL */
	/* fetchnudge.c's: */
	size_t peak, unlooked; /* the queue's longest since its fetcher was woken; for how many reads not to look */
	bool was_long;
};

struct kt_partitions {
	struct kt_partition *v;
	size_t n, cap;
	size_t last; /* found last: records come in runs */
	const rd_kafka_topic_t *last_rkt;
};

/* The partition's entry, made when it is new. The address is valid until the next add. */
struct kt_partition *kt_partitions_add(struct kt_partitions *parts, const char *topic, int32_t partition);

/* The entry, or NULL. */
struct kt_partition *kt_partitions_find(struct kt_partitions *parts, const char *topic, int32_t partition);

/* The entry of a message, or NULL. Fast when it is that of the message before. */
struct kt_partition *kt_partitions_of(struct kt_partitions *parts, const rd_kafka_message_t *message);

/* Those as the library has them: topics and partitions. The caller's. */
rd_kafka_topic_partition_list_t *kt_partitions_list(struct kt_partition *const *parts, size_t n);

/* It is assigned, by the take of that number: from its start on nothing is told, written or stored yet. */
void kt_partition_take(struct kt_partition *part, int64_t take);

/* The record at offset comes after part->next, and what lies between is missing: compacted away, or a control record,
 * or else deleted by retention before this run came to it, which is said. The beginning of the log is looked up once
 * for each turn. */
void kt_partition_tell_gap(struct kt_partition *part, int64_t offset, int64_t turn, const struct kt_client *c);

/* With its topic, its number, the offset of the record that came, and the one after that before it. */
#define KT_LOG_BEGAN_ANEW "%s [%d] goes on at offset %lld, after %lld: it was recreated or cut"

/* How many are assigned, and how many of these have something left to read, broken ones aside. */
size_t kt_partitions_assigned(const struct kt_partitions *parts);
size_t kt_partitions_open(const struct kt_partitions *parts);

/* The first that is assigned, broken and not done; or NULL. */
const struct kt_partition *kt_partitions_broken(const struct kt_partitions *parts);

/* Lets go of the partitions' queues, which has to happen before the handle is destroyed. */
void kt_partitions_drop_queues(struct kt_partitions *parts);

void kt_partitions_fini(struct kt_partitions *parts);

#endif
