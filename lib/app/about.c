#include "about.h"

#include <jansson.h>
#include <openssl/crypto.h>

#include "version.h"

void kt_about_libraries(struct kt_buf *out)
{
	kt_buf_addf(out, "librdkafka %s\n", kt_rdkafka_version());
	kt_buf_addf(out, "jansson %s\n", jansson_version_str());
	kt_buf_addf(out, "OpenSSL %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
	kt_buf_addf(out, "features: %s\n", KT_FEATURES);
}
