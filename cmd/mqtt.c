/* kt mqtt: messages of an MQTT broker to a topic. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "digest.h"
#include "jsonout.h"
#include "mqttaddress.h"
#include "mqttrun.h"
#include "num.h"
#include "out.h"
#include "say.h"
#include "topic.h"

enum { ON_ERROR_STOP, ON_ERROR_CONTINUE };
enum { KEEP_ALIVE_MOST_S = 65535 };

struct mqtt_opts {
	struct kt_client_opts client;
	struct kt_strs filters;
	const char *url, *topic, *user, *client_id, *ca, *cert, *key, *metrics_listen;
	int64_t count, keep_alive_ms, max_packet;
	int qos, protocol, on_error, compression;
	bool skip_retained, json;
};
#define OPTS struct mqtt_opts

static const char *const qos_words[] = {"0", "1", "2", NULL};
static const char *const protocols[] = {"auto", "3.1.1", "5", NULL};
static const int versions[] = {0, KT_MQTT_3_1_1, KT_MQTT_5};
static const char *const on_error_words[] = {"stop", "continue", NULL};
static const char *const codecs[] = {"default", "none", "gzip", "snappy", "lz4", "zstd", NULL};

/* clang-format off */
static const struct kt_opt opts[] = {
	{.name = "URL", .positional = true, .required = true, KT_STR(url),
		.help = "the broker: mqtt://[USER@]HOST[:PORT], or mqtts:// with TLS"},
	{.name = "sub", .often = true, .letter = 's', .required = true, KT_LIST(filters), .arg = "FILTER",
		.help = "topics of MQTT: 'plant/+/temp', 'plant/#'; may be repeated"},
	{.name = "topic", .often = true, .letter = 't', KT_STR(topic), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "topic to write to (default: kt.topic of the configuration)"},
	{.name = "qos", .often = true, KT_ENUM(qos, qos_words), .arg = "N", .def = "1",
		.help = "1: at least once; 0: at most once; 2 is taken for 1"},
	{.name = "client-id", .often = true, KT_STR(client_id), .arg = "NAME",
		.help = "whose session it is (default: one that follows from TOPIC and the filters)"},
	{.name = "user", .often = true, .letter = 'u', KT_STR(user), .arg = "NAME",
		.help = "log in as NAME, with the password in KT_MQTT_PASSWORD"},
	{.name = "ca", KT_STR(ca), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "with mqtts: the CAs of the broker (PEM; default: those of this machine)"},
	{.name = "cert", KT_STR(cert), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "with mqtts: a certificate to show the broker (PEM)"},
	{.name = "key", KT_STR(key), .arg = "FILE", .comp = KT_COMP_FILE, .help = "its key (PEM)"},
	{.name = "skip-retained", .often = true, KT_FLAG(skip_retained),
		.help = "leave out retained messages, which were published before"},
	{.name = "on-error", KT_ENUM(on_error, on_error_words), .def = "stop",
		.help = "after a message that Kafka refuses: continue acknowledges and counts it"},
	{.name = "protocol", KT_ENUM(protocol, protocols), .arg = "VERSION", .def = "auto",
		.help = "of MQTT; auto: 5 where the broker has it, or else 3.1.1"},
	{.name = "keep-alive", KT_MS(keep_alive_ms), .arg = "DUR", .def = "30s",
		.help = "how often each side hears from the other, or gives the connection up"},
	{.name = "max-packet", KT_BYTES(max_packet), .arg = "SIZE", .def = "1MiB",
		.help = "a larger packet of the broker ends the run"},
	{.name = "count", .letter = 'c', KT_I64(count), .arg = "N", .def = "-1",
		.help = "stop after N messages; -1: no limit"},
	{.name = "compression", .letter = 'z', KT_ENUM(compression, codecs), .arg = "CODEC", .def = "default",
		.help = "codec for the batches on the wire and in the log"},
	{.name = "metrics-listen", KT_STR(metrics_listen), .arg = "ADDR:PORT", .help = "serve /metrics there"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "the last line, of counts, as JSON on stdout"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};
/* clang-format on */

struct bridge {
	const OPTS *opts;
	struct kt_settings settings; /* of Kafka */
	struct kt_settings own;      /* of TLS to the MQTT broker */
	struct kt_mqttaddress address;
	struct kt_tls *tls;
	struct kt_buf client_id;
	const char *topic, *user;
	struct kt_mqttrun *run;
};

static void free_bridge(struct bridge *b)
{
	kt_mqttrun_close(b->run);
	kt_tls_close(b->tls);
	kt_mqttaddress_fini(&b->address);
	kt_settings_fini(&b->own);
	kt_settings_fini(&b->settings);
	kt_buf_fini(&b->client_id);
}

static int check_usage(const struct mqtt_opts *o, struct kt_err *err)
{
	for (size_t i = 0; i < o->filters.n; i++)
		if (kt_mqttpacket_check_filter(o->filters.v[i], err) < 0)
			return kt_err_wrap(err, "--sub");
	if (o->keep_alive_ms < 1000 || o->keep_alive_ms > KEEP_ALIVE_MOST_S * 1000LL)
		return kt_err_set(err, KT_USAGE, "--keep-alive: expected 1s to %ds", KEEP_ALIVE_MOST_S);
	if (o->max_packet < 1024 || o->max_packet > 256 << 20)
		return kt_err_set(err, KT_USAGE, "--max-packet: expected 1KiB to 256MiB");
	if (o->client_id && (!*o->client_id || strlen(o->client_id) > KT_MQTT_TEXT_MOST))
		return kt_err_set(err, KT_USAGE, "--client-id: a session needs a name of 1 to 65535 bytes");
	if (!o->cert != !o->key)
		return kt_err_set(err, KT_USAGE, "--cert and --key go together");
	return 0;
}

static int load(struct bridge *b, struct kt_err *err)
{
	const OPTS *o = b->opts;
	struct kt_settings *s = &b->settings;
	if (kt_conf_load(s, &o->client, err) < 0)
		return -1;
	if (o->compression)
		kt_settings_put(s, KT_RANK_FLAG, "compression.type", codecs[o->compression], "--compression");
	/* As long as Kafka is away a message waits: nothing is gained by failing, since it would come again. */
	kt_settings_put(s, KT_RANK_BUILTIN, "delivery.timeout.ms", "0", "kt mqtt");
	b->topic = o->topic ? o->topic : kt_settings_text(s, "kt.topic", NULL);
	if (!b->topic)
		return kt_conf_no_topic("--topic TOPIC", err);
	/* ask: would ask for nothing. */
	if (!b->user)
		kt_settings_drop(s, "kt.mqtt.password");
	return kt_topic_check(b->topic, err) < 0 ? -1 : kt_conf_resolve(s, err);
}

static int open_tls(struct bridge *b, struct kt_err *err)
{
	const OPTS *o = b->opts;
	const struct {
		const char *key, *value, *origin;
	} rows[] = {
		{"security.protocol", "ssl", "mqtts"},
		{"ssl.ca.location", o->ca, "--ca"},
		{"ssl.certificate.location", o->cert, "--cert"},
		{"ssl.key.location", o->key, "--key"},
		{"kt.resolve", kt_settings_text(&b->settings, "kt.resolve", NULL), "--resolve"},
	};
	kt_auto(kt_tlsfiles_fini) struct kt_tlsfiles files = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		if (rows[i].value)
			kt_settings_put(&b->own, KT_RANK_FLAG, rows[i].key, rows[i].value, rows[i].origin);
	if (!b->address.tls)
		return o->ca || o->cert ? kt_err_set(err, KT_USAGE, "--ca, --cert and --key need mqtts://") : 0;
	if (kt_tlsfiles_read(&files, &b->own, err) < 0)
		return -1;
	return kt_tls_open(&b->tls, &files, &b->own, err);
}

/* The same for the same topic and filters, wherever it runs: whoever starts it anew goes on with its session, and who
 * starts it twice is told so. Brokers take at least 23 letters and digits. */
static int choose_client_id(struct bridge *b, struct kt_err *err)
{
	enum { PREFIX = 2, DIGITS = 20 };
	const OPTS *o = b->opts;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_strs_fini) struct kt_strs filters = {0};
	if (o->client_id) {
		kt_buf_adds(&b->client_id, o->client_id);
		return 0;
	}
	for (size_t i = 0; i < o->filters.n; i++)
		kt_strs_add_new(&filters, o->filters.v[i]);
	kt_strs_sort(&filters);
	kt_buf_adds(&text, b->topic);
	for (size_t i = 0; i < filters.n; i++)
		kt_buf_addf(&text, "\n%s", filters.v[i]);
	kt_buf_adds(&b->client_id, "kt");
	if (kt_digest_add(&b->client_id, "SHA256", text.data, text.len, err) < 0)
		return -1;
	b->client_id.len = PREFIX + DIGITS;
	return 0;
}

