/* Values that are small Avro containers, and others, as data for larger containers.
 *
 *   struct kt_sinkschemas s = {0};
 *   struct kt_sinkschema *schema = kt_sinkschemas_take(&s, &record, &data);
 *   … data.bytes, data.count are for a file with schema->text …
 *   schema->held++;                                         while a file with it is written
 *   kt_sinkschemas_fini(&s);
 *
 * A value that is one whole container, whose data are what its schema says, gives its data. Everything else (JSON,
 * text, null, a damaged container) is a record of the schema kt_sinkschema_record, which keeps key, time and headers
 * too. So what comes out can be read, whoever made the values.
 */
#ifndef KT_SINKSCHEMA_H
#define KT_SINKSCHEMA_H

#include "avro_printer.h"
#include "codec.h"
#include "record.h"

extern const char kt_sinkschema_record[];

enum {
	KT_SINKSCHEMAS_KEPT = 32, /* of those that no file is written with */
	KT_SINKSCHEMAS_EMPTIES =
		1000000, /* values of no bytes in a message: a few bytes can claim any number of them */
};

struct kt_sinkschema {
	struct kt_buf text;              /* as it is in the values' headers */
	struct kt_avro_printer *program; /* NULL: of kt's own records */
	int64_t held;                    /* files that are written with it */
	uint64_t used;                   /* when it was last, by the number of values */
};

struct kt_sinkdata {
	struct kt_bytes bytes; /* encoded, behind each other; until the next call */
	int64_t count;
};

/* Starts as {0}. */
struct kt_sinkschemas {
	struct kt_sinkschema **v; /* the first one: kt's own */
	size_t n, cap;
	uint64_t number;
	int64_t plain;    /* values that came as kt's own records, */
	int64_t data;     /* and data that came in containers */
	uint64_t empties; /* in this value */
	struct kt_avro_run *run;
	struct kt_unpacker *unpacker;
	struct kt_buf unpacked, encoded;
};

/* The schema and the data of a record. The schema is valid until the next call, or while it is held. */
struct kt_sinkschema *kt_sinkschemas_take(
	struct kt_sinkschemas *s, const struct kt_record *record, struct kt_sinkdata *data);

void kt_sinkschemas_fini(struct kt_sinkschemas *s);

#endif
