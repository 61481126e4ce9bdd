#include "proto.h"

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
static size_t begin(struct kt_buf *out, enum kt_api_key api, int version, int32_t id, bool flexible)
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
