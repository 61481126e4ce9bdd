/* From descriptors to records without copying: files and stdin are read into shared blocks, and each record is a pair
 * of slices of a block. A block lives until its last record is released, so that it can be handed to librdkafka as it
 * is.
 *
 *   struct kt_input in; kt_input_init(&in, &how);
 *   switch (kt_input_next(&in, &piece)) {
 *   case KT_INPUT_PIECE: use(piece); kt_block_unref(&in.pool, piece.block); …
 *   case KT_INPUT_EMPTY: wait for in.fd to be readable, then kt_input_fill(&in, err)
 *
 * Memory is bounded: at most max_bytes of blocks exist (then KT_INPUT_FULL until some are released), and a record of
 * more than max_record bytes is skipped, reported as KT_INPUT_TOO_LARGE and never held.
 */
#ifndef KT_INPUT_H
#define KT_INPUT_H

#include "err.h"
#include "jsonsplit.h"
#include "list.h"
#include "split.h"

struct kt_block {
	uint16_t index; /* 1 to 65535, its place in the pool; 0 is "no block" */
	uint32_t refs;
	size_t len, cap;
	char *data;
};

struct kt_pool {
	struct kt_block **v;
	size_t n, cap;
	size_t bytes, max_bytes; /* of all blocks that are referenced */
};

void kt_block_unref(struct kt_pool *pool, struct kt_block *block);

struct kt_input_how {
	const struct kt_strs *files; /* borrowed; "-" is stdin; an empty list: stdin alone */
	struct kt_split split;
	bool whole;        /* each file is one record; no delimiters */
	bool json;         /* a record is an object, which may go over several lines; no delimiters either */
	size_t max_record; /* bytes of key and value together */
	size_t max_bytes;
};

struct kt_piece {
	struct kt_block *block; /* a reference that the receiver owns */
	struct kt_bytes key;    /* data NULL: no key delimiter in the record */
	struct kt_bytes value;  /* never NULL */
	int64_t line;           /* counted from 1 through all files; of several lines the first */
};

struct kt_input {
	struct kt_pool pool;
	struct kt_input_how how;
	int fd; /* of the current file; -1: none open */
	struct kt_block *block;
	size_t start;    /* in block: of the unfinished record */
	size_t searched; /* bytes after start that hold no delimiter */
	struct kt_jsonsplit json;
	bool eof;      /* the current file has ended, what is left of it is its last record */
	bool due;      /* a whole file is a record even when it is empty */
	bool skipping; /* the unfinished record is too large, its bytes are dropped as they come */
	bool stopped;
	size_t next_file;
	int64_t line;
	int64_t bytes;        /* read so far */
	int64_t *first_lines; /* of each file, for kt_input_place() */
};

enum kt_input_state { KT_INPUT_PIECE, KT_INPUT_TOO_LARGE, KT_INPUT_EMPTY, KT_INPUT_FULL, KT_INPUT_END };

void kt_input_init(struct kt_input *in, const struct kt_input_how *how);

/* The next record. KT_INPUT_TOO_LARGE: piece.line says which; its bytes are being skipped. KT_INPUT_EMPTY: fill first.
 * KT_INPUT_FULL: release blocks first. */
enum kt_input_state kt_input_next(struct kt_input *in, struct kt_piece *piece);

/* Reads once from the current file, opening the next one where needed. Blocks only when in->fd is not readable.
 * -1 with err (KT_FAILED) naming the file. */
int kt_input_fill(struct kt_input *in, struct kt_err *err) kt_must_check;

/* Bytes of all files together; 0 when one of them is not a file that has a size. */
int64_t kt_input_size(const struct kt_input *in);

/* Reads no more: after the records that are complete in memory comes the end. An unfinished one is dropped. */
void kt_input_stop(struct kt_input *in);

/* "line 17", "a.txt:17" or "a.txt" (whole files) for a line number, into out; returns out. */
const char *kt_input_place(const struct kt_input *in, int64_t line, char *out, size_t size);

void kt_input_fini(struct kt_input *in);

#endif
