/* What the files of requests for records share.
 *
 *   reads.c     from a request to its answer
 *   readwork.c  what a thread does for it
 *   readtext.c  records as answers show them
 */
#ifndef KT_READS_OWN_H
#define KT_READS_OWN_H

#include "eventquery.h"
#include "owner.h"
#include "readquery.h"
#include "reads.h"
#include "record.h"
#include "restbody.h"
#include "workers.h"

struct kt_reads {
	struct kt_settings settings;
	struct kt_owner owner;
	struct kt_stop stop;
	struct kt_workers *workers;
	size_t most_bytes, active;
	int64_t ask_ms; /* for what is asked of brokers before the first record */
	atomic_bool hurry;
	atomic_size_t room;    /* bytes that answers may take up still */
	size_t shares;         /* one answer gets so much of it at most */
	struct kt_read *first; /* of those that are not answered */
	int64_t look_us;       /* when to see again whether their clients are there */
};

struct kt_read {
	struct kt_worker_item item;
	struct kt_reads *reads;
	struct kt_read *next, **link;
	atomic_bool closed; /* by its client: there is nobody to wait for records for */
	/* Not NULL: it is no request's but a piece of a stream, of events (eventtext.h), and this is called with it
	 * when it is done; query.starts is where the next piece begins. The read is freed afterwards. */
	void (*done)(void *user, struct kt_read *read);
	void *user;
	const struct kt_eventquery *stream; /* which records; borrowed */
	struct kt_httpd *httpd;
	uint64_t ticket;
	char *topic;
	bool v2;
	enum kt_rest_format format; /* of v2 */
	struct kt_readquery query;
	int64_t asked_us;
	struct kt_answer answer;
	int64_t n;                /* records in it */
	struct kt_buf unreadable; /* why the record that comes next cannot be shown; empty: it can */
};

/* A piece of a stream. False: there are too many reads, and it stays the caller's. */
bool kt_reads_put(struct kt_reads *r, struct kt_read *read);

/* kt_workers_how.work and .end */
void kt_read_work(void *user, void **state, struct kt_worker_item *item);
void kt_read_end(void *state);

/* Frees one that is not put. */
void kt_read_free(struct kt_read *read);

/* Appends the record to the answer. False, and the answer is as before: it cannot be shown in this format. */
bool kt_read_write(struct kt_read *read, const struct kt_record *record);

/* The answer is this error, as the row's API has it. code 0: of the status. */
void kt_read_refuse(bool v2, unsigned status, int64_t code, const char *why, struct kt_answer *answer);

#endif
