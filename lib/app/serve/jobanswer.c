/* From what became of records to the answer. */
#include "job_own.h"

#include <time.h>

#include "digest.h"
#include "esc.h"
#include "json.h"
#include "jsonout.h"

/* {"topic":"t","partition":0,"offset":42} */
static void write_one(const struct kt_job *job, struct kt_buf *out)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "topic", job->topic->name);
	kt_jsonout_i64(out, "partition", job->ranges[0].partition);
	kt_jsonout_i64(out, "offset", job->ranges[0].first);
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

/* {"records":500,"failed":0,"offsets":{"2":[186151,186650]}} */
static void write_many(const struct kt_job *job, struct kt_buf *out)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "records", job->n);
	kt_jsonout_i64(out, "failed", job->n - job->delivered);
	if (job->status)
		kt_jsonout_words(out, "error", job->why);
	if (job->maybe)
		kt_jsonout_bool(out, "maybe_written", true);
	kt_jsonout_begin(out, "offsets", '{');
	for (size_t i = 0; i < job->n_ranges; i++) {
		const struct kt_job_range *r = &job->ranges[i];
		char partition[16];
		snprintf(partition, sizeof(partition), "%d", (int)r->partition);
		kt_jsonout_begin(out, partition, '[');
		kt_jsonout_i64(out, NULL, r->first);
		kt_jsonout_i64(out, NULL, r->last);
		kt_jsonout_end(out, ']');
	}
	kt_jsonout_end(out, '}');
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

void kt_job_write_outcome(const struct kt_job_outcome *o, struct kt_buf *out)
{
	if (o->status) {
		kt_jsonout_i64(out, "status", o->status);
		kt_jsonout_words(out, "error", o->why);
	} else {
		kt_jsonout_i64(out, "partition", o->partition);
		kt_jsonout_i64(out, "offset", o->offset);
	}
	if (o->maybe)
		kt_jsonout_bool(out, "maybe_written", true);
}

/* A line for each: {"partition":0,"offset":42}, or {"status":503,"error":"…","maybe_written":true}. */
static void write_each(const struct kt_job *job, struct kt_buf *out)
{
	for (size_t i = 0; i < job->n_outcomes; i++) {
		kt_jsonout_begin(out, NULL, '{');
		kt_job_write_outcome(&job->outcomes[i], out);
		kt_jsonout_end(out, '}');
		kt_buf_addc(out, '\n');
	}
}

static void write_lines(const struct kt_job *job, struct kt_answer *answer)
{
	answer->status = !job->status ? 200 : job->delivered ? 207 : job->status;
	answer->type = job->outcomes ? "application/x-ndjson" : "application/json";
	if (job->outcomes)
		write_each(job, &answer->body);
	else
		write_many(job, &answer->body);
}

/* The codes of Confluent's REST proxy for a record that failed: for good, and such that it may be sent again. */
enum { CODE_REFUSED = 50002, CODE_RETRY = 50003, CODE_BAD = 42206 };

static int64_t record_code(unsigned status)
{
	return status == 503   ? CODE_RETRY
	       : status == 422 ? CODE_BAD
	       : status == 403 ? 40301
	       : status == 404 ? 40401
			       : CODE_REFUSED;
}

/* And for a request as a whole. */
static int64_t request_code(unsigned status)
{
	static const struct {
		unsigned status;
		int64_t code;
	} codes[] = {{401, 40101}, {403, 40301}, {404, 40401}, {422, CODE_BAD}, {502, CODE_REFUSED}, {503, 50301}};
	for (size_t i = 0; i < KT_LEN(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return status;
}

static void write_outcome(const struct kt_job_outcome *o, struct kt_buf *out)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_count(out, "partition", o->status ? -1 : o->partition);
	kt_jsonout_count(out, "offset", o->status ? -1 : o->offset);
	kt_jsonout_count(out, "error_code", o->status ? record_code(o->status) : -1);
	kt_jsonout_words(out, "error", o->why);
	kt_jsonout_end(out, '}');
}

static void write_records(const struct kt_job *job, struct kt_answer *answer)
{
	struct kt_buf *out = &answer->body;
	char failed[24];
	answer->status = !job->status || job->delivered ? 200 : job->status;
	answer->type = KT_SERVE_V2_TYPE;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_begin(out, "offsets", '[');
	for (size_t i = 0; i < job->records.n; i++)
		write_outcome(&job->outcomes[i], out);
	kt_jsonout_end(out, ']');
	kt_jsonout_null(out, "key_schema_id");
	kt_jsonout_null(out, "value_schema_id");
	if (job->maybe)
		kt_jsonout_bool(out, "maybe_written", true);
	kt_jsonout_end(out, '}');
	if (!job->status)
		return;
	snprintf(failed, sizeof(failed), "%lld", (long long)(job->n - job->delivered));
	kt_answer_header(answer, "Kt-Failed", failed);
}

/* The programs of the exercises say it in Python's layout. */
static void write_message(unsigned status, struct kt_answer *answer)
{
	const char *text = !status                          ? "Success"
			   : status == 404                  ? "Invalid Topic"
			   : status >= 400 && status <= 422 ? "Invalid Request"
							    : "Not Delivered";
	answer->status = !status ? 200 : status == 404 || status == 422 ? 400 : status;
	answer->type = "application/json";
	answer->body.len = 0;
	kt_buf_addf(&answer->body, "{\"msg\": \"%s\"}", text);
}

void kt_serve_error(struct kt_answer *answer, unsigned status, const char *text)
{
	answer->status = status;
	answer->type = "application/json";
	answer->body.len = 0;
	kt_jsonout_begin(&answer->body, NULL, '{');
	kt_jsonout_words(&answer->body, "error", text);
	kt_buf_adds(&answer->body, "}\n");
	if (status == 503)
		kt_answer_header(answer, "Retry-After", "1");
}

void kt_serve_error_v2(struct kt_answer *answer, unsigned status, int64_t code, const char *why)
{
	struct kt_buf *out = &answer->body;
	answer->status = status;
	answer->type = KT_SERVE_V2_TYPE;
	out->len = 0;
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "error_code", code ? code : request_code(status));
	kt_jsonout_words(out, "message", why);
	kt_jsonout_end(out, '}');
	if (status == 503)
		kt_answer_header(answer, "Retry-After", "1");
}

