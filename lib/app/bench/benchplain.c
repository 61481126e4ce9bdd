#include "benchplain.h"

#include "ending.h"
#include "jsonout.h"
#include "loadview.h"
#include "num.h"
#include "say.h"
#include "when.h"

enum { INTERVAL_MS = 1000 };

/* The one of the two times that is over first is that of the run. */
static bool ends_by_duration(const struct kt_benchplain_how *how)
{
	return how->duration_ms && (!how->run_for_ms || how->duration_ms <= how->run_for_ms);
}

int kt_benchplain_open(struct kt_benchplain *plain, const struct kt_settings *settings,
	const struct kt_benchplain_how *how, struct kt_err *err)
{
	plain->how = *how;
	plain->opts = (struct kt_bench_opts){.count = how->count, .interval_ms = INTERVAL_MS};
	plain->rate.rate = how->rate;
	plain->unheard = !strcmp(kt_settings_text(settings, "acks", ""), "0");
	const struct kt_benchproduce_how produce = {
		.run =
			{
				.owner = how->client->owner,
				.opts = &plain->opts,
				.rate = &plain->rate,
				.run_for_ms = ends_by_duration(how) ? how->duration_ms : how->run_for_ms,
				.kind = "produce",
				.what = "record",
				.target = kt_settings_text(settings, "kt.topic", NULL),
				.silent = true,
			},
		.records = &plain->how.records,
		.client = how->client,
		.partition = -1,
	};
	return kt_benchproduce_open(&plain->bench, settings, &produce, err);
}

int kt_benchplain_run(struct kt_benchplain *plain, struct kt_err *err)
{
	return kt_benchproduce_send(&plain->bench, err);
}

/* So many records are not known to have arrived. */
static int64_t count_lost(const struct kt_benchplain *plain)
{
	return plain->bench.run.sent - plain->bench.run.stats.n;
}

void kt_benchplain_summary(const struct kt_benchplain *plain, struct kt_buf *out, bool json)
{
	const struct kt_benchrun *run = &plain->bench.run;
	const struct kt_benchstats *s = &run->stats;
	double seconds = (double)run->now_us / 1e6, rate = run->now_us ? (double)s->n / seconds : 0;
	double size = kt_benchrecords_size(&plain->bench.records);
	char number[32], took[32], per_second[32];
	if (json) {
		kt_buf_addc(out, '{');
		kt_jsonout_i64(out, "sent", run->sent - plain->bench.refused);
		kt_jsonout_i64(out, "delivered", s->n);
		kt_jsonout_i64(out, "failed", count_lost(plain));
		kt_jsonout_fixed(out, "size", size, 0);
		kt_jsonout_fixed(out, "seconds", seconds, 6);
		kt_jsonout_fixed(out, "rate", rate, 1);
		kt_loadview_add_percentiles(out, "latency", &s->latency);
		kt_buf_adds(out, "}\n");
		return;
	}
	kt_say(KT_NORMAL, "%s record%s of %.0f bytes%s %s in %s, %s/s, %.1f MB/s", kt_group_digits(s->n, number),
		kt_plural(s->n), size, plain->how.records.encode->schemas.n ? " on average" : "",
		plain->unheard ? "sent" : "delivered", kt_show_ms(run->now_us / 1000, took),
		kt_group_digits((int64_t)rate, per_second), rate * size / 1e6);
	if (s->n && !plain->unheard)
		kt_loadview_say_percentiles("latency of deliveries", &s->latency);
	if (s->failed)
		kt_say(KT_WARNING, "%s record%s failed: %s", kt_group_digits(s->failed, number), kt_plural(s->failed),
			plain->bench.why);
}

int kt_benchplain_judge(const struct kt_benchplain *plain, struct kt_err *err)
{
	const struct kt_benchrun *run = &plain->bench.run;
	int64_t lost = count_lost(plain);
	int stopped = kt_stop_status(&run->stop);
	if (lost)
		return kt_err_set(err, KT_PARTIAL, "%lld of %lld record%s not delivered", (long long)lost,
			(long long)run->sent, kt_plural(run->sent));
	if (plain->how.count < 0 || run->complete || (stopped == KT_RUN_ENDED && ends_by_duration(&plain->how)))
		return 0;
	return kt_ended(stopped, err, "before --count was reached");
}

void kt_benchplain_fini(struct kt_benchplain *plain)
{
	kt_benchproduce_fini(&plain->bench);
}
