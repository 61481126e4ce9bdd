#include "javaprops.h"

#include <ctype.h>

#include "buf.h"
#include "esc.h"
#include "mem.h"
#include "num.h"
#include "properties.h"

struct rule {
	const char *java;
	const char *rdkafka;
	/* NULL: the value as it is. */
	int (*translate)(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err);
};

static void put(struct kt_java *out, const char *key, char *taken)
{
	out->v[out->n].key = key;
	out->v[out->n++].value = taken;
}

static int lower(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	char *text = kt_strdup(value);
	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	put(out, rule->rdkafka, text);
	return 0;
}

/* Java says "do not compare host names" with an empty value. */
static int endpoint(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	return lower(out, rule, *value ? value : "none", err);
}

/* The text of a block between its first and its last line, one word a line: Java takes blanks for line ends, as in the
 * example of KIP-651. Old keys have headers of their own, with blanks in them, and stay as they are. */
static void add_pem_body(struct kt_buf *out, const char *text, const char *end)
{
	if (memchr(text, ':', (size_t)(end - text))) {
		kt_buf_add(out, text, (size_t)(end - text));
		return;
	}
	while (text < end) {
		size_t blanks = strspn(text, " \t\r\n\f");
		text += blanks;
		if (blanks)
			kt_buf_addc(out, '\n');
		size_t len = text < end ? strcspn(text, " \t\r\n\f") : 0;
		len = len > (size_t)(end - text) ? (size_t)(end - text) : len;
		kt_buf_add(out, text, len);
		text += len;
	}
}

/* The two characters that a file leaves of a line end, as they stand in files that are not Java's. */
static char *with_line_ends(const char *value)
{
	char *text = kt_strdup(value), *to = text;
	for (const char *from = text; *from; from++) {
		bool escape = from[0] == '\\' && (from[1] == 'n' || from[1] == 'r');
		*to++ = escape ? '\n' : *from;
		from += escape;
	}
	*to = '\0';
	return text;
}

static int pem(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	static const char dashes[] = "-----", begin[] = "-----BEGIN ", finish[] = "-----END ";
	kt_auto(kt_buf_wipe) struct kt_buf lines = {0};
	char *text = with_line_ends(value), *at = text;
	for (char *block; (block = strstr(at, begin));) {
		char *body = strstr(block + strlen(begin), dashes), *last = body ? strstr(body, finish) : NULL;
		char *end = last ? strstr(last + strlen(finish), dashes) : NULL;
		if (!end)
			break;
		body += strlen(dashes);
		kt_buf_add(&lines, block, (size_t)(body - block));
		add_pem_body(&lines, body, last);
		kt_buf_add(&lines, last, (size_t)(end - last));
		kt_buf_addf(&lines, "%s\n", dashes);
		at = end + strlen(dashes);
	}
	/* What holds no block says where one is (file:PATH), or is left for the library to refuse. */
	put(out, rule->rdkafka, kt_strdup(at == text ? value : kt_buf_cstr(&lines)));
	kt_wipe(text);
	free(text);
	return 0;
}

static int kibibytes(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	int64_t bytes;
	if (kt_parse_i64(value, 0, INT64_MAX, &bytes, err) < 0)
		return kt_err_wrap(err, "%s", rule->java);
	put(out, rule->rdkafka, kt_asprintf("%lld", bytes < 1024 ? 1LL : (long long)(bytes / 1024)));
	return 0;
}

/* -1 leaves the choice to the system; librdkafka's word for it is 0. */
static int socket_buffer(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	put(out, rule->rdkafka, kt_strdup(strcmp(value, "-1") ? value : "0"));
	return 0;
}

static int offset_reset(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	return lower(out, rule, strcasecmp(value, "none") ? value : "error", err);
}

static int store_type(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	static const char *const types[] = {"PKCS12", "PEM", "JKS"};
	for (size_t i = 0; i < KT_LEN(types); i++)
		if (!strcasecmp(value, types[i])) {
			/* A truststore shows what it is by its first bytes; only a keystore's type has to be kept. */
			if (rule->rdkafka)
				put(out, rule->rdkafka, kt_strdup(types[i]));
			return 0;
		}
	kt_err_set(err, KT_USAGE, "%s: \"%.100s\" is not a kind of store that kt can read", rule->java, value);
	return kt_err_hint(err, "PKCS12 and PEM are; keytool -importkeystore converts the others");
}

