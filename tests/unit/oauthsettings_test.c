#include "oauthsettings.h"

#include "tap.h"

/* What mechanism, protocol and source become, or the message. A row of settings: KEY=VALUE@RANK, with blanks between.
 */
static const char *outcome(const char *rows)
{
	static char shown[600];
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	struct kt_err err = {0};
	char key[64], value[64];
	int rank, used;
	for (; sscanf(rows, "%63[^=]=%63[^@]@%d%n", key, value, &rank, &used) == 3; rows += used, rows += *rows == ' ')
		kt_settings_put_from(&s, (enum kt_rank)rank, key, value,
			&(struct kt_origin){.name = "x", .folder = rank == KT_RANK_AUTH_FILE ? "dir" : NULL});
	if (kt_oauthsettings(&s, &err) < 0)
		return snprintf(shown, sizeof(shown), "%s", err.msg) > 0 ? shown : NULL;
	bool used_at_all = kt_settings_get(&s, "kt.oauth.command") || kt_settings_get(&s, "kt.oauth.file");
	snprintf(shown, sizeof(shown), "%s %s%s", kt_settings_text(&s, "sasl.mechanism", "-"),
		kt_settings_text(&s, "security.protocol", "-"), used_at_all ? "" : " unused");
	return shown;
}

TEST(what_follows)
{
	static const char *const cases[][2] = {
		{"acks=1@1", "- - unused"},
		{"kt.oauth.command=c@1", "OAUTHBEARER sasl_ssl"},
		{"kt.oauth.file=c@5", "OAUTHBEARER sasl_ssl"},
		{"kt.oauth.command=c@5 security.protocol=sasl_plaintext@5", "OAUTHBEARER sasl_plaintext"},
		{"kt.oauth.command=c@5 security.protocol=SASL_SSL@1", "OAUTHBEARER SASL_SSL"},
		{"kt.oauth.command=c@5 security.protocol=ssl@2", "OAUTHBEARER sasl_ssl"},
		{"kt.oauth.command=c@1 security.protocol=plaintext@5", "OAUTHBEARER plaintext unused"},
		{"kt.oauth.command=c@5 security.protocol=plaintext@5",
			"x: a token needs SASL, and security.protocol is plaintext (x)"},
		{"kt.oauth.command=c@5 security.protocol=ssl@1",
			"x: a token needs SASL, and security.protocol is ssl (x)"},
		{"kt.oauth.command=c@5 sasl.mechanism=PLAIN@1", "OAUTHBEARER sasl_ssl"},
		{"kt.oauth.command=c@1 sasl.mechanism=PLAIN@5 security.protocol=sasl_ssl@5", "PLAIN sasl_ssl unused"},
		{"kt.oauth.command=c@1 sasl.mechanism=PLAIN@1",
			"x: a token is for sasl.mechanism=OAUTHBEARER, not for PLAIN"},
		{"kt.oauth.command=c@1 kt.oauth.file=f@1", "there is both a command (x) and a file (x) for a token"},
	};
	for (size_t i = 0; i < KT_LEN(cases); i++)
		CHECK_STR(outcome(cases[i][0]), cases[i][1]);
}
