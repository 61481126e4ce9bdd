#include "proto.h"

#include "diagnosis.h"
#include "mem.h"

/* --- asking --- */

static void add_int(struct kt_buf *out, uint64_t n, int bytes)
{
	while (bytes--)
		kt_buf_addc(out, (char)(n >> (8 * bytes)));
}

static void add_varint(struct kt_buf *out, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		kt_buf_addc(out, (char)(n | 0x80));
	kt_buf_addc(out, (char)n);
}

static void add_string(struct kt_buf *out, const char *text, bool flexible)
{
	size_t len = strlen(text);
	if (flexible)
		add_varint(out, (uint32_t)len + 1);
	else
		add_int(out, len, 2);
	kt_buf_add(out, text, len);
}

/* No tagged fields. */
static void add_tags(struct kt_buf *out, bool flexible)
{
	if (flexible)
		kt_buf_addc(out, 0);
}

/* n < 0: null. */
static void add_count(struct kt_buf *out, int n, bool flexible)
{
	if (flexible)
		add_varint(out, (uint32_t)(n + 1));
	else
		add_int(out, (uint64_t)(int64_t)n, 4);
}

/* The header, after room for the length; returns where that is. The client's name is an old-style string also in
 * flexible versions. */
static size_t begin(struct kt_buf *out, enum kt_api api, int version, int32_t id, bool flexible)
{
	size_t start = out->len;
	add_int(out, 0, 4);
	add_int(out, (uint64_t)api, 2);
	add_int(out, (uint64_t)version, 2);
	add_int(out, (uint32_t)id, 4);
	add_string(out, "kt", false);
	add_tags(out, flexible);
	return start;
}

static void end(struct kt_buf *out, size_t start)
{
	size_t len = out->len - start - 4;
	for (int i = 0; i < 4; i++)
		out->data[start + (size_t)i] = (char)(len >> (8 * (3 - i)));
}

void kt_ask_versions(struct kt_buf *out, int32_t id)
{
	/* Version 0, which every broker answers, whatever else it has given up. */
	end(out, begin(out, KT_API_VERSIONS, 0, id, false));
}

void kt_ask_features(struct kt_buf *out, int32_t id, int version)
{
	size_t start = begin(out, KT_API_VERSIONS, version, id, true);
	add_string(out, "kt", true); /* client_software_name */
	add_string(out, "1", true);  /* client_software_version: part of a metric's name, so that it stays the same */
	add_tags(out, true);
	end(out, start);
}

void kt_ask_quorum(struct kt_buf *out, int32_t id)
{
	size_t start = begin(out, KT_API_DESCRIBE_QUORUM, 0, id, true);
	add_count(out, 1, true);
	add_string(out, "__cluster_metadata", true);
	add_count(out, 1, true);
	add_int(out, 0, 4); /* partition_index */
	add_tags(out, true);
	add_tags(out, true);
	add_tags(out, true);
	end(out, start);
}

void kt_ask_acls(struct kt_buf *out, int32_t id)
{
	enum { CLUSTER = 4, LITERAL = 3, ANY = 1 };
	size_t start = begin(out, KT_API_DESCRIBE_ACLS, 1, id, false);
	kt_buf_addc(out, CLUSTER);
	add_string(out, "kt-none", false);
	kt_buf_addc(out, LITERAL);
	add_int(out, UINT16_MAX, 2); /* principal: null */
	add_int(out, UINT16_MAX, 2); /* host: null */
	kt_buf_addc(out, ANY);
	kt_buf_addc(out, ANY);
	end(out, start);
}

void kt_ask_handshake(struct kt_buf *out, int32_t id, const char *mechanism)
{
	/* From version 1 on tokens travel in SaslAuthenticate, and errors come back in words (KIP-152). */
	size_t start = begin(out, KT_API_SASL_HANDSHAKE, 1, id, false);
	add_string(out, mechanism, false);
	end(out, start);
}

void kt_ask_authenticate(struct kt_buf *out, int32_t id, struct kt_bytes token)
{
	size_t start = begin(out, KT_API_SASL_AUTHENTICATE, 0, id, false);
	add_int(out, token.len, 4);
	kt_buf_add(out, token.data, token.len);
	end(out, start);
}

