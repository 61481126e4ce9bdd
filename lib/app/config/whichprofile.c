#include "whichprofile.h"

#include "buf.h"
#include "esc.h"
#include "mem.h"
#include "suggest.h"

enum { LONGEST = 100 };

struct kt_whichprofile kt_whichprofile_named(const char *flag)
{
	const char *variable = getenv("KT_PROFILE");
	struct kt_whichprofile which = {.word = flag, .from = {.name = "--profile"}, .rank = KT_RANK_FLAG};
	if (!flag)
		which = (struct kt_whichprofile){.word = variable && *variable ? variable : NULL,
			.from = {.name = "KT_PROFILE"},
			.rank = KT_RANK_ENV};
	which.none = which.word && !strcmp(which.word, KT_PROFILE_NONE);
	return which;
}

static int not_there(
	const struct kt_whichprofile *which, const struct kt_properties *file, const char *shown, struct kt_err *err)
{
	struct kt_suggest near = {.word = which->word};
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	kt_auto(kt_free_ptr) char *from = kt_origin_text(&which->from);
	for (size_t i = 0; i < file->profiles.n; i++) {
		kt_suggest_offer(&near, file->profiles.v[i]);
		kt_buf_addf(&names, "%s%s", i ? ", " : "", file->profiles.v[i]);
	}
	if (!shown) {
		kt_err_set(
			err, KT_USAGE, "%s: no profile \"%.100s\": there is no configuration file", from, which->word);
		return kt_err_hint(err,
			"`kt config init --profile %.100s -b ADDR` writes one; `kt config path` shows where kt looks",
			which->word);
	}
	kt_err_set(err, KT_USAGE, "%s: no profile \"%.100s\" in %s", from, which->word, shown);
	if (near.best)
		return kt_err_hint(err, "did you mean %s?", near.best);
	return kt_err_hint(err, names.len ? "it has %s" : "it has no [profile NAME] section%s", kt_buf_cstr(&names));
}

void kt_whichprofile_default(struct kt_whichprofile *which, const struct kt_properties *file, const char *shown)
{
	for (size_t i = 0; i < file->n && (!which->word || which->rank == KT_RANK_FILE); i++) {
		const struct kt_property *row = &file->v[i];
		if (row->profile || strcmp(row->key, "kt.profile") != 0)
			continue;
		which->word = *row->value ? row->value : NULL;
		which->from = (struct kt_origin){KT_ORIGIN_FILE, shown, row->line, NULL, NULL};
		which->rank = KT_RANK_FILE;
	}
}

int kt_whichprofile_find(
	struct kt_whichprofile *which, const struct kt_properties *file, const char *shown, struct kt_err *err)
{
	kt_whichprofile_default(which, file, shown);
	if (!which->word || !*which->word || which->none)
		return 0;
	bool there = kt_strs_has(&file->profiles, which->word);
	if (!there && strcmp(which->word, KT_PROFILE_FRONT) != 0)
		return not_there(which, file, shown, err);
	which->section = there ? which->word : NULL;
	return 0;
}

/* The parser decides what a name may be. */
static bool reads_back(const char *name)
{
	struct kt_err ignored = {0};
	kt_auto(kt_properties_fini) struct kt_properties p = {0};
	kt_auto(kt_free_ptr) char *line = kt_asprintf("[profile %s]\n", name);
	return kt_properties_parse(&p, line, strlen(line), "", KT_STYLE_PLAIN, &ignored) == 0 && !p.n &&
	       p.profiles.n == 1 && !strcmp(p.profiles.v[0], name);
}

static bool is_plain(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return kt_utf8_valid(name, strlen(name));
}

int kt_whichprofile_check(const char *name, struct kt_err *err)
{
	if (!strcmp(name, KT_PROFILE_NONE))
		return kt_err_set(
			err, KT_USAGE, "a profile cannot be called %s: that means no configuration at all", name);
	if (strlen(name) > LONGEST)
		return kt_err_set(err, KT_USAGE, "the profile's name is longer than %d bytes", LONGEST);
	if (!is_plain(name) || !reads_back(name))
		return kt_err_set(err, KT_USAGE, "a profile's name is one word, without blanks and control characters");
	return 0;
}
