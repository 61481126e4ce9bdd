#include "copyverify.h"

#include "consumer.h"
#include "embedded.h"
#include "mem.h"
#include "num.h"
#include "sig.h"

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* Null and empty differ. */
static uint64_t mix_bytes(uint64_t hash, struct kt_bytes bytes)
{
	const char *at = bytes.data;
	uint64_t word = 0;
	hash = mix(hash, bytes.data ? bytes.len + 1 : 0);
	size_t left = bytes.data ? bytes.len : 0;
	for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	if (left)
		memcpy(&word, at, left);
	return mix(hash, word);
}

uint64_t kt_copyverify_hash(const struct kt_record *r)
{
	uint64_t hash = mix_bytes(mix_bytes(r->n_headers, r->key), r->value);
	for (size_t i = 0; i < r->n_headers; i++)
		hash = mix_bytes(mix_bytes(hash, r->headers[i].name), r->headers[i].value);
	return hash;
}

/* What a record adds to the sum of its partition. */
static uint64_t share(uint64_t hash, int64_t offset)
{
	return mix(mix(hash, (uint64_t)offset), 1);
}

static struct kt_copyverify_part *part_at(struct kt_copyverify *v, int32_t partition)
{
	size_t needed = (size_t)partition + 1;
	if (needed > v->n) {
		v->parts = kt_grow(v->parts, &v->cap, needed, sizeof(*v->parts));
		memset(v->parts + v->n, 0, (needed - v->n) * sizeof(*v->parts));
		v->n = needed;
	}
	return &v->parts[partition];
}

void kt_copyverify_sent(struct kt_copyverify *v, int32_t partition, int64_t offset, uint64_t hash, int64_t ts_ms)
{
	if (offset < 0) {
		v->nowhere++;
		return;
	}
	struct kt_copyverify_part *part = part_at(v, partition);
	part->records++;
	part->untimed += share(hash, offset);
	part->timed += share(mix(hash, (uint64_t)ts_ms), offset);
	if (part->n && part->runs[part->n - 1].end == offset) {
		part->runs[part->n - 1].end++;
		return;
	}
	part->runs = kt_grow(part->runs, &part->cap, part->n + 1, sizeof(*part->runs));
	part->runs[part->n++] = (struct kt_copyverify_run){offset, offset + 1};
}

void kt_copyverify_found(struct kt_copyverify *v, const struct kt_record *r)
{
	if (r->partition < 0 || (size_t)r->partition >= v->n)
		return;
	struct kt_copyverify_part *part = &v->parts[r->partition];
	while (part->at < part->n && part->runs[part->at].end <= r->offset)
		part->at++;
	if (part->at == part->n || r->offset < part->runs[part->at].first)
		return;
	uint64_t hash = kt_copyverify_hash(r);
	int64_t ts_ms = r->tstype == KT_TS_NONE ? -1 : r->ts_ms;
	part->found++;
	part->found_untimed += share(hash, r->offset);
	part->found_timed += share(mix(hash, (uint64_t)ts_ms), r->offset);
	v->retimes = v->retimes || r->tstype == KT_TS_APPEND;
}

int kt_copyverify_compare(const struct kt_copyverify *v, const char *topic, struct kt_err *err)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct kt_copyverify_part *part = &v->parts[i];
		if (part->found != part->records)
			return kt_err_set(err, KT_FAILED,
				"%s [%zu]: of %lld records that were acknowledged %lld are there", topic, i,
				(long long)part->records, (long long)part->found);
		if (part->found_untimed != part->untimed)
			return kt_err_set(err, KT_FAILED, "%s [%zu]: what is there is not what was sent", topic, i);
		if (!v->retimes && part->found_timed != part->timed)
			return kt_err_set(
				err, KT_FAILED, "%s [%zu]: timestamps are not those that were sent", topic, i);
	}
	if (v->nowhere)
		return kt_err_set(err, KT_FAILED,
			"%s: %lld record%s cannot be looked for, since the broker did not say at which offset", topic,
			(long long)v->nowhere, kt_plural(v->nowhere));
	return 0;
}

/* Until what was there when it began was read. */
static int read_all(struct kt_copyverify *v, struct kt_consumer *c, const struct kt_owner *owner, struct kt_err *err)
{
	while (!kt_consumer_is_done(c)) {
		struct kt_record r;
		int stopped = kt_owner_stopped(owner), took = kt_consumer_fill(c, err);
		if (took < 0)
			return -1;
		if (stopped)
			return kt_err_set(err, stopped, "ended before the copy was verified");
		while (kt_consumer_next(c, &r))
			kt_copyverify_found(v, &r);
		struct pollfd fd = {.fd = kt_consumer_fd(c), .events = POLLIN};
		if (!took && !kt_consumer_is_done(c))
			kt_wait(&fd, 1, kt_consumer_poll_ms(c));
	}
	return 0;
}

int kt_copyverify_read(struct kt_copyverify *v, const struct kt_copyends *ends, const struct kt_owner *owner,
	int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_consumer_free) struct kt_consumer *c = NULL;
	kt_auto(kt_free_ptr) int32_t *partitions = kt_calloc(v->n, sizeof(*partitions));
	kt_auto(kt_free_ptr) struct kt_start *starts = kt_calloc(v->n, sizeof(*starts));
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct kt_copyverify_part *part = &v->parts[i];
		if (!part->n)
			continue;
		partitions[n] = (int32_t)i;
		starts[n++] = (struct kt_start){.partition = (int32_t)i, .place = {KT_AT_OFFSET, part->runs[0].first}};
	}
	if (!n)
		return kt_copyverify_compare(v, ends->target.topic, err);
	kt_strs_add(&topics, ends->target.topic);
	kt_settings_copy(&settings, &ends->target.settings);
	/* A commit is answered before its markers are written: until then read_committed ends before its records. */
	kt_settings_put(&settings, KT_RANK_FLAG, "isolation.level", "read_uncommitted", "--verify");
	const struct kt_consumer_how how = {
		.owner = owner,
		.topics = &topics,
		.partitions = partitions,
		.n_partitions = n,
		.starts = starts,
		.n_starts = n,
		.span.start.where = KT_AT_BEGINNING,
		.exit_at_end = true,
		.timeout_ms = timeout_ms,
		.headers = true,
	};
	if (kt_consumer_open(&c, &settings, &how, err) < 0 || read_all(v, c, owner, err) < 0)
		return -1;
	return kt_copyverify_compare(v, ends->target.topic, err);
}

void kt_copyverify_fini(struct kt_copyverify *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->parts[i].runs);
	free(v->parts);
	*v = (struct kt_copyverify){0};
}
