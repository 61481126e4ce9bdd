/* Avro as it comes, in a message or a file, to the text of its data, one after another.
 *
 *   struct kt_avro_reader *reader = kt_avro_reader_new(&how);
 *   kt_avro_give(reader, KT_AVRO_NO_ID, schema.data, schema.len, err)       for data that does not bring its schema
 *   kt_avro_begin(reader, message, true);
 *   while ((more = kt_avro_next(reader, &out, err)) != 0)                   1: a datum; -1: something that is none
 *           …
 *
 * How data is framed is found by its first bytes, or said:
 *
 *   container   "Obj" 1, the schema, and blocks of data; several containers may follow each other
 *   single      C3 01, the schema's fingerprint, one datum
 *   registry    00, the schema's number in four bytes, one datum
 *   bare        one datum and nothing else
 *
 * With a reader's schema in how, everything is read as that (avro_printer.h, kt_avro_printer_resolve).
 *
 * Schemas are compiled once and found again by the bytes that stand in the header, so a message costs no parsing. A
 * datum that cannot be shown, or not as the reader's schema, is passed over; one whose end cannot be found loses the
 * rest of its block, not the next ones.
 */
#ifndef KT_AVRO_READER_H
#define KT_AVRO_READER_H

#include "avro_container.h"
#include "avro_printer.h"

enum kt_avro_framing {
	KT_AVRO_FIND, /* by the first bytes; bare when they are none of the others and a schema was given */
	KT_AVRO_CONTAINER,
	KT_AVRO_SINGLE,
	KT_AVRO_REGISTRY,
	KT_AVRO_BARE,
};

#define KT_AVRO_NO_ID (-1)
#define KT_AVRO_GUIDS (INT64_C(1) << 32) /* numbers from here on are not a registry's: they stand for GUIDs */

enum {
	KT_AVRO_CACHED = 64,           /* schemas of containers that are kept */
	KT_AVRO_CACHED_MAX = 64 << 20, /* bytes of all of them */
	KT_AVRO_ASKED = 1000,          /* schemas of a registry that are kept, of as many bytes at most */
};

/* A schema that is known to the reader. */
struct kt_avro_known {
	struct kt_avro_printer *program; /* NULL: its data cannot be read with the reader's schema, */
	char *why;                       /* for this reason */
	struct kt_strs lacks;            /* of the wanted fields, those that no datum can have: a path is mistyped */
	struct kt_avro_printer *skipper; /* finds the ends of its data; NULL: not needed so far */
	struct kt_buf text;              /* the schema's, as it was given */
	char *name;                      /* of the type of its data */
	int64_t id;                      /* in a registry, or KT_AVRO_NO_ID */
	uint64_t fingerprint;
	size_t size;
	int64_t count;  /* of its data so far */
	int64_t number; /* in the order in which schemas were first seen */
};

struct kt_avro_reader;

/* Where the schemas of a registry are that were not given: appends the text of one, 1; 0: there is nowhere to ask; -1:
 * err says why there is none. */
typedef int kt_avro_ask(void *user, int64_t id, struct kt_buf *text, struct kt_err *err);

/* how: borrowed by the reader. */
struct kt_avro_reader *kt_avro_reader_new(const struct kt_avro_how *how, enum kt_avro_framing framing)
	__attribute__((returns_nonnull));
void kt_avro_reader_free(struct kt_avro_reader *r);

/* A schema for data that comes without one: found by its fingerprint, by its id in a registry where that is known, and
 * the first one by bare data. A registry's number that no schema has is taken to mean the only one that was given. */
int kt_avro_give(struct kt_avro_reader *r, int64_t id, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* Whether data of the schema that was given last can be read with the reader's schema. KT_FAILED. */
int kt_avro_given_fits(const struct kt_avro_reader *r, struct kt_err *err) kt_must_check;

/* Whether a registry's number is known, so that nobody will be asked for it. */
bool kt_avro_knows(const struct kt_avro_reader *r, int64_t id);

/* From here on asks for the schemas of a registry's numbers, each once. */
void kt_avro_ask_with(struct kt_avro_reader *r, kt_avro_ask *ask, void *user);

/* Begins with new data: a message, or the front of a file. All blocks of what is whole here (ended) together unpack to
 * KT_AVRO_BLOCK_MAX bytes at most. */
void kt_avro_begin(struct kt_avro_reader *r, struct kt_bytes window, bool ended);

/* The same for a message of which it is known elsewhere that it is one datum of the registry's schema of that number.
 */
void kt_avro_begin_numbered(struct kt_avro_reader *r, struct kt_bytes message, int64_t id);

/* After kt_avro_next() gave 0 and more is to come: the bytes that were not consumed, and what is after them. */
void kt_avro_feed(struct kt_avro_reader *r, struct kt_bytes window, bool ended);

/* Nothing of the current data is wanted any more. */
void kt_avro_end(struct kt_avro_reader *r);

/* Appends the text of the next datum: 1. KT_AVRO_MET, with how.heads: kt_avro_schema_of() was met. 0: everything in the
 * window that is whole was read. -1: err says what is wrong, and kt_avro_failed_at() where; calling again goes on
 * after it, as far as that can be found. Any status but KT_FAILED is that of the question for a schema. */
enum { KT_AVRO_MET = 2 };
int kt_avro_next(struct kt_avro_reader *r, struct kt_buf *out, struct kt_err *err) kt_must_check;

/* How many bytes of the window will not be needed again, and how long it has to be at least for kt_avro_next() to give
 * more; valid after a 0. */
size_t kt_avro_consumed(const struct kt_avro_reader *r);
size_t kt_avro_needs(const struct kt_avro_reader *r);

/* The byte, counted from where the data begins, that the last error is about: inside a packed block, the block. */
int64_t kt_avro_failed_at(const struct kt_avro_reader *r);

/* Bytes of text that were made so far, those of data that failed included, and one for each datum: the work. */
uint64_t kt_avro_made(const struct kt_avro_reader *r);

/* The schema of the datum that was read last (or was tried), or NULL when none is known. Valid until the next call. */
const struct kt_avro_known *kt_avro_schema_of(const struct kt_avro_reader *r);

/* Wanted fields of the last datum, as many as there are in how, counted from where its text begins. */
const struct kt_avro_noted *kt_avro_noted(const struct kt_avro_reader *r);

#endif
