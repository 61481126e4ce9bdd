#include "guess.h"

#include "buf.h"
#include "mem.h"
#include "shellwords.h"
#include "suggest.h"

static bool is_users(const char *word)
{
	return *word >= 'A' && *word <= 'Z';
}

/* A row's words, and which of them were met. */
struct row {
	const struct kt_guess *guess;
	struct kt_strs typed, line;
	size_t head;         /* words of typed before the first option or user's word */
	size_t option;       /* index in typed, or typed.n */
	const char *value;   /* that the option has to have, or NULL */
	const char *renamed; /* what the option with the user's value is called in the line, or NULL */
	bool number;         /* the option is -N: a number is it and its value, as in tail -5 */
};

static void read_row(struct row *r, const struct kt_guess *guess)
{
	*r = (struct row){.guess = guess};
	kt_strs_split(&r->typed, guess->typed, " ");
	kt_strs_split(&r->line, guess->line, " ");
	while (r->head < r->typed.n && r->typed.v[r->head][0] != '-' && !is_users(r->typed.v[r->head]))
		r->head++;
	for (r->option = r->head; r->option < r->typed.n && r->typed.v[r->option][0] != '-'; r->option++)
		;
	const char *after = r->option + 1 < r->typed.n ? r->typed.v[r->option + 1] : NULL;
	r->number = r->option < r->typed.n && !strcmp(r->typed.v[r->option], "-N");
	if (r->number)
		after = "N";
	else if (!after || is_users(after) == false)
		r->value = after;
	for (size_t i = 1; after && !r->value && i < r->line.n; i++)
		if (!strcmp(r->line.v[i], after) && r->line.v[i - 1][0] == '-')
			r->renamed = r->line.v[i - 1];
}

static void forget_row(struct row *r)
{
	kt_strs_fini(&r->typed);
	kt_strs_fini(&r->line);
}

/* How many words at argv are the row's option; 0: none. *glued: a value in the same word. */
static int is_option(const struct row *r, int argc, char *const *argv, const char **glued)
{
	const char *option = r->option < r->typed.n ? r->typed.v[r->option] : NULL;
	size_t len = option ? strlen(option) : 0;
	*glued = NULL;
	if (r->number) {
		size_t digits = argv[0][0] == '-' ? strspn(argv[0] + 1, "0123456789") : 0;
		*glued = argv[0] + 1;
		return digits && !argv[0][1 + digits];
	}
	if (!option || strncmp(argv[0], option, len) != 0)
		return 0;
	bool is_long = option[1] == '-', takes = r->value || r->renamed;
	if (argv[0][len] && takes && (is_long ? argv[0][len] == '=' : len == 2))
		*glued = argv[0] + len + is_long;
	else if (argv[0][len])
		return 0;
	if (!r->value)
		return 1;
	if (*glued)
		return strcmp(*glued, r->value) ? 0 : 1;
	return argc > 1 && !strcmp(argv[1], r->value) ? 2 : 0;
}

static const struct kt_opt *known(const struct kt_cmd *cmd, const char *word)
{
	bool is_long = word[1] == '-';
	return kt_opts_find(cmd->opts, is_long ? word + 2 : NULL, is_long ? strcspn(word + 2, "=") : 0, word[1]);
}

/* Whether the next word is the argument of this one. */
static bool has_argument(const struct kt_cmd *cmd, const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	const struct kt_opt *row = known(cmd, word);
	return row && kt_opt_takes_arg(row) && !(word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0');
}

/* The index of the row's option among argv, or -1. */
static int find_option(const struct row *r, const struct kt_cmd *cmd, int argc, char *const *argv)
{
	const char *glued;
	for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (is_option(r, argc - at, argv + at, &glued))
			return at;
		at += has_argument(cmd, argv[at]);
	}
	return -1;
}

static void add_line(struct kt_strs *out, const struct row *r)
{
	for (size_t i = 0; i < r->line.n; i++)
		if (!is_users(r->line.v[i]) && (!r->renamed || strcmp(r->line.v[i], r->renamed) != 0))
			kt_strs_add(out, r->line.v[i]);
}

/* argv: what follows the head. at: where the option is. */
static void rewrite(struct kt_strs *out, const struct row *r, int at, int argc, char *const *argv)
{
	const char *glued = NULL;
	int taken = at < 0 ? 0 : is_option(r, argc - at, argv + at, &glued);
	add_line(out, r);
	for (int i = 0; i < argc; i++) {
		if (i < at || i >= at + taken) {
			kt_strs_add(out, argv[i]);
			continue;
		}
		if (r->renamed)
			kt_strs_add(out, r->renamed);
		if (glued && !r->value)
			kt_strs_add(out, glued);
	}
}

