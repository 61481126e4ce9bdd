#include "oauthsettings.h"

#include <strings.h>

#include "mem.h"

static void forget(struct kt_settings *s)
{
	kt_settings_drop(s, "kt.oauth.command");
	kt_settings_drop(s, "kt.oauth.file");
}

static const struct kt_setting *source_of(const struct kt_settings *s)
{
	const struct kt_setting *command = kt_settings_get(s, "kt.oauth.command");
	return command ? command : kt_settings_get(s, "kt.oauth.file");
}

/* A folder of credentials says TLS and knows nothing of SASL. */
static bool gives_way(const struct kt_setting *protocol)
{
	return protocol->from.folder && !strcasecmp(protocol->value, "ssl");
}

static int check_protocol(struct kt_settings *s, struct kt_err *err)
{
	const struct kt_setting *source = source_of(s), *protocol = kt_settings_get(s, "security.protocol");
	if (!protocol || gives_way(protocol)) {
		kt_settings_drop(s, "security.protocol");
		kt_settings_put_like(s, source_of(s), "security.protocol", "sasl_ssl");
		return 0;
	}
	if (!strncasecmp(protocol->value, "sasl", 4))
		return 0;
	if (protocol->rank > source->rank) {
		forget(s);
		return 0;
	}
	kt_err_set(err, KT_USAGE, "%s: a token needs SASL, and security.protocol is %s (%s)", source->origin,
		protocol->value, protocol->origin);
	return kt_err_hint(err, "-X security.protocol=sasl_ssl; sasl_plaintext shows it to anybody who listens");
}

int kt_oauthsettings(struct kt_settings *s, struct kt_err *err)
{
	const struct kt_setting *source = source_of(s), *mechanism = kt_settings_get(s, "sasl.mechanism");
	if (!source)
		return 0;
	if (kt_settings_get(s, "kt.oauth.command") && kt_settings_get(s, "kt.oauth.file"))
		return kt_err_set(err, KT_USAGE, "there is both a command (%s) and a file (%s) for a token",
			kt_settings_get(s, "kt.oauth.command")->origin, kt_settings_get(s, "kt.oauth.file")->origin);
	if (mechanism && strcmp(mechanism->value, "OAUTHBEARER") != 0) {
		if (mechanism->rank == source->rank)
			return kt_err_set(err, KT_USAGE, "%s: a token is for sasl.mechanism=OAUTHBEARER, not for %s",
				source->origin, mechanism->value);
		if (mechanism->rank > source->rank) {
			forget(s);
			return 0;
		}
	}
	kt_settings_put_like(s, source, "sasl.mechanism", "OAUTHBEARER");
	return check_protocol(s, err);
}
