#include "trouble.h"

#include <librdkafka/rdkafka.h>

#include "buf.h"
#include "list.h"
#include "mem.h"

/* Verification results of a broker's certificate (openssl/x509_vfy.h, X509_V_ERR_*; part of OpenSSL's ABI). */
enum { X509_NOT_YET_VALID = 9, X509_EXPIRED = 10, X509_WRONG_NAME = 62, X509_WRONG_ADDRESS = 64 };

#define NO_NAME_CHECK "-X ssl.endpoint.identification.algorithm=none"

#define NO_TLS "it does not speak TLS there"
#define NO_TLS_HINT "is it the plain port? try -X security.protocol=plaintext, or the port of the TLS listener"

#define SASL_HINT "try another one: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"
/* Before 2.6.1 it sends a nonce that Kafka 4 refuses, and Kafka calls that invalid credentials. */
#define SCRAM_HINT "check sasl.username and sasl.password; Kafka 4 refuses SCRAM from librdkafka before 2.6.1"
#define REFUSES "it refused this client's certificate"

/* One row per cause that librdkafka's text gives away: what the user is told, and what to try. */
struct cause {
	const char *sign; /* found in librdkafka's reason */
	int status;
	bool final; /* waiting does not help */
	const char *text;
	const char *hint;
};

static const struct cause causes[] = {
	{"connecting to a PLAINTEXT broker listener?", KT_UNREACHABLE, true, NO_TLS, NO_TLS_HINT},
	{"connecting to a SSL listener?", KT_UNREACHABLE, true,
		"it closed the plain-text connection, as a TLS port does",
		"is it a TLS port? use --auth DIR, or -X security.protocol=ssl and the client's certificate"},
	{"unexpected eof", KT_UNREACHABLE, true, NO_TLS, NO_TLS_HINT},
	{"wrong version number", KT_UNREACHABLE, true, NO_TLS, NO_TLS_HINT},
	{"packet length too long", KT_UNREACHABLE, true, NO_TLS, NO_TLS_HINT},
	{"certificate required", KT_FAILED, true, "it demands a client certificate and got none",
		"use --auth DIR, or -X ssl.keystore.location=FILE with -X ssl.keystore.password=env:NAME"},
	{"alert bad certificate", KT_FAILED, true, REFUSES,
		"was the client certificate signed by the CA that the brokers trust, and is a key with it?"},
	{"alert certificate unknown", KT_FAILED, true, REFUSES,
		"was the client certificate signed by the CA that the brokers trust?"},
	{"alert unknown ca", KT_FAILED, true, "it does not know the CA of this client's certificate",
		"use the keystore that belongs to this cluster"},
	{"alert certificate expired", KT_FAILED, true, "it says that this client's certificate has expired",
		"ask for a new keystore"},
	{"alert handshake failure", KT_FAILED, true, "it refused the TLS handshake",
		"it may demand a client certificate: use --auth DIR, or -X ssl.keystore.location=FILE"},
	{"certificate verify failed", KT_FAILED, true, "its certificate is not signed by a CA that is trusted here",
		"give the cluster's CA: --auth DIR, or -X ssl.ca.location=ca.crt"},
	{"might require SASL authentication", KT_UNREACHABLE, true,
		"it closed the connection, as one that wants SASL does",
		"try -X security.protocol=sasl_plaintext (or sasl_ssl) with sasl.mechanisms, sasl.username and "
		"sasl.password"},
	{"credentials with SASL mechanism SCRAM", KT_FAILED, true, "it does not accept the user name or the password",
		SCRAM_HINT},
	{"Authentication failed", KT_FAILED, true, "it does not accept the user name or the password",
		"check sasl.username and sasl.password"},
	{"Unsupported SASL mechanism", KT_FAILED, true, "it does not know this sasl.mechanisms", SASL_HINT},
	{"not valid in current SASL state", KT_UNREACHABLE, true, "it does not ask for SASL there",
		"is it a listener without SASL? try -X security.protocol=plaintext (or ssl)"},
	{"Invalid response size", KT_UNREACHABLE, true, "it answers in another protocol than Kafka's",
		"is it the broker's port, and is nothing (a proxy, TLS) in front of it?"},
	{"Connection refused", KT_UNREACHABLE, false, "connection refused",
		"is the broker running, and is this its port? `kt broker` starts one to try things with"},
	{"Failed to resolve", KT_UNREACHABLE, true, "no such host name",
		"check the name, or use --resolve NAME=ADDRESS in place of an entry in /etc/hosts"},
	{"timed out", KT_UNREACHABLE, false, "no answer", "is a firewall in between? -m 30s waits longer"},
};

void kt_trouble_init(struct kt_trouble *t, const struct kt_settings *settings, const char *list)
{
	kt_auto(kt_strs_fini) struct kt_strs brokers = {0};
	*t = (struct kt_trouble){.settings = settings, .list = list};
	pthread_mutex_init(&t->lock, NULL);
	kt_strs_split(&brokers, list, ",");
	for (size_t i = 0; i < brokers.n; i++) {
		bool again = false;
		for (size_t j = 0; j < i; j++)
			again = again || !strcmp(brokers.v[i], brokers.v[j]);
		t->n_bootstrap += !again;
	}
	const char *protocol = kt_settings_text(settings, "security.protocol", "plaintext");
	t->tls = strcasestr(protocol, "ssl") != NULL;
}

