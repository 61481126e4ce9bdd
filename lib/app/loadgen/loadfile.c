#include "loadfile.h"

#include <dirent.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "say.h"

/* Where this binary is, so that an installation may be moved as a whole, and a build folder has them too; else where it
 * was to be installed. */
static char *installed(const char *name)
{
	static const char *const beside[] = {"../share/kt/loads", "../loads"};
	kt_auto(kt_free_ptr) char *program = kt_file_program();
	char *slash = program ? strrchr(program, '/') : NULL;
	for (size_t i = 0; slash && i < KT_LEN(beside); i++) {
		char *path = kt_asprintf("%.*s/%s/%s", (int)(slash - program), program, beside[i], name);
		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return kt_asprintf("%s/%s", KT_LOADS, name);
}

/* The path to read, or NULL. */
static char *find(const char *name)
{
	if (strchr(name, '/') || access(name, F_OK) == 0)
		return kt_strdup(name);
	char *path = installed(name);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	kt_auto(kt_free_ptr) char *with_suffix = kt_asprintf("%s.json", name);
	path = installed(with_suffix);
	if (access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static void list_installed(struct kt_strs *names)
{
	kt_auto(kt_free_ptr) char *folder = installed("");
	DIR *dir = opendir(folder);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			kt_strs_add(names, entry->d_name);
	closedir(dir);
	kt_strs_sort(names);
}

static void missing(const char *name, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	list_installed(&names);
	for (size_t i = 0; i < names.n; i++)
		kt_buf_addf(&list, "%s%s", i ? ", " : "", names.v[i]);
	kt_err_set(err, KT_USAGE, "there is no load file %s, neither here nor among the installed ones", name);
	if (names.n)
		kt_err_hint(err, "installed are %s", kt_buf_cstr(&list));
}

char *kt_loadfile_find(const char *name, struct kt_err *err)
{
	char *path = find(name);
	if (!path)
		missing(name, err);
	return path;
}

int kt_loadfile_read(struct kt_loads *loads, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_free_ptr) char *path = kt_loadfile_find(name, err);
	if (!path || kt_file_read(&text, path, KT_LOAD_FILE, err) < 0)
		return -1;
	if (kt_loads_read(loads, text.data, text.len, path, err) < 0) {
		bool object = strstr(err->msg, "expected a list, got an object");
		return object ? kt_err_hint(err, "generators of a schema's fields go with --schema FILE") : -1;
	}
	for (size_t i = 0; i < loads->ignored.n; i++)
		kt_say(KT_WARNING, "%s", loads->ignored.v[i]);
	return 0;
}
