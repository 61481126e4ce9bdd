/* --watch: what a command shows, again every two seconds until it is stopped. On a terminal each time takes the place
 * of the one before, below a line with the time; elsewhere one follows the other, with an empty line between them
 * unless they are JSON.
 *
 *   {.name = "watch", …}                                   KT_WATCH_ROW(watch) in the command's table
 *   kt_watch(cmd, opts, &(struct kt_watch_how){.owner = &opts->client.owner, .json = opts->json}, err)
 *
 * main.c does it for every command that has the row: its run() is called again and again, with the same options.
 */
#ifndef KT_WATCH_H
#define KT_WATCH_H

#include "cmd.h"
#include "owner.h"

/* clang-format off */
#define KT_WATCH_ROW(field)                                                                                            \
	{.name = "watch", .letter = 'w', KT_FLAG(field), .help = "show it again every two seconds, until Ctrl-C"}
/* clang-format on */

struct kt_watch_how {
	const struct kt_owner *
		*owner;   /* the command's, in its options: what stops it ends this too, and is no failure */
	int64_t limit_ms; /* --run-for; 0: none */
	bool json;
};

/* What fails the first time is a failure; later it is said, and looked at again. */
int kt_watch(const struct kt_cmd *cmd, void *opts, const struct kt_watch_how *how, struct kt_err *err) kt_must_check;

#endif