void kt_trouble_fini(struct kt_trouble *t)
{
	if (t->list)
		pthread_mutex_destroy(&t->lock);
}

static struct kt_trouble_broker *slot(struct kt_trouble *t, const char *name, size_t len)
{
	len = len < sizeof(t->brokers->name) ? len : sizeof(t->brokers->name) - 1;
	for (size_t i = 0; i < t->n_brokers; i++)
		if (!strncmp(t->brokers[i].name, name, len) && !t->brokers[i].name[len])
			return &t->brokers[i];
	if (t->n_brokers == KT_LEN(t->brokers))
		return NULL;
	struct kt_trouble_broker *b = &t->brokers[t->n_brokers++];
	memcpy(b->name, name, len);
	b->name[len] = '\0';
	return b;
}

bool kt_trouble_take_lost(struct kt_trouble *t)
{
	pthread_mutex_lock(&t->lock);
	bool lost = t->lost;
	t->lost = false;
	pthread_mutex_unlock(&t->lock);
	return lost;
}

void kt_trouble_certificate(struct kt_trouble *t, const char *broker, int x509_error)
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

bool kt_trouble_is_refused(struct kt_trouble *t)
{
	pthread_mutex_lock(&t->lock);
	bool refused = t->x509_error != 0;
	pthread_mutex_unlock(&t->lock);
	return refused;
}

bool kt_trouble_is_wrong_name(struct kt_trouble *t)
{
	pthread_mutex_lock(&t->lock);
	bool wrong = t->x509_error == X509_WRONG_NAME || t->x509_error == X509_WRONG_ADDRESS;
	pthread_mutex_unlock(&t->lock);
	return wrong;
}

static bool has_certificate(const struct kt_trouble *t)
{
	return kt_settings_get(t->settings, "ssl.keystore.location") ||
	       kt_settings_get(t->settings, "ssl.certificate.location") ||
	       kt_settings_get(t->settings, "ssl.certificate.pem");
}

/* A broker that demands a certificate calls a missing one bad. */
static const struct cause *cause_of(const struct kt_trouble *t, const char *reason)
{
	static const struct cause expired = {"", KT_FAILED, true,
		"it refused this client's certificate, which has expired", "ask for a new keystore"};
	if (t->tls && strcasestr(reason, "alert bad certificate") && !has_certificate(t))
		reason = "certificate required";
	for (size_t i = 0; i < KT_LEN(causes); i++)
		if (strcasestr(reason, causes[i].sign))
			return kt_settings_get(t->settings, KT_EXPIRED) && !strcmp(causes[i].text, REFUSES)
				       ? &expired
				       : &causes[i];
	return NULL;
}

static void note_broker(struct kt_trouble *t, struct kt_trouble_broker *b, int code, const char *text)
{
	const char *tail = strstr(text, " (after ");
	char reason[sizeof(b->reason)];
	snprintf(reason, sizeof(reason), "%.*s", (int)(tail ? tail - text : (ptrdiff_t)strlen(text)), text);
	/* A reason that says something is not replaced by the bare "Disconnected" that may follow it. */
	if (b->reason[0] && cause_of(t, b->reason) && !cause_of(t, reason))
		return;
	memcpy(b->reason, reason, sizeof(reason));
	b->code = code;
}

bool kt_trouble_note(struct kt_trouble *t, int code, const char *reason)
{
	bool all_down = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
	pthread_mutex_lock(&t->lock);
	t->lost |= all_down;
	const char *name = strstr(reason, "://") ? strstr(reason, "://") + 3 : reason;
	size_t name_len = strcspn(name, "/ ");
	const char *text = strstr(name, ": ");
	/* Only "host:port/id: text" is about one broker. */
	struct kt_trouble_broker *b = name[name_len] == '/' && text ? slot(t, name, name_len) : NULL;
	if (b)
		note_broker(t, b, code, text + 2);
	pthread_mutex_unlock(&t->lock);
	return all_down;
}

static bool broker_is_final(const struct kt_trouble *t, const struct kt_trouble_broker *b)
{
	const struct cause *cause = cause_of(t, b->reason);
	return b->code == RD_KAFKA_RESP_ERR__AUTHENTICATION || b->code == RD_KAFKA_RESP_ERR__RESOLVE ||
	       b->code == RD_KAFKA_RESP_ERR__SSL || (cause && cause->final);
}

bool kt_trouble_is_final(struct kt_trouble *t)
{
	size_t final = 0;
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->n_brokers; i++)
		final += broker_is_final(t, &t->brokers[i]);
	pthread_mutex_unlock(&t->lock);
	return final >= t->n_bootstrap;
}

