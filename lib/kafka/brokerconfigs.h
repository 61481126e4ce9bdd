/* The configs of a broker: as it tells them, and changed one by one.
 *
 *   kt_auto(kt_configs_fini) struct kt_configs configs = {0};
 *   if (kt_brokerconfigs_read(client, 1, timeout_ms, &configs, err) < 0)
 *           return -1;
 *   if (kt_brokerconfigs_can_change(err) == 0 && kt_brokerconfigs_change(client, 1, &change, &how, err) == 0)
 *           …
 */
#ifndef KT_BROKERCONFIGS_H
#define KT_BROKERCONFIGS_H

#include "configs.h"

/* Asks that broker. *out is all zero before; what may not be read is its state, not an error. */
int kt_brokerconfigs_read(struct kt_client *c, int32_t broker, int64_t timeout_ms, struct kt_configs *out,
	struct kt_err *err) kt_must_check;

/* KT_FAILED with versions of librdkafka before 2.2. These can only replace all configs of a broker, and brokers tell
 * nobody those that are secret: they would be lost. */
int kt_brokerconfigs_can_change(struct kt_err *err) kt_must_check;

/* Changes configs, which were checked, by kt_config_check(). */
int kt_brokerconfigs_change(struct kt_client *c, int32_t broker, const struct kt_config_change *change,
	const struct kt_admin_how *how, struct kt_err *err) kt_must_check;

#endif
