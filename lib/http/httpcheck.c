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

bool kt_http_has_nul(const char *target)
{
	return strstr(target, "%00") != NULL;
}
