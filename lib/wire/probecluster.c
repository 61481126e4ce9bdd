/* What a cluster is asked over a connection that works: a topic, a group, the time of a round trip. */
#include "diagnosis.h"
#include "mem.h"
#include "num.h"
#include "probe_own.h"
#include "suggest.h"
#include "when.h"

/* Nothing more can be asked on a connection on which a request failed. */
static bool lost(struct kt_probe *p, struct kt_step *step)
{
	if (p->link.lost)
		kt_step_skip(step, "the connection did not hold");
	return p->link.lost;
}

static void tell_leaders(struct kt_probe *p, struct kt_step *step, const struct kt_seen_topic *topic)
{
	struct kt_err err = {0};
	if (topic->leaderless) {
		kt_err_set(&err, KT_FAILED, "%d of %d partition%s %s no leader, the first is %d",
			(int)topic->leaderless, (int)topic->partitions, kt_plural(topic->partitions),
			topic->leaderless == 1 ? "has" : "have", (int)topic->first_leaderless);
		kt_err_hint(&err, "are all brokers up? `kt topic describe` shows which ones hold them");
		kt_probe_fail(p, step, &err);
	} else if (topic->behind) {
		kt_step_warn(step, "are all brokers up? `kt topic describe` shows them",
			"%d partition%s, all with leaders; %d %s replicas that are behind", (int)topic->partitions,
			kt_plural(topic->partitions), (int)topic->behind, topic->behind == 1 ? "has" : "have");
	} else {
		kt_step_ok(
			step, "%d partition%s, all with leaders", (int)topic->partitions, kt_plural(topic->partitions));
	}
}

static int no_topic(struct kt_probe *p, const char *topic, struct kt_err *err)
{
	struct kt_suggest near = {.word = topic};
	kt_auto(kt_seen_fini) struct kt_seen all = {0};
	struct kt_err ignored = {0};
	if (kt_probe_ask_metadata(p, "", NULL, &all, &ignored) == 0)
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
	if (kt_probe_ask_metadata(p, quiet ? topic : "", topic, seen, err) < 0)
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
	struct kt_step *step = kt_probe_begin(p, name);
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
		kt_probe_fail(p, step, &err);
	}
}

void kt_probe_topic(struct kt_probe *p, const char *topic, bool read, bool write)
{
	kt_auto(kt_seen_fini) struct kt_seen seen = {0};
	struct kt_step *step = kt_probe_begin(p, "topic");
	struct kt_err err = {0};
	const char *why_not = NULL;
	if (lost(p, step)) {
		why_not = "the topic cannot be looked at";
	} else if (find_topic(p, topic, &seen, &err) < 0) {
		kt_probe_fail(p, step, &err);
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
	if (kt_probe_ask_metadata(p, topic, topic, &seen, err) < 0)
		return -1;
	memcpy(id, seen.topic.id, KT_TOPIC_ID);
	return seen.topic.there && !seen.topic.error && memcmp(id, none, KT_TOPIC_ID) != 0;
}

static int ask_coordinator(struct kt_probe *p, const char *group, struct kt_coordinator *c, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_limit until = kt_probe_limit(p);
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
	struct kt_limit until = kt_probe_limit(p);
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
	struct kt_limit until = kt_probe_limit(p);
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
	struct kt_step *step = kt_probe_begin(p, "group");
	struct kt_coordinator c = {0};
	struct kt_err err = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("group %s", group);
	if (lost(p, step))
		return;
	int membership = 0;
	if (find_coordinator(p, group, &c, &err) < 0 || ask_membership(p, group, &membership, &err) < 0) {
		kt_probe_fail(p, step, &err);
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
		kt_probe_fail(p, step, &err);
	} else if (c.error) {
		kt_err_set(&err, KT_FAILED, "%s has no coordinator (error %d)", what, c.error);
		kt_err_hint(&err, "is the topic __consumer_offsets in order? `kt topic describe __consumer_offsets`");
		kt_probe_fail(p, step, &err);
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
	struct kt_step *step = kt_probe_begin(p, "round-trip");
	int64_t us[TRIPS];
	struct kt_err err = {0};
	if (lost(p, step))
		return;
	for (int i = 0; i < TRIPS; i++) {
		struct kt_versions ignored;
		us[i] = kt_clock_us();
		if (kt_probe_ask_versions(p, &ignored, &err) < 0) {
			kt_probe_fail(p, step, &err);
			return;
		}
		us[i] = kt_clock_us() - us[i];
	}
	qsort(us, TRIPS, sizeof(*us), by_size);
	kt_step_ok(step, "%.2f ms at best, %.2f ms is the median of %d requests", (double)us[0] / 1000,
		(double)us[TRIPS / 2] / 1000, TRIPS);
}
