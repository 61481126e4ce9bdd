/* What the files about configs share: configs.c reads, configmerge.c computes, configchange.c writes, and
 * brokerconfigs.c does both for brokers. */
#ifndef KT_CONFIGS_OWN_H
#define KT_CONFIGS_OWN_H

#include "buf.h"
#include "configs.h"

/* As kt_configs_read(), asking that broker; -1: any. */
int kt_configs_read_from(struct kt_client *c, int32_t broker, const struct kt_strs *topics, int64_t timeout_ms,
	struct kt_configs *out, struct kt_err *err) kt_must_check;

/* Adds what an answer says of a topic or a broker, sorted. */
void kt_configs_take_all(struct kt_configs *out, const rd_kafka_ConfigResource_t *resource);

/* What an error means for reading. */
enum kt_configs_state kt_configs_state_of(rd_kafka_resp_err_t code) __attribute__((const));

/* Appends config, whose texts are taken. */
void kt_configs_take(struct kt_configs *configs, struct kt_config config);
void kt_configs_sort(struct kt_configs *configs);

/* The topic's own configs as they are to be after the change, into *wanted. KT_FAILED for a name to remove that the
 * topic does not know. */
int kt_configs_merge(struct kt_configs *wanted, const struct kt_configs *now, const char *topic,
	const struct kt_config_change *change, struct kt_err *err) kt_must_check;

/* Whether the change speaks of the config. */
bool kt_config_changes(const struct kt_config_change *change, const char *name);

/* Whether both have the same own configs. */
bool kt_configs_same(const struct kt_configs *a, const struct kt_configs *b);

/* Appends the names whose own value is not the same in both, a comma between; those that the change speaks of only
 * when `asked` says so, and the others when it does not. */
void kt_configs_differing(struct kt_buf *out, const struct kt_configs *a, const struct kt_configs *b,
	const struct kt_config_change *change, bool asked);

#endif
