/* Avro's binary encoding to text, in one pass: a schema is compiled once for a way of printing, and what it describes
 * is then printed without looking at the schema, without allocation, and without trusting a byte of it.
 *
 *   struct kt_avro_printer *program = kt_avro_printer_compile(schema, &(struct kt_avro_how){.form = KT_AVRO_JSON});
 *   struct kt_avro_run *run = kt_avro_run_new();
 *   if (kt_avro_printer_run(program, run, &data, &out, err) < 0)
 *           … err->msg is ".sensors[2].id: a string of 400 bytes, but 12 are left" at run->at - data.data …
 *
 * What each form makes of the types:
 *
 *              JSON                            Python's print()            Avro's own JSON (tagged)
 *   null       null                            None                        null
 *   float      the shortest for a float        its double, as repr()       as JSON
 *   bytes      "\u00ff": a character per byte  b'\xff'                     as JSON
 *   enum       "SYMBOL"                        'SYMBOL'                    "SYMBOL"
 *   union      the value alone                 the value alone             null, or {"full.name or type": value}
 *   date, …    as their base type              datetime.date(2026, 1, 31)  as their base type
 *
 * Numbers that JSON does not have are the strings "NaN", "Infinity" and "-Infinity". With `logical` JSON shows what
 * logical types mean: "2026-01-31", "12:00:00.500", "2026-01-31T12:00:00.000Z" (local ones without Z), decimals and
 * big decimals as numbers, UUIDs, and durations as "P1M2DT3.004S". Python's reader knows no big decimals.
 */
#ifndef KT_AVRO_PRINTER_H
#define KT_AVRO_PRINTER_H

#include "avro_schema.h"
#include "list.h"

enum {
	KT_AVRO_DEPTH = 1000,     /* lists, maps and records that refer to themselves within each other */
	KT_AVRO_EMPTIES = 100000, /* values in one datum that take no bytes: a few bytes can claim any number of them */
	KT_AVRO_TEXT_MAX = 16 << 20, /* bytes of one datum's text */
	KT_AVRO_OPS_MAX = 1 << 20,   /* operations of a program: it grows with the product of two schemas, */
	KT_AVRO_TEXTS_MAX = 64 << 20 /* and bytes of its texts */
};

enum kt_avro_form { KT_AVRO_JSON, KT_AVRO_PYTHON, KT_AVRO_TAGGED };

struct kt_avro_how {
	enum kt_avro_form form;
	bool logical;                 /* for JSON; Python always shows them, Avro's own JSON never */
	const struct kt_strs *wanted; /* fields ("a.b") of which it is noted where they stand in the text; NULL: none */
	const struct kt_avro_schema *reader; /* for avro_reader.h: as what all data is read; NULL: as it was written */
	bool heads; /* for avro_reader.h: each schema is reported where it is met, before its data, */
	bool blind; /* and the data is passed over */
};

struct kt_avro_printer; /* opaque; holds nothing of the schema */

/* Wanted fields of a schema so entangled that noting them would make it too long are not noted. */
struct kt_avro_printer *kt_avro_printer_compile(const struct kt_avro_schema *schema, const struct kt_avro_how *how)
	__attribute__((returns_nonnull));

/* The same for data of one schema that is read as another ("schema resolution", avro_resolve.h has the rules): fields
 * in the reader's order, without those that it does not have, with defaults for those that the data does not have;
 * numbers promoted, branches, symbols and names matched. All that is decided here; what is left for the data is a
 * branch or a symbol that the reader does not have. A string that is read as bytes need not be UTF-8. -1 (KT_FAILED)
 * when no datum can be read that way, with the path and the reason. */
int kt_avro_printer_resolve(struct kt_avro_printer **program, const struct kt_avro_schema *writer,
	const struct kt_avro_schema *reader, const struct kt_avro_how *how, struct kt_err *err) kt_must_check;

void kt_avro_printer_free(struct kt_avro_printer *program);

/* The memory of a program, for caches. */
size_t kt_avro_printer_size(const struct kt_avro_printer *program);

struct kt_avro_frame {
	uint32_t back;  /* of a call: where it goes on */
	uint64_t left;  /* of a list or map: items of this block, this one included */
	uint64_t index; /* of the item */
	struct kt_bytes key;
};

/* Where a wanted field stands, counted from where the datum's text begins. */
struct kt_avro_noted {
	bool there;
	size_t at, len;
};

/* The working memory of a decoder. */
struct kt_avro_run {
	const struct kt_avro_printer *program;
	const unsigned char *at, *end; /* at: after an error, where it was met */
	struct kt_buf *out;
	size_t start; /* of this datum in out */
	uint64_t empties;
	struct kt_err *err;
	bool skip;     /* nothing is shown: text is taken back to `kept` */
	uint64_t made; /* bytes of text so far, those of data that failed included, and one for each datum */
	uint32_t depth;
	struct kt_avro_noted *noted; /* one for each wanted field */
	size_t n_noted;
	size_t kept;                          /* of out, while what follows is taken back */
	const unsigned char *back, *back_end; /* at and end of the data, while a default is read; else NULL */
	size_t *pieces; /* where each piece of the records that are reordered begins, the innermost last */
	size_t n_pieces, pieces_cap;
	struct kt_buf moved;
	struct kt_avro_frame frames[KT_AVRO_DEPTH];
};

struct kt_avro_run *kt_avro_run_new(void) __attribute__((returns_nonnull));
void kt_avro_run_free(struct kt_avro_run *run);

/* Appends the text of the datum at the front of *data, which is then moved after it. -1 (KT_FAILED) with the path and
 * the reason, and out and *data are as before. */
int kt_avro_printer_run(const struct kt_avro_printer *program, struct kt_avro_run *run, struct kt_bytes *data,
	struct kt_buf *out, struct kt_err *err) kt_must_check;

/* Moves *data after the datum at its front without showing it: what can only not be shown (text that is not UTF-8, or
 * too much of it) is passed over. program: of the schema that it was written with. -1: its end cannot be found, and
 * *data is as before. */
int kt_avro_printer_skip(
	const struct kt_avro_printer *program, struct kt_avro_run *run, struct kt_bytes *data) kt_must_check;

#endif
