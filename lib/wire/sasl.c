#include "sasl.h"

#include "diagnosis.h"
#include "proto.h"
#include "scram.h"
#include "tokensource.h"

const char *kt_sasl_mechanism(const struct kt_settings *settings)
{
	return kt_settings_text(settings, "sasl.mechanism", "GSSAPI");
}

static bool is_oauth(const struct kt_settings *settings)
{
	return !strcmp(kt_sasl_mechanism(settings), "OAUTHBEARER");
}

bool kt_sasl_knows(const struct kt_settings *settings)
{
	const char *mechanism = kt_sasl_mechanism(settings);
	return !strcmp(mechanism, "PLAIN") || kt_scram_knows(mechanism) ||
	       (is_oauth(settings) && kt_tokensource_any(settings));
}

static int tell(enum kt_diagnosis_id id, const char *more, struct kt_err *err)
{
	const struct kt_diagnosis *cause = kt_diagnosis(id);
	kt_err_set(err, cause->status, "%s%s", cause->text, more);
	return kt_err_hint(err, "%s", cause->hint);
}

static int handshake(struct kt_connection *link, const struct kt_limit *limit, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0}, mechanisms = {0}, more = {0};
	struct kt_bytes answer;
	int error;
	kt_ask_handshake(&request, ++link->id, kt_sasl_mechanism(link->settings));
	if (kt_connection_exchange(link, &request, &answer, limit, err) < 0) {
		bool looks_like_tls = link->ended && !link->ssl && !link->in.len;
		return looks_like_tls ? tell(KT_DIAGNOSIS_IS_TLS, "", err) : -1;
	}
	if (kt_read_handshake(&error, &mechanisms, answer, err) < 0)
		return -1;
	if (error == KT_ERROR_SASL_STATE)
		return tell(KT_DIAGNOSIS_NO_SASL, "", err);
	kt_buf_addf(&more, " (it has %s)", mechanisms.len ? kt_buf_cstr(&mechanisms) : "none");
	if (error == KT_ERROR_MECHANISM)
		return tell(KT_DIAGNOSIS_MECHANISM, kt_buf_cstr(&more), err);
	if (error)
		return kt_err_set(err, KT_FAILED, "it refuses SASL with error %d", error);
	return 0;
}

/* Sends a token; the broker's own is appended to reply. */
static int authenticate(struct kt_connection *link, const struct kt_buf *token, struct kt_buf *reply,
	const struct kt_limit *limit, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf request = {0};
	kt_auto(kt_buf_fini) struct kt_buf message = {0};
	struct kt_bytes answer, theirs;
	int error;
	kt_ask_authenticate(&request, ++link->id, (struct kt_bytes){token->data, token->len});
	if (kt_connection_exchange(link, &request, &answer, limit, err) < 0 ||
		kt_read_authenticate(&error, &message, &theirs, answer, err) < 0)
		return -1;
	if (error == KT_ERROR_AUTHENTICATION)
		return tell(is_oauth(link->settings) ? KT_DIAGNOSIS_TOKEN : KT_DIAGNOSIS_PASSWORD, "", err);
	if (error)
		return kt_err_set(err, KT_FAILED, "it refuses to authenticate: %.200s (error %d)",
			message.len ? kt_buf_cstr(&message) : "no reason", error);
	kt_buf_add(reply, theirs.data, theirs.len);
	return 0;
}

/* RFC 4616: identity to act as (none), name, password, NUL between. */
static int plain(struct kt_connection *link, const char *user, const char *password, const struct kt_limit *limit,
	struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf token = {0};
	kt_auto(kt_buf_fini) struct kt_buf reply = {0};
	kt_buf_addc(&token, '\0');
	kt_buf_adds(&token, user);
	kt_buf_addc(&token, '\0');
	kt_buf_adds(&token, password);
	return authenticate(link, &token, &reply, limit, err);
}

static int scram(struct kt_connection *link, const char *user, const char *password, const struct kt_limit *limit,
	struct kt_err *err)
{
	kt_auto(kt_scram_fini) struct kt_scram s = {.user = user, .password = password};
	kt_auto(kt_buf_fini) struct kt_buf first = {0}, server_first = {0}, final = {0}, server_final = {0};
	const char *mechanism = kt_sasl_mechanism(link->settings);
	if (kt_scram_begin(&s, mechanism, NULL, &first, err) < 0 ||
		authenticate(link, &first, &server_first, limit, err) < 0 ||
		kt_scram_answer(&s, (struct kt_bytes){server_first.data, server_first.len}, &final, err) < 0 ||
		authenticate(link, &final, &server_final, limit, err) < 0)
		return -1;
	return kt_scram_verify(&s, (struct kt_bytes){server_final.data, server_final.len}, err);
}

static int wait_token(void *limit, struct pollfd *fds, size_t n, int timeout_ms)
{
	const struct kt_limit *l = limit;
	struct pollfd all[3] = {{.fd = l->stop_fd, .events = POLLIN}};
	for (size_t i = 0; i < n && i < 2; i++)
		all[1 + i] = fds[i];
	poll(all, (nfds_t)n + 1, timeout_ms);
	for (size_t i = 0; i < n && i < 2; i++)
		fds[i] = all[1 + i];
	return all[0].revents ? KT_SIGNAL : 0;
}

/* RFC 7628. A refusal comes as a JSON object with the reason, and becomes an error only once it is acknowledged. */
static int bearer(struct kt_connection *link, const struct kt_limit *limit, struct kt_err *err)
{
	struct kt_limit until = *limit;
	const struct kt_tokensource_how how = {.wait = wait_token, .user = &until, .apart = true};
	kt_auto(kt_token_fini) struct kt_token token = {0};
	kt_auto(kt_strs_fini) struct kt_strs extensions = {0};
	kt_auto(kt_buf_wipe) struct kt_buf text = {0}, acknowledged = {0};
	kt_auto(kt_buf_fini) struct kt_buf reply = {0};
	if (kt_tokensource_get(&token, link->settings, &how, err) < 0)
		return -1;
	kt_buf_reserve(&text, KT_TOKEN_MAX + 64);
	kt_buf_addf(&text,
		"n,,\x01"
		"auth=Bearer %s\x01",
		token.text);
	kt_strs_split(&extensions, kt_settings_text(link->settings, "sasl.oauthbearer.extensions", ""), ",");
	for (size_t i = 0; i < extensions.n; i++)
		kt_buf_addf(&text, "%s\x01", extensions.v[i]);
	kt_buf_addc(&text, 1);
	if (authenticate(link, &text, &reply, limit, err) < 0)
		return -1;
	if (!reply.len)
		return 0;
	kt_buf_addc(&acknowledged, 1);
	if (authenticate(link, &acknowledged, &reply, limit, err) == 0)
		return tell(KT_DIAGNOSIS_TOKEN, "", err);
	return -1;
}

int kt_sasl_login(struct kt_connection *link, const struct kt_limit *limit, struct kt_err *err)
{
	const char *user = kt_settings_text(link->settings, "sasl.username", "");
	const char *password = kt_settings_text(link->settings, "sasl.password", "");
	if (handshake(link, limit, err) < 0)
		return -1;
	if (is_oauth(link->settings))
		return bearer(link, limit, err);
	return (kt_scram_knows(kt_sasl_mechanism(link->settings)) ? scram : plain)(link, user, password, limit, err);
}
