#include "conf.h"

#include <sys/stat.h>
#include <unistd.h>

#include "conffile.h"
#include "embedded.h"
#include "mem.h"
#include "tap.h"

static char home[] = "/tmp/kt-conf-test-XXXXXX";
static struct kt_err err;
static struct kt_settings s;

/* A file below the home directory of the test. */
static const char *put(const char *name, const char *text)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", home, name);
	for (char *slash = path + strlen(home) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0700);
	}
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		TAP_FAIL("cannot write %s", path);
	return path;
}

/* An empty home directory and environment. */
static void fresh(void)
{
	static bool made;
	kt_settings_fini(&s);
	err = (struct kt_err){0};
	if (made) {
		char *command = kt_asprintf("rm -rf %s", home);
		CHECK_INT(system(command), 0);
		free(command);
		memcpy(home + strlen(home) - 6, "XXXXXX", 6);
	}
	made = mkdtemp(home) != NULL;
	CHECK(made);
	clearenv();
	setenv("HOME", home, 1);
	setenv("XDG_RUNTIME_DIR", home, 1);
	setenv("TMPDIR", home, 1);
}

static int load(struct kt_client_opts *opts)
{
	int result = kt_conf_load(&s, opts, &err);
	kt_strs_fini(&opts->properties);
	kt_strs_fini(&opts->resolve);
	return result;
}

static int load_x(const char *property)
{
	struct kt_client_opts opts = {0};
	kt_strs_add(&opts.properties, property);
	return load(&opts);
}

static const char *value(const char *key)
{
	return kt_settings_text(&s, key, NULL);
}

static const char *origin(const char *key)
{
	return kt_settings_get(&s, key) ? kt_settings_get(&s, key)->origin : NULL;
}

TEST(nothing_configured)
{
	char bootstrap[KT_EMBEDDED_BOOTSTRAP];
	fresh();
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	/* An embedded broker that this user happens to be running is found wherever the test runs. */
	bool local = kt_embedded_broker(bootstrap, sizeof(bootstrap));
	CHECK_STR(value("bootstrap.servers"), local ? bootstrap : "localhost:9092");
	CHECK_STR(origin("bootstrap.servers"), local ? "kt broker" : "default");
	CHECK_INT(s.n, 1);
}

TEST(each_layer_beats_the_one_below)
{
	fresh();
	put(".config/kt/config",
		"client.id=file\nkt.topic=file\n[profile lab]\nclient.id=profile\n[profile other]\nx=y\n");
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "file");
	CHECK_STR(origin("client.id"), "~/.config/kt/config:1");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), 0);
	CHECK_STR(value("client.id"), "profile");
	CHECK_STR(origin("client.id"), "~/.config/kt/config:4 [lab]");
	CHECK_STR(value("kt.topic"), "file");
	setenv("KT_PROFILE", "lab", 1);
	setenv("KT_X_CLIENT_ID", "environment", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "environment");
	CHECK_STR(origin("client.id"), "KT_X_CLIENT_ID");
	CHECK_INT(load_x("client.id=flag"), 0);
	CHECK_STR(value("client.id"), "flag");
	CHECK_STR(origin("client.id"), "-X");
}

TEST(the_environment_is_not_about_a_second_cluster)
{
	fresh();
	put(".config/kt/config",
		"client.id=front\n[profile second]\nbootstrap.servers=s:1\nsasl.username=u\nsasl.password=its\n");
	setenv("KT_X_SASL_PASSWORD", "first's", 1);
	setenv("KT_AUTH", "/nowhere", 1);
	CHECK_INT(load(&(struct kt_client_opts){.alone = true, .profile = "second"}), 0);
	CHECK_STR(value("bootstrap.servers"), "s:1");
	CHECK_STR(value("sasl.password"), "its");
	CHECK_STR(value("client.id"), "front");
	CHECK_STR(value("kt.auth"), NULL);
	CHECK_INT(load(&(struct kt_client_opts){.alone = true, .brokers = "t:1"}), 0);
	CHECK_STR(value("bootstrap.servers"), "t:1");
	CHECK_INT(s.n, 1);
}