/* kafka-topics.sh is topics, and a plural is its word. */
static bool same_word(const char *typed, const char *word)
{
	size_t from = strncmp(typed, "kafka-", 6) ? 0 : 6, len = strlen(typed) - from, word_len = strlen(word);
	if (len > 3 && !strcmp(typed + from + len - 3, ".sh"))
		len -= 3;
	len -= len == word_len + 1 && typed[from + len - 1] == 's';
	return !strcmp(typed, word) || (word_len == len && !memcmp(typed + from, word, len));
}

static bool has_head(const struct row *r, int argc, char *const *argv)
{
	if ((size_t)argc < r->head)
		return false;
	for (size_t i = 0; i < r->head; i++)
		if (!same_word(argv[i], r->typed.v[i]))
			return false;
	return true;
}

/* words as they are typed: after the command that they are options of, or any that is given for all. */
static void show(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess, const char *any,
	const char *words)
{
	bool all = guess->of && !strcmp(guess->of, "*");
	if (*words == '!')
		kt_buf_adds(out, words + 1);
	else
		kt_buf_addf(out, "%s %s%s%s", program->name,
			!guess->of ? ""
			: all      ? any
				   : guess->of,
			guess->of ? " " : "", words);
}

/* What was typed: argv are the arguments of cmd, which may be NULL, or what follows the head of a line. */
struct typed {
	const struct row *r;
	const struct kt_cmd *cmd;
	int argc;
	char *const *argv;
};

/* The argument that stands with the option at argv[at], or NULL. */
static const char *argument_at(const struct typed *t, int at)
{
	const char *word = t->argv[at], *equals = strchr(word, '=');
	if (word[1] == '-' ? equals != NULL : word[2] != '\0')
		return word[1] == '-' ? equals + 1 : word + 2;
	return at + 1 < t->argc ? t->argv[at + 1] : NULL;
}

/* The argument of an option of the command's own that has this letter, or whose argument is called so. */
static const char *own_argument(const struct typed *t, char letter, const char *called)
{
	const char *found = NULL;
	for (int at = 0; t->cmd && at < t->argc && strcmp(t->argv[at], "--") != 0; at++) {
		const struct kt_opt *row = t->argv[at][0] == '-' && t->argv[at][1] ? known(t->cmd, t->argv[at]) : NULL;
		if (row && kt_opt_takes_arg(row) &&
			(letter ? row->letter == letter : row->arg && !strcmp(row->arg, called)))
			found = argument_at(t, at);
		at += t->cmd && has_argument(t->cmd, t->argv[at]);
	}
	return found;
}

/* The n-th word that is neither an option nor an argument of one. */
static const char *positional(const struct typed *t, size_t n)
{
	const char *glued;
	for (int at = 0; at < t->argc; at++) {
		int option = is_option(t->r, t->argc - at, t->argv + at, &glued);
		bool value = option == 1 && !glued && !t->r->value && t->r->option + 1 < t->r->typed.n;
		if (t->argv[at][0] != '-' && !n--)
			return t->argv[at];
		at += option ? option - 1 + value : t->cmd && has_argument(t->cmd, t->argv[at]);
	}
	return NULL;
}

/* What the user typed for a word in capitals of the row's line, or NULL. */
static const char *users_word(const struct typed *t, const char *called)
{
	const struct row *r = t->r;
	const char *glued, *option_word = r->option + 1 < r->typed.n ? r->typed.v[r->option + 1] : "";
	size_t n = 0;
	for (int at = 0; at < t->argc && !r->value && !strcmp(option_word, called); at++)
		if (is_option(r, t->argc - at, t->argv + at, &glued))
			return glued ? glued : at + 1 < t->argc ? t->argv[at + 1] : NULL;
	const char *own = own_argument(t, 0, called);
	if (own)
		return own;
	for (size_t i = r->head; i < r->option && i < r->typed.n; i++, n++)
		if (!strcmp(r->typed.v[i], called))
			return positional(t, n);
	n = 0;
	for (const struct kt_opt *row = t->cmd && r->guess->of ? t->cmd->opts : NULL; row && row->name; row++)
		if (row->positional && !strcmp(row->name, called))
			return positional(t, n);
		else
			n += row->positional;
	return NULL;
}

