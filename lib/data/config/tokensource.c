#include "tokensource.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "child.h"
#include "file.h"
#include "mem.h"
#include "when.h"

enum { SLICE_MS = 100 };

/* What commands gave, kept for all handles until the process ends. */
struct kept {
	char *command;
	struct kt_token token; /* text NULL: none yet */
	int64_t renew_ms;
	bool busy; /* a thread runs the command */
	struct kept *next;
};
static struct kept *kept;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const struct kt_setting *source_of(const struct kt_settings *s)
{
	const struct kt_setting *command = kt_settings_get(s, "kt.oauth.command");
	return command ? command : kt_settings_get(s, "kt.oauth.file");
}

bool kt_tokensource_any(const struct kt_settings *settings)
{
	return source_of(settings) != NULL;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int start(struct kt_child *child, const char *command, int out, bool apart, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	/* Standard input may be records. */
	kt_auto(drop) int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	kt_strs_add(&words, "/bin/sh");
	kt_strs_add(&words, "-c");
	kt_strs_add(&words, command);
	if (nothing < 0)
		return kt_err_sys(err, "opening /dev/null");
	const struct kt_child_how how = {.in = nothing, .out = out, .apart = apart, .closed = true};
	return kt_child_start(child, &words, &how, err);
}

/* 1: there may be more. 0: the end, also for now where the command itself has ended. */
static int take_output(struct kt_buf *text, int from)
{
	char *room = kt_buf_reserve(text, 4096);
	ssize_t n = read(from, room, 4096);
	text->len += n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Until the command has ended; what it left running in the background is not waited for. */
static int gather(struct kt_buf *text, const struct kt_child *child, int from, const struct kt_tokensource_how *how,
	struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	bool ended = false, open = true;
	while (!ended) {
		struct pollfd fds[] = {{.fd = open ? from : -1, .events = POLLIN}, {.fd = child->fd, .events = POLLIN}};
		int status = how->wait(how->user, fds, KT_LEN(fds), SLICE_MS);
		if (status)
			return kt_err_set(err, status, "interrupted while waiting for a token");
		ended = fds[1].revents != 0;
		if (fds[0].revents)
			open = take_output(text, from);
		while (ended && open && text->len <= KT_TOKEN_MAX)
			open = take_output(text, from);
		if (text->len > KT_TOKEN_MAX)
			return kt_err_set(err, KT_FAILED, "the command prints more than %d bytes, which is not a token",
				(int)KT_TOKEN_MAX);
		if (!ended && !kt_left_ms(start_us, KT_TOKEN_PATIENCE_MS))
			return kt_err_set(
				err, KT_FAILED, "the command gave no token within %d s", KT_TOKEN_PATIENCE_MS / 1000);
	}
	return 0;
}

static int run(struct kt_buf *text, const char *command, const struct kt_tokensource_how *how, struct kt_err *err)
{
	int ends[2];
	struct kt_child child;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return kt_err_sys(err, "a pipe for the token");
	kt_auto(drop) int from = ends[0], to = ends[1];
	if (fcntl(from, F_SETFL, O_NONBLOCK) < 0 || start(&child, command, to, how->apart, err) < 0)
		return -1;
	drop(&to);
	to = -1;
	int result = gather(text, &child, from, how, err);
	if (result < 0)
		kt_child_signal(&child, SIGKILL);
	int status = kt_child_end(&child);
	if (result < 0 || !status)
		return result;
	kt_err_set(err, KT_FAILED, "the command for a token ended with status %d", status);
	if (status == 127)
		return kt_err_hint(err, "127 is the shell's word for a command that is not there");
	return kt_err_hint(err, "what it printed itself stands above");
}

static int from_command(
	struct kt_token *out, const char *command, const struct kt_tokensource_how *how, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	/* Growing would leave parts of it in memory that was given back. */
	kt_buf_reserve(&text, KT_TOKEN_MAX + 8192);
	if (run(&text, command, how, err) < 0)
		return -1;
	return kt_token_read(out, text.data, text.len, kt_now_ms(), err);
}

static int from_file(struct kt_token *out, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	if (kt_file_read(&text, path, KT_TOKEN_MAX, err) < 0)
		return -1;
	if (kt_token_read(out, kt_buf_cstr(&text), text.len, kt_now_ms(), err) < 0)
		return kt_err_wrap(err, "%s", path);
	return 0;
}

static struct kept *find(const char *command)
{
	for (struct kept *k = kept; k; k = k->next)
		if (!strcmp(k->command, command))
			return k;
	struct kept *made = kt_calloc(1, sizeof(*made));
	made->command = kt_strdup(command);
	made->next = kept;
	kept = made;
	return made;
}

/* 1: out is what was kept. 0: the caller is to run the command, and to call leave(). */
static int enter(struct kt_token *out, struct kept **at, const char *command, const struct kt_tokensource_how *how,
	struct kt_err *err)
{
	pthread_mutex_lock(&lock);
	struct kept *k = *at = find(command);
	while (k->busy) {
		pthread_mutex_unlock(&lock);
		int status = how->wait(how->user, NULL, 0, SLICE_MS);
		if (status)
			return kt_err_set(err, status, "interrupted while waiting for a token");
		pthread_mutex_lock(&lock);
	}
	bool good = k->token.text && kt_now_ms() < k->renew_ms;
	if (good)
		kt_token_copy(out, &k->token);
	k->busy = !good;
	pthread_mutex_unlock(&lock);
	return good;
}

/* token: NULL when there is none. */
static void leave(struct kept *k, const struct kt_token *token)
{
	pthread_mutex_lock(&lock);
	if (token) {
		int64_t now_ms = kt_now_ms();
		kt_token_fini(&k->token);
		kt_token_copy(&k->token, token);
		k->renew_ms = now_ms + (token->expires_ms - now_ms) / 4 * 3;
	}
	k->busy = false;
	pthread_mutex_unlock(&lock);
}

static int kept_or_new(
	struct kt_token *out, const char *command, const struct kt_tokensource_how *how, struct kt_err *err)
{
	struct kept *k;
	int entered = enter(out, &k, command, how, err);
	if (entered)
		return entered < 0 ? -1 : 0;
	int result = from_command(out, command, how, err);
	leave(k, result < 0 ? NULL : out);
	return result;
}

int kt_tokensource_get(struct kt_token *out, const struct kt_settings *settings, const struct kt_tokensource_how *how,
	struct kt_err *err)
{
	const struct kt_setting *source = source_of(settings);
	bool command = !strcmp(source->key, "kt.oauth.command");
	if ((command ? kept_or_new(out, source->value, how, err) : from_file(out, source->value, err)) < 0)
		return kt_err_wrap(err, "%s", source->origin);
	return 0;
}
