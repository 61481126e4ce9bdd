#include "httpcheck.h"

#include <arpa/inet.h>

bool kt_http_is_token(const char *text)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	size_t len = 0;
	for (char c; (c = text[len]); len++)
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !strchr(marks, c))
			return false;
	return len > 0;
}

bool kt_http_is_value(const char *text)
{
	while (*text == '\t' || ((unsigned char)*text >= ' ' && *text != 0x7f))
		text++;
	return !*text;
}

/* The name before the port. False when there is something else after it. */
static bool cut_port(const char *host, struct kt_bytes *name)
{
	const char *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
	size_t len = bracket ? (size_t)(bracket + 1 - host) : strcspn(host, ":");
	const char *port = host + len;
	*name = (struct kt_bytes){host, len};
	return !*port || (*port == ':' && !port[1 + strspn(port + 1, "0123456789")]);
}

static bool is(struct kt_bytes name, const char *text)
{
	return name.len == strlen(text) && !strncasecmp(name.data, text, name.len);
}

bool kt_http_is_local(const char *host)
{
	struct kt_bytes name;
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr v4;
	if (!cut_port(host, &name))
		return false;
	if (name.len < sizeof(text))
		memcpy(text, name.data, name.len);
	return is(name, "localhost") || is(name, "[::1]") ||
	       (inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

bool kt_http_is_one_of(const char *host, const struct kt_strs *names)
{
	struct kt_bytes name;
	bool any = false;
	if (!names || !cut_port(host, &name))
		return false;
	for (size_t i = 0; i < names->n; i++)
		any |= is(name, names->v[i]);
	return any;
}

/* A port's digits, without zeros in front; those of `missing` where there are none. */
static struct kt_bytes port_of(const char *host, struct kt_bytes name, const char *missing)
{
	const char *port = host + name.len + (host[name.len] == ':');
	port += strspn(port, "0");
	port = *port ? port : missing;
	return (struct kt_bytes){port, strlen(port)};
}

bool kt_http_is_own_origin(const char *origin, const char *host)
{
	bool tls = !strncasecmp(origin, "https://", 8);
	struct kt_bytes theirs, ours;
	if (!tls && strncasecmp(origin, "http://", 7) != 0)
		return false;
	origin += tls ? 8 : 7;
	if (!cut_port(origin, &theirs) || !cut_port(host, &ours) || theirs.len != ours.len ||
		strncasecmp(theirs.data, ours.data, ours.len) != 0)
		return false;
	const char *missing = tls ? "443" : "80";
	struct kt_bytes a = port_of(origin, theirs, missing), b = port_of(host, ours, missing);
	return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

bool kt_http_has_nul(const char *target)
{
	return strstr(target, "%00") != NULL;
}
