#include "mem.h"
#include "proto_own.h"

int kt_read_versions(struct kt_versions *out, struct kt_bytes answer, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, false);
	struct kt_versions seen = {.error = (int)kt_protoread_int(&r, 2)};
	for (size_t i = 0; i < KT_LEN(seen.v); i++)
		seen.v[i].last = -1;
	for (int64_t n = kt_protoread_count(&r, 6); n > 0 && !r.failed; n--) {
		int64_t key = kt_protoread_int(&r, 2), first = kt_protoread_int(&r, 2), last = kt_protoread_int(&r, 2);
		seen.n++;
		if (key < 0 || key >= (int64_t)KT_LEN(seen.v))
			continue;
		seen.v[key].first = (int16_t)first;
		seen.v[key].last = (int16_t)last;
	}
	if (kt_protoread_verdict(&r, "ApiVersions", err) < 0)
		return -1;
	*out = seen;
	return 0;
}

/* The entry of a name, which may be new. */
static struct kt_feature *feature(struct kt_features *out, struct kt_bytes name)
{
	struct kt_feature new = {.last = -1, .level = -1};
	kt_protoread_copy(new.name, sizeof(new.name), name);
	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->v[i].name, new.name))
			return &out->v[i];
	out->v = kt_grow(out->v, &out->cap, out->n + 1, sizeof(*out->v));
	out->v[out->n] = new;
	return &out->v[out->n++];
}

/* One of the two lists: what the broker supports, first and last, or what was agreed on, last and first. */
static void read_levels(struct kt_protoread *r, bool agreed, struct kt_features *out)
{
	int64_t n = kt_protoread_count(r, 6);
	if (n > KT_PROTO_FEATURES)
		r->failed = true;
	for (; n > 0 && !r->failed; n--) {
		struct kt_feature *f = feature(out, kt_protoread_string(r));
		int16_t one = (int16_t)kt_protoread_int(r, 2), two = (int16_t)kt_protoread_int(r, 2);
		kt_protoread_tags(r);
		if (agreed) {
			f->level = one;
		} else {
			f->first = one;
			f->last = two;
		}
	}
}

int kt_read_features(struct kt_features *out, struct kt_bytes answer, struct kt_err *err)
{
	enum { SUPPORTED, EPOCH, AGREED };
	struct kt_protoread r = kt_protoread_of(answer, true);
	kt_protoread_int(&r, 2); /* error_code; the header has no tagged fields, whatever the version (KIP-511) */
	for (int64_t n = kt_protoread_count(&r, 7); n > 0 && !r.failed; n--) {
		kt_protoread_take(&r, 6);
		kt_protoread_tags(&r);
	}
	kt_protoread_int(&r, 4); /* throttle_time_ms */
	for (uint32_t n = kt_protoread_varint(&r); n && !r.failed; n--) {
		uint32_t tag = kt_protoread_varint(&r), len = kt_protoread_varint(&r);
		const unsigned char *data = kt_protoread_take(&r, len);
		struct kt_protoread field = {.at = data, .end = data ? data + len : NULL, .flexible = true};
		if (data && (tag == SUPPORTED || tag == AGREED))
			read_levels(&field, tag == AGREED, out);
		r.failed |= field.failed;
	}
	if (kt_protoread_verdict(&r, "ApiVersions", err) == 0)
		return 0;
	kt_features_fini(out);
	return -1;
}

void kt_features_fini(struct kt_features *features)
{
	free(features->v);
	*features = (struct kt_features){0};
}

