/* Exit statuses and answers, and what follows from them. */
#include "workrules.h"

#include <strings.h>

#include "list.h"
#include "num.h"

const char *const kt_workend_names[] = {[KT_WORK_EXIT] = "exit",
	[KT_WORK_SIGNAL] = "signal",
	[KT_WORK_TIMEOUT] = "timeout",
	[KT_WORK_HTTP] = "http",
	[KT_WORK_NO_ANSWER] = "no-answer",
	[KT_WORK_OUTPUT] = "output"};

static void set(struct kt_workrules *rules, int from, int to, enum kt_workaction action)
{
	for (int code = from; code <= to; code++)
		rules->codes[code].action = action;
}

void kt_workrules_init(struct kt_workrules *rules, bool http)
{
	static const struct kt_workrule again = {.action = KT_WORK_RETRY, .delay_ms = -1};
	*rules = (struct kt_workrules){.signal = again, .timeout = again, .other = again};
	for (int code = 0; code < KT_WORKRULES_CODES; code++)
		rules->codes[code] = again;
	rules->first_code = http ? 100 : 0;
	rules->last_code = http ? KT_WORKRULES_CODES - 1 : 255;
	if (http) {
		set(rules, 200, 299, KT_WORK_DONE);
		set(rules, 400, 499, KT_WORK_REJECT);
		/* Request Timeout, Too Early, Too Many Requests (RFC 9110, 8470, 6585): the request is not at fault. */
		rules->codes[408] = rules->codes[425] = rules->codes[429] = again;
		return;
	}
	set(rules, 0, 0, KT_WORK_DONE);
	set(rules, 65, 65, KT_WORK_REJECT);
	set(rules, 100, 100, KT_WORK_STOP);
	set(rules, 126, 127, KT_WORK_STOP);
}

static struct kt_workrule *find(struct kt_workrules *rules, const char *code, struct kt_err *err)
{
	int64_t n;
	if (!strcmp(code, "signal"))
		return &rules->signal;
	if (!strcmp(code, "timeout"))
		return &rules->timeout;
	if (kt_parse_i64(code, rules->first_code, rules->last_code, &n, err) == 0)
		return &rules->codes[n];
	kt_err_set(err, KT_USAGE, "\"%s\" is not a status (%d to %d), \"signal\" or \"timeout\"", code,
		rules->first_code, rules->last_code);
	return NULL;
}

static int read_action(struct kt_workrule *rule, const char *text, struct kt_err *err)
{
	static const char *const words[] = {[KT_WORK_DONE] = "done",
		[KT_WORK_RETRY] = "retry",
		[KT_WORK_REJECT] = "reject",
		[KT_WORK_SKIP] = "skip",
		[KT_WORK_STOP] = "stop"};
	rule->delay_ms = -1;
	for (size_t i = 0; i < KT_LEN(words); i++)
		if (!strcmp(text, words[i])) {
			rule->action = (enum kt_workaction)i;
			return 0;
		}
	if (strncmp(text, "retry:", 6) != 0)
		return kt_err_set(err, KT_USAGE,
			"\"%s\" is not an action: done, retry, retry:DURATION, reject, skip, stop", text);
	rule->action = KT_WORK_RETRY;
	return kt_parse_duration_ms(text + 6, &rule->delay_ms, err);
}

int kt_workrules_read(struct kt_workrules *rules, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs pairs = {0};
	kt_strs_split(&pairs, text, ",");
	if (!pairs.n)
		return kt_err_set(err, KT_USAGE, "expected STATUS=ACTION, got \"%s\"", text);
	for (size_t i = 0; i < pairs.n; i++) {
		char *equals = strchr(pairs.v[i], '=');
		if (!equals)
			return kt_err_set(err, KT_USAGE, "expected STATUS=ACTION, got \"%s\"", pairs.v[i]);
		*equals = '\0';
		struct kt_workrule *rule = find(rules, pairs.v[i], err);
		if (!rule || read_action(rule, equals + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int read_backoff(struct kt_workrules *rules, const char *backoff, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs times = {0};
	kt_strs_split(&times, backoff, ":");
	if (times.n < 1 || times.n > 2)
		return kt_err_set(err, KT_USAGE, "--backoff: expected FIRST:MOST, such as 1s:1m, got \"%s\"", backoff);
	if (kt_parse_duration_ms(times.v[0], &rules->backoff_ms, err) < 0 ||
		kt_parse_duration_ms(times.v[times.n - 1], &rules->backoff_most_ms, err) < 0)
		return kt_err_wrap(err, "--backoff");
	if (rules->backoff_most_ms < rules->backoff_ms)
		return kt_err_set(err, KT_USAGE, "--backoff %s: the first time is longer than the longest", backoff);
	return 0;
}

int kt_workrules_read_retries(struct kt_workrules *rules, const char *retries, const char *backoff, struct kt_err *err)
{
	rules->retries = -1;
	if (strcasecmp(retries, "unlimited") != 0 && kt_parse_i64(retries, 0, 1000000000, &rules->retries, err) < 0)
		return kt_err_set(err, KT_USAGE, "--retries: expected a number or \"unlimited\", got \"%s\"", retries);
	return read_backoff(rules, backoff, err);
}

struct kt_workrule kt_workrules_of(const struct kt_workrules *rules, enum kt_workend end, int code)
{
	bool known =
		(end == KT_WORK_EXIT || end == KT_WORK_HTTP) && code >= rules->first_code && code <= rules->last_code;
	if (known)
		return rules->codes[code];
	return end == KT_WORK_SIGNAL ? rules->signal : end == KT_WORK_TIMEOUT ? rules->timeout : rules->other;
}

bool kt_workrules_may_retry(const struct kt_workrules *rules, int64_t attempt)
{
	return rules->retries < 0 || attempt <= rules->retries;
}

int64_t kt_workrules_delay_ms(const struct kt_workrules *rules, const struct kt_workrule *rule, int64_t attempt)
{
	int64_t ms = rules->backoff_ms;
	if (rule->delay_ms >= 0)
		return rule->delay_ms;
	for (int64_t i = 1; i < attempt && ms && ms < rules->backoff_most_ms; i++)
		ms *= 2;
	return ms < rules->backoff_most_ms ? ms : rules->backoff_most_ms;
}
