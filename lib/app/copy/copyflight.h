/* Records on their way: in the order in which they were read, until all before them are acknowledged too.
 *
 *   int64_t tag = kt_copyflight_tag(&f);                      -1: as many as there may be are on their way
 *   … the record is sent with that tag …
 *   kt_copyflight_add(&f, &(struct kt_copyflight_record){.place = …, .taken = …, .next = offset + 1});
 *   kt_copyflight_done(&f, tag);                              its report came
 *   while (kt_copyflight_take(&f, &record)) …                 it, and all before it, are through
 */
#ifndef KT_COPYFLIGHT_H
#define KT_COPYFLIGHT_H

#include "base.h"

/* More than a producer's queue holds; a power of two. */
enum { KT_COPYFLIGHT_MOST = 1 << 16 };

struct kt_copyflight_record {
	int64_t taken; /* which assignment of its partition it came with, */
	int64_t next;  /* and where that goes on after it */
	int64_t ts_ms; /* for copyverify.h, as the next two */
	uint64_t hash;
	uint32_t place; /* of the partition */
	bool done;
	bool skipped; /* was not sent */
	bool retimed; /* its timestamp is what the library's report tells */
};

/* Starts as {0}. */
struct kt_copyflight {
	struct kt_copyflight_record *v;
	int64_t first, end; /* tags: of the oldest, and of the next */
};

int64_t kt_copyflight_tag(const struct kt_copyflight *f);
void kt_copyflight_add(struct kt_copyflight *f, const struct kt_copyflight_record *record);

/* The same for one that is not sent, which is done. Those of a partition that follow each other are one. False: there
 * is no room. */
bool kt_copyflight_skip(struct kt_copyflight *f, const struct kt_copyflight_record *record);

/* The record of a tag that is on its way. */
struct kt_copyflight_record *kt_copyflight_at(const struct kt_copyflight *f, int64_t tag);
void kt_copyflight_done(struct kt_copyflight *f, int64_t tag);

/* The oldest, if it is done. */
bool kt_copyflight_take(struct kt_copyflight *f, struct kt_copyflight_record *record);

static inline bool kt_copyflight_is_empty(const struct kt_copyflight *f)
{
	return f->first == f->end;
}

void kt_copyflight_fini(struct kt_copyflight *f);

#endif
