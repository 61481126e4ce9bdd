#include "help.h"

#include "table.h"

enum { WIDTH = 80, HELP_COLUMN = 28 };

const char kt_help_common[] = "Help";

static void pad(struct kt_buf *out, size_t n)
{
	while (n--)
		kt_buf_addc(out, ' ');
}

/* Appends text broken at blanks; the cursor stands at column `at`, further lines begin at column `indent`. */
static void wrap(struct kt_buf *out, const char *text, size_t at, size_t indent)
{
	bool fresh = true;
	while (*text) {
		size_t len = strcspn(text, " "), wide = kt_columns(text, len);
		if (!fresh && at + 1 + wide > WIDTH) {
			kt_buf_addc(out, '\n');
			pad(out, indent);
			at = indent;
		} else if (!fresh) {
			kt_buf_addc(out, ' ');
			at++;
		}
		kt_buf_add(out, text, len);
		at += wide;
		fresh = false;
		text += len;
		text += strspn(text, " ");
	}
	kt_buf_addc(out, '\n');
}

bool kt_help_shows(const struct kt_opt *row)
{
	return !row->hidden && row->type != KT_OPT_GONE && row->type != KT_OPT_INCLUDE;
}

static bool add_to_usage(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct kt_buf *out = data;
	if (!kt_help_shows(row) || !(row->positional || row->required))
		return false;
	const char *dots = row->positional && row->type == KT_OPT_LIST ? "..." : "";
	if (row->positional)
		kt_buf_addf(out, row->required ? " %s%s" : " [%s%s]", row->name, dots);
	else
		kt_buf_addf(out, " --%s %s", row->name, row->arg ? row->arg : "");
	return false;
}

void kt_help_usage(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_buf_addf(out, "%s %s [OPTIONS]", program->name, cmd->name);
	kt_opts_walk(cmd->opts, add_to_usage, out);
}

static void add_choices(struct kt_buf *out, const struct kt_opt *row, const char *between)
{
	for (size_t i = 0; row->choices[i]; i++)
		kt_buf_addf(out, "%s%s", i ? between : "", row->choices[i]);
}

void kt_help_spelling(struct kt_buf *out, const struct kt_opt *row)
{
	if (row->positional) {
		kt_buf_adds(out, row->name);
		return;
	}
	if (row->letter)
		kt_buf_addf(out, "-%c%s", row->letter, row->name ? ", " : "");
	if (row->name)
		kt_buf_addf(out, "--%s", row->name);
	if (!kt_opt_takes_arg(row))
		return;
	kt_buf_addc(out, ' ');
	if (row->arg)
		kt_buf_adds(out, row->arg);
	else if (row->choices)
		add_choices(out, row, "|");
}

void kt_help_details(struct kt_buf *out, const struct kt_opt *row)
{
	const char *before = "; also ";
	for (const char *at = row->also; at && *at; at += strspn(at, " ")) {
		int len = (int)strcspn(at, " ");
		kt_buf_addf(out, "%s%s%.*s", before, len == 1 ? "-" : "--", len, at);
		before = ", ";
		at += len;
	}
	if (row->choices && row->arg) {
		kt_buf_adds(out, "; one of ");
		add_choices(out, row, ", ");
	}
	if (row->def)
		kt_buf_addf(out, " (default: %s)", row->def);
}

static void add_row(struct kt_buf *out, const struct kt_opt *row)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	size_t start = out->len;
	pad(out, row->letter || row->positional ? 2 : 6);
	kt_help_spelling(out, row);
	size_t at = kt_columns(out->data + start, out->len - start);
	if (at + 2 > HELP_COLUMN) {
		kt_buf_addc(out, '\n');
		at = 0;
	}
	pad(out, HELP_COLUMN - at);
	kt_buf_adds(&text, row->help);
	kt_help_details(&text, row);
	wrap(out, kt_buf_cstr(&text), HELP_COLUMN, HELP_COLUMN);
}

/* The rows of one table (the command's, or one that is included there) that are positionals, or are not, under a
 * heading. */