TEST(environment)
{
	fresh();
	setenv("KAFKA_BROKER", "a:1", 1);
	setenv("TOPIC", "t", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("bootstrap.servers"), "a:1");
	CHECK_STR(value("kt.topic"), "t");
	setenv("KAFKA_BROKERS", "b:1", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("bootstrap.servers"), "b:1");
	setenv("KT_BROKERS", "c:1", 1);
	setenv("KT_TOPIC", "", 1);
	setenv("KT_GROUP", "g", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("bootstrap.servers"), "c:1");
	CHECK_STR(value("kt.topic"), "t");
	CHECK_STR(value("kt.group"), "g");
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "d:1"}), 0);
	CHECK_STR(value("bootstrap.servers"), "d:1");
	CHECK_STR(origin("bootstrap.servers"), "-b");
}

TEST(one_property_has_one_name)
{
	fresh();
	put(".config/kt/config", "metadata.broker.list=a:1\nrequest.required.acks=1\ngroup.id=g\ntopic.acks=1\n");
	CHECK_INT(load_x("acks=all"), 0);
	CHECK_STR(value("bootstrap.servers"), "a:1");
	CHECK_STR(value("acks"), "all");
	CHECK_STR(value("kt.group"), "g");
	CHECK_INT(s.n, 3);
}

TEST(the_file_that_is_used)
{
	fresh();
	put(".config/kcat.conf", "client.id=kcat\n");
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "kcat");
	put("xdg/kt/config", "client.id=xdg\n");
	char *xdg = kt_asprintf("%s/xdg", home);
	setenv("XDG_CONFIG_HOME", xdg, 1);
	free(xdg);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "xdg");
	setenv("KT_CONFIG", put("env.conf", "client.id=env\n"), 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "env");
	CHECK_INT(load(&(struct kt_client_opts){.config = put("f.properties", "client.id=\\u0046\n")}), 0);
	CHECK_STR(value("client.id"), "F");
	CHECK_STR(origin("client.id"), "~/f.properties:1");
	CHECK_INT(load(&(struct kt_client_opts){.config = "/nowhere"}), -1);
	CHECK_STR(err.msg, "-F: no configuration from /nowhere: No such file or directory");
	CHECK_INT(err.status, KT_USAGE);
}

TEST(java_files)
{
	fresh();
	put(".config/kt/config",
		"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nkey.serializer=x\n"
		"sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\\n"
		"  username=\"al\" password=\"${PW}\";\nssl.endpoint.identification.algorithm=\n");
	setenv("PW", "geheim", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("security.protocol"), "sasl_ssl");
	CHECK_STR(value("sasl.mechanism"), "PLAIN");
	CHECK_STR(value("sasl.username"), "al");
	CHECK_STR(value("sasl.password"), "geheim");
	CHECK_STR(value("ssl.endpoint.identification.algorithm"), "none");
	CHECK_INT(s.n, 6);
}

TEST(a_secret_by_javas_name_may_stand_elsewhere)
{
	fresh();
	CHECK_INT(load_x("ssl.keystore.key=file:/k"), 0);
	CHECK_STR(value("ssl.key.pem"), "file:/k");
	CHECK_INT(load_x("ssl.truststore.password=ask:"), 0);
	CHECK_STR(value("ssl.truststore.password"), "ask:");
}

