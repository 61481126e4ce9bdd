/* What clients of `kt serve` may take up: options and their defaults. */
#ifndef KT_LIMITS_H
#define KT_LIMITS_H

#include "opt.h"

struct kt_serve_limits {
	int64_t max_body, max_inflight, max_head; /* bytes */
	int64_t max_connections, max_per_address;
	int64_t max_readers;   /* requests for records that are read at once */
	int64_t max_consumers; /* members of groups */
	int64_t consumer_idle_ms;
	int64_t head_ms, body_ms, idle_ms;
	int64_t least_rate; /* bytes per second of a body */
	int64_t rate;       /* requests per second of a client; 0: any */
};

extern const struct kt_opt kt_serve_limit_opts[];

int kt_serve_limits_check(const struct kt_serve_limits *limits, struct kt_err *err) kt_must_check;

/* A descriptor for each of so many connections, and some for the rest, as far as the system lets this process have
 * them. */
void kt_serve_raise_descriptors(int64_t connections);

#endif
