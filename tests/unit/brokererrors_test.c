#include "brokererrors.h"

#include <librdkafka/rdkafka.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>

#include "diagnosis.h"
#include "tap.h"

#define TRANSPORT RD_KAFKA_RESP_ERR__TRANSPORT
#define SSL RD_KAFKA_RESP_ERR__SSL

#define PLAIN_PORT "is it the plain port? try -X security.protocol=plaintext, or the port of the TLS listener"

static void start(struct kt_brokererrors *t, struct kt_settings *s, bool tls, const char *list)
{
	*s = (struct kt_settings){0};
	if (tls)
		kt_settings_put(s, KT_RANK_FLAG, "security.protocol", "SSL", "-X");
	kt_brokererrors_init(t, s, list);
}

static void finish(struct kt_brokererrors *t, struct kt_settings *s)
{
	kt_brokererrors_fini(t);
	kt_settings_fini(s);
}

/* What librdkafka 2.0.2 with OpenSSL 3 says, word for word, and what the user reads. */
TEST(each_cause_has_its_sentence)
{
	static const struct {
		const char *reason;
		int code, status;
		bool final;
		const char *told, *hint;
	} rows[] = {
		{"Connect to ipv4#127.0.0.1:9093 failed: Connection refused (after 1ms in state CONNECT)", TRANSPORT,
			KT_UNREACHABLE, false, "connection refused",
			"is the broker running, and is this its port? `kt broker` starts one to try things with"},
		{"Failed to resolve 'h:9093': Name or service not known (after 0ms in state CONNECT, 1 identical "
		 "error(s) suppressed)",
			RD_KAFKA_RESP_ERR__RESOLVE, KT_UNREACHABLE, true, "no such host name",
			"check the name, or use --resolve NAME=ADDRESS in place of an entry in /etc/hosts"},
		{"Connection setup timed out in state SSL_HANDSHAKE (after 1000ms in state SSL_HANDSHAKE)", TRANSPORT,
			KT_UNREACHABLE, false, "no answer", "is a firewall in between? -m 30s waits longer"},
		{"ApiVersionRequest failed: Local: Timed out: probably due to broker version < 0.10 (see "
		 "api.version.request configuration) (after 1000ms in state APIVERSION_QUERY)",
			TRANSPORT, KT_UNREACHABLE, false, "no answer", "is a firewall in between? -m 30s waits longer"},
		{"SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener? (after 2ms in state "
		 "SSL_HANDSHAKE)",
			TRANSPORT, KT_UNREACHABLE, true, "it does not speak TLS there", PLAIN_PORT},
		{"SSL handshake failed: error:0A000126:SSL routines::unexpected eof while reading (after 0ms in state "
		 "SSL_HANDSHAKE)",
			SSL, KT_UNREACHABLE, true, "it does not speak TLS there", PLAIN_PORT},
		{"Receive failed: error:0A000126:SSL routines::unexpected eof while reading (after 0ms in state "
		 "APIVERSION_QUERY)",
			TRANSPORT, KT_UNREACHABLE, false, "it closed the connection after the TLS handshake",
			"is it a Kafka broker, and does it want a client certificate? its own log says why"},
		{"SSL handshake failed: error:0A00010B:SSL routines::wrong version number (after 0ms in state "
		 "SSL_HANDSHAKE)",
			SSL, KT_UNREACHABLE, true, "it does not speak TLS there", PLAIN_PORT},
		{"error:0A0000C6:SSL routines::packet length too long (after 0ms in state SSL_HANDSHAKE)", SSL,
			KT_UNREACHABLE, true, "it does not speak TLS there", PLAIN_PORT},
		{"Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol "
		 "configuration (connecting to a SSL listener?) or broker version is < 0.10 (see api.version.request) "
		 "(after 1ms in state APIVERSION_QUERY)",
			TRANSPORT, KT_UNREACHABLE, true, "it closed the plain-text connection, as a TLS port does",
			"is it a TLS port? use --auth DIR, or -X security.protocol=ssl and the client's certificate"},
		{"Receive failed: Invalid response size 1213486160 (0..100000000): increase receive.message.max.bytes "
		 "(after 0ms in state APIVERSION_QUERY)",
			RD_KAFKA_RESP_ERR__BAD_MSG, KT_UNREACHABLE, true, "it answers in a protocol other than Kafka's",
			"is it the broker's port, and is nothing (a proxy, TLS) in front of it?"},
		{"Disconnected: verify that security.protocol is correctly configured, broker might require SASL "
		 "authentication (after 309ms in state UP)",
			TRANSPORT, KT_UNREACHABLE, true, "it closed the connection, as one that wants SASL does",
			"try -X security.protocol=sasl_plaintext (or sasl_ssl) with sasl.mechanisms, sasl.username and "
			"sasl.password"},
		{"SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate "
		 "could not be verified, verify that ssl.ca.location is correctly configured or root CA certificates "
		 "are installed (install ca-certificates package) (after 2ms in state SSL_HANDSHAKE)",
			SSL, KT_FAILED, true, "its certificate is not signed by a CA that is trusted here",
			"give the cluster's CA: --auth DIR, or -X ssl.ca.location=ca.crt"},
		{"Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116 "
		 "(after 0ms in state APIVERSION_QUERY)",
			TRANSPORT, KT_FAILED, true, "it demands a client certificate and got none",
			"use --auth DIR, or -X ssl.keystore.location=FILE with -X ssl.keystore.password=env:NAME"},
		{"SSL handshake failed: error:0A000410:SSL routines::sslv3 alert handshake failure: SSL alert number "
		 "40 (after 2ms in state SSL_HANDSHAKE)",
			SSL, KT_FAILED, true, "it refused the TLS handshake",
			"it may demand a client certificate: use --auth DIR, or -X ssl.keystore.location=FILE"},
		{"SSL handshake failed: error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42 "
		 "(after 0ms in state SSL_HANDSHAKE)",
			SSL, KT_FAILED, true, "it refused this client's certificate",
			"was the client certificate signed by the CA that the brokers trust, and is a key with it?"},
		{"SSL handshake failed: error:0A000415:SSL routines::sslv3 alert certificate expired: SSL alert number "
		 "45 (after 0ms in state SSL_HANDSHAKE)",
			SSL, KT_FAILED, true, "it says that this client's certificate has expired",
			"ask for a new keystore"},
		{"SSL handshake failed: error:0A000416:SSL routines::sslv3 alert certificate unknown: SSL alert number "
		 "46 (after 0ms in state SSL_HANDSHAKE)",
			SSL, KT_FAILED, true, "it refused this client's certificate",
			"was the client certificate signed by the CA that the brokers trust?"},
		{"Receive failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48 (after 0ms "
		 "in state APIVERSION_QUERY)",
			TRANSPORT, KT_FAILED, true, "it does not know the CA of this client's certificate",
			"use the keystore that belongs to this cluster"},
		{"SASL authentication error: Authentication failed: Invalid username or password (after 302ms in state "
		 "AUTH_REQ)",
			RD_KAFKA_RESP_ERR__AUTHENTICATION, KT_FAILED, true,
			"it does not accept the user name or the password", "check sasl.username and sasl.password"},
		{"SASL authentication error: Authentication failed during authentication due to invalid credentials "
		 "with "
		 "SASL mechanism SCRAM-SHA-256 (after 311ms in state AUTH_REQ)",
			RD_KAFKA_RESP_ERR__AUTHENTICATION, KT_FAILED, true,
			"it does not accept the user name or the password",
			"check sasl.username and sasl.password; Kafka 4 refuses SCRAM from librdkafka before 2.6.1"},
		{"SASL OAUTHBEARER mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported "
		 "mechanisms: PLAIN (after 1ms in state AUTH_HANDSHAKE)",
			RD_KAFKA_RESP_ERR__AUTHENTICATION, KT_FAILED, true, "it does not know this sasl.mechanisms",
			"try another one: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"},
		{"SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's "
		 "supported mechanisms:  (after 1ms in state AUTH_HANDSHAKE)",
			RD_KAFKA_RESP_ERR__AUTHENTICATION, KT_UNREACHABLE, true, "it does not ask for SASL there",
			"is it a listener without SASL? try -X security.protocol=plaintext (or ssl)"},
		{"Receive failed: Connection reset by peer (after 5ms in state UP)", TRANSPORT, KT_UNREACHABLE, false,
			"Receive failed: Connection reset by peer", "is the address right? -m 30s waits longer"},
		{"No further error information available (after 0ms in state SSL_HANDSHAKE)", SSL, KT_UNREACHABLE, true,
			"No further error information available", "is the address right? -m 30s waits longer"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		char reason[600], msg[600];
		start(&t, &settings, true, "h:9093");
		kt_settings_put(&settings, KT_RANK_FLAG, "ssl.keystore.location", "k.p12", "-X");
		snprintf(reason, sizeof(reason), "ssl://h:9093/bootstrap: %s", rows[i].reason);
		snprintf(msg, sizeof(msg), "cannot reach any broker of h:9093 (h:9093: %s)", rows[i].told);
		CHECK(!kt_brokererrors_note(&t, rows[i].code, reason));
		CHECK_INT(kt_brokererrors_is_final(&t), rows[i].final);
		CHECK_INT(kt_brokererrors_tell(&t, &err), -1);
		CHECK_STR(err.msg, msg);
		CHECK_STR(err.hint, rows[i].hint);
		CHECK_INT(err.status, rows[i].status);
		finish(&t, &settings);
	}
}

TEST(a_broker_calls_a_missing_certificate_bad)
{
	static const char bad[] =
		"ssl://h:9093/bootstrap: SSL handshake failed: error:0A000412:SSL routines::sslv3 alert "
		"bad certificate: SSL alert number 42 (after 0ms in state SSL_HANDSHAKE)";
	static const struct {
		bool tls;
		const char *setting, *told;
	} rows[] = {
		{true, NULL, "it demands a client certificate and got none"},
		{true, "ssl.keystore.location", "it refused this client's certificate"},
		{true, "ssl.certificate.location", "it refused this client's certificate"},
		{true, "ssl.certificate.pem", "it refused this client's certificate"},
		{false, NULL, "it refused this client's certificate"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		char msg[200];
		start(&t, &settings, rows[i].tls, "h:9093");
		if (rows[i].setting)
			kt_settings_put(&settings, KT_RANK_FLAG, rows[i].setting, "x", "-X");
		kt_brokererrors_note(&t, SSL, bad);
		kt_brokererrors_tell(&t, &err);
		snprintf(msg, sizeof(msg), "cannot reach any broker of h:9093 (h:9093: %s)", rows[i].told);
		CHECK_STR(err.msg, msg);
		finish(&t, &settings);
	}
}

#define REFUSED(name)                                                                                                  \
	name "/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)"
#define UNKNOWN(name)                                                                                                  \
	name "/bootstrap: Failed to resolve '" name "': Name or service not known (after 0ms in state CONNECT)"

TEST(a_certificate_that_is_known_to_have_expired)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, true, "h:9093");
	kt_settings_put(&settings, KT_RANK_FLAG, "ssl.keystore.location", "k.p12", "-X");
	kt_settings_put(&settings, KT_RANK_BUILTIN, KT_EXPIRED, "true", "k.p12");
	kt_brokererrors_note(&t, SSL, "ssl://h:9093/bootstrap: SSL handshake failed: sslv3 alert certificate unknown");
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of h:9093 (h:9093: it refused this client's certificate, which has "
			   "expired)");
	CHECK_STR(err.hint, "ask for a new keystore");
	finish(&t, &settings);
}

