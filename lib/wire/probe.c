#include "probe.h"

#include "diagnosis.h"
#include "mem.h"
#include "num.h"
#include "probe_own.h"
#include "sasl.h"
#include "tokensource.h"
#include "when.h"

static bool speaks(const struct kt_probe *p, const char *what)
{
	return strcasestr(kt_settings_text(p->settings, "security.protocol", "plaintext"), what) != NULL;
}

struct kt_step *kt_probe_begin(struct kt_probe *p, const char *name)
{
	atomic_store(&p->doing, name);
	return kt_step_begin(&p->steps, name, p->at.name, p->broker);
}

struct kt_limit kt_probe_limit(const struct kt_probe *p)
{
	return (struct kt_limit){kt_clock_us() + p->limit_ms * 1000, p->stop_fd};
}

bool kt_probe_fail(struct kt_probe *p, struct kt_step *step, const struct kt_err *err)
{
	kt_step_fail(step, err);
	p->failed = step->name;
	return false;
}

/* What helps when the cluster can be reached, but not under the name that it gives one of its brokers. */
static void hint_resolve(const struct kt_probe *p, const char *first, struct kt_err *err)
{
	const char *known = p->known && strcmp(p->known, p->at.host) ? p->known : "ADDRESS";
	if (p->broker >= 0)
		kt_err_hint(err,
			"%sthe cluster advertises this address (advertised.listeners); if the broker is to be reached "
			"elsewhere: --resolve %s=%s, or kt.resolve=%s=%s in a profile",
			first, p->at.host, known, p->at.host, known);
}

static bool probe_dns(struct kt_probe *p, struct kt_addresses *addresses)
{
	kt_auto(kt_free_ptr) char *instead = kt_settings_instead(p->settings, p->at.host);
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	const char *family = kt_settings_text(p->settings, "broker.address.family", "any");
	struct kt_step *step = kt_probe_begin(p, "dns");
	struct kt_limit until = kt_probe_limit(p);
	struct kt_err err = {0};
	enum kt_family wanted = !strcmp(family, "v4")   ? KT_FAMILY_V4
				: !strcmp(family, "v6") ? KT_FAMILY_V6
							: KT_FAMILY_ANY;
	if (kt_net_resolve(addresses, &p->at, instead, wanted, &until, &err) < 0) {
		hint_resolve(p, "", &err);
		return kt_probe_fail(p, step, &err);
	}
	for (size_t i = 0; i < addresses->n; i++)
		kt_buf_addf(&list, "%s%s", i ? ", " : "", addresses->v[i].text);
	kt_step_ok(step, "%s%s", kt_buf_cstr(&list), instead ? " (from kt.resolve)" : "");
	return true;
}

static bool probe_tcp(struct kt_probe *p, struct kt_addresses *addresses)
{
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	struct kt_step *step = kt_probe_begin(p, "tcp");
	struct kt_limit until = kt_probe_limit(p);
	struct kt_err err = {0};
	p->link.fd = kt_net_connect(addresses, &until, &err);
	for (size_t i = 0; i < addresses->n; i++) {
		const struct kt_address *a = &addresses->v[i];
		kt_buf_addf(&list, "%s%s %s", i ? ", " : "", a->text, kt_address_result(a));
		if (a->error == 0 && !p->address[0])
			snprintf(p->address, sizeof(p->address), "%s", a->text);
	}
	if (p->link.fd >= 0) {
		kt_step_ok(step, "%s", kt_buf_cstr(&list));
		return true;
	}
	hint_resolve(p, "is the broker running? ", &err);
	if (addresses->n > 1)
		snprintf(err.msg, sizeof(err.msg), "%s", kt_buf_cstr(&list));
	return kt_probe_fail(p, step, &err);
}

static bool refuse_certificate(struct kt_probe *p, struct kt_step *step)
{
	const struct kt_cert *peer = &p->link.peer;
	struct kt_err err = {0};
	kt_diagnosis_certificate(p->link.x509_error, p->at.name, p->settings, &err);
	char *end = err.msg + strlen(err.msg);
	size_t room = sizeof(err.msg) - strlen(err.msg);
	if (kt_diagnosis_is_wrong_name(p->link.x509_error))
		snprintf(end, room, " (it is for %s)", peer->names[0] ? peer->names : peer->subject);
	else if (peer->expired)
		snprintf(end, room, " (on %s)", peer->until);
	else if (peer->issuer[0])
		snprintf(end, room, " (by %s)", peer->issuer);
	return kt_probe_fail(p, step, &err);
}

