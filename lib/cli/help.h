/* Help as text of at most 80 columns, from the tables. Writes nothing: main.c does.
 *
 *   kt_help_usage()     kt produce [OPTIONS] TOPIC [FILE...]
 *   kt_help_command()   what `kt produce --help` prints, and kt_help_short() for -h
 *   kt_help_family()    what `kt topic --help` prints
 *   kt_help_page()      what `kt help config` prints
 *   kt_help_program()   what `kt help` prints
 */
#ifndef KT_HELP_H
#define KT_HELP_H

#include "buf.h"
#include "cmd.h"

/* Appends the synopsis, without a newline. */
void kt_help_usage(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd);

/* What -h prints: usage, examples, and the options that are used most; of a command that marks none, its own. */
void kt_help_short(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd);

void kt_help_command(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd);

/* The commands whose first word is this (or its plural). False, and nothing appended, when there are none. */
bool kt_help_family(struct kt_buf *out, const struct kt_program *program, const char *word);

/* What `kt help config` prints. */
void kt_help_page(struct kt_buf *out, const struct kt_program *program, const struct kt_manpage *page);

void kt_help_program(struct kt_buf *out, const struct kt_program *program);

/* Appends "-k, --key KEY" for a row, or the word of a positional. An enum
 * without placeholder shows its choices: "--color auto|always|never". */
void kt_help_spelling(struct kt_buf *out, const struct kt_opt *row);

/* Appends what stands after a row's help: "; also --bootstrap-server, -n; one of a, b (default: a)". */
void kt_help_details(struct kt_buf *out, const struct kt_opt *row);

/* Appends the name of the command's manual page: "kt-topic-create". */
void kt_help_page_name(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd);

/* True when help, manual and completion show the row. */
bool kt_help_shows(const struct kt_opt *row);

/* True when no earlier command has this one's section; false for a hidden one. */
bool kt_help_opens_section(const struct kt_program *program, const struct kt_cmd *const *cmd);

/* The heading over rows that a table includes. */
extern const char kt_help_common[];

#endif
