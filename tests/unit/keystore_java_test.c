/* Stores that Java's keytool makes: apart from the other tests of stores, since each of its calls starts a JVM. */
#include "stores.h"

#define IMPORT "-importcert -noprompt -alias ca -file ca.crt -storepass cc2023 -keystore "

TEST(stores_of_keytool)
{
	struct kt_keystore k;
	CHECK(made());
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
	clean_up();
}
