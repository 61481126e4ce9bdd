#include "apis.h"

#include "forward.h"
#include "httpcheck.h"
#include "jsonout.h"
#include "mem.h"
#include "query.h"

enum { TEXT_MAX = 1000, HOSTS_MAX = 100 };

static void fini_api(struct kt_api *api)
{
	free(api->name);
	free(api->url);
	kt_strs_fini(&api->hosts);
}

static void write_api(const struct kt_api *api, struct kt_buf *out)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_i64(out, "created_at", api->created_ms);
	kt_jsonout_begin(out, "hosts", '[');
	for (size_t i = 0; i < api->hosts.n; i++)
		kt_jsonout_words(out, NULL, api->hosts.v[i]);
	kt_jsonout_end(out, ']');
	kt_jsonout_words(out, "id", api->id);
	kt_jsonout_words(out, "name", api->name);
	kt_jsonout_bool(out, "preserve_host", false);
	kt_jsonout_words(out, "upstream_url", api->url);
	kt_jsonout_end(out, '}');
}

static unsigned say(struct kt_buf *answer, unsigned status, const char *name, const char *text)
{
	kt_jsonout_begin(answer, NULL, '{');
	kt_jsonout_words(answer, name, text);
	kt_jsonout_end(answer, '}');
	return status;
}

/* Names that are not known here are left alone. */
static bool read_form(struct kt_api *api, const char *form)
{
	kt_auto(kt_query_fini) struct kt_query q = {.at = form};
	while (kt_query_next(&q)) {
		const char *name = kt_buf_cstr(&q.name), *value = kt_buf_cstr(&q.value);
		char **text = !strcmp(name, "name") ? &api->name : !strcmp(name, "upstream_url") ? &api->url : NULL;
		if (q.value.len != strlen(value) || q.value.len > TEXT_MAX)
			return false;
		if (!strcmp(name, "hosts"))
			kt_strs_split(&api->hosts, value, ",");
		if (!text)
			continue;
		free(*text);
		*text = kt_strdup(value);
	}
	return !q.malformed && api->hosts.n <= HOSTS_MAX;
}

static const struct kt_api *find_name(const struct kt_apis *apis, const char *name)
{
	for (size_t i = 0; i < apis->n; i++)
		if (!strcmp(apis->v[i].name, name))
			return &apis->v[i];
	return NULL;
}

static bool may(const struct kt_token *who, const struct kt_api *api)
{
	bool all = true;
	for (size_t i = 0; who && i < api->hosts.n; i++)
		all &= kt_token_may(who, KT_RIGHT_GATEWAY, api->hosts.v[i]);
	return all;
}

/* 0, or the status and the answer of one that is refused. */
static unsigned check(
	const struct kt_apis *apis, const struct kt_api *api, const struct kt_token *who, struct kt_buf *answer)
{
	struct kt_err ignored;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (!api->name || !*api->name)
		return say(answer, 400, "name", "name is required");
	if (!api->url || !*api->url)
		return say(answer, 400, "upstream_url", "upstream_url is required");
	if (kt_forward_check(api->url, &ignored) < 0)
		return say(answer, 400, "upstream_url", "upstream_url is not a url");
	if (!api->hosts.n)
		return say(answer, 400, "message", "at least one of 'hosts', 'uris' or 'methods' must be specified");
	if (!may(who, api))
		return say(answer, 403, "message", "this token may not put a server behind these hosts");
	kt_buf_addf(&text, "already exists with value '%s'", api->name);
	if (find_name(apis, api->name))
		return say(answer, 409, "name", kt_buf_cstr(&text));
	return apis->n < KT_APIS_MOST ? 0 : say(answer, 507, "message", "there are too many APIs");
}

unsigned kt_apis_add(
	struct kt_apis *apis, const char *form, const struct kt_token *who, int64_t now_ms, struct kt_buf *answer)
{
	struct kt_api api = {.created_ms = now_ms};
	struct kt_random random;
	unsigned status = read_form(&api, form) ? check(apis, &api, who, answer)
						: say(answer, 400, "message", "this is not a form");
	if (status) {
		fini_api(&api);
		return status;
	}
	kt_random_start(&random);
	kt_random_uuid(&random, api.id);
	apis->v = kt_grow(apis->v, &apis->cap, apis->n + 1, sizeof(*apis->v));
	apis->v[apis->n++] = api;
	write_api(&api, answer);
	return 201;
}

void kt_apis_list(const struct kt_apis *apis, const struct kt_token *who, struct kt_buf *answer)
{
	int64_t n = 0;
	kt_jsonout_begin(answer, NULL, '{');
	kt_jsonout_begin(answer, "data", '[');
	for (size_t i = 0; i < apis->n; i++) {
		if (!may(who, &apis->v[i]))
			continue;
		write_api(&apis->v[i], answer);
		n++;
	}
	kt_jsonout_end(answer, ']');
	kt_jsonout_i64(answer, "total", n);
	kt_jsonout_end(answer, '}');
}

const struct kt_api *kt_apis_find(const struct kt_apis *apis, const char *host)
{
	for (size_t i = 0; i < apis->n; i++)
		if (kt_http_is_one_of(host, &apis->v[i].hosts))
			return &apis->v[i];
	return NULL;
}

void kt_apis_fini(struct kt_apis *apis)
{
	for (size_t i = 0; i < apis->n; i++)
		fini_api(&apis->v[i]);
	free(apis->v);
	*apis = (struct kt_apis){0};
}
