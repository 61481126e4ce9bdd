/* Names of the files that `kt sink files` makes: TOPIC.PARTITION.FIRST-LAST.EXT, in folders by time as Hive names them.
 *
 *   struct kt_sinkname name;
 *   if (kt_sinkname_read(&name, "orders.eu.3.0-4711.jsonl.zst"))
 *           … name.topic "orders.eu", name.partition 3, name.first 0, name.last 4711 …
 *   kt_sinkname_write(&name, &out);                           the same text
 *   kt_sinkname_part(&name, &out);                            ".orders.eu.3.jsonl.zst.part": while it is written
 *   kt_sinkname_folder(KT_SINKFOLDERS_HOUR, &record, &out)    "dt=2026-11-30/hour=21"
 *
 * A topic's name may hold dots and digits: a file's is read from its end, where none of the parts can hold a dot. There
 * is one way to write each number, so that two names never mean the same records.
 */
#ifndef KT_SINKNAME_H
#define KT_SINKNAME_H

#include "buf.h"
#include "record.h"

enum {
	KT_SINKNAME_TOPIC_MAX = 249, /* bytes, as Kafka has it (Topic.java) */
	KT_SINKNAME_FILE_MAX = 255,  /* NAME_MAX of Linux */
	KT_SINKNAME_OFFSET_MAX = 19, /* digits of the largest offset */
};

/* What the bytes of a file are. */
enum kt_sinkformat { KT_SINKFORMAT_JSONL, KT_SINKFORMAT_CSV, KT_SINKFORMAT_AVRO };
extern const char *const kt_sinkformats[]; /* "jsonl", "csv", "avro"; NULL at the end */

/* What text is packed with as a whole. */
enum kt_sinkpacking { KT_SINKPACKING_NONE, KT_SINKPACKING_GZIP, KT_SINKPACKING_ZSTD };

struct kt_sinkname {
	char topic[KT_SINKNAME_TOPIC_MAX + 1];
	int32_t partition;
	int64_t first, last; /* offsets; both are in the file, or were left out of it by the broker */
	enum kt_sinkformat format;
	enum kt_sinkpacking packing;
};

/* False: it is not such a name, and *name is undefined. */
bool kt_sinkname_read(struct kt_sinkname *name, const char *text);
void kt_sinkname_write(const struct kt_sinkname *name, struct kt_buf *out);

/* The name of a file that is not whole: hidden, as readers of such folders (Spark, Hive) pass over hidden files. One
 * for each partition, format and packing; first and last do not matter. */
void kt_sinkname_part(const struct kt_sinkname *name, struct kt_buf *out);
bool kt_sinkname_is_part(const char *text);

/* Whether all files of the topic have names that a file may have. */
bool kt_sinkname_fits(const char *topic);

enum kt_sinkfolders { KT_SINKFOLDERS_NONE, KT_SINKFOLDERS_DAY, KT_SINKFOLDERS_HOUR };

/* Appends the folder of a record's time, in UTC; nothing with KT_SINKFOLDERS_NONE. A record without a time, or one
 * outside of the years 1 to 9999, belongs to Hive's __HIVE_DEFAULT_PARTITION__. */
void kt_sinkname_folder(enum kt_sinkfolders by, const struct kt_record *record, struct kt_buf *out);

/* Whether the text is such a folder: of the first level, of the second one, or a path of one or both. */
bool kt_sinkname_is_day(const char *text);
bool kt_sinkname_is_hour(const char *text);
bool kt_sinkname_is_folder(const char *text);

#endif
