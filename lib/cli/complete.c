#include "complete.h"

#include "esc.h"
#include "guess.h"
#include "help.h"
#include "mem.h"
#include "shellwords.h"

struct complete {
	struct kt_buf *out;
	const struct kt_completers *completers;
	const struct kt_cmd *cmd;
	void *opts;
	const char *word;                  /* what has been typed of the candidate, after the prefix */
	struct kt_bytes prefix;            /* "--color=", "-X": comes before every candidate */
	const struct kt_shellwords *shell; /* the line, where candidates are written as the shell reads them */
};

/* Names come from other people by way of the cluster: what could move the cursor, hide, or be taken for this protocol
 * is not offered. */
static bool is_offered(const char *candidate)
{
	for (const char *at = candidate; *at; at++) {
		unsigned char c = (unsigned char)*at;
		if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)at[1] < 0xa0))
			return false;
	}
	return *candidate != ':' && kt_utf8_valid(candidate, strlen(candidate));
}

static void add(struct complete *c, const char *candidate, const char *help)
{
	if (strncmp(candidate, c->word, strlen(c->word)) != 0 || !is_offered(candidate))
		return;
	kt_auto(kt_buf_fini) struct kt_buf whole = {0};
	kt_buf_add(&whole, c->prefix.data, c->prefix.len);
	kt_buf_adds(&whole, candidate);
	if (c->shell)
		kt_shellwords_quote(c->out, kt_buf_cstr(&whole) + c->shell->kept, c->shell->quote);
	else
		kt_buf_adds(c->out, kt_buf_cstr(&whole));
	kt_buf_addf(c->out, "%s%s\n", help && *help ? "\t" : "", help ? help : "");
}

static void add_listed(struct complete *c,
	void (*list)(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word))
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	if (!list)
		return;
	list(&names, c->cmd, c->opts, c->word);
	kt_strs_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		char *tab = strchr(names.v[i], '\t');
		if (tab)
			*tab = '\0';
		/* A name that begins with a dash would be read as an option: a group may be called --all. */
		if (names.v[i][0] && names.v[i][0] != '-')
			add(c, names.v[i], tab ? tab + 1 : NULL);
	}
}

/* Candidates for the argument of an option, or for a positional. */
static void add_values(struct complete *c, const struct kt_opt *row)
{
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		add(c, row->choices[i], NULL);
	switch (row->comp) {
	case KT_COMP_NONE:
		break;
	case KT_COMP_FILE:
		kt_buf_adds(c->out, ":file\n");
		break;
	case KT_COMP_DIR:
		kt_buf_adds(c->out, ":dir\n");
		break;
	case KT_COMP_TOPIC:
		add_listed(c, c->completers->topics);
		break;
	case KT_COMP_GROUP:
		add_listed(c, c->completers->groups);
		break;
	case KT_COMP_PROFILE:
		add_listed(c, c->completers->profiles);
		break;
	case KT_COMP_PROPERTY:
		add_listed(c, c->completers->properties);
		break;
	case KT_COMP_CONFIG:
		add_listed(c, c->completers->configs);
		break;
	case KT_COMP_CONFIG_NAME:
		add_listed(c, c->completers->config_names);
		break;
	}
}

static void add_spelling(struct complete *c, const char *dashes, const char *name, size_t len, const char *help)
{
	kt_auto(kt_free_ptr) char *candidate = kt_asprintf("%s%.*s", dashes, (int)len, name);
	add(c, candidate, help);
}

/* Other spellings come only when somebody has begun to type one: for "--" alone they would double the list. */
static bool add_option(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct complete *c = data;
	if (row->positional || !kt_help_shows(row))
		return false;
	const struct kt_opt shown = c->cmd ? kt_opts_row(c->cmd->opts, row) : *row;
	if (shown.name)
		add_spelling(c, "--", shown.name, strlen(shown.name), row->help);
	if (row->letter && (!row->name || !strcmp(c->word, "-")))
		add_spelling(c, "-", &row->letter, 1, row->help);
	for (const char *at = row->also; at && *at && strlen(c->word) > 2; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (len > 1)
			add_spelling(c, "--", at, len, row->help);
		at += len;
	}
	return false;
}

/* "--color=al" or "-Xssl": the value is part of the word. False when it is something else. */
static bool add_glued(struct complete *c)
{
	const char *word = c->word, *equals = strchr(word, '=');
	bool is_long = word[0] == '-' && word[1] == '-';
	if (is_long ? !equals : word[0] != '-' || !word[1] || !word[2])
		return false;
	const struct kt_opt *row = is_long ? kt_opts_find(c->cmd->opts, word + 2, (size_t)(equals - word) - 2, 0)
					   : kt_opts_find(c->cmd->opts, NULL, 0, word[1]);
	if (!row || !kt_opt_takes_arg(row))
		return false;
	c->prefix = (struct kt_bytes){word, is_long ? (size_t)(equals - word) + 1 : 2};
	c->word = word + c->prefix.len;
	add_values(c, row);
	return true;
}

static void complete_words(struct complete *c, int argc, char *const *argv)
{
	bool options;
	c->opts = kt_calloc(1, c->cmd->opts_size);
	const struct kt_opt *row = kt_opts_expect(c->cmd->opts, argc, argv, c->opts, &options);
	if (options && c->word[0] == '-') {
		if (!add_glued(c)) {
			kt_opts_walk(c->cmd->opts, add_option, c);
			kt_opts_walk(kt_standard_opts, add_option, c);
		}
	} else if (row) {
		add_values(c, row);
	}
	kt_opts_fini(c->cmd->opts, c->opts);
	free(c->opts);
}

