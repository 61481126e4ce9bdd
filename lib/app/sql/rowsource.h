/* Rows, one after another, as they are read from a topic or a file: what a table of `kt sql` is made of.
 *
 *   struct kt_rowwant want = KT_ROWWANT_ALL;
 *   if (kt_rowsource_topic(&rows, &reads, "orders", &bounds, &want, err) < 0)
 *           return -1;
 *   while ((more = kt_rowsource_next(rows, &row, err)) > 0)
 *           … row.record …
 *   kt_rowsource_free(&rows);
 */
#ifndef KT_ROWSOURCE_H
#define KT_ROWSOURCE_H

#include "condition.h"
#include "decode.h"
#include "filter.h"
#include "loop.h"
#include "reading.h"

/* How all sources of a run read. */
struct kt_rowreads {
	const struct kt_client_opts *client;
	const struct kt_read_opts *read;     /* which records: of each topic; names no topics */
	const struct kt_decode_opts *decode; /* NULL: values are JSON, or anything else; else they are Avro */
	const struct kt_filter *filter;
	struct kt_condition *where;   /* NULL: no condition */
	struct kt_settings *settings; /* resolved */
	const struct kt_stop *stop;
	bool follow;     /* goes on with what comes next */
	bool progresses; /* how much was read is shown: nothing else is written to the terminal until all is */
	void *user;
	/* Before it is waited for records: what was printed is to be written. True: the run is over, nobody reads it.
	 */
	bool (*waits)(void *user);
	struct kt_loop_source *output; /* is waited for too; NULL: nothing */
};

/* What a query asks for, of which a source may leave out the rest. */
struct kt_rowwant {
	int64_t from, to; /* offsets; to is exclusive */
	int64_t from_ms;  /* timestamps; INT64_MIN: any */
	bool some;        /* only partitions[0 … n) */
	int32_t *partitions;
	size_t n, cap;
	bool headers;
	bool whole;  /* what there is now, and then the end; with --follow that is all from the beginning */
	bool sample; /* the same, in silence: only a look */
	bool tail;   /* the last hundred of each partition, whatever else was asked for */
};
#define KT_ROWWANT_ALL ((struct kt_rowwant){.to = INT64_MAX, .from_ms = INT64_MIN})

struct kt_row {
	struct kt_record record; /* the value of Avro is JSON */
	uint32_t part;           /* which of several data of a message, from 0 */
	bool bad;                /* it could not be decoded, and the value is as it came */
};

struct kt_rowsource {
	/* 1: row was filled, and borrows until the next call; 0: there are no more; -1. */
	int (*next)(struct kt_rowsource *rows, struct kt_row *row, struct kt_err *err);
	void (*free)(struct kt_rowsource *rows);
};

/* The records of a topic, or of those that match a pattern. bounds: where the partitions end for this run, filled when
 * it is empty, kept otherwise, so that all that read a topic see the same. KT_NOT_FOUND, KT_UNREACHABLE. */
int kt_rowsource_topic(struct kt_rowsource **out, const struct kt_rowreads *reads, const char *topic,
	struct kt_partitions *bounds, const struct kt_rowwant *want, struct kt_err *err) kt_must_check;

/* The lines of a file, each a value, or the data of an Avro container; offset counts them. */
int kt_rowsource_file(
	struct kt_rowsource **out, const struct kt_rowreads *reads, const char *path, struct kt_err *err) kt_must_check;

static inline int kt_rowsource_next(struct kt_rowsource *rows, struct kt_row *row, struct kt_err *err)
{
	return rows->next(rows, row, err);
}

/* For kt_auto(). */
static inline void kt_rowsource_free(struct kt_rowsource **rows)
{
	if (*rows)
		(*rows)->free(*rows);
	*rows = NULL;
}

#endif
