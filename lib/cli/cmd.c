#include "cmd.h"

#include "buf.h"
#include "shellwords.h"
#include "suggest.h"

enum { NAME_WORDS = 3 }; /* of a command, at most */

/* What main.c answers itself; only for "did you mean". */
static const char *const builtins[] = {"help", "version"};

static bool is_break(char c)
{
	return c == ' ' || c == '-';
}

/* Compares a command's name with typed words; a blank and '-' are the same, and the first word may be a plural. */
static bool is_name(const char *name, const char *typed)
{
	size_t first = 0, same = 0;
	while (name[first] && !is_break(name[first]))
		first++;
	while (name[same] && (name[same] == typed[same] || (is_break(name[same]) && is_break(typed[same]))))
		same++;
	if (name[same] == typed[same])
		return true;
	if (same != first || typed[same] != 's')
		return false;
	name += same;
	typed += same + 1;
	while (*name && (*name == *typed || (is_break(*name) && is_break(*typed))))
		name++, typed++;
	return *name == *typed;
}

bool kt_cmd_is_among(const char *words, const char *typed)
{
	size_t len = strlen(typed);
	for (const char *at = words; at && len && (at = strstr(at, typed)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static const struct kt_cmd *find_exactly(const struct kt_program *program, const char *typed)
{
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (is_name((*cmd)->name, typed) || kt_cmd_is_among((*cmd)->also, typed))
			return *cmd;
	return NULL;
}

/* The second words of the commands whose first word is typed, "list, create", or nothing. */
static void list_family(struct kt_buf *out, const struct kt_program *program, const char *typed)
{
	size_t len = strlen(typed);
	len -= len > 1 && typed[len - 1] == 's';
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (!(*cmd)->hidden && !strncmp((*cmd)->name, typed, len) && (*cmd)->name[len] == ' ')
			kt_buf_addf(out, "%s%s", out->len ? ", " : "", (*cmd)->name + len + 1);
}

void kt_cmd_add_words(struct kt_buf *out, int argc, char *const *argv)
{
	enum { MOST = 240 };
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	for (int i = 0; i < argc; i++) {
		kt_buf_addc(&words, ' ');
		kt_shellwords_add(&words, argv[i]);
	}
	if (words.len <= MOST)
		kt_buf_adds(out, kt_buf_cstr(&words));
}

/* A command in place of the first `used` words. */
static int hint_command(
	const struct kt_program *program, const char *name, int used, int argc, char *const *argv, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	kt_buf_addf(&line, "%s %s", program->name, name);
	kt_cmd_add_words(&line, argc - used, argv + used);
	return kt_err_hint(err, "did you mean `%s`?", kt_buf_cstr(&line));
}

/* Of the commands whose first word is typed, the one whose second word is nearest to another; NULL. */
static const char *near_in_family(const struct kt_program *program, const char *typed, const char *second)
{
	struct kt_suggest near = {.word = second};
	size_t len = strlen(typed);
	len -= len > 1 && typed[len - 1] == 's';
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (!(*cmd)->hidden && !strncmp((*cmd)->name, typed, len) && (*cmd)->name[len] == ' ')
			kt_suggest_offer(&near, (*cmd)->name + len + 1);
	return near.best ? near.best - len - 1 : NULL;
}

/* A second word that no command of the family has may be a name of what the family is about. */
static int hint_family(
	const struct kt_program *program, const char *second, int argc, char *const *argv, struct kt_err *err)
{
	const char *one = argv[0];
	kt_auto(kt_buf_fini) struct kt_buf family = {0};
	const char *best = second ? near_in_family(program, one, second) : NULL;
	const char *shows = near_in_family(program, one, "describe");
	if (best)
		return hint_command(program, best, 2, argc, argv, err);
	list_family(&family, program, one);
	if (!second || !shows || strcmp(strchr(shows, ' '), " describe") != 0)
		return kt_err_hint(err, "one of: %s", kt_buf_cstr(&family));
	return kt_err_hint(err, "one of: %s; or `%s %s %.80s`?", kt_buf_cstr(&family), program->name, shows, second);
}

static int unknown(const struct kt_program *program, int argc, char *const *argv, struct kt_err *err)
{
	const char *one = argv[0], *second = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	kt_auto(kt_buf_fini) struct kt_buf family = {0}, two = {0};
	kt_buf_addf(&two, "%s %s", one, second ? second : "");
	struct kt_suggest near = {.word = one}, near_two = {.word = kt_buf_cstr(&two)};
	list_family(&family, program, one);
	if (family.len && !second)
		kt_err_set(err, KT_USAGE, "%.80s: a subcommand is missing", one);
	else
		kt_err_set(err, KT_USAGE, "unknown command \"%.160s\"", family.len ? kt_buf_cstr(&two) : one);
	if (family.len)
		return hint_family(program, second, argc, argv, err);
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (!(*cmd)->hidden) {
			kt_suggest_offer(&near, (*cmd)->name);
			kt_suggest_offer(&near_two, (*cmd)->name);
		}
	for (size_t i = 0; i < KT_LEN(builtins); i++)
		kt_suggest_offer(&near, builtins[i]);
	if (near_two.best && strchr(near_two.best, ' '))
		return hint_command(program, near_two.best, second ? 2 : 1, argc, argv, err);
	if (near.best)
		return hint_command(program, near.best, 1, argc, argv, err);
	return -1;
}

/* The command of the first n words, if there are so many that are no options. */
static const struct kt_cmd *find_words(const struct kt_program *program, int argc, char *const *argv, int n)
{
	kt_auto(kt_buf_fini) struct kt_buf typed = {0};
	if (argc < n)
		return NULL;
	for (int i = 0; i < n; i++) {
		if (i && argv[i][0] == '-')
			return NULL;
		kt_buf_addf(&typed, i ? " %s" : "%s", argv[i]);
	}
	return find_exactly(program, kt_buf_cstr(&typed));
}

static bool is_positional(const struct kt_opt *row, size_t base, void *data)
{
	(void)base, (void)data;
	return row->positional;
}

/* "serve token", where there is "serve token add" and "serve" itself takes no words: the rest is missing. */
static bool is_half(const struct kt_program *program, const struct kt_cmd *cmd, const char *next, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf family = {0}, typed = {0};
	if (!next || !*next || kt_opts_walk(cmd->opts, is_positional, NULL))
		return false;
	kt_buf_addf(&typed, "%s %s", cmd->name, next);
	list_family(&family, program, kt_buf_cstr(&typed));
	if (!family.len)
		return false;
	kt_err_set(err, KT_USAGE, "%.80s: a subcommand is missing", kt_buf_cstr(&typed));
	kt_err_hint(err, "one of: %s", kt_buf_cstr(&family));
	return true;
}

const struct kt_cmd *kt_cmd_find(
	const struct kt_program *program, int argc, char *const *argv, int *used, struct kt_err *err)
{
	const struct kt_cmd *cmd = NULL;
	for (*used = NAME_WORDS; *used > 0 && !cmd; *used -= !cmd)
		cmd = find_words(program, argc, argv, *used);
	if (cmd)
		return is_half(program, cmd, argc > *used ? argv[*used] : NULL, err) ? NULL : cmd;
	*used = 1;
	unknown(program, argc, argv, err);
	return NULL;
}