TEST(mistakes)
{
	static const struct {
		const char *file, *x, *message, *hint;
	} cases[] = {
		{"\nlinger.sm=5", NULL, "~/.config/kt/config:2: there is no property \"linger.sm\"",
			"did you mean linger.ms?"},
		{"key.serialiser=x", NULL, "~/.config/kt/config:1: there is no property \"key.serialiser\"",
			"did you mean key.serializer?"},
		{"[profile a]\n[profile p]\nkt.topik=x", NULL,
			"~/.config/kt/config:3 [p]: there is no property \"kt.topik\"", "did you mean kt.topic?"},
		{"", "qqqqqqqqqqqqqqqqqqqqqqqqqqqq=1", "-X: there is no property \"qqqqqqqqqqqqqqqqqqqqqqqqqqqq\"",
			"`-X list` shows all properties"},
		{"", "brokers=b:1", "-X: there is no property \"brokers\"",
			"rpk's brokers is bootstrap.servers, which is -b LIST on a command line"},
		{"user=me", NULL, "~/.config/kt/config:1: there is no property \"user\"",
			"rpk's user is sasl.username"},
		{"", "linger.ms", "-X: expected NAME=VALUE, got \"linger.ms\"", "`-X list` shows the properties"},
		{"client.id=${NOT}", NULL, "~/.config/kt/config:1: ${NOT} is not set in the environment",
			"write $${ for a plain ${"},
		{"a b", NULL, "~/.config/kt/config:1: expected \"property=value\"", ""},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		fresh();
		put(".config/kt/config", cases[i].file);
		struct kt_client_opts opts = {.profile = strstr(cases[i].file, "[profile") ? "p" : NULL};
		if (cases[i].x)
			kt_strs_add(&opts.properties, cases[i].x);
		CHECK_INT(load(&opts), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_STR(err.msg, cases[i].message);
		CHECK_STR(err.hint, cases[i].hint);
	}
	fresh();
	CHECK_INT(load_x("linger.ms=soon"), -1);
	CHECK(strstr(err.msg, "-X: linger.ms=soon: "));
	CHECK_INT(load_x("sasl.password="), 0);
}

TEST(profiles_that_are_not_there)
{
	fresh();
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), -1);
	CHECK_STR(err.msg, "--profile: no profile \"lab\": there is no configuration file");
	CHECK(strstr(err.hint, "`kt config init --profile lab -b ADDR` writes one"));
	put(".config/kt/config", "[profile lab]\n[profile home]\n");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lba"}), -1);
	CHECK_STR(err.msg, "--profile: no profile \"lba\" in ~/.config/kt/config");
	CHECK_STR(err.hint, "did you mean lab?");
	setenv("KT_PROFILE", "zzzzzzz", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), -1);
	CHECK_STR(err.msg, "KT_PROFILE: no profile \"zzzzzzz\" in ~/.config/kt/config");
	CHECK_STR(err.hint, "it has lab, home");
	struct kt_strs names = {0};
	kt_conf_profiles(&names, &(struct kt_client_opts){0});
	CHECK_INT(names.n, 2);
	kt_strs_fini(&names);
}

TEST(resolve_is_one_setting)
{
	fresh();
	struct kt_client_opts opts = {0};
	kt_strs_add(&opts.resolve, "a=1.2.3.4");
	kt_strs_add(&opts.resolve, "b=::1");
	CHECK_INT(load(&opts), 0);
	CHECK_STR(value("kt.resolve"), "a=1.2.3.4 b=::1");
}

static char *folder(bool ca)
{
	put("auth/kafka.keystore.pkcs12", "x");
	put("auth/kafka.truststore.pkcs12", "x");
	if (ca)
		put("auth/ca.crt", "x");
	put("auth/client-ssl.properties",
		"security.protocol=SSL\nssl.keystore.location=/elsewhere/kafka.keystore.pkcs12\n"
		"ssl.truststore.location=/elsewhere/kafka.truststore.pkcs12\n"
		"ssl.truststore.password=tp\nssl.keystore.password=folder\n");
	return kt_asprintf("%s/auth", home);
}

static const char *below_home(const char *path)
{
	return path && !strncmp(path, home, strlen(home)) ? path + strlen(home) : path;
}

TEST(auth_folder)
{
	fresh();
	char *dir = folder(true);
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	CHECK_STR(below_home(value("ssl.ca.location")), "/auth/ca.crt");
	CHECK_STR(value("ssl.truststore.location"), NULL);
	CHECK_STR(below_home(value("ssl.keystore.location")), "/auth/kafka.keystore.pkcs12");
	CHECK_STR(value("ssl.keystore.password"), "folder");
	CHECK_STR(origin("ssl.keystore.password"), "~/auth/client-ssl.properties:5");
	free(dir);
}

TEST(auth_folder_with_a_truststore_only)
{
	fresh();
	char *dir = folder(false);
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("ssl.ca.location"), NULL);
	CHECK_STR(below_home(value("ssl.truststore.location")), "/auth/kafka.truststore.pkcs12");
	CHECK_STR(value("ssl.truststore.password"), "tp");
	free(dir);
}

