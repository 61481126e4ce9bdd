/* What kt produce makes of a piece of its input: a record with the key, the headers and the time that the options say,
 * or the one that a JSON object stands for; key and value encoded where there is a schema.
 *
 *   kt_auto(kt_recordbuild_fini) struct kt_recordbuild c = {0};
 *   if (kt_recordbuild_open(&c, &how, err) < 0)
 *           return -1;
 *   if (kt_recordbuild(&c, &piece, number, err) == 0)
 *           … kt_producer_send(producer, &c.record, piece.line, err) …
 */
#ifndef KT_RECORDBUILD_H
#define KT_RECORDBUILD_H

#include "encode.h"
#include "input.h"
#include "list.h"
#include "recordjson.h"

struct kt_recordbuild_how {
	const char *key;                     /* of every record; NULL: the piece's */
	bool key_seq;                        /* the record's number is its key */
	const struct kt_strs *headers;       /* NAME=VALUE, or NAME for a null value; borrowed, as all here */
	const char *timestamp;               /* as --timestamp says it; NULL: none */
	bool null_empty;                     /* empty keys and values are null */
	const char *null_marker;             /* keys, values and values of headers that are this are null; NULL: none */
	bool parse_headers;                  /* a piece begins with NAME:VALUE,NAME:VALUE and a tab */
	struct kt_split split;               /* with parse_headers: how the rest becomes key and value */
	bool json;                           /* a piece is what kt consume -J writes; the above mean nothing then */
	bool keep_partition;                 /* with json: to the partition that it names */
	const struct kt_encode_opts *encode; /* values are JSON, and encoded by this; NULL: they stay as they are */
	const struct kt_encode_opts *encode_keys; /* keys likewise */
	const char *pack, *pack_keys;             /* values, keys are text, and packed by this format; NULL: not */
	struct kt_encode_for whom;
	/* What stands between the parts of a piece with parse_headers; NULL: a tab, a comma, a colon. */
	const char *headers_delim, *headers_separator, *header_separator;
	bool strict;  /* a piece without its key delimiter is refused */
	bool lenient; /* and one without the delimiter of its headers has none */
};

struct kt_recordbuild {
	struct kt_recordbuild_how how;
	struct kt_header *headers; /* those of the options; the piece's after them */
	size_t headers_cap;
	int64_t timestamp_ms;
	struct kt_recordjson envelope;
	struct kt_encode encode, encode_keys;
	struct kt_buf packed, packed_key;
	char sequence[24];       /* the key of key_seq */
	struct kt_record record; /* the last one that was composed */
};

/* KT_USAGE, naming the option. */
int kt_recordbuild_open(
	struct kt_recordbuild *c, const struct kt_recordbuild_how *how, struct kt_err *err) kt_must_check;

/* Pieces are records as they stand, but for one key of all. */
bool kt_recordbuild_is_plain(const struct kt_recordbuild *c);

/* Makes c->record of the piece, the number-th that is sent. It borrows from both until the next one. -1 when the piece
 * is no such JSON, or does not fit the schema. */
int kt_recordbuild(
	struct kt_recordbuild *c, const struct kt_piece *piece, int64_t number, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_recordbuild_fini(struct kt_recordbuild *c);

#endif
