#include "editline.h"

#include <locale.h>
#include <unistd.h>
#include <wchar.h>

#include <histedit.h>

#include "dlload.h"
#include "esc.h"
#include "mem.h"
#include "table.h"

enum { REMEMBERED = 1000, WIDE = 80 };

/* clang-format off */
#define FUNCTIONS(F) \
	F(el_end) F(el_get) F(el_gets) F(el_init) F(el_insertstr) F(el_line) F(el_resize) F(el_set) F(el_wset) F(history) \
	F(history_end) F(history_init)
/* clang-format on */
#define DECLARE(name) __typeof__(name) *name;
static struct {
	FUNCTIONS(DECLARE)
} lib;

struct kt_editline {
	EditLine *el;
	History *history;
	kt_lineedit_complete *complete;
	void *user;
	const char *prompt;
	int ended; /* what ended the line that is read: KT_LINE: nothing did */
};

static struct kt_editline *own(EditLine *el)
{
	void *e = NULL;
	lib.el_get(el, EL_CLIENTDATA, &e);
	return e;
}

static char *prompt(EditLine *el)
{
	return (char *)(uintptr_t)own(el)->prompt;
}

/* A character, whose bytes may come one by one. libedit would read without letting signals in. */
static int read_character(EditLine *el, wchar_t *out)
{
	struct kt_editline *e = own(el);
	mbstate_t state = {0};
	for (;;) {
		char c;
		e->ended = kt_lineedit_wait();
		if (e->ended != KT_LINE)
			return -1;
		if (read(STDIN_FILENO, &c, 1) != 1)
			return 0;
		size_t len = mbrtowc(out, &c, 1, &state);
		if (len == (size_t)-1)
			memset(&state, 0, sizeof(state));
		else if (len != (size_t)-2)
			return 1;
	}
}

static bool is_of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
	       strchr("_.\"-/", c);
}

/* What begins like the word, and in *common, how much of it all of those have behind the word. */
static void choose(struct kt_strs *out, const struct kt_strs *all, const char *word, size_t *common)
{
	size_t len = strlen(word);
	*common = SIZE_MAX;
	for (size_t i = 0; i < all->n; i++) {
		const char *rest = all->v[i] + len;
		if (strncasecmp(all->v[i], word, len) != 0)
			continue;
		size_t same = 0;
		while (out->n && rest[same] && rest[same] == out->v[0][len + same])
			same++;
		same = out->n ? same : strlen(rest);
		*common = same < *common ? same : *common;
		kt_strs_add_new(out, all->v[i]);
	}
}

static void show(const struct kt_strs *found)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	size_t column = 0;
	kt_buf_addc(&text, '\n');
	for (size_t i = 0; i < found->n; i++) {
		column += strlen(found->v[i]) + 2;
		if (column > WIDE) {
			kt_buf_addc(&text, '\n');
			column = strlen(found->v[i]) + 2;
		}
		kt_words(&text, found->v[i]);
		kt_buf_adds(&text, "  ");
	}
	kt_buf_addc(&text, '\n');
	(void)!write(STDOUT_FILENO, text.data, text.len);
}

static unsigned char complete(EditLine *el, int key)
{
	struct kt_editline *e = own(el);
	kt_auto(kt_strs_fini) struct kt_strs all = {0}, found = {0};
	const LineInfo *line = lib.el_line(el);
	const char *begin = line->cursor;
	size_t common;
	(void)key;
	while (begin > line->buffer && is_of_word(begin[-1]))
		begin--;
	kt_auto(kt_free_ptr) char *word = kt_strndup(begin, (size_t)(line->cursor - begin));
	e->complete(e->user, word, &all);
	choose(&found, &all, word, &common);
	if (!found.n)
		return CC_REFRESH_BEEP;
	if (common || found.n == 1) {
		kt_auto(kt_free_ptr) char *more = kt_strndup(found.v[0] + strlen(word), common);
		lib.el_insertstr(el, more);
		if (found.n == 1)
			lib.el_insertstr(el, " ");
		return CC_REFRESH;
	}
	show(&found);
	return CC_REDISPLAY;
}

static int load_library(struct kt_err *err)
{
#define ROW(name) {#name, &lib.name},
	const struct kt_dlload_row rows[] = {FUNCTIONS(ROW)};
	return kt_dlload(KT_SONAME_EDIT, rows, KT_LEN(rows), err);
}

struct kt_editline *kt_editline_new(kt_lineedit_complete *complete_with, void *user)
{
	struct kt_err ignored;
	HistEvent event;
	if (load_library(&ignored) < 0)
		return NULL;
	setlocale(LC_CTYPE, "");
	struct kt_editline *e = kt_calloc(1, sizeof(*e));
	e->complete = complete_with;
	e->user = user;
	e->el = lib.el_init("kt", stdin, stdout, stderr);
	e->history = lib.history_init();
	if (!e->el || !e->history) {
		kt_editline_free(e);
		return NULL;
	}
	lib.history(e->history, &event, H_SETSIZE, REMEMBERED);
	lib.history(e->history, &event, H_SETUNIQUE, 1);
	lib.el_set(e->el, EL_CLIENTDATA, e);
	lib.el_set(e->el, EL_PROMPT, prompt);
	lib.el_set(e->el, EL_EDITOR, "emacs");
	lib.el_set(e->el, EL_HIST, lib.history, e->history);
	lib.el_set(e->el, EL_GETCFN, read_character);
	if (complete_with) {
		/* Of names that are not wide it makes copies that it never frees. */
		lib.el_wset(e->el, EL_ADDFN, L"kt-complete", L"completes a word", complete);
		lib.el_set(e->el, EL_BIND, "^I", "kt-complete", NULL);
	}
	return e;
}

int kt_editline_read(struct kt_editline *e, const char *with, struct kt_buf *line)
{
	int len = 0;
	e->prompt = with;
	e->ended = KT_LINE;
	lib.el_resize(e->el);
	const char *text = lib.el_gets(e->el, &len);
	if (e->ended != KT_LINE)
		return e->ended;
	if (!text || len <= 0)
		return KT_LINE_END;
	kt_buf_add(line, text, (size_t)len - (text[len - 1] == '\n'));
	return KT_LINE;
}

void kt_editline_remember(struct kt_editline *e, const char *text)
{
	HistEvent event;
	lib.history(e->history, &event, H_ENTER, text);
}

void kt_editline_free(struct kt_editline *e)
{
	if (!e)
		return;
	if (e->el)
		lib.el_end(e->el);
	if (e->history)
		lib.history_end(e->history);
	free(e);
}
