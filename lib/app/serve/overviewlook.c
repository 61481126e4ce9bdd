/* Topics and groups as brokers tell them, with a few requests for all of them. */
#include "groups.h"
#include "lookup.h"
#include "mem.h"
#include "offsetquery.h"
#include "overview_own.h"
#include "when.h"

/* One look: its lists have the partitions of all topics that have a leader, by topic and number. */
struct look {
	struct kt_client *client;
	const struct kt_strs *topics;
	struct kt_overview_known *known;
	rd_kafka_topic_partition_list_t *begins, *ends;
	int64_t until_us;
};

static int by_name(const void *a, const void *b)
{
	const struct rd_kafka_metadata_topic *ta = *(const struct rd_kafka_metadata_topic *const *)a;
	const struct rd_kafka_metadata_topic *tb = *(const struct rd_kafka_metadata_topic *const *)b;
	return strcmp(ta->topic, tb->topic);
}

static int by_place(const void *a, const void *b)
{
	const rd_kafka_topic_partition_t *pa = a, *pb = b;
	int order = strcmp(pa->topic, pb->topic);
	return order ? order : (pa->partition > pb->partition) - (pa->partition < pb->partition);
}

static void add_topic(struct look *look, const struct rd_kafka_metadata_topic *topic)
{
	struct kt_overview_known *known = look->known;
	known->topics = kt_grow(known->topics, &known->cap_topics, known->n_topics + 1, sizeof(*known->topics));
	struct kt_overview_topic *t = &known->topics[known->n_topics++];
	*t = (struct kt_overview_topic){.name = kt_strdup(topic->topic), .partitions = topic->partition_cnt};
	t->logs = kt_calloc((size_t)topic->partition_cnt + 1, sizeof(*t->logs));
	for (int i = 0; i < topic->partition_cnt; i++) {
		const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
		t->logs[i] = (struct kt_overview_log){p->id, p->leader};
		if (p->leader < 0) {
			t->records = t->written = -1;
			continue;
		}
		rd_kafka_topic_partition_list_add(look->begins, topic->topic, p->id);
		rd_kafka_topic_partition_list_add(look->ends, topic->topic, p->id);
	}
}

static void add_brokers(struct look *look, const struct rd_kafka_metadata *metadata)
{
	struct kt_overview_known *known = look->known;
	if (kt_client_is_embedded(look->client))
		return;
	for (int i = 0; i < metadata->broker_cnt; i++) {
		const struct rd_kafka_metadata_broker *broker = &metadata->brokers[i];
		known->brokers =
			kt_grow(known->brokers, &known->cap_brokers, known->n_brokers + 1, sizeof(*known->brokers));
		known->brokers[known->n_brokers++] =
			(struct kt_overview_broker){broker->id, broker->port, kt_strdup(broker->host)};
	}
}

static int64_t left_ms(const struct look *look)
{
	int64_t ms = kt_until_ms(look->until_us);
	return ms > 1 ? ms : 1;
}

static int list_topics(struct look *look, struct kt_err *err)
{
	const struct rd_kafka_metadata *metadata;
	if (kt_client_metadata(look->client, "", left_ms(look), &metadata, err) < 0)
		return -1;
	size_t n = 0;
	kt_auto(kt_free_ptr) const struct rd_kafka_metadata_topic **sorted =
		kt_calloc((size_t)metadata->topic_cnt + 1, sizeof(*sorted));
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (!metadata->topics[i].err && kt_lookup_allows(look->topics, metadata->topics[i].topic))
			sorted[n++] = &metadata->topics[i];
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		add_topic(look, sorted[i]);
	add_brokers(look, metadata);
	rd_kafka_metadata_destroy(metadata);
	/* Metadata does not say in which order it lists partitions. */
	qsort(look->begins->elems, (size_t)look->begins->cnt, sizeof(*look->begins->elems), by_place);
	qsort(look->ends->elems, (size_t)look->ends->cnt, sizeof(*look->ends->elems), by_place);
	return 0;
}

static int measure(struct look *look, struct kt_err *err)
{
	const rd_kafka_topic_partition_list_t *begins = look->begins, *ends = look->ends;
	size_t at = 0;
	if (kt_offsetquery_bounds(look->client, look->begins, look->ends, left_ms(look), err) < 0)
		return -1;
	for (int i = 0; i < ends->cnt; i++) {
		while (strcmp(look->known->topics[at].name, ends->elems[i].topic) != 0)
			at++;
		struct kt_overview_topic *t = &look->known->topics[at];
		if (t->records < 0)
			continue;
		t->records += ends->elems[i].offset - begins->elems[i].offset;
		t->written += ends->elems[i].offset;
	}
	return 0;
}

