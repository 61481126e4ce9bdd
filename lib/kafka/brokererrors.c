#include "brokererrors.h"

#include <ctype.h>

#include <librdkafka/rdkafka.h>

#include "buf.h"
#include "diagnosis.h"
#include "list.h"
#include "mem.h"

void kt_brokererrors_init(struct kt_brokererrors *t, const struct kt_settings *settings, const char *list)
{
	kt_auto(kt_strs_fini) struct kt_strs brokers = {0};
	*t = (struct kt_brokererrors){.settings = settings, .list = list};
	pthread_mutex_init(&t->lock, NULL);
	kt_strs_split(&brokers, list, ",");
	for (size_t i = 0; i < brokers.n; i++) {
		bool again = false;
		for (size_t j = 0; j < i; j++)
			again = again || !strcmp(brokers.v[i], brokers.v[j]);
		t->n_bootstrap += !again;
	}
	t->tls = kt_settings_tls(settings);
}

void kt_brokererrors_fini(struct kt_brokererrors *t)
{
	if (t->list)
		pthread_mutex_destroy(&t->lock);
}

static struct kt_brokererrors_broker *slot(struct kt_brokererrors *t, const char *name, size_t len)
{
	len = len < sizeof(t->brokers->name) ? len : sizeof(t->brokers->name) - 1;
	for (size_t i = 0; i < t->n_brokers; i++)
		if (!strncmp(t->brokers[i].name, name, len) && !t->brokers[i].name[len])
			return &t->brokers[i];
	if (t->n_brokers == KT_LEN(t->brokers))
		return NULL;
	struct kt_brokererrors_broker *b = &t->brokers[t->n_brokers++];
	memcpy(b->name, name, len);
	b->name[len] = '\0';
	return b;
}

bool kt_brokererrors_take_lost(struct kt_brokererrors *t)
{
	pthread_mutex_lock(&t->lock);
	bool lost = t->lost;
	t->lost = false;
	pthread_mutex_unlock(&t->lock);
	return lost;
}

bool kt_brokererrors_is_down(struct kt_brokererrors *t)
{
	pthread_mutex_lock(&t->lock);
	bool down = t->down;
	pthread_mutex_unlock(&t->lock);
	return down;
}

void kt_brokererrors_note_answer(struct kt_brokererrors *t)
{
	pthread_mutex_lock(&t->lock);
	t->down = false;
	pthread_mutex_unlock(&t->lock);
}

bool kt_brokererrors_is_silent(struct kt_brokererrors *t, char *name, size_t size)
{
	bool silent = false;
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n_brokers && !silent; i++) {
		silent = t->brokers[i].code == RD_KAFKA_RESP_ERR__TIMED_OUT && strstr(t->brokers[i].reason, "request");
		if (silent)
			snprintf(name, size, "%s", t->brokers[i].name);
	}
	pthread_mutex_unlock(&t->lock);
	return silent;
}

void kt_brokererrors_certificate(struct kt_brokererrors *t, const char *broker, int x509_error)
{
	pthread_mutex_lock(&t->lock);
	/* Another broker's good certificate says nothing about the one that was refused. */
	if (x509_error || !strcmp(t->x509_broker, broker)) {
		t->refused = x509_error && (t->refused || t->x509_error != x509_error);
		t->x509_error = x509_error;
		snprintf(t->x509_broker, sizeof(t->x509_broker), "%s", broker);
	}
	pthread_mutex_unlock(&t->lock);
}

bool kt_brokererrors_is_refused(struct kt_brokererrors *t)
{
	pthread_mutex_lock(&t->lock);
	bool refused = t->x509_error != 0;
	pthread_mutex_unlock(&t->lock);
	return refused;
}

bool kt_brokererrors_is_wrong_name(struct kt_brokererrors *t)
{
	pthread_mutex_lock(&t->lock);
	bool wrong = kt_diagnosis_is_wrong_name(t->x509_error);
	pthread_mutex_unlock(&t->lock);
	return wrong;
}

static const struct kt_diagnosis *cause_of(const struct kt_brokererrors *t, const char *reason)
{
	return kt_diagnosis_find(reason, t->settings);
}

