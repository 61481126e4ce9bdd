#include "settings.h"

#include "tap.h"

TEST(a_higher_rank_wins_whatever_the_order)
{
	struct kt_settings s = {0};
	kt_settings_put(&s, KT_RANK_ENV, "linger.ms", "2", "KT_X_LINGER_MS");
	kt_settings_put(&s, KT_RANK_FILE, "linger.ms", "1", "file:1");
	CHECK_STR(kt_settings_text(&s, "linger.ms", NULL), "2");
	kt_settings_put(&s, KT_RANK_FLAG, "linger.ms", "3", "-X");
	CHECK_STR(kt_settings_get(&s, "linger.ms")->value, "3");
	CHECK_STR(kt_settings_get(&s, "linger.ms")->origin, "-X");
	CHECK_INT(kt_settings_get(&s, "linger.ms")->rank, KT_RANK_FLAG);
	CHECK_INT(s.n, 1);
	kt_settings_fini(&s);
}

TEST(within_a_rank_the_later_put_wins)
{
	struct kt_settings s = {0};
	kt_settings_put(&s, KT_RANK_FLAG, "acks", "1", "-X");
	kt_settings_put(&s, KT_RANK_FLAG, "acks", "all", "-X");
	CHECK_STR(kt_settings_text(&s, "acks", NULL), "all");
	kt_settings_fini(&s);
}

TEST(texts_are_copied_and_order_is_of_the_first_put)
{
	struct kt_settings s = {0};
	char key[] = "client.id", value[] = "me";
	kt_settings_put(&s, KT_RANK_FILE, key, value, "x");
	kt_settings_put(&s, KT_RANK_FILE, "acks", "all", "x");
	key[0] = value[0] = '?';
	kt_settings_put(&s, KT_RANK_FLAG, "client.id", "you", "-X");
	CHECK_STR(s.v[0].key, "client.id");
	CHECK_STR(s.v[0].value, "you");
	CHECK_STR(s.v[1].key, "acks");
	kt_settings_fini(&s);
}

TEST(absent_keys)
{
	struct kt_settings s = {0};
	CHECK(!kt_settings_get(&s, "x"));
	CHECK_STR(kt_settings_text(&s, "x", "fallback"), "fallback");
	CHECK_STR(kt_settings_text(&s, "x", NULL), NULL);
	kt_settings_drop(&s, "x");
	kt_settings_fini(&s);
}

TEST(drop_keeps_the_others)
{
	struct kt_settings s = {0};
	kt_settings_put(&s, KT_RANK_FILE, "a", "1", "x");
	kt_settings_put(&s, KT_RANK_FILE, "b", "2", "x");
	kt_settings_put(&s, KT_RANK_FILE, "c", "3", "x");
	kt_settings_drop(&s, "b");
	CHECK_INT(s.n, 2);
	CHECK(!kt_settings_get(&s, "b"));
	CHECK_STR(s.v[1].key, "c");
	kt_settings_drop(&s, "c");
	kt_settings_drop(&s, "a");
	CHECK_INT(s.n, 0);
	kt_settings_fini(&s);
}

TEST(which_keys_are_secret)
{
	static const char *const secret[] = {"sasl.password", "ssl.keystore.password", "ssl.key.password",
		"ssl.truststore.password", "ssl.key.pem", "sasl.jaas.config", "sasl.oauthbearer.client.secret",
		"sasl.oauthbearer.config", "SSL.KEY.PASSWORD", "basic.auth.user.info"};
	static const char *const open[] = {"ssl.ca.location", "ssl.ca.pem", "ssl.keystore.location", "ssl.key.location",
		"sasl.username", "bootstrap.servers", "kt.topic", "sasl.oauthbearer.token.endpoint.url"};
	for (size_t i = 0; i < KT_LEN(secret); i++)
		if (!kt_setting_is_secret(secret[i]))
			TAP_FAIL("%s is not secret", secret[i]);
	for (size_t i = 0; i < KT_LEN(open); i++)
		if (kt_setting_is_secret(open[i]))
			TAP_FAIL("%s is secret", open[i]);
}

