#include "opt.h"

#include "mem.h"
#include "num.h"
#include "suggest.h"

const struct kt_opt kt_standard_opts[] = {
	{.name = "help", .letter = 'h', .type = KT_OPT_STOP, .help = "print this help; -h: what is used most"},
	{.name = "version", .letter = 'V', .type = KT_OPT_STOP, .help = "print the versions of kt and its libraries"},
	KT_END,
};

static bool walk(const struct kt_opt *row, size_t base, bool (*each)(const struct kt_opt *, size_t, void *), void *data)
{
	for (; row->type != KT_OPT_END; row++)
		if (row->type == KT_OPT_INCLUDE ? walk(row->include, base + row->off, each, data)
						: each(row, base, data))
			return true;
	return false;
}

bool kt_opts_walk(
	const struct kt_opt *table, bool (*each)(const struct kt_opt *row, size_t base, void *data), void *data)
{
	return walk(table, 0, each, data);
}

bool kt_opt_takes_arg(const struct kt_opt *row)
{
	switch (row->type) {
	case KT_OPT_STR:
	case KT_OPT_I64:
	case KT_OPT_MS:
	case KT_OPT_BYTES:
	case KT_OPT_ENUM:
	case KT_OPT_LIST:
		return true;
	case KT_OPT_END:
	case KT_OPT_FLAG:
	case KT_OPT_COUNT:
	case KT_OPT_PRESET:
	case KT_OPT_INCLUDE:
	case KT_OPT_GONE:
	case KT_OPT_STOP:
		break;
	}
	return false;
}

/* "--name" as people type it, or a positional's word. */
struct spelling {
	char text[64];
};

static struct spelling spell(const struct kt_opt *row)
{
	struct spelling s;
	if (row->name)
		snprintf(s.text, sizeof(s.text), "%s%s", row->positional ? "" : "--", row->name);
	else
		snprintf(s.text, sizeof(s.text), "-%c", row->letter);
	return s;
}

/* Looking up a row by long name or letter. */
struct lookup {
	const char *name; /* NULL: by letter */
	size_t len;
	char letter;
	const struct kt_opt *row;
	size_t base;
};

static bool has_word(const char *words, const char *word, size_t len)
{
	for (; words && *words; words += strspn(words, " ")) {
		size_t other = strcspn(words, " ");
		if (other == len && !memcmp(words, word, len))
			return true;
		words += other;
	}
	return false;
}

static bool is_wanted(const struct kt_opt *row, size_t base, void *data)
{
	struct lookup *l = data;
	if (row->positional)
		return false;
	bool same = l->name ? (row->name && strlen(row->name) == l->len && !memcmp(row->name, l->name, l->len)) ||
				      (l->len > 1 && has_word(row->also, l->name, l->len))
			    : row->letter == l->letter || has_word(row->also, &l->letter, 1);
	if (same) {
		l->row = row;
		l->base = base;
	}
	return same;
}

static bool look_up(const struct kt_opt *table, struct lookup *l)
{
	return kt_opts_walk(table, is_wanted, l) || kt_opts_walk(kt_standard_opts, is_wanted, l);
}

/* Names for "did you mean", copied because the words of .also do not end in NUL. */
struct suggestion {
	struct kt_suggest near;
	const char *longer; /* a name that begins with the word */
	struct kt_strs words;
};

static bool offer(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct suggestion *s = data;
	size_t from = s->words.n;
	if (row->positional || row->hidden || row->type == KT_OPT_GONE)
		return false;
	if (row->name)
		kt_strs_add(&s->words, row->name);
	if (row->also)
		kt_strs_split(&s->words, row->also, " ");
	for (size_t i = from; i < s->words.n; i++) {
		const char *word = s->words.v[i];
		if (!word[1])
			continue;
		kt_suggest_offer(&s->near, word);
		if (!s->longer && strlen(s->near.word) > 2 && !strncmp(word, s->near.word, strlen(s->near.word)))
			s->longer = word;
	}
	return false;
}

static int unknown_long(const struct kt_opt *table, const char *text, size_t len, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *word = kt_strndup(text, len);
	struct suggestion s = {.near = {.word = word}};
	kt_err_set(err, KT_USAGE, "unknown option --%.80s", word);
	kt_opts_walk(table, offer, &s);
	kt_opts_walk(kt_standard_opts, offer, &s);
	const char *best = s.near.best ? s.near.best : s.longer;
	if (best)
		kt_err_hint(err, "did you mean --%s?", best);
	kt_strs_fini(&s.words);
	return -1;
}

