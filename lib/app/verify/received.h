/* Records of a topic as arrivals of what a log says was sent: their containers decoded, their hashes opened.
 *
 *   kt_auto(kt_received_fini) struct kt_received a = {0};
 *   if (kt_received_init(&a, &sent, secret_key, err) < 0)
 *           return -1;
 *   kt_received_take(&a, &record);                           each record, headers included
 */
#ifndef KT_RECEIVED_H
#define KT_RECEIVED_H

#include "avro_reader.h"
#include "measurementhash.h"
#include "record.h"
#include "sentcheck.h"

struct kt_received {
	struct kt_sentlog *sent; /* borrowed */
	struct kt_avro_how how;
	struct kt_strs wanted;
	struct kt_avro_reader *reader;
	struct kt_measurementhash *hash;
	struct kt_buf text, plain, decoded;
	char unlike[256];
	int64_t taken, strangers; /* strangers: of experiments that the log does not have */
	int64_t sealed;           /* events whose measurement_hash the key does not open */
};

/* KT_USAGE for a bad key. */
int kt_received_init(
	struct kt_received *a, struct kt_sentlog *sent, const char *secret_key, struct kt_err *err) kt_must_check;

void kt_received_take(struct kt_received *a, const struct kt_record *record);

void kt_received_fini(struct kt_received *a);

#endif
