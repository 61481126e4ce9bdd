/* kt config use: which profile counts when none is named. */
#include "cmd.h"
#include "conf.h"
#include "profile.h"
#include "say.h"
#include "whichprofile.h"

struct use_opts {
	struct kt_client_opts client;
	const char *name;
};

#define OPTS struct use_opts
static const struct kt_opt opts[] = {
	{.name = "NAME",
		.positional = true,
		.required = true,
		KT_STR(name),
		.comp = KT_COMP_PROFILE,
		.help = "a profile of the configuration file; default: what stands in front of all"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

/* The name as a file can hold it: default is what counts where kt.profile says nothing. */
static int check_name(const struct kt_profile *profile, const char *name, const char **value, struct kt_err *err)
{
	struct kt_whichprofile which = {.word = name, .from = {.name = "NAME"}};
	if (!strcmp(name, KT_PROFILE_NONE)) {
		kt_err_set(err, KT_USAGE, "none is not a profile: it leaves the whole file out");
		return kt_err_hint(err, "--profile none does so for a command, KT_PROFILE=none for a shell");
	}
	if (!profile->exists && strcmp(name, KT_PROFILE_FRONT) != 0) {
		kt_err_set(err, KT_USAGE, "no profile \"%.100s\": %s is not there", name, profile->shown);
		return kt_err_hint(err, "`kt config init --profile %.100s` writes it", name);
	}
	if (kt_whichprofile_find(&which, &profile->file, profile->shown, err) < 0)
		return -1;
	*value = which.section;
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const struct use_opts *o = data;
	const char *value = NULL, *variable = getenv("KT_PROFILE");
	kt_auto(kt_profile_fini) struct kt_profile profile = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct kt_client_opts client = {.config = o->client.config, .profile = ""};
	if (kt_profile_find(&profile, &client, true, err) < 0 || check_name(&profile, o->name, &value, err) < 0)
		return -1;
	kt_buf_add(&text, profile.text.data, profile.text.len);
	if (kt_profile_change(&text, &profile, NULL, "kt.profile", value, err) < 0 ||
		(profile.exists && kt_profile_save(&profile, &text, err) < 0))
		return -1;
	kt_say(KT_NORMAL, "from now on %s is used, as %s says; --profile NAME chooses another for a command", o->name,
		profile.shown);
	if (variable && *variable && strcmp(variable, o->name) != 0)
		kt_say(KT_WARNING, "but not in this shell, where KT_PROFILE=%s: unset KT_PROFILE", variable);
	return 0;
}

static const char *const about[] = {
	"Writes kt.profile=NAME in front of the sections of the configuration file: from then on that profile is used "
	"where neither --profile nor KT_PROFILE names one. With default the line is taken out.",
	"All else in the file stays as it is, comments included. It is replaced in one step, a symbolic link stays "
	"one, and only its owner can read it then.",
	NULL,
};

static const char *const examples[] = {
	"The lab for the rest of the day",
	"kt config use lab",
	"As before",
	"kt config use default",
	NULL,
};

const struct kt_cmd kt_cmd_config_use = {
	.name = "config use",
	.summary = "choose the profile that is used where none is named",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