static void note_broker(struct kt_brokererrors *t, struct kt_brokererrors_broker *b, int code, const char *text)
{
	const char *tail = strstr(text, " (after ");
	char reason[sizeof(b->reason)];
	snprintf(reason, sizeof(reason), "%.*s", (int)(tail ? tail - text : (ptrdiff_t)strlen(text)), text);
	/* A reason that explains something is not replaced by the bare "Disconnected" that may follow it. */
	if (b->reason[0] && cause_of(t, b->reason) && !cause_of(t, reason))
		return;
	memcpy(b->reason, reason, sizeof(reason));
	b->code = code;
}

bool kt_brokererrors_note(struct kt_brokererrors *t, int code, const char *reason)
{
	bool all_down = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
	pthread_mutex_lock(&t->lock);
	t->lost |= all_down;
	t->down |= all_down;
	t->starved |= code == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
	const char *name = strstr(reason, "://") ? strstr(reason, "://") + 3 : reason;
	size_t name_len = strcspn(name, "/ ");
	const char *text = strstr(name, ": ");
	/* Only "host:port/id: text" is about one broker. */
	struct kt_brokererrors_broker *b = name[name_len] == '/' && text ? slot(t, name, name_len) : NULL;
	t->named |= b && isdigit((unsigned char)name[name_len + 1]);
	if (b)
		note_broker(t, b, code, text + 2);
	pthread_mutex_unlock(&t->lock);
	return all_down;
}

static bool broker_is_final(const struct kt_brokererrors *t, const struct kt_brokererrors_broker *b)
{
	const struct kt_diagnosis *cause = cause_of(t, b->reason);
	return b->code == RD_KAFKA_RESP_ERR__AUTHENTICATION || b->code == RD_KAFKA_RESP_ERR__RESOLVE ||
	       b->code == RD_KAFKA_RESP_ERR__SSL || (cause && cause->final);
}

bool kt_brokererrors_is_final(struct kt_brokererrors *t)
{
	size_t final = 0;
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n_brokers; i++)
		final += broker_is_final(t, &t->brokers[i]);
	bool is_final = (final >= t->n_bootstrap && !t->named) || t->starved;
	pthread_mutex_unlock(&t->lock);
	return is_final;
}

static int tell_certificate(const struct kt_brokererrors *t, struct kt_err *err)
{
	return kt_diagnosis_certificate(t->x509_error, t->x509_broker, t->settings, err);
}

static int tell_threads(struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "no thread can be started for a connection to a broker");
	return kt_err_hint(
		err, "`ulimit -u` is the limit of this user's processes and threads, pids.max a container's");
}

