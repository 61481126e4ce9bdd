/* The configs of topics: read as the brokers tell them, and changed one by one while all others stay.
 *
 *   kt_auto(kt_configs_fini) struct kt_configs configs = {0};
 *   if (kt_configs_read(client, &names, timeout_ms, &configs, err) < 0)           names: one topic
 *           return -1;
 *   const struct kt_config_change change = {.set = &set, .remove = &remove};
 *   if (kt_configs_change(client, "client58", &change, &how, err) < 0)
 *           return -1;
 */
#ifndef KT_CONFIGS_H
#define KT_CONFIGS_H

#include "admin.h"

struct kt_config {
	char *name;
	char *value;        /* NULL: sensitive, brokers do not tell it */
	const char *source; /* as Kafka calls it: "DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG", … */
	bool own;           /* set on the topic, or by a request on the broker, itself */
	bool is_default;    /* set nowhere */
	bool read_only, sensitive;
};

enum kt_configs_state {
	KT_CONFIGS_READ,
	KT_CONFIGS_NOT_PERMITTED, /* by the cluster's ACLs */
	KT_CONFIGS_NOT_SUPPORTED, /* by a mock cluster */
	KT_CONFIGS_FAILED,        /* the topic is being deleted, or the like */
};
/* "not permitted", "not supported", "not available"; of KT_CONFIGS_READ "". */
extern const char *const kt_configs_state_texts[];

struct kt_configs {
	struct kt_config *v; /* sorted by name */
	size_t n, cap;
	enum kt_configs_state state;
};

/* Reads the configs of topics in one request; out has one zeroed entry per topic. What may not be read is a state, not
 * an error. Fails when no broker answers. */
int kt_configs_read(struct kt_client *c, const struct kt_strs *topics, int64_t timeout_ms, struct kt_configs *out,
	struct kt_err *err) kt_must_check;

/* The config of this name, or NULL. */
const struct kt_config *kt_configs_find(const struct kt_configs *configs, const char *name);

/* True when one is the topic's or broker's own. */
bool kt_configs_any_own(const struct kt_configs *configs);

struct kt_config_change {
	const struct kt_strs *set;    /* "name=value" each */
	const struct kt_strs *remove; /* names whose value is the brokers' again */
};

/* Moves words that are NAME=VALUE, which no name of a topic or id of a broker is, to those that are to be set. */
void kt_config_words(struct kt_strs *words, struct kt_strs *set);

/* Moves what kafka-configs takes as one word, a=1,b=[c,d], to set as a=1 and b=c,d. */
void kt_config_lists(struct kt_strs *lists, struct kt_strs *set);

/* The same for names without values, in their list: a,b becomes a and b. */
void kt_config_split(struct kt_strs *names);

/* Times and sizes as people write them become the numbers that brokers take: retention.ms=2h, segment.bytes=64m. What
 * is a number already, or means nothing of the kind, stays. */
void kt_config_units(struct kt_strs *set);

/* KT_USAGE unless each that is to be set is "name=value", and none is to be removed as well. */
int kt_config_check(const struct kt_config_change *change, struct kt_err *err) kt_must_check;

/* Changes configs (which were checked) of a topic and waits until its brokers tell the new ones. Versions of librdkafka
 * without incremental changes send all of the topic's configs: they are read first, from every broker until all say the
 * same, and when one of them cannot be read nothing is changed. What somebody else changes in between is noted to the
 * client's owner. Returns 0, 1 when all was so already, or -1 with the broker's reason. */
int kt_configs_change(struct kt_client *c, const char *topic, const struct kt_config_change *change,
	const struct kt_admin_how *how, struct kt_err *err) kt_must_check;

void kt_configs_fini(struct kt_configs *configs);

/* The names that Kafka has for configs of topics, for completion and near names. */
struct kt_config_name {
	const char *name;
	const char *help;
	const char *values; /* the words that it can be, blank between; NULL: a number or a list */
};
extern const struct kt_config_name kt_config_names[]; /* a NULL name at the end */

/* Sets a hint when one of the texts ("name=value" or "name") is near to a name and none itself, or is several. Returns
 * -1. */
int kt_config_hint(const struct kt_strs *texts, struct kt_err *err);

#endif
