#include "guess_own.h"
#include "mem.h"
#include "shellwords.h"
#include "suggest.h"

void kt_guess_show(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess, const char *any,
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

/* The argument that stands with the option at argv[at], or NULL. */
static const char *argument_at(const struct kt_guess_typed *t, int at)
{
	const char *word = t->argv[at], *equals = strchr(word, '=');
	t->used[at] = true;
	if (word[1] == '-' ? equals != NULL : word[2] != '\0')
		return word[1] == '-' ? equals + 1 : word + 2;
	if (at + 1 == t->argc)
		return NULL;
	t->used[at + 1] = true;
	return t->argv[at + 1];
}

/* Its argument is called so, maybe with more after it: TOPIC[:P,…]. */
static bool is_called(const struct kt_opt *row, const char *called)
{
	size_t len = strlen(called);
	return row->arg && !strncmp(row->arg, called, len) && (!row->arg[len] || row->arg[len] == '[');
}

/* The argument of an option of the command's own that has this letter, or whose argument is called so. */
static const char *own_argument(const struct kt_guess_typed *t, char letter, const char *called)
{
	const char *found = NULL;
	for (int at = 0; t->cmd && at < t->argc && strcmp(t->argv[at], "--") != 0; at++) {
		const char *word = t->argv[at];
		const struct kt_opt *row = word[0] == '-' && word[1] ? kt_guess_known(t->cmd, word) : NULL;
		bool asked = row && kt_opt_takes_arg(row) && (letter ? row->letter == letter : is_called(row, called));
		if (asked && (letter || !found))
			found = argument_at(t, at);
		at += t->cmd && kt_guess_has_argument(t->cmd, word);
	}
	return found;
}

/* The n-th word that is neither an option nor an argument of one. */
static const char *positional(const struct kt_guess_typed *t, size_t n)
{
	const char *glued;
	for (int at = 0; at < t->argc; at++) {
		int option = kt_guess_is_option(t->r, t->argc - at, t->argv + at, &glued);
		bool value = option == 1 && !glued && !t->r->value && t->r->option + 1 < t->r->typed.n;
		if (t->argv[at][0] != '-' && !n--) {
			t->used[at] = true;
			return t->argv[at];
		}
		at += option ? option - 1 + value : t->cmd && kt_guess_has_argument(t->cmd, t->argv[at]);
	}
	return NULL;
}

/* What the user typed for a word in capitals of the row's line, or NULL. */
static const char *users_word(const struct kt_guess_typed *t, const char *called)
{
	const struct kt_guess_row *r = t->r;
	const char *glued, *option_word = r->option + 1 < r->typed.n ? r->typed.v[r->option + 1] : "";
	size_t n = 0;
	for (int at = 0; at < t->argc && !r->value && !strcmp(option_word, called); at++)
		if (kt_guess_is_option(r, t->argc - at, t->argv + at, &glued))
			return glued ? glued : at + 1 < t->argc ? t->argv[at + 1] : NULL;
	const char *own = own_argument(t, 0, called);
	if (own)
		return own;
	for (size_t i = r->head; i < r->typed.n; i++, n++) {
		i += i == r->option ? 1 + r->takes : 0;
		if (i < r->typed.n && !strcmp(r->typed.v[i], called))
			return positional(t, n);
	}
	n = 0;
	for (const struct kt_opt *row = t->cmd && r->guess->of ? t->cmd->opts : NULL; row && row->name; row++)
		if (row->positional && !strcmp(row->name, called))
			return positional(t, n);
		else
			n += row->positional;
	return NULL;
}

/* A capital that is not a letter of a format. */
static bool begins_users(const char *word, size_t at)
{
	return kt_guess_is_users(word + at) && (!at || !strchr("%ABCDEFGHIJKLMNOPQRSTUVWXYZ", word[at - 1]));
}

/* One word of a line: TOPIC, or with the user's words in it: retention.ms=TIME, '^REGEX', TOPIC:N. */
static void add_word(struct kt_buf *out, const struct kt_guess_typed *t, const char *word)
{
	size_t len = strlen(word), from = len > 2 && word[0] == '\'' && word[len - 1] == '\'';
	kt_auto(kt_buf_fini) struct kt_buf filled = {0};
	const char *whole = kt_guess_is_users(word) ? users_word(t, word) : NULL;
	bool any = false;
	for (size_t at = from, run; !whole && at < len - from && (word[0] != '-' || strchr(word, '=')); at += run) {
		run = begins_users(word, at) ? strspn(word + at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
		kt_auto(kt_free_ptr) char *called = kt_strndup(word + at, run);
		const char *typed = run ? users_word(t, called) : NULL;
		run += !run;
		any |= typed && *typed;
		if (typed && *typed)
			kt_buf_adds(&filled, typed + (at && strchr("^@", word[at - 1]) && *typed == word[at - 1]));
		else
			kt_buf_add(&filled, word + at, run);
	}
	if (whole && *whole)
		kt_shellwords_add(out, whole);
	else if (any)
		kt_shellwords_add(out, kt_buf_cstr(&filled));
	else
		kt_buf_adds(out, word);
}

static void mark_row(const struct kt_guess_typed *t)
{
	const char *glued;
	for (int at = 0; at < t->argc && t->r->option < t->r->typed.n; at++) {
		int n = kt_guess_is_option(t->r, t->argc - at, t->argv + at, &glued);
		if (!n)
			continue;
		bool value = n == 1 && !glued && t->r->takes;
		for (int i = at; i < at + n + value && i < t->argc; i++)
			t->used[i] = true;
		return;
	}
}

/* Whether further words mean what the row's last one does: topic delete a b. Those of a command go with that command.
 */
static bool takes_more(const struct kt_guess_typed *t)
{
	const struct kt_guess_row *r = t->r;
	const char *last = r->typed.n ? r->typed.v[r->typed.n - 1] : "";
	if (r->guess->of)
		return r->guess->line[0] != '!' || strstr(r->guess->line, t->cmd->name);
	return r->line.n && kt_guess_is_users(last) && !strcmp(last, r->line.v[r->line.n - 1]);
}

/* Whether the word at argv[at], with its argument *words words, goes into the line. Of an option that nobody knows it
 * is not known whether the next word is its argument: with the command's own words both stay, else neither. */
static bool keeps(const struct kt_program *program, const struct kt_guess_typed *t, int at, int *words)
{
	const struct kt_guess_row *r = t->r;
	const char *word = t->argv[at], *next = at + 1 < t->argc ? t->argv[at + 1] : "-";
	*words = 1;
	if (word[0] != '-' || !word[1])
		return takes_more(t);
	bool known = kt_guess_known(t->cmd, word), had = kt_strs_has(&r->line, word);
	int guessed = known ? 0 : kt_guess_stands(program, t->cmd, t->argc - at, t->argv + at);
	if (known)
		*words += *next && kt_guess_has_argument(t->cmd, word) && at + 1 < t->argc;
	else if (guessed)
		*words = guessed;
	else
		*words += !r->guess->of && *next != '-';
	bool torn = *words == 2 && t->used[at + 1];
	return !had && !torn && (known || guessed || r->guess->of);
}

/* What was typed and does not stand in the line yet: options that its command has, and words that it takes. */
static void add_rest(struct kt_buf *out, const struct kt_program *program, const struct kt_guess_typed *t)
{
	const struct kt_guess_row *r = t->r;
	mark_row(t);
	for (size_t i = r->head, n = 0; i < r->option && i < r->typed.n; i++, n++)
		(void)positional(t, n);
	for (int at = 0, words; t->cmd && at < t->argc; at += words) {
		bool keep = keeps(program, t, at, &words);
		for (int i = at; keep && i < at + words && !t->used[i]; i++) {
			kt_buf_addc(out, ' ');
			kt_shellwords_add(out, t->argv[i]);
		}
	}
}

/* Where a command's own options end within a line. */
static bool ends_options(const char *word)
{
	return *word == '|' || *word == '>' || !strcmp(word, "--");
}

/* The row's line with the words that were typed, and for the brokers that were. */
static void show_filled(struct kt_buf *out, const struct kt_program *program, const struct kt_guess_typed *t)
{
	const struct kt_guess_row *r = t->r;
	const char *brokers = own_argument(t, 'b', NULL);
	bool shell = r->guess->line[0] == '!', rest = false;
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_auto(kt_buf_fini) struct kt_buf before = {0}, after = {0};
	size_t own = SIZE_MAX;
	if (!shell)
		kt_strs_add(&words, program->name);
	if (!shell && r->guess->of)
		kt_strs_add(&words, t->cmd->name);
	for (size_t i = 0; i < r->line.n; i++)
		kt_strs_add(&words, r->line.v[i] + (shell && !i));
	for (size_t i = 0; i < words.n; i++)
		own = strcmp(words.v[i], program->name) ? own : i;
	for (size_t i = 0; i < words.n; i++) {
		size_t len = strcspn(words.v[i], ";");
		kt_auto(kt_free_ptr) char *word = kt_strndup(words.v[i], len);
		rest |= own < i && ends_options(word);
		struct kt_buf *to = rest ? &after : &before;
		kt_buf_adds(to, i ? " " : "");
		add_word(to, t, word);
		kt_buf_adds(to, words.v[i] + len);
		if (brokers && *brokers && !strcmp(word, program->name)) {
			kt_buf_adds(to, " -b ");
			kt_shellwords_add(to, brokers);
		}
	}
	if (own != SIZE_MAX)
		add_rest(&before, program, t);
	kt_buf_adds(out, kt_buf_cstr(&before));
	kt_buf_adds(out, kt_buf_cstr(&after));
}

int kt_guess_say(const struct kt_program *program, struct kt_guess_typed *t, struct kt_err *err)
{
	const struct kt_guess *guess = t->r->guess;
	const char *why = guess->why ? guess->why : "";
	kt_auto(kt_buf_fini) struct kt_buf typed = {0}, line = {0};
	kt_guess_show(&typed, program, guess, t->cmd ? t->cmd->name : NULL, guess->typed);
	t->used = kt_calloc((size_t)t->argc + 1, sizeof(*t->used));
	show_filled(&line, program, t);
	free(t->used);
	kt_err_set(err, KT_USAGE, "there is no `%s`%s%s", kt_buf_cstr(&typed), *why ? ": " : "", why);
	return kt_err_hint(err, KT_GUESS_TYPE "%s", kt_buf_cstr(&line));
}

void kt_guess_show_typed(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess)
{
	kt_guess_show(out, program, guess, "COMMAND", guess->typed);
}

void kt_guess_show_line(struct kt_buf *out, const struct kt_program *program, const struct kt_guess *guess)
{
	kt_guess_show(out, program, guess, "COMMAND", guess->line);
}
