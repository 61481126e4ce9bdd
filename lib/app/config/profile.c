#include "profile.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conffile.h"
#include "file.h"
#include "javaprops.h"
#include "mem.h"
#include "props.h"
#include "rewrite.h"
#include "whichprofile.h"

/* A mode without any w is deliberate, and root and a rename would ignore it. */
static int check_writable(const struct kt_profile *p, struct kt_err *err)
{
	struct stat info;
	if (stat(p->path, &info) < 0 || info.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH))
		return 0;
	kt_err_set(err, KT_USAGE, "%s is read-only, and is left as it is", p->shown);
	return kt_err_hint(err, "chmod u+w %s", p->shown);
}

static int find_file(struct kt_profile *p, const char *flag, bool hold, struct kt_err *err)
{
	const char *environment = getenv("KT_CONFIG"), *named = flag;
	if (!named && environment && *environment)
		named = environment;
	p->path = named ? kt_strdup(named) : kt_conffile_own();
	if (!p->path) {
		kt_err_set(err, KT_USAGE, "there is no home directory to write to");
		return kt_err_hint(err, "name the file: -F FILE");
	}
	p->shown = kt_conffile_shown(p->path);
	if (kt_file_replaceable(p->path, err) < 0)
		return kt_err_wrap(err, "%s", flag ? "-F" : named ? "KT_CONFIG" : "the configuration");
	if (hold && (p->lock = kt_file_lock(p->path, err)) < 0)
		return -1;
	p->held = hold;
	p->exists = access(p->path, F_OK) == 0;
	if (!p->exists)
		return 0;
	return check_writable(p, err) < 0 || kt_file_read(&p->text, p->path, KT_PROPERTIES_MAX, err) < 0 ||
			       kt_properties_parse(&p->file, p->text.data, p->text.len, p->shown,
				       kt_properties_style(p->path), err) < 0
		       ? -1
		       : 0;
}

static int find_section(struct kt_profile *p, const char *flag, struct kt_err *err)
{
	struct kt_whichprofile which = kt_whichprofile_named(flag);
	kt_whichprofile_default(&which, &p->file, p->shown);
	if (!which.word || !*which.word)
		return 0;
	p->has_section = kt_strs_has(&p->file.profiles, which.word);
	if (!p->has_section && !strcmp(which.word, KT_PROFILE_FRONT))
		return 0;
	p->name = kt_strdup(which.word);
	return kt_whichprofile_check(p->name, err);
}

int kt_profile_find(struct kt_profile *out, const struct kt_client_opts *opts, bool hold, struct kt_err *err)
{
	struct kt_profile found = {0};
	if (find_file(&found, opts->config, hold, err) < 0 || find_section(&found, opts->profile, err) < 0) {
		kt_profile_fini(&found);
		return -1;
	}
	*out = found;
	return 0;
}

static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);
	kt_auto(kt_free_ptr) char *here = real || *path == '/' ? NULL : realpath(".", NULL);
	if (here)
		return kt_asprintf("%s/%s", here, path + (strncmp(path, "./", 2) ? 0 : 2));
	return real ? real : kt_strdup(path);
}

/* The value in a form that means the same in every directory, allocated. */
static char *anywhere(const char *key, const char *value)
{
	if (kt_setting_is_path(key) && strncmp(value, "~/", 2) != 0)
		return absolute(value);
	if (!kt_setting_is_secret(key) || strncmp(value, "file:", strlen("file:")) != 0 ||
		!strncmp(value, "file:~/", strlen("file:~/")))
		return kt_strdup(value);
	kt_auto(kt_free_ptr) char *real = absolute(value + strlen("file:"));
	return kt_asprintf("file:%s", real);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct kt_setting *)a)->key, ((const struct kt_setting *)b)->key);
}

void kt_profile_choose(struct kt_settings *out, const struct kt_settings *tried)
{
	for (size_t i = 0; i < tried->n; i++) {
		const struct kt_setting *s = &tried->v[i];
		bool wanted = s->rank == KT_RANK_FLAG || (s->rank == KT_RANK_ENV && kt_setting_is_connection(s->key));
		if (!wanted || s->from.folder || !strcmp(s->key, "kt.profile"))
			continue;
		char *value = anywhere(s->key, s->value);
		kt_settings_put_like(out, s, s->key, value);
		kt_wipe(value);
		free(value);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_key);
}

struct judge {
	const struct kt_profile *profile;
	const struct kt_settings *chosen, *tried;
	struct kt_props props;
};

/* Whether a setting of the trial came from this line. */
static bool was_used(const struct judge *j, const struct kt_property *row)
{
	for (size_t i = 0; i < j->tried->n; i++)
		if (kt_setting_in_file(&j->tried->v[i], j->profile->shown) && j->tried->v[i].from.line == row->line)
			return true;
	return false;
}

