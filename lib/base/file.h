/* Small files, whole. */
#ifndef KT_FILE_H
#define KT_FILE_H

#include "buf.h"
#include "err.h"

/* Appends the file's bytes. More than max bytes, and a directory, are errors; the message names path. The status is
 * KT_USAGE for a file that does not exist, KT_FAILED otherwise. A FIFO or /dev/fd/N works too. */
int kt_file_read(struct kt_buf *out, const char *path, size_t max, struct kt_err *err) kt_must_check;

#endif