/* "create, list": what can follow the first word of len bytes. */
static char *family_help(const struct kt_program *program, const char *first, size_t len)
{
	struct kt_buf out = {0};
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (!(*cmd)->hidden && !strncmp((*cmd)->name, first, len) && (*cmd)->name[len] == ' ')
			kt_buf_addf(&out, "%s%s", out.len ? ", " : "", (*cmd)->name + len + 1);
	kt_buf_cstr(&out);
	return out.data;
}

/* Where nothing of our own begins like this: words of other tools that may come after `before`, or first. */
static void add_guesses(struct complete *c, const struct kt_program *program, const char *before)
{
	size_t skip = before ? strlen(before) + 1 : 0;
	if (!*c->word)
		return;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed; guess++) {
		const char *word = guess->typed + skip;
		if (guess->of || guess->kind != KT_GUESS_RUNS ||
			(before && (strncmp(guess->typed, before, skip - 1) != 0 || guess->typed[skip - 1] != ' ')))
			continue;
		size_t len = strcspn(word, " ");
		if (word[0] != '-' && (word[len] ? word[len + 1] >= 'A' && word[len + 1] <= 'Z' : true))
			add_spelling(c, "", word, len, guess->line);
	}
}

/* First words of the commands, each once; a family ("topic") with what can follow as its help. */
static void add_commands(struct complete *c, const struct kt_program *program)
{
	kt_auto(kt_strs_fini) struct kt_strs families = {0};
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++) {
		const char *name = (*cmd)->name;
		size_t first = strcspn(name, " ");
		if ((*cmd)->hidden)
			continue;
		if (!name[first]) {
			add(c, name, (*cmd)->summary);
			continue;
		}
		kt_auto(kt_free_ptr) char *family = kt_strndup(name, first);
		if (kt_strs_has(&families, family))
			continue;
		kt_strs_add(&families, family);
		kt_auto(kt_free_ptr) char *help = family_help(program, name, first);
		add(c, family, help);
	}
	add(c, "help", "list the commands, or explain one");
	if (c->word[0] == '-')
		kt_opts_walk(kt_standard_opts, add_option, c);
}

/* What can follow the first word of a family: "create" after "topic" or "topics". */
static void add_family(struct complete *c, const struct kt_program *program, const char *typed)
{
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++) {
		const char *name = (*cmd)->name;
		size_t first = strcspn(name, " ");
		if (!(*cmd)->hidden && name[first] && !strncmp(name, typed, first) &&
			(!typed[first] || !strcmp(typed + first, "s")))
			add(c, name + first + 1, (*cmd)->summary);
	}
}

/* How many of the words are options before a command, with their arguments. *waits: a command that has the last one,
 * where its argument is what is being typed. */
static int count_options(const struct kt_program *program, int argc, char *const *argv, const struct kt_cmd **waits)
{
	int at = 0;
	while (at < argc && argv[at][0] == '-' && argv[at][1]) {
		const char *word = argv[at++];
		bool is_long = word[1] == '-';
		const struct kt_opt *row = NULL;
		const struct kt_cmd *const *cmd = program->cmds;
		for (; *cmd && !row; cmd++)
			row = kt_opts_find((*cmd)->opts, is_long ? word + 2 : NULL, strcspn(word + 2, "="), word[1]);
		at += row && kt_opt_takes_arg(row) && (is_long ? !strchr(word, '=') : !word[2]);
		if (at > argc)
			*waits = cmd[-1];
	}
	return at < argc ? at : argc;
}

/* The words with those options where they would stand after the command's name, which has `used` words. */
static void complete_moved(struct complete *c, int options, int used, int argc, char *const *argv)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	for (int i = 0; i < argc; i++)
		if (i < options || i >= options + used)
			kt_strs_add(&words, argv[i]);
	complete_words(c, (int)words.n, words.v);
}

static void complete_args(struct complete *c, const struct kt_program *program, int argc, char *const *argv)
{
	struct kt_err ignored = {0};
	int used, before = argc - 1, options = before > 0 ? count_options(program, before, argv, &c->cmd) : 0;
	c->word = argc ? argv[argc - 1] : "";
	if (c->cmd) {
		complete_words(c, before, argv);
		return;
	}
	argv += options;
	before -= options;
	bool help = before > 0 && !strcmp(argv[0], "help");
	argv += help;
	before -= help;
	size_t empty = c->out->len;
	if (before <= 0)
		add_commands(c, program);
	for (const struct kt_manpage *page = help && before <= 0 ? program->pages : NULL; page && page->name; page++)
		add(c, page->name, page->summary);
	if (before == 1)
		add_family(c, program, argv[0]);
	if (before <= 1 && c->out->len == empty && !help)
		add_guesses(c, program, before == 1 ? argv[0] : NULL);
	if (before <= 0)
		return;
	c->cmd = kt_cmd_find(program, before, argv, &used, &ignored);
	if (c->cmd && !help)
		complete_moved(c, options, used, before + options, argv - options);
}

void kt_complete(struct kt_buf *out, const struct kt_program *program, const struct kt_completers *completers, int argc,
	char *const *argv)
{
	struct complete c = {.out = out, .completers = completers};
	complete_args(&c, program, argc, argv);
}

void kt_complete_line(struct kt_buf *out, const struct kt_program *program, const struct kt_completers *completers,
	const char *line, const char *breaks)
{
	kt_auto(kt_shellwords_fini) struct kt_shellwords shell = {0};
	struct complete c = {.out = out, .completers = completers, .shell = &shell};
	kt_shellwords_split(&shell, line, breaks);
	complete_args(&c, program, (int)shell.words.n - 1, shell.words.v + 1);
}