void kt_ask_metadata(struct kt_buf *out, int32_t id, int version, const char *topic)
{
	static const char no_id[16];
	bool flexible = version >= 9, all = topic && !*topic;
	size_t start = begin(out, KT_API_METADATA, version, id, flexible);
	add_count(out, all ? -1 : topic != NULL, flexible);
	if (topic && !all) {
		if (version >= 10)
			kt_buf_add(out, no_id, sizeof(no_id));
		add_string(out, topic, flexible);
		add_tags(out, flexible);
	}
	if (version >= KT_METADATA_QUIET)
		kt_buf_addc(out, false); /* allow_auto_topic_creation */
	if (version >= KT_METADATA_OPERATIONS && version <= 10)
		kt_buf_addc(out, false); /* include_cluster_authorized_operations */
	if (version >= KT_METADATA_OPERATIONS)
		kt_buf_addc(out, true); /* include_topic_authorized_operations */
	add_tags(out, flexible);
	end(out, start);
}

void kt_ask_coordinator(struct kt_buf *out, int32_t id, int version, const char *group)
{
	bool flexible = version >= 3;
	size_t start = begin(out, KT_API_FIND_COORDINATOR, version, id, flexible);
	add_string(out, group, flexible);
	kt_buf_addc(out, 0); /* key_type: a group */
	add_tags(out, flexible);
	end(out, start);
}

void kt_ask_heartbeat(struct kt_buf *out, int32_t id, int version, const char *group)
{
	size_t start = begin(out, KT_API_HEARTBEAT, version, id, false);
	add_string(out, group, false);
	add_int(out, (uint64_t)-1, 4); /* generation_id */
	add_string(out, "", false);    /* member_id */
	end(out, start);
}

void kt_ask_logdirs(struct kt_buf *out, int32_t id, int version, const struct kt_logsize *sizes, size_t n)
{
	bool flexible = version >= 2;
	size_t start = begin(out, KT_API_DESCRIBE_LOG_DIRS, version, id, flexible);
	int topics = 0;
	for (size_t i = 0; i < n; i++)
		topics += !i || strcmp(sizes[i - 1].topic, sizes[i].topic) != 0;
	add_count(out, topics, flexible); /* null would be all that there are */
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i; next < n && !strcmp(sizes[next].topic, sizes[i].topic);)
			next++;
		add_string(out, sizes[i].topic, flexible);
		add_count(out, (int)(next - i), flexible);
		for (size_t k = i; k < next; k++)
			add_int(out, (uint32_t)sizes[k].partition, 4);
		add_tags(out, flexible);
	}
	add_tags(out, flexible);
	end(out, start);
}

/* --- reading --- */

/* After the first failure everything reads as zero, so that a reader checks once, at its end. */
struct reader {
	const unsigned char *at, *end;
	bool flexible, failed;
};

static struct reader reader_of(struct kt_bytes answer, bool flexible)
{
	const unsigned char *data = (const unsigned char *)answer.data;
	return (struct reader){.at = data, .end = data + answer.len, .flexible = flexible};
}

static const unsigned char *take(struct reader *r, size_t n)
{
	if (r->failed || (size_t)(r->end - r->at) < n) {
		r->failed = true;
		r->at = r->end;
		return NULL;
	}
	r->at += n;
	return r->at - n;
}

static int64_t get_int(struct reader *r, size_t bytes)
{
	const unsigned char *b = take(r, bytes);
	uint64_t n = b && b[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; b && i < bytes; i++)
		n = n << 8 | b[i];
	return (int64_t)n;
}

static uint32_t get_varint(struct reader *r)
{
	uint32_t n = 0;
	for (int shift = 0; shift < 35; shift += 7) {
		const unsigned char *b = take(r, 1);
		if (!b || (shift == 28 && *b > 0x0f))
			break;
		n |= (uint32_t)(*b & 0x7f) << shift;
		if (!(*b & 0x80))
			return n;
	}
	r->failed = true;
	return 0;
}

/* The text, or {NULL} for null. */
static struct kt_bytes get_string(struct reader *r)
{
	int64_t len = r->flexible ? (int64_t)get_varint(r) - 1 : get_int(r, 2);
	const unsigned char *data = len < 0 ? NULL : take(r, (size_t)len);
	return data ? (struct kt_bytes){(const char *)data, (size_t)len} : (struct kt_bytes){0};
}

