#include "mock.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <strings.h>
#include <unistd.h>

#include "esc.h"
#include "list.h"
#include "mem.h"
#include "num.h"
#include "ports.h"
#include "standstill.h"
#include "suggest.h"
#include "topic.h"

struct kt_mock {
	rd_kafka_t *handle;
	rd_kafka_mock_cluster_t *cluster;
	int n;
	int ports[KT_MOCK_MAX_BROKERS]; /* of broker ID at [ID - 1], and so on */
	bool down[KT_MOCK_MAX_BROKERS];
};

/* The library's own lines. It misses bootstrap.servers, which nobody needs here. */
static void log_line(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
	const struct kt_owner *owner = handle ? rd_kafka_opaque(handle) : NULL;
	char line[2304]; /* the library's own have up to 2048 */
	if (!owner || !owner->log || !strcmp(facility, "CONFWARN"))
		return;
	snprintf(line, sizeof(line), "embedded broker: %s", text);
	owner->log(owner->user, level <= 4, line);
}

static int new_handle(rd_kafka_t **handle, const struct kt_owner *owner, struct kt_err *err)
{
	char text[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_set_opaque(conf, (void *)(uintptr_t)owner);
	rd_kafka_conf_set_log_cb(conf, log_line);
	*handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
	if (*handle)
		return 0;
	rd_kafka_conf_destroy(conf);
	return kt_err_set(err, KT_FAILED, "starting the embedded broker: %s", text);
}

static void read_ports(struct kt_mock *mock)
{
	kt_auto(kt_strs_fini) struct kt_strs brokers = {0};
	kt_strs_split(&brokers, kt_mock_bootstrap(mock), ",");
	for (size_t i = 0; i < brokers.n && i < KT_LEN(mock->ports); i++)
		mock->ports[i] = (int)strtol(strrchr(brokers.v[i], ':') + 1, NULL, 10);
}

static void drop(struct kt_mock **mock)
{
	kt_mock_stop(*mock);
}

int kt_mock_start(struct kt_mock **out, int brokers, int port, const struct kt_owner *owner, struct kt_err *err)
{
	kt_auto(kt_ports_fini) struct kt_ports ports = {0};
	kt_auto(drop) struct kt_mock *mock = kt_calloc(1, sizeof(*mock));
	if (brokers < 1 || brokers > KT_MOCK_MAX_BROKERS || port < 0 || port > 65536 - brokers)
		return kt_err_set(err, KT_USAGE,
			"%d broker%s from port %d on: 1 to %d brokers and ports up to 65535 are possible", brokers,
			kt_plural(brokers), port, KT_MOCK_MAX_BROKERS);
	if ((port && kt_ports_open(&ports, port, brokers, err) < 0) || new_handle(&mock->handle, owner, err) < 0)
		return -1;
	kt_ports_lend(port ? &ports : NULL);
	mock->n = brokers;
	kt_standstill_forgive();
	mock->cluster = rd_kafka_mock_cluster_new(mock->handle, brokers);
	kt_ports_lend(NULL);
	if (!mock->cluster)
		return kt_err_set(err, KT_FAILED, "librdkafka could not start its mock cluster of %d broker%s", brokers,
			kt_plural(brokers));
	read_ports(mock);
	if (port && mock->ports[0] != port)
		return kt_err_set(
			err, KT_FAILED, "this kt cannot choose its broker's port: librdkafka took %d", mock->ports[0]);
#ifdef KT_MOCK_HAS_REBALANCE_DELAY
	/* At a desk there are no further members of a group to wait for. */
	rd_kafka_mock_group_initial_rebalance_delay_ms(mock->cluster, 200);
#endif
	*out = kt_steal(mock);
	return 0;
}

const char *kt_mock_bootstrap(const struct kt_mock *mock)
{
	return rd_kafka_mock_cluster_bootstraps(mock->cluster);
}

int kt_mock_port(const struct kt_mock *mock)
{
	return mock->ports[0];
}

void kt_mock_stop(struct kt_mock *mock)
{
	if (!mock)
		return;
	if (mock->cluster)
		rd_kafka_mock_cluster_destroy(mock->cluster);
	if (mock->handle)
		rd_kafka_destroy(mock->handle);
	free(mock);
}

/* The requests that the mock cluster answers, with their keys in the protocol. */
static const struct {
	const char *name;
	int16_t key;
} apis[] = {
	{"Produce", 0},
	{"Fetch", 1},
	{"ListOffsets", 2},
	{"Metadata", 3},
	{"OffsetCommit", 8},
	{"OffsetFetch", 9},
	{"FindCoordinator", 10},
	{"JoinGroup", 11},
	{"Heartbeat", 12},
	{"LeaveGroup", 13},
	{"SyncGroup", 14},
	{"ApiVersions", 18},
	{"InitProducerId", 22},
	{"AddPartitionsToTxn", 24},
	{"AddOffsetsToTxn", 25},
	{"EndTxn", 26},
	{"TxnOffsetCommit", 28},
};

static int unknown_word(const char *what, const char *word, const char *nearest, struct kt_err *err)
{
	char shown[64];
	kt_quote(shown, sizeof(shown), (struct kt_bytes){word, strlen(word)});
	kt_err_set(err, KT_USAGE, "%s %s is not known", what, shown);
	return nearest ? kt_err_hint(err, "did you mean %s?", nearest) : -1;
}

static int find_api(const char *word, int16_t *key, struct kt_err *err)
{
	struct kt_suggest near = {.word = word};
	for (size_t i = 0; i < KT_LEN(apis); i++) {
		if (!strcasecmp(word, apis[i].name)) {
			*key = apis[i].key;
			return 0;
		}
		kt_suggest_offer(&near, apis[i].name);
	}
	unknown_word("the request", word, near.best, err);
	return near.best ? -1
			 : kt_err_hint(err,
				   "Produce, Fetch, Metadata, JoinGroup, OffsetCommit, …: `kt help broker` has all");
}

/* What a broker can answer, and _TRANSPORT, which makes the mock cluster hang up. */
static bool can_inject(const struct rd_kafka_err_desc *error)
{
	return error->name && error->desc &&
	       (error->code > 0 || error->code == RD_KAFKA_RESP_ERR_UNKNOWN ||
		       error->code == RD_KAFKA_RESP_ERR__TRANSPORT);
}

static int find_code(const char *word, rd_kafka_resp_err_t *code, struct kt_err *err)
{
	struct kt_suggest near = {.word = word};
	const struct rd_kafka_err_desc *errors;
	size_t n;
	char *end;
	long number = strtol(word, &end, 10);
	bool is_number = *word && !*end;
	rd_kafka_get_err_descs(&errors, &n);
	for (size_t i = 0; i < n; i++) {
		if (!can_inject(&errors[i]))
			continue;
		if (is_number ? number == errors[i].code : !strcasecmp(word, errors[i].name)) {
			*code = errors[i].code;
			return 0;
		}
		kt_suggest_offer(&near, errors[i].name);
	}
	return unknown_word("the error", word, is_number ? NULL : near.best, err);
}

/* The words of a command and where its answer goes. */
struct order {
	const struct kt_strs *words;
	char *answer;
	size_t size;
};

static int tell_bootstrap(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	(void)err;
	snprintf(order->answer, order->size, "%s", kt_mock_bootstrap(mock));
	return 0;
}

static int tell_create(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	char **word = order->words->v;
	int64_t partitions;
	bool lenient = order->words->n == 4;
	if (kt_topic_check(word[1], err) < 0)
		return -1;
	if (kt_parse_i64(word[2], 1, KT_MOCK_MAX_PARTITIONS, &partitions, err) < 0)
		return kt_err_wrap(err, "partitions of %s", word[1]);
	if (lenient && strcmp(word[3], "if-not-exists"))
		return unknown_word("the word", word[3], "if-not-exists", err);
	rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(mock->cluster, word[1], (int)partitions, mock->n);
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS && lenient) {
		snprintf(order->answer, order->size, "exists");
		return 0;
	}
	if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
		kt_err_set(err, KT_FAILED, "topic %s exists already", word[1]);
		return kt_err_hint(err, "with --if-not-exists that is not an error");
	}
	return code ? kt_err_set(err, KT_FAILED, "creating topic %s: %s", word[1], rd_kafka_err2str(code)) : 0;
}

