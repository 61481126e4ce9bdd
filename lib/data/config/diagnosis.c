#include "diagnosis.h"

/* Verification results of a broker's certificate (openssl/x509_vfy.h, X509_V_ERR_*; part of OpenSSL's ABI). */
enum { X509_NOT_YET_VALID = 9, X509_EXPIRED = 10, X509_WRONG_NAME = 62, X509_WRONG_ADDRESS = 64 };

#define NO_NAME_CHECK "-X ssl.endpoint.identification.algorithm=none"

static const struct kt_diagnosis causes[KT_CAUSES] = {
	/* Said of the first read after the handshake; during the handshake the library says that it failed. */
	[KT_DIAGNOSIS_CLOSED] = {{"Receive failed: error:0A000126:",
					 "Receive failed: SSL transport error: error:0A000126:"},
		KT_UNREACHABLE, false, "it closed the connection after the TLS handshake",
		"is it a Kafka broker, and does it want a client certificate? its own log says why"},
	[KT_DIAGNOSIS_NO_TLS] = {{"connecting to a PLAINTEXT broker listener?", "unexpected eof",
					 "wrong version number", "packet length too long"},
		KT_UNREACHABLE, true, "it does not speak TLS there",
		"is it the plain port? try -X security.protocol=plaintext, or the port of the TLS listener"},
	[KT_DIAGNOSIS_IS_TLS] = {{"connecting to a SSL listener?"}, KT_UNREACHABLE, true,
		"it closed the plain-text connection, as a TLS port does",
		"is it a TLS port? use --auth DIR, or -X security.protocol=ssl and the client's certificate"},
	[KT_DIAGNOSIS_NO_CERTIFICATE] = {{"certificate required"}, KT_FAILED, true,
		"it demands a client certificate and got none",
		"use --auth DIR, or -X ssl.keystore.location=FILE with -X ssl.keystore.password=env:NAME"},
	[KT_DIAGNOSIS_BAD_CERTIFICATE] = {{"alert bad certificate"}, KT_FAILED, true,
		"it refused this client's certificate",
		"was the client certificate signed by the CA that the brokers trust, and is a key with it?"},
	[KT_DIAGNOSIS_CERTIFICATE_UNKNOWN] = {{"alert certificate unknown"}, KT_FAILED, true,
		"it refused this client's certificate",
		"was the client certificate signed by the CA that the brokers trust?"},
	[KT_DIAGNOSIS_UNKNOWN_CA] = {{"alert unknown ca"}, KT_FAILED, true,
		"it does not know the CA of this client's certificate",
		"use the keystore that belongs to this cluster"},
	[KT_DIAGNOSIS_CERTIFICATE_EXPIRED] = {{"alert certificate expired"}, KT_FAILED, true,
		"it says that this client's certificate has expired", "ask for a new keystore"},
	[KT_DIAGNOSIS_REFUSED_EXPIRED] = {{NULL}, KT_FAILED, true,
		"it refused this client's certificate, which has expired", "ask for a new keystore"},
	[KT_DIAGNOSIS_HANDSHAKE] = {{"alert handshake failure"}, KT_FAILED, true, "it refused the TLS handshake",
		"it may demand a client certificate: use --auth DIR, or -X ssl.keystore.location=FILE"},
	[KT_DIAGNOSIS_UNTRUSTED] = {{"certificate verify failed"}, KT_FAILED, true,
		"its certificate is not signed by a CA that is trusted here",
		"give the cluster's CA: --auth DIR, or -X ssl.ca.location=ca.crt"},
	[KT_DIAGNOSIS_WANTS_SASL] = {{"might require SASL authentication"}, KT_UNREACHABLE, true,
		"it closed the connection, as one that wants SASL does",
		"try -X security.protocol=sasl_plaintext (or sasl_ssl) with sasl.mechanisms, sasl.username and "
		"sasl.password"},
	/* Before 2.6.1 librdkafka sends a nonce that Kafka 4 refuses, and Kafka calls that invalid credentials. */
	[KT_DIAGNOSIS_SCRAM] = {{"credentials with SASL mechanism SCRAM"}, KT_FAILED, true,
		"it does not accept the user name or the password",
		"check sasl.username and sasl.password; Kafka 4 refuses SCRAM from librdkafka before 2.6.1"},
	/* RFC 7628, section 3.2.2: {"status":"invalid_token"}. */
	[KT_DIAGNOSIS_TOKEN] = {{"{\"status\":"}, KT_FAILED, true, "it does not accept the token",
		"is it for this cluster (issuer, audience, scope), and are the clocks right? the broker's log says why"},
	[KT_DIAGNOSIS_PASSWORD] = {{"Authentication failed"}, KT_FAILED, true,
		"it does not accept the user name or the password", "check sasl.username and sasl.password"},
	[KT_DIAGNOSIS_MECHANISM] = {{"Unsupported SASL mechanism"}, KT_FAILED, true,
		"it does not know this sasl.mechanisms", "try another one: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"},
	[KT_DIAGNOSIS_NO_SASL] = {{"not valid in current SASL state"}, KT_UNREACHABLE, true,
		"it does not ask for SASL there",
		"is it a listener without SASL? try -X security.protocol=plaintext (or ssl)"},
	[KT_DIAGNOSIS_NOT_KAFKA] = {{"Invalid response size"}, KT_UNREACHABLE, true,
		"it answers in a protocol other than Kafka's",
		"is it the broker's port, and is nothing (a proxy, TLS) in front of it?"},
	[KT_DIAGNOSIS_REFUSED] = {{"Connection refused"}, KT_UNREACHABLE, false, "connection refused",
		"is the broker running, and is this its port? `kt broker` starts one to try things with"},
	[KT_DIAGNOSIS_NO_SUCH_NAME] = {{"Failed to resolve"}, KT_UNREACHABLE, true, "no such host name",
		"check the name, or use --resolve NAME=ADDRESS in place of an entry in /etc/hosts"},
	[KT_DIAGNOSIS_SILENT] = {{"timed out"}, KT_UNREACHABLE, false, "no answer",
		"is a firewall in between? -m 30s waits longer"},
	[KT_DIAGNOSIS_DESCRIPTORS] = {{"Too many open files"}, KT_FAILED, true,
		"no descriptor is left for a connection", "`ulimit -n` is the limit of open files"},
	[KT_DIAGNOSIS_TOPIC_DENIED] = {{NULL}, KT_FAILED, true, "this client is not allowed to use the topic",
		"with the tutorial's credentials only the topic named as the certificate's CN is open"},
	[KT_DIAGNOSIS_GROUP_DENIED] = {{NULL}, KT_FAILED, true, "this client is not allowed to use the group",
		"use a group that the cluster's ACLs allow: -g GROUP"},
};