TEST(paths_in_the_folders_file_are_looked_up_by_name)
{
	fresh();
	char *dir = folder(true);
	put("auth/mine.p12", "x");
	put("auth/client-ssl.properties", "ssl.keystore.location=/elsewhere/mine.p12\n");
	char *keystore = kt_asprintf("%s/kafka.keystore.pkcs12", dir);
	unlink(keystore);
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(below_home(value("ssl.keystore.location")), "/auth/mine.p12");
	free(keystore);
	free(dir);
}

TEST(places_of_the_password_in_their_order)
{
	fresh();
	char *dir = folder(true);
	put(".config/kt/config", "ssl.keystore.password=file\n[profile p]\nssl.keystore.password=profile\n");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("ssl.keystore.password"), "folder");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir, .profile = "p"}), 0);
	CHECK_STR(value("ssl.keystore.password"), "profile");
	setenv("KT_X_SSL_KEYSTORE_PASSWORD", "env", 1);
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir, .profile = "p"}), 0);
	CHECK_STR(value("ssl.keystore.password"), "env");
	struct kt_client_opts opts = {.auth = dir, .profile = "p"};
	kt_strs_add(&opts.properties, "ssl.keystore.password=flag");
	CHECK_INT(load(&opts), 0);
	CHECK_STR(value("ssl.keystore.password"), "flag");
	free(dir);
}

TEST(a_folder_sets_credentials_and_nothing_else)
{
	static const char *const others[] = {"plugin.library.paths=./evil", "sasl.kerberos.kinit.cmd=touch pwned",
		"sasl.kerberos.principal=x; touch pwned", "ssl.engine.location=./evil.so", "ssl.providers=evil",
		"kt.resolve=a=127.0.0.1", "kt.auth=/", "kt.registry=http://127.0.0.1:1", "kt.topic=t", "group.id=g",
		"client.id=x", "enable.ssl.certificate.verification=false", "sasl.oauthbearer.config=x",
		"kt.oauth.command=touch made", "kt.oauth.file=x", "schema.registry.url=http://127.0.0.1:1",
		"no.such.property=1", "debug=all", "ssl.crl.location=ca.crt", "topic.acks=0", "opaque=1",
		"sasl.login.callback.handler.class=OAuthBearerLoginCallbackHandler",
		"sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required principal=\"x; touch pwned\";",
		"basic.auth.user.info=u:p", "[profile p]\nssl.keystore.password=p"};
	for (size_t i = 0; i < KT_LEN(others); i++) {
		fresh();
		char *dir = folder(true), *text = kt_asprintf("%s\n", others[i]);
		put("auth/client-ssl.properties", text);
		CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
		/* kt.auth, the brokers, and what the other files in the folder mean. */
		CHECK_INT(s.n, 5);
		CHECK_STR(value("ssl.keystore.password"), NULL);
		free(text);
		free(dir);
	}
}

TEST(what_a_folder_may_set)
{
	fresh();
	char *dir = folder(true);
	put("auth/client-ssl.properties",
		"bootstrap.servers=b:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config="
		"o.PlainLoginModule required username=\"${HOME}\" password=\"a$${b\";\nssl.key.password=k\n"
		"ssl.endpoint.identification.algorithm=\nssl.keystore.type=PKCS12\nssl.truststore.type=PKCS12\n");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("bootstrap.servers"), "b:1");
	CHECK_STR(value("security.protocol"), "sasl_ssl");
	CHECK_STR(value("sasl.mechanism"), "PLAIN");
	CHECK_STR(value("sasl.username"), "${HOME}");
	CHECK_STR(value("sasl.password"), "a$${b");
	CHECK_STR(value("ssl.key.password"), "k");
	CHECK_STR(value("ssl.endpoint.identification.algorithm"), "none");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir, .brokers = "mine:1"}), 0);
	CHECK_STR(value("bootstrap.servers"), "mine:1");
	free(dir);
}