TEST(tls_or_not)
{
	struct kt_settings s = {0};
	CHECK(!kt_settings_tls(&s));
	kt_settings_put(&s, KT_RANK_FILE, "security.protocol", "sasl_plaintext", "f:1");
	CHECK(!kt_settings_tls(&s));
	kt_settings_put(&s, KT_RANK_FILE, "security.protocol", "SASL_SSL", "f:2");
	CHECK(kt_settings_tls(&s));
	kt_settings_fini(&s);
}

TEST(origins_as_data_and_for_people)
{
	static const struct {
		struct kt_origin from;
		const char *text;
		bool in_file;
	} cases[] = {
		{{.name = "-X"}, "-X", false},
		{{.kind = KT_ORIGIN_EMBEDDED, .name = "kt broker"}, "kt broker", false},
		{{.name = "KT_AUTH", .folder = "a:1 b"}, "KT_AUTH a:1 b", false},
		{{KT_ORIGIN_FILE, "~/f:3", 12, NULL, NULL}, "~/f:3:12", true},
		{{KT_ORIGIN_FILE, "~/f:3", 1, "lab", NULL}, "~/f:3:1 [lab]", true},
		{{KT_ORIGIN_FILE, "~/f:3", 1, "lab", "./auth"}, "~/f:3:1 [lab] ./auth", true},
		{{KT_ORIGIN_FILE, "~/f", 3, NULL, NULL}, "~/f:3", false},
		{{.name = "~/f:3:12"}, "~/f:3:12", false},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		struct kt_settings s = {0};
		kt_settings_put_from(&s, KT_RANK_FILE, "a", "1", &cases[i].from);
		/* One that is replaced by itself, and one made like it while the table grows. */
		kt_settings_put_like(&s, kt_settings_get(&s, "a"), "a", s.v[0].value);
		kt_settings_put_like(&s, kt_settings_get(&s, "a"), "b", s.v[0].value);
		for (size_t n = 0; n < 2; n++) {
			CHECK_STR(s.v[n].value, "1");
			CHECK_STR(s.v[n].origin, cases[i].text);
			CHECK_STR(s.v[n].from.name, cases[i].from.name);
			CHECK_STR(s.v[n].from.profile, cases[i].from.profile);
			CHECK_STR(s.v[n].from.folder, cases[i].from.folder);
			CHECK_INT(s.v[n].from.line, cases[i].from.line);
			CHECK_INT(s.v[n].rank, KT_RANK_FILE);
			CHECK_INT(kt_setting_in_file(&s.v[n], "~/f:3"), cases[i].in_file);
		}
		kt_settings_fini(&s);
	}
}

TEST(a_copy_keeps_ranks_and_origins)
{
	struct kt_settings from = {0}, to = {0};
	kt_settings_put(&from, KT_RANK_ENV, "a", "1", "A");
	kt_settings_put(&from, KT_RANK_FILE, "b", "2", "f:1");
	kt_settings_put(&to, KT_RANK_FLAG, "b", "3", "-X");
	kt_settings_copy(&to, &from);
	CHECK_INT(to.n, 2);
	CHECK_STR(kt_settings_get(&to, "a")->origin, "A");
	CHECK_INT(kt_settings_get(&to, "a")->rank, KT_RANK_ENV);
	CHECK_STR(kt_settings_text(&to, "b", NULL), "3");
	kt_settings_fini(&from);
	kt_settings_fini(&to);
}

TEST(what_stands_in_for_a_name)
{
	static const struct {
		const char *name, *instead;
	} cases[] = {{"kafka1", "10.0.0.1"}, {"KAFKA1", "10.0.0.1"}, {"kafka2", "::1"}, {"kafka", NULL},
		{"kafka11", NULL}, {"10.0.0.1", NULL}, {"", NULL}};
	struct kt_settings s = {0};
	CHECK_STR(kt_settings_instead(&s, "kafka1"), NULL);
	kt_settings_put(&s, KT_RANK_FLAG, "kt.resolve", "kafka1=10.0.0.1  kafka2=::1", "--resolve");
	for (size_t i = 0; i < KT_LEN(cases); i++) {
		char *instead = kt_settings_instead(&s, cases[i].name);
		CHECK_STR(instead, cases[i].instead);
		free(instead);
	}
	kt_settings_fini(&s);
}
