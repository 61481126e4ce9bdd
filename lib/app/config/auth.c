#include "auth.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

/* The first of names (NULL at the end) that exists in dir; allocated, or NULL. */
static char *first_of(const char *dir, const char *const *names)
{
	for (; *names; names++) {
		char *path = kt_asprintf("%s/%s", dir, *names);
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

int kt_auth_look(struct kt_auth *out, const char *dir, const char *origin, struct kt_err *err)
{
	static const char *const cas[] = {"ca.crt", "ca.pem", NULL};
	static const char *const truststores[] = {
		"kafka.truststore.pkcs12", "kafka.truststore.p12", "truststore.p12", "truststore.pkcs12", NULL};
	/* A .jks stands last: it is found so that what is said about it is how to convert it. */
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
	*out = (struct kt_auth){.ca = first_of(dir, cas), .keystore = first_of(dir, keystores)};
	out->properties = first_of(dir, properties);
	if (!out->ca)
		out->truststore = first_of(dir, truststores);
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
	if (access(path, F_OK) == 0)
		return kt_strdup(path);
	char *beside = kt_asprintf("%s/%s", dir, name);
	if (access(beside, F_OK) == 0)
		return beside;
	free(beside);
	return kt_strdup(path);
}

void kt_auth_fini(struct kt_auth *auth)
{
	free(auth->ca);
	free(auth->truststore);
	free(auth->keystore);
	free(auth->properties);
	*auth = (struct kt_auth){0};
}
