#include "guess_own.h"
#include "mem.h"
#include "suggest.h"

/* The index of the row's option among argv, or -1. */
static int find_option(const struct kt_guess_row *r, const struct kt_cmd *cmd, int argc, char *const *argv)
{
	const char *glued;
	for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (kt_guess_is_option(r, argc - at, argv + at, &glued))
			return at;
		at += kt_guess_has_argument(cmd, argv[at]);
	}
	return -1;
}

static void add_line(struct kt_strs *out, const struct kt_guess_row *r)
{
	for (size_t i = 0; i < r->line.n; i++)
		if (!kt_guess_is_users(r->line.v[i]) && (!r->renamed || strcmp(r->line.v[i], r->renamed) != 0))
			kt_strs_add(out, r->line.v[i]);
}

/* argv: what follows the head. at: where the option is. */
static void rewrite(struct kt_strs *out, const struct kt_guess_row *r, int at, int argc, char *const *argv)
{
	const char *glued = NULL;
	int taken = at < 0 ? 0 : kt_guess_is_option(r, argc - at, argv + at, &glued);
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

static bool has_head(const struct kt_guess_row *r, int argc, char *const *argv)
{
	if ((size_t)argc < r->head)
		return false;
	for (size_t i = 0; i < r->head; i++)
		if (!same_word(argv[i], r->typed.v[i]))
			return false;
	return true;
}

/* A row that ends without one of the user's words is not for a line that has one right after its own. */
static bool fits(const struct kt_guess_row *r, int argc, char *const *argv)
{
	if (!has_head(r, argc, argv))
		return false;
	return kt_guess_is_users(r->typed.v[r->typed.n - 1]) || (size_t)argc == r->head || argv[r->head][0] == '-';
}

/* Whose options are on a row's line; for a line of another program, any command that has the common ones. */
static const struct kt_cmd *options_of(const struct kt_program *program, const struct kt_guess_row *r)
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

/* The row of a whole line that fits best, of those with more words than `least`: with the longest head, and with an
 * option rather than without. */
static const struct kt_guess *find_line(
	const struct kt_program *program, size_t least, int argc, char *const *argv, int *at)
{
	const struct kt_guess *best = NULL;
	size_t best_words = 0;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed; guess++) {
		struct kt_guess_row r;
		if (guess->of || guess->kind == KT_GUESS_IS)
			continue;
		kt_guess_read_row(&r, guess);
		bool may = r.head > least && fits(&r, argc, argv);
		const struct kt_cmd *cmd = may ? options_of(program, &r) : NULL;
		int option = cmd ? find_option(&r, cmd, argc - (int)r.head, argv + r.head) : -1;
		size_t words = r.head + (option >= 0);
		if (may && (option >= 0 || r.option == r.typed.n) && words > best_words) {
			best = guess;
			best_words = words;
			*at = option;
		}
		kt_guess_forget_row(&r);
	}
	return best;
}

static int take_line(struct kt_strs *out, const struct kt_program *program, size_t least, int argc, char *const *argv,
	struct kt_err *err)
{
	struct kt_guess_row r;
	int at = -1;
	const struct kt_guess *guess = find_line(program, least, argc, argv, &at);
	if (!guess)
		return 0;
	kt_guess_read_row(&r, guess);
	int result = 1;
	if (guess->kind == KT_GUESS_SAID) {
		struct kt_guess_typed typed = {&r, options_of(program, &r), argc - (int)r.head, argv + r.head};
		result = kt_guess_say(program, &typed, err);
	} else {
		rewrite(out, &r, at, argc - (int)r.head, argv + r.head);
	}
	kt_guess_forget_row(&r);
	return result;
}

/* Whether an option row is for this command, and means something else there than what the command has. What it only
 * refuses is not had. */
static bool is_for(const struct kt_guess_row *r, const struct kt_cmd *cmd)
{
	const struct kt_guess *guess = r->guess;
	if (!guess->of || guess->kind == KT_GUESS_IS || r->option == r->typed.n)
		return false;
	bool all = !strcmp(guess->of, "*");
	if (all ? !kt_guess_known(cmd, r->line.v[0]) : strcmp(guess->of, cmd->name) != 0)
		return false;
	const struct kt_opt *own = kt_guess_known(cmd, r->typed.v[r->option]);
	return r->value || !own || (!all && own->type == KT_OPT_GONE);
}

int kt_guess_stands(const struct kt_program *program, const struct kt_cmd *cmd, int argc, char *const *argv)
{
	int words = 0;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed && !words; guess++) {
		struct kt_guess_row r;
		const char *glued;
		kt_guess_read_row(&r, guess);
		if (guess->kind == KT_GUESS_RUNS && is_for(&r, cmd))
			words = kt_guess_is_option(&r, argc, argv, &glued);
		if (words == 1 && !glued && r.renamed && argc > 1)
			words = 2;
		kt_guess_forget_row(&r);
	}
	return words;
}

