#include "kcatline.h"

#include "guess.h"
#include "mem.h"

/* kcat 1.7.1's getopt() string, in two: what takes an argument, and what does not. */
static const char with_argument[] = "GMtpbzoDKkHdFXcfsrm", without[] = "PCLQeEuTOJZlqvVhU";
static const char modes[] = "PCLQGM";

struct scan {
	const struct kt_program *program;
	int argc;
	char *const *argv;
	struct kt_kcatline *line;
	char mode;                       /* 0: none was given */
	const char *mode_value;          /* of -G and -M */
	int operand;                     /* the first one's index, or argc */
	bool topics, lines, key_offsets; /* there is a -t, an -l, an -O */
	size_t key;                      /* the place of -k among the options, from 1; 0: there is none */
	struct kt_strs options, operands;
};

static const struct kt_opt *find(const struct kt_program *program, const char *name, size_t len, char letter)
{
	const struct kt_opt *row = NULL;
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd && !row; cmd++)
		row = kt_opts_find((*cmd)->opts, name, len, letter);
	return row;
}

static bool takes_argument(const struct scan *s, char letter)
{
	if (strchr(with_argument, letter) || strchr(without, letter))
		return strchr(with_argument, letter) != NULL;
	const struct kt_opt *row = find(s->program, NULL, 0, letter);
	return row && kt_opt_takes_arg(row);
}

static void add(struct scan *s, const char *option, const char *value)
{
	kt_strs_add(&s->options, option);
	if (value)
		kt_strs_add(&s->options, value);
}

/* What kcat's letter is called here. */
static void take_letter(struct scan *s, char letter, const char *value)
{
	const char same[] = {'-', letter, '\0'};
	if (strchr(modes, letter)) {
		s->mode = letter;
		s->mode_value = value;
	} else if (letter == 'l') {
		s->lines = true;
	} else if (letter == 'O') {
		s->key_offsets = true;
	} else if (letter == 'E') {
		add(s, "--on-error=continue", NULL);
	} else if (letter == 'd') {
		kt_strs_take(&s->options, kt_asprintf("-Xdebug=%s", value));
		add(s, "-vv", NULL);
	} else if (letter == 's' && !strchr(value, '=')) {
		kt_strs_take(&s->options, kt_asprintf("-skey=%s", value));
		kt_strs_take(&s->options, kt_asprintf("-svalue=%s", value));
	} else if (letter != 'p' || strcmp(value, "-1") != 0) {
		s->topics |= letter == 't';
		s->key = letter == 'k' ? s->options.n + 1 : s->key;
		add(s, same, value);
	}
}

static int take_letters(struct scan *s, const char *text, int *at, struct kt_err *err)
{
	for (; *text; text++) {
		if (!takes_argument(s, *text)) {
			take_letter(s, *text, NULL);
			continue;
		}
		if (!text[1] && *at == s->argc)
			return kt_err_set(err, KT_USAGE, "-%c needs an argument", *text);
		take_letter(s, *text, text[1] ? text + 1 : s->argv[(*at)++]);
		break;
	}
	return 0;
}

static void take_long(struct scan *s, const char *word, int *at)
{
	size_t len = strcspn(word + 2, "=");
	const struct kt_opt *row = find(s->program, word + 2, len, 0);
	bool follows = row && kt_opt_takes_arg(row) && !word[2 + len] && *at < s->argc;
	s->topics |= !strncmp(word, "--topic", 7) && len == 5;
	add(s, word, follows ? s->argv[*at] : NULL);
	*at += follows;
}

