#include "confresolve.h"

#include <unistd.h>

#include "mem.h"
#include "tap.h"

static char dir[] = "/tmp/kt-reveal-test-XXXXXX";
static struct kt_err err;
static struct kt_settings s;

static bool shell(const char *command)
{
	char line[1024];
	snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", dir, command);
	return system(line) == 0;
}

#define EXPORT "openssl pkcs12 -export -inkey c.key -in c.crt -name client58 -passout pass:cc2023 "

static bool made(void)
{
	static int state;
	if (!state) {
		state = mkdtemp(dir) && shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout c.key -out c.crt "
					      "-subj /CN=client58 -days 2 && " EXPORT "-out k.p12 && " EXPORT
					      "-legacy -out old.p12 && openssl pkcs12 -export -nokeys -in c.crt "
					      "-passout pass:cc2023 -out t.p12 && cat c.key c.crt >k.pem && "
					      "printf '\\376\\355\\376\\355' >k.jks")
				? 1
				: -1;
		setenv("KEYSTORE_PASSWORD", "cc2023", 1);
	}
	if (state < 0)
		printf("# no openssl to make keys with: skipped\n");
	return state > 0;
}

/* Fresh settings for TLS. */
static void start(void)
{
	kt_settings_fini(&s);
	err = (struct kt_err){0};
	kt_settings_put(&s, KT_RANK_FILE, "security.protocol", "ssl", "f:1");
}

static void put(const char *key, const char *value)
{
	kt_settings_put(&s, KT_RANK_FILE, key, value, "f:2");
}

static void put_path(const char *key, const char *name)
{
	char *path = kt_asprintf("%s/%s", dir, name);
	put(key, path);
	free(path);
}

static const char *value(const char *key)
{
	return kt_settings_text(&s, key, NULL);
}

TEST(keystore)
{
	if (!made())
		return;
	start();
	put_path("ssl.keystore.location", "k.p12");
	put("ssl.keystore.password", "env:KEYSTORE_PASSWORD");
	put("ssl.keystore.type", "PKCS12");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("ssl.keystore.password"), "cc2023");
	CHECK_STR(value("ssl.keystore.type"), NULL);
	CHECK_STR(value("ssl.providers"), NULL);
	CHECK(value("ssl.keystore.location"));
}

TEST(old_keystore_brings_the_legacy_provider)
{
	if (!made())
		return;
	start();
	put_path("ssl.keystore.location", "old.p12");
	put("ssl.keystore.password", "cc2023");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("ssl.providers"), "default,legacy");
}

TEST(wrong_password_is_told_with_its_origin)
{
	if (!made())
		return;
	start();
	put_path("ssl.keystore.location", "k.p12");
	put("ssl.keystore.password", "geheim");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK(strstr(err.msg, "the password does not open ") == err.msg);
	CHECK(!strstr(err.msg, "geheim"));
	CHECK_STR(err.hint, "ssl.keystore.password comes from f:2");
}

TEST(keystore_that_is_not_there)
{
	start();
	put("ssl.keystore.location", "/nowhere.p12");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK_STR(err.msg, "f:2: ssl.keystore.location: cannot read /nowhere.p12: No such file or directory");
}

TEST(files_that_are_not_there)
{
	start();
	put("ssl.ca.location", "/nowhere.crt");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_STR(err.msg, "f:2: ssl.ca.location: cannot read /nowhere.crt: No such file or directory");
	start();
	put("ssl.ca.location", "probe");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
}

TEST(pem_keystore_becomes_certificate_and_key)
{
	if (!made())
		return;
	start();
	put_path("ssl.keystore.location", "k.pem");
	put("ssl.keystore.type", "PEM");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("ssl.keystore.location"), NULL);
	CHECK(value("ssl.certificate.location"));
	CHECK_STR(value("ssl.key.location"), value("ssl.certificate.location"));
}