/* Assignors are classes in Java and words here. librdkafka refuses eager and cooperative ones together, where Java
 * lets a group migrate: the eager ones are what such a member starts with. */
static int assignors(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	static const char *const known[][2] = {
		{"org.apache.kafka.clients.consumer.RangeAssignor", "range"},
		{"org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"},
		{"org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"},
	};
	if (!strchr(value, '.')) {
		put(out, rule->rdkafka, kt_strdup(value));
		return 0;
	}
	bool listed[KT_LEN(known)] = {0};
	for (size_t i = 0; i < KT_LEN(known); i++)
		listed[i] = strstr(value, known[i][0]) != NULL;
	kt_auto(kt_buf_fini) struct kt_buf words = {0};
	for (size_t i = 0; i < KT_LEN(known); i++)
		if (listed[i] && (i < 2 || !words.len))
			kt_buf_addf(&words, "%s%s", words.len ? "," : "", known[i][1]);
	if (!words.len) {
		kt_err_set(err, KT_USAGE, "%s: no assignor of \"%.200s\" exists in librdkafka", rule->java, value);
		return kt_err_hint(err, "it has range, roundrobin and cooperative-sticky");
	}
	put(out, rule->rdkafka, kt_strdup(kt_buf_cstr(&words)));
	return 0;
}

/* Java names the program; librdkafka wants a whole shell command, which such a value would break. */
static int kinit(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	if (strchr(value, ' '))
		put(out, rule->rdkafka, kt_strdup(value));
	return 0;
}

/* After blanks and comments, as Kafka's JaasConfig sets up its java.io.StreamTokenizer. */
static const char *jaas_skip(const char *c)
{
	for (;;) {
		const char *end = strncmp(c, "/*", 2) ? NULL : strstr(c + 2, "*/");
		if (end)
			c = end + 2;
		else if (*c == '/' && (c[1] == '/' || c[1] == '*'))
			c += c[1] == '/' ? strcspn(c, "\r\n") : strlen(c);
		else if (*c && (unsigned char)*c <= ' ')
			c++;
		else
			return c;
	}
}

/* The escape after a backslash in quotes, as StreamTokenizer reads it: of octal digits as many as make a byte. */
static const char *jaas_escape(const char *c, struct kt_buf *word)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	const char *known = strchr(from, *c);
	char utf8[4];
	unsigned code = 0;
	if (*c < '0' || *c > '7') {
		kt_buf_addc(word, known ? to[known - from] : *c);
		return c + 1;
	}
	for (int left = *c <= '3' ? 3 : 2; left && *c >= '0' && *c <= '7'; left--)
		code = code * 8 + (unsigned)(*c++ - '0');
	kt_buf_add(word, utf8, kt_utf8_encode(utf8, code));
	return c;
}

/* Up to the quote that closes; NULL where the line or the text ends before. */
static const char *jaas_quoted(const char *c, char quote, struct kt_buf *word)
{
	while (*c && *c != quote && *c != '\n' && *c != '\r') {
		if (*c == '\\' && c[1])
			c = jaas_escape(c + 1, word);
		else
			kt_buf_addc(word, *c++);
	}
	return *c == quote ? c + 1 : NULL;
}

/* The next word of a JAAS entry into *word: in quotes, or up to a blank, a comment, = or ;. */
static bool jaas_word(const char **at, struct kt_buf *word)
{
	const char *c = jaas_skip(*at);
	word->len = 0;
	if (*c == '"' || *c == '\'') {
		c = jaas_quoted(c + 1, *c, word);
		*at = c ? c : *at;
		return c;
	}
	while (*c && !strchr("=;", *c) && jaas_skip(c) == c)
		kt_buf_addc(word, *c++);
	*at = c;
	return word->len;
}

struct jaas_option {
	const char *module, *option, *key;
};

