/* Manual pages in roff, from the same tables as --help: kt-produce.1 of each command, kt-config.5 of each page
 * (manpage.h), and kt.1. */
#ifndef KT_MAN_H
#define KT_MAN_H

#include "buf.h"
#include "cmd.h"

void kt_man_command(struct kt_buf *out, const struct kt_program *program, const struct kt_cmd *cmd);
void kt_man_page(struct kt_buf *out, const struct kt_program *program, const struct kt_manpage *page);
void kt_man_program(struct kt_buf *out, const struct kt_program *program);

#endif
