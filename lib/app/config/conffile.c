#include "conffile.h"

#include <errno.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"

const char *const kt_conffile_places[] = {
	"$XDG_CONFIG_HOME/kt/config, ~/.config/kt/config",
	"configuration: property=value lines of librdkafka or a Java client, and [profile NAME] sections",
	"$KCAT_CONFIG, ~/.config/kcat.conf",
	"kcat's, read when there is none of the above",
	"/etc/kt/config",
	"read when there is none of the above",
	NULL,
};
_Static_assert(KT_LEN(kt_conffile_places) == 2 * KT_CONFFILES + 1, "a path for each pair");

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* name below the user's configuration directory; allocated, or NULL. */
static char *in_config_home(const char *name)
{
	const char *xdg = environment("XDG_CONFIG_HOME"), *home = environment("HOME");
	if (xdg && *xdg == '/')
		return kt_asprintf("%s/%s", xdg, name);
	return home ? kt_asprintf("%s/.config/%s", home, name) : NULL;
}

char *kt_conffile_own(void)
{
	return in_config_home("kt/config");
}

char *kt_conffile_shown(const char *path)
{
	const char *home = environment("HOME");
	size_t len = home ? strlen(home) : 0;
	if (len > 1 && !strncmp(path, home, len) && path[len] == '/')
		return kt_asprintf("~%s", path + len);
	return kt_strdup(path);
}

/* Where kcat looks; allocated. */
static char *of_kcat(void)
{
	const char *named = environment("KCAT_CONFIG"), *home = environment("HOME");
	if (named)
		return kt_strdup(named);
	return home ? kt_asprintf("%s/.config/kcat.conf", home) : NULL;
}

/* Allocated; NULL for one below a home directory that is not there. */
static char *path_of(const char *place)
{
	if (*place == '/')
		return kt_strdup(place);
	return strstr(place, "kcat") ? of_kcat() : kt_conffile_own();
}

/* Takes path. */
static struct kt_conffile *add(struct kt_conffiles *files, char *path, const char *from)
{
	struct kt_conffile *file = &files->v[files->n++];
	bool exists = access(path, F_OK) == 0;
	*file = (struct kt_conffile){path, kt_conffile_shown(path), from, exists, false};
	file->used = exists && !kt_conffiles_used(files);
	return file;
}

int kt_conffiles_find(struct kt_conffiles *out, const char *flag, struct kt_err *err)
{
	const char *named = flag ? flag : environment("KT_CONFIG"), *from = flag ? "-F" : "KT_CONFIG";
	*out = (struct kt_conffiles){0};
	if (named) {
		if (access(named, F_OK) == 0) {
			add(out, kt_strdup(named), from);
			return 0;
		}
		kt_err_sys(err, "%s: no configuration from %s", from, named);
		err->status = KT_USAGE;
		return kt_err_hint(err, "`kt config path` shows where kt looks without %s", from);
	}
	for (size_t i = 0; kt_conffile_places[i]; i += 2) {
		char *path = path_of(kt_conffile_places[i]);
		if (path)
			add(out, path, "default");
	}
	return 0;
}

const struct kt_conffile *kt_conffiles_used(const struct kt_conffiles *files)
{
	for (size_t i = 0; i < files->n; i++)
		if (files->v[i].used)
			return &files->v[i];
	return NULL;
}

void kt_conffiles_fini(struct kt_conffiles *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->v[i].path);
		free(files->v[i].shown);
	}
	*files = (struct kt_conffiles){0};
}

int kt_conffile_read(struct kt_properties *out, const char *path, const char *shown, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	if (kt_file_read(&text, path, KT_PROPERTIES_MAX, err) < 0)
		return -1;
	return kt_properties_parse(out, text.data, text.len, shown, kt_properties_style(path), err);
}
