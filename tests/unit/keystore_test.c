#include "keystore.h"

#include <unistd.h>

#include "file.h"
#include "tap.h"

static char dir[] = "/tmp/kt-keystore-test-XXXXXX";
static struct kt_err err;
static struct kt_buf file, pem;

/* Runs a shell command in the test's directory. Keys are made here and now: none is kept in the repository. */
static bool shell(const char *command)
{
	char line[1024];
	snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", dir, command);
	return system(line) == 0;
}

static bool made(void)
{
	static int state;
	if (!state)
		state = mkdtemp(dir) && shell("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt "
					      "-subj /CN=TestCA -days 2 && openssl req -newkey rsa:2048 -nodes -keyout "
					      "c.key -out c.csr -subj /O=x/CN=client58 && openssl x509 -req -in c.csr "
					      "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out c.crt")
				? 1
				: -1;
	if (state < 0)
		printf("# no openssl to make keys with: skipped\n");
	return state > 0;
}

static bool have_keytool(void)
{
	return shell("command -v keytool");
}

static int load(const char *name)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file.len = pem.len = 0;
	err = (struct kt_err){0};
	return kt_file_read(&file, path, KT_STORE_MAX, &err);
}

static int certificates(const char *name, const char *password)
{
	if (load(name) < 0 || kt_store_certificates(&pem, file.data, file.len, password, name, &err) < 0)
		return -1;
	int n = 0;
	for (const char *at = kt_buf_cstr(&pem); (at = strstr(at, "-----BEGIN CERTIFICATE-----")); at++)
		n++;
	return n;
}

static int keystore(const char *name, const char *password, struct kt_keystore *out)
{
	*out = (struct kt_keystore){0};
	return load(name) < 0 ? -1 : kt_keystore_open(out, file.data, file.len, password, name, &err);
}

#define EXPORT "openssl pkcs12 -export -inkey c.key -in c.crt -certfile ca.crt -name client58 -passout pass:cc2023 "
#define IMPORT "-importcert -noprompt -alias ca -file ca.crt -storepass cc2023 -keystore "

TEST(kinds)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum kt_sqlitestore kind;
	} cases[] = {
		{"", 0, KT_STORE_OTHER},
		{"\xfe\xed\xfe\xed\0\0", 6, KT_STORE_JKS},
		{"\xce\xce\xce\xce", 4, KT_STORE_JKS},
		{"\xfe\xed\xfe", 3, KT_STORE_OTHER},
		{"\x30\x82", 2, KT_STORE_PKCS12},
		{"\x30", 1, KT_STORE_OTHER},
		{"Certificate:\n-----BEGIN CERTIFICATE-----", 40, KT_STORE_PEM},
		{"hello", 5, KT_STORE_OTHER},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_INT(kt_store_kind(cases[i].bytes, cases[i].len), cases[i].kind);
}

