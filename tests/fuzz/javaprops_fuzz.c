/* Java's property names: the key in front of the first newline, the value after it; and every value as JAAS too. */
#include <stdlib.h>

#include "javaprops.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try(const char *key, const char *value)
{
	struct kt_err err = {0};
	struct kt_java j = {0};
	if (kt_java_translate(&j, key, value, &err) < 0 && !err.msg[0])
		abort();
	for (size_t i = 0; i < j.n; i++)
		if (!j.v[i].key || !j.v[i].value)
			abort();
	if ((j.kind == KT_JAVA_IGNORED) != (j.note != NULL))
		abort();
	kt_java_fini(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = kt_strndup((const char *)data, size), *newline = strchr(text, '\n');
	if (newline)
		*newline = '\0';
	try(text, newline ? newline + 1 : "");
	try("sasl.jaas.config", newline ? newline + 1 : text);
	free(text);
	return 0;
}
