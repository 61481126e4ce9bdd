#include "lineedit.h"

#include <poll.h>
#include <unistd.h>

#include "editline.h"
#include "file.h"
#include "mem.h"
#include "sig.h"

enum { KEPT_LINES = 1000, KEPT_BYTES = 1 << 20 };

struct kt_lineedit {
	struct kt_editline *editor; /* NULL: the terminal's own */
	char *path;                 /* of the history; NULL: it is not kept */
	struct kt_strs history;
	struct kt_buf typed; /* without an editor: what was read and not given out */
};

int kt_lineedit_wait(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	while (!kt_sig_caught())
		if (kt_wait(&fd, 1, -1) > 0)
			return KT_LINE;
	return kt_sig_caught() == SIGINT ? KT_LINE_DROPPED : KT_LINE_END;
}

static char *path_of(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (state && *state == '/')
		return kt_asprintf("%s/kt/%s-history", state, name);
	return home && *home == '/' ? kt_asprintf("%s/.local/state/kt/%s-history", home, name) : NULL;
}

static void load(struct kt_lineedit *l)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err ignored;
	if (!l->path || kt_file_read(&text, l->path, KEPT_BYTES, &ignored) < 0)
		return;
	kt_strs_split(&l->history, kt_buf_cstr(&text), "\n");
	for (size_t i = 0; i < l->history.n; i++)
		kt_editline_remember(l->editor, l->history.v[i]);
}

struct kt_lineedit *kt_lineedit_new(const char *name, kt_lineedit_complete *complete, void *user)
{
	struct kt_lineedit *l = kt_calloc(1, sizeof(*l));
	l->editor = kt_editline_new(complete, user);
	l->path = l->editor ? path_of(name) : NULL;
	load(l);
	return l;
}

/* A line of what the terminal gave. */
static int take_line(struct kt_lineedit *l, struct kt_buf *line)
{
	const char *end = l->typed.len ? memchr(l->typed.data, '\n', l->typed.len) : NULL;
	if (!end)
		return KT_LINE_END;
	size_t len = (size_t)(end - l->typed.data);
	kt_buf_add(line, l->typed.data, len);
	l->typed.len -= len + 1;
	memmove(l->typed.data, end + 1, l->typed.len);
	return KT_LINE;
}

static int read_plain(struct kt_lineedit *l, const char *prompt, struct kt_buf *line)
{
	if (write(STDOUT_FILENO, prompt, strlen(prompt)) < 0)
		return KT_LINE_END;
	for (;;) {
		int got = take_line(l, line);
		if (got == KT_LINE)
			return got;
		got = kt_lineedit_wait();
		if (got != KT_LINE)
			return got;
		ssize_t n = read(STDIN_FILENO, kt_buf_reserve(&l->typed, BUFSIZ), BUFSIZ);
		if (n <= 0 || l->typed.len > KEPT_BYTES)
			return KT_LINE_END;
		l->typed.len += (size_t)n;
	}
}

int kt_lineedit_read(struct kt_lineedit *l, const char *prompt, struct kt_buf *line)
{
	line->len = 0;
	return l->editor ? kt_editline_read(l->editor, prompt, line) : read_plain(l, prompt, line);
}

void kt_lineedit_remember(struct kt_lineedit *l, const char *text)
{
	if (!l->editor || (l->history.n && !strcmp(l->history.v[l->history.n - 1], text)))
		return;
	kt_editline_remember(l->editor, text);
	kt_strs_add(&l->history, text);
}

static void keep(const struct kt_lineedit *l)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_err ignored;
	size_t n = l->history.n;
	for (size_t i = n > KEPT_LINES ? n - KEPT_LINES : 0; i < n; i++) {
		kt_buf_adds(&text, l->history.v[i]);
		kt_buf_addc(&text, '\n');
	}
	if (l->path && text.len && text.len < KEPT_BYTES)
		(void)!kt_file_replace(l->path, text.data, text.len, &ignored);
}

void kt_lineedit_free(struct kt_lineedit **lines)
{
	struct kt_lineedit *l = *lines;
	if (!l)
		return;
	keep(l);
	kt_editline_free(l->editor);
	kt_strs_fini(&l->history);
	kt_buf_fini(&l->typed);
	free(l->path);
	free(l);
	*lines = NULL;
}
