#include "reveal.h"

#include "file.h"
#include "mem.h"

enum { SECRET_MAX = 1 << 16 };

/* Sets the setting that stands under key to value and keeps where it came from. */
static void replace(struct kt_settings *s, const char *key, const char *value)
{
	const struct kt_setting *old = kt_settings_get(s, key);
	enum kt_rank rank = old->rank;
	kt_auto(kt_free_ptr) char *name = kt_strdup(key);
	kt_auto(kt_free_ptr) char *origin = kt_strdup(old->origin);
	kt_settings_put(s, rank, name, value, origin);
}

static int from_environment(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	const char *name = secret->value + strlen("env:"), *value = getenv(name);
	if (!value || !*value)
		return kt_err_set(err, KT_USAGE, "%s: %s is to come from the environment, and %s is not set there",
			secret->origin, secret->key, name);
	replace(s, secret->key, value);
	return 0;
}

static int from_file(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_file_read(&text, secret->value + strlen("file:"), SECRET_MAX, err) < 0)
		return kt_err_wrap(err, "%s: %s", secret->origin, secret->key);
	if (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	if (text.len && text.data[text.len - 1] == '\r')
		text.len--;
	bool nul = text.len && memchr(text.data, '\0', text.len);
	if (!nul)
		replace(s, secret->key, kt_buf_cstr(&text));
	if (text.data)
		explicit_bzero(text.data, text.cap);
	return nul ? kt_err_set(err, KT_USAGE, "%s: %s: the file holds NUL bytes", secret->origin, secret->key) : 0;
}

static int reveal_secret(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	if (!strncmp(secret->value, "env:", 4))
		return from_environment(s, secret, err);
	if (!strncmp(secret->value, "file:", 5))
		return from_file(s, secret, err);
	return 0;
}

int kt_conf_reveal(struct kt_settings *s, struct kt_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		if (kt_setting_is_secret(s->v[i].key) && reveal_secret(s, &s->v[i], err) < 0)
			return -1;
	return 0;
}
