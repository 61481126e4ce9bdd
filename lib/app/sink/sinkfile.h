/* One file of a roll while it is written: what was added waits in memory until there is enough of it, and the file need
 * not stay open meanwhile.
 *
 *   struct kt_sinkfile file = {.shape = &shape, .folder = folder};
 *   kt_sinkfile_room(&file)                                   where the next record's bytes go: append them
 *   kt_sinkfile_added(&file, 1, &dir, &name, err)             writes them, if there is enough
 *   kt_sinkfile_rest(&file, &dir, &name, err)                 writes all and closes it for now
 *   kt_sinkfile_whole(&file, &dir, &name, err)                it is whole, and on its way to the disk
 *   kt_sinkfile_end(&file, &dir, &name, err)                  it is whole, and there
 *   kt_sinkfile_fini(&file);
 */
#ifndef KT_SINKFILE_H
#define KT_SINKFILE_H

#include "sinkblocks.h"
#include "sinkdir.h"
#include "sinkpack.h"
#include "sinktext.h"

/* Bytes that are written at once. A block of Avro is what readers unpack at once. */
enum { KT_SINKFILE_PIECE = 256 << 10, KT_SINKFILE_BLOCK = 64 << 10 };

/* What all files of a run have in common. */
struct kt_sinkshape {
	enum kt_sinkformat format;
	enum kt_sinkpacking packing;
	struct kt_sinkblocks *blocks; /* of Avro */
};

/* Starts as {0}, with the first ones set. */
struct kt_sinkfile {
	struct kt_sinkshape *shape;
	const struct kt_sinktext *text; /* of text; borrowed */
	char *folder;                   /* owned */
	int64_t slot;                   /* of its folder: which time it is for */
	struct kt_bytes schema;         /* of Avro; borrowed */
	/* The rest is sinkfile.c's own. */
	int fd;                   /* plus 1; 0: it is not open */
	bool made;                /* it is there */
	bool whole;               /* nothing follows */
	struct kt_buf plain;      /* what is not written yet */
	int64_t count;            /* of data in it */
	struct kt_sinkpack *pack; /* while it is open */
	int64_t bytes;            /* that it has on the disk */
	bool active;              /* the owner's: it may be open, and hold memory */
	uint64_t used;            /* the same: when it was last */
	char sync[KT_AVRO_SYNC];
};

static inline struct kt_buf *kt_sinkfile_room(struct kt_sinkfile *file)
{
	return &file->plain;
}

/* What was appended are so many records, or data. */
int kt_sinkfile_added(struct kt_sinkfile *file, int64_t count, const struct kt_sinkdir *dir,
	const struct kt_sinkname *name, struct kt_err *err) kt_must_check;

/* The file's size, with what waits to be written. */
int64_t kt_sinkfile_bytes(const struct kt_sinkfile *file);

int kt_sinkfile_rest(struct kt_sinkfile *file, const struct kt_sinkdir *dir, const struct kt_sinkname *name,
	struct kt_err *err) kt_must_check;

/* Of many files to be called for all of them first: the disk has them all to write then, and not one after another
 * while each is waited for. After a failure the file is of no use. */
int kt_sinkfile_whole(struct kt_sinkfile *file, const struct kt_sinkdir *dir, const struct kt_sinkname *name,
	struct kt_err *err) kt_must_check;

int kt_sinkfile_end(struct kt_sinkfile *file, const struct kt_sinkdir *dir, const struct kt_sinkname *name,
	struct kt_err *err) kt_must_check;

void kt_sinkfile_fini(struct kt_sinkfile *file);

#endif
