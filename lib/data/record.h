/* One Kafka record as bytes, whatever it came from. Borrows everything. */
#ifndef KT_RECORD_H
#define KT_RECORD_H

#include "base.h"

enum kt_tstype { KT_TS_NONE, KT_TS_CREATE, KT_TS_APPEND };

/* Header names are C strings in librdkafka's API: no NUL inside. value.data == NULL is a null value. */
struct kt_header {
	struct kt_bytes name;
	struct kt_bytes value;
};

struct kt_record {
	struct kt_bytes topic;
	int32_t partition; /* -1: not given */
	int64_t offset;    /* -1: not given */
	enum kt_tstype tstype;
	int64_t ts_ms; /* meaningless with KT_TS_NONE */
	struct kt_bytes key, value;
	const struct kt_header *headers;
	size_t n_headers;
};

#endif
