/* The store of `kt sink files`: a folder of files, each of which holds a run of a partition's records.
 *
 *   kt_auto(kt_sinkfiles_close) struct kt_sinkfiles *files = NULL;
 *   if (kt_sinkfiles_open(&files, &how, err) < 0)
 *           return -1;
 *   run.places = kt_sinkfiles_places(files, &run.n_places);
 *   run.store = kt_sinkfiles_store(files);
 *
 * Each partition is written to a file of its own, or to one for each folder by time: these are a roll, which has one
 * span of offsets and becomes visible as one (sinkdir.h). A roll ends when it is large enough, when the oldest one has
 * been written for long enough (then all do), when the schema of an Avro file changes, and with the run. What of it is
 * in memory is bounded: so many files are open, and others have all of theirs on the disk.
 */
#ifndef KT_SINKFILES_H
#define KT_SINKFILES_H

#include "sinkblocks.h"
#include "sinklines.h"
#include "sinkname.h"
#include "sinkrun.h"

enum { KT_SINKFILES_OPEN = 64 };

/* Borrows all of it. */
struct kt_sinkfiles_how {
	const struct kt_owner *owner;
	const char *path;
	struct kt_sinklines_how lines; /* and the format */
	enum kt_sinkpacking packing;   /* of text */
	enum kt_sinkcodec codec;       /* of Avro */
	enum kt_sinkfolders folders;
	int64_t roll_bytes, roll_ms;
};

struct kt_sinkfiles;

int kt_sinkfiles_open(struct kt_sinkfiles **out, const struct kt_sinkfiles_how *how, struct kt_err *err) kt_must_check;

/* How far the files of the folder go, by topic and partition. */
const struct kt_sinkplace *kt_sinkfiles_places(const struct kt_sinkfiles *files, size_t *n);

struct kt_sinkstore kt_sinkfiles_store(struct kt_sinkfiles *files);

/* Files that were finished. */
int64_t kt_sinkfiles_count(const struct kt_sinkfiles *files);

/* Says what was met on the way, at the end. */
void kt_sinkfiles_say(const struct kt_sinkfiles *files);

/* What was not finished is removed. For kt_auto(). */
void kt_sinkfiles_close(struct kt_sinkfiles **files);

#endif
