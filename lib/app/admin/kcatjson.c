#include "kcatjson.h"

#include "jsonout.h"

static void add_ids(struct kt_buf *out, const char *name, const int32_t *ids, int n)
{
	kt_jsonout_begin(out, name, '[');
	for (int i = 0; i < n; i++) {
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_i64(out, "id", ids[i]);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
}

static void add_error(struct kt_buf *out, rd_kafka_resp_err_t code)
{
	if (code)
		kt_jsonout_words(out, "error", rd_kafka_err2str(code));
}

static void add_broker(struct kt_buf *out, const char *member, int64_t id, const char *name)
{
	kt_jsonout_begin(out, member, '{');
	kt_jsonout_i64(out, "id", id);
	kt_jsonout_words(out, "name", name);
	kt_jsonout_end(out, '}');
}

static void add_topic(struct kt_buf *out, const struct rd_kafka_metadata_topic *topic)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "topic", topic->topic);
	add_error(out, topic->err);
	kt_jsonout_begin(out, "partitions", '[');
	for (int i = 0; i < topic->partition_cnt; i++) {
		const struct rd_kafka_metadata_partition *p = &topic->partitions[i];
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_i64(out, "partition", p->id);
		add_error(out, p->err);
		kt_jsonout_i64(out, "leader", p->leader);
		add_ids(out, "replicas", p->replicas, p->replica_cnt);
		add_ids(out, "isrs", p->isrs, p->isr_cnt);
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
}

void kt_kcatjson_metadata(struct kt_buf *out, const struct kt_topicselect *select, const struct kt_strs *words)
{
	const struct rd_kafka_metadata *metadata = select->metadata;
	const struct kt_strs *names = words->n ? &select->pick.found : &select->names;
	kt_jsonout_begin(out, NULL, '{');
	add_broker(out, "originating_broker", metadata->orig_broker_id, metadata->orig_broker_name);
	kt_jsonout_begin(out, "query", '{');
	kt_jsonout_words(out, "topic", words->n == 1 ? words->v[0] : "*");
	kt_jsonout_end(out, '}');
	kt_jsonout_null(out, "controllerid");
	kt_jsonout_begin(out, "brokers", '[');
	for (int i = 0; i < metadata->broker_cnt; i++) {
		char name[300];
		snprintf(name, sizeof(name), "%s:%d", metadata->brokers[i].host, metadata->brokers[i].port);
		add_broker(out, NULL, metadata->brokers[i].id, name);
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_begin(out, "topics", '[');
	for (size_t i = 0; i < names->n; i++)
		add_topic(out, kt_topicselect_find(select, names->v[i]));
	kt_jsonout_end(out, ']');
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

static bool was_before(const rd_kafka_topic_partition_list_t *list, int at)
{
	for (int i = 0; i < at; i++)
		if (!strcmp(list->elems[i].topic, list->elems[at].topic))
			return true;
	return false;
}

void kt_kcatjson_offsets(struct kt_buf *out, const rd_kafka_topic_partition_list_t *list)
{
	kt_jsonout_begin(out, NULL, '{');
	for (int i = 0; i < list->cnt; i++) {
		if (was_before(list, i))
			continue;
		kt_jsonout_begin(out, list->elems[i].topic, '{');
		kt_jsonout_words(out, "topic", list->elems[i].topic);
		for (int k = i; k < list->cnt; k++) {
			const rd_kafka_topic_partition_t *p = &list->elems[k];
			char number[16];
			if (strcmp(p->topic, list->elems[i].topic) != 0)
				continue;
			snprintf(number, sizeof(number), "%d", (int)p->partition);
			kt_jsonout_begin(out, number, '{');
			kt_jsonout_i64(out, "partition", p->partition);
			kt_jsonout_i64(out, "offset", p->offset);
			add_error(out, p->err);
			kt_jsonout_end(out, '}');
		}
		kt_jsonout_end(out, '}');
	}
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}
