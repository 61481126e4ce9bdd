/* kt group wait: until groups have read what there is. */
#include <inttypes.h>

#include "buf.h"
#include "cmd.h"
#include "ending.h"
#include "groupselect.h"
#include "say.h"
#include "sig.h"

struct wait_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	int64_t lag;
};
#define OPTS struct wait_opts

enum { PAUSE_MS = 500 };

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "GROUP", .positional = true, KT_LIST(names), .comp = KT_COMP_GROUP,
		.help = "names and quoted patterns (default: kt.group of the configuration)"},
	{.name = "group", .letter = 'g', KT_LIST(names), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "the same as GROUP; may be repeated"},
	{.name = "lag", KT_I64(lag), .arg = "N", .def = "0", .help = "so many records may be left to read"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Waits until each of the groups has at most --lag records left to read, and ends with 0 then; with 124 when "
	"--run-for is over before. What counts is what the group has committed: records of partitions in which it has "
	"committed nothing are left to read, and so are those that members have read and not committed yet.",
	"A group that is not there yet, or has committed nothing at all, is waited for. While the log of one of the "
	"partitions is not known (no leader, not permitted) the lag is not known either.",
	NULL,
};

static const char *const examples[] = {
	"Go on when everything is read, or after a minute without",
	"kt group wait billing --run-for 60s && echo done",
	"Nearly up to date is enough",
	"kt group wait billing --lag 100 --run-for 5m",
	NULL,
};

struct wait {
	const OPTS *opts;
	struct kt_groupselect set;
	struct kt_buf behind; /* what is waited for, in words */
};

static void wait_fini(struct wait *w)
{
	kt_groupselect_fini(&w->set);
	kt_buf_fini(&w->behind);
}

static void add_behind(struct wait *w, const struct kt_group *group)
{
	const struct kt_group_total total = kt_group_total(group);
	if (total.lag >= 0 && total.lag <= w->opts->lag)
		return;
	kt_buf_adds(&w->behind, w->behind.len ? ", " : "");
	if (!group->n_parts)
		kt_buf_addf(&w->behind, "group %s has committed nothing", group->name);
	else if (total.lag < 0)
		kt_buf_addf(&w->behind, "group %s: %zu partitions are not known", group->name, total.unknown);
	else
		kt_buf_addf(&w->behind, "group %s has lag %" PRId64, group->name, total.lag);
}

/* What is not so yet goes into w->behind. */
static int look(struct wait *w, const struct kt_strs *names, struct kt_err *err)
{
	struct kt_groupselect *set = &w->set;
	w->behind.len = 0;
	if (kt_groupselect_pick(set, names, true, err) < 0 || kt_groupselect_commits(set, err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++) {
		if (kt_groupselect_check(set, set->v[i], err) < 0 ||
			kt_groupselect_logs(set, set->v[i], (struct kt_place){.where = KT_AT_END}, err) < 0)
			return -1;
		add_behind(w, set->v[i]);
	}
	for (size_t i = 0; i < set->missing.n; i++)
		kt_buf_addf(&w->behind, "%sthere is no group %s", w->behind.len ? ", " : "", set->missing.v[i]);
	return 0;
}

/* 1 when all is read. A broker that is away for a while is waited for as well. */
static int look_again(struct wait *w, const struct kt_strs *names, struct kt_err *err)
{
	int result = kt_groupselect_again(&w->set, err) < 0 ? -1 : look(w, names, err);
	if (result < 0 && err->status != KT_UNREACHABLE)
		return -1;
	if (result < 0)
		kt_buf_addf(&w->behind, "%s%s", w->behind.len ? ", " : "", err->msg);
	return !w->behind.len;
}

static int wait_for(struct wait *w, const struct kt_strs *names, const struct kt_stop *stop, struct kt_err *err)
{
	int done = look(w, names, err) < 0 ? -1 : !w->behind.len;
	while (!done && !kt_stop_status(stop)) {
		kt_say_progress("waiting: %s", kt_buf_cstr(&w->behind));
		int64_t left_ms = kt_stop_left_ms(stop);
		kt_wait(NULL, 0, left_ms < PAUSE_MS ? left_ms : PAUSE_MS);
		if (!kt_stop_status(stop))
			done = look_again(w, names, err);
	}
	kt_say_progress("%s", "");
	if (done > 0)
		return 0;
	return kt_stop_status(stop) ? kt_ended(kt_stop_status(stop), err, "while %s", kt_buf_cstr(&w->behind)) : -1;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	struct kt_stop stop = {.outer = o->client.owner->stop};
	struct kt_owner owner = *o->client.owner;
	kt_auto(wait_fini) struct wait w = {.opts = o};
	if (o->lag < 0)
		return kt_err_set(err, KT_USAGE, "--lag is 0 or more");
	owner.stop = &stop;
	o->client.owner = &owner;
	kt_stop_begin(&stop, o->client.run_for_ms);
	if (kt_groupselect_open(&w.set, &o->client, err) < 0)
		return -1;
	const char *configured = kt_settings_text(&w.set.settings, "kt.group", NULL);
	if (!o->names.n && configured)
		kt_strs_add(&o->names, configured);
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no group is given");
	return wait_for(&w, &o->names, &stop, err);
}

const struct kt_cmd kt_cmd_group_wait = {
	.name = "group wait",
	.summary = "wait until groups have read what there is",
	.section = "Groups",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
