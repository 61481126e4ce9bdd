/* What `kt bench` sends: random bytes of one size, lines of a file drawn at random, or records of a schema; with keys
 * of which some come up more often than others.
 *
 *   kt_auto(kt_benchrecords_fini) struct kt_benchrecords records = {0};
 *   if (kt_benchrecords_open(&records, &how, err) < 0)
 *           return -1;
 *   while ((sent = kt_benchrecords_send(&records, producer, tag, err)) …
 */
#ifndef KT_BENCHRECORDS_H
#define KT_BENCHRECORDS_H

#include "digits.h"
#include "distribution.h"
#include "schemaload.h"

struct kt_benchrecords_opts {
	const struct kt_encode_opts
		*encode; /* no option: of a table of its own; its schema makes records, where it has one */
	const char *payload, *delim, *key_field, *zipf, *seed, *rules_file;
	struct kt_strs fields;
	int64_t size, keys;
};
extern const struct kt_opt kt_benchrecords_opts[];

enum { KT_BENCHRECORDS_KEYS = 8192 }; /* texts of keys: more than a batch of the producer, which borrows them */

struct kt_benchrecords {
	const struct kt_benchrecords_opts *opts;
	struct kt_schemaload schema;
	struct kt_random random;
	struct kt_zipf zipf;
	struct kt_buf bytes; /* random, or the file */
	struct kt_bytes *lines;
	size_t n_lines, lines_cap;
	size_t size;
	int64_t made, made_bytes;
	char (*keys)[KT_DIGITS_MAX];
	struct kt_piece piece; /* the next one, when it waits */
	bool waits;
};

/* whom: as for kt_encode_open(); most: bytes of a record. KT_USAGE. */
int kt_benchrecords_open(struct kt_benchrecords *r, const struct kt_benchrecords_opts *opts,
	const struct kt_encode_for *whom, size_t most, struct kt_err *err) kt_must_check;

/* Makes the next record and sends it: 1; 0: the queue is full, and it comes again; -1: it cannot be sent. producer
 * NULL: it is only made. */
int kt_benchrecords_send(
	struct kt_benchrecords *r, struct kt_producer *producer, int64_t tag, struct kt_err *err) kt_must_check;

/* The value of the one that was made last. */
struct kt_bytes kt_benchrecords_value(const struct kt_benchrecords *r);

/* Bytes of a value, on average of those that were made. */
double kt_benchrecords_size(const struct kt_benchrecords *r);

/* For kt_auto(). */
void kt_benchrecords_fini(struct kt_benchrecords *r);

#endif
