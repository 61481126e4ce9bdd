#include "man.h"

#include "help.h"
#include "mem.h"

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

static void header(
	struct kt_buf *out, const struct kt_program *program, const char *page, int section, const char *summary)
{
	const char *volume = section == 1 ? "User Commands" : section == 5 ? "File Formats" : "Miscellaneous";
	kt_buf_adds(out, ".TH ");
	upper(out, page);
	kt_buf_addf(out, " %d \"\" \"%s %s\" \"%s\"\n.SH NAME\n", section, program->name, program->version, volume);
	plain(out, page);
	kt_buf_adds(out, " \\- ");
	plain(out, summary);
	kt_buf_addc(out, '\n');
}

/* After a heading there is a paragraph already. */
static void begin_paragraph(struct kt_buf *out)
{
	const char *end = kt_buf_cstr(out) + out->len, *line = end;
	while (line > out->data && (line == end || line[-1] != '\n'))
		line--;
	if (strncmp(line, ".SH ", 4) != 0)
		kt_buf_adds(out, ".PP\n");
}

static void paragraph(struct kt_buf *out, const char *text)
{
	begin_paragraph(out);
	plain(out, text);
	kt_buf_addc(out, '\n');
}

static void code(struct kt_buf *out, const char *lines)
{
	kt_buf_adds(out, ".PP\n.in +4n\n.EX\n");
	while (*lines) {
		size_t len = strcspn(lines, "\n");
		kt_auto(kt_free_ptr) char *line = kt_strndup(lines, len);
		plain(out, line);
		kt_buf_addc(out, '\n');
		lines += len + (lines[len] == '\n');
	}
	kt_buf_adds(out, ".EE\n.in\n");
}

static void paragraphs(struct kt_buf *out, const char *const *text)
{
	for (; text && *text; text++)
		paragraph(out, *text);
}

static void term(struct kt_buf *out, const char *name, const char *text)
{
	kt_buf_adds(out, ".TP\n");
	in_font(out, 'B', name);
	kt_buf_addc(out, '\n');
	plain(out, text);
	kt_buf_addc(out, '\n');
}

static void pairs(struct kt_buf *out, const char *title, const char *const *pair)
{
	if (!pair || !*pair)
		return;
	kt_buf_addf(out, ".SH %s\n", title);
	for (; *pair; pair += 2)
		term(out, pair[0], pair[1]);
}

static void statuses(struct kt_buf *out)
{
	kt_buf_adds(out, ".SH EXIT STATUS\n");
	for (const struct kt_status_text *s = kt_status_texts; s->text; s++)
		term(out, s->status, s->text);
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
		begin_paragraph(out);
		plain(out, pair[0]);
		kt_buf_adds(out, ":\n");
		code(out, pair[1]);
	}
}

static void reference(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_auto(kt_buf_fini) struct kt_buf name = {0};
	kt_help_page_name(&name, program, cmd);
	in_font(out, 'B', kt_buf_cstr(&name));
	kt_buf_adds(out, "(1)");
}

/* The pages of the manual except `but`, after what is in out already. */
static void references(struct kt_buf *out, const struct kt_program *program, const struct kt_manpage *but)
{
	for (const struct kt_manpage *page = program->pages; page && page->name; page++)
		if (page != but)
			kt_buf_addf(out, ",\n\\fB%s\\-%s\\fR(%d)", program->name, page->name, page->section);
	kt_buf_addc(out, '\n');
}

static void see_program(struct kt_buf *out, const struct kt_program *program)
{
	kt_buf_adds(out, ".SH SEE ALSO\n");
	in_font(out, 'B', program->name);
	kt_buf_adds(out, "(1)");
}

void kt_man_command(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd)
{
	kt_auto(kt_buf_fini) struct kt_buf name = {0}, usage = {0};
	kt_help_page_name(&name, program, cmd);
	kt_help_usage(&usage, program, cmd);
	header(out, program, kt_buf_cstr(&name), 1, cmd->summary);
	kt_buf_adds(out, ".SH SYNOPSIS\n");
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
	see_program(out, program);
	for (const struct kt_cmd *const *other = program->cmds; *other; other++)
		if (*other != cmd && !(*other)->hidden && !strcmp((*other)->section, cmd->section)) {
			kt_buf_adds(out, ",\n");
			reference(out, program, *other);
		}
	references(out, program, NULL);
}

static void write_heading(struct kt_manpage_writer *w, const char *text)
{
	kt_buf_adds(w->out, ".SH ");
	upper(w->out, text);
	kt_buf_addc(w->out, '\n');
}

static void write_text(struct kt_manpage_writer *w, const char *text)
{
	paragraph(w->out, text);
}

static void write_row(struct kt_manpage_writer *w, const char *name, const char *text)
{
	term(w->out, name, text);
}

static void write_code(struct kt_manpage_writer *w, const char *lines)
{
	code(w->out, lines);
}

void kt_man_page(struct kt_buf *out, const struct kt_program *program, const struct kt_manpage *page)
{
	kt_auto(kt_free_ptr) char *name = kt_asprintf("%s-%s", program->name, page->name);
	struct kt_manpage_writer writer = {
		.out = out, .heading = write_heading, .text = write_text, .row = write_row, .code = write_code};
	header(out, program, name, page->section, page->summary);
	kt_buf_adds(out, ".SH DESCRIPTION\n");
	page->write(&writer);
	see_program(out, program);
	references(out, program, page);
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
		reference(out, program, *cmd);
		kt_buf_addc(out, '\n');
		plain(out, (*cmd)->summary);
		kt_buf_addc(out, '\n');
	}
}

void kt_man_program(struct kt_buf *out, const struct kt_program *program)
{
	header(out, program, program->name, 1, program->summary);
	kt_buf_adds(out, ".SH SYNOPSIS\n");
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
	kt_buf_adds(out, ".SH SEE ALSO\n\\fBkcat\\fR(1)");
	references(out, program, NULL);
}