static int unknown_letter(const struct kt_opt *table, char letter, struct kt_err *err)
{
	struct lookup other = {.letter = (char)(letter ^ 0x20)};
	kt_err_set(err, KT_USAGE, "unknown option -%c", letter);
	if (((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z') && look_up(table, &other))
		kt_err_hint(err, "did you mean -%c?", other.letter);
	return -1;
}

static int find_choice(const struct kt_opt *row, const char *text, int *out, struct kt_err *err)
{
	struct kt_suggest near = {.word = text};
	char all[256] = "";
	size_t used = 0;
	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(row->choices[i], text)) {
			*out = i;
			return 0;
		}
		kt_suggest_offer(&near, row->choices[i]);
		if (used < sizeof(all))
			used += (size_t)snprintf(
				all + used, sizeof(all) - used, "%s%s", i ? ", " : "", row->choices[i]);
	}
	kt_err_set(err, KT_USAGE, "\"%.80s\" is not one of %s", text, all);
	return near.best ? kt_err_hint(err, "did you mean %s?", near.best) : -1;
}

/* Puts what text says into the row's field. */
static int convert(const struct kt_opt *row, const char *text, void *field, struct kt_err *err)
{
	switch (row->type) {
	case KT_OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case KT_OPT_COUNT:
		++*(int *)field;
		return 0;
	case KT_OPT_STR:
		*(const char **)field = text;
		return 0;
	case KT_OPT_PRESET:
		*(const char **)field = row->preset;
		return 0;
	case KT_OPT_LIST:
		kt_strs_add(field, text);
		return 0;
	case KT_OPT_I64:
		return kt_parse_i64(text, INT64_MIN, INT64_MAX, field, err);
	case KT_OPT_MS:
		return kt_parse_duration_ms(text, field, err);
	case KT_OPT_BYTES:
		return kt_parse_bytes(text, field, err);
	case KT_OPT_ENUM:
		return find_choice(row, text, field, err);
	case KT_OPT_END:
	case KT_OPT_INCLUDE:
	case KT_OPT_GONE:
	case KT_OPT_STOP:
		break;
	}
	return 0;
}

struct parse {
	const struct kt_opt *table;
	char *target;
	struct kt_err *err;
	int argc, at;
	char *const *argv;
	bool only_positionals;        /* after "--" */
	bool tolerant;                /* passes over mistakes: the line is not finished */
	const struct kt_opt *waiting; /* tolerant: an option at the end, without its argument */
	char stop;                    /* the standard row that was met */
	size_t filled;                /* positionals of one word that have theirs */
	const struct kt_opt **given;
	size_t n_given, cap_given;
};

static bool was_given(const struct parse *p, const struct kt_opt *row)
{
	for (size_t i = 0; i < p->n_given; i++)
		if (p->given[i] == row)
			return true;
	return false;
}

static int set(struct parse *p, const struct kt_opt *row, size_t base, const char *text)
{
	for (size_t i = 0; row->conflict && i < p->n_given; i++)
		if (p->given[i]->conflict == row->conflict && p->given[i] != row)
			return kt_err_set(p->err, KT_USAGE, "%s and %s exclude each other", spell(p->given[i]).text,
				spell(row).text);
	if (!was_given(p, row)) {
		p->given = kt_grow(p->given, &p->cap_given, p->n_given + 1, sizeof(*p->given));
		p->given[p->n_given++] = row;
	}
	if (row->turn)
		*(int *)(void *)(p->target + base + row->turn) = p->at;
	if (convert(row, text, p->target + base + row->off, p->err) < 0)
		return kt_err_wrap(p->err, "%s", spell(row).text);
	return 0;
}

/* Takes the option that l found; value is the rest of the same word, or NULL. */
static int take_option(struct parse *p, const struct lookup *l, const char *value)
{
	const struct kt_opt *row = l->row;
	if (row->type == KT_OPT_GONE) {
		kt_err_set(p->err, KT_USAGE, "%s is not an option here", spell(row).text);
		return kt_err_hint(p->err, "%s", row->help);
	}
	if (row->type == KT_OPT_STOP) {
		p->stop = row->letter == 'h' && l->name ? 'H' : row->letter;
		return 0;
	}
	if (!kt_opt_takes_arg(row)) {
		if (value)
			return kt_err_set(p->err, KT_USAGE, "%s takes no argument", spell(row).text);
	} else if (!value) {
		if (p->at == p->argc && p->tolerant) {
			p->waiting = row;
			return 0;
		}
		if (p->at == p->argc)
			return kt_err_set(p->err, KT_USAGE, "%s needs an argument%s%s", spell(row).text,
				row->arg ? ": " : "", row->arg ? row->arg : "");
		value = p->argv[p->at++];
	}
	return set(p, row, l->base, value);
}

static int take_long(struct parse *p, const char *text)
{
	struct lookup l = {.name = text, .len = strcspn(text, "=")};
	if (!look_up(p->table, &l))
		return unknown_long(p->table, text, l.len, p->err);
	return take_option(p, &l, text[l.len] ? text + l.len + 1 : NULL);
}

static int take_letters(struct parse *p, const char *text)
{
	for (; *text && !p->stop; text++) {
		struct lookup l = {.letter = *text};
		if (!look_up(p->table, &l))
			return unknown_letter(p->table, *text, p->err);
		if (kt_opt_takes_arg(l.row))
			return take_option(p, &l, text[1] ? text + 1 : NULL);
		if (take_option(p, &l, NULL) < 0)
			return -1;
	}
	return 0;
}

/* Looking up the positional after the first `skip` ones. */
struct turn {
	size_t skip;
	const struct kt_opt *row;
	size_t base;
};

static bool is_turn(const struct kt_opt *row, size_t base, void *data)
{
	struct turn *t = data;
	if (!row->positional || (t->skip && t->skip--))
		return false;
	t->row = row;
	t->base = base;
	return true;
}

static int take_positional(struct parse *p, const char *text)
{
	struct turn t = {.skip = p->filled};
	if (!kt_opts_walk(p->table, is_turn, &t))
		return kt_err_set(p->err, KT_USAGE, "unexpected argument \"%.80s\"", text);
	if (t.row->type != KT_OPT_LIST)
		p->filled++;
	return set(p, t.row, t.base, text);
}

static int take_words(struct parse *p)
{
	while (p->at < p->argc && !p->stop) {
		const char *word = p->argv[p->at++];
		int taken = 0;
		if (p->only_positionals || word[0] != '-' || !word[1])
			taken = take_positional(p, word);
		else if (!strcmp(word, "--"))
			p->only_positionals = true;
		else if (word[1] == '-')
			taken = take_long(p, word + 2);
		else
			taken = take_letters(p, word + 1);
		if (taken < 0 && !p->tolerant)
			return -1;
	}
	return 0;
}

static bool set_default(const struct kt_opt *row, size_t base, void *data)
{
	struct parse *p = data;
	if (!row->def || convert(row, row->def, p->target + base + row->off, p->err) == 0)
		return false;
	kt_err_wrap(p->err, "default of %s", spell(row).text);
	return true;
}

static bool is_missing(const struct kt_opt *row, size_t base, void *data)
{
	(void)base;
	struct parse *p = data;
	if (!row->required || was_given(p, row))
		return false;
	kt_err_set(p->err, KT_USAGE, "%s is missing", spell(row).text);
	return true;
}

int kt_opts_parse(const struct kt_opt *table, int argc, char *const *argv, void *target, struct kt_err *err)
{
	struct parse p = {.table = table, .target = target, .err = err, .argc = argc, .argv = argv};
	bool failed = kt_opts_walk(table, set_default, &p) || take_words(&p) < 0 ||
		      (!p.stop && kt_opts_walk(table, is_missing, &p));
	free(p.given);
	return failed ? -1 : p.stop;
}

const struct kt_opt *kt_opts_expect(
	const struct kt_opt *table, int argc, char *const *argv, void *target, bool *options)
{
	struct kt_err ignored = {0};
	struct parse p = {
		.table = table, .target = target, .err = &ignored, .argc = argc, .argv = argv, .tolerant = true};
	(void)(kt_opts_walk(table, set_default, &p) || take_words(&p) < 0);
	free(p.given);
	*options = !p.waiting && !p.only_positionals;
	struct turn t = {.skip = p.filled};
	if (!p.waiting)
		kt_opts_walk(table, is_turn, &t);
	return p.waiting ? p.waiting : t.row;
}

const struct kt_opt *kt_opts_find(const struct kt_opt *table, const char *name, size_t len, char letter)
{
	struct lookup l = {.name = name, .len = len, .letter = letter};
	return look_up(table, &l) ? l.row : NULL;
}

struct kt_opt kt_opts_row(const struct kt_opt *table, const struct kt_opt *row)
{
	struct kt_opt shown = *row;
	const struct kt_opt *owner = row->name ? kt_opts_find(table, row->name, strlen(row->name), 0) : NULL;
	if (owner && owner != row && owner->takes_over)
		shown.name = NULL;
	return shown;
}

static bool release(const struct kt_opt *row, size_t base, void *data)
{
	if (row->type == KT_OPT_LIST)
		kt_strs_fini((struct kt_strs *)((char *)data + base + row->off));
	return false;
}

void kt_opts_fini(const struct kt_opt *table, void *target)
{
	kt_opts_walk(table, release, target);
}
