/* Tokens of clients of `kt serve`, and what each may do. A line of their file is
 *
 *   SHA-256 NAME RIGHT…
 *   9f86d0…0a08 orders produce:orders-* consume:prices
 *
 * with rights of produce:GLOB and consume:GLOB for topics, group:GLOB for groups, and gateway:GLOB for hosts that it
 * may put servers behind; # begins a comment. The file holds no tokens: who has read it cannot use them.
 *
 *   kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
 *   if (kt_tokens_read(&tokens, "tokens", err) < 0) return -1;             "tokens:3: …"
 *   const struct kt_token *who = kt_tokens_find(&tokens, authorization);
 *   if (who && kt_token_may(who, KT_RIGHT_PRODUCE, topic)) …
 */
#ifndef KT_TOKENS_H
#define KT_TOKENS_H

#include "buf.h"
#include "err.h"
#include "list.h"

enum kt_right { KT_RIGHT_PRODUCE, KT_RIGHT_CONSUME, KT_RIGHT_GATEWAY, KT_RIGHT_GROUP, KT_RIGHTS };

enum { KT_TOKEN_HASH = 64, KT_TOKENS_MAX = 1 << 20 }; /* digits of a hash; bytes of a file */

struct kt_token {
	char *name;
	char hash[KT_TOKEN_HASH];        /* lower case */
	struct kt_strs globs[KT_RIGHTS]; /* of topics, or hosts */
};

struct kt_tokens {
	struct kt_token *v;
	size_t n, cap;
};

/* Adds the lines of a text. KT_USAGE names origin, line and what is wrong: also a name or a hash that was there. */
int kt_tokens_add(struct kt_tokens *tokens, const char *origin, struct kt_bytes text, struct kt_err *err) kt_must_check;

/* The same for a file of at most KT_TOKENS_MAX bytes. */
int kt_tokens_read(struct kt_tokens *tokens, const char *path, struct kt_err *err) kt_must_check;

/* Whose token an Authorization header has ("Bearer TOKEN"); NULL: nobody's. How long it takes tells nothing of the
 * hashes. */
const struct kt_token *kt_tokens_find(const struct kt_tokens *tokens, const char *authorization);

/* name: of a topic, or a host. */
bool kt_token_may(const struct kt_token *token, enum kt_right right, const char *name);

/* A new token, which nobody can guess, and its line for the file. KT_USAGE for a name or a right that is none. */
int kt_token_make(struct kt_buf *token, struct kt_buf *line, const char *name, const struct kt_strs *rights,
	struct kt_err *err) kt_must_check;

void kt_tokens_fini(struct kt_tokens *tokens);

#endif