static bool probe_tls(struct kt_probe *p)
{
	struct kt_step *step = kt_probe_begin(p, "tls");
	struct kt_limit until = kt_probe_limit(p);
	struct kt_err err = {0};
	const struct kt_cert *peer = &p->link.peer;
	const char *how = kt_settings_text(p->settings, "ssl.endpoint.identification.algorithm", "https");
	bool verifies = strcmp(kt_settings_text(p->settings, "enable.ssl.certificate.verification", "true"), "false");
	if (!p->tls) {
		kt_step_skip(step, "security.protocol is %s",
			kt_settings_text(p->settings, "security.protocol", "plaintext"));
		return true;
	}
	if (kt_connection_start_tls(&p->link, p->tls, p->at.host, &until, &err) < 0)
		return kt_probe_fail(p, step, &err);
	if (p->link.x509_error && verifies)
		return refuse_certificate(p, step);
	if (!verifies)
		kt_step_warn(step, "leave out enable.ssl.certificate.verification=false",
			"%s; whose certificate it is is not checked: %s", p->link.tls, peer->subject);
	else if (peer->days < KT_CERT_SOON_DAYS)
		kt_step_warn(step, "the cluster's operator has to renew it",
			"%s; the broker's certificate, %s, ends on %s", p->link.tls, peer->subject, peer->until);
	else
		kt_step_ok(step, "%s; %s%s%s%s, by %s, until %s%s", p->link.tls, peer->subject,
			peer->names[0] ? " (" : "", peer->names, peer->names[0] ? ")" : "", peer->issuer, peer->until,
			strcasecmp(how, "none") ? "" : "; names are not compared");
	return true;
}

int kt_probe_ask_versions(struct kt_probe *p, struct kt_versions *versions, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = kt_probe_limit(p);
	struct kt_bytes answer;
	kt_ask_versions(&request, ++p->link.id);
	if (kt_connection_exchange(&p->link, &request, &answer, &until, err) < 0)
		return -1;
	return kt_read_versions(versions, answer, err);
}

/* Under TLS 1.3 a broker says only after the handshake what it thinks of the client's certificate, so the first answer
 * is waited for. */
static bool probe_certificate(struct kt_probe *p, struct kt_step *step)
{
	struct kt_err err = {0};
	if (kt_probe_ask_versions(p, &p->versions, &err) < 0) {
		if (p->link.ended && p->link.asked)
			kt_err_hint(
				&err, "it asked for a client certificate: is the one that was sent for this cluster?");
		else if (p->link.ended)
			kt_err_hint(&err, "is it a broker's port?");
		return kt_probe_fail(p, step, &err);
	}
	kt_step_ok(step, "%s",
		p->link.sent    ? "the client certificate was accepted"
		: p->link.asked ? "a client certificate was asked for, but having none is accepted too"
				: "no client certificate was asked for");
	return true;
}

static bool probe_authentication(struct kt_probe *p)
{
	const char *mechanism = kt_sasl_mechanism(p->settings);
	struct kt_step *step = kt_probe_begin(p, "authentication");
	struct kt_limit until = kt_probe_limit(p);
	struct kt_err err = {0};
	if (!speaks(p, "sasl") && p->tls)
		return probe_certificate(p, step);
	if (!speaks(p, "sasl")) {
		kt_step_skip(step, "plain text needs none");
		return true;
	}
	if (!kt_sasl_knows(p->settings)) {
		kt_step_skip(step, "kt leaves %s to librdkafka: see the step client", mechanism);
		p->failed = step->name;
		p->left_to_client = true;
		return false;
	}
	if (kt_sasl_login(&p->link, &until, &err) < 0)
		return kt_probe_fail(p, step, &err);
	if (kt_tokensource_any(p->settings) && !strcmp(mechanism, "OAUTHBEARER"))
		kt_step_ok(step, "%s: the token was accepted", mechanism);
	else
		kt_step_ok(step, "%s as %s", mechanism, kt_settings_text(p->settings, "sasl.username", ""));
	return true;
}

