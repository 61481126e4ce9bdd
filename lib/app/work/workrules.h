/* What the end of a command, or the answer to a request, means for its record, and how long a retry waits.
 *
 *   struct kt_workrules rules;
 *   kt_workrules_init(&rules, false)
 *   kt_workrules_read(&rules, "3=reject,75=retry:30s", err)       --on-exit
 *   kt_workrules_read_retries(&rules, "unlimited", "1s:1m", err)  --retries, --backoff
 *   struct kt_workrule rule = kt_workrules_of(&rules, KT_WORK_EXIT, 75);
 *   if (rule.action == KT_WORK_RETRY && kt_workrules_may_retry(&rules, attempt))
 *           … again after kt_workrules_delay_ms(&rules, &rule, attempt) …
 *
 * Unless told otherwise 0 is done; 65 (EX_DATAERR of sysexits.h) reject; 100 stops the run, and so do 126 and 127, by
 * which a shell says that there is no such program; everything else is tried again: other statuses (75, EX_TEMPFAIL,
 * among them), signals, timeouts. Of HTTP: 2xx is done, 4xx reject, but for 408, 425 and 429, which like all else are
 * tried again.
 */
#ifndef KT_WORKRULES_H
#define KT_WORKRULES_H

#include "err.h"

enum kt_workaction {
	KT_WORK_DONE,
	KT_WORK_RETRY,
	KT_WORK_REJECT, /* a dead letter, without another attempt */
	KT_WORK_SKIP,   /* finished, as if it had been done */
	KT_WORK_STOP,   /* the run ends, and nothing is committed for the record */
};

/* How an attempt ended. The words of it in headers and notices are kt_workend_names. */
enum kt_workend { KT_WORK_EXIT, KT_WORK_SIGNAL, KT_WORK_TIMEOUT, KT_WORK_HTTP, KT_WORK_NO_ANSWER, KT_WORK_OUTPUT };
extern const char *const kt_workend_names[];

struct kt_workrule {
	enum kt_workaction action;
	int64_t delay_ms; /* of a retry; -1: by the back-off */
};

enum { KT_WORKRULES_CODES = 600 };

struct kt_workrules {
	struct kt_workrule codes[KT_WORKRULES_CODES]; /* exit statuses 0 to 255, or HTTP's 100 to 599 */
	struct kt_workrule signal, timeout, other;    /* other: no answer, or more output than is allowed */
	int first_code, last_code;
	int64_t retries; /* after the first attempt; -1: unlimited */
	int64_t backoff_ms, backoff_most_ms;
};

void kt_workrules_init(struct kt_workrules *rules, bool http);

/* CODE=ACTION, several with commas between. CODE: a number, "signal" or "timeout"; ACTION: done, retry, retry:DURATION,
 * reject, skip, stop. KT_USAGE. */
int kt_workrules_read(struct kt_workrules *rules, const char *text, struct kt_err *err) kt_must_check;

/* retries: a number, or "unlimited". backoff: FIRST:MOST, or FIRST alone. KT_USAGE. */
int kt_workrules_read_retries(
	struct kt_workrules *rules, const char *retries, const char *backoff, struct kt_err *err) kt_must_check;

/* code: exit status, signal or HTTP's status. */
struct kt_workrule kt_workrules_of(const struct kt_workrules *rules, enum kt_workend end, int code);

/* Whether another attempt follows that one, which is counted from 1. */
bool kt_workrules_may_retry(const struct kt_workrules *rules, int64_t attempt);

/* How long the next attempt after that one waits: the rule's own time, or the back-off, doubled after each attempt up
 * to its limit. */
int64_t kt_workrules_delay_ms(const struct kt_workrules *rules, const struct kt_workrule *rule, int64_t attempt);

#endif
