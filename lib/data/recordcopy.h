/* A record that is kept after its lender has gone on. The copy's memory is used again.
 *
 *   struct kt_recordcopy copy = {0};
 *   kt_recordcopy_set(&copy, &record);
 *   … copy.record …
 *   kt_recordcopy_fini(&copy);
 */
#ifndef KT_RECORDCOPY_H
#define KT_RECORDCOPY_H

#include "buf.h"
#include "record.h"

struct kt_recordcopy {
	struct kt_record record; /* each of its texts has a NUL after it */
	struct kt_buf bytes;
	struct kt_header *headers;
	size_t headers_cap;
};

void kt_recordcopy_set(struct kt_recordcopy *copy, const struct kt_record *record);
void kt_recordcopy_fini(struct kt_recordcopy *copy);

#endif
