#include "benchhttp.h"
#include "mem.h"

/* What stands in a request is sent as it is: nothing of it may end a line. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

int kt_benchurl_parse(struct kt_benchurl *url, const char *text, struct kt_err *err)
{
	const char *rest = text;
	char full[300];
	url->tls = !strncasecmp(text, "https://", 8);
	if (url->tls || !strncasecmp(text, "http://", 7))
		rest = strchr(text, ':') + 3;
	else if (strstr(text, "://"))
		return kt_err_set(err, KT_USAGE, "%.200s: expected http:// or https://", text);
	size_t len = strcspn(rest, "/?#"), path_len = strcspn(rest + len, "#");
	if (!len || len > 260 || !is_plain(text))
		return kt_err_set(err, KT_USAGE, "%.200s: expected http://HOST[:PORT]/PATH", text);
	if (memchr(rest, '@', len))
		return kt_err_set(err, KT_USAGE, "a user in the URL is not sent: -H 'Authorization: Basic …' is");
	const char *bracket = memchr(rest, ']', len);
	const char *port = memchr(bracket ? bracket : rest, ':', len - (size_t)(bracket ? bracket - rest : 0));
	snprintf(full, sizeof(full), "%.*s%s", (int)len, rest, port ? "" : url->tls ? ":443" : ":80");
	if (kt_endpoint_parse(&url->at, full, err) < 0)
		return -1;
	url->authority = kt_strndup(rest, len);
	url->path =
		rest[len] == '/' ? kt_strndup(rest + len, path_len) : kt_asprintf("/%.*s", (int)path_len, rest + len);
	return 0;
}

void kt_benchurl_fini(struct kt_benchurl *url)
{
	free(url->authority);
	free(url->path);
}
