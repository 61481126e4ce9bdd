/* Random records of an Avro schema, one after another: to load any topic with what its consumers understand.
 *
 *   kt_auto(kt_schemaload_fini) struct kt_schemaload records = {0};
 *   if (kt_schemaload_open(&records, &how, err) < 0)
 *           return -1;
 *   while ((sent = kt_schemaload_send(&records, producer, tag, err)) …
 *
 * The header record_name is the name of the schema's type, where it has one.
 */
#ifndef KT_SCHEMALOAD_H
#define KT_SCHEMALOAD_H

#include "avro_random.h"
#include "encode.h"
#include "list.h"
#include "producer.h"

struct kt_schemaload_how {
	const struct kt_encode_opts
		*encode; /* its schema is given, and found as a load file is; borrowed, as the rest */
	struct kt_encode_for whom;
	const struct kt_strs *rules; /* PATH=GENERATOR */
	const char *file;            /* a JSON object of paths and generators, or NULL; rules come after it */
	const char *key;             /* the path of the value that is the key, or NULL: null */
	const uint64_t *seed;        /* NULL: records that nobody can repeat */
	size_t most;                 /* bytes of a record */
};

struct kt_schemaload {
	struct kt_encode_opts opts; /* with the paths of the schemas, which are its own */
	struct kt_encode encode;
	struct kt_avro_random *random;
	struct kt_header header;
	struct kt_record record; /* the next one, when it waits */
	int64_t bytes;           /* of the values of all that were sent */
	bool waits;
};

/* KT_USAGE, naming the option or the file and its line. */
int kt_schemaload_open(struct kt_schemaload *s, const struct kt_schemaload_how *how, struct kt_err *err) kt_must_check;

/* Makes the next record, which is valid until the next one. */
void kt_schemaload_make(struct kt_schemaload *s);

/* Sends the next record, as kt_producer_send() does; what was not accepted for want of room comes again. */
int kt_schemaload_send(
	struct kt_schemaload *s, struct kt_producer *producer, int64_t tag, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_schemaload_fini(struct kt_schemaload *s);

#endif
