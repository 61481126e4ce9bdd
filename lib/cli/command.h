/* A command as the owner of what it opens (owner.h): the process's signals stop it, and its notes go to stderr.
 *
 *   kt_client_open(&client, KT_ROLE_ADMIN, &settings, &kt_command, err)
 *
 * main.c hands it to every command in its client options, from where the rooms of lib/app pass it on.
 */
#ifndef KT_COMMAND_H
#define KT_COMMAND_H

#include "owner.h"

extern const struct kt_owner kt_command;

#endif