TEST(keys_and_mechanisms_that_do_not_work)
{
	static const char pem[] = "ssl.key.location failed: error:0A080009:SSL routines::PEM lib";
	static const struct {
		const char *text, *password_from, *mechanism, *msg, *hint;
	} rows[] = {
		{pem, "-X", NULL, "the password does not open k.key, or it is not a key",
			"ssl.key.password comes from -X"},
		{pem, NULL, NULL, "k.key is encrypted and there is no password for it, or it is not a key",
			"ssl.key.password comes from nowhere: set it with -X, KT_X_SSL_KEY_PASSWORD or a profile"},
		{"ssl.key.location failed: error:05800074:x509 certificate routines::key values mismatch", NULL, NULL,
			"the key k.key does not belong to the certificate k.crt", ""},
		{"Invalid sasl.kerberos.kinit.cmd value: Property not available", NULL, NULL,
			"sasl.mechanisms is not set, and its default, Kerberos, needs more settings",
			"try -X sasl.mechanisms=PLAIN, or SCRAM-SHA-256, SCRAM-SHA-512"},
		{"Invalid sasl.kerberos.kinit.cmd value", NULL, "GSSAPI",
			"the configuration does not work: Invalid sasl.kerberos.kinit.cmd value", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		start(&t, &settings, true, "h:9093");
		kt_settings_put(&settings, KT_RANK_FLAG, "ssl.key.location", "k.key", "-X");
		kt_settings_put(&settings, KT_RANK_FLAG, "ssl.certificate.location", "k.crt", "-X");
		if (rows[i].password_from)
			kt_settings_put(&settings, KT_RANK_FLAG, "ssl.key.password", "x", rows[i].password_from);
		if (rows[i].mechanism)
			kt_settings_put(&settings, KT_RANK_FLAG, "sasl.mechanism", rows[i].mechanism, "-X");
		CHECK_INT(kt_brokererrors_setup(&t, rows[i].text, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
		CHECK_INT(err.status, KT_USAGE);
		finish(&t, &settings);
	}
}

TEST(several_brokers)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, false, "a:1,b:2,c:3");
	kt_brokererrors_note(&t, TRANSPORT, REFUSED("a:1"));
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__RESOLVE, UNKNOWN("b:2"));
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__RESOLVE, UNKNOWN("b:2"));
	CHECK(!kt_brokererrors_is_final(&t));
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of a:1,b:2,c:3 (a:1: connection refused; b:2: no such host name)");
	CHECK_STR(err.hint, "is the broker running, and is this its port? `kt broker` starts one to try things with");
	CHECK_INT(err.status, KT_UNREACHABLE);
	/* For each broker the last thing noted counts, and none of the three leaves any hope. */
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__RESOLVE, UNKNOWN("a:1"));
	CHECK(!kt_brokererrors_is_final(&t));
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__RESOLVE, UNKNOWN("c:3"));
	CHECK(kt_brokererrors_is_final(&t));
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of a:1,b:2,c:3 (a:1: no such host name; b:2: no such host name; "
			   "c:3: no such host name)");
	finish(&t, &settings);
}

