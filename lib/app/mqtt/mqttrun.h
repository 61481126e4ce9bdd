/* The run of a bridge: messages of an MQTT broker become records, and are acknowledged once these are.
 *
 *   struct kt_mqttrun_how how = {.link = &link, .settings = &settings, .topic = "readings", …};
 *   kt_mqttrun_open(&run, &how, err)
 *   kt_mqttrun_go(run, err)
 *   … kt_mqttrun_counts(run) …
 *   kt_mqttrun_close(run)
 *
 * A record has the message's topic as its key, its payload as its value, and the headers mqtt.topic, mqtt.qos,
 * mqtt.retain and mqtt.dup. What is in memory is bounded: as long as Kafka takes nothing, nothing is read, and nothing
 * acknowledged. A message that Kafka refuses ends the run before it is acknowledged, unless it goes on without it.
 */
#ifndef KT_MQTTRUN_H
#define KT_MQTTRUN_H

#include "mqttlink.h"
#include "settings.h"

struct kt_mqttrun;

/* Borrows all of it. */
struct kt_mqttrun_how {
	const struct kt_owner *owner;
	struct kt_mqttlink_how link; /* without its callbacks and owner */
	const struct kt_settings *settings;
	const char *topic;
	const char *metrics_listen; /* NULL: none */
	int64_t count;              /* ends after so many; -1: no limit */
	int64_t run_for_ms;
	int64_t timeout_ms;
	bool skips_retained;
	bool skips_refused; /* what Kafka refuses is acknowledged, and counted */
};

struct kt_mqttcounts {
	int64_t sent;    /* acknowledged by Kafka */
	int64_t skipped; /* retained ones that were not wanted */
	int64_t again;   /* of those that were sent, marked as maybe sent before */
	int64_t refused; /* by Kafka, and left out */
	int64_t owed;    /* not acknowledged to the MQTT broker: they come again */
	int64_t lost;    /* of QoS 0, and not acknowledged by Kafka when the run ended: they do not come again */
};

/* Reaches Kafka. */
int kt_mqttrun_open(struct kt_mqttrun **out, const struct kt_mqttrun_how *how, struct kt_err *err) kt_must_check;

/* Until it is stopped, has its count, or something goes wrong; what was sent is then acknowledged, to both sides. */
int kt_mqttrun_go(struct kt_mqttrun *run, struct kt_err *err) kt_must_check;

/* Whether it ever was subscribed. */
bool kt_mqttrun_was_up(const struct kt_mqttrun *run);

struct kt_mqttcounts kt_mqttrun_counts(const struct kt_mqttrun *run);

/* NULL is allowed. */
void kt_mqttrun_close(struct kt_mqttrun *run);

#endif
