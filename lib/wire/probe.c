#include "probe.h"

#include "diagnosis.h"
#include "mem.h"
#include "num.h"
#include "sasl.h"
#include "suggest.h"
#include "tokensource.h"
#include "when.h"

static bool speaks(const struct kt_probe *p, const char *what)
{
	return strcasestr(kt_settings_text(p->settings, "security.protocol", "plaintext"), what) != NULL;
}

static struct kt_step *begin(struct kt_probe *p, const char *name)
{
	atomic_store(&p->doing, name);
	return kt_step_begin(&p->steps, name, p->at.name, p->broker);
}

/* Nothing more can be asked on a connection on which a request failed. */
static bool lost(struct kt_probe *p, struct kt_step *step)
{
	if (p->link.lost)
		kt_step_skip(step, "the connection did not hold");
	return p->link.lost;
}

static struct kt_limit limit(const struct kt_probe *p)
{
	return (struct kt_limit){kt_clock_us() + p->limit_ms * 1000, p->stop_fd};
}

static bool fail(struct kt_probe *p, struct kt_step *step, const struct kt_err *err)
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
	struct kt_step *step = begin(p, "dns");
	struct kt_limit until = limit(p);
	struct kt_err err = {0};
	enum kt_family wanted = !strcmp(family, "v4")   ? KT_FAMILY_V4
				: !strcmp(family, "v6") ? KT_FAMILY_V6
							: KT_FAMILY_ANY;
	if (kt_net_resolve(addresses, &p->at, instead, wanted, &until, &err) < 0) {
		hint_resolve(p, "", &err);
		return fail(p, step, &err);
	}
	for (size_t i = 0; i < addresses->n; i++)
		kt_buf_addf(&list, "%s%s", i ? ", " : "", addresses->v[i].text);
	kt_step_ok(step, "%s%s", kt_buf_cstr(&list), instead ? " (from kt.resolve)" : "");
	return true;
}

static bool probe_tcp(struct kt_probe *p, struct kt_addresses *addresses)
{
	kt_auto(kt_buf_fini) struct kt_buf list = {0};
	struct kt_step *step = begin(p, "tcp");
	struct kt_limit until = limit(p);
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
	return fail(p, step, &err);
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
	return fail(p, step, &err);
}

