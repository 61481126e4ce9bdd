#include "about.h"

#include <jansson.h>
#include <openssl/crypto.h>

#include "version.h"

const char *const kt_about_environment[] = {
	"KT_BROKERS",
	"brokers to ask first, as with --brokers",
	"KT_TOPIC",
	"the topic, where a command needs one and none is given",
	"KT_GROUP",
	"the consumer group, likewise",
	"KT_CONFIG",
	"configuration file, as with --config",
	"KT_PROFILE",
	"section of the configuration file, as with --profile",
	"KT_REGISTRY, KT_REGISTRY_USERNAME, KT_REGISTRY_PASSWORD",
	"schema registry, as with --registry, and who asks it",
	"KT_X_NAME",
	"any librdkafka property in capitals with _ for its dots: KT_X_SSL_CA_LOCATION for ssl.ca.location",
	"KAFKA_BROKER, KAFKA_BROKERS, TOPIC",
	"read when KT_BROKERS or KT_TOPIC is not set",
	"NO_COLOR",
	"set to anything: no colors, unless --color asks for them",
	NULL,
};

const char *const kt_about_files[] = {
	"$XDG_CONFIG_HOME/kt/config, ~/.config/kt/config",
	"configuration: property=value lines of librdkafka or a Java client, and [profile NAME] sections",
	"~/.config/kcat.conf",
	"read when there is none of the above",
	"/etc/kt/config",
	"read when there is none of the above",
	NULL,
};

void kt_about_libraries(struct kt_buf *out)
{
	kt_buf_addf(out, "librdkafka %s\n", kt_rdkafka_version());
	kt_buf_addf(out, "jansson %s\n", jansson_version_str());
	kt_buf_addf(out, "OpenSSL %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
	kt_buf_addf(out, "features: %s\n", KT_FEATURES);
}
