/* The one configuration loader: the common flags, and from flags, environment, profile and files to settings.
 *
 *   struct x_opts { struct kt_client_opts client; … };     rows: {KT_INCLUDE(client, "Common options", kt_client_opts)}
 *   kt_auto(kt_settings_fini) struct kt_settings s = {0};
 *   if (kt_conf_load(&s, &opts->client, err) < 0 || kt_conf_resolve(&s, err) < 0)
 *           return -1;
 *   … kt_settings_text(&s, "kt.topic", NULL) …
 *
 * Nothing is kept from one load to the next: a second cluster is a second load, with options of its own
 * ({.config = opts->config, .profile = "lab"}), whose brokers outweigh those of the environment.
 */
#ifndef KT_CONF_H
#define KT_CONF_H

#include "confresolve.h"
#include "list.h"
#include "opt.h"
#include "owner.h"
#include "properties.h"
#include "settings.h"

struct kt_client_opts {
	const char *brokers, *config, *auth, *oauth_command, *oauth_file;
	const char *profile;       /* "": no section, whatever KT_PROFILE says */
	struct kt_strs properties; /* -X K=V */
	struct kt_strs resolve;    /* --resolve NAME=ADDRESS: ends up in the setting kt.resolve */
	int64_t timeout_ms;        /* -m: to reach a broker */
	int64_t run_for_ms;        /* --run-for; 0: no limit */
	int color;                 /* index in auto, always, never */
	bool quiet;
	int verbose;
	const struct kt_owner *owner; /* no option, as the next: main.c puts itself in */
	bool as_kcat;                 /* the command was called in kcat's way */
	/* No option: the configuration file as it was read already; neither the environment nor other options count. */
	const struct kt_properties *only;
	/* No option: a second cluster of one command. These options count, and the profile if they name one; the
	 * environment is about the first one. */
	bool alone;
	const char *section; /* no option: the section that the settings are to be written into (layers.h) */
};
extern const struct kt_opt kt_client_opts[];

/* Fills *out from every layer: built-in, file, profile, environment, flags. Names are librdkafka's after translation;
 * an unknown one is KT_USAGE with file:line and the nearest name. Secrets still stand as env:, file: or ask:. */
int kt_conf_load(struct kt_settings *out, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

/* A command that needs a topic has none: KT_USAGE, and how it is named, as in "kt produce TOPIC". Returns -1. */
int kt_conf_no_topic(const char *usage, struct kt_err *err);

/* Whether a property may be set to this value. KT_USAGE, with the nearest name, as kt_conf_load() says it; origin: who
 * sets it, for the message. */
int kt_conf_check(const char *key, const char *value, const char *origin, struct kt_err *err) kt_must_check;

/* The one name under which a property is filed, allocated; NULL and KT_USAGE for a name that nobody knows. */
char *kt_conf_key(const char *key, struct kt_err *err);

/* The profiles of the configuration file in use, for completion; none when there is no file or it cannot be read. */
void kt_conf_profiles(struct kt_strs *out, const struct kt_client_opts *opts);

#endif
