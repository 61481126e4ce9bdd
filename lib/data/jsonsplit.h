/* Where a record of JSON ends: at the end of its line, or, when an object goes over several lines, at the line in which
 * its last bracket closes.
 *
 *   struct kt_jsonsplit split = {0};
 *   while ((used = kt_jsonsplit(&split, at, end - at, ended, &record)))
 *           at += used;                                  and read on where it gave 0
 *
 * A line that ends with a brace is a record as it stands, at the cost of finding its end. A line that does not begin
 * with a bracket is one too, to be refused by its reader; and one that begins an object in its first column
 * begins a record, so that an object that was torn does not take those after it along.
 */
#ifndef KT_JSONSPLIT_H
#define KT_JSONSPLIT_H

#include "base.h"

/* How far an unfinished record was looked at. Starts as {0}; is {0} again after each record. */
struct kt_jsonsplit {
	size_t at; /* bytes that need no second look */
	int64_t depth;
	bool in_string, escaped;
};

/* The record at the front of the block, and how many bytes it takes with its newline; 0: not there as a whole. data is
 * the same block as before with more after it, or what follows the last record. ended: nothing follows. */
size_t kt_jsonsplit(struct kt_jsonsplit *s, const char *data, size_t len, bool ended, struct kt_bytes *record);

#endif