static const struct jaas_option jaas_options[] = {
	{"PlainLoginModule", "username", "sasl.username"},
	{"PlainLoginModule", "password", "sasl.password"},
	{"ScramLoginModule", "username", "sasl.username"},
	{"ScramLoginModule", "password", "sasl.password"},
	{"Krb5LoginModule", "principal", "sasl.kerberos.principal"},
	{"Krb5LoginModule", "keyTab", "sasl.kerberos.keytab"},
	{"Krb5LoginModule", "serviceName", "sasl.kerberos.service.name"},
	{"OAuthBearerLoginModule", "clientId", "sasl.oauthbearer.client.id"},
	{"OAuthBearerLoginModule", "clientSecret", "sasl.oauthbearer.client.secret"},
	{"OAuthBearerLoginModule", "scope", "sasl.oauthbearer.scope"},
};

static const char *jaas_module(const char *class)
{
	const char *dot = strrchr(class, '.'), *name = dot ? dot + 1 : class;
	for (size_t i = 0; i < KT_LEN(jaas_options); i++)
		if (!strcmp(name, jaas_options[i].module))
			return jaas_options[i].module;
	return NULL;
}

static void jaas_put(struct kt_java *out, const char *module, const char *option, const char *value)
{
	for (size_t i = 0; i < KT_LEN(jaas_options) && out->n < KT_LEN(out->v); i++) {
		const struct jaas_option *known = &jaas_options[i];
		if (known->module == module && !strcmp(known->option, option))
			put(out, known->key, kt_strdup(value));
	}
}

static int jaas_bad(struct kt_err *err, const char *what)
{
	kt_err_set(err, KT_USAGE, "sasl.jaas.config: %s", what);
	return kt_err_hint(err, "it reads: org.apache.kafka.common.security.plain.PlainLoginModule required "
				"username=\"NAME\" password=\"PASSWORD\";");
}

/* NAME="VALUE" */
static int jaas_pair(struct kt_java *out, const char *module, const char **at, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf option = {0};
	kt_auto(kt_buf_wipe) struct kt_buf word = {0};
	bool named = jaas_word(at, &option);
	*at = jaas_skip(*at);
	if (!named || **at != '=')
		return jaas_bad(err, "expected NAME=\"VALUE\"");
	++*at;
	if (!jaas_word(at, &word))
		return jaas_bad(err, "expected NAME=\"VALUE\", and each quote closed");
	if (word.len && memchr(word.data, '\0', word.len))
		return jaas_bad(err, "a value holds a NUL character");
	jaas_put(out, module, kt_buf_cstr(&option), kt_buf_cstr(&word));
	return 0;
}

/* CLASS required NAME="VALUE" …; */
static int jaas_entry(struct kt_java *out, const char *at, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf word = {0};
	if (!jaas_word(&at, &word))
		return jaas_bad(err, "no login module is named");
	const char *module = jaas_module(kt_buf_cstr(&word));
	if (!module)
		return jaas_bad(err, "only Plain, Scram, OAuthBearer and Krb5 login modules are understood");
	if (!jaas_word(&at, &word))
		return jaas_bad(err, "expected \"required\" after the login module");
	while (at = jaas_skip(at), *at && *at != ';')
		if (jaas_pair(out, module, &at, err) < 0)
			return -1;
	return 0;
}

/* Files that are not called .properties keep the backslashes that Java takes out of one. One before the first quote,
 * where JAAS knows none, says that the value was written for Java to do so. */
static int jaas(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	kt_auto(kt_properties_fini) struct kt_properties unescaped = {0};
	size_t quote = strcspn(value, "\"'");
	if (!quote || !value[quote] || value[quote - 1] != '\\')
		return jaas_entry(out, value, err);
	kt_buf_addf(&text, "%s=%s", rule->java, value);
	if (kt_properties_parse(&unescaped, text.data, text.len, rule->java, KT_STYLE_JAVA, err) < 0)
		return -1;
	return unescaped.n == 1 ? jaas_entry(out, unescaped.v[0].value, err)
				: jaas_bad(err, "expected one line, since it has \\ before its quotes");
}

