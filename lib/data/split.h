/* Cuts a stream of bytes into records, and a record into key and value. Nothing is copied: results point into the
 * block.
 *
 * The caller reads into a block, takes records from its front until there is no whole one left, moves the unfinished
 * tail to the front of the next block and reads on after it:
 *
 *   struct kt_split split = {.delim = {"\n", 1}, .key_delim = {":", 1}};
 *   while ((used = kt_split_record(&split, at, end - at, searched, ended, &record))) {
 *           kt_split_key(&split, record, &key, &value);
 *           at += used, searched = 0;
 *   }
 *   searched = end - at;                                 the tail: grow the block when it fills it, up to a bound
 *
 * The bytes of a stream give the same records wherever it is cut into blocks. How long a record may get is the caller's
 * bound: a tail that is longer holds no delimiter.
 */
#ifndef KT_SPLIT_H
#define KT_SPLIT_H

#include "base.h"

struct kt_split {
	struct kt_bytes delim;     /* at least one byte; borrowed */
	struct kt_bytes key_delim; /* data == NULL: records have no keys; else at least one byte; borrowed */
};

/* The record at the front of the block, without its delimiter; every other byte belongs to it (a CR too).
 *
 * Returns how many bytes of the block the record and its delimiter take, never 0; or 0 when the block holds no whole
 * record, and *record is then unchanged. ended: nothing follows this block, so what stands after the last delimiter is
 * a record when it is not empty. searched: that many bytes at the front were in a block that gave 0 before (they are
 * not searched again, so a long record that arrives in small reads costs no more than a short one). */
size_t kt_split_record(const struct kt_split *split, const char *block, size_t len, size_t searched, bool ended,
	struct kt_bytes *record);

/* Key and value at the first key delimiter. A record without one (or a split without keys) has a null key, and is all
 * value. Parts may be empty; the value is never null. */
void kt_split_key(const struct kt_split *split, struct kt_bytes record, struct kt_bytes *key, struct kt_bytes *value);

#endif
