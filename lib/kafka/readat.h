/* Some records of a topic from given offsets on, for whoever asks again and again: the handle is kept, and nothing is
 * read in between. Waits, so it is for a thread that may.
 *
 *   kt_readat_open(&r, &settings, owner, err)
 *   kt_readat_find(r, "t", 5000, &count, err)                  how many partitions; never makes the topic
 *   parts[0] = (struct kt_readat_part){.partition = 0, .from = {KT_AT_OFFSET, 42}};
 *   kt_readat_resolve(r, "t", parts, 1, 5000, err)             begin, end, next
 *   if (kt_readat_is_outside(&parts[0])) …
 *   kt_readat_run(r, &how, err)                                parts[0].next is where the next one begins
 *   kt_readat_close(r)
 */
#ifndef KT_READAT_H
#define KT_READAT_H

#include "offsets.h"
#include "owner.h"
#include "record.h"
#include "settings.h"

struct kt_readat;

struct kt_readat_part {
	int32_t partition;
	struct kt_place from; /* beginning, end, an offset, so many before the end, or a time */
	int64_t begin, end;   /* of the log, when it was looked at; end as consumers see it, exclusive */
	int64_t next;         /* the first offset that was not given out */
	bool at_end;          /* nothing more was there */
};

struct kt_readat_how {
	const char *topic;
	struct kt_readat_part *parts; /* resolved */
	size_t n;
	int64_t until_us; /* the first record is waited for so long; 0: not at all */
	void *user;
	/* A record, in the order of its partition; false: it is not taken, and nothing more is. */
	bool (*each)(void *user, const struct kt_record *record);
	/* Asked after each, and while nothing comes: true ends it. waiting: nothing was taken so far. */
	bool (*enough)(void *user, bool waiting);
};

/* Makes the handle, without waiting for a broker. Borrows settings and owner. */
int kt_readat_open(struct kt_readat **out, const struct kt_settings *settings, const struct kt_owner *owner,
	struct kt_err *err) kt_must_check;

int kt_readat_find(struct kt_readat *r, const char *topic, int64_t timeout_ms, int32_t *partitions,
	struct kt_err *err) kt_must_check;

int kt_readat_resolve(struct kt_readat *r, const char *topic, struct kt_readat_part *parts, size_t n,
	int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Its place is not in the log. */
bool kt_readat_is_outside(const struct kt_readat_part *part);

/* What is there now, and when that is nothing, what comes until then. -1: KT_NOT_FOUND, KT_PARTIAL for a batch that
 * cannot be read (only as the first thing met), KT_UNREACHABLE, or the stop's status. */
int kt_readat_run(struct kt_readat *r, const struct kt_readat_how *how, struct kt_err *err) kt_must_check;

/* The last failure was for want of a right. */
bool kt_readat_is_forbidden(const struct kt_readat *r);

/* Does nothing for NULL. */
void kt_readat_close(struct kt_readat *r);

#endif
