#include "completions.h"

#include "clusternames.h"
#include "conf.h"
#include "configs.h"
#include "mem.h"
#include "ownkeys.h"
#include "props.h"
#include "whichprofile.h"

/* The shell waits for the answer; half a second for the cluster leaves time to let go of it. */
enum { CLUSTER_MS = 500 };

/* The common flags as far as they are typed, or NULL for a command without them. */
static const struct kt_client_opts *client_opts(const struct kt_cmd *cmd, const void *opts)
{
	for (const struct kt_opt *row = cmd->opts; row->type != KT_OPT_END; row++)
		if (row->type == KT_OPT_INCLUDE && row->include == kt_client_opts)
			return (const struct kt_client_opts *)((const char *)opts + row->off);
	return NULL;
}

static void from_cluster(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts,
	int (*list)(struct kt_strs *out, const struct kt_settings *settings, const struct kt_owner *owner,
		int64_t timeout_ms, struct kt_err *err))
{
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	const struct kt_client_opts *client = client_opts(cmd, opts);
	struct kt_err ignored = {0};
	(void)(!client || kt_conf_load(&settings, client, &ignored) < 0 || kt_conf_resolve(&settings, &ignored) < 0 ||
		list(out, &settings, client->owner, CLUSTER_MS, &ignored) < 0);
}

/* Topics that brokers keep for themselves come only when their underscores are typed. */
static void list_topics(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	kt_auto(kt_strs_fini) struct kt_strs all = {0};
	from_cluster(&all, cmd, opts, kt_clusternames_topics);
	for (size_t i = 0; i < all.n; i++)
		if (strncmp(all.v[i], "__", 2) != 0 || word[0] == '_')
			kt_strs_add(out, all.v[i]);
}

static void list_groups(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	(void)word;
	from_cluster(out, cmd, opts, kt_clusternames_groups);
}

static void list_profiles(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	(void)word;
	const struct kt_client_opts *client = client_opts(cmd, opts);
	if (!client)
		return;
	kt_conf_profiles(out, client);
	kt_strs_take(out, kt_strdup(KT_PROFILE_FRONT "\twhat stands in front of all sections"));
	kt_strs_take(out, kt_strdup(KT_PROFILE_NONE "\tno configuration file at all"));
}

/* "compression.codec=gzip" for each of a property's words; ranges of numbers offer nothing. */
static void list_values(struct kt_strs *out, const struct kt_prop *prop)
{
	kt_auto(kt_strs_fini) struct kt_strs values = {0};
	if (!strstr(prop->range, ".."))
		kt_strs_split(&values, prop->range, ",");
	for (size_t i = 0; i < values.n; i++)
		kt_strs_take(out, kt_asprintf("%s=%s", prop->name, values.v[i]));
}

/* Length of the first sentence; a point inside a property's name does not end it. */
static int sentence(const char *text)
{
	size_t len = 0;
	while (text[len] && text[len] != '\n' && !(text[len] == '.' && (text[len + 1] == ' ' || !text[len + 1])))
		len++;
	return (int)len;
}

static void list_properties(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	(void)cmd, (void)opts;
	kt_auto(kt_props_fini) struct kt_props props = {0};
	kt_props_load(&props);
	size_t len = strcspn(word, "=");
	for (size_t i = 0; i < props.n; i++) {
		const struct kt_prop *prop = &props.v[i];
		if (!word[len])
			kt_strs_take(out, kt_asprintf("%s=\t%.*s", prop->name, sentence(prop->about), prop->about));
		else if (strlen(prop->name) == len && !memcmp(prop->name, word, len))
			list_values(out, prop);
	}
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && !word[len] && !kt_props_find(&props, own->key))
			kt_strs_take(out, kt_asprintf("%s=\t%s", own->key, own->help));
}

static void list_configs(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	(void)cmd, (void)opts;
	size_t len = strcspn(word, "=");
	for (const struct kt_config_name *config = kt_config_names; config->name; config++) {
		kt_auto(kt_strs_fini) struct kt_strs values = {0};
		bool named = word[len] && strlen(config->name) == len && !memcmp(config->name, word, len);
		if (named && config->values)
			kt_strs_split(&values, config->values, " ");
		for (size_t i = 0; i < values.n; i++)
			kt_strs_take(out, kt_asprintf("%s=%s", config->name, values.v[i]));
		if (!word[len])
			kt_strs_take(out, kt_asprintf("%s=\t%s", config->name, config->help));
	}
}

static void list_config_names(struct kt_strs *out, const struct kt_cmd *cmd, const void *opts, const char *word)
{
	(void)cmd, (void)opts, (void)word;
	for (const struct kt_config_name *config = kt_config_names; config->name; config++)
		kt_strs_take(out, kt_asprintf("%s\t%s", config->name, config->help));
}

const struct kt_completers kt_completions = {
	.topics = list_topics,
	.groups = list_groups,
	.profiles = list_profiles,
	.properties = list_properties,
	.configs = list_configs,
	.config_names = list_config_names,
};
