/* kt group wait: until groups have read what there is. */
#include <inttypes.h>

#include "cmd.h"
#include "groupselect.h"
#include "num.h"
#include "waituntil.h"

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
	{.name = "lag", KT_I64(lag), .arg = "N", .def = "0", .help = "this many records may be left to read"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

static const char *const about[] = {
	"Waits until each of the groups has at most --lag records left to read, and then ends with 0, or with 124 "
	"when --run-for is over first. What counts is what the group has committed: records of partitions in which "
	"it has committed nothing are left to read, and so are those that members have read and not committed yet.",
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

static void add_missing(struct kt_buf *why, const struct kt_group *group, int64_t allowed)
{
	const struct kt_group_total total = kt_group_total(group);
	if (total.lag >= 0 && total.lag <= allowed)
		return;
	kt_buf_adds(why, why->len ? ", " : "");
	if (!group->n_parts)
		kt_buf_addf(why, "group %s has committed nothing", group->name);
	else if (total.lag < 0)
		kt_buf_addf(why, "group %s: %zu partition%s not known", group->name, total.unknown,
			kt_plural_are((int64_t)total.unknown));
	else
		kt_buf_addf(why, "group %s has lag %" PRId64, group->name, total.lag);
}

struct wait {
	const OPTS *opts;
	struct kt_groupselect set;
};

static void wait_fini(struct wait *w)
{
	kt_groupselect_fini(&w->set);
}

static int look_once(struct wait *w, struct kt_buf *why, struct kt_err *err)
{
	struct kt_groupselect *set = &w->set;
	if (kt_groupselect_pick(set, &w->opts->names, true, err) < 0 || kt_groupselect_commits(set, err) < 0)
		return -1;
	for (size_t i = 0; i < set->n; i++) {
		if (kt_groupselect_check(set, set->v[i], err) < 0 ||
			kt_groupselect_logs(set, set->v[i], (struct kt_place){.where = KT_AT_END}, err) < 0)
			return -1;
		add_missing(why, set->v[i], w->opts->lag);
	}
	for (size_t i = 0; i < set->missing.n; i++)
		kt_buf_addf(why, "%sthere is no group %s", why->len ? ", " : "", set->missing.v[i]);
	return !why->len;
}

/* A broker that is away for a while is waited for as well. */
static int look(void *user, bool again, struct kt_buf *why, struct kt_err *err)
{
	struct wait *w = user;
	int there = again && kt_groupselect_again(&w->set, err) < 0 ? -1 : look_once(w, why, err);
	if (there >= 0 || !again || err->status != KT_UNREACHABLE)
		return there;
	kt_buf_addf(why, "%s%s", why->len ? ", " : "", err->msg);
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	OPTS *o = data;
	kt_auto(wait_fini) struct wait w = {.opts = o};
	struct kt_waituntil until = {.look = look, .user = &w, .pause_ms = PAUSE_MS};
	if (o->lag < 0)
		return kt_err_set(err, KT_USAGE, "--lag is 0 or more");
	kt_waituntil_begin(&until, &o->client);
	if (kt_groupselect_open(&w.set, &o->client, err) < 0 || kt_groupselect_default(&w.set, &o->names, err) < 0)
		return -1;
	return kt_waituntil(&until, err);
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
