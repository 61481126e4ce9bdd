/* Asks the person at the terminal, even when stdin and stdout are files: on /dev/tty.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf password = {0};
 *   if (kt_ask(&password, "Password of the keystore", true, err) < 0)
 *           return -1;
 */
#ifndef KT_ASK_H
#define KT_ASK_H

#include "buf.h"
#include "err.h"

/* From now on there is no terminal to ask on: for what runs while a shell has it, at the Tab key. */
void kt_ask_nobody(void);

/* Shows "prompt: " and appends the line that is typed, without its newline. With `secret` it does not show; the
 * terminal is put back whatever happens, a signal included, and no copy but the one in out stays in memory: wipe that.
 * KT_USAGE when there is no terminal ("… is needed, and there is no terminal to ask on") or nothing is entered;
 * KT_SIGNAL + n without a message when a signal arrives. */
int kt_ask(struct kt_buf *out, const char *prompt, bool secret, struct kt_err *err) kt_must_check;

/* The same, not secret, with "prompt [fallback]: "; Enter stands for fallback. */
int kt_ask_or(struct kt_buf *out, const char *prompt, const char *fallback, struct kt_err *err) kt_must_check;

/* Shows "question [y/N]: ". 0 for yes, in full or its first letter. For any other answer KT_FAILED with the message
 * `refused` ("nothing was deleted"); KT_USAGE, with the hint to use --yes, where there is no terminal to ask on. */
int kt_ask_yes(const char *question, const char *refused, struct kt_err *err) kt_must_check;

#endif