int kt_read_quorum(int *error, int32_t *leader, struct kt_bytes answer, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, true);
	int32_t id = -1;
	kt_protoread_tags(&r); /* of the header */
	int code = (int)kt_protoread_int(&r, 2);
	/* One topic of one partition was asked for; anything else in there does not matter. */
	if (kt_protoread_count(&r, 2) > 0) {
		kt_protoread_string(&r);
		if (kt_protoread_count(&r, 14) > 0) {
			kt_protoread_int(&r, 4); /* partition_index */
			int own = (int)kt_protoread_int(&r, 2);
			code = code ? code : own;
			id = (int32_t)kt_protoread_int(&r, 4);
		}
	}
	if (kt_protoread_verdict(&r, "DescribeQuorum", err) < 0)
		return -1;
	*error = code;
	*leader = code ? -1 : id;
	return 0;
}

int kt_read_acls(int *error, struct kt_bytes answer, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, false);
	kt_protoread_int(&r, 4); /* throttle_time_ms */
	int code = (int)kt_protoread_int(&r, 2);
	if (kt_protoread_verdict(&r, "DescribeAcls", err) < 0)
		return -1;
	*error = code;
	return 0;
}

int kt_logsize_compare(const void *a, const void *b)
{
	const struct kt_logsize *x = a, *y = b;
	int order = strcmp(x->topic, y->topic);
	return order ? order : (x->partition > y->partition) - (x->partition < y->partition);
}

static void read_logs(struct kt_protoread *r, const char *topic, struct kt_logsize *sizes, size_t n)
{
	for (int64_t left = kt_protoread_count(r, 21); left > 0 && !r->failed; left--) {
		struct kt_logsize one = {topic, (int32_t)kt_protoread_int(r, 4), kt_protoread_int(r, 8)};
		kt_protoread_int(r, 8); /* offset_lag */
		bool future = kt_protoread_int(r, 1) != 0;
		kt_protoread_tags(r);
		struct kt_logsize *asked =
			r->failed || future || !n ? NULL : bsearch(&one, sizes, n, sizeof(one), kt_logsize_compare);
		if (asked && one.bytes >= 0)
			asked->bytes = one.bytes;
	}
}

/* One of the broker's directories. One with an error of its own has no logs. */
static void read_logdir(struct kt_protoread *r, int version, struct kt_logsize *sizes, size_t n)
{
	kt_protoread_int(r, 2);
	kt_protoread_string(r); /* its path */
	for (int64_t left = kt_protoread_count(r, 3); left > 0 && !r->failed; left--) {
		char topic[KT_PROTO_TOPIC];
		kt_protoread_copy(topic, sizeof(topic), kt_protoread_string(r));
		read_logs(r, topic, sizes, n);
		kt_protoread_tags(r);
	}
	if (version >= 4)
		kt_protoread_take(r, 16); /* total_bytes, usable_bytes of the volume */
	kt_protoread_tags(r);
}

int kt_read_logdirs(
	int *error, struct kt_logsize *sizes, size_t n, struct kt_bytes answer, int version, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, version >= 2);
	for (size_t i = 0; i < n; i++)
		sizes[i].bytes = -1;
	kt_protoread_tags(&r);   /* of the header */
	kt_protoread_int(&r, 4); /* throttle_time_ms */
	int code = version >= 3 ? (int)kt_protoread_int(&r, 2) : 0;
	int64_t dirs = kt_protoread_count(&r, 5);
	/* Before version 3 there is no code for who may not ask, only that a broker without any directory cannot be. */
	if (!dirs && !code)
		code = KT_ERROR_CLUSTER_DENIED;
	for (; dirs > 0 && !r.failed; dirs--)
		read_logdir(&r, version, sizes, n);
	kt_protoread_tags(&r);
	if (kt_protoread_verdict(&r, "DescribeLogDirs", err) == 0) {
		*error = code;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		sizes[i].bytes = -1;
	return -1;
}

int kt_versions_pick(const struct kt_versions *versions, enum kt_api_key api, int first, int last)
{
	int low = versions->v[api].first, high = versions->v[api].last;
	last = high < last ? high : last;
	return last >= first && last >= low ? last : -1;
}

