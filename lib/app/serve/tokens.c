#include "tokens.h"

#include <fnmatch.h>
#include <sys/random.h>

#include "digest.h"
#include "file.h"
#include "mem.h"

/* GLOB_MAX: as long as the name of a topic. SECRET: bytes of a new token. */
enum { NAME_MAX_BYTES = 64, GLOB_MAX = 249, SECRET = 32 };

static const char *const words[] = {[KT_RIGHT_PRODUCE] = "produce:",
	[KT_RIGHT_CONSUME] = "consume:",
	[KT_RIGHT_GATEWAY] = "gateway:",
	[KT_RIGHT_GROUP] = "group:"};
#define RIGHTS "produce:TOPIC, consume:TOPIC, group:GROUP or gateway:HOST"

static void fini_token(struct kt_token *token)
{
	free(token->name);
	for (size_t i = 0; i < KT_RIGHTS; i++)
		kt_strs_fini(&token->globs[i]);
}

static int take_name(struct kt_token *token, const char *name, struct kt_err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(name);
	if (!len || len > NAME_MAX_BYTES || name[strspn(name, letters)])
		return kt_err_set(err, KT_USAGE, "\"%.80s\" is not a name: letters, digits, . _ and -, %d at most",
			name, NAME_MAX_BYTES);
	token->name = kt_strdup(name);
	return 0;
}

static int take_right(struct kt_token *token, const char *text, struct kt_err *err)
{
	for (size_t i = 0; i < KT_RIGHTS; i++) {
		const char *glob = text + strlen(words[i]);
		if (strncmp(text, words[i], strlen(words[i])) != 0)
			continue;
		if (!*glob || strlen(glob) > GLOB_MAX)
			return kt_err_set(
				err, KT_USAGE, "\"%.80s\": a name is expected, or a pattern such as t*", text);
		kt_strs_add(&token->globs[i], glob);
		return 0;
	}
	return kt_err_set(err, KT_USAGE, "\"%.80s\" is not a right: " RIGHTS, text);
}

static int take_rights(struct kt_token *token, const struct kt_strs *texts, size_t from, struct kt_err *err)
{
	for (size_t i = from; i < texts->n; i++)
		if (take_right(token, texts->v[i], err) < 0)
			return -1;
	return texts->n > from ? 0 : kt_err_set(err, KT_USAGE, "no rights: " RIGHTS);
}

static int take_hash(struct kt_token *token, const char *text, struct kt_err *err)
{
	if (strlen(text) != KT_TOKEN_HASH || text[strspn(text, "0123456789abcdef")])
		return kt_err_set(err, KT_USAGE, "expected a SHA-256 in %d digits, a name and rights", KT_TOKEN_HASH);
	memcpy(token->hash, text, KT_TOKEN_HASH);
	return 0;
}

static int check_new(const struct kt_tokens *tokens, const struct kt_token *token, struct kt_err *err)
{
	for (size_t i = 0; i < tokens->n; i++) {
		if (!strcmp(tokens->v[i].name, token->name))
			return kt_err_set(err, KT_USAGE, "there is a token of %s already", token->name);
		if (!memcmp(tokens->v[i].hash, token->hash, KT_TOKEN_HASH))
			return kt_err_set(err, KT_USAGE, "this is the token of %s", tokens->v[i].name);
	}
	return 0;
}

static int fill(struct kt_token *token, const struct kt_strs *texts, struct kt_err *err)
{
	if (take_hash(token, texts->v[0], err) < 0)
		return -1;
	if (take_name(token, texts->n > 1 ? texts->v[1] : "", err) < 0)
		return -1;
	return take_rights(token, texts, 2, err);
}

static int add_line(struct kt_tokens *tokens, const char *line, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs texts = {0};
	struct kt_token token = {0};
	kt_strs_split(&texts, line, " \t\r");
	if (!texts.n || texts.v[0][0] == '#')
		return 0;
	if (fill(&token, &texts, err) < 0 || check_new(tokens, &token, err) < 0) {
		fini_token(&token);
		return -1;
	}
	tokens->v = kt_grow(tokens->v, &tokens->cap, tokens->n + 1, sizeof(*tokens->v));
	tokens->v[tokens->n++] = token;
	return 0;
}

int kt_tokens_add(struct kt_tokens *tokens, const char *origin, struct kt_bytes text, struct kt_err *err)
{
	const char *at = text.data, *end = at + text.len;
	for (unsigned number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
		kt_auto(kt_free_ptr) char *line = kt_strndup(at, (size_t)(stop - at));
		int result = strlen(line) == (size_t)(stop - at) ? add_line(tokens, line, err)
								 : kt_err_set(err, KT_USAGE, "a NUL byte");
		if (result < 0)
			return kt_err_wrap(err, "%.250s:%u", origin, number);
		at = newline ? newline + 1 : end;
	}
	return 0;
}

int kt_tokens_read(struct kt_tokens *tokens, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_file_read(&text, path, KT_TOKENS_MAX, err) < 0)
		return -1;
	return kt_tokens_add(tokens, path, (struct kt_bytes){kt_buf_cstr(&text), text.len}, err);
}

/* What is compared is hashes: all of them, and each as a whole. */
const struct kt_token *kt_tokens_find(const struct kt_tokens *tokens, const char *authorization)
{
	static const char scheme[] = "Bearer ";
	kt_auto(kt_buf_fini) struct kt_buf hash = {0};
	struct kt_err ignored;
	const struct kt_token *found = NULL;
	if (strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	authorization += sizeof(scheme) - 1;
	authorization += strspn(authorization, " ");
	if (kt_digest_add(&hash, "SHA256", authorization, strlen(authorization), &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < tokens->n; i++)
		if (kt_digest_same(tokens->v[i].hash, hash.data, KT_TOKEN_HASH))
			found = &tokens->v[i];
	return found;
}

bool kt_token_may(const struct kt_token *token, enum kt_right right, const char *name)
{
	const struct kt_strs *globs = &token->globs[right];
	for (size_t i = 0; i < globs->n; i++)
		if (!fnmatch(globs->v[i], name, 0))
			return true;
	return false;
}

int kt_token_make(
	struct kt_buf *token, struct kt_buf *line, const char *name, const struct kt_strs *rights, struct kt_err *err)
{
	struct kt_token made = {0};
	unsigned char secret[SECRET];
	int result = take_name(&made, name, err) < 0 ? -1 : take_rights(&made, rights, 0, err);
	fini_token(&made);
	if (result < 0)
		return -1;
	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
		return kt_err_sys(err, "getting random bytes");
	kt_buf_add_hex(token, secret, sizeof(secret));
	if (kt_digest_add(line, "SHA256", token->data, token->len, err) < 0)
		return -1;
	kt_buf_addf(line, " %s", name);
	for (size_t i = 0; i < rights->n; i++)
		kt_buf_addf(line, " %s", rights->v[i]);
	kt_buf_addc(line, '\n');
	return 0;
}

void kt_tokens_fini(struct kt_tokens *tokens)
{
	for (size_t i = 0; i < tokens->n; i++)
		fini_token(&tokens->v[i]);
	free(tokens->v);
	*tokens = (struct kt_tokens){0};
}
