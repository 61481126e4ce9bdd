/* What keys and values are, as -s says it: bytes, Avro, or packed integers.
 *
 *   kt_auto(kt_serdes_fini) struct kt_serdes serdes = {0};
 *   if (kt_serdes_parse(&serdes, &opts->serdes, err) < 0)             "value=avro", "key=i,value=avro", ">q", "avro"
 *           return -1;
 *   … serdes.value.avro …
 *   kt_serdes_unpack(&text, serdes.key.packed, &record, "key", record.key, &decode, err)
 */
#ifndef KT_SERDE_H
#define KT_SERDE_H

#include "decode.h"

struct kt_serde {
	bool avro;
	char *packed; /* a format of packed.h; NULL: none */
};

struct kt_serdes {
	struct kt_serde key, value;
};

/* Without "key=" or "value=" in front avro and raw are for values, a format is for both. KT_USAGE. */
int kt_serdes_parse(struct kt_serdes *s, const struct kt_strs *words, struct kt_err *err) kt_must_check;
void kt_serdes_fini(struct kt_serdes *s);

/* Puts the text of packed bytes, which are those of the record's part, into out, and makes bytes borrow from there: 1.
 * 0: they are not what the format says, which was said; or there are none. -1 with --strict. */
int kt_serdes_unpack(struct kt_buf *out, const char *format, const struct kt_record *record, const char *part,
	struct kt_bytes *bytes, struct kt_decode *decode, struct kt_err *err) kt_must_check;

/* The text of a record's Avro key, which is one datum: 1, and key borrows until the next call. 0: it is none, which was
 * said; or there is none. -1: as kt_decode_next(). keys: opened for keys. */
int kt_serdes_decode_key(
	struct kt_decode *keys, const struct kt_record *record, struct kt_bytes *key, struct kt_err *err) kt_must_check;

#endif
