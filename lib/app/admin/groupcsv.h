/* Committed offsets as CSV, as kafka-consumer-groups writes (--export) and reads (--from-file) it: a line per
 * partition, "topic,partition,offset", or for several groups "group,topic,partition,offset"; no heading. Fields may
 * stand in double quotes, with "" for one of them (RFC 4180), but not across lines.
 *
 *   kt_auto(kt_groupcsv_fini) struct kt_groupcsv csv = {0};
 *   if (kt_groupcsv_read(&csv, "offsets.csv", err) < 0)
 *           return -1;
 *   const struct kt_groupcsv_row *row = kt_groupcsv_find(&csv, "g", "t", 0);
 */
#ifndef KT_GROUPCSV_H
#define KT_GROUPCSV_H

#include "buf.h"
#include "err.h"

enum { KT_GROUPCSV_MAX = 64 << 20 }; /* bytes of a file */

struct kt_groupcsv_row {
	char *group; /* NULL: the file does not name groups */
	char *topic;
	int32_t partition;
	int64_t offset;
};

struct kt_groupcsv {
	struct kt_groupcsv_row *v; /* by group, topic and partition */
	size_t n, cap;
};

/* Adds what a file says; "-" is stdin. KT_USAGE, naming the line, for what is not such a line, and for a partition that
 * comes twice. */
int kt_groupcsv_read(struct kt_groupcsv *csv, const char *path, struct kt_err *err) kt_must_check;

/* The same for bytes; name is what messages call them. */
int kt_groupcsv_parse(
	struct kt_groupcsv *csv, const char *data, size_t len, const char *name, struct kt_err *err) kt_must_check;

bool kt_groupcsv_names_groups(const struct kt_groupcsv *csv);

/* The row that speaks of the partition for that group, or NULL. */
const struct kt_groupcsv_row *kt_groupcsv_find(
	const struct kt_groupcsv *csv, const char *group, const char *topic, int32_t partition);

/* Appends a line. group NULL: without it; control characters in it are escaped, and then it is nobody's name. */
void kt_groupcsv_line(struct kt_buf *out, const char *group, const char *topic, int32_t partition, int64_t offset);

void kt_groupcsv_fini(struct kt_groupcsv *csv);

#endif