TEST(a_folder_refers_to_nothing_outside)
{
	static const char *const others[] = {"ssl.ca.location=/etc/passwd", "ssl.ca.location=../secret",
		"ssl.key.location=link", "ssl.certificate.location=sub/../../secret", "ssl.ca.location=~/secret",
		"ssl.keystore.location=..", "ssl.truststore.location=.", "ssl.ca.location=", "ssl.key.location=pipe",
		"sasl.password=file:../secret", "sasl.password=env:HOME",
		"ssl.key.password=ask:", "sasl.jaas.config=PlainLoginModule required password=\"file:../secret\";",
		"ssl.key.location=out/secret", "ssl.ca.location=probe", "ssl.key.pem=file:../secret",
		"ssl.keystore.key=env:HOME"};
	for (size_t i = 0; i < KT_LEN(others); i++) {
		fresh();
		char *dir = folder(true), *text = kt_asprintf("%s\n", others[i]), *link = kt_asprintf("%s/link", dir),
		     *pipe = kt_asprintf("%s/pipe", dir), *out = kt_asprintf("%s/out", dir);
		put("secret", "x");
		CHECK_INT(symlink("../secret", link) + mkfifo(pipe, 0600) + symlink("..", out), 0);
		put("auth/client-ssl.properties", text);
		CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
		CHECK_INT(s.n, 5);
		CHECK_STR(below_home(value("ssl.ca.location")), "/auth/ca.crt");
		free(out);
		free(pipe);
		free(link);
		free(text);
		free(dir);
	}
}

TEST(files_of_a_folder_are_its_own)
{
	static const char *const names[] = {
		"ca.crt", "kafka.keystore.pkcs12", "client-ssl.properties", "kafka.truststore.pkcs12"};
	for (size_t i = 0; i < KT_LEN(names); i++) {
		fresh();
		char *dir = folder(strcmp(names[i], "kafka.truststore.pkcs12") != 0),
		     *path = kt_asprintf("%s/%s", dir, names[i]);
		put("secret", "x");
		CHECK_INT(unlink(path) + symlink("../secret", path), 0);
		CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), -1);
		CHECK_INT(err.status, KT_USAGE);
		CHECK(strstr(err.msg, names[i]) && strstr(err.msg, " is not a file of the folder itself"));
		CHECK_INT(unlink(path) + mkfifo(path, 0600), 0);
		CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), -1);
		/* As secrets are mounted as volumes: links, but inside. */
		CHECK_INT(unlink(path), 0);
		put("auth/data/file", "");
		CHECK_INT(symlink("data/file", path), 0);
		CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
		free(path);
		free(dir);
	}
}

TEST(brokers_of_a_folder_get_no_other_clusters_password)
{
	fresh();
	char *dir = folder(true);
	put(".config/kt/config", "sasl.username=me\nsasl.password=mine\n");
	put("auth/client-ssl.properties", "bootstrap.servers=b:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("sasl.username"), NULL);
	CHECK_STR(value("sasl.password"), NULL);
	struct kt_client_opts opts = {.auth = dir};
	kt_strs_add(&opts.properties, "sasl.password=given");
	CHECK_INT(load(&opts), 0);
	CHECK_STR(value("sasl.password"), "given");
	free(dir);
}

TEST(a_folder_named_in_the_file_loses_to_its_neighbours)
{
	fresh();
	char *dir = folder(true),
	     *text = kt_asprintf(
		     "kt.auth=%s\nssl.keystore.password=file\nsecurity.protocol=sasl_ssl\nssl.ca.location=/mine\n",
		     dir);
	put(".config/kt/config", text);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("ssl.keystore.password"), "file");
	CHECK_STR(value("security.protocol"), "sasl_ssl");
	CHECK_STR(value("ssl.ca.location"), "/mine");
	CHECK_STR(below_home(value("ssl.keystore.location")), "/auth/kafka.keystore.pkcs12");
	/* The same folder is stronger as a flag than in the file. */
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	CHECK_STR(below_home(value("ssl.ca.location")), "/auth/ca.crt");
	CHECK_STR(value("ssl.keystore.password"), "folder");
	free(text);
	free(dir);
}

TEST(a_stronger_way_to_say_the_same_drops_the_weaker)
{
	fresh();
	char *dir = folder(true);
	struct kt_client_opts opts = {.auth = dir};
	kt_strs_add(&opts.properties, "ssl.ca.pem=-----BEGIN CERTIFICATE-----");
	CHECK_INT(load(&opts), 0);
	CHECK_STR(value("ssl.ca.location"), NULL);
	CHECK_STR(value("ssl.truststore.location"), NULL);
	put(".config/kt/config", "ssl.certificate.location=/c\nssl.key.location=/k\nssl.truststore.location=/t\n");
	CHECK_INT(load_x("ssl.key.location=/other"), 0);
	CHECK_STR(value("ssl.certificate.location"), "/c");
	CHECK_STR(value("ssl.truststore.location"), "/t");
	CHECK_INT(load_x("ssl.ca.location=/ca"), 0);
	CHECK_STR(value("ssl.truststore.location"), NULL);
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("ssl.certificate.location"), NULL);
	free(dir);
}

