/* kt config set: single lines of the configuration file. */
#include "ask.h"
#include "cmd.h"
#include "conf.h"
#include "mem.h"
#include "profile.h"
#include "say.h"

struct set_opts {
	struct kt_client_opts client;
	struct kt_strs words;
	bool unset;
};

#define OPTS struct set_opts
static const struct kt_opt opts[] = {
	{.name = "NAME=VALUE",
		.positional = true,
		.required = true,
		KT_LIST(words),
		.comp = KT_COMP_PROPERTY,
		.help = "also NAME VALUE; NAME alone: the value is asked for, or removed with --unset"},
	{.name = "unset", KT_FLAG(unset), .help = "take these out of the profile"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

/* What is to be written: a name and its value by turns. */
static void pairs_fini(struct kt_strs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++)
		kt_wipe(pairs->v[i]);
	kt_strs_fini(pairs);
}

/* The value that somebody types at the terminal. */
static int ask(struct kt_strs *pairs, const char *key, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf answer = {0};
	if (kt_ask(&answer, key, kt_setting_is_secret(key), err) < 0)
		return err->status == KT_USAGE ? kt_err_hint(err, "kt config set %.100s=VALUE, or --unset", key) : -1;
	kt_strs_add(pairs, kt_buf_cstr(&answer));
	return 0;
}

static void warn_of_history(const char *key, const char *value)
{
	static const char *const elsewhere[] = {"env:", "file:", "ask:"};
	bool secret = kt_setting_is_secret(key);
	for (size_t i = 0; i < KT_LEN(elsewhere); i++)
		secret = secret && strncmp(value, elsewhere[i], strlen(elsewhere[i])) != 0;
	if (secret)
		kt_say(KT_WARNING,
			"the shell's history and the list of processes have seen what %s is: `kt config set %s` asks "
			"for it",
			key, key);
}

static int add_pair(struct kt_strs *pairs, const char *word, const char *value, bool unset, struct kt_err *err)
{
	const char *equals = strchr(word, '=');
	kt_auto(kt_free_ptr) char *key = kt_strndup(word, equals ? (size_t)(equals - word) : strlen(word));
	kt_auto(kt_free_ptr) char *name = *key ? kt_conf_key(key, err) : NULL;
	if (!*key)
		return kt_err_set(err, KT_USAGE, "expected NAME=VALUE");
	if (!name)
		return -1;
	if (!strcmp(name, "kt.profile"))
		return kt_err_set(err, KT_USAGE, "`kt config use NAME` chooses the profile");
	kt_strs_add(pairs, key);
	value = equals ? equals + 1 : value;
	if (unset) {
		kt_strs_add(pairs, "");
		return 0;
	}
	if (value)
		kt_strs_add(pairs, value);
	else if (ask(pairs, key, err) < 0)
		return -1;
	if (value)
		warn_of_history(key, value);
	return kt_conf_check(key, pairs->v[pairs->n - 1], key, err);
}

/* NAME VALUE is how git takes it, and what people type. */
static int read_words(struct kt_strs *pairs, const struct set_opts *o, struct kt_err *err)
{
	if (o->words.n == 2 && !o->unset && !strchr(o->words.v[0], '='))
		return add_pair(pairs, o->words.v[0], o->words.v[1], false, err);
	for (size_t i = 0; i < o->words.n; i++)
		if (add_pair(pairs, o->words.v[i], NULL, o->unset, err) < 0)
			return -1;
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const struct set_opts *o = data;
	kt_auto(pairs_fini) struct kt_strs pairs = {0};
	kt_auto(kt_profile_fini) struct kt_profile profile = {0};
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	if (read_words(&pairs, o, err) < 0 || kt_profile_find(&profile, &o->client, true, err) < 0)
		return -1;
	kt_buf_add(&text, profile.text.data, profile.text.len);
	for (size_t i = 0; i < pairs.n; i += 2)
		if (kt_profile_change(
			    &text, &profile, profile.name, pairs.v[i], o->unset ? NULL : pairs.v[i + 1], err) < 0)
			return -1;
	if (kt_profile_save(&profile, &text, err) < 0)
		return -1;
	const char *name = profile.name;
	kt_say(KT_NORMAL, "wrote to %s%s%s%s", profile.shown, name ? " [profile " : "", name ? name : "",
		name ? "]" : "");
	return 0;
}

static const char *const about[] = {
	"Writes settings into the configuration file: into the section of --profile, KT_PROFILE or `kt config use`, else "
	"in front of all sections. A line that is there is replaced where it stands; comments, the order of lines and "
	"all else stay.",
	"Names and values are checked first. Paths are written in full. NAME alone asks for the value, which does not "
	"show where it is a secret; a secret may also be env:NAME, file:PATH or ask:.",
	"The file is the argument of -F, else $KT_CONFIG, else ~/.config/kt/config. It is replaced in one step, a "
	"symbolic link stays one, and only its owner can read it then. Commands that write at the same time wait for "
	"each other.",
	NULL,
};

static const char *const examples[] = {
	"A default topic for a profile",
	"kt config set kt.topic=client58 --profile lab",
	"A password, typed unseen",
	"kt config set sasl.password",
	"No longer",
	"kt config set --unset linger.ms",
	NULL,
};

const struct kt_cmd kt_cmd_config_set = {
	.name = "config set",
	.summary = "write a setting into the configuration",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
