/* kt_opts_check(): what a table itself can have wrong. Apart from the parser, because only a test calls it. */
#include "opt.h"

/* What the rows before the one at hand have used up. */
struct check {
	struct kt_strs names; /* and letters, as words of one letter */
	struct kt_strs taken; /* names that an included row may have too */
	bool all_taken, optional_seen;
	struct kt_err *err;
};

static bool is_used(struct check *c, const char *names)
{
	struct kt_strs words = {0};
	bool used = false;
	kt_strs_split(&words, names, " ");
	for (size_t i = 0; i < words.n; i++) {
		used |= kt_strs_has(&c->names, words.v[i]);
		kt_strs_add(&c->names, words.v[i]);
	}
	kt_strs_fini(&words);
	return used;
}

static const char *default_mistake(const struct kt_opt *row)
{
	union {
		bool flag;
		int index;
		int64_t n;
		const char *text;
	} field = {0};
	struct kt_opt alone[] = {*row, KT_END};
	struct kt_err err = {0};
	alone[0].off = 0;
	if (row->required)
		return "is required and has a default";
	/* A number that stands for "none" is not a default to show, unless its row says what it does. */
	if (*row->def == '-' && !strstr(row->help, row->def))
		return "has a default that its help does not explain";
	if (row->type == KT_OPT_LIST || !kt_opt_takes_arg(row))
		return "cannot have a default";
	return kt_opts_parse(alone, 0, NULL, &field, &err) < 0 ? "has a default that the parser refuses" : NULL;
}

static const char *mistake(const struct kt_opt *row, struct check *c)
{
	const char letter[] = {row->letter, '\0'};
	if (!row->name && !row->letter)
		return "has no name";
	bool lost = row->name && kt_strs_has(&c->taken, row->name);
	if (row->takes_over)
		kt_strs_add(&c->taken, row->name);
	if ((row->name && !lost && is_used(c, row->name)) || is_used(c, letter) || (row->also && is_used(c, row->also)))
		return "has a name that another row has";
	if (!row->help || !*row->help)
		return "has no help";
	if (row->help[strlen(row->help) - 1] == '.')
		return "has help that ends in a full stop";
	if (row->type != KT_OPT_GONE && strlen(row->help) > 80)
		return "has help of more than 80 columns";
	if (row->type == KT_OPT_ENUM ? !row->choices : kt_opt_takes_arg(row) && !row->positional && !row->arg)
		return "has no placeholder for its argument";
	if (row->positional && (c->all_taken || (row->required && c->optional_seen)))
		return "stands after a positional that takes its words";
	c->all_taken |= row->positional && row->type == KT_OPT_LIST;
	c->optional_seen |= row->positional && !row->required;
	return row->def ? default_mistake(row) : NULL;
}

static bool has_mistake(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct check *c = data;
	const char *what = mistake(row, c);
	if (!what)
		return false;
	if (row->name)
		kt_err_set(c->err, KT_USAGE, "%s%s %s", row->positional ? "" : "--", row->name, what);
	else if (row->letter)
		kt_err_set(c->err, KT_USAGE, "-%c %s", row->letter, what);
	else
		kt_err_set(c->err, KT_USAGE, "a row %s", what);
	return true;
}

int kt_opts_check(const struct kt_opt *table, struct kt_err *err)
{
	struct check c = {.err = err};
	bool wrong = kt_opts_walk(kt_standard_opts, has_mistake, &c) || kt_opts_walk(table, has_mistake, &c);
	kt_strs_fini(&c.names);
	kt_strs_fini(&c.taken);
	return wrong ? -1 : 0;
}
