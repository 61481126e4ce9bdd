/* What a record becomes at the destination: the same bytes, with the topic, the partition and the headers that the
 * command asks for.
 *
 *   struct kt_copyrecord c = {.how = how};
 *   if (kt_copyrecord_make(&c, &record, err) < 0) …              c.made, c.topic; until the next one
 *   kt_copyrecord_fini(&c);
 */
#ifndef KT_COPYRECORD_H
#define KT_COPYRECORD_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "record.h"

/* Headers that `kt work` adds to a dead letter begin so. */
#define KT_COPYRECORD_LETTER "kt.errors."

struct kt_copyrecord_how {
	const char *to_header;             /* its value names the topic; NULL: it is always the same */
	const struct kt_strs *drop_header; /* patterns of names, which are left out; borrowed */
	bool replays;                      /* dead letters of `kt work` become what they were */
	bool by_key;                       /* no partition is kept */
	int32_t partitions;                /* of the destination; 0: not known */
};

struct kt_copyrecord {
	struct kt_copyrecord_how how;
	struct kt_record made;
	struct kt_buf topic; /* with to_header: its name */
	bool retimed;        /* its timestamp is one that the library cannot send */
	bool rekeyed;        /* the destination has no such partition: its key decides */
	/* Its own. */
	struct kt_header *headers;
	size_t headers_cap;
	struct kt_buf name;
};

/* KT_FAILED for a record that does not say where to. Borrows the record. */
int kt_copyrecord_make(struct kt_copyrecord *c, const struct kt_record *record, struct kt_err *err) kt_must_check;

/* The destination has so many partitions: one that is not among them is not kept. */
void kt_copyrecord_limit(struct kt_copyrecord *c, int32_t partitions);

void kt_copyrecord_fini(struct kt_copyrecord *c);

#endif
