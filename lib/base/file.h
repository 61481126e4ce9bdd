/* Small files, whole: reading and replacing them. */
#ifndef KT_FILE_H
#define KT_FILE_H

#include "buf.h"
#include "err.h"

/* Appends the file's bytes. More than max bytes, and a directory, are errors; the message names path. The status is
 * KT_USAGE for a file that does not exist, KT_FAILED otherwise. A FIFO or /dev/fd/N works too; INT, TERM
 * and HUP end the process while it waits (kt_sig_fatal()). */
int kt_file_read(struct kt_buf *out, const char *path, size_t max, struct kt_err *err) kt_must_check;

/* Whether a file may take path's place: a regular file stands there (also at the end of symbolic links), or nothing.
 * Else KT_USAGE: as root a rename over /dev/null would break the machine. */
int kt_file_replaceable(const char *path, struct kt_err *err) kt_must_check;

/* Puts data in the place of path's contents in one step: readers see the old or the new file, and a failure
 * leaves the old one. Refuses what is not kt_file_replaceable(). Directories on the way are made for the user alone; a
 * symbolic link stays one. The new file has mode 0600. */
int kt_file_replace(const char *path, const void *data, size_t len, struct kt_err *err) kt_must_check;

/* The file of this program, allocated; NULL when it cannot be told. Where a loader was started with it, as in a folder
 * of ./dev bundle, the program that started that. */
char *kt_file_program(void);

/* Keeps other kt_file_lock() of files in path's directory out until the descriptor that is returned is closed (or the
 * process ends): a process that reads a file, changes it and puts it back loses nothing of what another does at the
 * same time. The directory itself is locked, so that nothing is left lying about; it is made if need be. Waits ten
 * seconds at most. File systems that know no locks go without. */
int kt_file_lock(const char *path, struct kt_err *err) kt_must_check;

#endif