const struct kt_diagnosis *kt_diagnosis(enum kt_diagnosis_id id)
{
	return &causes[id];
}

static bool has_certificate(const struct kt_settings *s)
{
	return kt_settings_get(s, "ssl.keystore.location") || kt_settings_get(s, "ssl.certificate.location") ||
	       kt_settings_get(s, "ssl.certificate.pem");
}

static bool has_sign(const struct kt_diagnosis *cause, const char *reason)
{
	for (const char *const *sign = cause->signs; *sign; sign++)
		if (strcasestr(reason, *sign))
			return true;
	return false;
}

const struct kt_diagnosis *kt_diagnosis_find(const char *reason, const struct kt_settings *settings)
{
	bool tls = kt_settings_tls(settings);
	size_t id = 0;
	while (id < KT_CAUSES && !has_sign(&causes[id], reason))
		id++;
	/* A broker that demands a certificate calls a missing one bad. */
	if (id == KT_DIAGNOSIS_BAD_CERTIFICATE && tls && !has_certificate(settings))
		id = KT_DIAGNOSIS_NO_CERTIFICATE;
	if (id == KT_DIAGNOSIS_PASSWORD && !strcmp(kt_settings_text(settings, "sasl.mechanism", ""), "OAUTHBEARER"))
		id = KT_DIAGNOSIS_TOKEN;
	bool refused = id == KT_DIAGNOSIS_BAD_CERTIFICATE || id == KT_DIAGNOSIS_CERTIFICATE_UNKNOWN;
	if (refused && kt_settings_get(settings, KT_EXPIRED))
		id = KT_DIAGNOSIS_REFUSED_EXPIRED;
	return id < KT_CAUSES ? &causes[id] : NULL;
}

int kt_diagnosis_tell(enum kt_diagnosis_id id, const char *what, struct kt_err *err)
{
	kt_err_set(err, causes[id].status, "%s: %s", what, causes[id].text);
	return kt_err_hint(err, "%s", causes[id].hint);
}

static int hint_ca(const struct kt_settings *s, struct kt_err *err)
{
	const struct kt_setting *ca = kt_settings_get(s, "ssl.ca.location");
	if (ca)
		return kt_err_hint(err, "is %s (%s) the CA of this cluster?", ca->value, ca->origin);
	ca = kt_settings_get(s, "ssl.ca.pem");
	if (ca)
		return kt_err_hint(err, "are the CAs from %s those of this cluster?", ca->origin);
	return kt_err_hint(err, "%s", causes[KT_DIAGNOSIS_UNTRUSTED].hint);
}

int kt_diagnosis_certificate(int x509_error, const char *broker, const struct kt_settings *settings, struct kt_err *err)
{
	switch (x509_error) {
	case X509_WRONG_NAME:
	case X509_WRONG_ADDRESS:
		kt_err_set(err, KT_FAILED, "the certificate of %s is for another host name", broker);
		return kt_err_hint(err, "if that is as it should be, switch the check off: %s", NO_NAME_CHECK);
	case X509_EXPIRED:
		kt_err_set(err, KT_FAILED, "the certificate of %s has expired", broker);
		return kt_err_hint(err, "the cluster's operator has to renew it; is this machine's clock right?");
	case X509_NOT_YET_VALID:
		kt_err_set(err, KT_FAILED, "the certificate of %s is not valid yet", broker);
		return kt_err_hint(err, "is this machine's clock right?");
	default:
		kt_err_set(err, KT_FAILED, "the certificate of %s is not signed by a CA that is trusted here", broker);
		return hint_ca(settings, err);
	}
}

bool kt_diagnosis_is_wrong_name(int x509_error)
{
	return x509_error == X509_WRONG_NAME || x509_error == X509_WRONG_ADDRESS;
}

int kt_diagnosis_key(bool mismatch, const struct kt_settings *settings, struct kt_err *err)
{
	const char *key = kt_settings_text(settings, "ssl.key.location", "ssl.key.pem");
	const struct kt_setting *password = kt_settings_get(settings, "ssl.key.password");
	if (mismatch)
		return kt_err_set(err, KT_USAGE, "the key %s does not belong to the certificate %s", key,
			kt_settings_text(settings, "ssl.certificate.location", "in use"));
	if (password)
		kt_err_set(err, KT_USAGE, "the password does not open %s, or it is not a key", key);
	else
		kt_err_set(err, KT_USAGE, "%s is encrypted and there is no password for it, or it is not a key", key);
	return kt_err_hint(err, "ssl.key.password comes from %s",
		password ? password->origin : "nowhere: set it with -X, KT_X_SSL_KEY_PASSWORD or a profile");
}