TEST(a_broker_that_another_one_named_is_not_the_last_word)
{
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, true, "a:1");
	kt_brokererrors_note(
		&t, RD_KAFKA_RESP_ERR__SSL, "ssl://b:2/2: SSL handshake failed: certificate verify failed");
	CHECK(!kt_brokererrors_is_final(&t));
	finish(&t, &settings);
	start(&t, &settings, true, "a:1");
	kt_brokererrors_note(
		&t, RD_KAFKA_RESP_ERR__SSL, "ssl://a:1/bootstrap: SSL handshake failed: certificate verify failed");
	CHECK(kt_brokererrors_is_final(&t));
	finish(&t, &settings);
}

TEST(one_name_may_begin_with_another)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, false, "h:10,h:1");
	kt_brokererrors_note(&t, TRANSPORT, REFUSED("h:10"));
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__RESOLVE, UNKNOWN("h:1"));
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of h:10,h:1 (h:10: connection refused; h:1: no such host name)");
	finish(&t, &settings);
}

TEST(only_so_many_brokers_are_remembered)
{
	struct kt_settings settings;
	struct kt_brokererrors t;
	struct kt_err err = {0};
	char reason[1200], name[300];
	start(&t, &settings, false, "many:1");
	for (int i = 0; i < 40; i++) {
		snprintf(reason, sizeof(reason), "broker%d:9092/%d: Disconnected (after 1ms in state UP)", i, i);
		kt_brokererrors_note(&t, TRANSPORT, reason);
	}
	CHECK_INT(t.n_brokers, 16);
	CHECK_STR(t.brokers[15].name, "broker15:9092");
	kt_brokererrors_tell(&t, &err);
	CHECK(strlen(err.msg) < sizeof(err.msg));
	finish(&t, &settings);

	/* Nothing that a name server or broker sends is too long. */
	start(&t, &settings, false, "long:1");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(reason, sizeof(reason), "%s:9092/bootstrap: %s%s (after 1ms in state UP)", name, name, name);
	kt_brokererrors_note(&t, TRANSPORT, reason);
	kt_brokererrors_note(&t, TRANSPORT, reason);
	CHECK_INT(t.n_brokers, 1);
	CHECK_INT(strlen(t.brokers[0].name), sizeof(t.brokers[0].name) - 1);
	CHECK_INT(strlen(t.brokers[0].reason), sizeof(t.brokers[0].reason) - 1);
	finish(&t, &settings);
}