/* The first and last broker that "ID" or "all" means. */
static int find_brokers(const struct kt_mock *mock, const char *word, int *first, int *last, struct kt_err *err)
{
	int64_t id;
	*first = 1;
	*last = mock->n;
	if (!strcasecmp(word, "all"))
		return 0;
	if (kt_parse_i64(word, 1, mock->n, &id, err) < 0)
		return kt_err_wrap(err, "broker (\"all\", or a number)");
	*first = *last = (int)id;
	return 0;
}

static int tell_down(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	int first, last;
	if (find_brokers(mock, order->words->v[1], &first, &last, err) < 0)
		return -1;
	for (int id = first; id <= last; id++) {
		rd_kafka_mock_broker_set_down(mock->cluster, id);
		mock->down[id - 1] = true;
	}
	return 0;
}

/* A broker that is down holds its port without listening, so another process can take it over; the library would
 * abort on finding that out. */
static int check_port(const struct kt_mock *mock, int id, struct kt_err *err)
{
	int fd = kt_port_listen(mock->ports[id - 1]);
	if (fd < 0)
		return kt_err_sys(err, "bringing broker %d up again on 127.0.0.1:%d", id, mock->ports[id - 1]);
	close(fd);
	return 0;
}

static int tell_up(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	int first, last;
	if (find_brokers(mock, order->words->v[1], &first, &last, err) < 0)
		return -1;
	for (int id = first; id <= last; id++) {
		if (!mock->down[id - 1])
			continue;
		if (check_port(mock, id, err) < 0)
			return -1;
		rd_kafka_mock_broker_set_up(mock->cluster, id);
		mock->down[id - 1] = false;
	}
	return 0;
}

