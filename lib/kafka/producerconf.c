/* What the library is told of a producer: idempotence, transactions, batches. */
#include "producerparts.h"

/* With a queue of a few batches a rate is kept that more of them do not raise, in a third of the memory. */
#define QUEUE_RECORDS "20000"

/* What a transaction may take: the most that brokers allow by default (transaction.max.timeout.ms). */
#define KT_TRANSACTION_TIMEOUT_MS "900000"

/* A setting that idempotence cannot live with (rd_kafka_new() refuses the pair), or NULL: the user's word wins. */
static const char *against_idempotence(const struct kt_settings *s)
{
	const char *acks = kt_settings_text(s, "acks", "all");
	if (strcmp(acks, "all") && strcmp(acks, "-1"))
		return "acks";
	if (strtol(kt_settings_text(s, "max.in.flight", "5"), NULL, 10) > 5)
		return "max.in.flight";
	if (strtol(kt_settings_text(s, "retries", "1"), NULL, 10) == 0)
		return "retries";
	return strcmp(kt_settings_text(s, "queuing.strategy", "fifo"), "lifo") ? NULL : "queuing.strategy";
}

/* Before 2.3.0 the library took what was in flight when a connection broke for written, so that the first refusal of
 * the request after it, at the next leader, was a fatal error. A request that is alone has none after it. */
static void keep_alone(rd_kafka_conf_t *conf, const struct kt_settings *settings)
{
	enum { FIXED_IN = 0x02030000 };
	if (rd_kafka_version() < FIXED_IN)
		kt_client_prefer(conf, settings, "max.in.flight", "1");
}

static int set_idempotence(rd_kafka_conf_t *conf, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	const char *against = against_idempotence(settings);
	const char *value = against ? kt_settings_text(settings, against, "") : "";
	if (against && how->transactional)
		return kt_err_set(err, KT_USAGE, "%s=%s (from %s) does not go with transactions", against, value,
			kt_settings_get(settings, against)->origin);
	if (kt_settings_get(settings, "enable.idempotence")) {
		if (!strcasecmp(kt_settings_text(settings, "enable.idempotence", ""), "true"))
			keep_alone(conf, settings);
		return 0;
	}
	if (!how->idempotent && !how->transactional)
		return 0;
	if (against) {
		bool unheard = strstr(against, "acks") && !strcmp(value, "0");
		kt_owner_say(how->owner, KT_NOTE_SETTINGS, "%s=%s (from %s) switches idempotence off: %s", against,
			value, kt_settings_get(settings, against)->origin,
			unheard ? "brokers acknowledge nothing, and what they do not get is lost without a word"
				: "a retry can write a record twice");
		return 0;
	}
	rd_kafka_conf_set(conf, "enable.idempotence", "true", NULL, 0);
	keep_alone(conf, settings);
	return 0;
}

int64_t kt_producerconf_transaction_ms(const struct kt_settings *settings)
{
	return strtoll(kt_settings_text(settings, "transaction.timeout.ms", KT_TRANSACTION_TIMEOUT_MS), NULL, 10);
}

/* The longest that a broker allows by default; and what the library would derive from it, where these are not set,
 * would make it wait as long for every answer. */
static int set_transaction(rd_kafka_conf_t *conf, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	const struct kt_setting *id = kt_settings_get(settings, "transactional.id");
	int64_t timeout_ms = kt_producerconf_transaction_ms(settings);
	if (id && !how->transactional) {
		kt_err_set(err, KT_USAGE, "transactional.id (from %s): this command writes without transactions",
			id->origin);
		return kt_err_hint(err, "`kt produce` writes in one; take the property away for this run");
	}
	if (!how->transactional)
		return 0;
	kt_client_prefer(conf, settings, "transaction.timeout.ms", KT_TRANSACTION_TIMEOUT_MS);
	if (timeout_ms >= 300000 && !kt_settings_get(settings, "delivery.timeout.ms"))
		kt_client_prefer(conf, settings, "message.timeout.ms", "300000");
	if (timeout_ms >= 60000)
		kt_client_prefer(conf, settings, "socket.timeout.ms", "60000");
	return 0;
}

int kt_producerconf_make(rd_kafka_conf_t **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, KT_ROLE_PRODUCER, settings, err) < 0)
		return -1;
	if (set_idempotence(conf, settings, how, err) < 0 || set_transaction(conf, settings, how, err) < 0) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	if (how->prompt)
		kt_client_prefer(conf, settings, "linger.ms", "0");
	kt_client_prefer(conf, settings, "batch.num.messages", KT_PRODUCER_BATCH_RECORDS);
	kt_client_prefer(conf, settings, "queue.buffering.max.messages", QUEUE_RECORDS);
	if (how->rtt)
		kt_client_prefer(conf, settings, "statistics.interval.ms", "10000");
	rd_kafka_conf_set_events(
		conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | (how->rtt ? RD_KAFKA_EVENT_STATS : 0));
	*out = conf;
	return 0;
}