TEST(who_is_meant)
{
	static const struct {
		const char *reason, *name, *text; /* name NULL: nobody is named */
	} rows[] = {
		{"h:9092/bootstrap: Disconnected (after 5ms in state UP)", "h:9092", "Disconnected"},
		{"h:9092/1: Disconnected", "h:9092", "Disconnected"},
		{"sasl_ssl://h:9092/2: a: b: c (after 5ms in state UP)", "h:9092", "a: b: c"},
		{"[::1]:9092/bootstrap: Disconnected", "[::1]:9092", "Disconnected"},
		{"GroupCoordinator: h:9092: Disconnected (after 5ms in state UP)", NULL, NULL},
		{"ssl://h:9092/bootstrap", NULL, NULL},
		{"h:9092: no identity", NULL, NULL},
		{"Topic t [0]: a/b: c", NULL, NULL},
		{"", NULL, NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_settings settings;
		struct kt_brokererrors t;
		start(&t, &settings, false, "h:9092");
		CHECK(!kt_brokererrors_note(&t, TRANSPORT, rows[i].reason));
		CHECK_STR(t.n_brokers ? t.brokers[0].name : NULL, rows[i].name);
		CHECK_STR(t.n_brokers ? t.brokers[0].reason : NULL, rows[i].text);
		finish(&t, &settings);
	}
}

TEST(all_brokers_down)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, false, "h:9092");
	CHECK(!kt_brokererrors_take_lost(&t));
	CHECK(kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down"));
	CHECK(kt_brokererrors_take_lost(&t));
	CHECK(!kt_brokererrors_take_lost(&t));
	CHECK(!kt_brokererrors_is_final(&t));
	CHECK_INT(kt_brokererrors_tell(&t, &err), -1);
	CHECK_STR(err.msg, "cannot reach any broker of h:9092 (no answer in time)");
	CHECK_STR(err.hint, "is the address right? -m 30s waits longer");
	CHECK_INT(err.status, KT_UNREACHABLE);
	finish(&t, &settings);
}

