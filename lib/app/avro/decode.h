/* Avro for commands that print it: the options that say how it is read, and from a record, or a file, to its data, one
 * after another.
 *
 *   struct kt_decode decode = {.form = KT_AVRO_JSON, …};
 *   if (kt_decode_open(&decode, &opts->decode, &opts->client, &settings, err) < 0)
 *           return -1;
 *   kt_decode_begin(&decode, &record, NULL, out);                        for each record of a topic
 *   while ((more = kt_decode_next(&decode, out, &datum, err)) == KT_DECODED)
 *           … print datum.shown as any record …
 *   … kt_decode_file(&decode, &out, fd, name, limit, print, user, err) … for a file or a pipe
 *   return kt_decode_close(&decode, result, err);
 *
 * What is wrong with a message is said in one line on stderr with its place, and counted; after KT_DECODE_NAMED lines
 * only counted, unless -v wants all of them.
 *
 * A few bytes of Avro can stand for any amount of text. A datum has KT_AVRO_TEXT_MAX bytes of it at most, a message
 * KT_DECODE_MESSAGE_MAX, and between data there is time to write what was printed and to see signals.
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

enum {
	KT_DECODE_PIECE = 1 << 20,         /* bytes printed after which kt_decode_next() pauses */
	KT_DECODE_WORK = 16 << 20,         /* bytes of text made after which it does, printed or not */
	KT_DECODE_MESSAGE_MAX = 256 << 20, /* bytes of text of one message, and bytes printed for it */
	KT_DECODE_FAILURE = 4096,          /* bytes of text for which a datum counts that fails: it takes time */
	KT_DECODE_NAMED = 10,              /* messages that cannot be decoded, a line each */
};

/* Everything borrows, until the next call. */
struct kt_datum {
	const struct kt_record *shown;     /* the record that it came in, with its text as the value */
	const struct kt_avro_known *known; /* NULL: the record has no value */
	struct kt_bytes name;              /* the header record_name, or the schema's name */
	const struct kt_bytes *fields;     /* as many as are wanted; data NULL: not there */
	bool met;                          /* with heads: no datum, but a schema that was met */
};

struct kt_decode {
	/* Set by the caller before it is opened. */
	enum kt_avro_form form;
	const struct kt_format *format; /* whose fields are wanted; borrowed; NULL: none */
	bool heads, blind;              /* as in struct kt_avro_how */
	bool keys;                      /* the values of the records given are keys */
	bool pauses;                    /* also for as long as a registry is asked for a schema: kt_decode_awaits() */

	const struct kt_stop *stop; /* for files: ends them early; NULL: nothing does */

	int64_t messages; /* that were looked at */
	int64_t failed;   /* of these, those with an error */
	int64_t records;  /* data that were decoded */
	bool bad;         /* something of the current message is wrong, */
	char why[512];    /* and this was said about it */

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
	const struct kt_avro_known *told; /* whose lacking fields were told last */
	struct kt_strs mistyped;          /* fields that were told */
	struct kt_bytes *fields;
	struct kt_record record, shown; /* the current message, and with the text of a datum */
	struct kt_bytes name;           /* its header record_name; data NULL: it has none */
	const char *place;
	int64_t missing;     /* the number of its schema, which is being fetched, or KT_AVRO_NO_ID */
	int64_t last_schema; /* a number that was looked at, */
	bool seen_schema;    /* and is known */
	bool due_null;       /* it is null, which was not said yet */
	size_t out_len;      /* of what is printed into, when the message began or went on */
	uint64_t printed;    /* bytes, for this message, until the last pause */
	uint64_t end, pause; /* amounts of text made at which it ends, and pauses */
	int64_t unnamed;     /* messages with an error that were only counted */
};

/* For values that are no Avro: KT_USAGE when an option says where its schemas are. */
int kt_decode_without(const struct kt_decode_opts *opts, struct kt_err *err) kt_must_check;

/* Reads the schemas; a registry is asked when one of its numbers is met. Borrows everything; settings: see
 * kt_registry_new(). */
int kt_decode_open(struct kt_decode *d, const struct kt_decode_opts *opts, const struct kt_client_opts *client,
	const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Whether a header of records may say which schema their data have: when there is one to be found. */
bool kt_decode_wants_headers(const struct kt_decode *d, const struct kt_settings *settings);

/* Begins with a record, which is borrowed until its last datum. place: what an error says about where it is, also
 * borrowed; NULL: its topic, partition and offset. out: where its data will be printed. */
void kt_decode_begin(struct kt_decode *d, const struct kt_record *record, const char *place, const struct kt_buf *out);

/* The next datum: KT_DECODED. KT_DECODE_PAUSED: there is more, but first what is in out should be written, and a signal
 * be seen. 0: the message is over. -1: the run ends, before this message as far as offsets go: with --strict, or
 * because a registry cannot be asked, which no other record would change. */
enum { KT_DECODED = 1, KT_DECODE_PAUSED };
int kt_decode_next(
	struct kt_decode *d, const struct kt_buf *out, struct kt_datum *datum, struct kt_err *err) kt_must_check;

/* With pauses, after KT_DECODE_PAUSED: what to wait for, and for how long at most; 0: nothing. */
int64_t kt_decode_awaits(const struct kt_decode *d, struct pollfd *fd);

/* Appends a record with an error as JSON and a newline, as it came, so that nothing is lost. */
void kt_decode_add_raw(
	const struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding);

/* Prints a datum, or, datum NULL, is told that a message with an error is over. */
typedef void kt_decode_print(
	void *user, struct kt_buf *out, const struct kt_record *record, const struct kt_datum *datum);

/* Reads a file or a pipe to its end, or until --run-for is over, limit data (negative: no limit) are printed, a signal
 * arrives, or the reader of out has gone: containers piece by piece, lines of `kt consume -J`, or one datum of another
 * framing. */
int kt_decode_file(struct kt_decode *d, struct kt_out *out, int fd, const char *name, int64_t limit,
	kt_decode_print *print, void *user, struct kt_err *err) kt_must_check;

/* What became of the run: KT_PARTIAL when it went well (result 0) but for what could not be decoded. */
int kt_decode_close(const struct kt_decode *d, int result, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_decode_fini(struct kt_decode *d);

/* decode.c for decodefile.c: begins with a file, whose name is borrowed. */
void kt_decode_begin_file(struct kt_decode *d, const char *name);

/* The same: a message that cannot be decoded, whose err is complete. -1 with --strict. */
int kt_decode_refuse(struct kt_decode *d, struct kt_err *err) kt_must_check;

#endif
