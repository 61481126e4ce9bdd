/* JSON objects as rows: named columns that are cut out of one text after another, each in one pass.
 *
 *   struct kt_jsoncolumns c = {.reserved = names};
 *   if (kt_jsoncolumns_add(&c, "room=sensor.room:text", err) < 0)       columns that somebody named, or else
 *           return -1;
 *   kt_jsoncolumns_learn(&c, text);                                     those that a sample of the texts has
 *   bool good = kt_jsoncolumns_cut(&c, text);                           for each text
 *   kt_jsoncolumns_cell(&c, i, &cell);                                  for each column that is wanted
 *   kt_jsoncolumns_fini(&c);
 *
 * A column is a member of the object, or a path below one (jsonfind.h). Of members of the same name the first one
 * counts. Members that no column has are noted, so that it can be said in the end that there are such.
 */
#ifndef KT_JSONCOLUMNS_H
#define KT_JSONCOLUMNS_H

#include "buf.h"
#include "err.h"

enum {
	KT_JSONCOLUMNS_MAX = 1000,    /* columns, and members that are told apart */
	KT_JSONCOLUMNS_NAME_MAX = 256 /* bytes of a member's name that becomes a column's */
};

enum kt_column_type {
	KT_COLUMN_ANY, /* as it is in JSON: true and false are 1 and 0, objects and lists their text; and so is a number
			* that no 64 bits have: whole and beyond them, or beyond a double */
	KT_COLUMN_TEXT, /* what is no string is its JSON text */
	KT_COLUMN_INT,  /* whole numbers, also in strings; else null */
	KT_COLUMN_REAL, /* numbers, also in strings; else null */
	KT_COLUMN_JSON, /* the JSON text, of strings too */
};
extern const char *const kt_column_types[]; /* their words; NULL at the end */

struct kt_jsoncolumn {
	char *name;    /* unlike all others and the reserved ones, also where case does not matter */
	char *path;    /* below the member; NULL: the member itself */
	size_t member; /* KT_JSONCOLUMNS_WHOLE: the path begins at the text itself */
	enum kt_column_type type;
	bool renamed; /* the member's name was taken already */
};
#define KT_JSONCOLUMNS_WHOLE SIZE_MAX

struct kt_jsonmember {
	char *name;
	size_t len;
	bool later;    /* no column has it: it was met after the sample */
	uint64_t seen; /* the text that it was met in last, by its number */
	size_t next;   /* the member that stood behind it there */
	struct kt_bytes value;
};

/* Starts as {0}, or with: */
struct kt_jsoncolumns {
	const char *const *reserved; /* names that no column gets; NULL at the end; borrowed. May be NULL */
	bool rounds;                 /* for comparing: any number is one, if need be the nearest double */
	/* The rest is read, and written by jsoncolumns.c. */
	struct kt_jsoncolumn *v;
	size_t n, cap;
	struct kt_jsonmember *members;
	size_t n_members, members_cap;
	size_t *order; /* of the members, by their names */
	size_t order_cap;
	size_t first;    /* the member that stands in front mostly */
	uint64_t number; /* of texts so far */
	bool whole;      /* a column begins at the text itself */
	size_t n_later;  /* members that no column has; those that cannot be told apart any more are not counted, */
	bool more_later; /* but there are some */
	bool rest;       /* the text that was cut last has members that no column is cut from */
	struct kt_bytes text;
	struct kt_buf scratch, decoded;
};

/* A value of a row. */
enum kt_cell_kind { KT_CELL_NULL, KT_CELL_INT, KT_CELL_REAL, KT_CELL_TEXT };
struct kt_cell {
	enum kt_cell_kind kind;
	int64_t i64;
	double real;
	struct kt_bytes text;
};

/* Adds the column that words stand for: NAME=PATH[:TYPE], or PATH[:TYPE], whose name is the path. A path may begin with
 * "$.". KT_USAGE. */
int kt_jsoncolumns_add(struct kt_jsoncolumns *c, const char *words, struct kt_err *err) kt_must_check;

/* The same with its parts, for who has kept them: the path as kt_jsoncolumns_path() gives it. KT_USAGE. */
int kt_jsoncolumns_put(struct kt_jsoncolumns *c, const char *name, const char *path, enum kt_column_type type,
	struct kt_err *err) kt_must_check;

/* The whole path of a column. */
void kt_jsoncolumns_path(const struct kt_jsoncolumns *c, size_t i, struct kt_buf *out);

/* The column of a name, where case does not matter; KT_JSONCOLUMNS_WHOLE: there is none. */
size_t kt_jsoncolumns_find(const struct kt_jsoncolumns *c, const char *name);

/* Adds columns for the members that were met later, and have their values for the text that was cut last. */
void kt_jsoncolumns_adopt(struct kt_jsoncolumns *c);

/* Adds a column for each member that has none yet. A member whose name is empty, too long, or holds a NUL becomes none,
 * and no more than KT_JSONCOLUMNS_MAX do: those count as met later. False: text is not a JSON object. */
bool kt_jsoncolumns_learn(struct kt_jsoncolumns *c, struct kt_bytes text);

/* Orders columns by their names' bytes. */
void kt_jsoncolumns_sort(struct kt_jsoncolumns *c);

/* The text that cells are taken from, borrowed until the next one. False: it is not JSON, or not an object while
 * columns are members, and all of its cells are null. */
bool kt_jsoncolumns_cut(struct kt_jsoncolumns *c, struct kt_bytes text);

/* The cell of column i; its text is valid until the next call. */
void kt_jsoncolumns_cell(struct kt_jsoncolumns *c, size_t i, struct kt_cell *cell);

/* Any JSON value as a cell; decoded: where its text may be put. value is JSON, or data is NULL. */
void kt_cell_of_json(struct kt_cell *cell, struct kt_bytes value, enum kt_column_type type, struct kt_buf *decoded);

void kt_jsoncolumns_fini(struct kt_jsoncolumns *c);

#endif
