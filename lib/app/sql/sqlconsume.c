#include "sqlconsume.h"

#define OPTS struct kt_sqlconsume_opts
/* clang-format off */
const struct kt_opt kt_sqlconsume_opts[] = {
	{.name = "where", .often = true, KT_STR(where), .arg = "CONDITION",
		.help = "only records of which this is true: '$.temperature > 30'; SQL otherwise"},
	{.name = "table", .often = true, KT_FLAG(table), .conflict = 'f', .help = "print a table with a column for each field"},
	{.name = "column", KT_LIST(columns), .arg = "NAME=PATH[:TYPE]",
		.help = "with --table: a column, in place of those found; may be repeated"},
	KT_END,
};
/* clang-format on */

static int refuse(const char *option, struct kt_err *err)
{
	return kt_err_set(err, KT_USAGE, "%s does not go with --table", option);
}

int kt_sqlconsume(struct kt_sqlrun_how *how, const struct kt_sqlconsume_opts *opts, const struct kt_read_opts *read,
	const struct kt_strs *topics, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	struct kt_read_opts rest = *read;
	struct kt_sqlrun *run = NULL;
	for (size_t i = 0; i < read->topics.n; i++)
		kt_strs_add_new(&names, read->topics.v[i]);
	for (size_t i = 0; i < topics->n; i++)
		kt_strs_add_new(&names, topics->v[i]);
	const char *topic = names.n ? names.v[0] : kt_settings_text(how->settings, "kt.topic", NULL);
	if (!topic)
		return kt_err_set(err, KT_USAGE, "no topic is given");
	if (names.n > 1)
		return kt_err_set(err, KT_USAGE, "--table shows one topic, or a pattern: %s and %s are two", names.v[0],
			names.v[1]);
	if (read->group || read->idle_ms || read->console_ms)
		return refuse(read->group ? "--group" : "--idle", err);
	kt_settings_put(how->settings, KT_RANK_FLAG, "kt.group", "", "--table");
	rest.topics = (struct kt_strs){0};
	how->read = &rest;
	how->columns = &opts->columns;
	how->form = "table";
	how->follow = !read->exit_at_end;
	if (kt_sqlrun_open(&run, how, err) < 0)
		return -1;
	return kt_sqlrun_close(run, kt_sqlrun_table(run, topic, read->count, err), err);
}
