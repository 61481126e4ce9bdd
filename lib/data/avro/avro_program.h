/* What avro_compile.c makes and avro_run.c runs: a flat list of operations. Used by these two alone.
 *
 * Every operation first adds its text (what stands between the value before and this one), then does its work. A record
 * is nothing but the texts between its fields. Types that are used in several places, or in themselves, are functions.
 */
#ifndef KT_AVRO_PROGRAM_H
#define KT_AVRO_PROGRAM_H

#include "avro_printer.h"

enum code {
	KT_OP_END,
	KT_OP_TEXT, /* nothing but its text */
	KT_OP_JUMP, /* arg: to where */
	KT_OP_CALL, /* arg: of the function; least: of its type */
	KT_OP_RETURN,
	KT_OP_UNION,    /* arg: in targets, how many there are, then where each branch begins */
	KT_OP_LIST,     /* arg: after the list; least: of an item */
	KT_OP_LIST_END, /* arg: of the item's first operation; least: as above */
	KT_OP_MAP,
	KT_OP_MAP_END,
	KT_OP_NOTE, /* arg: which wanted field begins here */
	KT_OP_NOTE_END,
	/* What only stands where a schema is read as another. */
	KT_OP_REFUSE,     /* arg: in texts, why no data can be read here; least: its length */
	KT_OP_FORGET,     /* what is printed from here on */
	KT_OP_FORGET_END, /* is taken back */
	KT_OP_DEFAULT,    /* arg: in texts, the bytes that are read from here on instead of the data; least: how many */
	KT_OP_DEFAULT_END,
	KT_OP_REORDER,     /* arg: how many pieces follow */
	KT_OP_PIECE,       /* arg: how many follow, itself included */
	KT_OP_REORDER_END, /* arg: in targets, how many there are, then which stands first, second, … */
	KT_OP_INT_AS_REAL, /* arg: KT_OP_FLOAT, KT_OP_FLOAT_AS_DOUBLE or KT_OP_DOUBLE: as what it is printed */
	KT_OP_LONG_AS_REAL,
	KT_OP_BOOLEAN,
	KT_OP_INT,
	KT_OP_LONG,
	KT_OP_FLOAT,
	KT_OP_FLOAT_AS_DOUBLE, /* in Python, and where the reader's schema has a double */
	KT_OP_DOUBLE,
	KT_OP_PYTHON_DOUBLE,
	KT_OP_STRING,
	KT_OP_PYTHON_STRING,
	KT_OP_BYTES,
	KT_OP_PYTHON_BYTES,
	KT_OP_FIXED, /* arg: bytes */
	KT_OP_PYTHON_FIXED,
	/* arg: in targets, how many symbols there are, then where each of their texts begins, and ends. A text without
	 * a quote in front is why the symbol cannot be read. */
	KT_OP_ENUM,
	KT_OP_LOGICAL_INT,   /* arg: enum kt_avro_logical */
	KT_OP_LOGICAL_LONG,  /* the same */
	KT_OP_DECIMAL,       /* arg: the scale */
	KT_OP_DECIMAL_FIXED, /* arg: the scale; least: bytes */
	KT_OP_BIG_DECIMAL,
	KT_OP_UUID_STRING,
	KT_OP_UUID_FIXED,
	KT_OP_DURATION,
};

struct op {
	uint32_t code;
	uint32_t arg;
	uint32_t least;
	uint32_t place; /* in places: what is printed here */
	uint32_t text, text_len;
};

/* A step of the path to a value. The list of fields of a record inside a record is one chain. */
enum step { KT_STEP_ROOT, KT_STEP_FIELD, KT_STEP_ITEM, KT_STEP_VALUE };

struct place {
	enum step step;
	uint32_t parent;
	uint32_t text, text_len; /* of a field's name */
};

enum { KT_OP_TEXT_SLACK = 16 }; /* readable bytes after the texts: they are copied in steps */

struct kt_avro_printer {
	struct op *ops;
	uint32_t *targets;
	struct place *places;
	struct kt_buf texts;
	size_t n_ops, n_targets, n_places, ops_cap, targets_cap, places_cap;
	size_t n_wanted;
	bool python;
	const char *between, *colon; /* between items, and after the key of a map */
};

#endif
