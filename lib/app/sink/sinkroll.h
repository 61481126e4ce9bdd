/* The files of one roll, and the note about them that makes them one: while it lies in the folder, all of them count.
 *
 *   kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {.name = name};
 *   kt_strs_add(&roll.folders, "dt=2026-11-30/hour=21");
 *   kt_sinkroll_write(&roll, &out);
 *   if (kt_sinkroll_read(&roll, bytes, err) < 0) …
 *
 * The note is text: a first line with its version, the name that each of the files gets, a line for each folder, and a
 * last line. Where the files lie follows from that, so that a note can name nothing outside of the folder.
 */
#ifndef KT_SINKROLL_H
#define KT_SINKROLL_H

#include "err.h"
#include "list.h"
#include "sinkname.h"

enum { KT_SINKROLL_FOLDERS = 500, KT_SINKROLL_BYTES = 64 << 10 };

#define KT_SINKROLL_FILE ".kt-sink-roll"

struct kt_sinkroll {
	struct kt_sinkname name;
	struct kt_strs folders; /* "": that of the sink itself. One at least; several: none of them "" */
};

void kt_sinkroll_write(const struct kt_sinkroll *roll, struct kt_buf *out);

/* *roll is {0} before. KT_FAILED. */
int kt_sinkroll_read(struct kt_sinkroll *roll, struct kt_bytes text, struct kt_err *err) kt_must_check;

void kt_sinkroll_fini(struct kt_sinkroll *roll);

#endif