/* The row's line with the words that were typed, and for the brokers that were. */
static void show_filled(struct kt_buf *out, const struct kt_program *program, const struct typed *t)
{
	const struct row *r = t->r;
	const char *brokers = own_argument(t, 'b', NULL);
	bool shell = r->guess->line[0] == '!';
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	if (!shell)
		kt_strs_add(&words, program->name);
	if (!shell && r->guess->of)
		kt_strs_add(&words, t->cmd->name);
	for (size_t i = 0; i < r->line.n; i++)
		kt_strs_add(&words, r->line.v[i] + (shell && !i));
	for (size_t i = 0; i < words.n; i++) {
		size_t len = strcspn(words.v[i], ";");
		kt_auto(kt_free_ptr) char *called = kt_strndup(words.v[i], len);
		const char *typed = is_users(called) ? users_word(t, called) : NULL;
		kt_buf_adds(out, i ? " " : "");
		if (typed && *typed)
			kt_shellwords_quote(out, typed, 0);
		else
			kt_buf_adds(out, called);
		kt_buf_adds(out, words.v[i] + len);
		if (brokers && *brokers && !strcmp(called, program->name)) {
			kt_buf_adds(out, " -b ");
			kt_shellwords_quote(out, brokers, 0);
		}
	}
}

static int say(const struct kt_program *program, const struct typed *t, struct kt_err *err)
{
	const struct kt_guess *guess = t->r->guess;
	const char *why = guess->why ? guess->why : "";
	kt_auto(kt_buf_fini) struct kt_buf typed = {0}, line = {0};
	show(&typed, program, guess, t->cmd ? t->cmd->name : NULL, guess->typed);
	show_filled(&line, program, t);
	kt_err_set(err, KT_USAGE, "there is no `%s`%s%s", kt_buf_cstr(&typed), *why ? ": " : "", why);
	return kt_err_hint(err, "type: %s", kt_buf_cstr(&line));
}

/* A row that ends without one of the user's words is not for a line that has one right after its own. */
static bool fits(const struct row *r, int argc, char *const *argv)
{
	if (!has_head(r, argc, argv))
		return false;
	return is_users(r->typed.v[r->typed.n - 1]) || (size_t)argc == r->head || argv[r->head][0] == '-';
}

/* The row of a whole line that fits best, of those with more words than `least`: with the longest head, and with an
 * option rather than without. */
static const struct kt_guess *find_line(
	const struct kt_program *program, size_t least, int argc, char *const *argv, int *at)
{
	const struct kt_guess *best = NULL;
	size_t best_words = 0;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed; guess++) {
		struct row r;
		int used;
		struct kt_err ignored = {0};
		if (guess->of || guess->kind == KT_GUESS_IS)
			continue;
		read_row(&r, guess);
		const struct kt_cmd *cmd = kt_cmd_find(program, (int)r.line.n, r.line.v, &used, &ignored);
		bool may = r.head > least && fits(&r, argc, argv);
		int option = may && cmd ? find_option(&r, cmd, argc - (int)r.head, argv + r.head) : -1;
		size_t words = r.head + (option >= 0);
		if (may && (option >= 0 || r.option == r.typed.n) && words > best_words) {
			best = guess;
			best_words = words;
			*at = option;
		}
		forget_row(&r);
	}
	return best;
}

/* Whose options are on a row's line; for a line of another program, any command that has the common ones. */
static const struct kt_cmd *options_of(const struct kt_program *program, const struct row *r)
{
	struct kt_err ignored = {0};
	size_t from = 0;
	int used;
	for (size_t i = 0; i < r->line.n && !from; i++)
		from = strcmp(r->line.v[i], program->name) ? 0 : i + 1;
	const struct kt_cmd *found = kt_cmd_find(program, (int)(r->line.n - from), r->line.v + from, &used, &ignored);
	for (const struct kt_cmd *const *cmd = program->cmds; !found && *cmd; cmd++)
		found = kt_opts_find((*cmd)->opts, NULL, 0, 'b') ? *cmd : NULL;
	return found;
}

static int take_line(struct kt_strs *out, const struct kt_program *program, size_t least, int argc, char *const *argv,
	struct kt_err *err)
{
	struct row r;
	int at = -1;
	const struct kt_guess *guess = find_line(program, least, argc, argv, &at);
	if (!guess)
		return 0;
	read_row(&r, guess);
	int result = 1;
	if (guess->kind == KT_GUESS_SAID) {
		const struct typed typed = {&r, options_of(program, &r), argc - (int)r.head, argv + r.head};
		result = say(program, &typed, err);
	} else {
		rewrite(out, &r, at, argc - (int)r.head, argv + r.head);
	}
	forget_row(&r);
	return result;
}

/* Whether an option row is for this command, and means something else there than what the command has. What it only
 * refuses is not had. */
static bool is_for(const struct row *r, const struct kt_cmd *cmd)
{
	const struct kt_guess *guess = r->guess;
	if (!guess->of || guess->kind == KT_GUESS_IS || r->option == r->typed.n)
		return false;
	bool all = !strcmp(guess->of, "*");
	if (all ? !known(cmd, r->line.v[0]) : strcmp(guess->of, cmd->name) != 0)
		return false;
	const struct kt_opt *own = known(cmd, r->typed.v[r->option]);
	return r->value || !own || (!all && own->type == KT_OPT_GONE);
}

