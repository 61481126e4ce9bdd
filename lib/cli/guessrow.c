#include "guess_own.h"

bool kt_guess_is_users(const char *word)
{
	return *word >= 'A' && *word <= 'Z';
}

void kt_guess_read_row(struct kt_guess_row *r, const struct kt_guess *guess)
{
	*r = (struct kt_guess_row){.guess = guess};
	kt_strs_split(&r->typed, guess->typed, " ");
	kt_strs_split(&r->line, guess->line, " ");
	while (r->head < r->typed.n && r->typed.v[r->head][0] != '-' && !kt_guess_is_users(r->typed.v[r->head]))
		r->head++;
	for (r->option = r->head; r->option < r->typed.n && r->typed.v[r->option][0] != '-'; r->option++)
		;
	const char *after = r->option + 1 < r->typed.n ? r->typed.v[r->option + 1] : NULL;
	r->number = r->option < r->typed.n && !strcmp(r->typed.v[r->option], "-N");
	if (r->number)
		after = "N";
	else if (!after || !kt_guess_is_users(after))
		r->value = after;
	for (size_t i = 1; after && !r->value && i < r->line.n; i++)
		if (!strcmp(r->line.v[i], after) && r->line.v[i - 1][0] == '-')
			r->renamed = r->line.v[i - 1];
	/* In a row that runs, a word that is not an argument in its line is a word by itself. */
	r->takes = after && (r->value || r->renamed || guess->kind == KT_GUESS_SAID);
}

void kt_guess_forget_row(struct kt_guess_row *r)
{
	kt_strs_fini(&r->typed);
	kt_strs_fini(&r->line);
}

static bool looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] && !strchr("0123456789", word[1]);
}

int kt_guess_is_option(const struct kt_guess_row *r, int argc, char *const *argv, const char **glued)
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
	bool is_long = option[1] == '-';
	if (argv[0][len] && r->takes && (is_long ? argv[0][len] == '=' : len == 2))
		*glued = argv[0] + len + is_long;
	else if (argv[0][len])
		return 0;
	/* -k KEY of one tool may be a flag of another. */
	if (!r->value)
		return *glued || !r->renamed || is_long || (argc > 1 && !looks_like_option(argv[1])) ? 1 : 0;
	if (*glued)
		return strcmp(*glued, r->value) ? 0 : 1;
	return argc > 1 && !strcmp(argv[1], r->value) ? 2 : 0;
}

const struct kt_opt *kt_guess_known(const struct kt_cmd *cmd, const char *word)
{
	bool is_long = word[1] == '-';
	return kt_opts_find(cmd->opts, is_long ? word + 2 : NULL, is_long ? strcspn(word + 2, "=") : 0, word[1]);
}

bool kt_guess_has_argument(const struct kt_cmd *cmd, const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	const struct kt_opt *row = kt_guess_known(cmd, word);
	return row && kt_opt_takes_arg(row) && !(word[1] == '-' ? strchr(word, '=') != NULL : word[2] != '\0');
}
