#include "dlload.h"

#include <dlfcn.h>

int kt_dlload(const char *library, const struct kt_dlload_row *rows, size_t n, struct kt_err *err)
{
	void *handle = dlopen(library, RTLD_NOW);
	for (size_t i = 0; i < n; i++) {
		void *function = handle ? dlsym(handle, rows[i].name) : NULL;
		if (!function)
			return kt_err_set(err, KT_FAILED, "%s", dlerror());
		memcpy(rows[i].at, &function, sizeof(function));
	}
	return 0;
}