/* Replaces one option of *words, the arguments of cmd, by what it stands for: 1, 0: none is a guess, -1. */
static int take_option(
	struct kt_strs *words, const struct kt_program *program, const struct kt_cmd *cmd, struct kt_err *err)
{
	int result = 0;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed && !result; guess++) {
		struct kt_guess_row r;
		kt_guess_read_row(&r, guess);
		int at = is_for(&r, cmd) ? find_option(&r, cmd, (int)words->n, words->v) : -1;
		if (at >= 0 && guess->kind == KT_GUESS_SAID) {
			result = kt_guess_say(program, &(struct kt_guess_typed){&r, cmd, (int)words->n, words->v}, err);
		} else if (at >= 0) {
			struct kt_strs out = {0};
			rewrite(&out, &r, at, (int)words->n, words->v);
			kt_strs_fini(words);
			*words = out;
			result = 1;
		}
		kt_guess_forget_row(&r);
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

/* A word of another tool, mistyped. */
static const struct kt_guess *near_guess(const struct kt_program *program, const char *one)
{
	struct kt_suggest near = {.word = one};
	const struct kt_guess *best = NULL;
	for (const struct kt_guess *guess = program->guesses; guess && guess->typed; guess++) {
		char first[32];
		const char *before = near.best;
		size_t len = strcspn(guess->typed, " ");
		snprintf(first, sizeof(first), "%.*s", (int)len, guess->typed);
		if (!guess->of && guess->kind != KT_GUESS_IS)
			kt_suggest_offer(&near, first);
		best = near.best == before ? best : guess;
		near.best = best ? best->typed : NULL;
	}
	return best;
}

/* The line of the guess whose first word is meant by argv[0], with the other words as they are. */
static void show_guess(
	struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess, int argc, char *const *argv)
{
	kt_auto(kt_strs_fini) struct kt_strs meant = {0}, line = {0};
	size_t len = strcspn(guess->typed, " ");
	struct kt_err said = {0};
	int took = 0;
	kt_strs_take(&meant, kt_strndup(guess->typed, len));
	for (int i = 1; i < argc; i++)
		kt_strs_add(&meant, argv[i]);
	if (strcmp(meant.v[0], argv[0]) != 0)
		took = kt_guess_take(&line, program, argc, meant.v, &said);
	if (took > 0) {
		kt_buf_adds(out, program->name);
		kt_cmd_add_words(out, (int)line.n, line.v);
	} else if (took < 0 && !strncmp(said.hint, KT_GUESS_TYPE, strlen(KT_GUESS_TYPE))) {
		kt_buf_adds(out, said.hint + strlen(KT_GUESS_TYPE));
	} else {
		kt_guess_show_line(out, program, guess);
	}
}

void kt_guess_meant(const struct kt_program *program, int argc, char *const *argv, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	const struct kt_guess *guess = near_guess(program, argv[0]);
	if (guess)
		show_guess(&line, program, guess, argc, argv);
	if (guess)
		kt_err_hint(err, "did you mean `%s`?", kt_buf_cstr(&line));
	else
		kt_err_hint(err, "`%s help` lists the commands", program->name);
}

char *kt_guess_unknown(const struct kt_cmd *cmd, int argc, char *const *argv)
{
	for (int at = 0; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (!strncmp(argv[at], "--", 2) && !kt_guess_known(cmd, argv[at]))
			return kt_strndup(argv[at] + 2, strcspn(argv[at] + 2, "="));
		at += kt_guess_has_argument(cmd, argv[at]);
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
		struct kt_guess_row r;
		kt_guess_read_row(&r, guess);
		if (is_for(&r, cmd) && !strncmp(r.typed.v[r.option], "--", 2)) {
			const char *before = near.best;
			kt_strs_add(&options, r.typed.v[r.option] + 2);
			kt_suggest_offer(&near, options.v[options.n - 1]);
			if (near.best != before) {
				typed.len = line.len = 0;
				kt_guess_show(&typed, program, guess, cmd->name, guess->typed);
				kt_guess_show(&line, program, guess, cmd->name, guess->line);
			}
		}
		kt_guess_forget_row(&r);
	}
	if (near.best && near.distance)
		kt_err_hint(err, "did you mean --%s? That is `%s` here", near.best, kt_buf_cstr(&line));
	else if (near.best)
		kt_err_hint(err, "`%s` is `%s` here", kt_buf_cstr(&typed), kt_buf_cstr(&line));
}