void kt_job_refuse(const struct kt_route *route, unsigned status, const char *why, struct kt_answer *answer)
{
	if (route->action->id == KT_ROUTE_MESSAGE) {
		write_message(status, answer);
		if (status == 503)
			kt_answer_header(answer, "Retry-After", "1");
	} else if (kt_route_speaks_v2(route)) {
		kt_serve_error_v2(answer, status, 0, status == 404 ? "Topic not found." : why);
	} else {
		kt_serve_error(answer, status, why);
	}
}

void kt_job_write_failure(const struct kt_job *job, struct kt_answer *answer)
{
	if (job->no_partition && kt_route_speaks_v2(job->route))
		kt_serve_error_v2(answer, 404, 40402, "Partition not found.");
	else
		kt_job_refuse(job->route, job->status, job->why, answer);
	if (!job->maybe || job->route->action->id == KT_ROUTE_MESSAGE)
		return;
	size_t end = strlen("}\n");
	answer->body.len -= end;
	kt_jsonout_bool(&answer->body, "maybe_written", true);
	kt_buf_adds(&answer->body, "}\n");
}

static void write_success(const struct kt_job *job, struct kt_answer *answer)
{
	const char *reply = kt_route_param(job->route, "reply"), *type = kt_route_param(job->route, "type");
	switch (job->route->action->id) {
	case KT_ROUTE_MESSAGE:
		write_message(0, answer);
		break;
	case KT_ROUTE_EVENT:
		answer->type = type ? type : "text/plain; charset=utf-8";
		kt_buf_adds(&answer->body, reply ? reply : "");
		break;
	case KT_ROUTE_ECHO:
		answer->type = "application/json; charset=utf-8";
		kt_buf_add(&answer->body, job->body.data, job->body.len);
		kt_serve_like(job->route, answer);
		break;
	default:
		answer->type = "application/json";
		write_one(job, &answer->body);
		break;
	}
}

void kt_job_write(const struct kt_job *job, struct kt_answer *answer)
{
	bool begun = job->n, forgiven = kt_route_param(job->route, "on-error");
	if (job->async && !job->status && job->route->action->id != KT_ROUTE_EVENT) {
		answer->status = 204;
	} else if (job->form == KT_JOB_RECORDS_V2 && begun) {
		write_records(job, answer);
	} else if (job->form != KT_JOB_WHOLE && job->form != KT_JOB_RECORDS_V2 && begun) {
		write_lines(job, answer);
	} else if (job->status && !forgiven) {
		kt_job_write_failure(job, answer);
		return;
	} else {
		write_success(job, answer);
	}
	if (answer->status == 503)
		kt_answer_header(answer, "Retry-After", "1");
}

static void add_date(struct kt_answer *answer)
{
	char text[40];
	struct tm now;
	time_t seconds = time(NULL);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &now));
	kt_answer_header(answer, "Date", text);
}

/* The marks of the program that a lab replaces: Express says who it is, and gives each answer a weak ETag of its length
 * and the first 27 characters of the base64 of its SHA-1. Its headers are in its order, but for Connection and
 * Content-Length, which libmicrohttpd (0.9.75) puts first and last; of a length of one's own it makes two. */
void kt_serve_like(const struct kt_route *route, struct kt_answer *answer)
{
	kt_auto(kt_buf_fini) struct kt_buf hex = {0}, sum = {0}, tag = {0};
	const char *like = kt_route_param(route, "like");
	struct kt_err ignored;
	if (!like)
		return;
	kt_answer_header(answer, "X-Powered-By", "Express");
	kt_answer_header(answer, "Content-Type", answer->type);
	answer->type = NULL;
	if (kt_digest_add(&hex, "SHA1", kt_buf_cstr(&answer->body), answer->body.len, &ignored) < 0 ||
		kt_hex_decode(&sum, hex.data, hex.len) < 0)
		return;
	kt_buf_addf(&tag, "W/\"%zx-", answer->body.len);
	kt_buf_add_base64(&tag, sum.data, sum.len);
	tag.len--;
	kt_buf_addc(&tag, '"');
	kt_answer_header(answer, "ETag", kt_buf_cstr(&tag));
	add_date(answer);
}
