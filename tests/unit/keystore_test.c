#include "stores.h"

TEST(kinds)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum kt_store kind;
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

TEST(cleaning_up)
{
	clean_up();
}