static bool probe_tls(struct kt_probe *p)
{
	struct kt_step *step = begin(p, "tls");
	struct kt_limit until = limit(p);
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
		return fail(p, step, &err);
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

static int ask_versions(struct kt_probe *p, struct kt_versions *versions, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = limit(p);
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
	if (ask_versions(p, &p->versions, &err) < 0) {
		if (p->link.ended && p->link.asked)
			kt_err_hint(
				&err, "it asked for a client certificate: is the one that was sent for this cluster?");
		else if (p->link.ended)
			kt_err_hint(&err, "is it a broker's port?");
		return fail(p, step, &err);
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
	struct kt_step *step = begin(p, "authentication");
	struct kt_limit until = limit(p);
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
		return fail(p, step, &err);
	if (kt_tokensource_any(p->settings) && !strcmp(mechanism, "OAUTHBEARER"))
		kt_step_ok(step, "%s: the token was accepted", mechanism);
	else
		kt_step_ok(step, "%s as %s", mechanism, kt_settings_text(p->settings, "sasl.username", ""));
	return true;
}

static bool probe_versions(struct kt_probe *p)
{
	struct kt_step *step = begin(p, "api-versions");
	struct kt_err err = {0};
	if (!p->versions.n && ask_versions(p, &p->versions, &err) < 0) {
		bool looks_like_tls = p->link.ended && !p->link.ssl && p->link.id == 1;
		if (looks_like_tls) {
			const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_IS_TLS);
			kt_err_set(&err, cause->status, "%s", cause->text);
			kt_err_hint(&err, "%s", cause->hint);
		}
		return fail(p, step, &err);
	}
	const char *release = kt_versions_release(&p->versions);
	if (p->versions.error) {
		kt_err_set(&err, KT_FAILED, "it answers with error %d", p->versions.error);
		return fail(p, step, &err);
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

/* Metadata with the topic of kt_ask_metadata(), read for `look`. */
static int ask_metadata(
	struct kt_probe *p, const char *topic, const char *look, struct kt_seen *seen, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = limit(p);
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
	struct kt_step *step = begin(p, "metadata");
	struct kt_err err = {0};
	if (ask_metadata(p, NULL, NULL, &p->seen, &err) < 0) {
		if (p->link.ended && !speaks(p, "sasl")) {
			const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_WANTS_SASL);
			kt_err_set(&err, cause->status, "%s", cause->text);
			kt_err_hint(&err, "%s", cause->hint);
		}
		return fail(p, step, &err);
	}
	if (!p->seen.n) {
		kt_err_set(&err, KT_UNREACHABLE, "it knows of no broker, not even itself");
		kt_err_hint(&err, "is the cluster still starting?");
		return fail(p, step, &err);
	}
	for (size_t i = 0; i < p->seen.n && i < 16; i++)
		kt_buf_addf(&list, "%s%d %.100s:%d", i ? ", " : "", (int)p->seen.brokers[i].id, p->seen.brokers[i].host,
			(int)p->seen.brokers[i].port);
	kt_step_ok(step, "cluster %s, %zu broker%s (%s%s)", p->seen.cluster[0] ? p->seen.cluster : "without a name",
		p->seen.n, p->seen.n == 1 ? "" : "s", kt_buf_cstr(&list), p->seen.n > 16 ? ", …" : "");
	return true;
}

/* The steps that were not reached. */
static void skip_rest(struct kt_probe *p, size_t done)
{
	static const char *const names[] = {"dns", "tcp", "tls", "authentication", "api-versions", "metadata"};
	for (size_t i = done; i < KT_LEN(names) - !p->wants_metadata; i++)
		kt_step_skip(begin(p, names[i]), "%s did not work", p->failed);
}

static void skip_without_tls(struct kt_probe *p)
{
	p->failed = "credentials";
	kt_step_skip(begin(p, "tls"), "%s", p->no_tls);
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

/* --- what a cluster is asked --- */

static void tell_leaders(struct kt_probe *p, struct kt_step *step, const struct kt_seen_topic *topic)
{
	struct kt_err err = {0};
	if (topic->leaderless) {
		kt_err_set(&err, KT_FAILED, "%d of %d partitions have no leader, the first is %d",
			(int)topic->leaderless, (int)topic->partitions, (int)topic->first_leaderless);
		kt_err_hint(&err, "are all brokers up? `kt topic describe` shows which ones hold them");
		fail(p, step, &err);
	} else if (topic->behind) {
		kt_step_warn(step, "are all brokers up? `kt topic describe` shows them",
			"%d partitions, all with leaders; %d have replicas that are behind", (int)topic->partitions,
			(int)topic->behind);
	} else {
		kt_step_ok(step, "%d partition%s, all with leaders", (int)topic->partitions,
			topic->partitions == 1 ? "" : "s");
	}
}

static int no_topic(struct kt_probe *p, const char *topic, struct kt_err *err)
{
	struct kt_suggest near = {.word = topic};
	kt_auto(kt_seen_fini) struct kt_seen all = {0};
	struct kt_err ignored = {0};
	if (ask_metadata(p, "", NULL, &all, &ignored) == 0)
		for (size_t i = 0; i < all.topics.n; i++)
			kt_suggest_offer(&near, all.topics.v[i]);
	kt_err_set(err, KT_NOT_FOUND, "topic %s does not exist", topic);
	if (near.best)
		return kt_err_hint(err, "did you mean %s? `kt topic list` shows what is there", near.best);
	return kt_err_hint(err, "`kt topic list` shows what is there, `kt topic create %s` creates it", topic);
}

/* The topic's state, or an error about it. Without KT_METADATA_QUIET asking for it could create it. */
static int find_topic(struct kt_probe *p, const char *topic, struct kt_seen *seen, struct kt_err *err)
{
	bool quiet = p->versions.v[KT_API_METADATA].last >= KT_METADATA_QUIET;
	if (ask_metadata(p, quiet ? topic : "", topic, seen, err) < 0)
		return -1;
	switch (seen->topic.there ? seen->topic.error : KT_ERROR_UNKNOWN_TOPIC) {
	case 0:
	case KT_ERROR_LEADER_NOT_AVAILABLE:
		return 0;
	case KT_ERROR_UNKNOWN_TOPIC:
		return no_topic(p, topic, err);
	case KT_ERROR_TOPIC_DENIED: {
		kt_auto(kt_free_ptr) char *what = kt_asprintf("topic %s", topic);
		return kt_diagnosis_tell(KT_DIAGNOSIS_TOPIC_DENIED, what, err);
	}
	default:
		return kt_err_set(
			err, KT_FAILED, "topic %s: the broker answers with error %d", topic, seen->topic.error);
	}
}

static void tell_right(struct kt_probe *p, const char *name, bool wanted, const struct kt_seen_topic *topic, int bit,
	const char *why_not)
{
	struct kt_step *step = begin(p, name);
	struct kt_err err = {0};
	if (why_not)
		kt_step_skip(step, "%s", why_not);
	else if (!wanted)
		kt_step_skip(step, "not asked for (--for)");
	else if (topic->operations == INT32_MIN)
		kt_step_skip(step, "this broker does not say who may do what (Metadata before version %d)",
			KT_METADATA_OPERATIONS);
	else if (topic->operations & bit)
		kt_step_ok(step, "allowed: the broker names it among this client's authorized operations");
	else {
		kt_err_set(&err, KT_FAILED,
			"this client is not allowed to %s the topic: the broker does not name it among its authorized "
			"operations",
			name);
		kt_err_hint(&err, "the cluster's operator has to grant it; `--for %s` leaves it out",
			bit == KT_OPERATION_READ ? "write" : "read");
		fail(p, step, &err);
	}
}

void kt_probe_topic(struct kt_probe *p, const char *topic, bool read, bool write)
{
	kt_auto(kt_seen_fini) struct kt_seen seen = {0};
	struct kt_step *step = begin(p, "topic");
	struct kt_err err = {0};
	const char *why_not = NULL;
	if (lost(p, step)) {
		why_not = "the topic cannot be looked at";
	} else if (find_topic(p, topic, &seen, &err) < 0) {
		fail(p, step, &err);
		why_not = "the topic cannot be looked at";
	} else {
		tell_leaders(p, step, &seen.topic);
	}
	tell_right(p, "read", read, &seen.topic, KT_OPERATION_READ, why_not);
	tell_right(p, "write", write, &seen.topic, KT_OPERATION_WRITE, why_not);
}

int kt_probe_topic_id(struct kt_probe *p, const char *topic, unsigned char id[KT_TOPIC_ID], struct kt_err *err)
{
	static const unsigned char none[KT_TOPIC_ID];
	kt_auto(kt_seen_fini) struct kt_seen seen = {0};
	if (ask_metadata(p, topic, topic, &seen, err) < 0)
		return -1;
	memcpy(id, seen.topic.id, KT_TOPIC_ID);
	return seen.topic.there && !seen.topic.error && memcmp(id, none, KT_TOPIC_ID) != 0;
}

static int ask_coordinator(struct kt_probe *p, const char *group, struct kt_coordinator *c, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = limit(p);
	struct kt_bytes answer;
	int version =
		kt_versions_pick(&p->versions, KT_API_FIND_COORDINATOR, KT_COORDINATOR_FIRST, KT_COORDINATOR_LAST);
	if (version < 0)
		return kt_err_set(err, KT_FAILED, "it speaks no version of FindCoordinator that kt does");
	kt_ask_coordinator(&request, ++p->link.id, version, group);
	if (kt_connection_exchange(&p->link, &request, &answer, &until, err) < 0)
		return -1;
	return kt_read_coordinator(c, answer, version, err);
}

/* Until there is one: the first question after a cluster's start makes it create the topic for offsets. */
static int find_coordinator(struct kt_probe *p, const char *group, struct kt_coordinator *c, struct kt_err *err)
{
	enum { PAUSE_US = 200000 };
	struct kt_limit until = limit(p);
	for (;;) {
		if (ask_coordinator(p, group, c, err) < 0)
			return -1;
		bool early = c->error == KT_ERROR_COORDINATOR_NOT_AVAILABLE || c->error == KT_ERROR_COORDINATOR_LOADING;
		if (!early || kt_clock_us() + PAUSE_US > until.deadline_us)
			return 0;
		struct kt_limit pause = {kt_clock_us() + PAUSE_US, p->stop_fd};
		struct kt_err over = {0};
		if (kt_net_wait(-1, 0, &pause, &over) < 0 && over.status == KT_SIGNAL)
			return kt_err_set(err, KT_SIGNAL, "interrupted");
	}
}

/* Whether this client may be a member: KT_ERROR_GROUP_DENIED, another error, or 0 when that cannot be asked. */
static int ask_membership(struct kt_probe *p, const char *group, int *error, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = limit(p);
	struct kt_bytes answer;
	int version = kt_versions_pick(&p->versions, KT_API_HEARTBEAT, KT_HEARTBEAT_FIRST, KT_HEARTBEAT_LAST);
	*error = 0;
	if (version < 0)
		return 0;
	kt_ask_heartbeat(&request, ++p->link.id, version, group);
	if (kt_connection_exchange(&p->link, &request, &answer, &until, err) < 0)
		return -1;
	return kt_read_heartbeat(error, answer, version, err);
}

void kt_probe_group(struct kt_probe *p, const char *group, bool named)
{
	struct kt_step *step = begin(p, "group");
	struct kt_coordinator c = {0};
	struct kt_err err = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("group %s", group);
	if (lost(p, step))
		return;
	int membership = 0;
	if (find_coordinator(p, group, &c, &err) < 0 || ask_membership(p, group, &membership, &err) < 0) {
		fail(p, step, &err);
		return;
	}
	/* Looking a group up takes another right than being in it. */
	if (membership == KT_ERROR_GROUP_DENIED)
		c.error = membership;
	if (c.error == KT_ERROR_GROUP_DENIED && !named) {
		kt_step_skip(step, "the group %s, tried because none was named, is not allowed: -g GROUP names yours",
			group);
	} else if (c.error == KT_ERROR_GROUP_DENIED) {
		kt_diagnosis_tell(KT_DIAGNOSIS_GROUP_DENIED, what, &err);
		fail(p, step, &err);
	} else if (c.error) {
		kt_err_set(&err, KT_FAILED, "%s has no coordinator (error %d)", what, c.error);
		kt_err_hint(&err, "is the topic __consumer_offsets in order? `kt topic describe __consumer_offsets`");
		fail(p, step, &err);
	} else {
		kt_step_ok(step, "%s is coordinated by broker %d, %s:%d", what, (int)c.broker.id, c.broker.host,
			(int)c.broker.port);
	}
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

void kt_probe_round_trip(struct kt_probe *p)
{
	enum { TRIPS = 7 };
	struct kt_step *step = begin(p, "round-trip");
	int64_t us[TRIPS];
	struct kt_err err = {0};
	if (lost(p, step))
		return;
	for (int i = 0; i < TRIPS; i++) {
		struct kt_versions ignored;
		us[i] = kt_clock_us();
		if (ask_versions(p, &ignored, &err) < 0) {
			fail(p, step, &err);
			return;
		}
		us[i] = kt_clock_us() - us[i];
	}
	qsort(us, TRIPS, sizeof(*us), by_size);
	kt_step_ok(step, "%.2f ms at best, %.2f ms is the median of %d requests", (double)us[0] / 1000,
		(double)us[TRIPS / 2] / 1000, TRIPS);
}

void kt_probe_fini(struct kt_probe *p)
{
	kt_connection_close(&p->link);
	kt_seen_fini(&p->seen);
	kt_steps_fini(&p->steps);
}
