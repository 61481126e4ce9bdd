#include "deliveries.h"

#include "jsonout.h"
#include "num.h"
#include "recordjson.h"
#include "say.h"

/* A whole input that fails in a hundred different ways must not fill the terminal. */
enum { SHOWN_FAILURES = 100 };

void kt_deliveries_tell(struct kt_deliveries *a)
{
	char first[256], last[256];
	int64_t n = a->last - a->first + 1;
	if (!a->last)
		return;
	if (a->shown++ == SHOWN_FAILURES)
		kt_say(KT_QUIET, "further failures are only counted; --report names each");
	if (a->shown <= SHOWN_FAILURES)
		kt_say(KT_QUIET, "%s%s%s: %s%s", kt_input_place(a->input, a->first, first, sizeof(first)),
			n > 1 ? " to " : "", n > 1 ? kt_input_place(a->input, a->last, last, sizeof(last)) : "", a->why,
			a->maybe ? " (it may have been written all the same)" : "");
	a->last = 0;
}

static void name_failure(struct kt_deliveries *a, const struct kt_delivery *d)
{
	bool joins = a->last && d->tag == a->last + 1 && d->maybe == a->maybe && !strcmp(d->failed, a->why);
	a->failed = true;
	if (!joins) {
		kt_deliveries_tell(a);
		a->first = d->tag;
		a->maybe = d->maybe;
		snprintf(a->why, sizeof(a->why), "%s", d->failed);
	}
	a->last = d->tag;
}

static void report(const struct kt_deliveries *a, const struct kt_delivery *d)
{
	struct kt_buf *out = a->report;
	char place[256];
	kt_input_place(a->input, d->tag, place, sizeof(place));
	kt_buf_addc(out, '{');
	kt_jsonout_words(out, "topic", a->topic);
	kt_jsonout_i64(out, "record", d->tag);
	kt_jsonout_words(out, "place", place);
	if (d->failed) {
		kt_jsonout_words(out, "error", d->failed);
		kt_jsonout_bool(out, "maybe_written", d->maybe);
	} else {
		kt_jsonout_i64(out, "partition", d->partition);
		kt_jsonout_i64(out, "offset", d->offset);
		kt_jsonout_i64(out, "ts", d->ts_ms);
	}
	kt_buf_adds(out, "}\n");
}

void kt_deliveries_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_deliveries *a = user;
	if (d->failed)
		name_failure(a, d);
	if (a->report)
		report(a, d);
}

void kt_deliveries_refuse(struct kt_deliveries *a, int64_t line, const char *why)
{
	struct kt_delivery d = {.tag = line, .partition = -1, .offset = -1, .ts_ms = -1, .failed = why};
	a->refused++;
	kt_deliveries_delivery(a, &d);
}

int kt_deliveries_close(struct kt_deliveries *a, struct kt_producer_counts counts, struct kt_err *err)
{
	int64_t all = counts.accepted + a->refused;
	char digits[32];
	kt_deliveries_tell(a);
	if (a->aborted) {
		kt_say(KT_WARNING, "the transaction was %s: read_committed consumers see nothing of it",
			a->in_doubt ? "not ended, which brokers do after transaction.timeout.ms" : "aborted");
		counts.delivered = 0;
	}
	int64_t failed = all - counts.delivered;
	kt_say(KT_NORMAL, "%s record%s %s to %s", kt_group_digits(counts.delivered, digits),
		kt_plural(counts.delivered), a->unheard ? "sent" : "delivered", a->topic);
	if (a->stopped > KT_SIGNAL && !a->complete && (!a->terminal || failed))
		return kt_err_set(err, a->stopped, "ended by a signal: %lld delivered, %lld not",
			(long long)counts.delivered, (long long)failed);
	if (!failed || (a->aborted && a->stopped == KT_RUN_ENDED && !a->complete))
		return 0;
	kt_err_set(err, KT_PARTIAL, "%lld of %lld record%s not delivered", (long long)failed, (long long)all,
		kt_plural(all));
	if (a->stops)
		kt_err_hint(err, "the input was read no further; --on-error continue goes on");
	return -1;
}
