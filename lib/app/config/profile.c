#include "profile.h"

#include <errno.h>
#include <unistd.h>

#include "conffile.h"
#include "file.h"
#include "javaprops.h"
#include "mem.h"
#include "props.h"
#include "rewrite.h"
#include "whichprofile.h"

int kt_profile_find(struct kt_profile *out, const char *flag, const char *name, struct kt_err *err)
{
	const char *environment = getenv("KT_CONFIG"), *named = flag;
	if (name && kt_whichprofile_check(name, err) < 0)
		return -1;
	if (!named && environment && *environment)
		named = environment;
	struct kt_profile found = {.path = named ? kt_strdup(named) : kt_conffile_own(), .name = name};
	if (!found.path) {
		kt_err_set(err, KT_USAGE, "there is no home directory to write to");
		return kt_err_hint(err, "name the file: -F FILE");
	}
	if (kt_file_replaceable(found.path, err) < 0) {
		kt_profile_fini(&found);
		return kt_err_wrap(err, "%s", flag ? "-F" : named ? "KT_CONFIG" : "the configuration");
	}
	found.shown = kt_conffile_shown(found.path);
	found.exists = access(found.path, F_OK) == 0;
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	if (found.exists && kt_conffile_read(&file, found.path, found.shown, err) < 0) {
		kt_profile_fini(&found);
		return -1;
	}
	found.has_section = name && kt_strs_has(&file.profiles, name);
	*out = found;
	return 0;
}

static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);
	return real ? real : kt_strdup(path);
}

/* The value as it means the same in every directory. */
static char *anywhere(const struct kt_setting *s)
{
	if (kt_setting_is_path(s->key))
		return absolute(s->value);
	if (!kt_setting_is_secret(s->key) || strncmp(s->value, "file:", strlen("file:")) != 0)
		return kt_strdup(s->value);
	kt_auto(kt_free_ptr) char *real = absolute(s->value + strlen("file:"));
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
		char *value = anywhere(s);
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
	/* What only the Java tools read of this file is theirs. */
	if (kt_java_translate(&java, row->key, row->value, &err) == 0 && java.kind == KT_JAVA_IGNORED)
		return false;
	const char *name = kt_props_canonical(&j->props, row->key);
	if (!strcmp(name, "group.id"))
		name = "kt.group";
	return kt_setting_is_connection(row->key) || kt_settings_get(j->chosen, name);
}

static int compose(struct kt_buf *out, const struct kt_profile *profile, struct judge *judge, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf old = {0};
	kt_auto(kt_buf_fini) struct kt_buf lines = {0};
	struct kt_rewrite change = {.name = profile->shown,
		.style = kt_properties_style(profile->path),
		.profile = profile->name,
		.stale = is_stale,
		.data = judge};
	if (profile->exists && kt_file_read(&old, profile->path, KT_PROPERTIES_MAX, err) < 0)
		return -1;
	for (size_t i = 0; i < judge->chosen->n; i++) {
		const struct kt_setting *s = &judge->chosen->v[i];
		if (kt_property_line(&lines, s->key, s->value, change.style, err) < 0)
			return -1;
	}
	return kt_properties_rewrite(out, &change, old.data, old.len, (struct kt_bytes){lines.data, lines.len}, err);
}

int kt_profile_write(const struct kt_profile *profile, const struct kt_settings *chosen,
	const struct kt_settings *tried, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct judge judge = {.profile = profile, .chosen = chosen, .tried = tried};
	kt_props_load(&judge.props);
	int result = compose(&text, profile, &judge, err);
	kt_props_fini(&judge.props);
	if (result == 0)
		result = kt_file_replace(profile->path, text.data, text.len, err);
	if (text.data)
		explicit_bzero(text.data, text.cap);
	return result;
}

void kt_profile_fini(struct kt_profile *profile)
{
	free(profile->path);
	free(profile->shown);
	*profile = (struct kt_profile){0};
}
