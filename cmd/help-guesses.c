/* kt help guesses: what people who know another tool type, and the line for it. */
#include <unistd.h>

#include "cmd.h"
#include "guesses.h"
#include "jsonout.h"
#include "out.h"
#include "table.h"

struct guesses_opts {
	const char *word;
	bool json;
};
#define OPTS struct guesses_opts

static const struct kt_opt opts[] = {
	{.name = "WORD", .positional = true, KT_STR(word), .help = "only lines that contain it"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "one JSON object per line"},
	KT_END,
};

static const char *const kinds[] = {[KT_GUESS_RUNS] = "runs", [KT_GUESS_SAID] = "said", [KT_GUESS_IS] = "is"};

/* A row is shown with the name of its program, and nothing else of it. */
static const struct kt_program kt = {.name = "kt"};

static void add(struct kt_buf *json, struct kt_table *table, const struct kt_guess *guess, const char *word)
{
	kt_auto(kt_buf_fini) struct kt_buf typed = {0}, line = {0};
	kt_guess_show_typed(&typed, &kt, guess);
	kt_guess_show_line(&line, &kt, guess);
	if (word && !strstr(kt_buf_cstr(&typed), word) && !strstr(kt_buf_cstr(&line), word))
		return;
	kt_table_add(table, "%s", kt_buf_cstr(&typed));
	kt_table_add(table, "%s", kt_buf_cstr(&line));
	kt_buf_addc(json, '{');
	kt_jsonout_words(json, "typed", kt_buf_cstr(&typed));
	kt_jsonout_words(json, "line", kt_buf_cstr(&line));
	kt_jsonout_words(json, "kind", kinds[guess->kind]);
	kt_buf_adds(json, "}\n");
}

static int run(void *data, struct kt_err *err)
{
	static const struct kt_column columns[] = {{"TYPED"}, {"DOES"}, {NULL}};
	const OPTS *o = data;
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	kt_auto(kt_buf_fini) struct kt_buf json = {0}, text = {0};
	for (const struct kt_guess *guess = kt_guesses; guess->typed; guess++)
		add(&json, &table, guess, o->word);
	kt_table_render(&table, &text, isatty(STDOUT_FILENO) == 1);
	return kt_out_print(STDOUT_FILENO, o->json ? &json : &text, err);
}

static const char *const about[] = {
	"What people who come from kcat, rpk, kaf, kafkactl or Kafka's own scripts type, and what it does here. Most "
	"of it runs as it is typed; the rest is an error that shows the right line. Command lines of kcat (kt -b H "
	"-t t -C) and common options before a command work as well.",
	NULL,
};

static const char *const examples[] = {
	"all of them",
	"kt help guesses",
	"those about groups",
	"kt help guesses group",
	NULL,
};

const struct kt_cmd kt_cmd_help_guesses = {
	.name = "help guesses",
	.summary = "commands of other tools, and the line for each",
	.section = "Learning",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