/* Java's order of the login's callback class says which OAuth flow is meant; here it is a property. */
static int oauth_handler(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	if (strstr(value, "OAuthBearerLoginCallbackHandler"))
		put(out, rule->rdkafka, kt_strdup("oidc"));
	return 0;
}

/* Java takes a list of addresses; the first one serves. What is not an address, such as mock://, means nothing here. */
static int registry_address(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	(void)err;
	if (!strncasecmp(value, "http://", 7) || !strncasecmp(value, "https://", 8))
		put(out, rule->rdkafka, kt_strndup(value, strcspn(value, ", ")));
	return 0;
}

/* USER:PASSWORD */
static int registry_user(struct kt_java *out, const struct rule *rule, const char *value, struct kt_err *err)
{
	const char *colon = strchr(value, ':');
	if (!colon && *value)
		return kt_err_set(err, KT_USAGE, "%s: expected USER:PASSWORD", rule->java);
	if (!colon)
		return 0;
	put(out, "kt.registry.username", kt_strndup(value, (size_t)(colon - value)));
	put(out, "kt.registry.password", kt_strdup(colon + 1));
	return 0;
}

static const struct rule rules[] = {
	{"security.protocol", "security.protocol", lower},
	{"ssl.endpoint.identification.algorithm", "ssl.endpoint.identification.algorithm", endpoint},
	{"ssl.truststore.location", "ssl.truststore.location", NULL},
	{"ssl.truststore.password", "ssl.truststore.password", NULL},
	{"ssl.truststore.type", NULL, store_type},
	{"ssl.truststore.certificates", "ssl.ca.pem", pem},
	{"ssl.ca.pem", "ssl.ca.pem", pem},
	{"ssl.certificate.pem", "ssl.certificate.pem", pem},
	{"ssl.key.pem", "ssl.key.pem", pem},
	{"ssl.keystore.type", "ssl.keystore.type", store_type},
	{"ssl.keystore.certificate.chain", "ssl.certificate.pem", pem},
	{"ssl.keystore.key", "ssl.key.pem", pem},
	{"sasl.jaas.config", NULL, jaas},
	{"sasl.kerberos.kinit.cmd", "sasl.kerberos.kinit.cmd", kinit},
	{"sasl.login.callback.handler.class", "sasl.oauthbearer.method", oauth_handler},
	{"sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id", NULL},
	{"sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret", NULL},
	{"auto.offset.reset", "auto.offset.reset", offset_reset},
	{"partition.assignment.strategy", "partition.assignment.strategy", assignors},
	{"buffer.memory", "queue.buffering.max.kbytes", kibibytes},
	{"fetch.max.wait.ms", "fetch.wait.max.ms", NULL},
	{"max.request.size", "message.max.bytes", NULL},
	{"receive.buffer.bytes", "socket.receive.buffer.bytes", socket_buffer},
	{"send.buffer.bytes", "socket.send.buffer.bytes", socket_buffer},
	{"schema.registry.url", "kt.registry", registry_address},
	{"basic.auth.user.info", NULL, registry_user},
	{"schema.registry.basic.auth.user.info", NULL, registry_user},
};

/* What the configuration classes of Kafka's producer, consumer and admin client (2.x to 4.x) list besides, and what the
 * Confluent serializers read from the same file. A name that ends in a dot stands for all that begin with it. */
