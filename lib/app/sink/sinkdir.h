/* The folder of `kt sink files`: which records its files hold, and how files come to be in it.
 *
 *   kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
 *   if (kt_sinkdir_open(&dir, "lake", err) < 0)                    finishes what was begun, and looks
 *           return -1;
 *   kt_sinkdir_next(&dir, "orders", 3)                             where partition 3 goes on; KT_SINKDIR_NONE: no file
 *   if (kt_sinkdir_create(&dir, &fd, "dt=2026-11-30", &name, err) < 0) …
 *   … write(fd, …), fsync(fd), close(fd) …
 *   if (kt_sinkdir_finish(&dir, &roll, err) < 0) …                 all of its files are there, or none is,
 *   if (kt_sinkdir_settle(&dir, err) < 0) …                        and that is on the disk
 *
 * What is in a file is there for good once it has its name: until then it is a hidden .part. Of several files of a roll
 * some may have their names when the process dies: a note (sinkroll.h), which is on the disk before the first gets its
 * own, lets the next start give theirs to the others. Where there is no note a .part is what was left of a roll that
 * does not count, and is removed.
 *
 * Where a partition goes on follows from the names of its files alone, whatever a group has committed. Two files whose
 * offsets overlap are an error, unless they are files of one roll: of the same offsets, in different folders.
 */
#ifndef KT_SINKDIR_H
#define KT_SINKDIR_H

#include "idmap.h"
#include "sinkroll.h"

#define KT_SINKDIR_NONE INT64_C(-1)

/* A file that is there. */
struct kt_sinkdir_file {
	int64_t first, last;
	uint32_t topic, folder; /* among the names */
	int32_t partition;
	enum kt_sinkformat format;
	enum kt_sinkpacking packing;
};

/* Starts as {0}. */
struct kt_sinkdir {
	const char *path;              /* borrowed */
	int lock;                      /* the descriptor of the folder, plus 1; 0: not open */
	struct kt_sinkdir_file *files; /* by topic, partition, and offset */
	size_t n_files, cap;
	struct kt_strs names;     /* of topics and folders */
	struct kt_strs unsettled; /* folders in which files were given names */
	struct kt_idmap ids;
	bool noted; /* a note is there, of a roll that the next start finishes if this one does not */
};

/* Makes the folder (not those above it), keeps other sinks out, finishes what an earlier one had begun, and reads the
 * names. KT_USAGE where the folder cannot be one; KT_FAILED. */
int kt_sinkdir_open(struct kt_sinkdir *dir, const char *path, struct kt_err *err) kt_must_check;

/* The offset behind the last file of the partition. */
int64_t kt_sinkdir_next(struct kt_sinkdir *dir, const char *topic, int32_t partition);

/* A fresh .part in a folder ("": the sink's own), which is made if need be. fd: for writing, the caller's. */
int kt_sinkdir_create(const struct kt_sinkdir *dir, int *fd, const char *folder, const struct kt_sinkname *name,
	struct kt_err *err) kt_must_check;

/* The same file again, at its end. */
int kt_sinkdir_reopen(const struct kt_sinkdir *dir, int *fd, const char *folder, const struct kt_sinkname *name,
	struct kt_err *err) kt_must_check;

/* It does not count. Nothing happens while there is a note: the next start sees to what it names, and to the rest. */
void kt_sinkdir_remove(const struct kt_sinkdir *dir, const char *folder, const struct kt_sinkname *name);

/* Gives the files of a roll, which are on the disk, their names. Of a roll of one file that is for good only after
 * kt_sinkdir_settle(), which many rolls may share. */
int kt_sinkdir_finish(struct kt_sinkdir *dir, const struct kt_sinkroll *roll, struct kt_err *err) kt_must_check;
int kt_sinkdir_settle(struct kt_sinkdir *dir, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_sinkdir_close(struct kt_sinkdir *dir);

#endif