TEST(folders_that_are_none)
{
	fresh();
	CHECK_INT(load(&(struct kt_client_opts){.auth = "/nowhere"}), -1);
	CHECK_STR(err.msg, "--auth: cannot use /nowhere: No such file or directory");
	CHECK_INT(load(&(struct kt_client_opts){.auth = "/dev/null"}), -1);
	CHECK_STR(err.msg, "--auth: cannot use /dev/null: Not a directory");
	setenv("KT_AUTH", home, 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), -1);
	CHECK(strstr(err.msg, "KT_AUTH: ") && strstr(err.msg, " holds no keystore"));
	CHECK_INT(err.status, KT_USAGE);
}

TEST(secrets_stand_elsewhere)
{
	fresh();
	char *x = kt_asprintf("sasl.password=file:%s", put("pw", "two words \n"));
	CHECK_INT(load_x(x), 0);
	CHECK(!strncmp(value("sasl.password"), "file:", 5));
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("sasl.password"), "two words ");
	CHECK_STR(origin("sasl.password"), "-X");
	free(x);
	CHECK_INT(load_x("sasl.password=env:THE_PW"), 0);
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK_STR(err.msg, "-X: sasl.password is to come from the environment, and THE_PW is not set there");
	setenv("THE_PW", "env:literally", 1);
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("sasl.password"), "env:literally");
	CHECK_INT(load_x("sasl.password=file:/nowhere"), 0);
	CHECK_INT(kt_conf_resolve(&s, &err), -1);
	CHECK_STR(err.msg, "-X: sasl.password: cannot read /nowhere: No such file or directory");
	CHECK_INT(load_x("client.id=env:prod"), 0);
	CHECK_INT(kt_conf_resolve(&s, &err), 0);
	CHECK_STR(value("client.id"), "env:prod");
}

/* A cluster with credentials before the sections, and beside it what the rows need. */
static void two_clusters(void)
{
	fresh();
	put(".config/kt/config",
		"bootstrap.servers=a:9093,b:9093\nsecurity.protocol=sasl_ssl\nsasl.username=me\nsasl.password=mine\n"
		"enable.ssl.certificate.verification=false\nkt.topic=t\nkt.registry=http://r\nlinger.ms=7\n"
		"[profile lab]\nbootstrap.servers=localhost:9092\n"
		"[profile same]\nbootstrap.servers=b:9093\n"
		"[profile variant]\nkt.topic=other\n"
		"[profile safe]\nbootstrap.servers=s:1\nsasl.password=safe\nsecurity.protocol=sasl_ssl\n");
}

