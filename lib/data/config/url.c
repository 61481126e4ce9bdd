#include "url.h"

#include "esc.h"
#include "mem.h"
#include "num.h"

static int refuse(const char *text, struct kt_err *err)
{
	char quoted[120];
	struct kt_bytes bytes = {text, strlen(text)};
	if (strchr(text, '@'))
		kt_err_set(err, KT_USAGE, "this is not an address of an HTTP service");
	else
		kt_err_set(err, KT_USAGE, "%s is not an address of an HTTP service",
			kt_quote(quoted, sizeof(quoted), bytes));
	return kt_err_hint(err, "it looks like http://HOST:PORT or https://USER:PASSWORD@HOST/PATH, with %%XX for what "
				"is special in a password");
}

/* %XX decoded, everything else as it is. Allocated; NULL when a digit is missing, or it means NUL. */
static char *decode(const char *text, size_t len)
{
	char *out = kt_malloc(len + 1), *to = out;
	for (size_t i = 0; i < len; i++) {
		int high = i + 2 < len ? kt_hex_digit(text[i + 1]) : -1,
		    low = i + 2 < len ? kt_hex_digit(text[i + 2]) : -1;
		if (text[i] != '%') {
			*to++ = text[i];
			continue;
		}
		if (high < 0 || low < 0 || !(high << 4 | low)) {
			free(out);
			return NULL;
		}
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	*to = '\0';
	return out;
}

/* USER, or USER:PASSWORD */
static bool read_userinfo(struct kt_url *url, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	url->user = decode(text, colon ? (size_t)(colon - text) : len);
	if (colon)
		url->password = decode(colon + 1, len - (size_t)(colon - text) - 1);
	return url->user && (url->password || !colon);
}

/* HOST, HOST:PORT, [V6]:PORT */
static bool is_host(const char *text, size_t len)
{
	struct kt_err ignored;
	int64_t port;
	kt_auto(kt_free_ptr) char *host = kt_strndup(text, len);
	char *end = host + (*host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":"));
	if (end == host || end > host + len || (*end && *end != ':'))
		return false;
	return !*end || kt_parse_i64(end + 1, 1, 65535, &port, &ignored) == 0;
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || strchr("?#\\\"<>^`{|}", *text))
			return false;
	return true;
}

static bool read_url(struct kt_url *url, const char *text)
{
	const char *scheme = !strncasecmp(text, "http://", 7) ? "http://" : "https://";
	if (strncasecmp(text, scheme, strlen(scheme)) != 0)
		return false;
	const char *at = text + strlen(scheme);
	size_t authority = strcspn(at, "/");
	const char *sign = memrchr(at, '@', authority);
	if (sign && !read_userinfo(url, at, (size_t)(sign - at)))
		return false;
	const char *host = sign ? sign + 1 : at;
	if (!is_plain(host) || !is_host(host, authority - (size_t)(host - at)))
		return false;
	url->tls = scheme[4] == 's';
	url->base = kt_asprintf("%s%s", scheme, host);
	for (size_t len = strlen(url->base); url->base[len - 1] == '/'; len--)
		url->base[len - 1] = '\0';
	return true;
}

int kt_url_parse(struct kt_url *out, const char *text, struct kt_err *err)
{
	if (read_url(out, text))
		return 0;
	kt_url_fini(out);
	return refuse(text, err);
}

void kt_url_escape(struct kt_buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (; *text; text++)
		if (strchr(plain, *text))
			kt_buf_addc(out, *text);
		else
			kt_buf_addf(out, "%%%02X", (unsigned)(unsigned char)*text);
}

void kt_url_fini(struct kt_url *url)
{
	kt_wipe(url->password);
	free(url->password);
	free(url->user);
	free(url->base);
	*url = (struct kt_url){0};
}
