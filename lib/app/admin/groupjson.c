#include "groupjson.h"

#include "groupselect.h"
#include "jsonout.h"

static void begin(struct kt_buf *out, const struct kt_group *group)
{
	kt_buf_addc(out, '{');
	kt_jsonout_words(out, "group", group->name);
}

static void add_state(struct kt_buf *out, const struct kt_group *group, bool offsets)
{
	bool known = !group->code && group->address;
	begin(out, group);
	kt_jsonout_words(out, "state",
		group->state == RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN ? NULL : kt_groupselect_state(group));
	kt_jsonout_words(out, "type", known ? kt_groupselect_type(group) : NULL);
	kt_jsonout_count(out, "coordinator", group->coordinator);
	kt_jsonout_words(out, "address", group->address);
	kt_jsonout_words(out, "assignor", group->assignor && *group->assignor ? group->assignor : NULL);
	kt_jsonout_count(out, "member_count", known && !group->unseen ? (int64_t)group->n_members : -1);
	if (offsets) {
		const struct kt_group_total total = kt_group_total(group);
		kt_jsonout_count(out, "lag", total.lag);
		kt_jsonout_count(out, "uncommitted", (int64_t)total.uncommitted);
		kt_jsonout_count(out, "unknown", (int64_t)total.unknown);
	}
	if (group->code)
		kt_jsonout_words(out, "error", rd_kafka_err2name(group->code));
}

void kt_group_json_state(struct kt_buf *out, const struct kt_group *group, bool offsets)
{
	add_state(out, group, offsets);
	kt_jsonout_end(out, '}');
}

void kt_group_json_member(struct kt_buf *out, const struct kt_group *group, size_t member)
{
	const struct kt_group_member *m = &group->members[member];
	begin(out, group);
	kt_jsonout_words(out, "member", m->id);
	kt_jsonout_words(out, "client", m->client);
	kt_jsonout_words(out, "host", kt_groupselect_host(m));
	kt_jsonout_words(out, "instance", m->instance);
	kt_jsonout_begin(out, "assigned", '[');
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		if (part->member != (int)member)
			continue;
		kt_jsonout_begin(out, NULL, '{');
		kt_jsonout_words(out, "topic", part->log.topic);
		kt_jsonout_i64(out, "partition", part->log.partition);
		kt_jsonout_end(out, '}');
	}
	kt_buf_adds(out, "]}");
}

void kt_group_json_part(struct kt_buf *out, const struct kt_group *group, const struct kt_group_part *part)
{
	const struct kt_group_member *m = part->member >= 0 ? &group->members[part->member] : NULL;
	begin(out, group);
	kt_jsonout_words(out, "topic", part->log.topic);
	kt_jsonout_count(out, "partition", part->log.partition);
	kt_jsonout_count(out, "committed", part->committed);
	kt_jsonout_count(out, "begin", part->code ? -1 : part->log.begin);
	kt_jsonout_count(out, "end", part->code ? -1 : part->log.log_end);
	kt_jsonout_count(out, "lag", kt_group_lag(part));
	kt_jsonout_words(out, "member", m ? m->id : NULL);
	kt_jsonout_words(out, "client", m ? m->client : NULL);
	kt_jsonout_words(out, "host", m ? kt_groupselect_host(m) : NULL);
	if (part->code)
		kt_jsonout_words(out, "error", rd_kafka_err2name(part->code));
	kt_jsonout_end(out, '}');
}

void kt_group_json_plan(struct kt_buf *out, const struct kt_group *group, const struct kt_plan_row *row)
{
	begin(out, group);
	kt_jsonout_words(out, "topic", row->part->log.topic);
	kt_jsonout_count(out, "partition", row->part->log.partition);
	kt_jsonout_count(out, "committed", row->part->committed);
	kt_jsonout_count(out, "new", row->to);
	if (row->part->code)
		kt_jsonout_words(out, "error", rd_kafka_err2name(row->part->code));
	kt_jsonout_end(out, '}');
}

void kt_group_json(struct kt_buf *out, const struct kt_group *group)
{
	add_state(out, group, true);
	kt_jsonout_begin(out, "members", '[');
	for (size_t i = 0; i < group->n_members; i++) {
		kt_jsonout_key(out, NULL);
		kt_group_json_member(out, group, i);
	}
	kt_jsonout_end(out, ']');
	kt_jsonout_begin(out, "partitions", '[');
	for (size_t i = 0; i < group->n_parts; i++) {
		kt_jsonout_key(out, NULL);
		kt_group_json_part(out, group, &group->parts[i]);
	}
	kt_buf_adds(out, "]}");
}