/* A request that nobody answers takes the connection down, which is no reason to say that the broker is away. */
TEST(a_broker_that_does_not_answer)
{
	struct kt_settings settings;
	struct kt_brokererrors t;
	char name[128];
	start(&t, &settings, false, "h:9092");
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__TIMED_OUT,
		"h:9092/1: 1 request(s) timed out: disconnect (after 7011ms in state UP)");
	CHECK(kt_brokererrors_is_silent(&t, name, sizeof(name)));
	CHECK_STR(name, "h:9092");
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__TRANSPORT,
		"h:9092/1: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)");
	CHECK(!kt_brokererrors_is_silent(&t, name, sizeof(name)));
	finish(&t, &settings);
}

TEST(certificates_of_brokers)
{
	static const struct {
		int x509_error;
		bool wrong_name;
		const char *key, *value, *origin, *msg, *hint;
	} rows[] = {
		{X509_V_ERR_HOSTNAME_MISMATCH, true, NULL, NULL, NULL,
			"the certificate of h:9093 is for another host name",
			"if that is as it should be, switch the check off: -X "
			"ssl.endpoint.identification.algorithm=none"},
		{X509_V_ERR_IP_ADDRESS_MISMATCH, true, NULL, NULL, NULL,
			"the certificate of h:9093 is for another host name",
			"if that is as it should be, switch the check off: -X "
			"ssl.endpoint.identification.algorithm=none"},
		{X509_V_ERR_CERT_HAS_EXPIRED, false, NULL, NULL, NULL, "the certificate of h:9093 has expired",
			"the cluster's operator has to renew it; is this machine's clock right?"},
		{X509_V_ERR_CERT_NOT_YET_VALID, false, NULL, NULL, NULL, "the certificate of h:9093 is not valid yet",
			"is this machine's clock right?"},
		{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, false, NULL, NULL, NULL,
			"the certificate of h:9093 is not signed by a CA that is trusted here",
			"give the cluster's CA: --auth DIR, or -X ssl.ca.location=ca.crt"},
		{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, false, "ssl.ca.location", "auth/ca.crt", "--auth auth",
			"the certificate of h:9093 is not signed by a CA that is trusted here",
			"is auth/ca.crt (--auth auth) the CA of this cluster?"},
		{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, false, "ssl.ca.pem", "-----BEGIN…", "auth/trust.p12",
			"the certificate of h:9093 is not signed by a CA that is trusted here",
			"are the CAs from auth/trust.p12 those of this cluster?"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0}, refused = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		start(&t, &settings, true, "h:9093");
		if (rows[i].key)
			kt_settings_put(&settings, KT_RANK_FILE, rows[i].key, rows[i].value, rows[i].origin);
		CHECK(!kt_brokererrors_is_wrong_name(&t));
		kt_brokererrors_certificate(&t, "h:9093", rows[i].x509_error);
		/* librdkafka's own words, which follow, are less exact. */
		kt_brokererrors_note(&t, SSL,
			"ssl://h:9093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate "
			"verify failed (after 2ms in state SSL_HANDSHAKE)");
		CHECK_INT(kt_brokererrors_is_wrong_name(&t), rows[i].wrong_name);
		CHECK(kt_brokererrors_is_final(&t));
		CHECK_INT(kt_brokererrors_tell(&t, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
		CHECK_INT(err.status, KT_FAILED);
		CHECK(kt_brokererrors_take_refused(&t, &refused));
		CHECK_STR(refused.msg, rows[i].msg);
		finish(&t, &settings);
	}
}

TEST(a_refused_certificate_is_told_once)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, true, "h:9093");
	CHECK(!kt_brokererrors_take_refused(&t, &err));
	CHECK_STR(err.msg, "");
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_CERT_HAS_EXPIRED);
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_CERT_HAS_EXPIRED);
	CHECK(kt_brokererrors_take_refused(&t, &err));
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_CERT_HAS_EXPIRED);
	CHECK(!kt_brokererrors_take_refused(&t, &err));
	kt_brokererrors_certificate(&t, "h:9094", X509_V_ERR_HOSTNAME_MISMATCH);
	CHECK(kt_brokererrors_take_refused(&t, &err));
	CHECK_STR(err.msg, "the certificate of h:9094 is for another host name");
	finish(&t, &settings);
}