static int open_run(struct bridge *b, struct kt_err *err)
{
	const OPTS *o = b->opts;
	const struct kt_mqttrun_how how = {
		.owner = o->client.owner,
		.link = {.at = &b->address.at,
			.tls = b->tls,
			.settings = &b->own,
			.client_id = kt_buf_cstr(&b->client_id),
			.user = b->user,
			.password = kt_settings_text(&b->settings, "kt.mqtt.password", NULL),
			.filters = &o->filters,
			.qos = o->qos ? 1 : 0,
			.version = versions[o->protocol],
			.keep_alive_s = o->keep_alive_ms / 1000,
			.timeout_ms = o->client.timeout_ms,
			.max_packet = (size_t)o->max_packet},
		.settings = &b->settings,
		.topic = b->topic,
		.metrics_listen = o->metrics_listen,
		.count = o->count,
		.run_for_ms = o->client.run_for_ms,
		.timeout_ms = o->client.timeout_ms,
		.skips_retained = o->skip_retained,
		.skips_refused = o->on_error == ON_ERROR_CONTINUE,
	};
	return kt_mqttrun_open(&b->run, &how, err);
}

static void say_promise(const struct bridge *b)
{
	const OPTS *o = b->opts;
	if (o->qos == 2)
		kt_say(KT_NORMAL, "QoS 2 ends at this client: it subscribes with QoS 1, at least once");
	if (o->qos == 0)
		kt_say(KT_NORMAL, "QoS 0: messages come at most once, and none while this does not run");
}

