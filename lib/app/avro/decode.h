/* Avro for commands that print it: the options that say how it is read, and from a record, or a file, to lines.
 *
 *   struct kt_decode decode = {.json = opts->json, .format = format, …};
 *   if (kt_decode_open(&decode, &opts->decode, &opts->client, &settings, err) < 0)
 *           return -1;
 *   … kt_decode_record(&decode, out, record, err) …                      for each record of a topic
 *   … kt_decode_file(&decode, &out, fd, name, limits, err) …             for a file or a pipe
 *   return kt_decode_close(&decode, result, err);
 *
 * What is wrong with a message is said in one line on stderr with its place, and counted.
 */
#ifndef KT_DECODE_H
#define KT_DECODE_H

#include "avro_reader.h"
#include "fmt.h"
#include "measurementhash.h"
#include "opt.h"
#include "out.h"
#include "recordjson.h"
#include "registry.h"

struct kt_decode_opts {
	struct kt_strs schemas;
	const char *schema_dir, *reader_schema, *registry, *secret_key;
	int framing;
	bool logical, strict, decrypt_hash;
};
extern const struct kt_opt kt_decode_opts[];

/* Everything borrows. */
struct kt_datum {
	const struct kt_record *record;
	const struct kt_avro_known *known; /* NULL: the record has no value */
	struct kt_bytes name;              /* the header record_name, or the schema's name */
	struct kt_bytes text;
};

struct kt_decode {
	/* Set by the caller before it is opened. Without json and format each record is a line of its own. */
	bool json;                 /* as kt consume -J, with the record as payload */
	bool names;                /* a line before each of a message: the header record_name, or the schema's name */
	bool silent;               /* with json: what cannot be decoded is left out */
	enum kt_avro_form form;    /* of the record */
	enum kt_encoding encoding; /* of keys and headers with json */
	const struct kt_format *format; /* borrowed; NULL: none */
	struct kt_bytes delim;          /* behind each record; data NULL: a newline */
	/* May be NULL: called for each datum before it is printed; false: it is not printed. */
	bool (*each)(void *user, struct kt_buf *out, const struct kt_datum *datum);
	void *user;

	const struct kt_stop *stop; /* for files: ends them early; NULL: nothing does */

	int64_t messages; /* that were looked at */
	int64_t failed;   /* of these, those with an error */
	int64_t records;  /* data that were decoded */

	/* The rest is decode.c's own. */
	const struct kt_decode_opts *opts;
	const char *file; /* whose bytes are decoded; NULL: those of records */
	struct kt_avro_how how;
	struct kt_avro_schema *reader_schema;
	struct kt_avro_reader *reader;
	struct kt_registry *registry;
	struct kt_strs wanted;
	struct kt_measurementhash *hash;
	struct kt_buf text, plain, names_seen;
	bool bad;      /* something of the current message is wrong */
	char why[512]; /* what was said about it */
	struct kt_bytes *fields;
};

/* Reads the schemas; a registry is asked when one of its numbers is met. Borrows everything; settings: see
 * kt_registry_new(). */
int kt_decode_open(struct kt_decode *d, const struct kt_decode_opts *opts, const struct kt_client_opts *client,
	const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Appends what is printed for a record. place: what an error says about where the record is; NULL: its topic, partition
 * and offset. -1 for one that cannot be decoded: with --strict, or because a registry cannot be asked, which no other
 * record would change. */
int kt_decode_record(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, const char *place,
	struct kt_err *err) kt_must_check;

/* Reads a file or a pipe to its end, or until --run-for is over, limit data (negative: no limit) are printed, a signal
 * arrives, or the reader of out has gone: containers piece by piece, lines of `kt consume -J`, or one datum of another
 * framing. */
int kt_decode_file(struct kt_decode *d, struct kt_out *out, int fd, const char *name, int64_t limit,
	struct kt_err *err) kt_must_check;

/* What became of the run: KT_PARTIAL when it went well (result 0) but for what could not be decoded. */
int kt_decode_close(const struct kt_decode *d, int result, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_decode_fini(struct kt_decode *d);

/* decode.c for decodefile.c: a message that cannot be decoded, whose err is complete. -1 with --strict. */
int kt_decode_refuse(struct kt_decode *d, struct kt_err *err) kt_must_check;

/* The same: the data at the front of the reader's window. Appends as many as there are, until limit
 * (negative: none) of them were, or out holds `full` bytes. 1: there may be more; 0; or -1 with --strict. */
int kt_decode_data(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, const char *place,
	int64_t limit, size_t full, struct kt_err *err) kt_must_check;

#endif
