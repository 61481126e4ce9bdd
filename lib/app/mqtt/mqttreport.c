/* The metrics of a run. */
#include "metricsout.h"
#include "mqttrun_own.h"

static void add_records(const struct kt_mqttrun *run, struct kt_buf *out, const char *result, int64_t n)
{
	kt_metricsout_name(out, "kt_records_total");
	kt_metricsout_label(out, "topic", run->how.topic);
	kt_metricsout_label(out, "result", result);
	kt_metricsout_i64(out, n);
}

static void add(struct kt_buf *out, const char *name, const char *help, int64_t value)
{
	kt_metricsout_family(out, name, "gauge", help);
	kt_metricsout_name(out, name);
	kt_metricsout_i64(out, value);
}

static bool answer(void *user, struct kt_http_request *request, struct kt_answer *answer)
{
	const struct kt_mqttrun *run = user;
	struct kt_buf *out = &answer->body;
	if (strcmp(request->path, "/metrics") != 0)
		return false;
	answer->type = KT_METRICSOUT_TYPE;
	kt_metricsout_family(out, "kt_records", "counter", "Records, by what became of them.");
	add_records(run, out, "delivered", run->counts.sent);
	add_records(run, out, "failed", run->counts.refused);
	add_records(run, out, "skipped", run->counts.skipped);
	kt_metricsout_family(out, "kt_mqtt_again", "counter", "Messages that the broker marked as maybe sent before.");
	kt_metricsout_name(out, "kt_mqtt_again_total");
	kt_metricsout_i64(out, run->counts.again);
	kt_metricsout_family(out, "kt_mqtt_connections", "counter", "Connections to the MQTT broker that came about.");
	kt_metricsout_name(out, "kt_mqtt_connections_total");
	kt_metricsout_i64(out, kt_mqttlink_times_up(run->link));
	add(out, "kt_mqtt_connected", "1: it is connected, and subscribed.", kt_mqttlink_is_up(run->link));
	add(out, "kt_mqtt_waiting", "Messages that Kafka has not acknowledged yet.", run->acks.end - run->acks.first);
	kt_metricsout_family(
		out, "kt_mqtt_acknowledged_timestamp_seconds", "gauge", "When a message was through last.");
	kt_metricsout_name(out, "kt_mqtt_acknowledged_timestamp_seconds");
	kt_metricsout_double(out, (double)run->acked_ms / 1000);
	kt_metricsout_end(out);
	return true;
}

int kt_mqttreport_open(struct kt_mqttrun *run, struct kt_err *err)
{
	const struct kt_httpd_how how = {
		.listen = run->how.metrics_listen, .methods = KT_HTTP_READS, .answer = answer, .user = run};
	return kt_httpd_open_metrics(&run->httpd, &how, &run->loop, &run->metrics, err);
}
