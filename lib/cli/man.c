#include "man.h"

#include "help.h"

/* Appends text that roff prints as it is. */
static void plain(struct kt_buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		kt_buf_adds(out, "\\&");
	for (; *text; text++) {
		switch (*text) {
		case '\\':
			kt_buf_adds(out, "\\e");
			break;
		case '-':
			kt_buf_adds(out, "\\-");
			break;
		case '\'':
			kt_buf_adds(out, "\\(aq");
			break;
		case '`':
			kt_buf_adds(out, "\\(ga");
			break;
		case '^':
			kt_buf_adds(out, "\\(ha");
			break;
		case '~':
			kt_buf_adds(out, "\\(ti");
			break;
		default:
			kt_buf_addc(out, *text);
		}
	}
}

static void upper(struct kt_buf *out, const char *text)
{
	for (; *text; text++)
		kt_buf_addc(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text);
}

/* Appends the text in font B (bold) or I (italic). */
static void in_font(struct kt_buf *out, char font, const char *text)
{
	kt_buf_addf(out, "\\f%c", font);
	plain(out, text);
	kt_buf_adds(out, "\\fR");
}

static void header(struct kt_buf *out, const struct kt_program *program, const char *page, const char *summary)
{
	kt_buf_adds(out, ".TH ");
	upper(out, page);
	kt_buf_addf(out, " 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n", program->name, program->version);
	plain(out, page);
	kt_buf_adds(out, " \\- ");
	plain(out, summary);
	kt_buf_adds(out, "\n.SH SYNOPSIS\n");
}

static void paragraphs(struct kt_buf *out, const char *const *text)
{
	for (; text && *text; text++) {
		kt_buf_adds(out, ".PP\n");
		plain(out, *text);
		kt_buf_addc(out, '\n');
	}
}

static void pairs(struct kt_buf *out, const char *heading, const char *const *pair)
{
	if (!pair || !*pair)
		return;
	kt_buf_addf(out, ".SH %s\n", heading);
	for (; *pair; pair += 2) {
		kt_buf_adds(out, ".TP\n");
		in_font(out, 'B', pair[0]);
		kt_buf_addc(out, '\n');
		plain(out, pair[1]);
		kt_buf_addc(out, '\n');
	}
}

static void statuses(struct kt_buf *out)
{
	kt_buf_adds(out, ".SH EXIT STATUS\n");
	for (const struct kt_status_text *s = kt_status_texts; s->text; s++) {
		kt_buf_adds(out, ".TP\n");
		in_font(out, 'B', s->status);
		kt_buf_addc(out, '\n');
		plain(out, s->text);
		kt_buf_addc(out, '\n');
	}
}

static void rows(struct kt_buf *out, const struct kt_opt *table, const struct kt_opt *row, bool positional)
{
	for (; row->type != KT_OPT_END; row++) {
		kt_auto(kt_buf_fini) struct kt_buf spelling = {0}, details = {0};
		if (!kt_help_shows(row) || row->positional != positional)
			continue;
		const struct kt_opt shown = kt_opts_row(table, row);
		kt_help_spelling(&spelling, &shown);
		kt_help_details(&details, row);
		kt_buf_adds(out, ".TP\n");
		in_font(out, positional ? 'I' : 'B', kt_buf_cstr(&spelling));
		kt_buf_addc(out, '\n');
		plain(out, row->help);
		plain(out, kt_buf_cstr(&details));
		kt_buf_addc(out, '\n');
	}
}

static void options(struct kt_buf *out, const struct kt_cmd *cmd)
{
	kt_buf_adds(out, ".SH OPTIONS\n");
	rows(out, cmd->opts, cmd->opts, true);
	rows(out, cmd->opts, cmd->opts, false);
	for (const struct kt_opt *row = cmd->opts; row->type != KT_OPT_END; row++)
		if (row->type == KT_OPT_INCLUDE) {
			kt_buf_addf(out, ".SS %s\n", row->help);
			rows(out, cmd->opts, row->include, false);
		}
	kt_buf_addf(out, ".SS %s\n", kt_help_common);
	rows(out, kt_standard_opts, kt_standard_opts, false);
}

static void examples(struct kt_buf *out, const struct kt_cmd *cmd)
{
	if (!cmd->examples || !cmd->examples[0])
		return;
	kt_buf_adds(out, ".SH EXAMPLES\n");
	for (const char *const *pair = cmd->examples; *pair; pair += 2) {
		kt_buf_adds(out, ".PP\n");
		plain(out, pair[0]);
		kt_buf_adds(out, ":\n.PP\n.in +4n\n.EX\n");
		plain(out, pair[1]);
		kt_buf_adds(out, "\n.EE\n.in\n");
	}
}

static void page(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_auto(kt_buf_fini) struct kt_buf name = {0};
	kt_help_page_name(&name, program, cmd);
	in_font(out, 'B', kt_buf_cstr(&name));
	kt_buf_adds(out, "(1)");
}

void kt_man_command(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_auto(kt_buf_fini) struct kt_buf name = {0}, usage = {0};
	kt_help_page_name(&name, program, cmd);
	kt_help_usage(&usage, program, cmd);
	header(out, program, kt_buf_cstr(&name), cmd->summary);
	in_font(out, 'B', kt_buf_cstr(&usage));
	kt_buf_adds(out, "\n.SH DESCRIPTION\n");
	if (!cmd->about || !cmd->about[0]) {
		plain(out, cmd->summary);
		kt_buf_addc(out, '\n');
	}
	paragraphs(out, cmd->about);
	options(out, cmd);
	examples(out, cmd);
	statuses(out);
	pairs(out, "ENVIRONMENT", program->environment);
	pairs(out, "FILES", program->files);
	kt_buf_adds(out, ".SH SEE ALSO\n");
	in_font(out, 'B', program->name);
	kt_buf_adds(out, "(1)");
	for (const struct kt_cmd *const *other = program->cmds; *other; other++)
		if (*other != cmd && !(*other)->hidden && !strcmp((*other)->section, cmd->section)) {
			kt_buf_adds(out, ",\n");
			page(out, program, *other);
		}
	kt_buf_addc(out, '\n');
}

static void commands(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *const *first)
{
	kt_buf_adds(out, ".SS ");
	plain(out, (*first)->section);
	kt_buf_addc(out, '\n');
	for (const struct kt_cmd *const *cmd = first; *cmd; cmd++) {
		if ((*cmd)->hidden || strcmp((*cmd)->section, (*first)->section) != 0)
			continue;
		kt_buf_adds(out, ".TP\n");
		page(out, program, *cmd);
		kt_buf_addc(out, '\n');
		plain(out, (*cmd)->summary);
		kt_buf_addc(out, '\n');
	}
}

void kt_man_program(struct kt_buf *out, const struct kt_program *program)
{
	header(out, program, program->name, program->summary);
	in_font(out, 'B', program->name);
	kt_buf_adds(out, " \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.SH DESCRIPTION\n");
	paragraphs(out, program->about);
	kt_buf_adds(out, ".SH COMMANDS\n");
	for (const struct kt_cmd *const *cmd = program->cmds; *cmd; cmd++)
		if (kt_help_opens_section(program, cmd))
			commands(out, program, cmd);
	statuses(out);
	pairs(out, "ENVIRONMENT", program->environment);
	pairs(out, "FILES", program->files);
	kt_buf_adds(out, ".SH SEE ALSO\n\\fBkcat\\fR(1)\n");
}