static void add_rows(
	struct kt_buf *out, const char *heading, const struct kt_opt *table, const struct kt_opt *row, bool positional)
{
	bool any = false;
	for (; row->type != KT_OPT_END; row++) {
		if (!kt_help_shows(row) || row->positional != positional)
			continue;
		if (!any && heading)
			kt_buf_addf(out, "\n%s:\n", heading);
		any = true;
		const struct kt_opt shown = kt_opts_row(table, row);
		add_row(out, &shown);
	}
}

static void add_examples(struct kt_buf *out, const struct kt_cmd *cmd)
{
	if (!cmd->examples || !cmd->examples[0])
		return;
	kt_buf_adds(out, "\nExamples:\n");
	for (size_t i = 0; cmd->examples[i]; i += 2) {
		pad(out, 2);
		wrap(out, cmd->examples[i], 2, 2);
		pad(out, 6);
		/* Not wrapped: it is there to be copied. */
		kt_buf_addf(out, "%s\n", cmd->examples[i + 1]);
	}
}

/* Man pages are named by one word. */
void kt_help_page_name(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_buf_addf(out, "%s-", program->name);
	for (const char *at = cmd->name; *at; at++)
		kt_buf_addc(out, *at == ' ' ? '-' : *at);
}

static void begin(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_auto(kt_buf_fini) struct kt_buf usage = {0};
	kt_help_usage(&usage, program, cmd);
	kt_buf_adds(out, "Usage: ");
	wrap(out, kt_buf_cstr(&usage), 7, 11);
	kt_buf_addc(out, '\n');
	wrap(out, cmd->summary, 0, 0);
}

/* What -h shows: rows that are marked, or all of the command's own where none is. */
struct brief {
	struct kt_buf *out;
	const struct kt_opt *table;
	bool marked;
	int rest;
};

static bool is_own(const struct brief *b, const struct kt_opt *row)
{
	for (const struct kt_opt *own = b->table; own->type != KT_OPT_END; own++)
		if (own == row)
			return true;
	return false;
}

static bool find_mark(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct brief *b = data;
	b->marked |= row->often && is_own(b, row);
	return false;
}

static bool add_often(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct brief *b = data;
	if (!kt_help_shows(row))
		return false;
	if (!row->often && !row->positional && (b->marked || !is_own(b, row))) {
		b->rest++;
		return false;
	}
	const struct kt_opt shown = kt_opts_row(b->table, row);
	add_row(b->out, &shown);
	return false;
}

void kt_help_short(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	struct brief b = {.out = out, .table = cmd->opts};
	begin(out, program, cmd);
	add_examples(out, cmd);
	kt_opts_walk(cmd->opts, find_mark, &b);
	kt_buf_adds(out, "\nMost used:\n");
	kt_opts_walk(cmd->opts, add_often, &b);
	kt_buf_addf(out, "\n`%s %s --help` explains all, and has %d more options\n", program->name, cmd->name, b.rest);
}

void kt_help_command(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	begin(out, program, cmd);
	for (const char *const *paragraph = cmd->about; paragraph && *paragraph; paragraph++) {
		kt_buf_addc(out, '\n');
		wrap(out, *paragraph, 0, 0);
	}
	add_rows(out, "Arguments", cmd->opts, cmd->opts, true);
	add_rows(out, "Options", cmd->opts, cmd->opts, false);
	for (const struct kt_opt *row = cmd->opts; row->type != KT_OPT_END; row++)
		if (row->type == KT_OPT_INCLUDE)
			add_rows(out, row->help, cmd->opts, row->include, false);
	add_rows(out, kt_help_common, kt_standard_opts, kt_standard_opts, false);
	add_examples(out, cmd);
	kt_buf_adds(out, "\nExit statuses, files and environment: man ");
	kt_help_page_name(out, program, cmd);
	kt_buf_addc(out, '\n');
}

static void page_heading(struct kt_manpage_writer *w, const char *text)
{
	kt_buf_addf(w->out, "\n%s:\n", text);
}

static void page_text(struct kt_manpage_writer *w, const char *text)
{
	kt_buf_adds(w->out, w->last == KT_MANPAGE_HEADING ? "" : "\n");
	wrap(w->out, text, 0, 0);
}