static int hint_ca(const struct kt_trouble *t, struct kt_err *err)
{
	const struct kt_setting *ca = kt_settings_get(t->settings, "ssl.ca.location");
	if (ca)
		return kt_err_hint(err, "is %s (%s) the CA of this cluster?", ca->value, ca->origin);
	ca = kt_settings_get(t->settings, "ssl.ca.pem");
	if (ca)
		return kt_err_hint(err, "are the CAs from %s those of this cluster?", ca->origin);
	return kt_err_hint(err, "give the cluster's CA: --auth DIR, or -X ssl.ca.location=ca.crt");
}

static int tell_certificate(const struct kt_trouble *t, struct kt_err *err)
{
	switch (t->x509_error) {
	case X509_WRONG_NAME:
	case X509_WRONG_ADDRESS:
		kt_err_set(err, KT_FAILED, "the certificate of %s is for another host name", t->x509_broker);
		return kt_err_hint(err, "if that is as it should be, switch the check off: %s", NO_NAME_CHECK);
	case X509_EXPIRED:
		kt_err_set(err, KT_FAILED, "the certificate of %s has expired", t->x509_broker);
		return kt_err_hint(err, "whoever runs the cluster has to renew it; is this machine's clock right?");
	case X509_NOT_YET_VALID:
		kt_err_set(err, KT_FAILED, "the certificate of %s is not valid yet", t->x509_broker);
		return kt_err_hint(err, "is this machine's clock right?");
	default:
		kt_err_set(err, KT_FAILED, "the certificate of %s is not signed by a CA that is trusted here",
			t->x509_broker);
		return hint_ca(t, err);
	}
}

static int tell_brokers(const struct kt_trouble *t, struct kt_err *err)
{
	const struct cause *first = NULL;
	kt_auto(kt_buf_fini) struct kt_buf tried = {0};
	int status = KT_UNREACHABLE;
	for (size_t i = 0; i < t->n_brokers; i++) {
		const struct kt_trouble_broker *b = &t->brokers[i];
		const struct cause *cause = cause_of(t, b->reason);
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

bool kt_trouble_take_refused(struct kt_trouble *t, struct kt_err *err)
{
	pthread_mutex_lock(&t->lock);
	bool refused = t->refused;
	t->refused = false;
	if (refused)
		tell_certificate(t, err);
	pthread_mutex_unlock(&t->lock);
	return refused;
}

int kt_trouble_tell(struct kt_trouble *t, struct kt_err *err)
{
	pthread_mutex_lock(&t->lock);
	int result = t->x509_error ? tell_certificate(t, err) : tell_brokers(t, err);
	pthread_mutex_unlock(&t->lock);
	return result;
}

static int tell_key(const struct kt_trouble *t, const char *text, struct kt_err *err)
{
	const char *key = kt_settings_text(t->settings, "ssl.key.location", "");
	const struct kt_setting *password = kt_settings_get(t->settings, "ssl.key.password");
	if (strcasestr(text, "mismatch"))
		return kt_err_set(err, KT_USAGE, "the key %s does not belong to the certificate %s", key,
			kt_settings_text(t->settings, "ssl.certificate.location", "in use"));
	if (password)
		kt_err_set(err, KT_USAGE, "the password does not open %s, or it is no key", key);
	else
		kt_err_set(err, KT_USAGE, "%s is encrypted and there is no password for it, or it is no key", key);
	return kt_err_hint(err, "ssl.key.password comes from %s",
		password ? password->origin : "nowhere: set it with -X, KT_X_SSL_KEY_PASSWORD or a profile");
}

int kt_trouble_setup(struct kt_trouble *t, const char *text, struct kt_err *err)
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
		kt_err_set(
			err, KT_FAILED, "%s is encrypted in an old way that OpenSSL does not load by itself", keystore);
		return kt_err_hint(err, "add -X ssl.providers=default,legacy");
	}
	if (strcasestr(text, "sasl.kerberos") && !kt_settings_get(t->settings, "sasl.mechanism")) {
		kt_err_set(err, KT_USAGE, "sasl.mechanisms is not set, and its default, Kerberos, needs more settings");
		return kt_err_hint(err, "try -X sasl.mechanisms=PLAIN, or SCRAM-SHA-256, SCRAM-SHA-512");
	}
	if (strcasestr(text, "ssl.key.location failed"))
		return tell_key(t, text, err);
	return kt_err_set(err, KT_USAGE, "the configuration does not work: %s", text);
}

int kt_trouble_request(struct kt_trouble *t, int code, const char *what, struct kt_err *err)
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
			kt_trouble_tell(t, err);
			return kt_err_wrap(err, "%s", what);
		}
		return kt_err_set(err, KT_UNREACHABLE, "%s: no answer in time from %s", what, t->list);
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "%s: this client is not allowed to use the topic", what);
		return kt_err_hint(
			err, "with the tutorial's credentials only the topic named as the certificate's CN is open");
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		kt_err_set(err, KT_FAILED, "%s: this client is not allowed to use the group", what);
		return kt_err_hint(err, "use a group that the cluster's ACLs allow: -g GROUP");
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