static int scan(struct scan *s, struct kt_err *err)
{
	bool only_operands = false;
	s->operand = s->argc;
	for (int at = 0; at < s->argc;) {
		const char *word = s->argv[at++];
		if (only_operands || word[0] != '-' || !word[1]) {
			kt_strs_add(&s->operands, word);
			s->operand = s->operand < at ? s->operand : at - 1;
		} else if (!strcmp(word, "--")) {
			only_operands = true;
		} else if (word[1] == '-') {
			take_long(s, word, &at);
		} else if (take_letters(s, word + 1, &at, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The command, what it takes from the letter that stands for it, and the options. Who reads and gives a key looks for
 * it. */
static void begin(struct scan *s, const char *command, const char *option)
{
	kt_strs_split(&s->line->words, command, " ");
	if (option) {
		kt_strs_add(&s->line->words, option);
		kt_strs_add(&s->line->words, s->mode_value);
	}
	for (size_t i = 0; i < s->options.n; i++)
		kt_strs_add(
			&s->line->words, s->key == i + 1 && !strcmp(command, "consume") ? "--key" : s->options.v[i]);
}

/* As in kcat, where a file is a record unless -l says that it has lines. A topic without -t is our own addition. */
static void produce(struct scan *s)
{
	size_t topic = s->topics || !s->operands.n ? 0 : 1;
	begin(s, "produce", NULL);
	if (s->operands.n > topic && !s->lines)
		kt_strs_add(&s->line->words, "--whole");
	for (size_t i = 0; i < s->operands.n; i++) {
		if (i >= topic && s->lines)
			kt_strs_add(&s->line->words, "-l");
		kt_strs_add(&s->line->words, s->operands.v[i]);
	}
}

static int consume(struct scan *s, struct kt_err *err)
{
	if (s->key_offsets) {
		kt_err_set(err, KT_USAGE, "-O is not an option here");
		return kt_err_hint(err, "an offset in front of each record: -f '%%o:%%k:%%s\\n'");
	}
	begin(s, "consume", s->mode == 'G' ? "-g" : NULL);
	for (size_t i = 0; i < s->operands.n; i++)
		kt_strs_add(&s->line->words, s->operands.v[i]);
	return 0;
}

/* Without a letter the terminal decides, as with kcat; but a word that is neither a command nor goes with -t is a
 * mistyped command. */
static int choose(struct scan *s, bool terminal, struct kt_err *err)
{
	int used;
	kt_auto(kt_strs_fini) struct kt_strs moved = {0};
	for (int i = 0; i < s->argc; i++)
		kt_strs_add(&moved, s->argv[(i + s->operand) % s->argc]);
	if (s->operand < s->argc && !s->topics) {
		bool found = kt_cmd_find(s->program, (int)moved.n, moved.v, &used, err);
		if (!found && !err->hint[0])
			kt_guess_meant(s->program, (int)moved.n, moved.v, err);
		return found ? 0 : -1;
	}
	s->line->chosen = terminal ? "Consumer" : "Producer";
	s->mode = terminal ? 'C' : 'P';
	return 0;
}

static int translate(struct scan *s, bool terminal, struct kt_err *err)
{
	if (!s->mode && choose(s, terminal, err) < 0)
		return -1;
	s->line->kcat = true;
	switch (s->mode) {
	case 'P':
		produce(s);
		return 0;
	case 'L':
		begin(s, "topic describe", NULL);
		return 0;
	case 'Q':
		begin(s, "kcat-query", NULL);
		return 0;
	case 'M':
		begin(s, "broker", "--brokers");
		return 0;
	default:
		return consume(s, err);
	}
}

/* Options that come before a command, or another tool's word for one, go after its name. */
static bool is_command(struct scan *s)
{
	kt_auto(kt_strs_fini) struct kt_strs guessed = {0};
	int used, argc = s->argc - s->operand;
	char *const *argv = s->argv + s->operand;
	struct kt_err ignored = {0};
	if (s->mode || !argc)
		return false;
	int took = kt_guess_take(&guessed, s->program, argc, argv, &ignored);
	if (took == 1) {
		argc = (int)guessed.n;
		argv = guessed.v;
	}
	/* What is only said is said of the whole line. */
	if (took >= 0 && !kt_cmd_find(s->program, argc, argv, &used, &ignored))
		return false;
	if (took < 0)
		used = argc;
	for (int i = 0; i < used; i++)
		kt_strs_add(&s->line->words, argv[i]);
	for (int i = 0; i < s->operand; i++)
		kt_strs_add(&s->line->words, s->argv[i]);
	for (int i = used; i < argc; i++)
		kt_strs_add(&s->line->words, argv[i]);
	return true;
}

int kt_kcatline_read(struct kt_kcatline *line, const struct kt_program *program, int argc, char *const *argv,
	bool terminal, struct kt_err *err)
{
	struct scan s = {.program = program, .argc = argc, .argv = argv, .line = line};
	int result = scan(&s, err);
	if (result == 0 && !is_command(&s))
		result = translate(&s, terminal, err);
	kt_strs_fini(&s.options);
	kt_strs_fini(&s.operands);
	return result;
}

void kt_kcatline_fini(struct kt_kcatline *line)
{
	kt_strs_fini(&line->words);
}
