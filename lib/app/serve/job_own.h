/* What the files of a request that becomes records share.
 *
 *   jobrequest.c  from a request to its records
 *   job.c         their way: topics, the queue, deliveries
 *   jobanswer.c   from what became of them to the answer
 */
#ifndef KT_JOB_OWN_H
#define KT_JOB_OWN_H

#include "recordjson.h"
#include "restbody.h"
#include "serve_own.h"

/* How many records a request may have: their number and that of their job make a tag (KT_TAG_MOST). */
enum { KT_JOB_RECORD_BITS = 24, KT_JOB_RECORDS = (1 << KT_JOB_RECORD_BITS) - 1 };

/* And how many lines, where the answer has a line for each. */
enum { KT_JOB_LINES_EACH = 100000 };

/* The offsets of a request's records in one partition. */
struct kt_job_range {
	int32_t partition;
	int64_t first, last;
};

/* What became of one record, where each is told. */
struct kt_job_outcome {
	int32_t partition;
	int64_t offset;
	unsigned status; /* 0: it was acknowledged */
	bool maybe;      /* it failed, but may be there all the same */
	char *why;
};

/* The body is a record; each of its lines is one, or one as JSON (recordjson.h); or it is as restbody.h has it. */
enum kt_job_form { KT_JOB_WHOLE, KT_JOB_LINES, KT_JOB_JSON_LINES, KT_JOB_RECORDS_V2 };

struct kt_job {
	struct kt_job *next; /* parked, too */
	struct kt_httpd *httpd;
	uint64_t ticket;
	uint32_t tag; /* its place among the jobs */
	size_t size;  /* bytes that it holds */
	struct kt_serve_topic *topic;
	int64_t until_us; /* it waits for its topic */
	const struct kt_route *route;
	struct kt_buf body; /* where the values are */
	enum kt_job_form form;
	size_t at;                  /* of the next line in it */
	struct kt_restbody records; /* of KT_JOB_RECORDS_V2; they point into the body */
	struct kt_recordjson line;  /* of KT_JOB_JSON_LINES, the last that was read */
	bool async;                 /* is answered when all are in the queue, and forgotten */
	bool sending, sent;         /* all that there are */
	struct kt_record record;
	struct kt_strs texts; /* its key, and names and values of headers in turn */
	struct kt_header *headers;
	int64_t n, waiting, delivered;
	unsigned status; /* of the first failure */
	bool no_partition;
	bool maybe;
	char why[sizeof(((struct kt_err *)0)->msg)];
	struct kt_job_range *ranges;
	size_t n_ranges, cap_ranges;
	struct kt_job_outcome *outcomes; /* one each, where each is told; or NULL */
	size_t n_outcomes;
};

/* 0 and the name of the topic, borrowed from the job or the row; or the status that the request is refused with. */
unsigned kt_job_read(struct kt_serve *s, struct kt_job *job, struct kt_http_request *request,
	const struct kt_route_found *found, const char **topic, struct kt_err *err) kt_must_check;

/* The next line of text that is not empty, without its end; false after the last. */
bool kt_job_line(const struct kt_buf *body, size_t *at, struct kt_bytes *line);

/* Its records have gone their way. */
void kt_job_write(const struct kt_job *job, struct kt_answer *answer);

/* Nothing of it was sent: why. */
void kt_job_write_failure(const struct kt_job *job, struct kt_answer *answer);

/* What became of one record, as members of an object that has begun. */
void kt_job_write_outcome(const struct kt_job_outcome *outcome, struct kt_buf *out);

/* Why a request to write to this topic is refused: 0, or a status and err. */
unsigned kt_job_refusal(const struct kt_serve *s, const struct kt_http_request *request, const char *topic,
	struct kt_err *err) kt_must_check;

/* What a failure means to a client: of a delivery, or of kt_producer_send(). */
unsigned kt_job_status_of(const struct kt_delivery *delivery);
unsigned kt_job_status_unsent(const struct kt_err *err);

/* A request of this row is refused as a whole. */
void kt_job_refuse(const struct kt_route *route, unsigned status, const char *why, struct kt_answer *answer);

#endif