static bool probe_versions(struct kt_probe *p)
{
	struct kt_step *step = kt_probe_begin(p, "api-versions");
	struct kt_err err = {0};
	if (!p->versions.n && kt_probe_ask_versions(p, &p->versions, &err) < 0) {
		bool looks_like_tls = p->link.ended && !p->link.ssl && p->link.id == 1;
		if (looks_like_tls) {
			const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_IS_TLS);
			kt_err_set(&err, cause->status, "%s", cause->text);
			kt_err_hint(&err, "%s", cause->hint);
		}
		return kt_probe_fail(p, step, &err);
	}
	const char *release = kt_versions_release(&p->versions);
	if (p->versions.error) {
		kt_err_set(&err, KT_FAILED, "it answers with error %d", p->versions.error);
		return kt_probe_fail(p, step, &err);
	}
	/* Whatever can do nothing but serve records is not one of Apache's brokers. */
	if (p->versions.v[KT_API_CREATE_TOPICS].last < 0)
		kt_step_ok(step,
			"%zu kinds of requests, none of them administrative: an embedded broker, such as `kt broker`",
			p->versions.n);
	else
		kt_step_ok(step, "%zu kinds of requests, as Apache Kafka %s has them", p->versions.n,
			release ? release : "before 0.10");
	return true;
}

int kt_probe_ask_metadata(
	struct kt_probe *p, const char *topic, const char *look, struct kt_seen *seen, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = kt_probe_limit(p);
	struct kt_bytes answer;
	int version = kt_versions_pick(&p->versions, KT_API_METADATA, KT_METADATA_FIRST, KT_METADATA_LAST);
	if (version < 0)
		return kt_err_set(err, KT_FAILED, "it speaks no version of Metadata that kt does");
	kt_ask_metadata(&request, ++p->link.id, version, topic);
	if (kt_connection_exchange(&p->link, &request, &answer, &until, err) < 0)
		return -1;
	return kt_read_metadata(seen, answer, version, look, err);
}

static bool probe_metadata(struct kt_probe *p)
{
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	struct kt_step *step = kt_probe_begin(p, "metadata");
	struct kt_err err = {0};
	if (kt_probe_ask_metadata(p, NULL, NULL, &p->seen, &err) < 0) {
		if (p->link.ended && !speaks(p, "sasl")) {
			const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_WANTS_SASL);
			kt_err_set(&err, cause->status, "%s", cause->text);
			kt_err_hint(&err, "%s", cause->hint);
		}
		return kt_probe_fail(p, step, &err);
	}
	if (!p->seen.n) {
		kt_err_set(&err, KT_UNREACHABLE, "it knows of no broker, not even itself");
		kt_err_hint(&err, "is the cluster still starting?");
		return kt_probe_fail(p, step, &err);
	}
	for (size_t i = 0; i < p->seen.n && i < 16; i++)
		kt_buf_addf(&list, "%s%d %.100s:%d", i ? ", " : "", (int)p->seen.brokers[i].id, p->seen.brokers[i].host,
			(int)p->seen.brokers[i].port);
	kt_step_ok(step, "cluster %s, %zu broker%s (%s%s)", p->seen.cluster[0] ? p->seen.cluster : "without a name",
		p->seen.n, kt_plural(p->seen.n), kt_buf_cstr(&list), p->seen.n > 16 ? ", …" : "");
	return true;
}

/* The steps that were not reached. */
static void skip_rest(struct kt_probe *p, size_t done)
{
	static const char *const names[] = {"dns", "tcp", "tls", "authentication", "api-versions", "metadata"};
	for (size_t i = done; i < KT_LEN(names) - !p->wants_metadata; i++)
		kt_step_skip(kt_probe_begin(p, names[i]), "%s did not work", p->failed);
}

static void skip_without_tls(struct kt_probe *p)
{
	p->failed = "credentials";
	kt_step_skip(kt_probe_begin(p, "tls"), "%s", p->no_tls);
	skip_rest(p, 3);
}

void kt_probe_run(struct kt_probe *p, int stop_fd)
{
	struct kt_addresses addresses = {0};
	p->link = (struct kt_connection){.fd = -1, .settings = p->settings};
	p->stop_fd = stop_fd;
	bool connected = probe_dns(p, &addresses) && probe_tcp(p, &addresses);
	if (connected && p->no_tls) {
		skip_without_tls(p);
		return;
	}
	p->works = connected && probe_tls(p) && probe_authentication(p) && probe_versions(p) &&
		   (!p->wants_metadata || probe_metadata(p));
	if (!p->works)
		skip_rest(p, p->steps.n);
}

void kt_probe_fini(struct kt_probe *p)
{
	kt_connection_close(&p->link);
	kt_seen_fini(&p->seen);
	kt_steps_fini(&p->steps);
}
