/* What avro_compile.c makes and avro_run.c runs: a flat list of operations. Used by these two alone.
 *
 * Every operation first adds its text (what stands between the value before and this one), then does its work. A record
 * is nothing but the texts between its fields. Types that are used in several places, or in themselves, are functions.
 */
#ifndef KT_AVRO_PROGRAM_H
#define KT_AVRO_PROGRAM_H

#include "avro_printer.h"

enum code {
	END,
	TEXT, /* nothing but its text */
	JUMP, /* arg: to where */
	CALL, /* arg: of the function; least: of its type */
	RETURN,
	UNION,    /* arg: in targets, how many there are, then where each branch begins */
	LIST,     /* arg: behind the list; least: of an item */
	LIST_END, /* arg: of the item's first operation; least: as above */
	MAP,
	MAP_END,
	NOTE, /* arg: which wanted field begins here */
	NOTE_END,
	/* What only stands where a schema is read as another. */
	REFUSE,     /* arg: in texts, why no data can be read here; least: its length */
	FORGET,     /* what is printed from here on */
	FORGET_END, /* is taken back */
	DEFAULT,    /* arg: in texts, the bytes that are read from here on instead of the data; least: how many */
	DEFAULT_END,
	REORDER,     /* arg: how many pieces follow */
	PIECE,       /* arg: how many follow, itself included */
	REORDER_END, /* arg: in targets, how many there are, then which stands first, second, … */
	INT_AS_REAL, /* arg: FLOAT, FLOAT_AS_DOUBLE or DOUBLE: as what it is printed */
	LONG_AS_REAL,
	BOOLEAN,
	INT,
	LONG,
	FLOAT,
	FLOAT_AS_DOUBLE, /* in Python, and where the reader's schema has a double */
	DOUBLE,
	PYTHON_DOUBLE,
	STRING,
	PYTHON_STRING,
	BYTES,
	PYTHON_BYTES,
	FIXED, /* arg: bytes */
	PYTHON_FIXED,
	/* arg: in targets, how many symbols there are, then where each of their texts begins, and ends. A text without
	 * a quote in front is why the symbol cannot be read. */
	ENUM,
	LOGICAL_INT,   /* arg: enum kt_avro_logical */
	LOGICAL_LONG,  /* the same */
	DECIMAL,       /* arg: the scale */
	DECIMAL_FIXED, /* arg: the scale; least: bytes */
	UUID_STRING,
	UUID_FIXED,
	DURATION,
};

struct op {
	uint32_t code;
	uint32_t arg;
	uint32_t least;
	uint32_t place; /* in places: what is printed here */
	uint32_t text, text_len;
};

/* A step of the path to a value. The list of fields of a record inside a record is one chain. */
enum step { ROOT, FIELD, ITEM, VALUE };

struct place {
	enum step step;
	uint32_t parent;
	uint32_t text, text_len; /* of a field's name */
};

enum { TEXT_SLACK = 16 }; /* readable bytes behind the texts: they are copied in steps */

struct kt_avro_printer {
	struct op *ops;
	uint32_t *targets;
	struct place *places;
	struct kt_buf texts;
	size_t n_ops, n_targets, n_places, ops_cap, targets_cap, places_cap;
	size_t n_wanted;
	bool python;
	const char *between, *colon; /* between items, and behind the key of a map */
};

#endif
