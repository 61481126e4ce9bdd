/* Who library code works for: when it is to give up, and to whom it speaks. A command is one owner for all that it
 * opens (lib/cli/command.h); a server has one for each connection, if it likes.
 *
 *   static void note(void *user, enum kt_note kind, const struct kt_err *what) { … what->msg, what->hint … }
 *   const struct kt_owner owner = {.stop = &stop, .note = note, .user = x};
 *   kt_client_open(&client, KT_ROLE_ADMIN, &settings, &owner, err)
 *
 * An owner is borrowed for as long as what it opened lives. NULL, and each field that is NULL, is allowed: nothing
 * stops it, nobody listens.
 */
#ifndef KT_OWNER_H
#define KT_OWNER_H

#include "stop.h"

/* What a note is about, for those who count or limit them. */
enum kt_note {
	KT_NOTE_CONNECTION, /* a certificate was refused, or no broker can be reached any more */
	KT_NOTE_RECORDS,    /* records are gone or cannot be read, or a partition begins anew */
	KT_NOTE_COMMIT,     /* a commit failed, or is tried again */
	KT_NOTE_GROUP,      /* of the membership: partitions lost, a rebalance that failed */
	KT_NOTE_SETTINGS,   /* what follows from a setting */
	KT_NOTE_ADMIN,      /* of a change that was carried out */
	KT_NOTE_WORDS,      /* what is done, or waited for: nothing is wrong, which the others warn of */
	KT_NOTES,
};

struct kt_owner {
	struct kt_stop *stop;
	void *user;
	/* Something that is not a failure and has to be known; what has a message, maybe a hint. On the thread of the
	 * call during which it came up. */
	void (*note)(void *user, enum kt_note kind, const struct kt_err *what);
	/* What the call on this thread has waited for, and for how long: a phrase, again and again while it lasts (see
	 * waiting.h); NULL: it is over. Returns whether somebody sees it. */
	bool (*waiting)(void *user, const char *what, int64_t ms);
	/* A line of a library's own log. On any thread. */
	void (*log)(void *user, bool important, const char *line);
};

/* kt_stop_status() of the owner's. */
int kt_owner_stopped(const struct kt_owner *owner);

void kt_owner_note(const struct kt_owner *owner, enum kt_note kind, const struct kt_err *what);

/* The same with the words: a sentence without a full stop. */
void kt_owner_say(const struct kt_owner *owner, enum kt_note kind, const char *format, ...) kt_printf(3, 4);

#endif
