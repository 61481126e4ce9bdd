#include "man.h"

#include "help.h"

#include "tap.h"

struct sample {
	const char *key, *topic;
};
#define OPTS struct sample
static const struct kt_opt opts[] = {
	{.name = "key",
		.letter = 'k',
		.also = "n",
		KT_STR(key),
		.arg = "KEY",
		.def = "a\\b",
		.help = ".key's ~^` help"},
	{.name = "gone", KT_GONE, .help = "gone"},
	{.name = "TOPIC", .positional = true, KT_STR(topic), .help = "where to"},
	KT_END,
};
static const char *const about[] = {"'One.'", "Two.", NULL};
static const char *const examples[] = {"copy", "kt topic create 'a' | x", NULL};
static const char *const environment[] = {"KT_X", "says x", NULL};
static const struct kt_cmd create = {.name = "topic create",
	.summary = "create a topic",
	.section = "Admin",
	.about = about,
	.examples = examples,
	.opts = opts};
static const struct kt_cmd list = {.name = "topic list", .summary = "list", .section = "Admin", .opts = opts};
static const struct kt_cmd other = {.name = "other", .summary = "other", .section = "Other", .opts = opts};
static const struct kt_cmd hidden = {
	.name = "hidden", .summary = "h", .section = "Admin", .opts = opts, .hidden = true};
static const struct kt_cmd *const cmds[] = {&create, &list, &other, &hidden, NULL};
static const struct kt_program program = {.name = "kt",
	.version = "1.2",
	.summary = "a toolkit",
	.about = about,
	.environment = environment,
	.cmds = cmds};

static int has(const char *page, const char *text)
{
	return strstr(page, text) != NULL;
}

TEST(page_of_a_command)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_man_command(&out, &program, &create);
	const char *page = kt_buf_cstr(&out);
	CHECK(has(page, ".TH KT-TOPIC-CREATE 1 \"\" \"kt 1.2\" \"User Commands\"\n"
			".SH NAME\nkt\\-topic\\-create \\- create a topic\n"
			".SH SYNOPSIS\n\\fBkt topic create [OPTIONS] [TOPIC]\\fR\n"));
	CHECK(has(page, ".SH DESCRIPTION\n\\&\\(aqOne.\\(aq\n.PP\nTwo.\n"));
	CHECK(has(page, ".TP\n\\fITOPIC\\fR\nwhere to\n"));
	CHECK(has(
		page, "\\fB\\-k, \\-\\-key KEY\\fR\n\\&.key\\(aqs \\(ti\\(ha\\(ga help; also \\-n (default: a\\eb)\n"));
	CHECK(has(page, ".EX\nkt topic create \\(aqa\\(aq | x\n.EE\n"));
	CHECK(has(page, "\\fB\\-h, \\-\\-help\\fR\n"));
	CHECK(has(page, ".SH EXIT STATUS\n.TP\n\\fB0\\fR\n"));
	CHECK(has(page, ".SH ENVIRONMENT\n.TP\n\\fBKT_X\\fR\nsays x\n"));
	CHECK(!has(page, ".SH FILES"));
	CHECK(!has(page, "gone"));
	CHECK(has(page, ".SH SEE ALSO\n\\fBkt\\fR(1),\n\\fBkt\\-topic\\-list\\fR(1)\n"));
}

TEST(page_of_the_program)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_man_program(&out, &program);
	const char *page = kt_buf_cstr(&out);
	CHECK(has(page, ".TH KT 1 "));
	CHECK(has(page, ".SH COMMANDS\n.SS Admin\n.TP\n\\fBkt\\-topic\\-create\\fR(1)\ncreate a topic\n"
			".TP\n\\fBkt\\-topic\\-list\\fR(1)\nlist\n.SS Other\n"));
	CHECK(!has(page, "hidden"));
}

static void write_page(struct kt_manpage_writer *w)
{
	kt_manpage_text(w, "One.");
	kt_manpage_heading(w, "What's more");
	kt_manpage_text(w, "Two.");
	kt_manpage_row(w, "a-b", ".first");
	kt_manpage_row(w, "a word that is longer than the column", "second");
	kt_manpage_code(w, "x\n\n.y");
	kt_manpage_text(w, "Three.");
}
static const struct kt_manpage pages[] = {
	{"one", "first uno", 5, "the first", write_page}, {"two", "", 7, "the second", write_page}, {0}};

TEST(page_of_a_subject)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_program with = program;
	with.pages = pages;
	kt_man_page(&out, &with, &pages[0]);
	CHECK_STR(kt_buf_cstr(&out), ".TH KT-ONE 5 \"\" \"kt 1.2\" \"File Formats\"\n.SH NAME\nkt\\-one \\- the first\n"
				     ".SH DESCRIPTION\nOne.\n.SH WHAT'S MORE\nTwo.\n.TP\n\\fBa\\-b\\fR\n\\&.first\n"
				     ".TP\n\\fBa word that is longer than the column\\fR\nsecond\n"
				     ".PP\n.in +4n\n.EX\nx\n\n\\&.y\n.EE\n.in\n.PP\nThree.\n"
				     ".SH SEE ALSO\n\\fBkt\\fR(1),\n\\fBkt\\-two\\fR(7)\n");
	out.len = 0;
	kt_man_command(&out, &with, &list);
	CHECK(has(kt_buf_cstr(&out), ".SH SEE ALSO\n\\fBkt\\fR(1),\n\\fBkt\\-topic\\-create\\fR(1),\n"
				     "\\fBkt\\-one\\fR(5),\n\\fBkt\\-two\\fR(7)\n"));
}

TEST(subject_on_a_terminal)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_help_page(&out, &program, &pages[0]);
	CHECK_STR(kt_buf_cstr(&out), "kt-one(5): the first\n\nOne.\n\nWhat's more:\nTwo.\n\n"
				     "  a-b                       .first\n  a word that is longer than the column\n"
				     "                            second\n\n      x\n\n      .y\n\nThree.\n");
}

TEST(subject_by_its_words)
{
	CHECK(kt_manpage_find(pages, "one") == &pages[0] && kt_manpage_find(pages, "uno") == &pages[0]);
	CHECK(kt_manpage_find(pages, "two") == &pages[1]);
	CHECK(!kt_manpage_find(pages, "un") && !kt_manpage_find(pages, "") && !kt_manpage_find(NULL, "one"));
}
