#include "javaprops.h"

#include "tap.h"

static struct kt_err err;

/* "key=value key=value", "ignored", "other" or "error: …", whatever came of it. */
static const char *outcome(const char *key, const char *value)
{
	static char text[1024];
	struct kt_java j = {0};
	err = (struct kt_err){0};
	text[0] = '\0';
	if (kt_java_translate(&j, key, value, &err) < 0) {
		snprintf(text, sizeof(text), "error: %s", err.msg);
	} else if (j.kind == KT_JAVA_TRANSLATED) {
		for (size_t i = 0; i < j.n; i++) {
			size_t used = strlen(text);
			snprintf(text + used, sizeof(text) - used, "%s%s=%s", i ? " " : "", j.v[i].key, j.v[i].value);
		}
	} else {
		snprintf(text, sizeof(text), "%s", j.kind == KT_JAVA_IGNORED ? "ignored" : "other");
		CHECK((j.kind == KT_JAVA_IGNORED) == (j.note != NULL));
	}
	kt_java_fini(&j);
	return text;
}

TEST(names_and_values)
{
	static const char *const cases[][3] = {
		{"bootstrap.servers", "h:1", "other"},
		{"security.protocol", "SASL_SSL", "security.protocol=sasl_ssl"},
		{"ssl.endpoint.identification.algorithm", "", "ssl.endpoint.identification.algorithm=none"},
		{"ssl.endpoint.identification.algorithm", "HTTPS", "ssl.endpoint.identification.algorithm=https"},
		{"ssl.truststore.location", "/t", "ssl.truststore.location=/t"},
		{"ssl.truststore.type", "PKCS12", ""},
		{"ssl.truststore.type", "BKS",
			"error: ssl.truststore.type: \"BKS\" is not a kind of store that kt can read"},
		{"ssl.truststore.certificates", "-----B", "ssl.ca.pem=-----B"},
		{"ssl.keystore.type", "pem", "ssl.keystore.type=PEM"},
		{"ssl.keystore.certificate.chain", "-----B", "ssl.certificate.pem=-----B"},
		{"ssl.keystore.key", "-----B", "ssl.key.pem=-----B"},
		{"ssl.keystore.password", "x", "other"},
		{"ssl.key.password", "x", "other"},
		{"auto.offset.reset", "none", "auto.offset.reset=error"},
		{"auto.offset.reset", "earliest", "auto.offset.reset=earliest"},
		{"buffer.memory", "33554432", "queue.buffering.max.kbytes=32768"},
		{"buffer.memory", "1", "queue.buffering.max.kbytes=1"},
		{"fetch.max.wait.ms", "10", "fetch.wait.max.ms=10"},
		{"max.request.size", "2000000", "message.max.bytes=2000000"},
		{"receive.buffer.bytes", "-1", "socket.receive.buffer.bytes=0"},
		{"send.buffer.bytes", "131072", "socket.send.buffer.bytes=131072"},
		{"partition.assignment.strategy", "range,roundrobin", "partition.assignment.strategy=range,roundrobin"},
		{"partition.assignment.strategy",
			"org.apache.kafka.clients.consumer.RangeAssignor, "
			"org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
			"partition.assignment.strategy=range"},
		{"partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
			"partition.assignment.strategy=cooperative-sticky"},
		{"partition.assignment.strategy", "org.example.Mine",
			"error: partition.assignment.strategy: no assignor of \"org.example.Mine\" exists in "
			"librdkafka"},
		{"sasl.kerberos.kinit.cmd", "/usr/bin/kinit", ""},
		{"sasl.login.callback.handler.class",
			"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
			"sasl.oauthbearer.method=oidc"},
		{"key.serializer", "x", "ignored"},
		{"value.deserializer", "x", "ignored"},
		{"max.poll.records", "x", "ignored"},
		{"metrics.num.samples", "2", "ignored"},
		{"schema.registry.url", "http://a:8081,http://b:8081", "kt.registry=http://a:8081"},
		{"schema.registry.url", "mock://x", ""},
		{"basic.auth.user.info", "al:se:cret", "kt.registry.username=al kt.registry.password=se:cret"},
		{"schema.registry.basic.auth.user.info", "secret",
			"error: schema.registry.basic.auth.user.info: expected USER:PASSWORD"},
		{"schema.registry.ssl.truststore.type", "x", "ignored"},
		{"ssl.enabled.protocols", "TLSv1.2", "ignored"},
		{"ssl.cipher.suites", "TLS_AES_128_GCM_SHA256", "ignored"},
		{"ssl.cipher.suites", "ECDHE-RSA-AES128-GCM-SHA256", "other"},
		{"linger.ms", "5", "other"},
		{"key.serialiser", "x", "other"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome(cases[i][0], cases[i][1]), cases[i][2]);
	CHECK(strstr(outcome("buffer.memory", "x"), "error: buffer.memory: "));
}

#define PLAIN "org.apache.kafka.common.security.plain.PlainLoginModule"
#define SCRAM "org.apache.kafka.common.security.scram.ScramLoginModule"

TEST(jaas)
{
	static const char *const cases[][2] = {
		{PLAIN " required username=\"al\" password=\"se cret\";", "sasl.username=al sasl.password=se cret"},
		{"  " PLAIN "  required\n  username='al'\n  password = \"a\\\"b\\\\\" ;",
			"sasl.username=al sasl.password=a\"b\\"},
		{SCRAM " required tokenauth=true username=\"al\" password=\"x=;y\"",
			"sasl.username=al sasl.password=x=;y"},
		{PLAIN " required username=al password=p;", "sasl.username=al sasl.password=p"},
		{PLAIN " required;", ""},
		{"com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab=\"/k\" "
		 "principal=\"p@R\";",
			"sasl.kerberos.keytab=/k sasl.kerberos.principal=p@R"},
		{"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"c\" "
		 "clientSecret=\"s\" scope=\"all\";",
			"sasl.oauthbearer.client.id=c sasl.oauthbearer.client.secret=s sasl.oauthbearer.scope=all"},
		/* What Kafka's own JaasConfig makes of them. */
		{PLAIN " required password=\"x\\ty\";", "sasl.password=x\ty"},
		{PLAIN " required password=\"\\101\\7z\\08\\477\\q\\\\\";",
			"error: sasl.jaas.config: a value holds a NUL "
			"character"},
		{PLAIN " required password=\"\\101\\7z\\477\\q\\\\\";", "sasl.password=A\007z'7q\\"},
		{PLAIN " required password='\\a\\b\\f\\n\\r\\v\\374\\'';", "sasl.password=\a\b\f\n\r\v\xc3\xbc'"},
		{PLAIN " required /* c */ username=\"a\" // \"d\n password=a/*e*/;", "sasl.username=a sasl.password=a"},
		{"/**/" PLAIN "/*;*/required/* = */username/**/=/**/\"a//b/*c*/\"password=\"p\"/*",
			"sasl.username=a//b/*c*/ sasl.password=p"},
		{PLAIN " required password=a/b;", "sasl.password=a/b"},
		{PLAIN " required username=\\\"a\\\" password=\\\"b\\\\\\\\c\\\";",
			"sasl.username=a sasl.password=b\\c"},
		{PLAIN " required password=\"a\nb\";",
			"error: sasl.jaas.config: expected NAME=\"VALUE\", and each quote closed"},
		{"", "error: sasl.jaas.config: no login module is named"},
		{"org.example.Mine required;", "error: sasl.jaas.config: only Plain, Scram, OAuthBearer and Krb5 login "
					       "modules are understood"},
		{PLAIN, "error: sasl.jaas.config: expected \"required\" after the login module"},
		{PLAIN " required username", "error: sasl.jaas.config: expected NAME=\"VALUE\""},
		{PLAIN " required password=\"secret;",
			"error: sasl.jaas.config: expected NAME=\"VALUE\", and each quote closed"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome("sasl.jaas.config", cases[i][0]), cases[i][1]);
}

TEST(more_options_than_fit_are_not_written_past_the_end)
{
	CHECK_STR(
		outcome("sasl.jaas.config", PLAIN " required username=a username=b username=c username=d username=e;"),
		"sasl.username=a sasl.username=b sasl.username=c sasl.username=d");
}

static void count(void *n, const char *name)
{
	CHECK(*name);
	++*(size_t *)n;
}

TEST(kept_and_listed_names)
{
	size_t n = 0;
	kt_java_names(count, &n);
	CHECK(n > 60);
	CHECK(kt_java_kept("ssl.truststore.location"));
	CHECK(!kt_java_kept("ssl.keystore.location"));
}

TEST(pem_on_one_line)
{
	static const char right[] = "-----BEGIN CERTIFICATE-----\nMIIa\nb+/=\n-----END CERTIFICATE-----\n";
	static const struct {
		const char *value, *pem;
	} rows[] = {
		{"-----BEGIN CERTIFICATE----- MIIa b+/= -----END CERTIFICATE-----", right},
		{"-----BEGIN CERTIFICATE-----\nMIIa\nb+/=\n-----END CERTIFICATE-----\n", right},
		{"-----BEGIN CERTIFICATE-----\\nMIIa\\nb+/=\\n-----END CERTIFICATE-----\\n", right},
		{"-----BEGIN CERTIFICATE-----\\r\\nMIIa\\r\\nb+/=\\r\\n-----END CERTIFICATE-----", right},
		{" text in front -----BEGIN CERTIFICATE-----\tMIIa  b+/= -----END CERTIFICATE----- ", right},
		{"-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES, 12\n\nMIIa\n-----END RSA PRIVATE KEY-----",
			"-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES, 12\n\nMIIa\n-----END RSA PRIVATE KEY-----\n"},
		{"file:/a/b\\name", "file:/a/b\\name"},
		{"-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"},
		{"-----BEGIN CERTIFICATE-----  -----END", "-----BEGIN CERTIFICATE-----  -----END"},
		{"", ""},
	};
	static const char *const keys[][2] = {{"ssl.truststore.certificates", "ssl.ca.pem"},
		{"ssl.keystore.certificate.chain", "ssl.certificate.pem"}, {"ssl.keystore.key", "ssl.key.pem"},
		{"ssl.ca.pem", "ssl.ca.pem"}, {"ssl.key.pem", "ssl.key.pem"}};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		for (size_t k = 0; k < KT_LEN(keys); k++) {
			kt_auto(kt_java_fini) struct kt_java j = {0};
			struct kt_err e = {0};
			CHECK_INT(kt_java_translate(&j, keys[k][0], rows[i].value, &e), 0);
			CHECK_INT(j.n, 1);
			CHECK_STR(j.v[0].key, keys[k][1]);
			CHECK_STR(j.v[0].value, rows[i].pem);
		}
}