/* Replaces one option of *words, the arguments of cmd, by what it stands for: 1, 0: none is a guess, -1. */
static int take_option(
	struct kt_strs *words, const struct kt_program *program, const struct kt_cmd *cmd, struct kt_err *err)
{
	int result = 0;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed && !result; guess++) {
		struct row r;
		read_row(&r, guess);
		int at = is_for(&r, cmd) ? find_option(&r, cmd, (int)words->n, words->v) : -1;
		if (at >= 0 && guess->kind == KT_GUESS_SAID) {
			result = say(program, &(struct typed){&r, cmd, (int)words->n, words->v}, err);
		} else if (at >= 0) {
			struct kt_strs out = {0};
			rewrite(&out, &r, at, (int)words->n, words->v);
			kt_strs_fini(words);
			*words = out;
			result = 1;
		}
		forget_row(&r);
	}
	return result;
}

/* A guess may stand for another one: "cg ls" is "group ls", which is "group list". */
static int take_lines(
	struct kt_strs *line, const struct kt_program *program, int argc, char *const *argv, struct kt_err *err)
{
	enum { MOST = 3 };
	int took = 0;
	for (int i = 0; i < argc; i++)
		kt_strs_add(line, argv[i]);
	for (int i = 0; i < MOST; i++) {
		struct kt_strs next = {0};
		struct kt_err ignored = {0};
		int used;
		const struct kt_cmd *cmd = kt_cmd_find(program, (int)line->n, line->v, &used, &ignored);
		int again = take_line(&next, program, cmd ? (size_t)used : 0, (int)line->n, line->v, err);
		if (again <= 0)
			return again < 0 ? -1 : took;
		kt_strs_fini(line);
		*line = next;
		took = 1;
	}
	return took;
}

int kt_guess_take(
	struct kt_strs *out, const struct kt_program *program, int argc, char *const *argv, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs line = {0}, words = {0};
	struct kt_err ignored = {0};
	int used, option, took = take_lines(&line, program, argc, argv, err);
	const struct kt_cmd *cmd = took < 0 ? NULL : kt_cmd_find(program, (int)line.n, line.v, &used, &ignored);
	if (took < 0 || (!took && !cmd))
		return took;
	if (!cmd)
		used = (int)line.n;
	for (size_t i = (size_t)used; cmd && i < line.n; i++)
		kt_strs_add(&words, line.v[i]);
	while (cmd && (option = take_option(&words, program, cmd, err)) != 0) {
		if (option < 0)
			return -1;
		took = 1;
	}
	for (int i = 0; i < used && took; i++)
		kt_strs_add(out, line.v[i]);
	for (size_t i = 0; i < words.n && took; i++)
		kt_strs_add(out, words.v[i]);
	return took;
}

char *kt_guess_unknown(const struct kt_cmd *cmd, int argc, char *const *argv)
{
	for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (!strncmp(argv[at], "--", 2) && !known(cmd, argv[at]))
			return kt_strndup(argv[at] + 2, strcspn(argv[at] + 2, "="));
		at += has_argument(cmd, argv[at]);
	}
	return NULL;
}

void kt_guess_hint(
	const struct kt_program *program, const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *word = err->hint[0] ? NULL : kt_guess_unknown(cmd, argc, argv);
	kt_auto(kt_buf_fini) struct kt_buf typed = {0}, line = {0};
	struct kt_suggest near = {.word = word};
	kt_auto(kt_strs_fini) struct kt_strs options = {0};
	for (const struct kt_guess *guess = program->guesses; word && guess && guess->typed; guess++) {
		struct row r;
		read_row(&r, guess);
		if (is_for(&r, cmd) && !strncmp(r.typed.v[r.option], "--", 2)) {
			const char *before = near.best;
			kt_strs_add(&options, r.typed.v[r.option] + 2);
			kt_suggest_offer(&near, options.v[options.n - 1]);
			if (near.best != before) {
				typed.len = line.len = 0;
				show(&typed, program, guess, cmd->name, guess->typed);
				show(&line, program, guess, cmd->name, guess->line);
			}
		}
		forget_row(&r);
	}
	if (near.best && near.distance)
		kt_err_hint(err, "did you mean --%s? That is `%s` here", near.best, kt_buf_cstr(&line));
	else if (near.best)
		kt_err_hint(err, "`%s` is `%s` here", kt_buf_cstr(&typed), kt_buf_cstr(&line));
}

void kt_guess_show_typed(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess)
{
	show(out, program, guess, "COMMAND", guess->typed);
}

void kt_guess_show_line(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess)
{
	show(out, program, guess, "COMMAND", guess->line);
}