const char *kt_versions_release(const struct kt_versions *versions)
{
	/* The newest version of Fetch by release; of the two that 4.0 and 3.9 have in common, 4.0 gave up the first
	 * four (KIP-896). */
	static const struct {
		int fetch;
		const char *release;
	} known[] = {{18, "4.1"}, {17, "3.9"}, {16, "3.7"}, {15, "3.5"}, {13, "3.1"}, {12, "2.7"}, {11, "2.3"},
		{10, "2.1"}, {8, "2.0"}, {7, "1.1"}, {6, "1.0"}, {5, "0.11"}, {3, "0.10.1"}, {2, "0.10"}};
	int first = versions->v[KT_API_FETCH].first, last = versions->v[KT_API_FETCH].last;
	if (last == 17 && first >= 4)
		return "4.0";
	for (size_t i = 0; i < KT_LEN(known); i++)
		if (last >= known[i].fetch)
			return known[i].release;
	return NULL;
}

static void read_broker(struct kt_protoread *r, struct kt_seen_broker *broker)
{
	broker->id = (int32_t)kt_protoread_int(r, 4);
	kt_protoread_copy(broker->host, sizeof(broker->host), kt_protoread_string(r));
	broker->port = (int32_t)kt_protoread_int(r, 4);
	broker->rack[0] = '\0';
}

static void read_brokers(struct kt_protoread *r, struct kt_seen *seen)
{
	int64_t n = kt_protoread_count(r, 11);
	if (n > KT_PROTO_BROKERS)
		r->failed = true;
	for (; n > 0 && !r->failed; n--) {
		seen->brokers = kt_grow(seen->brokers, &seen->cap, seen->n + 1, sizeof(*seen->brokers));
		read_broker(r, &seen->brokers[seen->n++]);
		struct kt_seen_broker *broker = &seen->brokers[seen->n - 1];
		kt_protoread_copy(broker->rack, sizeof(broker->rack), kt_protoread_string(r));
		kt_protoread_tags(r);
	}
}

static int64_t skip_ids(struct kt_protoread *r)
{
	int64_t n = kt_protoread_count(r, 4);
	kt_protoread_take(r, (size_t)n * 4);
	return n;
}

static void read_partition(struct kt_protoread *r, int version, struct kt_seen_topic *topic)
{
	kt_protoread_int(r, 2); /* error: a missing leader shows by its id, and the rest concerns replicas */
	int32_t index = (int32_t)kt_protoread_int(r, 4), leader = (int32_t)kt_protoread_int(r, 4);
	if (version >= 7)
		kt_protoread_int(r, 4); /* leader_epoch */
	int64_t replicas = skip_ids(r), in_sync = skip_ids(r);
	if (version >= 5)
		skip_ids(r); /* offline_replicas */
	kt_protoread_tags(r);
	topic->partitions++;
	topic->behind += in_sync < replicas;
	if (leader < 0 && !topic->leaderless++)
		topic->first_leaderless = index;
}

static void read_topic(struct kt_protoread *r, int version, const char *wanted, struct kt_seen *seen)
{
	struct kt_seen_topic topic = {.there = true, .operations = INT32_MIN};
	topic.error = (int)kt_protoread_int(r, 2);
	struct kt_bytes name = kt_protoread_string(r);
	const unsigned char *id = version >= 10 ? kt_protoread_take(r, KT_TOPIC_ID) : NULL;
	if (id)
		memcpy(topic.id, id, KT_TOPIC_ID);
	kt_protoread_int(r, 1); /* is_internal */
	for (int64_t n = kt_protoread_count(r, 15); n > 0 && !r->failed; n--)
		read_partition(r, version, &topic);
	if (version >= KT_METADATA_OPERATIONS)
		topic.operations = (int32_t)kt_protoread_int(r, 4);
	kt_protoread_tags(r);
	if (r->failed || !name.data)
		return;
	if (!topic.error)
		kt_strs_take(&seen->topics, kt_strndup(name.data, name.len));
	if (wanted && strlen(wanted) == name.len && !memcmp(name.data, wanted, name.len))
		seen->topic = topic;
}

