#include "about.h"

#include <jansson.h>
#include <openssl/crypto.h>

#include "mem.h"
#include "ownkeys.h"
#include "props.h"
#include "version.h"

const char *const *kt_about_environment(void)
{
	static const char *pairs[64];
	size_t n = 0;
	for (const struct kt_ownkey *own = kt_ownkeys; own->help && !pairs[n] && n + 2 < KT_LEN(pairs); own++) {
		if (!own->env)
			continue;
		pairs[n++] = kt_ownkey_variables(own);
		pairs[n++] = own->help;
	}
	return pairs;
}

void kt_about_libraries(struct kt_buf *out)
{
	kt_buf_addf(out, "librdkafka %s\n", kt_rdkafka_version());
	kt_buf_addf(out, "jansson %s\n", jansson_version_str());
	kt_buf_addf(out, "OpenSSL %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
	kt_buf_addf(out, "features: %s\n", KT_FEATURES);
}

void kt_about_properties(struct kt_buf *out)
{
	kt_auto(kt_props_fini) struct kt_props props = {0};
	kt_props_load(&props);
	kt_props_write(out, &props);
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && !kt_props_find(&props, own->key))
			kt_buf_addf(
				out, "%s (string; kt's own)\n    %c%s.\n", own->key, *own->help & ~0x20, own->help + 1);
}