static const char *const ignored[] = {
	"auto.include.jmx.reporter",
	"auto.register.schemas",
	"avro.",
	"basic.auth.",
	"bearer.auth.",
	"block.on.buffer.full",
	"bootstrap.controllers",
	"client.dns.lookup",
	"compression.gzip.level",
	"compression.lz4.level",
	"compression.zstd.level",
	"config.providers",
	"config.providers.",
	"confluent.",
	"default.api.timeout.ms",
	"enable.metrics.push",
	"exclude.internal.topics",
	"group.protocol",
	"group.remote.assignor",
	"interceptor.classes",
	"internal.",
	"json.",
	"key.converter",
	"key.deserializer",
	"key.serializer",
	"key.subject.name.strategy",
	"latest.compatibility.strict",
	"max.block.ms",
	"max.poll.records",
	"metadata.fetch.timeout.ms",
	"metadata.max.idle.ms",
	"metadata.recovery.rebootstrap.trigger.ms",
	"metadata.recovery.strategy",
	"metric.reporters",
	"metrics.",
	"partitioner.adaptive.partitioning.enable",
	"partitioner.availability.timeout.ms",
	"partitioner.class",
	"partitioner.ignore.keys",
	"print.",
	"retry.backoff.max.ms",
	"sasl.client.callback.handler.class",
	"sasl.kerberos.ticket.renew.jitter",
	"sasl.kerberos.ticket.renew.window.factor",
	"sasl.login.",
	"sasl.oauthbearer.assertion.",
	"sasl.oauthbearer.clock.skew.seconds",
	"sasl.oauthbearer.expected.audience",
	"sasl.oauthbearer.expected.issuer",
	"sasl.oauthbearer.header.urlencode",
	"sasl.oauthbearer.jwks.",
	"sasl.oauthbearer.jwt.",
	"sasl.oauthbearer.scope.claim.name",
	"sasl.oauthbearer.sub.claim.name",
	"schema.registry.",
	"security.providers",
	"share.acknowledgement.mode",
	"socket.connection.setup.timeout.max.ms",
	"specific.avro.reader",
	"ssl.enabled.protocols",
	"ssl.engine.factory.class",
	"ssl.keymanager.algorithm",
	"ssl.protocol",
	"ssl.provider",
	"ssl.secure.random.implementation",
	"ssl.trustmanager.algorithm",
	"timeout.ms",
	"transaction.two.phase.commit.enable",
	"use.latest.version",
	"value.converter",
	"value.deserializer",
	"value.serializer",
	"value.subject.name.strategy",
	"zookeeper.connect",
};

static bool is_ignored(const char *key)
{
	for (size_t i = 0; i < KT_LEN(ignored); i++) {
		size_t len = strlen(ignored[i]);
		if (ignored[i][len - 1] == '.' ? !strncmp(key, ignored[i], len) : !strcmp(key, ignored[i]))
			return true;
	}
	return false;
}

static const struct rule *find_rule(const char *key)
{
	for (size_t i = 0; i < KT_LEN(rules); i++)
		if (!strcmp(rules[i].java, key))
			return &rules[i];
	return NULL;
}

int kt_java_translate(struct kt_java *out, const char *key, const char *value, struct kt_err *err)
{
	const struct rule *rule = find_rule(key);
	if (rule) {
		out->kind = KT_JAVA_TRANSLATED;
		if (rule->translate)
			return rule->translate(out, rule, value, err);
		put(out, rule->rdkafka, kt_strdup(value));
		return 0;
	}
	if (!strcmp(key, "ssl.cipher.suites") && (!*value || strstr(value, "TLS_"))) {
		out->kind = KT_JAVA_IGNORED;
		out->note = "Java's names of cipher suites are not OpenSSL's: its own choice stays";
		return 0;
	}
	if (!is_ignored(key))
		return 0;
	out->kind = KT_JAVA_IGNORED;
	out->note = !strcmp(key, "partitioner.class") ? "`kt produce --partitioner java` puts keys where Java does"
						      : "a setting of the Java client that means nothing here";
	return 0;
}

bool kt_java_kept(const char *key)
{
	return !strcmp(key, "ssl.truststore.location") || !strcmp(key, "ssl.truststore.password") ||
	       !strcmp(key, "ssl.keystore.type");
}

void kt_java_names(void (*each)(void *data, const char *name), void *data)
{
	for (size_t i = 0; i < KT_LEN(rules); i++)
		each(data, rules[i].java);
	for (size_t i = 0; i < KT_LEN(ignored); i++)
		if (ignored[i][strlen(ignored[i]) - 1] != '.')
			each(data, ignored[i]);
}

void kt_java_fini(struct kt_java *j)
{
	for (size_t i = 0; i < j->n; i++) {
		kt_wipe(j->v[i].value);
		free(j->v[i].value);
	}
	*j = (struct kt_java){0};
}
