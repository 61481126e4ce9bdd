#include "sasl.h"

#include "diagnosis.h"
#include "proto.h"
#include "scram.h"

const char *kt_sasl_mechanism(const struct kt_settings *settings)
{
	return kt_settings_text(settings, "sasl.mechanism", "GSSAPI");
}

bool kt_sasl_knows(const char *mechanism)
{
	return !strcmp(mechanism, "PLAIN") || kt_scram_knows(mechanism);
}

static void wipe(struct kt_buf *text)
{
	if (text->data)
		explicit_bzero(text->data, text->cap);
	kt_buf_fini(text);
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
	kt_auto(wipe) struct kt_buf request = {0};
	kt_auto(kt_buf_fini) struct kt_buf message = {0};
	struct kt_bytes answer, theirs;
	int error;
	kt_ask_authenticate(&request, ++link->id, (struct kt_bytes){token->data, token->len});
	if (kt_connection_exchange(link, &request, &answer, limit, err) < 0 ||
		kt_read_authenticate(&error, &message, &theirs, answer, err) < 0)
		return -1;
	if (error == KT_ERROR_AUTHENTICATION)
		return tell(KT_DIAGNOSIS_PASSWORD, "", err);
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
	kt_auto(wipe) struct kt_buf token = {0};
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

int kt_sasl_login(struct kt_connection *link, const struct kt_limit *limit, struct kt_err *err)
{
	const char *user = kt_settings_text(link->settings, "sasl.username", "");
	const char *password = kt_settings_text(link->settings, "sasl.password", "");
	if (handshake(link, limit, err) < 0)
		return -1;
	return (kt_scram_knows(kt_sasl_mechanism(link->settings)) ? scram : plain)(link, user, password, limit, err);
}
