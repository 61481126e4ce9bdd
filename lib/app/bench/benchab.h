/* The report of ApacheBench: its lines, and its formulas, of requests whose times are kept one by one.
 *
 *   kt_auto(kt_benchab_fini) struct kt_benchab ab = {.concurrency = 10, …};
 *   kt_benchab_add(&ab, connect_us, total_us, wait_us);
 *   kt_benchab_report(&ab, &out);
 */
#ifndef KT_BENCHAB_H
#define KT_BENCHAB_H

#include "buf.h"

enum { KT_BENCHAB_SAMPLES = 10000000 }; /* later ones are in the counts, not in the times */

/* Microseconds: until it was connected, in all, and from the last byte of the request to the first of the answer. */
struct kt_benchab_sample {
	uint32_t connect, total, wait;
};

struct kt_benchab {
	const char *host, *path; /* borrowed */
	int port;
	char server[64], tls[128], tls_name[256]; /* as the first answer has it; empty: unknown, or no TLS */
	int64_t document;                         /* bytes of the first body; -1: there was none */
	int64_t concurrency, done, failed;
	int64_t failed_connect, failed_receive, failed_length, failed_other;
	int64_t not_2xx, kept;
	bool keep, posts;
	int64_t received, received_body, sent; /* bytes */
	double seconds;
	struct kt_benchab_sample *v; /* of the first n that were done */
	size_t n, cap;
};

void kt_benchab_add(struct kt_benchab *ab, int64_t connect_us, int64_t total_us, int64_t wait_us);

/* Sorts the samples. */
void kt_benchab_report(struct kt_benchab *ab, struct kt_buf *out);

void kt_benchab_fini(struct kt_benchab *ab);

#endif