int kt_read_metadata(struct kt_seen *out, struct kt_bytes answer, int version, const char *topic, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, version >= 9);
	kt_protoread_tags(&r); /* of the header */
	if (version >= 3)
		kt_protoread_int(&r, 4); /* throttle_time_ms */
	read_brokers(&r, out);
	if (version >= 2)
		kt_protoread_copy(out->cluster, sizeof(out->cluster), kt_protoread_string(&r));
	out->controller = (int32_t)kt_protoread_int(&r, 4);
	for (int64_t n = kt_protoread_count(&r, 8); n > 0 && !r.failed; n--)
		read_topic(&r, version, topic, out);
	if (version >= KT_METADATA_OPERATIONS && version <= 10)
		kt_protoread_int(&r, 4); /* cluster_authorized_operations */
	kt_protoread_tags(&r);
	if (kt_protoread_verdict(&r, "Metadata", err) == 0)
		return 0;
	kt_seen_fini(out);
	return -1;
}

void kt_seen_fini(struct kt_seen *seen)
{
	free(seen->brokers);
	kt_strs_fini(&seen->topics);
	*seen = (struct kt_seen){0};
}

int kt_read_coordinator(struct kt_coordinator *out, struct kt_bytes answer, int version, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, version >= 3);
	struct kt_coordinator seen = {0};
	kt_protoread_tags(&r);   /* of the header */
	kt_protoread_int(&r, 4); /* throttle_time_ms */
	seen.error = (int)kt_protoread_int(&r, 2);
	kt_protoread_string(&r); /* error_message */
	read_broker(&r, &seen.broker);
	kt_protoread_tags(&r);
	if (kt_protoread_verdict(&r, "FindCoordinator", err) < 0)
		return -1;
	*out = seen;
	return 0;
}

int kt_read_heartbeat(int *error, struct kt_bytes answer, int version, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, false);
	if (version >= 1)
		kt_protoread_int(&r, 4); /* throttle_time_ms */
	int code = (int)kt_protoread_int(&r, 2);
	if (kt_protoread_verdict(&r, "Heartbeat", err) < 0)
		return -1;
	*error = code;
	return 0;
}

int kt_read_handshake(int *error, struct kt_buf *mechanisms, struct kt_bytes answer, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, false);
	size_t start = mechanisms->len;
	int code = (int)kt_protoread_int(&r, 2);
	for (int64_t n = kt_protoread_count(&r, 2); n > 0 && !r.failed; n--) {
		struct kt_bytes name = kt_protoread_string(&r);
		kt_buf_addf(mechanisms, "%s%.*s", mechanisms->len > start ? ", " : "", (int)name.len,
			name.data ? name.data : "");
	}
	if (kt_protoread_verdict(&r, "SaslHandshake", err) < 0) {
		mechanisms->len = start;
		return -1;
	}
	*error = code;
	return 0;
}

int kt_read_authenticate(
	int *error, struct kt_buf *message, struct kt_bytes *token, struct kt_bytes answer, struct kt_err *err)
{
	struct kt_protoread r = kt_protoread_of(answer, false);
	int code = (int)kt_protoread_int(&r, 2);
	struct kt_bytes text = kt_protoread_string(&r);
	int64_t len = kt_protoread_int(&r, 4);
	const unsigned char *data = kt_protoread_take(&r, len < 0 ? 0 : (size_t)len);
	if (kt_protoread_verdict(&r, "SaslAuthenticate", err) < 0)
		return -1;
	if (text.data)
		kt_buf_addf(message, "%.*s", (int)text.len, text.data);
	*error = code;
	*token = (struct kt_bytes){(const char *)data, len < 0 ? 0 : (size_t)len};
	return 0;
}
