/* The lines of a file as JSON objects, for `kt sink sqlite --import`: CSV, whose first line names the fields, or lines
 * of JSON as they are.
 *
 *   struct kt_sinkimport *in = NULL;
 *   if (kt_sinkimport_open(&in, "users.csv", err) < 0)
 *           return -1;
 *   while ((more = kt_sinkimport_next(in, &value, err)) > 0)
 *           … value, kt_sinkimport_line(in) …
 *   kt_sinkimport_free(&in);
 *
 * CSV has no types: a column whose first thousand fields are all numbers, written as JSON writes them and no longer
 * than they are exact, has numbers; later fields that are none stay text. A field of nothing is null, and one of "" an
 * empty text.
 */
#ifndef KT_SINKIMPORT_H
#define KT_SINKIMPORT_H

#include "buf.h"
#include "err.h"

enum { KT_SINKIMPORT_RECORD_MAX = 64 << 20 }; /* bytes */

struct kt_sinkimport;

/* By the name's ending. KT_USAGE for another one, for what is not a regular file, and for a first line of CSV that does
 * not name each of its fields, or two of them alike. */
int kt_sinkimport_open(struct kt_sinkimport **out, const char *path, struct kt_err *err) kt_must_check;

/* 1: value was filled, and borrows until the next call; 0: there are no more; -1: naming the line. */
int kt_sinkimport_next(struct kt_sinkimport *in, struct kt_bytes *value, struct kt_err *err) kt_must_check;

/* Where the last record began, from 1. */
int64_t kt_sinkimport_line(const struct kt_sinkimport *in);

/* Bytes of the file, and how many of them were read. */
int64_t kt_sinkimport_size(const struct kt_sinkimport *in);
int64_t kt_sinkimport_done(const struct kt_sinkimport *in);

/* For kt_auto(). */
void kt_sinkimport_free(struct kt_sinkimport **in);

#endif
