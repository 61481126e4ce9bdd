/* The one configuration loader: the common flags, and from flags, environment, profile and files to settings.
 *
 *   struct x_opts { struct kt_client_opts client; … };     rows: {KT_INCLUDE(client, kt_client_opts)}
 *   kt_auto(kt_settings_fini) struct kt_settings s = {0};
 *   if (kt_conf_load(&s, &opts->client, err) < 0 || kt_conf_reveal(&s, err) < 0)
 *           return -1;
 *   … kt_settings_text(&s, "kt.topic", NULL) …
 */
#ifndef KT_CONF_H
#define KT_CONF_H

#include "list.h"
#include "opt.h"
#include "settings.h"

struct kt_client_opts {
	const char *brokers, *config, *profile, *auth;
	struct kt_strs properties; /* -X K=V */
	struct kt_strs resolve;    /* --resolve NAME=ADDRESS */
	int64_t timeout_ms;        /* -m: to reach a broker */
	int64_t run_for_ms;        /* --run-for; 0: no limit */
	int color;                 /* index in auto, always, never */
	bool quiet;
	int verbose;
};
extern const struct kt_opt kt_client_opts[];

/* Fills *out from every layer: built-in, file, profile, environment, flags. Names are librdkafka's after translation;
 * an unknown one is KT_USAGE with file:line and the nearest name. Secrets still stand as env:, file: or ask:. */
int kt_conf_load(struct kt_settings *out, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

/* Puts the values of env:NAME, file:PATH and ask: in place (asks on the terminal), and turns what only kt understands
 * (a PKCS#12 truststore) into what librdkafka takes. After it the settings without "kt." can go to rd_kafka_conf_set().*/
int kt_conf_reveal(struct kt_settings *s, struct kt_err *err) kt_must_check;

#endif