static void say_counts(const struct bridge *b, const struct kt_mqttcounts *n)
{
	char sent[32];
	kt_say(KT_NORMAL, "%s message%s of %s written to %s", kt_group_digits(n->sent, sent), kt_plural(n->sent),
		b->address.at.name, b->topic);
	if (n->skipped)
		kt_say(KT_NORMAL, "%lld retained message%s left out", (long long)n->skipped,
			n->skipped == 1 ? " was" : "s were");
	if (n->again)
		kt_say(KT_NORMAL, "%lld had mqtt.dup: the broker sent them before, too", (long long)n->again);
	if (n->refused)
		kt_say(KT_WARNING, "%lld message%s left out, which Kafka refused", (long long)n->refused,
			n->refused == 1 ? " was" : "s were");
	if (n->owed)
		kt_say(KT_WARNING, "%lld message%s not acknowledged: the broker sends them again", (long long)n->owed,
			n->owed == 1 ? " is" : "s are");
	if (n->lost)
		kt_say(KT_WARNING,
			n->lost == 1 ? "%lld message of QoS 0 is lost: Kafka did not acknowledge it"
				     : "%lld messages of QoS 0 are lost: Kafka did not acknowledge them",
			(long long)n->lost);
}

static int print_counts(const struct bridge *b, const struct kt_mqttcounts *n, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	kt_jsonout_begin(&line, NULL, '{');
	kt_jsonout_words(&line, "broker", b->address.at.name);
	kt_jsonout_words(&line, "topic", b->topic);
	kt_jsonout_i64(&line, "written", n->sent);
	kt_jsonout_i64(&line, "skipped", n->skipped);
	kt_jsonout_i64(&line, "dup", n->again);
	kt_jsonout_i64(&line, "refused", n->refused);
	kt_jsonout_i64(&line, "unacknowledged", n->owed);
	kt_jsonout_i64(&line, "lost", n->lost);
	kt_jsonout_end(&line, '}');
	kt_buf_addc(&line, '\n');
	return kt_out_print(STDOUT_FILENO, &line, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(free_bridge) struct bridge b = {.opts = o};
	if (check_usage(o, err) < 0 || kt_mqttaddress_parse(&b.address, o->url, err) < 0)
		return -1;
	b.user = o->user ? o->user : b.address.user;
	if (load(&b, err) < 0 || open_tls(&b, err) < 0 || choose_client_id(&b, err) < 0 || open_run(&b, err) < 0)
		return -1;
	say_promise(&b);
	int result = kt_mqttrun_go(b.run, err);
	struct kt_mqttcounts n = kt_mqttrun_counts(b.run);
	if (kt_mqttrun_was_up(b.run))
		say_counts(&b, &n);
	struct kt_err later;
	if (o->json && print_counts(&b, &n, result < 0 ? &later : err) < 0)
		return -1;
	if (result == 0 && n.refused)
		return kt_err_set(err, KT_PARTIAL, "%s", "");
	return result;
}

static const char *const about[] = {
	"Subscribes to topics of an MQTT broker and writes each message to TOPIC of Kafka: the topic of MQTT is the key, the "
	"payload the value, and the headers mqtt.topic, mqtt.qos, mqtt.retain and mqtt.dup say the rest (0 or 1 the last "
	"three). A message is acknowledged to the MQTT broker only once all in-sync replicas have its record, in the order in "
	"which messages came.",
	"With QoS 1 the session is a persistent one, of a fixed client id: what is published while this does not run waits at "
	"the broker, and what was not acknowledged comes again. So each message is written at least once; one that comes again "
	"after a crash or a lost connection has mqtt.dup 1. With QoS 0 a message comes at most once, and none while this "
	"does not run. QoS 2 is taken for 1, which is said: its exactly-once ends at the client of MQTT, whatever that does "
	"then. What devices publish with QoS 0 stays QoS 0, and mqtt.qos says so.",
	"What a session keeps is up to its broker. Mosquitto keeps 1000 messages for a client that is away or slow "
	"(max_queued_messages) and DROPS what comes after them, without a word to anybody but its own log; it sends 20 at a "
	"time before they are acknowledged (max_inflight_messages), which makes it slow over longer distances; and it forgets "
	"all of it at a restart unless `persistence true` is set. For a bridge that may stand still for some time: "
	"max_queued_messages 0 with max_queued_bytes as a limit, max_inflight_messages 1000, persistence true.",
	"The client id follows from TOPIC and the filters unless --client-id says it, so that the next start goes on with the "
	"session, also on another machine. Two at a time with one id take the session from each other again and again, which is "
	"said. Other filters make another id: the older session goes on collecting until the broker forgets it.",
	"As long as Kafka is away messages wait in memory (at most 20,000, and 64 MiB), then nothing more is read; the broker "
	"hears of this client all the same and keeps the session. A lost connection is tried again, at first after a "
	"fraction of a second, in the end twice a minute. At the start both have to be there: if not, the status is 5, and "
	"kt-mqtt@.service of systemd, or whoever else started it, starts it again. Retained messages come with each start from a broker of MQTT "
	"3.1.1, and from one of MQTT 5 only when the session is new; --skip-retained leaves them out.",
	"A signal ends it: nothing more is read, what is on its way is finished within five seconds, acknowledged, and the "
	"connection ended; the status is 0 then, where -c did not ask for more. A message that Kafka refuses (too large) ends the run with status 3 before it is acknowledged; "
	"with --on-error continue it is left out, and the status is 3 in the end. A packet that is not MQTT, or larger than "
	"--max-packet, ends the run with 1. User properties and the other additions of MQTT 5 to a message are not carried.",
	"The password comes from KT_MQTT_PASSWORD or kt.mqtt.password (env:NAME, file:PATH and ask: work). mqtts:// checks the "
	"broker's certificate and its name; --ca is for brokers with a CA of their own, --cert and --key for those that want "
	"to see a certificate.",
	NULL,
};

static const char *const examples[] = {
	"All of a plant's readings, for good",
	"kt mqtt mqtt://broker.plant:1883 --sub 'plant/#' --topic readings",
	"With TLS and a password",
	"KT_MQTT_PASSWORD=xyz kt mqtt mqtts://me@h --ca ca -s '+/temp' -t t",
	"The next ten, with what they were",
	"kt mqtt mqtt://h -s '#' -t t -c 10 && kt consume t -o -10 -e -J",
	NULL,
};

const struct kt_cmd kt_cmd_mqtt = {
	.name = "mqtt",
	.summary = "write messages of an MQTT broker to a topic",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