static int tell_brokers(const struct kt_brokererrors *t, struct kt_err *err)
{
	if (t->starved)
		return tell_threads(err);
	const struct kt_diagnosis *first = NULL;
	kt_auto(kt_buf_fini) struct kt_buf tried = {0};
	int status = KT_UNREACHABLE;
	for (size_t i = 0; i < t->n_brokers; i++) {
		const struct kt_brokererrors_broker *b = &t->brokers[i];
		const struct kt_diagnosis *cause = cause_of(t, b->reason);
		first = first ? first : cause;
		if (b->code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
			status = KT_FAILED;
		kt_buf_addf(&tried, "%s%s: %s", i ? "; " : "", b->name, cause ? cause->text : b->reason);
	}
	if (!t->n_brokers)
		kt_buf_adds(&tried, "no answer in time");
	if (first)
		status = first->status;
	kt_err_set(err, status, "cannot reach any broker of %s (%s)", t->list, kt_buf_cstr(&tried));
	if (status == KT_FAILED && !first)
		return kt_err_hint(err, "check sasl.mechanisms, sasl.username and sasl.password");
	return kt_err_hint(err, "%s", first ? first->hint : "is the address right? -m 30s waits longer");
}

bool kt_brokererrors_take_refused(struct kt_brokererrors *t, struct kt_err *err)
{
	pthread_mutex_lock(&t->lock);
	bool refused = t->refused;
	t->refused = false;
	if (refused)
		tell_certificate(t, err);
	pthread_mutex_unlock(&t->lock);
	return refused;
}

bool kt_brokererrors_why(struct kt_brokererrors *t, char *out, size_t size)
{
	pthread_mutex_lock(&t->lock);
	const struct kt_brokererrors_broker *b = t->n_brokers ? &t->brokers[t->n_brokers - 1] : NULL;
	const struct kt_diagnosis *cause = b ? cause_of(t, b->reason) : NULL;
	bool alone = b && !strcmp(b->name, t->list);
	if (b)
		snprintf(out, size, "%s%s%s", alone ? "" : b->name, alone ? "" : ": ", cause ? cause->text : b->reason);
	pthread_mutex_unlock(&t->lock);
	return b != NULL;
}

int kt_brokererrors_tell(struct kt_brokererrors *t, struct kt_err *err)
{
	pthread_mutex_lock(&t->lock);
	int result = t->x509_error ? tell_certificate(t, err) : tell_brokers(t, err);
	pthread_mutex_unlock(&t->lock);
	return result;
}

int kt_brokererrors_setup(struct kt_brokererrors *t, const char *text, struct kt_err *err)
{
	const char *keystore = kt_settings_text(t->settings, "ssl.keystore.location", "the keystore");
	if (strcasestr(text, "mac verify") || strcasestr(text, "PKCS12_R_MAC") ||
		strcasestr(text, "mac verify failure")) {
		kt_err_set(err, KT_FAILED, "the password does not open %s", keystore);
		return kt_err_hint(err, "ssl.keystore.password comes from %s",
			kt_settings_get(t->settings, "ssl.keystore.password")
				? kt_settings_get(t->settings, "ssl.keystore.password")->origin
				: "nowhere: set it with -X, KT_X_SSL_KEYSTORE_PASSWORD or a profile");
	}
	if (strcasestr(text, "unsupported") && strcasestr(text, "pkcs#12")) {
		kt_err_set(err, KT_FAILED, "%s is encrypted in an old way that OpenSSL does not load by default",
			keystore);
		return kt_err_hint(err, "add -X ssl.providers=default,legacy");
	}
	if (strcasestr(text, "sasl.kerberos") && !kt_settings_get(t->settings, "sasl.mechanism")) {
		kt_err_set(err, KT_USAGE, "sasl.mechanisms is not set, and its default, Kerberos, needs more settings");
		return kt_err_hint(err, "try -X sasl.mechanisms=PLAIN, or SCRAM-SHA-256, SCRAM-SHA-512");
	}
	if (strcasestr(text, "failed to create thread"))
		return tell_threads(err);
	if (strcasestr(text, "ssl.key.location failed"))
		return kt_diagnosis_key(strcasestr(text, "mismatch") != NULL, t->settings, err);
	return kt_err_set(err, KT_USAGE, "the configuration does not work: %s", text);
}

int kt_brokererrors_request(struct kt_brokererrors *t, int code, const char *what, struct kt_err *err)
{
	const char *text = rd_kafka_err2str(code);
	switch (code) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__RESOLVE:
		if (t->n_brokers || t->x509_error) {
			kt_brokererrors_tell(t, err);
			return kt_err_wrap(err, "%s", what);
		}
		return kt_err_set(err, KT_UNREACHABLE, "%s: no answer in time from %s", what, t->list);
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return kt_diagnosis_tell(KT_DIAGNOSIS_TOPIC_DENIED, what, err);
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		return kt_diagnosis_tell(KT_DIAGNOSIS_GROUP_DENIED, what, err);
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "%s: this client is not allowed to do that on the cluster", what);
		return kt_err_hint(err, "a producer without the right to idempotent writes needs --no-idempotent");
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		kt_err_set(err, KT_NOT_FOUND, "%s: no such topic", what);
		return kt_err_hint(err, "`kt topic list` shows what is there");
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		kt_err_set(err, KT_NOT_FOUND, "%s: no such partition", what);
		return kt_err_hint(err, "`kt topic describe` shows the partitions");
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
		return kt_err_set(err, KT_FAILED, "%s: the name is not a legal topic name", what);
	default:
		return kt_err_set(err, KT_FAILED, "%s: %s", what, text);
	}
}
