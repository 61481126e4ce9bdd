/* kt help tutorial: every exercise of the course documents, the original command beside the one of kt. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "jsonout.h"
#include "out.h"
#include "say.h"
#include "shellwords.h"
#include "tutorialsteps.h"

struct tutorial_opts {
	struct kt_client_opts client;
	const char *topic, *group;
	bool json;
};

#define OPTS struct tutorial_opts
static const struct kt_opt opts[] = {
	{.name = "TOPIC",
		.positional = true,
		KT_STR(topic),
		.comp = KT_COMP_TOPIC,
		.help = "your topic (default: kt.topic of the configuration, else client58)"},
	{.name = "group",
		.letter = 'g',
		KT_STR(group),
		.arg = "GROUP",
		.comp = KT_COMP_GROUP,
		.help = "your group (default: kt.group of the configuration, else readers)"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per step"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const end_words[] = {
	"", "   (Ctrl-D ends it)", "   (Ctrl-C ends it)", "   (kill -9 ends it, while it stores)"};
static const char *const end_names[] = {"itself", "end of input", "interrupt", "kill"};

/* What the placeholders stand for. */
struct reader {
	const char *topic, *group, *brokers;
	struct kt_buf flags;
};

static void add_flag(struct kt_buf *out, const char *flag, const char *value)
{
	if (value) {
		kt_buf_addf(out, " %s ", flag);
		kt_shellwords_add(out, value);
	}
}

/* What was typed for this command is needed by the others; the rest they find where this one found it. */
static void collect_flags(struct kt_buf *out, const struct kt_client_opts *o)
{
	add_flag(out, "-b", o->brokers);
	add_flag(out, "--auth", o->auth);
	add_flag(out, "--profile", o->profile);
	add_flag(out, "-F", o->config);
	for (size_t i = 0; i < o->properties.n; i++)
		add_flag(out, "-X", o->properties.v[i]);
	for (size_t i = 0; i < o->resolve.n; i++)
		add_flag(out, "--resolve", o->resolve.v[i]);
}

static void fill(struct kt_buf *out, const char *line, struct reader *r)
{
	const struct {
		const char *name, *value;
	} words[] = {{"{topic}", r->topic}, {"{group}", r->group}, {"{brokers}", r->brokers}};
	while (*line) {
		size_t i = 0;
		while (i < KT_LEN(words) && strncmp(line, words[i].name, strlen(words[i].name)) != 0)
			i++;
		if (i < KT_LEN(words)) {
			kt_shellwords_add(out, words[i].value);
			line += strlen(words[i].name);
		} else if (!strncmp(line, "{flags}", 7)) {
			kt_buf_add(out, r->flags.data, r->flags.len);
			line += 7;
		} else {
			kt_buf_addc(out, *line++);
		}
	}
}

/* A step with the reader's words in its lines; was and and may be NULL. */
struct filled {
	const struct kt_tutorialstep *step;
	const char *chapter, *was, *kt, *and;
};

static void write_text(struct kt_buf *out, const struct filled *f)
{
	if (f->step->chapter)
		kt_buf_addf(out, "%s%s\n", f->step == kt_tutorialsteps ? "" : "\n", f->chapter);
	kt_buf_addf(out, "\n  %s%s\n", f->step->what, end_words[f->step->end]);
	if (f->was)
		kt_buf_addf(out, "    was  %s\n", f->was);
	kt_buf_addf(out, "    kt   %s\n", f->kt);
	if (f->and)
		kt_buf_addf(out, "    and  %s\n", f->and);
}

static void write_json(struct kt_buf *out, const struct filled *f)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_text(out, "chapter", f->chapter);
	kt_jsonout_text(out, "what", f->step->what);
	kt_jsonout_text(out, "was", f->was);
	kt_jsonout_text(out, "kt", f->kt);
	kt_jsonout_text(out, "and", f->and);
	kt_jsonout_text(out, "ends", end_names[f->step->end]);
	kt_buf_adds(out, "}\n");
}

/* The line with the reader's words in it, or NULL when there is none. */
static const char *fill_line(struct kt_buf *out, const char *line, struct reader *r)
{
	if (line)
		fill(out, line, r);
	return line ? kt_buf_cstr(out) : NULL;
}

static void write_steps(struct kt_buf *out, struct reader *r, bool json)
{
	const char *chapter = NULL;
	for (const struct kt_tutorialstep *step = kt_tutorialsteps; step->what; step++) {
		kt_auto(kt_buf_fini) struct kt_buf was = {0}, kt = {0}, and = {0};
		chapter = step->chapter ? step->chapter : chapter;
		const struct filled filled = {
			.step = step,
			.chapter = chapter,
			.was = fill_line(&was, step->was, r),
			.kt = fill_line(&kt, step->kt, r),
			.and = fill_line(&and, step->and, r),
		};
		(json ? write_json : write_text)(out, &filled);
	}
}

static int run(void *data, struct kt_err *err)
{
	const struct tutorial_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	const struct kt_setting *brokers = kt_settings_get(&settings, "bootstrap.servers");
	struct reader r = {
		.topic = o->topic ? o->topic : kt_settings_text(&settings, "kt.topic", "client58"),
		.group = o->group ? o->group : kt_settings_text(&settings, "kt.group", "readers"),
		.brokers = brokers->value,
	};
	collect_flags(&r.flags, &o->client);
	kt_say(KT_NORMAL, "with brokers %s (%s)", r.brokers, brokers->origin);
	if (brokers->rank == KT_RANK_BUILTIN)
		kt_say(KT_NORMAL, "no cluster? `kt broker --create %s:16` in another terminal is one", r.topic);
	write_steps(&text, &r, o->json);
	kt_buf_fini(&r.flags);
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints the exercises of the tutorial and of the other labs step by step: what it shows, the command of the "
	"document, and the command of kt, with your topic, group, brokers and credentials filled in, ready to be "
	"copied. After `and` comes what to type in another terminal meanwhile.",
	"Flags that are given here appear in every line. What comes from the environment, a profile or a file does "
	"not: the lines find it there as this command did.",
	NULL,
};

static const char *const examples[] = {
	"A student's first look",
	"kt help tutorial client58 --auth ./auth -b kafka1.example:19092",
	"Only the commands",
	"kt help tutorial -J | jq -r .kt",
	NULL,
};

const struct kt_cmd kt_cmd_help_tutorial = {
	.name = "help tutorial",
	.also = "tutorial",
	.summary = "the exercises of the course, each with its kt line",
	.section = "Learning",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
