#include "client.h"

#include <netdb.h>
#include <stdarg.h>
#include <stdatomic.h>

#include "brokererrors.h"
#include "crashguard.h"
#include "mem.h"
#include "oauth.h"
#include "unpacking.h"
#include "when.h"

/* STOPPED_MS: after a signal nobody wants to wait for threads that hang. */
enum { DESTROY_MS = 2000, STOPPED_MS = 100 };

struct kt_client {
	rd_kafka_t *rk;
	char *brokers;
	const struct kt_owner *owner;
	void *user;
	bool embedded;     /* asking it for a topic makes the topic */
	atomic_int inside; /* threads that have not come back, see aside.h */
	atomic_bool left;  /* behind, with the library's threads in it: what it borrows may be gone */
	struct kt_brokererrors trouble;
	struct kt_oauth *oauth; /* NULL: no tokens */
	struct kt_client *before;
};

static void log_cb(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	const struct kt_client *c = rk ? rd_kafka_opaque(rk) : NULL;
	char line[2304]; /* the library's own have up to 2048 */
	(void)level;
	if (!c || atomic_load(&c->left) || !c->owner || !c->owner->log)
		return;
	snprintf(line, sizeof(line), "%s: %s", facility, text);
	c->owner->log(c->owner->user, false, line);
}

static void error_cb(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	(void)rk;
	kt_client_note(opaque, code, reason);
}

/* The only place where the reason of a refused certificate is known exactly: librdkafka's own text is the same for a
 * wrong CA, an expired certificate and a wrong host name. */
static int verify_cb(rd_kafka_t *rk, const char *broker, int32_t id, int *x509_error, int depth, const char *der,
	size_t der_size, char *errstr, size_t errstr_size, void *opaque)
{
	struct kt_client *c = opaque;
	(void)rk, (void)id, (void)der, (void)der_size;
	/* The CAs' certificates come first: that they are good says nothing about the broker's own. */
	if (*x509_error || depth == 0)
		kt_brokererrors_certificate(&c->trouble, broker, *x509_error);
	if (!*x509_error)
		return 1;
	snprintf(errstr, errstr_size, "X.509 error %d", *x509_error);
	return 0;
}

/* librdkafka also calls this to free a result: node and service are NULL then. */
static int resolve_cb(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res, void *opaque)
{
	const struct kt_client *c = opaque;
	if (!node && !service) {
		freeaddrinfo(*res);
		return 0;
	}
	kt_auto(kt_free_ptr) char *instead =
		atomic_load(&c->left) ? NULL : kt_settings_instead(c->trouble.settings, node);
	return getaddrinfo(instead ? instead : node, service, hints, res);
}

