#include "mqttaddress.h"

#include "esc.h"
#include "mem.h"

enum { PORT = 1883, PORT_TLS = 8883 };

static int refuse(const char *text, struct kt_err *err)
{
	char quoted[120];
	struct kt_bytes bytes = {text, strlen(text)};
	if (strchr(text, '@'))
		kt_err_set(err, KT_USAGE, "this is not the address of an MQTT broker");
	else
		kt_err_set(err, KT_USAGE, "%s is not the address of an MQTT broker",
			kt_quote(quoted, sizeof(quoted), bytes));
	return kt_err_hint(err, "it looks like mqtt://HOST:PORT or mqtts://HOST:PORT");
}

/* [V6]:PORT, or one colon: several are an IPv6 address alone. */
static bool has_port(const char *host)
{
	const char *colon = *host == '[' ? strchr(host + strcspn(host, "]"), ':') : strchr(host, ':');
	return colon && (*host == '[' || !strchr(colon + 1, ':'));
}

static bool read_address(struct kt_mqttaddress *out, const char *text)
{
	struct kt_err ignored;
	const char *scheme = !strncasecmp(text, "mqtts://", 8) ? "mqtts://" : "mqtt://";
	if (strncasecmp(text, scheme, strlen(scheme)) != 0)
		return false;
	out->tls = scheme[4] == 's';
	text += strlen(scheme);
	size_t len = strlen(text);
	kt_auto(kt_free_ptr) char *rest = kt_strndup(text, len && text[len - 1] == '/' ? len - 1 : len);
	const char *sign = strrchr(rest, '@'), *host = sign ? sign + 1 : rest;
	if (strpbrk(host, "/?#") || kt_endpoint_parse(&out->at, host, &ignored) < 0)
		return false;
	if (!has_port(host) && kt_endpoint_make(&out->at, out->at.host, out->tls ? PORT_TLS : PORT, &ignored) < 0)
		return false;
	if (sign)
		out->user = kt_strndup(rest, (size_t)(sign - rest));
	return true;
}

int kt_mqttaddress_parse(struct kt_mqttaddress *out, const char *text, struct kt_err *err)
{
	if (!read_address(out, text)) {
		kt_mqttaddress_fini(out);
		return refuse(text, err);
	}
	if (!out->user || !strchr(out->user, ':'))
		return 0;
	kt_mqttaddress_fini(out);
	kt_err_set(err, KT_USAGE, "a password in an address is seen by all who list processes");
	return kt_err_hint(err, "it comes from KT_MQTT_PASSWORD, or kt.mqtt.password of a profile");
}

void kt_mqttaddress_fini(struct kt_mqttaddress *address)
{
	free(address->user);
	address->user = NULL;
}
