/* Where OAuth tokens come from: the settings kt.oauth.command, whose output is one, or kt.oauth.file.
 *
 *   if (kt_tokensource_any(settings) && kt_tokensource_get(&token, settings, &how, err) < 0)
 *           return -1;
 *
 * What a command printed serves every handle of the process until three quarters of the token's time are over; it is
 * then run again. A file is read each time: its writer replaces it. Thread-safe.
 */
#ifndef KT_TOKENSOURCE_H
#define KT_TOKENSOURCE_H

#include <poll.h>

#include "settings.h"
#include "token.h"

enum { KT_TOKEN_PATIENCE_MS = 30000 };

/* How a thread waits while a command runs: for the descriptors (n may be 0) and no longer than timeout_ms, as poll(2).
 * Not 0: it is to give up with this status, and the command is ended. */
struct kt_tokensource_how {
	int (*wait)(void *user, struct pollfd *fds, size_t n, int timeout_ms);
	void *user;
	bool apart; /* the command gets a process group of its own, and no terminal */
};

/* Whether the settings name one. */
bool kt_tokensource_any(const struct kt_settings *settings);

/* A token that has not expired; the caller's. The message begins with where the setting stands. */
int kt_tokensource_get(struct kt_token *out, const struct kt_settings *settings, const struct kt_tokensource_how *how,
	struct kt_err *err) kt_must_check;

#endif
