#include "auth.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

/* What credentials are, and how brokers are reached with them. Whoever hands out a folder gets no further power over
 * the user who names it: other properties load code (plugin.library.paths, ssl.engine.location), run commands
 * (sasl.kerberos.kinit.cmd, which also puts the principal into a shell's line) or redirect names (kt.resolve). */
bool kt_auth_allows(const char *name)
{
	static const char *const allowed[] = {"bootstrap.servers", "sasl.mechanism", "sasl.password", "sasl.username",
		"security.protocol", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem",
		"ssl.endpoint.identification.algorithm", "ssl.key.location", "ssl.key.password", "ssl.key.pem",
		"ssl.keystore.location", "ssl.keystore.password", "ssl.keystore.type", "ssl.truststore.location",
		"ssl.truststore.password"};
	for (size_t i = 0; i < KT_LEN(allowed); i++)
		if (!strcmp(name, allowed[i]))
			return true;
	return false;
}

/* Whether path, all links followed, is a regular file below dir. */
static bool lies_in(const char *dir, const char *path)
{
	struct stat info;
	kt_auto(kt_free_ptr) char *folder = realpath(dir, NULL);
	kt_auto(kt_free_ptr) char *real = realpath(path, NULL);
	size_t len = folder ? strlen(folder) : 0;
	return folder && real && !strncmp(real, folder, len) && real[len] == '/' && stat(real, &info) == 0 &&
	       S_ISREG(info.st_mode);
}

/* The first of names (NULL at the end) that exists in dir into *out, allocated, or NULL when none does. */
static int first_of(char **out, const char *dir, const char *const *names, const char *origin, struct kt_err *err)
{
	struct stat info;
	for (; *names; names++) {
		kt_auto(kt_free_ptr) char *path = kt_asprintf("%s/%s", dir, *names);
		if (lstat(path, &info) < 0)
			continue;
		if (!lies_in(dir, path)) {
			kt_err_set(err, KT_USAGE, "%s: %s is not a file of the folder itself", origin, path);
			return kt_err_hint(err, "links may not lead out of the folder: put a copy there");
		}
		*out = kt_strdup(path);
		return 0;
	}
	return 0;
}

int kt_auth_look(struct kt_auth *out, const char *dir, const char *origin, struct kt_err *err)
{
	static const char *const cas[] = {"ca.crt", "ca.pem", NULL};
	static const char *const truststores[] = {
		"kafka.truststore.pkcs12", "kafka.truststore.p12", "truststore.p12", "truststore.pkcs12", NULL};
	/* A .jks comes last: it is found so that what is said about it is how to convert it. */
	static const char *const keystores[] = {"kafka.keystore.pkcs12", "kafka.keystore.p12", "keystore.p12",
		"keystore.pkcs12", "kafka.keystore.jks", "keystore.jks", NULL};
	static const char *const properties[] = {"client-ssl.properties", "client.properties", NULL};
	struct stat info;
	int failed = stat(dir, &info);
	if (failed || !S_ISDIR(info.st_mode)) {
		if (!failed)
			errno = ENOTDIR;
		kt_err_sys(err, "%s: cannot use %s", origin, dir);
		err->status = KT_USAGE;
		return kt_err_hint(err, "it takes the folder with ca.crt and kafka.keystore.pkcs12");
	}
	*out = (struct kt_auth){0};
	if (first_of(&out->ca, dir, cas, origin, err) < 0 ||
		first_of(&out->keystore, dir, keystores, origin, err) < 0 ||
		first_of(&out->properties, dir, properties, origin, err) < 0 ||
		(!out->ca && first_of(&out->truststore, dir, truststores, origin, err) < 0)) {
		kt_auth_fini(out);
		return -1;
	}
	if (out->keystore || out->properties)
		return 0;
	kt_auth_fini(out);
	kt_err_set(err, KT_USAGE, "%s: %s holds no keystore", origin, dir);
	return kt_err_hint(err,
		"it takes the folder with ca.crt and kafka.keystore.pkcs12 (also .p12, keystore.p12), or "
		"with client-ssl.properties that names them");
}

char *kt_auth_path(const char *dir, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *candidates[] = {
		*path == '/' ? kt_strdup(path) : kt_asprintf("%s/%s", dir, path), kt_asprintf("%s/%s", dir, name)};
	char *found = NULL;
	for (size_t i = 0; i < KT_LEN(candidates); i++) {
		if (!found && lies_in(dir, candidates[i]))
			found = candidates[i];
		else
			free(candidates[i]);
	}
	return found;
}

void kt_auth_fini(struct kt_auth *auth)
{
	free(auth->ca);
	free(auth->truststore);
	free(auth->keystore);
	free(auth->properties);
	*auth = (struct kt_auth){0};
}
