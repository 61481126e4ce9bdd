/* Whether what was written is there: the destination is read back, and compared with what was sent.
 *
 *   kt_copyverify_hash(&made)                                    of each record that is sent
 *   kt_copyverify_sent(&v, partition, offset, hash, ts_ms)       when it is acknowledged
 *   kt_copyverify_read(&v, &ends, owner, timeout_ms, err)        at the end
 *   kt_copyverify_fini(&v)
 *
 * For each partition there is a number of records and a sum of hashes of key, value, headers, time and offset: a record
 * that is missing, that is different, or that is at another offset than was acknowledged changes it. Records of others
 * between them do not count. Sums are no proof against somebody who wants to deceive.
 */
#ifndef KT_COPYVERIFY_H
#define KT_COPYVERIFY_H

#include "copyends.h"
#include "record.h"

struct kt_copyverify_run {
	int64_t first, end; /* offsets that were acknowledged, one after another */
};

struct kt_copyverify_part {
	struct kt_copyverify_run *runs;
	size_t n, cap;
	size_t at; /* while it is read back: the run that comes next */
	int64_t records, found;
	uint64_t timed, untimed;             /* sums: with timestamps, and without */
	uint64_t found_timed, found_untimed; /* of what is there */
};

/* Starts as {0}. */
struct kt_copyverify {
	struct kt_copyverify_part *parts; /* by their numbers */
	size_t n, cap;
	int64_t nowhere; /* were acknowledged without an offset, as with acks=0 */
	bool retimes;    /* the destination gives records timestamps of its own */
};

/* Of all but time and place. */
uint64_t kt_copyverify_hash(const struct kt_record *record);

/* offset: below 0 when it was not told. */
void kt_copyverify_sent(struct kt_copyverify *v, int32_t partition, int64_t offset, uint64_t hash, int64_t ts_ms);

/* A record that is there; what was not sent does not count. */
void kt_copyverify_found(struct kt_copyverify *v, const struct kt_record *record);

/* KT_FAILED, with the first partition where it is so, unless all is there as it was sent. */
int kt_copyverify_compare(const struct kt_copyverify *v, const char *topic, struct kt_err *err) kt_must_check;

/* Reads the destination's topic where records were sent to, and compares. */
int kt_copyverify_read(struct kt_copyverify *v, const struct kt_copyends *ends, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;

void kt_copyverify_fini(struct kt_copyverify *v);

#endif