static void page_row(struct kt_manpage_writer *w, const char *term, const char *text)
{
	if (w->last != KT_MANPAGE_HEADING && w->last != KT_MANPAGE_ROW)
		kt_buf_addc(w->out, '\n');
	pad(w->out, 2);
	kt_buf_adds(w->out, term);
	size_t at = 2 + kt_columns(term, strlen(term));
	if (at + 2 > HELP_COLUMN) {
		kt_buf_addc(w->out, '\n');
		at = 0;
	}
	pad(w->out, HELP_COLUMN - at);
	wrap(w->out, text, HELP_COLUMN, HELP_COLUMN);
}

static void page_code(struct kt_manpage_writer *w, const char *lines)
{
	kt_buf_addc(w->out, '\n');
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		pad(w->out, len ? 6 : 0);
		kt_buf_add(w->out, lines, len);
		kt_buf_addc(w->out, '\n');
		lines += len + (lines[len] == '\n');
	}
}

void kt_help_page(struct kt_buf *out, const struct kt_program *program, const struct kt_manpage *page)
{
	struct kt_manpage_writer writer = {
		.out = out, .heading = page_heading, .text = page_text, .row = page_row, .code = page_code};
	kt_buf_addf(out, "%s-%s(%d): ", program->name, page->name, page->section);
	wrap(out, page->summary, 0, 0);
	page->write(&writer);
}

bool kt_help_opens_section(const struct kt_program *program, const struct kt_cmd *const *cmd)
{
	for (const struct kt_cmd *const *before = program->cmds; before != cmd; before++)
		if (!(*before)->hidden && !strcmp((*before)->section, (*cmd)->section))
			return false;
	return !(*cmd)->hidden;
}

static void add_word(struct kt_buf *out, const char *family, const char *word, const char *summary)
{
	enum { SUMMARY_COLUMN = 20 };
	size_t at = 2 + strlen(family) + strlen(word);
	kt_buf_addf(out, "  %s%s", family, word);
	pad(out, at + 2 > SUMMARY_COLUMN ? 2 : SUMMARY_COLUMN - at);
	wrap(out, summary, at + 2 > SUMMARY_COLUMN ? at + 2 : SUMMARY_COLUMN, SUMMARY_COLUMN);
}

static void add_command(struct kt_buf *out, const struct kt_cmd *cmd)
{
	add_word(out, "", cmd->name, cmd->summary);
}

bool kt_help_family(struct kt_buf *out, const struct kt_program *program, const char *word)
{
	size_t before = out->len;
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++) {
		size_t first = strcspn((*cmd)->name, " ");
		if ((*cmd)->hidden || !(*cmd)->name[first] || strncmp((*cmd)->name, word, first) != 0 ||
			(word[first] && strcmp(word + first, "s") != 0))
			continue;
		if (out->len == before)
			kt_buf_addf(out, "Usage: %s %.*s COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n", program->name,
				(int)first, (*cmd)->name);
		add_command(out, *cmd);
	}
	return out->len > before;
}

void kt_help_program(struct kt_buf *out, const struct kt_program *program)
{
	kt_buf_addf(out, "%s %s: %s\n\nUsage: %s COMMAND [OPTIONS] [ARGUMENTS]\n", program->name, program->version,
		program->summary, program->name);
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++) {
		if (!kt_help_opens_section(program, cmd))
			continue;
		kt_buf_addf(out, "\n%s:\n", (*cmd)->section);
		for (const struct kt_cmd *const *other = cmd; *other; other++)
			if (!(*other)->hidden && !strcmp((*other)->section, (*cmd)->section))
				add_command(out, *other);
	}
	if (program->pages && program->pages->name)
		kt_buf_adds(out, "\nPages of the manual:\n");
	for (const struct kt_manpage *page = program->pages; page && page->name; page++)
		add_word(out, "help ", page->name, page->summary);
	kt_buf_addf(out, "\n`%s help COMMAND` or `%s COMMAND --help` tells more, `%s --version` what is built in.\n",
		program->name, program->name, program->name);
}