TEST(jks_is_refused_with_the_line_that_converts_it)
{
	CHECK_INT(kt_store_certificates(&pem, "\xfe\xed\xfe\xed", 4, "x", "auth/t.jks", &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_STR(err.msg, "auth/t.jks is a JKS store, which only Java reads");
	CHECK_STR(err.hint, "convert it: keytool -importkeystore -srckeystore auth/t.jks -destkeystore auth/t.p12 "
			    "-deststoretype PKCS12");
}

TEST(other_files)
{
	struct kt_keystore k;
	CHECK_INT(kt_keystore_open(&k, "hello", 5, "x", "f", &err), -1);
	CHECK_STR(err.msg, "f is not a PKCS#12 store");
	CHECK_INT(kt_keystore_open(&k, "0\x82\x01\x01\x02", 5, "x", "f", &err), -1);
	CHECK_STR(err.msg, "f looks like a PKCS#12 store but is damaged or cut off");
	CHECK_INT(kt_keystore_open(&k, NULL, 0, "x", "f", &err), -1);
}

TEST(keystore_with_todays_encryption)
{
	struct kt_keystore k;
	if (!made())
		return;
	CHECK(shell(EXPORT "-out new.p12"));
	CHECK_INT(keystore("new.p12", "cc2023", &k), 0);
	CHECK_STR(k.cn, "client58");
	CHECK(!k.legacy);
	CHECK_INT(keystore("new.p12", "wrong", &k), -1);
	CHECK_STR(err.msg, "the password does not open new.p12");
	CHECK_INT(keystore("new.p12", "", &k), -1);
	CHECK_STR(err.msg, "new.p12 needs a password");
	CHECK_INT(keystore("new.p12", NULL, &k), -1);
	CHECK_STR(err.msg, "new.p12 needs a password");
}

TEST(keystore_with_old_encryption)
{
	struct kt_keystore k;
	if (!made())
		return;
	CHECK(shell(EXPORT "-legacy -out old.p12"));
	CHECK_INT(keystore("old.p12", "cc2023", &k), 0);
	CHECK(k.legacy);
	CHECK_STR(k.cn, "client58");
	CHECK_INT(keystore("old.p12", "wrong", &k), -1);
	CHECK_STR(err.msg, "the password does not open old.p12");
}

TEST(a_keystore_cut_at_any_place_is_an_error)
{
	struct kt_keystore k;
	if (!made() || keystore("new.p12", "cc2023", &k) < 0)
		return;
	for (size_t len = 2; len < file.len; len += 61) {
		CHECK_INT(kt_keystore_open(&k, file.data, len, "cc2023", "f", &err), -1);
		CHECK_STR(err.msg, "f looks like a PKCS#12 store but is damaged or cut off");
	}
}

TEST(a_keystore_as_pem)
{
	static const struct {
		const char *name, *password;
		int blocks; /* key, certificate, CA */
	} cases[] = {{"new.p12", "cc2023", 3}, {"old.p12", "cc2023", 3}, {"new.p12", "wrong", -1}};
	for (size_t i = 0; i < KT_LEN(cases) && made(); i++) {
		CHECK_INT(load(cases[i].name), 0);
		int result = kt_keystore_pem(&pem, file.data, file.len, cases[i].password, cases[i].name, &err), n = 0;
		for (const char *at = kt_buf_cstr(&pem); (at = strstr(at, "-----BEGIN ")); at++)
			n++;
		CHECK_INT(result < 0 ? -1 : n, cases[i].blocks);
		CHECK(result < 0 || !strncmp(pem.data, "-----BEGIN PRIVATE KEY-----", 27));
	}
}

TEST(truststores_of_openssl)
{
	if (!made())
		return;
	CHECK(shell("openssl pkcs12 -export -nokeys -in ca.crt -passout pass: -certpbe NONE -nomac -out open.p12"));
	CHECK(shell("openssl pkcs12 -export -nokeys -in ca.crt -passout pass: -out empty.p12"));
	CHECK(shell(
		"cat ca.crt c.crt >both && openssl pkcs12 -export -nokeys -in both -passout pass:cc2023 -out 2.p12"));
	CHECK_INT(certificates("open.p12", NULL), 1);
	CHECK_INT(certificates("empty.p12", NULL), 1);
	CHECK_INT(certificates("empty.p12", ""), 1);
	CHECK_INT(certificates("2.p12", "cc2023"), 2);
	CHECK_INT(certificates("2.p12", "x"), -1);
	struct kt_keystore k;
	CHECK_INT(keystore("2.p12", "cc2023", &k), -1);
	CHECK_STR(err.msg, "2.p12 holds no private key with a certificate");
}

TEST(stores_of_keytool)
{
	struct kt_keystore k;
	if (!made() || !have_keytool()) {
		printf("# no keytool: skipped\n");
		return;
	}
	CHECK(shell("keytool " IMPORT "t.p12 -storetype PKCS12"));
	CHECK_INT(certificates("t.p12", "cc2023"), 1);
	CHECK_INT(certificates("t.p12", "wrong"), -1);
	CHECK_STR(err.msg, "the password does not open t.p12");
	CHECK(shell("keytool -J-Dkeystore.pkcs12.legacy " IMPORT "old-t.p12 -storetype PKCS12"));
	CHECK_INT(certificates("old-t.p12", "cc2023"), 1);
	CHECK(shell("keytool " IMPORT "t.jks -storetype JKS"));
	CHECK_INT(certificates("t.jks", "cc2023"), -1);
	CHECK(strstr(err.msg, "is a JKS store"));
	CHECK(shell(EXPORT "-out in.p12 && keytool -J-Dkeystore.pkcs12.legacy -importkeystore -srckeystore in.p12 "
			   "-srcstorepass cc2023 -destkeystore jdk8.p12 -deststoretype PKCS12 -deststorepass cc2023"));
	CHECK_INT(keystore("jdk8.p12", "cc2023", &k), 0);
	CHECK(k.legacy);
	CHECK_STR(k.cn, "client58");
}

TEST(cleaning_up)
{
	if (made())
		CHECK(shell("rm -rf \"$PWD\""));
	kt_buf_fini(&file);
	kt_buf_fini(&pem);
}