static bool is_stale(void *data, const struct kt_property *row)
{
	const struct judge *j = data;
	struct kt_err err = {0};
	kt_auto(kt_java_fini) struct kt_java java = {0};
	if (was_used(j, row))
		return false;
	/* What only the Java tools read in this file is theirs. */
	if (kt_java_translate(&java, row->key, row->value, &err) == 0 && java.kind == KT_JAVA_IGNORED)
		return false;
	const char *name = kt_props_canonical(&j->props, row->key);
	if (!strcmp(name, "group.id"))
		name = "kt.group";
	return kt_setting_is_connection(row->key) || kt_settings_get(j->chosen, name);
}

static int compose(struct kt_buf *out, const struct kt_profile *profile, struct judge *judge, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf lines = {0};
	struct kt_rewrite change = {.name = profile->shown,
		.style = kt_properties_style(profile->path),
		.profile = profile->name,
		.stale = is_stale,
		.data = judge};
	for (size_t i = 0; i < judge->chosen->n; i++) {
		const struct kt_setting *s = &judge->chosen->v[i];
		if (kt_property_line(&lines, s->key, s->value, change.style, err) < 0)
			return -1;
	}
	return kt_properties_rewrite(
		out, &change, profile->text.data, profile->text.len, (struct kt_bytes){lines.data, lines.len}, err);
}

int kt_profile_write(struct kt_profile *profile, const struct kt_settings *chosen, const struct kt_settings *tried,
	struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	struct judge judge = {.profile = profile, .chosen = chosen, .tried = tried};
	kt_props_load(&judge.props);
	int result = compose(&text, profile, &judge, err);
	kt_props_fini(&judge.props);
	return result < 0 ? -1 : kt_profile_save(profile, &text, err);
}

struct named {
	const char *key;
	const struct kt_props *props;
};

/* Under whichever of its names it is there. */
static bool is_named(void *data, const struct kt_property *row)
{
	const struct named *named = data;
	const char *name = kt_props_canonical(named->props, row->key);
	return !strcmp(strcmp(name, "group.id") ? name : "kt.group", named->key);
}

int kt_profile_change(struct kt_buf *text, const struct kt_profile *profile, const char *section, const char *key,
	const char *value, struct kt_err *err)
{
	struct kt_props props = {0};
	kt_props_load(&props);
	const char *name = kt_props_canonical(&props, key);
	struct named named = {strcmp(name, "group.id") ? name : "kt.group", &props};
	struct kt_rewrite change = {.name = profile->shown,
		.style = kt_properties_style(profile->path),
		.profile = section,
		.stale = is_named,
		.data = &named,
		.in_place = true};
	struct kt_buf line = {0}, changed = {0};
	kt_auto(kt_free_ptr) char *whole = value ? anywhere(named.key, value) : NULL;
	int result = whole ? kt_property_line(&line, key, whole, change.style, err) : 0;
	if (result == 0)
		result = kt_properties_rewrite(
			&changed, &change, text->data, text->len, (struct kt_bytes){line.data, line.len}, err);
	kt_props_fini(&props);
	kt_buf_wipe(&line);
	kt_buf_wipe(result == 0 ? text : &changed);
	if (result == 0)
		*text = changed;
	return result;
}

/* Others who were not kept out may have written since. */
static int check_unchanged(const struct kt_profile *p, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf now = {0};
	bool exists = access(p->path, F_OK) == 0;
	if (exists && kt_file_read(&now, p->path, KT_PROPERTIES_MAX, err) < 0)
		return -1;
	if (exists == p->exists && now.len == p->text.len && (!now.len || !memcmp(now.data, p->text.data, now.len)))
		return 0;
	kt_err_set(err, KT_FAILED, "%s was changed in the meantime by somebody else, and is left as it is", p->shown);
	return kt_err_hint(err, "do it once more");
}

int kt_profile_save(struct kt_profile *profile, const struct kt_buf *text, struct kt_err *err)
{
	if (!profile->held) {
		profile->lock = kt_file_lock(profile->path, err);
		profile->held = profile->lock >= 0;
		if (!profile->held)
			return -1;
	}
	if (check_unchanged(profile, err) < 0)
		return -1;
	return kt_file_replace(profile->path, text->data, text->len, err);
}

void kt_profile_fini(struct kt_profile *profile)
{
	if (profile->held)
		close(profile->lock);
	free(profile->path);
	free(profile->shown);
	free(profile->name);
	kt_buf_wipe(&profile->text);
	kt_properties_fini(&profile->file);
	*profile = (struct kt_profile){0};
}
