#include "ownkeys.h"

#include "buf.h"
#include "mem.h"

const struct kt_ownkey kt_ownkeys[] = {
	/* The names that the labs' scripts use come last, so that kt's own win over them. */
	{"bootstrap.servers", "KT_BROKERS KAFKA_BROKERS KAFKA_BROKER", "brokers to ask first, as with --brokers",
		.connection = true},
	{"kt.auth", "KT_AUTH", "folder with CA and keystore for TLS, as with --auth", .path = true, .connection = true},
	{"kt.topic", "KT_TOPIC TOPIC", "the topic, where a command needs one and none is given"},
	{"kt.group", "KT_GROUP", "the consumer group, likewise"},
	{"kt.registry", "KT_REGISTRY", "address of the schema registry, as with --registry", .registry = true},
	{"kt.registry.username", "KT_REGISTRY_USERNAME", "who asks the schema registry", .registry = true},
	{"kt.registry.password", "KT_REGISTRY_PASSWORD", "the password for it", .secret = true, .registry = true},
	{"kt.oauth.command", "KT_OAUTH_COMMAND", "prints a token for SASL OAUTHBEARER, as with --oauth-command",
		.connection = true},
	{"kt.oauth.file", "KT_OAUTH_FILE", "holds such a token, as with --oauth-file", .path = true,
		.connection = true},
	{"kt.resolve", NULL, "NAME=ADDRESS in place of host names, blank between, as with --resolve",
		.connection = true, .registry = true},
	{"kt.mqtt.password", "KT_MQTT_PASSWORD", "the password of kt mqtt --user", .secret = true},
	{NULL, "KT_CONFIG", "configuration file, as with --config"},
	{NULL, "KCAT_CONFIG", "kcat's configuration file, where kt has none of its own"},
	{"kt.profile", "KT_PROFILE", "profile of the configuration file to use, as with --profile"},
	{NULL, "KT_X_NAME",
		"any librdkafka property in capitals with _ for its dots: KT_X_SSL_CA_LOCATION for ssl.ca.location"},
	{NULL, "NO_COLOR", "set to anything: no colors, unless --color asks for them"},
	{0},
};

const struct kt_ownkey *kt_ownkey_find(const char *key)
{
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && !strcmp(own->key, key))
			return own;
	return NULL;
}

char *kt_ownkey_variables(const struct kt_ownkey *own)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	for (const char *at = own->env; *at; at++)
		kt_buf_adds(&out, *at == ' ' ? ", " : (char[]){*at, '\0'});
	return kt_strdup(kt_buf_cstr(&out));
}
