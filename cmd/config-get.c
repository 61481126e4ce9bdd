/* kt config get: the value that one setting has. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "mem.h"
#include "out.h"
#include "say.h"

struct get_opts {
	struct kt_client_opts client;
	const char *name;
};

#define OPTS struct get_opts
static const struct kt_opt opts[] = {
	{.name = "NAME",
		.positional = true,
		.required = true,
		KT_STR(name),
		.comp = KT_COMP_PROPERTY,
		.help = "a property of librdkafka or of kt's own, as in `-X list`"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static bool tells_secret(const struct kt_setting *s)
{
	static const char *const elsewhere[] = {"env:", "file:", "ask:"};
	for (size_t i = 0; i < KT_LEN(elsewhere); i++)
		if (!strncmp(s->value, elsewhere[i], strlen(elsewhere[i])))
			return false;
	return kt_setting_is_secret(s->key);
}

static int run(void *data, struct kt_err *err)
{
	const struct get_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	/* The Tab key ends a property with this sign. */
	kt_auto(kt_free_ptr) char *typed = kt_strndup(o->name, strcspn(o->name, "="));
	kt_auto(kt_free_ptr) char *key = kt_conf_key(typed, err);
	if (!key || kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	const struct kt_setting *s = kt_settings_get(&settings, key);
	if (!s) {
		kt_err_set(err, KT_NOT_FOUND, "%s is not set", key);
		return kt_err_hint(err, "`kt config show --all` prints the library's defaults too");
	}
	if (tells_secret(s)) {
		kt_err_set(err, KT_FAILED, "%s is a secret, and is not shown", key);
		return kt_err_hint(err, "it comes from %s", s->origin);
	}
	kt_say(KT_VERBOSE, "from %s", s->origin);
	kt_buf_addf(&text, "%s\n", s->value);
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints the value that is in effect, wherever it comes from; -v says from where. Status 4 says that "
	"it is not set.",
	"A password is not printed, only a reference to one: env:NAME, file:PATH or ask:.",
	NULL,
};

static const char *const examples[] = {
	"The brokers of a profile",
	"kt config get bootstrap.servers --profile lab",
	NULL,
};

const struct kt_cmd kt_cmd_config_get = {
	.name = "config get",
	.summary = "print the value of a setting",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
