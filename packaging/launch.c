/* The first program of a relocatable folder (./dev bundle): starts lib/kt with the loader and the libraries that lie
 * beside it. Linked statically, since it needs nothing of the system that way, not even /proc. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the shell found a name without a slash. */
static int search_path(const char *name, char *found)
{
	char candidate[PATH_MAX];
	const char *at = getenv("PATH");
	while (at && *at) {
		int len = (int)strcspn(at, ":");
		snprintf(candidate, sizeof(candidate), "%.*s/%s", len, at, name);
		if (!access(candidate, X_OK) && realpath(candidate, found))
			return 0;
		at += len + (at[len] == ':');
	}
	return -1;
}

/* Up to the slash before the last part. */
static int cut(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return slash ? 0 : -1;
}

/* FOLDER of FOLDER/bin/kt. */
static int find_folder(const char *called, char *folder)
{
	ssize_t len = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	if (len > 0)
		folder[len] = '\0';
	else if (strchr(called, '/') ? !realpath(called, folder) : search_path(called, folder) < 0)
		return -1;
	return cut(folder) < 0 || cut(folder) < 0 ? -1 : 0;
}

/* "produce" of kt-produce, a symbolic link to this. */
static char *command_of(char *called)
{
	char *slash = strrchr(called, '/'), *name = slash ? slash + 1 : called;
	return strncmp(name, "kt-", 3) || !name[3] ? NULL : name + 3;
}

int main(int argc, char **argv)
{
	char folder[PATH_MAX], loader[PATH_MAX + 100], libraries[PATH_MAX + 100], modules[PATH_MAX + 100];
	char program[PATH_MAX + 100], self[PATH_MAX + 100];
	if (argc < 1 || find_folder(argv[0], folder) < 0) {
		fputs("kt: cannot tell which folder this is started from; name it with its path\n", stderr);
		return 1;
	}
	snprintf(loader, sizeof(loader), "%s/lib/" KT_LOADER, folder);
	snprintf(libraries, sizeof(libraries), "%s/lib", folder);
	snprintf(program, sizeof(program), "%s/lib/kt", folder);
	snprintf(self, sizeof(self), "%s/bin/kt", folder);
	/* What reads keystores of old Java versions. */
	snprintf(modules, sizeof(modules), "%s/lib/ossl-modules", folder);
	setenv("OPENSSL_MODULES", modules, 0);

	char *const before[] = {loader, "--library-path", libraries, "--argv0", self, program, command_of(argv[0])};
	size_t n = sizeof(before) / sizeof(*before) - !command_of(argv[0]);
	char **args = calloc(n + (size_t)argc, sizeof(*args));
	if (!args)
		return 1;
	memcpy(args, before, n * sizeof(*args));
	memcpy(args + n, argv + 1, (size_t)(argc - 1) * sizeof(*args));
	execv(loader, args);
	perror(loader);
	return 1;
}
