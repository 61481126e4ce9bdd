/* Records of a topic as arrivals of what a log says was sent: their containers decoded, their hashes opened.
 *
 *   kt_auto(kt_arrivals_fini) struct kt_arrivals a = {0};
 *   if (kt_arrivals_init(&a, &truth, secret_key, err) < 0)
 *           return -1;
 *   kt_arrivals_take(&a, &record);                           each record, headers included
 */
#ifndef KT_ARRIVALS_H
#define KT_ARRIVALS_H

#include "avro_reader.h"
#include "hash.h"
#include "record.h"
#include "truthcheck.h"

struct kt_arrivals {
	struct kt_truth *truth; /* borrowed */
	struct kt_avro_how how;
	struct kt_strs wanted;
	struct kt_avro_reader *reader;
	struct kt_hash *hash;
	struct kt_buf text, plain, decoded;
	char unlike[256];
	int64_t taken, strangers; /* strangers: of experiments that the log does not have */
};

/* KT_USAGE for a bad key. */
int kt_arrivals_init(
	struct kt_arrivals *a, struct kt_truth *truth, const char *secret_key, struct kt_err *err) kt_must_check;

void kt_arrivals_take(struct kt_arrivals *a, const struct kt_record *record);

void kt_arrivals_fini(struct kt_arrivals *a);

#endif