TEST(credentials_stay_with_the_brokers_they_came_with)
{
	static const struct {
		const char *profile, *brokers, *variable, *got, *password, *topic;
	} rows[] = {
		{NULL, NULL, NULL, "a:9093,b:9093", "mine", "t"},
		{"lab", NULL, NULL, "localhost:9092", NULL, NULL},
		{"same", NULL, NULL, "b:9093", "mine", "t"},
		{"variant", NULL, NULL, "a:9093,b:9093", "mine", "other"},
		{"default", NULL, NULL, "a:9093,b:9093", "mine", "t"},
		{"none", NULL, NULL, NULL, NULL, NULL},
		/* -b: others get nothing, unless the profile is named on the same command line. */
		{NULL, "c:9093", NULL, "c:9093", NULL, "t"},
		{NULL, "a:9092", NULL, "a:9092", NULL, "t"},
		{NULL, "a", NULL, "a", NULL, "t"},
		{NULL, "b:9093", NULL, "b:9093", "mine", "t"},
		{NULL, " B:9093 , a:9093", NULL, " B:9093 , a:9093", "mine", "t"},
		{NULL, "SASL_SSL://b:9093", NULL, "SASL_SSL://b:9093", "mine", "t"},
		{NULL, "b:9093,c:9093", NULL, "b:9093,c:9093", NULL, "t"},
		{NULL, "aa:9093", NULL, "aa:9093", NULL, "t"},
		{"default", "c:9093", NULL, "c:9093", "mine", "t"},
		{"lab", "c:9093", NULL, "c:9093", NULL, NULL},
		{"safe", "c:9093", NULL, "c:9093", "safe", NULL},
		{"variant", "c:9093", NULL, "c:9093", "mine", "other"},
		/* A variable counts like -b, but a profile that is named on the command line outweighs it. */
		{NULL, NULL, "c:9093", "c:9093", NULL, "t"},
		{NULL, NULL, "a:9093", "a:9093", "mine", "t"},
		{NULL, "b:9093", "c:9093", "b:9093", NULL, "t"},
		{"safe", NULL, "c:9093", "s:1", "safe", NULL},
		{"safe", NULL, "s:1", "s:1", "safe", NULL},
		{"none", NULL, "c:9093", "c:9093", NULL, NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		two_clusters();
		if (rows[i].variable)
			setenv("KT_BROKERS", rows[i].variable, 1);
		CHECK_INT(load(&(struct kt_client_opts){.profile = rows[i].profile, .brokers = rows[i].brokers}), 0);
		if (rows[i].got)
			CHECK_STR(value("bootstrap.servers"), rows[i].got);
		CHECK_STR(value("sasl.password"), rows[i].password);
		CHECK_STR(value("enable.ssl.certificate.verification"),
			rows[i].password && strcmp(rows[i].password, "mine") == 0 ? "false" : NULL);
		CHECK_STR(value("kt.topic"), rows[i].topic);
		CHECK_STR(value("linger.ms"), rows[i].profile && !strcmp(rows[i].profile, "none") ? NULL : "7");
	}
}

TEST(credentials_for_no_brokers_in_particular_are_for_all)
{
	fresh();
	put(".config/kt/config", "sasl.username=me\nsasl.password=mine\nsecurity.protocol=sasl_ssl\n"
				 "[profile lab]\nbootstrap.servers=l:1\n");
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:9093"}), 0);
	CHECK_STR(value("sasl.password"), "mine");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), 0);
	CHECK_STR(value("sasl.password"), "mine");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab", .brokers = "c:9093"}), 0);
	CHECK_STR(value("sasl.password"), "mine");
	/* With brokers in the environment, its credentials are theirs. */
	setenv("KT_BROKERS", "a:1", 1);
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:9093"}), 0);
	CHECK_STR(value("sasl.password"), NULL);
}

TEST(credentials_of_the_environment)
{
	fresh();
	char *dir = folder(true);
	setenv("KT_AUTH", dir, 1);
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:9093"}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	setenv("KT_BROKERS", "a:1", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:9093"}), 0);
	CHECK_STR(value("security.protocol"), NULL);
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:9093", .auth = dir}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	/* A password for a profile may stand there, since no brokers do. */
	unsetenv("KT_BROKERS");
	unsetenv("KT_AUTH");
	setenv("KT_X_SASL_PASSWORD", "variable", 1);
	put(".config/kt/config", "[profile lab]\nbootstrap.servers=l:1\nsasl.username=me\n");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), 0);
	CHECK_STR(value("sasl.password"), "variable");
	free(dir);
}

TEST(brokers_that_a_folder_names_bind_too)
{
	fresh();
	char *dir = folder(true), *text = kt_asprintf("kt.auth=%s\n[profile lab]\nbootstrap.servers=l:1\n", dir);
	put("auth/client-ssl.properties", "bootstrap.servers=f:1\n");
	put(".config/kt/config", text);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("bootstrap.servers"), "f:1");
	CHECK_STR(value("security.protocol"), "ssl");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), 0);
	CHECK_STR(value("bootstrap.servers"), "l:1");
	CHECK_STR(value("security.protocol"), NULL);
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "c:1"}), 0);
	CHECK_STR(value("security.protocol"), NULL);
	CHECK_INT(load(&(struct kt_client_opts){.brokers = "f:1"}), 0);
	CHECK_STR(value("security.protocol"), "ssl");
	/* The folder of --auth is for its own brokers; what a file has for others does not count. */
	put(".config/kt/config", "bootstrap.servers=a:1\nsasl.password=mine\n");
	CHECK_INT(load(&(struct kt_client_opts){.auth = dir}), 0);
	CHECK_STR(value("bootstrap.servers"), "f:1");
	CHECK_STR(value("sasl.password"), NULL);
	free(text);
	free(dir);
}

