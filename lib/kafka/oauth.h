/* SASL OAUTHBEARER of a handle: where a token comes from, and its renewal while the handle lives.
 *
 *   kt_oauth_configure(conf, settings);
 *   if (kt_oauth_open(&oauth, settings, owner, err) < 0)        runs the command, so that its failure is told at once
 *           …
 *   rk = rd_kafka_new(…);
 *   kt_oauth_serve(oauth, rk);
 *   … kt_oauth_take_failure(oauth, &err) …                      a renewal failed
 *   kt_oauth_stop(oauth); rd_kafka_destroy(rk); kt_oauth_free(oauth);
 *
 * librdkafka asks for a token when four fifths of the time of the last one are over, and every ten seconds after a
 * failure. It asks by a queue that its own background thread serves, since a command may wait for its input for as long
 * as it likes without looking at the handle.
 */
#ifndef KT_OAUTH_H
#define KT_OAUTH_H

#include <librdkafka/rdkafka.h>

#include "owner.h"
#include "settings.h"

struct kt_oauth;

/* Nothing for other mechanisms. */
void kt_oauth_configure(rd_kafka_conf_t *conf, const struct kt_settings *settings);

/* *out is NULL where the mechanism is another one. settings are borrowed. */
int kt_oauth_open(struct kt_oauth **out, const struct kt_settings *settings, const struct kt_owner *owner,
	struct kt_err *err) kt_must_check;

/* The one that belongs to a handle is found by its opaque: see kt_client_oauth(). NULL is allowed, as below. */
void kt_oauth_serve(struct kt_oauth *oauth, rd_kafka_t *rk);

/* True, and err filled, once for each time that renewals begin to fail. */
bool kt_oauth_take_failure(struct kt_oauth *oauth, struct kt_err *err);

/* A command that runs is ended, and none is begun any more. */
void kt_oauth_stop(struct kt_oauth *oauth);
void kt_oauth_free(struct kt_oauth *oauth);

#endif