TEST(a_certificate_that_is_accepted_clears_what_was_noted)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, true, "h:9093,i:9093");
	kt_brokererrors_certificate(&t, "h:9093", 0);
	CHECK(!kt_brokererrors_take_refused(&t, &err));
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_HOSTNAME_MISMATCH);
	kt_brokererrors_certificate(&t, "i:9093", 0);
	CHECK(kt_brokererrors_is_wrong_name(&t));
	CHECK(kt_brokererrors_take_refused(&t, &err));
	kt_brokererrors_certificate(&t, "h:9093", 0);
	CHECK(!kt_brokererrors_is_wrong_name(&t));
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of h:9093,i:9093 (no answer in time)");
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_HOSTNAME_MISMATCH);
	CHECK(kt_brokererrors_take_refused(&t, &err));
	finish(&t, &settings);
}

TEST(handles_that_cannot_be_made)
{
	static const struct {
		const char *keystore, *password_from, *text;
		int status;
		const char *msg, *hint;
	} rows[] = {
		{"a/k.p12", "KT_X_SSL_KEYSTORE_PASSWORD",
			"Failed to parse ssl.keystore.location PKCS#12 file: a/k.p12: error:11800071:PKCS12 "
			"routines::mac "
			"verify failure",
			KT_FAILED, "the password does not open a/k.p12",
			"ssl.keystore.password comes from KT_X_SSL_KEYSTORE_PASSWORD"},
		{"a/k.p12", NULL,
			"Failed to parse ssl.keystore.location PKCS#12 file: a/k.p12: error:11800071:PKCS12 "
			"routines::mac "
			"verify failure",
			KT_FAILED, "the password does not open a/k.p12",
			"ssl.keystore.password comes from nowhere: set it with -X, KT_X_SSL_KEYSTORE_PASSWORD or a "
			"profile"},
		{"old.p12", "-X",
			"Failed to parse ssl.keystore.location PKCS#12 file: old.p12: error:0308010C:digital envelope "
			"routines::unsupported: Global default library context, Algorithm (RC2-40-CBC : 0), Properties "
			"()",
			KT_FAILED, "old.p12 is encrypted in an old way that OpenSSL does not load by default",
			"add -X ssl.providers=default,legacy"},
		{"o.crt", "-X",
			"Error reading ssl.keystore.location PKCS#12 file: o.crt: error:0688010A:asn1 encoding "
			"routines::nested asn1 error: Type=PKCS12",
			KT_USAGE,
			"the configuration does not work: Error reading ssl.keystore.location PKCS#12 file: o.crt: "
			"error:0688010A:asn1 encoding routines::nested asn1 error: Type=PKCS12",
			""},
		{NULL, NULL, "`max.in.flight` must be set <= 5 when `enable.idempotence` is true", KT_USAGE,
			"the configuration does not work: `max.in.flight` must be set <= 5 when `enable.idempotence` "
			"is true",
			""},
		{NULL, NULL, "Unsupported hardware or platform for tls: unsupported", KT_USAGE,
			"the configuration does not work: Unsupported hardware or platform for tls: unsupported", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		start(&t, &settings, true, "h:9093");
		if (rows[i].keystore)
			kt_settings_put(&settings, KT_RANK_FLAG, "ssl.keystore.location", rows[i].keystore, "--auth a");
		if (rows[i].password_from)
			kt_settings_put(
				&settings, KT_RANK_FLAG, "ssl.keystore.password", "wrong", rows[i].password_from);
		CHECK_INT(kt_brokererrors_setup(&t, rows[i].text, &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
		CHECK_INT(err.status, rows[i].status);
		finish(&t, &settings);
	}
}

TEST(requests_that_fail)
{
	static const struct {
		int code, status;
		bool refused; /* a broker refused the connection before */
		const char *msg, *hint;
	} rows[] = {
		{TRANSPORT, KT_UNREACHABLE, false, "topic t: no answer in time from h:1", ""},
		{RD_KAFKA_RESP_ERR__TIMED_OUT, KT_UNREACHABLE, false, "topic t: no answer in time from h:1", ""},
		{RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, KT_UNREACHABLE, true,
			"topic t: cannot reach any broker of h:1 (h:1: connection refused)",
			"is the broker running, and is this its port? `kt broker` starts one to try things with"},
		{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KT_FAILED, true,
			"topic t: this client is not allowed to use the topic",
			"with the tutorial's credentials only the topic named as the certificate's CN is open"},
		{RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, KT_FAILED, false,
			"topic t: this client is not allowed to use the group",
			"use a group that the cluster's ACLs allow: -g GROUP"},
		{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KT_FAILED, false,
			"topic t: this client is not allowed to do that on the cluster",
			"a producer without the right to idempotent writes needs --no-idempotent"},
		{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KT_NOT_FOUND, false, "topic t: no such topic",
			"`kt topic list` shows what is there"},
		{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KT_NOT_FOUND, false, "topic t: no such topic",
			"`kt topic list` shows what is there"},
		{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KT_NOT_FOUND, false, "topic t: no such partition",
			"`kt topic describe` shows the partitions"},
		{RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, KT_FAILED, false, "topic t: the name is not a legal topic name",
			""},
		{RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, KT_FAILED, false,
			"topic t: Broker: Invalid number of partitions", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err err = {0};
		struct kt_settings settings;
		struct kt_brokererrors t;
		start(&t, &settings, false, "h:1");
		if (rows[i].refused)
			kt_brokererrors_note(&t, TRANSPORT, REFUSED("h:1"));
		CHECK_INT(kt_brokererrors_request(&t, rows[i].code, "topic t", &err), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_STR(err.hint, rows[i].hint);
		CHECK_INT(err.status, rows[i].status);
		finish(&t, &settings);
	}
}

TEST(a_refused_certificate_explains_a_request)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, true, "h:9093");
	CHECK(!kt_brokererrors_is_refused(&t));
	kt_brokererrors_certificate(&t, "h:9093", X509_V_ERR_CERT_HAS_EXPIRED);
	CHECK(kt_brokererrors_is_refused(&t));
	kt_brokererrors_request(&t, TRANSPORT, "topic t", &err);
	CHECK_STR(err.msg, "topic t: the certificate of h:9093 has expired");
	kt_brokererrors_request(&t, SSL, "topic t", &err);
	CHECK_STR(err.msg, "topic t: the certificate of h:9093 has expired");
	CHECK_INT(err.status, KT_FAILED);
	finish(&t, &settings);
}

/* What this machine lacks is not called the broker's fault. */
TEST(limits_of_this_machine)
{
	static const char threads[] = "no thread can be started for a connection to a broker";
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	start(&t, &settings, false, "h:1");
	CHECK_INT(
		kt_brokererrors_setup(&t, "Failed to create thread: Resource temporarily unavailable (11)", &err), -1);
	CHECK_STR(err.msg, threads);
	CHECK_INT(err.status, KT_FAILED);
	kt_brokererrors_note(&t, TRANSPORT, "h:1/bootstrap: Failed to create socket: Too many open files (after 0ms)");
	CHECK(kt_brokererrors_is_final(&t));
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, "cannot reach any broker of h:1 (h:1: no descriptor is left for a connection)");
	CHECK_INT(err.status, KT_FAILED);
	kt_brokererrors_note(&t, RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, "Unable to create broker thread");
	kt_brokererrors_tell(&t, &err);
	CHECK_STR(err.msg, threads);
	finish(&t, &settings);
}

/* As librdkafka's broker threads do, while the caller's thread asks. */
static void *note_often(void *data)
{
	struct kt_brokererrors *t = data;
	for (int i = 0; i < 1000; i++) {
		kt_brokererrors_note(t, TRANSPORT, REFUSED("h:9093"));
		kt_brokererrors_certificate(t, "h:9093", i % 2 ? X509_V_ERR_CERT_HAS_EXPIRED : X509_V_OK);
		kt_brokererrors_note(t, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
	}
	return NULL;
}

TEST(noted_on_several_threads)
{
	struct kt_err err = {0};
	struct kt_settings settings;
	struct kt_brokererrors t;
	pthread_t threads[2];
	bool lost = false;
	start(&t, &settings, true, "h:9093");
	for (size_t i = 0; i < KT_LEN(threads); i++)
		CHECK_INT(pthread_create(&threads[i], NULL, note_often, &t), 0);
	for (int i = 0; i < 1000; i++) {
		kt_brokererrors_take_refused(&t, &err);
		lost |= kt_brokererrors_take_lost(&t);
		kt_brokererrors_is_final(&t);
		kt_brokererrors_tell(&t, &err);
		kt_brokererrors_request(&t, TRANSPORT, "topic t", &err);
	}
	for (size_t i = 0; i < KT_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	CHECK(kt_brokererrors_take_lost(&t) || lost);
	CHECK(kt_brokererrors_is_refused(&t));
	finish(&t, &settings);
}
