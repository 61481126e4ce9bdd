#include "match.h"

#include <fnmatch.h>

#include "pattern.h"
#include "suggest.h"

enum { SHOWN = 10 };

static bool is_regex(const char *word)
{
	return *word == '^';
}

bool kt_is_pattern(const char *word)
{
	return is_regex(word) || word[strcspn(word, "*?[")] != '\0';
}

/* Adds what the first `n` of the list do not have already. */
static void add_new(struct kt_strs *list, size_t n, const char *text)
{
	const struct kt_strs earlier = {.v = list->v, .n = n};
	if (!kt_strs_has(&earlier, text))
		kt_strs_add(list, text);
}

static bool begins(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* One that is no regular expression matches nothing: kt_match_missing() says why. */
static void add_matches(struct kt_strs *out, const char *pattern, const struct kt_strs *existing, const char *internal)
{
	struct kt_err ignored;
	regex_t regex;
	bool is = is_regex(pattern), internals = internal && begins(pattern + is, internal);
	if (is && kt_pattern_compile(&regex, pattern, REG_NOSUB, &ignored) < 0)
		return;
	for (size_t i = 0; i < existing->n; i++) {
		const char *name = existing->v[i];
		if (internal && begins(name, internal) && !internals)
			continue;
		if (is ? regexec(&regex, name, 0, NULL, 0) == 0 : fnmatch(pattern, name, 0) == 0)
			kt_strs_add(out, name);
	}
	kt_strs_sort(out);
	if (is)
		regfree(&regex);
}

bool kt_matches(const char *pattern, const char *name)
{
	kt_auto(kt_strs_fini) struct kt_strs one = {0}, found = {0};
	kt_strs_add(&one, name);
	add_matches(&found, pattern, &one, NULL);
	return found.n;
}

void kt_match(struct kt_match *pick, const struct kt_strs *words, const struct kt_strs *existing, const char *internal)
{
	for (size_t i = 0; i < words->n; i++) {
		kt_auto(kt_strs_fini) struct kt_strs matches = {0};
		const char *word = words->v[i];
		if (kt_strs_has(existing, word))
			kt_strs_add(&matches, word);
		else if (kt_is_pattern(word))
			add_matches(&matches, word, existing, internal);
		for (size_t j = 0, n = pick->found.n; j < matches.n; j++)
			add_new(&pick->found, n, matches.v[j]);
		if (!matches.n)
			add_new(&pick->missing, pick->missing.n, word);
	}
}

int kt_match_missing(
	const char *kind, const char *word, const char *where, const struct kt_strs *existing, struct kt_err *err)
{
	struct kt_suggest near = {.word = word};
	regex_t regex;
	if (is_regex(word)) {
		if (kt_pattern_compile(&regex, word, REG_NOSUB, err) < 0)
			return kt_err_wrap(err, "%.200s", word);
		regfree(&regex);
	}
	if (kt_is_pattern(word)) {
		kt_err_set(err, KT_NOT_FOUND, "no %s on %s matches %.200s", kind, where, word);
		if (!is_regex(word) && strstr(word, ".*"))
			return kt_err_hint(err, "a regular expression begins with ^: '^%.200s'", word);
		return kt_err_hint(err, "`kt %s list` shows what is there", kind);
	}
	kt_err_set(err, KT_NOT_FOUND, "%s %.200s does not exist on %s", kind, word, where);
	for (size_t i = 0; i < existing->n; i++)
		kt_suggest_offer(&near, existing->v[i]);
	if (near.best)
		return kt_err_hint(err, "did you mean %s? `kt %s list` shows what is there", near.best, kind);
	return kt_err_hint(err, "`kt %s list` shows what is there", kind);
}

void kt_match_show(struct kt_buf *out, const char *kind, const struct kt_strs *names)
{
	if (names->n == 1) {
		kt_buf_addf(out, "%s %s", kind, names->v[0]);
		return;
	}
	kt_buf_addf(out, "%zu %ss (", names->n, kind);
	for (size_t i = 0; i < names->n && i < SHOWN; i++)
		kt_buf_addf(out, "%s%s", i ? ", " : "", names->v[i]);
	if (names->n > SHOWN)
		kt_buf_addf(out, " and %zu more", names->n - SHOWN);
	kt_buf_addc(out, ')');
}

void kt_match_fini(struct kt_match *pick)
{
	kt_strs_fini(&pick->found);
	kt_strs_fini(&pick->missing);
}