/* How many elements follow, 0 for null. Each takes at least `least` bytes: more than the answer has room for fails. */
static int64_t get_count(struct reader *r, size_t least)
{
	int64_t n = r->flexible ? (int64_t)get_varint(r) - 1 : get_int(r, 4);
	if (n > 0 && (size_t)n > (size_t)(r->end - r->at) / least)
		r->failed = true;
	return r->failed || n < 0 ? 0 : n;
}

static void skip_tags(struct reader *r)
{
	uint32_t n = r->flexible ? get_varint(r) : 0;
	while (n-- && !r->failed) {
		get_varint(r);
		take(r, get_varint(r));
	}
}

/* Cut to what fits; a name with a NUL in it ends there. */
static void copy(char *out, size_t size, struct kt_bytes text)
{
	snprintf(out, size, "%.*s", (int)text.len, text.data ? text.data : "");
}

static int verdict(const struct reader *r, const char *what, struct kt_err *err)
{
	if (!r->failed)
		return 0;
	const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_NOT_KAFKA);
	kt_err_set(err, cause->status, "%s: the answer to %s is cut off or makes no sense", cause->text, what);
	return kt_err_hint(err, "%s", cause->hint);
}

int kt_read_versions(struct kt_versions *out, struct kt_bytes answer, struct kt_err *err)
{
	struct reader r = reader_of(answer, false);
	struct kt_versions seen = {.error = (int)get_int(&r, 2)};
	for (size_t i = 0; i < KT_LEN(seen.v); i++)
		seen.v[i].last = -1;
	for (int64_t n = get_count(&r, 6); n > 0 && !r.failed; n--) {
		int64_t key = get_int(&r, 2), first = get_int(&r, 2), last = get_int(&r, 2);
		seen.n++;
		if (key < 0 || key >= (int64_t)KT_LEN(seen.v))
			continue;
		seen.v[key].first = (int16_t)first;
		seen.v[key].last = (int16_t)last;
	}
	if (verdict(&r, "ApiVersions", err) < 0)
		return -1;
	*out = seen;
	return 0;
}

/* The entry of a name, which may be new. */
static struct kt_feature *feature(struct kt_features *out, struct kt_bytes name)
{
	struct kt_feature new = {.last = -1, .level = -1};
	copy(new.name, sizeof(new.name), name);
	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->v[i].name, new.name))
			return &out->v[i];
	out->v = kt_grow(out->v, &out->cap, out->n + 1, sizeof(*out->v));
	out->v[out->n] = new;
	return &out->v[out->n++];
}