TEST(truststores)
{
	if (!made())
		return;
	start();
	put_path("ssl.truststore.location", "t.p12");
	put("ssl.truststore.password", "cc2023");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK(value("ssl.ca.pem") && strstr(value("ssl.ca.pem"), "-----BEGIN CERTIFICATE-----"));
	CHECK_INT(s.n, 2);
	start();
	put_path("ssl.truststore.location", "t.p12");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK(strstr(err.msg, " needs a password"));
	CHECK_STR(err.hint, "set ssl.truststore.password");
	start();
	put_path("ssl.truststore.location", "c.crt");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK(value("ssl.ca.location"));
	CHECK_INT(s.n, 2);
}

TEST(jks_is_refused)
{
	if (!made())
		return;
	start();
	put_path("ssl.keystore.location", "k.jks");
	put("ssl.keystore.password", "x");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK(strstr(err.msg, "/k.jks is a JKS store, which only Java reads"));
	CHECK(strstr(err.hint, "keytool -importkeystore -srckeystore "));
	start();
	put_path("ssl.truststore.location", "k.jks");
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK(strstr(err.msg, "/k.jks is a JKS store, which only Java reads"));
}

TEST(without_tls_no_store_is_read)
{
	kt_settings_fini(&s);
	put("ssl.keystore.location", "/nowhere");
	put("ssl.truststore.location", "/nowhere");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_INT(s.n, 2);
}

TEST(somebody_else_speaks_tls)
{
	if (!made())
		return;
	kt_settings_fini(&s);
	put_path("ssl.keystore.location", "k.p12");
	put("ssl.keystore.password", "env:KEYSTORE_PASSWORD");
	put_path("ssl.truststore.location", "t.p12");
	put("ssl.truststore.password", "geheim");
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_INT(kt_conf_resolve_tls(&s, &err), -1);
	CHECK_STR(err.hint, "ssl.truststore.password comes from f:2");
	put("ssl.truststore.password", "cc2023");
	CHECK_INT(kt_conf_resolve_tls(&s, &err), 0);
	CHECK(value("ssl.ca.pem") && strstr(value("ssl.ca.pem"), "-----BEGIN CERTIFICATE-----"));
	CHECK_STR(value("ssl.truststore.location"), NULL);
	CHECK_STR(value("ssl.keystore.password"), "cc2023");
}

TEST(cleaning_up)
{
	kt_settings_fini(&s);
	if (made())
		CHECK(shell("rm -rf \"$PWD\""));
}

TEST(a_token_is_needed)
{
	static const struct {
		const char *protocol, *mechanism, *key, *value;
		int result;
	} rows[] = {
		{"sasl_ssl", "OAUTHBEARER", "client.id", "x", -1},
		{"SASL_PLAINTEXT", "OAUTHBEARER", "sasl.oauthbearer.config", "principal=x", -1},
		{"SASL_PLAINTEXT", "OAUTHBEARER", "enable.sasl.oauthbearer.unsecure.jwt", "false", -1},
		{"sasl_plaintext", "OAUTHBEARER", "enable.sasl.oauthbearer.unsecure.jwt", "true", 0},
		{"sasl_plaintext", "OAUTHBEARER", "sasl.oauthbearer.method", "oidc", 0},
		{"sasl_plaintext", "OAUTHBEARER", "kt.oauth.command", "true", 0},
		{"sasl_ssl", "OAUTHBEARER", "kt.oauth.file", "token", 0},
		{"plaintext", "OAUTHBEARER", "client.id", "x", 0},
		{"sasl_plaintext", "PLAIN", "client.id", "x", 0},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_err why = {0};
		kt_auto(kt_settings_fini) struct kt_settings some = {0};
		kt_settings_put(&some, KT_RANK_FILE, "security.protocol", rows[i].protocol, "f:1");
		kt_settings_put(&some, KT_RANK_FILE, "sasl.mechanism", rows[i].mechanism, "f:2");
		kt_settings_put(&some, KT_RANK_FILE, rows[i].key, rows[i].value, "f:3");
		CHECK_INT(kt_conf_resolve(&some, &why), rows[i].result);
		CHECK_STR(why.msg,
			rows[i].result ? "sasl.mechanism is OAUTHBEARER, and there is no way to get a token" : "");
		CHECK_INT(why.status, rows[i].result ? KT_USAGE : 0);
	}
}
