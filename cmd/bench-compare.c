/* kt bench compare: two results of kt bench, and whether they differ. */
#include <unistd.h>

#include "benchcompare.h"
#include "cmd.h"
#include "out.h"
#include "say.h"

struct compare_opts {
	const char *a, *b;
	bool json, quiet;
	int verbose;
};
#define OPTS struct compare_opts

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "A", .positional = true, .required = true, KT_STR(a), .comp = KT_COMP_FILE,
		.help = "what kt bench -J printed; - is stdin"},
	{.name = "B", .positional = true, .required = true, KT_STR(b), .comp = KT_COMP_FILE, .help = "a later one"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object"},
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .help = "errors and warnings only"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .help = "say more"},
	KT_END,
};
/* clang-format on */

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_benchresult a, b;
	if (kt_benchresult_read(&a, o->a, err) < 0 || kt_benchresult_read(&b, o->b, err) < 0)
		return -1;
	if (strcmp(a.kind, b.kind) != 0)
		return kt_err_set(err, KT_USAGE,
			"%s is of kt bench %.15s, %s of kt bench %.15s: they have nothing in common", o->a, a.kind,
			o->b, b.kind);
	if (a.open != b.open || a.asked < b.asked || a.asked > b.asked)
		kt_say(KT_WARNING, "the two asked for different rates: their latencies are not of the same load");
	if (o->json)
		kt_benchcompare_json(&out, &a, &b);
	else
		kt_benchcompare_add(&out, &a, &b, isatty(STDOUT_FILENO));
	return kt_out_print(STDOUT_FILENO, &out, err);
}

static const char *const about[] = {
	"Shows two results that kt bench wrote with -J side by side: A, B, by how much B differs, and for what each interval "
	"has, the spread of the intervals (their standard deviation, without the last, shorter one). A difference of no more "
	"than both spreads together (the root of the sum of their squares) is what two runs of the same may differ by; one "
	"of more is called better or worse.",
	"Runs of a few seconds have few intervals: with less than four there is no spread. A rate that was asked for is no "
	"result: compare latencies of the same rate, or how fast two closed loops are.",
	NULL,
};

static const char *const examples[] = {
	"before and after a change of the broker's settings",
	"kt bench compare before.json after.json",
	NULL,
};

const struct kt_cmd kt_cmd_bench_compare = {
	.name = "bench compare",
	.summary = "show two results of kt bench side by side",
	.section = "Measuring",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
