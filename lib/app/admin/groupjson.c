#include "groupjson.h"

#include "groupselect.h"
#include "json.h"

static void add_name(struct kt_buf *out, const char *name)
{
	kt_buf_addf(out, ",\"%s\":", name);
}

static void add_text(struct kt_buf *out, const char *name, const char *text)
{
	add_name(out, name);
	if (text)
		kt_json_words(out, text);
	else
		kt_buf_adds(out, "null");
}

/* Negative: not known. */
static void add_count(struct kt_buf *out, const char *name, int64_t n)
{
	add_name(out, name);
	if (n < 0)
		kt_buf_adds(out, "null");
	else
		kt_buf_add_i64(out, n);
}

static void begin(struct kt_buf *out, const struct kt_group *group)
{
	kt_buf_adds(out, "{\"group\":");
	kt_json_words(out, group->name);
}

static void add_state(struct kt_buf *out, const struct kt_group *group, bool offsets)
{
	bool known = !group->code && group->address;
	begin(out, group);
	add_text(out, "state",
		group->state == RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN ? NULL : kt_groupselect_state(group));
	add_text(out, "type", known ? kt_groupselect_type(group) : NULL);
	add_count(out, "coordinator", group->coordinator);
	add_text(out, "address", group->address);
	add_text(out, "assignor", group->assignor && *group->assignor ? group->assignor : NULL);
	add_count(out, "member_count", known && !group->unseen ? (int64_t)group->n_members : -1);
	if (offsets) {
		const struct kt_group_total total = kt_group_total(group);
		add_count(out, "lag", total.lag);
		add_count(out, "uncommitted", (int64_t)total.uncommitted);
		add_count(out, "unknown", (int64_t)total.unknown);
	}
	if (group->code)
		add_text(out, "error", rd_kafka_err2name(group->code));
}

void kt_group_json_state(struct kt_buf *out, const struct kt_group *group, bool offsets)
{
	add_state(out, group, offsets);
	kt_buf_addc(out, '}');
}

void kt_group_json_member(struct kt_buf *out, const struct kt_group *group, size_t member)
{
	const struct kt_group_member *m = &group->members[member];
	bool first = true;
	begin(out, group);
	add_text(out, "member", m->id);
	add_text(out, "client", m->client);
	add_text(out, "host", kt_groupselect_host(m));
	add_text(out, "instance", m->instance);
	add_name(out, "assigned");
	kt_buf_addc(out, '[');
	for (size_t i = 0; i < group->n_parts; i++) {
		const struct kt_group_part *part = &group->parts[i];
		if (part->member != (int)member)
			continue;
		kt_buf_adds(out, first ? "{\"topic\":" : ",{\"topic\":");
		kt_json_words(out, part->log.topic);
		kt_buf_addf(out, ",\"partition\":%d}", (int)part->log.partition);
		first = false;
	}
	kt_buf_adds(out, "]}");
}

void kt_group_json_part(struct kt_buf *out, const struct kt_group *group, const struct kt_group_part *part)
{
	const struct kt_group_member *m = part->member >= 0 ? &group->members[part->member] : NULL;
	begin(out, group);
	add_text(out, "topic", part->log.topic);
	add_count(out, "partition", part->log.partition);
	add_count(out, "committed", part->committed);
	add_count(out, "begin", part->code ? -1 : part->log.begin);
	add_count(out, "end", part->code ? -1 : part->log.log_end);
	add_count(out, "lag", kt_group_lag(part));
	add_text(out, "member", m ? m->id : NULL);
	add_text(out, "client", m ? m->client : NULL);
	add_text(out, "host", m ? kt_groupselect_host(m) : NULL);
	if (part->code)
		add_text(out, "error", rd_kafka_err2name(part->code));
	kt_buf_addc(out, '}');
}

void kt_group_json_plan(struct kt_buf *out, const struct kt_group *group, const struct kt_plan_row *row)
{
	begin(out, group);
	add_text(out, "topic", row->part->log.topic);
	add_count(out, "partition", row->part->log.partition);
	add_count(out, "committed", row->part->committed);
	add_count(out, "new", row->to);
	if (row->part->code)
		add_text(out, "error", rd_kafka_err2name(row->part->code));
	kt_buf_addc(out, '}');
}

void kt_group_json(struct kt_buf *out, const struct kt_group *group)
{
	add_state(out, group, true);
	add_name(out, "members");
	kt_buf_addc(out, '[');
	for (size_t i = 0; i < group->n_members; i++) {
		kt_buf_adds(out, i ? "," : "");
		kt_group_json_member(out, group, i);
	}
	kt_buf_addc(out, ']');
	add_name(out, "partitions");
	kt_buf_addc(out, '[');
	for (size_t i = 0; i < group->n_parts; i++) {
		kt_buf_adds(out, i ? "," : "");
		kt_group_json_part(out, group, &group->parts[i]);
	}
	kt_buf_adds(out, "]}");
}