static int set_property(rd_kafka_conf_t *conf, const struct kt_setting *s, struct kt_err *err)
{
	char why[256];
	if (rd_kafka_conf_set(conf, s->key, s->value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return 0;
	why[strcspn(why, "\n")] = '\0';
	if (kt_setting_is_secret(s->key))
		kt_err_set(err, KT_USAGE, "%s from %s is not accepted", s->key, s->origin);
	else
		kt_err_set(err, KT_USAGE, "%s=%s from %s: %s", s->key, s->value, s->origin, why);
	return kt_err_hint(err, "`-X list` shows the properties and what they accept");
}

int kt_client_conf(rd_kafka_conf_t **out, enum kt_role role, const struct kt_settings *settings, struct kt_err *err)
{
	static const char *const ours[][2] = {
		{"client.id", "kt"},
		/* A consumer's property in a producer's file is ordinary; librdkafka's warning helps nobody. */
		{"log.configuration.warnings", "false"},
		/* Newer versions have it: what a command that lives for milliseconds would tell the broker about
		 * itself, and closing would wait up to a second for the broker's answer. */
		{"enable.metrics.push", "false"},
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	for (size_t i = 0; i < KT_LEN(ours); i++)
		rd_kafka_conf_set(conf, ours[i][0], ours[i][1], NULL, 0);
	/* Asking about a topic must not create it, except for whoever is about to write to it. */
	rd_kafka_conf_set(conf, "allow.auto.create.topics", role == KT_ROLE_PRODUCER ? "true" : "false", NULL, 0);
	bool tls = kt_settings_tls(settings);
	for (size_t i = 0; i < settings->n; i++) {
		const char *key = settings->v[i].key;
		/* librdkafka wants a keystore's password even where no TLS is spoken. */
		bool foreign = !strncmp(key, "kt.", 3) || (!tls && !strncmp(key, "ssl.", 4));
		if (foreign || set_property(conf, &settings->v[i], err) == 0)
			continue;
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	/* Where logs end follows it: with read_committed, the library's default, what came after the first record of an
	 * open transaction would not be there. */
	if (role == KT_ROLE_ADMIN)
		rd_kafka_conf_set(conf, "isolation.level", "read_uncommitted", NULL, 0);
	rd_kafka_conf_set_log_cb(conf, log_cb);
	rd_kafka_conf_set_error_cb(conf, error_cb);
	*out = conf;
	return 0;
}

void kt_client_prefer(rd_kafka_conf_t *conf, const struct kt_settings *settings, const char *key, const char *value)
{
	if (!kt_settings_get(settings, key))
		rd_kafka_conf_set(conf, key, value, NULL, 0);
}

int kt_client_start(struct kt_client **out, enum kt_role role, rd_kafka_conf_t *conf,
	const struct kt_settings *settings, const struct kt_owner *owner, void *user, struct kt_err *err)
{
	struct kt_client *c = kt_calloc(1, sizeof(*c));
	char why[512];
	c->owner = owner;
	c->user = user;
	c->brokers = kt_strdup(kt_settings_text(settings, "bootstrap.servers", "localhost:9092"));
	c->embedded = kt_settings_get(settings, "kt.embedded") != NULL;
	kt_brokererrors_init(&c->trouble, settings, c->brokers);
	rd_kafka_conf_set_opaque(conf, c);
	kt_crashguard_add(conf, c->brokers);
	if (role == KT_ROLE_CONSUMER)
		kt_unpacking_arm(conf);
	if (kt_settings_get(settings, "kt.resolve"))
		rd_kafka_conf_set_resolve_cb(conf, resolve_cb);
	if (c->trouble.tls &&
		strcmp(kt_settings_text(settings, "enable.ssl.certificate.verification", "true"), "false"))
		rd_kafka_conf_set_ssl_cert_verify_cb(conf, verify_cb);
	kt_oauth_configure(conf, settings);
	if (kt_oauth_open(&c->oauth, settings, owner, err) < 0) {
		rd_kafka_conf_destroy(conf);
		kt_client_close(c);
		return -1;
	}
	c->rk = rd_kafka_new(role == KT_ROLE_CONSUMER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (!c->rk) {
		kt_crashguard_spoilt(conf);
		kt_brokererrors_setup(&c->trouble, why, err);
		kt_client_close(c);
		return -1;
	}
	kt_oauth_serve(c->oauth, c->rk);
	*out = c;
	return 0;
}

struct kt_oauth *kt_client_oauth(void *opaque)
{
	return ((struct kt_client *)opaque)->oauth;
}

void *kt_client_user(void *opaque)
{
	return ((struct kt_client *)opaque)->user;
}

int kt_client_open(struct kt_client **out, enum kt_role role, const struct kt_settings *settings,
	const struct kt_owner *owner, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	if (kt_client_conf(&conf, role, settings, err) < 0)
		return -1;
	return kt_client_start(out, role, conf, settings, owner, NULL, err);
}

static int open_like(
	struct kt_client **out, const struct kt_client *c, const char *key, const char *value, struct kt_err *err)
{
	rd_kafka_conf_t *conf;
	const struct kt_settings *settings = c->trouble.settings;
	if (kt_client_conf(&conf, KT_ROLE_ADMIN, settings, err) < 0)
		return -1;
	rd_kafka_conf_set(conf, key, value, NULL, 0);
	return kt_client_start(out, KT_ROLE_ADMIN, conf, settings, c->owner, NULL, err);
}

/* The library connects to other brokers of the cluster when it has something to ask them; for metadata it asks
 * whichever one is connected. */
int kt_client_open_broker(
	struct kt_client **out, const struct kt_client *c, const char *host, int port, struct kt_err *err)
{
	bool v6 = strchr(host, ':') != NULL;
	kt_auto(kt_free_ptr) char *address = kt_asprintf(v6 ? "[%s]:%d" : "%s:%d", host, port);
	return open_like(out, c, "bootstrap.servers", address, err);
}

int kt_client_open_stable(struct kt_client **out, const struct kt_client *c, struct kt_err *err)
{
	return open_like(out, c, "isolation.level", "read_committed", err);
}

bool kt_client_is_embedded(const struct kt_client *c)
{
	return c->embedded;
}

void kt_client_free_list(rd_kafka_topic_partition_list_t **list)
{
	rd_kafka_topic_partition_list_destroy(*list);
}

const struct kt_settings *kt_client_settings(const struct kt_client *c)
{
	return c->trouble.settings;
}

rd_kafka_t *kt_client_handle(const struct kt_client *c)
{
	return c->rk;
}

const struct kt_owner *kt_client_owner(const struct kt_client *c)
{
	return c->owner;
}

int kt_client_stopped(const struct kt_client *c)
{
	return c ? kt_owner_stopped(c->owner) : 0;
}

const char *kt_client_brokers(const struct kt_client *c)
{
	return c->brokers;
}

bool kt_client_say_waiting(struct kt_client *c, struct kt_waiting *wait)
{
	char why[400];
	return kt_brokererrors_why(&c->trouble, why, sizeof(why)) ? kt_waiting_say(wait, "%s: %s", c->brokers, why)
								  : kt_waiting_say(wait, "%s to answer", c->brokers);
}

void kt_client_leave(struct kt_client *c)
{
	atomic_fetch_add(&c->inside, 1);
}

void kt_client_back(struct kt_client *c)
{
	atomic_fetch_sub(&c->inside, 1);
}

bool kt_client_note(struct kt_client *c, rd_kafka_resp_err_t code, const char *reason)
{
	return kt_brokererrors_note(&c->trouble, code, reason);
}

/* By this handle: the library keeps the cluster's id of the first metadata that it gets. */
static bool was_reached(const struct kt_client *c)
{
	char *id = rd_kafka_clusterid(c->rk, 0);
	bool was = id != NULL;
	if (id)
		rd_kafka_mem_free(c->rk, id);
	return was;
}

bool kt_client_take_trouble(struct kt_client *c, int64_t waiting, struct kt_err *err)
{
	if (kt_oauth_take_failure(c->oauth, err) || kt_brokererrors_take_refused(&c->trouble, err))
		return true;
	if (!kt_brokererrors_take_lost(&c->trouble))
		return false;
	char name[128];
	if (kt_brokererrors_is_silent(&c->trouble, name, sizeof(name)))
		kt_err_set(err, KT_UNREACHABLE, "%s took a request and did not answer it in time", name);
	else
		kt_err_set(err, KT_UNREACHABLE, "no broker of %s can be reached%s", c->brokers,
			was_reached(c) ? " any more" : "");
	if (waiting >= 0)
		kt_err_hint(err, "%lld record%s, trying on", (long long)waiting, waiting == 1 ? " waits" : "s wait");
	else
		kt_err_hint(err, "trying on");
	return true;
}

void kt_client_note_trouble(struct kt_client *c, int64_t waiting)
{
	struct kt_err err;
	while (kt_client_take_trouble(c, waiting, &err))
		kt_owner_note(c->owner, KT_NOTE_CONNECTION, &err);
}

bool kt_client_is_down(struct kt_client *c)
{
	return kt_brokererrors_is_down(&c->trouble);
}

void kt_client_note_answer(struct kt_client *c)
{
	kt_brokererrors_note_answer(&c->trouble);
}

bool kt_client_is_refused(struct kt_client *c)
{
	return kt_brokererrors_is_refused(&c->trouble);
}

bool kt_client_is_final(struct kt_client *c)
{
	return kt_brokererrors_is_final(&c->trouble);
}

bool kt_client_wrong_name(struct kt_client *c)
{
	return kt_brokererrors_is_wrong_name(&c->trouble);
}

int kt_client_unreachable(struct kt_client *c, struct kt_err *err)
{
	return kt_brokererrors_tell(&c->trouble, err);
}

int kt_client_fail(struct kt_client *c, rd_kafka_resp_err_t code, struct kt_err *err, const char *format, ...)
{
	char what[256];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return kt_brokererrors_request(&c->trouble, code, what, err);
}

static void *destroy(void *rk)
{
	/* Whoever is in a group has left it by now; here a consumer's close could wait for brokers that are away. */
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return NULL;
}

/* A list, so that what the library's threads still use is not lost but known. */
static _Atomic(struct kt_client *) left_behind;

bool kt_client_left_threads(void)
{
	return atomic_load(&left_behind) != NULL;
}

/* One of the library's threads may sit in getaddrinfo() for as long as a DNS server does not answer, and destroying
 * waits for it. False: it goes on by itself, until the process ends. */
static bool destroy_in_time(rd_kafka_t *rk, int64_t limit_ms)
{
	pthread_t thread;
	struct timespec deadline = kt_time_in_ms(limit_ms);
	if (pthread_create(&thread, NULL, destroy, rk) != 0) {
		destroy(rk);
		return true;
	}
	if (pthread_timedjoin_np(thread, NULL, &deadline) == 0)
		return true;
	pthread_detach(thread);
	return false;
}

int64_t kt_client_end_ms(const struct kt_client *c)
{
	return kt_client_stopped(c) > KT_SIGNAL ? STOPPED_MS : DESTROY_MS;
}

/* False: what its threads still use is left to them. */
static bool end_handle(struct kt_client *c)
{
	bool ended = !c->rk || (!atomic_load(&c->inside) && destroy_in_time(c->rk, kt_client_end_ms(c)));
	atomic_store(&c->left, !ended);
	c->before = atomic_load(&left_behind);
	while (!ended && !atomic_compare_exchange_weak(&left_behind, &c->before, c))
		;
	return ended;
}

void kt_client_close(struct kt_client *c)
{
	if (c)
		kt_oauth_stop(c->oauth);
	if (!c || !end_handle(c))
		return;
	kt_brokererrors_fini(&c->trouble);
	kt_oauth_free(c->oauth);
	free(c->brokers);
	free(c);
}

void kt_client_fini(struct kt_client **c)
{
	kt_client_close(*c);
}