/* One of the two lists: what the broker supports, first and last, or what was agreed on, last and first. */
static void read_levels(struct reader *r, bool agreed, struct kt_features *out)
{
	int64_t n = get_count(r, 6);
	if (n > KT_PROTO_FEATURES)
		r->failed = true;
	for (; n > 0 && !r->failed; n--) {
		struct kt_feature *f = feature(out, get_string(r));
		int16_t one = (int16_t)get_int(r, 2), two = (int16_t)get_int(r, 2);
		skip_tags(r);
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
	struct reader r = reader_of(answer, true);
	get_int(&r, 2); /* error_code; the header has no tagged fields, whatever the version (KIP-511) */
	for (int64_t n = get_count(&r, 7); n > 0 && !r.failed; n--) {
		take(&r, 6);
		skip_tags(&r);
	}
	get_int(&r, 4); /* throttle_time_ms */
	for (uint32_t n = get_varint(&r); n && !r.failed; n--) {
		uint32_t tag = get_varint(&r), len = get_varint(&r);
		const unsigned char *data = take(&r, len);
		struct reader field = {.at = data, .end = data ? data + len : NULL, .flexible = true};
		if (data && (tag == SUPPORTED || tag == AGREED))
			read_levels(&field, tag == AGREED, out);
		r.failed |= field.failed;
	}
	if (verdict(&r, "ApiVersions", err) == 0)
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
	struct reader r = reader_of(answer, true);
	int32_t id = -1;
	skip_tags(&r); /* of the header */
	int code = (int)get_int(&r, 2);
	/* One topic of one partition was asked for; anything else in there does not matter. */
	if (get_count(&r, 2) > 0) {
		get_string(&r);
		if (get_count(&r, 14) > 0) {
			get_int(&r, 4); /* partition_index */
			int own = (int)get_int(&r, 2);
			code = code ? code : own;
			id = (int32_t)get_int(&r, 4);
		}
	}
	if (verdict(&r, "DescribeQuorum", err) < 0)
		return -1;
	*error = code;
	*leader = code ? -1 : id;
	return 0;
}

int kt_read_acls(int *error, struct kt_bytes answer, struct kt_err *err)
{
	struct reader r = reader_of(answer, false);
	get_int(&r, 4); /* throttle_time_ms */
	int code = (int)get_int(&r, 2);
	if (verdict(&r, "DescribeAcls", err) < 0)
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

static void read_logs(struct reader *r, const char *topic, struct kt_logsize *sizes, size_t n)
{
	for (int64_t left = get_count(r, 21); left > 0 && !r->failed; left--) {
		struct kt_logsize one = {topic, (int32_t)get_int(r, 4), get_int(r, 8)};
		get_int(r, 8); /* offset_lag */
		bool future = get_int(r, 1) != 0;
		skip_tags(r);
		struct kt_logsize *asked =
			r->failed || future || !n ? NULL : bsearch(&one, sizes, n, sizeof(one), kt_logsize_compare);
		if (asked && one.bytes >= 0)
			asked->bytes = one.bytes;
	}
}

/* One of the broker's directories. One with an error of its own has no logs. */
static void read_logdir(struct reader *r, int version, struct kt_logsize *sizes, size_t n)
{
	get_int(r, 2);
	get_string(r); /* its path */
	for (int64_t left = get_count(r, 3); left > 0 && !r->failed; left--) {
		char topic[KT_PROTO_TOPIC];
		copy(topic, sizeof(topic), get_string(r));
		read_logs(r, topic, sizes, n);
		skip_tags(r);
	}
	if (version >= 4)
		take(r, 16); /* total_bytes, usable_bytes of the volume */
	skip_tags(r);
}

int kt_read_logdirs(
	int *error, struct kt_logsize *sizes, size_t n, struct kt_bytes answer, int version, struct kt_err *err)
{
	struct reader r = reader_of(answer, version >= 2);
	for (size_t i = 0; i < n; i++)
		sizes[i].bytes = -1;
	skip_tags(&r);  /* of the header */
	get_int(&r, 4); /* throttle_time_ms */
	int code = version >= 3 ? (int)get_int(&r, 2) : 0;
	int64_t dirs = get_count(&r, 5);
	/* Before version 3 there is no code for who may not ask, only that a broker without any directory cannot be. */
	if (!dirs && !code)
		code = KT_ERROR_CLUSTER_DENIED;
	for (; dirs > 0 && !r.failed; dirs--)
		read_logdir(&r, version, sizes, n);
	skip_tags(&r);
	if (verdict(&r, "DescribeLogDirs", err) == 0) {
		*error = code;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		sizes[i].bytes = -1;
	return -1;
}

int kt_versions_pick(const struct kt_versions *versions, enum kt_api api, int first, int last)
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

static void read_broker(struct reader *r, struct kt_seen_broker *broker)
{
	broker->id = (int32_t)get_int(r, 4);
	copy(broker->host, sizeof(broker->host), get_string(r));
	broker->port = (int32_t)get_int(r, 4);
	broker->rack[0] = '\0';
}

static void read_brokers(struct reader *r, struct kt_seen *seen)
{
	int64_t n = get_count(r, 11);
	if (n > KT_PROTO_BROKERS)
		r->failed = true;
	for (; n > 0 && !r->failed; n--) {
		seen->brokers = kt_grow(seen->brokers, &seen->cap, seen->n + 1, sizeof(*seen->brokers));
		read_broker(r, &seen->brokers[seen->n++]);
		struct kt_seen_broker *broker = &seen->brokers[seen->n - 1];
		copy(broker->rack, sizeof(broker->rack), get_string(r));
		skip_tags(r);
	}
}

static int64_t skip_ids(struct reader *r)
{
	int64_t n = get_count(r, 4);
	take(r, (size_t)n * 4);
	return n;
}

static void read_partition(struct reader *r, int version, struct kt_seen_topic *topic)
{
	get_int(r, 2); /* error: a missing leader shows by its id, and the rest concerns replicas */
	int32_t index = (int32_t)get_int(r, 4), leader = (int32_t)get_int(r, 4);
	if (version >= 7)
		get_int(r, 4); /* leader_epoch */
	int64_t replicas = skip_ids(r), in_sync = skip_ids(r);
	if (version >= 5)
		skip_ids(r); /* offline_replicas */
	skip_tags(r);
	topic->partitions++;
	topic->behind += in_sync < replicas;
	if (leader < 0 && !topic->leaderless++)
		topic->first_leaderless = index;
}

static void read_topic(struct reader *r, int version, const char *wanted, struct kt_seen *seen)
{
	struct kt_seen_topic topic = {.there = true, .operations = INT32_MIN};
	topic.error = (int)get_int(r, 2);
	struct kt_bytes name = get_string(r);
	const unsigned char *id = version >= 10 ? take(r, KT_TOPIC_ID) : NULL;
	if (id)
		memcpy(topic.id, id, KT_TOPIC_ID);
	get_int(r, 1); /* is_internal */
	for (int64_t n = get_count(r, 15); n > 0 && !r->failed; n--)
		read_partition(r, version, &topic);
	if (version >= KT_METADATA_OPERATIONS)
		topic.operations = (int32_t)get_int(r, 4);
	skip_tags(r);
	if (r->failed || !name.data)
		return;
	if (!topic.error)
		kt_strs_take(&seen->topics, kt_strndup(name.data, name.len));
	if (wanted && strlen(wanted) == name.len && !memcmp(name.data, wanted, name.len))
		seen->topic = topic;
}

int kt_read_metadata(struct kt_seen *out, struct kt_bytes answer, int version, const char *topic, struct kt_err *err)
{
	struct reader r = reader_of(answer, version >= 9);
	skip_tags(&r); /* of the header */
	if (version >= 3)
		get_int(&r, 4); /* throttle_time_ms */
	read_brokers(&r, out);
	if (version >= 2)
		copy(out->cluster, sizeof(out->cluster), get_string(&r));
	out->controller = (int32_t)get_int(&r, 4);
	for (int64_t n = get_count(&r, 8); n > 0 && !r.failed; n--)
		read_topic(&r, version, topic, out);
	if (version >= KT_METADATA_OPERATIONS && version <= 10)
		get_int(&r, 4); /* cluster_authorized_operations */
	skip_tags(&r);
	if (verdict(&r, "Metadata", err) == 0)
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
	struct reader r = reader_of(answer, version >= 3);
	struct kt_coordinator seen = {0};
	skip_tags(&r);  /* of the header */
	get_int(&r, 4); /* throttle_time_ms */
	seen.error = (int)get_int(&r, 2);
	get_string(&r); /* error_message */
	read_broker(&r, &seen.broker);
	skip_tags(&r);
	if (verdict(&r, "FindCoordinator", err) < 0)
		return -1;
	*out = seen;
	return 0;
}

int kt_read_heartbeat(int *error, struct kt_bytes answer, int version, struct kt_err *err)
{
	struct reader r = reader_of(answer, false);
	if (version >= 1)
		get_int(&r, 4); /* throttle_time_ms */
	int code = (int)get_int(&r, 2);
	if (verdict(&r, "Heartbeat", err) < 0)
		return -1;
	*error = code;
	return 0;
}

int kt_read_handshake(int *error, struct kt_buf *mechanisms, struct kt_bytes answer, struct kt_err *err)
{
	struct reader r = reader_of(answer, false);
	size_t start = mechanisms->len;
	int code = (int)get_int(&r, 2);
	for (int64_t n = get_count(&r, 2); n > 0 && !r.failed; n--) {
		struct kt_bytes name = get_string(&r);
		kt_buf_addf(mechanisms, "%s%.*s", mechanisms->len > start ? ", " : "", (int)name.len,
			name.data ? name.data : "");
	}
	if (verdict(&r, "SaslHandshake", err) < 0) {
		mechanisms->len = start;
		return -1;
	}
	*error = code;
	return 0;
}

int kt_read_authenticate(
	int *error, struct kt_buf *message, struct kt_bytes *token, struct kt_bytes answer, struct kt_err *err)
{
	struct reader r = reader_of(answer, false);
	int code = (int)get_int(&r, 2);
	struct kt_bytes text = get_string(&r);
	int64_t len = get_int(&r, 4);
	const unsigned char *data = take(&r, len < 0 ? 0 : (size_t)len);
	if (verdict(&r, "SaslAuthenticate", err) < 0)
		return -1;
	if (text.data)
		kt_buf_addf(message, "%.*s", (int)text.len, text.data);
	*error = code;
	*token = (struct kt_bytes){(const char *)data, len < 0 ? 0 : (size_t)len};
	return 0;
}