static int64_t lag_of(const struct look *look, const struct kt_group_part *part)
{
	const rd_kafka_topic_partition_t place = {.topic = part->log.topic, .partition = part->log.partition};
	const rd_kafka_topic_partition_t *end =
		bsearch(&place, look->ends->elems, (size_t)look->ends->cnt, sizeof(place), by_place);
	if (!end)
		return -1;
	int64_t begin = look->begins->elems[end - look->ends->elems].offset;
	int64_t from = part->committed > begin ? part->committed : begin;
	return end->offset > from ? end->offset - from : 0;
}

static void add_lag(struct kt_overview_group *group, const char *topic, int64_t lag)
{
	struct kt_overview_lag *last = group->n ? &group->lags[group->n - 1] : NULL;
	if (last && !strcmp(last->topic, topic)) {
		last->lag = last->lag < 0 || lag < 0 ? -1 : last->lag + lag;
		return;
	}
	group->lags = kt_grow(group->lags, &group->cap, group->n + 1, sizeof(*group->lags));
	group->lags[group->n++] = (struct kt_overview_lag){kt_strdup(topic), lag};
}

static void add_group(struct look *look, const struct kt_group *from)
{
	struct kt_overview_known *known = look->known;
	known->groups = kt_grow(known->groups, &known->cap_groups, known->n_groups + 1, sizeof(*known->groups));
	struct kt_overview_group *group = &known->groups[known->n_groups++];
	*group = (struct kt_overview_group){.name = kt_strdup(from->name),
		.state = rd_kafka_consumer_group_state_name(from->state),
		.members = from->unseen || from->code ? -1 : (int64_t)from->n_members};
	for (size_t i = 0; i < from->n_parts; i++)
		if (kt_lookup_allows(look->topics, from->parts[i].log.topic))
			add_lag(group, from->parts[i].log.topic, lag_of(look, &from->parts[i]));
}

/* What cannot be had of groups leaves the topics as they are. */
static void list_groups(struct look *look)
{
	kt_auto(kt_groups_fini) struct kt_groups groups = {0};
	struct kt_err ignored = {0};
	if (kt_client_is_embedded(look->client) || kt_groups_list(look->client, &groups, left_ms(look), &ignored) < 0)
		return;
	kt_auto(kt_free_ptr) struct kt_group **v = kt_calloc(groups.n + 1, sizeof(struct kt_group *));
	for (size_t i = 0; i < groups.n; i++)
		v[i] = &groups.v[i];
	if (kt_groups_describe(look->client, v, groups.n, left_ms(look), &ignored) < 0 ||
		kt_groups_commits(look->client, v, groups.n, NULL, left_ms(look), &ignored) < 0)
		return;
	look->known->tells_groups = true;
	for (size_t i = 0; i < groups.n; i++)
		add_group(look, v[i]);
}

int kt_overview_look(struct kt_client *client, const struct kt_strs *topics, int64_t timeout_ms,
	struct kt_overview_known *known, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *begins = rd_kafka_topic_partition_list_new(64);
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(64);
	struct look look = {client, topics, known, begins, ends, kt_clock_us() + timeout_ms * 1000};
	if (list_topics(&look, err) < 0)
		return -1;
	known->at_ms = kt_now_ms();
	if (measure(&look, err) < 0)
		return -1;
	list_groups(&look);
	return 0;
}

void kt_overview_known_fini(struct kt_overview_known *known)
{
	for (size_t i = 0; i < known->n_brokers; i++)
		free(known->brokers[i].host);
	for (size_t i = 0; i < known->n_topics; i++) {
		free(known->topics[i].name);
		free(known->topics[i].logs);
	}
	for (size_t i = 0; i < known->n_groups; i++) {
		struct kt_overview_group *group = &known->groups[i];
		for (size_t k = 0; k < group->n; k++)
			free(group->lags[k].topic);
		free(group->lags);
		free(group->name);
	}
	free(known->brokers);
	free(known->topics);
	free(known->groups);
	*known = (struct kt_overview_known){0};
}