static int tell_delay(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	int64_t ms;
	if (kt_parse_duration_ms(order->words->v[1], &ms, err) < 0)
		return -1;
	if (ms > 3600 * 1000)
		return kt_err_set(err, KT_USAGE, "a delay is at most an hour");
	rd_kafka_mock_broker_set_rtt(mock->cluster, -1, (int)ms);
	return 0;
}

static int tell_error(struct kt_mock *mock, const struct order *order, struct kt_err *err)
{
	char **word = order->words->v;
	int16_t api = 0;
	int64_t count;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	if (find_api(word[1], &api, err) < 0 || find_code(word[2], &code, err) < 0)
		return -1;
	if (kt_parse_i64(word[3], 1, KT_MOCK_MAX_ERRORS, &count, err) < 0)
		return kt_err_wrap(err, "number of errors");
	kt_auto(kt_free_ptr) rd_kafka_resp_err_t *errors = kt_calloc((size_t)count, sizeof(*errors));
	for (int64_t i = 0; i < count; i++)
		errors[i] = code;
	rd_kafka_mock_push_request_errors_array(mock->cluster, api, (size_t)count, errors);
	return 0;
}

static const struct verb {
	const char *name, *use;
	size_t min, max; /* words, the name included */
	int (*tell)(struct kt_mock *mock, const struct order *order, struct kt_err *err);
} verbs[] = {
	{"bootstrap", "bootstrap", 1, 1, tell_bootstrap},
	{"create", "create TOPIC PARTITIONS [if-not-exists]", 3, 4, tell_create},
	{"down", "down ID|all", 2, 2, tell_down},
	{"up", "up ID|all", 2, 2, tell_up},
	{"delay", "delay DURATION", 2, 2, tell_delay},
	{"error", "error API CODE COUNT", 4, 4, tell_error},
};

int kt_mock_tell(struct kt_mock *mock, const char *line, char *answer, size_t size, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	struct kt_suggest near = {0};
	kt_strs_split(&words, line, " \t\r\n");
	if (!words.n)
		return kt_err_set(err, KT_USAGE, "the command for the embedded broker is empty");
	near.word = words.v[0];
	for (size_t i = 0; i < KT_LEN(verbs); i++) {
		const struct verb *verb = &verbs[i];
		kt_suggest_offer(&near, verb->name);
		if (strcmp(words.v[0], verb->name))
			continue;
		if (words.n < verb->min || words.n > verb->max)
			return kt_err_set(err, KT_USAGE, "an embedded broker understands `%s`", verb->use);
		snprintf(answer, size, "%s", "");
		return verb->tell(mock, &(struct order){&words, answer, size}, err);
	}
	return unknown_word("the command", words.v[0], near.best, err);
}