TEST(one_address_by_several_names)
{
	fresh();
	put(".config/kt/config",
		"bootstrap.servers=localhost:9093,k1:9093\nkt.resolve=k1=10.0.0.1\nsasl.password=mine\n");
	static const char *const same[] = {"127.0.0.1:9093", "[::1]:9093", "10.0.0.1:9093"};
	for (size_t i = 0; i < KT_LEN(same); i++) {
		CHECK_INT(load(&(struct kt_client_opts){.brokers = same[i]}), 0);
		CHECK_STR(value("sasl.password"), "mine");
	}
	static const char *const others[] = {"127.0.0.1:9094", "10.0.0.1", "10.0.0.2:9093", "127.0.0.2:9093"};
	for (size_t i = 0; i < KT_LEN(others); i++) {
		CHECK_INT(load(&(struct kt_client_opts){.brokers = others[i]}), 0);
		CHECK_STR(value("sasl.password"), NULL);
	}
}

TEST(two_clusters_in_one_process)
{
	struct kt_settings to = {0};
	two_clusters();
	setenv("KT_BROKERS", "a:9093", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_INT(kt_conf_load(&to, &(struct kt_client_opts){.profile = "safe"}, &err), 0);
	CHECK_STR(value("sasl.password"), "mine");
	CHECK_STR(kt_settings_text(&to, "bootstrap.servers", NULL), "s:1");
	CHECK_STR(kt_settings_text(&to, "sasl.password", NULL), "safe");
	CHECK_STR(kt_settings_text(&to, "sasl.username", NULL), NULL);
	kt_settings_fini(&to);
}

TEST(the_profile_in_use)
{
	two_clusters();
	put(".config/kt/config",
		"kt.profile=lab\nlinger.ms=1\n[profile lab]\nlinger.ms=2\n[profile none]\nlinger.ms=3\n");
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("linger.ms"), "2");
	CHECK_STR(value("kt.profile"), "lab");
	CHECK_STR(origin("kt.profile"), "~/.config/kt/config:1");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "default"}), 0);
	CHECK_STR(value("linger.ms"), "1");
	CHECK_STR(value("kt.profile"), NULL);
	setenv("KT_PROFILE", "default", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("linger.ms"), "1");
	setenv("KT_PROFILE", "none", 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("linger.ms"), NULL);
	unsetenv("KT_PROFILE");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "none", .config = "/dev/null"}), -1);
	CHECK_STR(err.msg, "-F names a configuration file, and --profile=none says to use none");
	CHECK_INT(load_x("kt.profile=lab"), -1);
	CHECK_STR(err.msg, "-X: kt.profile belongs in front of a file's sections, and nowhere else");
	put(".config/kt/config", "kt.profile=gone\n[profile lab]\n");
	CHECK_INT(load(&(struct kt_client_opts){0}), -1);
	CHECK_STR(err.msg, "~/.config/kt/config:1: no profile \"gone\" in ~/.config/kt/config");
	put(".config/kt/config", "[profile lab]\nkt.profile=x\n");
	CHECK_INT(load(&(struct kt_client_opts){.profile = "lab"}), -1);
	CHECK_STR(err.msg,
		"~/.config/kt/config:2 [lab]: kt.profile belongs in front of a file's sections, and nowhere else");
}

TEST(kcats_variable)
{
	fresh();
	char *path = kt_strdup(put("kcat", "client.id=variable\n"));
	put(".config/kcat.conf", "client.id=kcat\n");
	setenv("KCAT_CONFIG", path, 1);
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "variable");
	put(".config/kt/config", "client.id=own\n");
	CHECK_INT(load(&(struct kt_client_opts){0}), 0);
	CHECK_STR(value("client.id"), "own");
	free(path);
}

TEST(cleaning_up)
{
	fresh();
	rmdir(home);
	kt_settings_fini(&s);
}
