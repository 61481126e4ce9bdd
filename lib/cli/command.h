/* A command as the owner of what it opens (owner.h): the process's signals stop it, and its notes go to stderr.
 *
 *   kt_client_open(&client, KT_ROLE_ADMIN, &settings, &kt_command, err)
 *
 * main.c hands it to every command in its client options, from where the rooms of lib/app pass it on.
 */
#ifndef KT_COMMAND_H
#define KT_COMMAND_H

#include "buf.h"
#include "list.h"
#include "owner.h"

extern const struct kt_owner kt_command;

/* The words that were typed, the program's name first: borrowed. */
void kt_command_typed(const char *program, int argc, char *const *argv);

/* Appends the line that was typed, as a shell takes it, for a hint: without these words of it (NULL: with all), and
 * with more at its end. Nothing where no line is known, or it is too long for a hint: false. */
bool kt_command_line(struct kt_buf *out, const struct kt_strs *without, const char *more);

#endif
