/* What the library has to say to a member: rebalances, commits, errors. */
#include "mem.h"
#include "member_own.h"
#include "offsetquery.h"
#include "unpacking.h"

struct kt_partition *kt_memberevents_entry(struct kt_member *p, const rd_kafka_topic_partition_t *at)
{
	return kt_partitions_find(&p->parts, at->topic, at->partition);
}

void kt_memberevents_tell_part(struct kt_member *p, struct kt_member_event *event, const rd_kafka_topic_partition_t *at,
	const struct kt_partition *part, int64_t offset)
{
	p->told = kt_grow(p->told, &p->told_cap, event->n_parts + 1, sizeof(*p->told));
	p->told[event->n_parts++] = (struct kt_member_part){
		.topic = part ? part->topic : at->topic,
		.partition = at->partition,
		.offset = offset,
		.why = part ? part->why : KT_START_COMMITTED,
		.place = part ? (size_t)(part - p->parts.v) : 0,
		.assignment = part ? part->taken : 0,
	};
	event->parts = p->told;
}

static void tell_list(struct kt_member *p, struct kt_member_event *event, const rd_kafka_topic_partition_list_t *list)
{
	for (int i = 0; list && i < list->cnt; i++) {
		const struct kt_partition *part = kt_memberevents_entry(p, &list->elems[i]);
		kt_memberevents_tell_part(p, event, &list->elems[i], part, part ? part->next : KT_NO_OFFSET);
	}
}

int kt_memberevents_finish_revocation(struct kt_member *p, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(p->rebalance));
	struct kt_membership *m = &p->membership;
	struct kt_err ignored;
	/* Before the partitions go to others: where nothing was read, they would start by their own --reset. */
	if (!m->leaving)
		(void)!kt_membership_store(m, NULL, true, &ignored);
	if (p->stopped)
		kt_memberheld_go_on(p);
	rd_kafka_event_destroy(kt_steal(p->rebalance));
	int result = kt_membership_give_up(m, list, err);
	if (!m->how.split)
		kt_memberheld_seek(p);
	return m->leaving ? 0 : result;
}

static int take_assignment(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	struct kt_membership *m = &p->membership;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(rd_kafka_event_topic_partition_list(ev));
	p->lent = ev;
	if (p->stopped)
		kt_memberheld_go_on(p);
	if (kt_membership_take(m, list, err) < 0)
		return -1;
	if (m->leaving)
		return 0;
	for (int i = 0; m->how.split && i < list->cnt; i++)
		kt_queuefd_add(&p->wake, kt_memberevents_entry(p, &list->elems[i])->queue);
	if (!m->how.split && kt_membership_is_cooperative(m))
		kt_memberheld_seek(p);
	event->kind = KT_MEMBER_ASSIGNED;
	tell_list(p, event, rd_kafka_event_topic_partition_list(ev));
	return 0;
}

static int take_rebalance(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	/* What is in hand of the partitions that stay is fetched again, see kt_memberheld_seek(). */
	kt_memberheld_drop(p);
	if (rd_kafka_event_error(ev) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		return take_assignment(p, ev, event, err);
	kt_membership_revoke(&p->membership);
	event->kind = p->membership.state == KT_MEMBERSHIP_LOST ? KT_MEMBER_LOST : KT_MEMBER_REVOKED;
	p->rebalance = ev;
	tell_list(p, event, rd_kafka_event_topic_partition_list(ev));
	return 0;
}

static void take_committed(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(ev);
	rd_kafka_resp_err_t code = rd_kafka_event_error(ev);
	p->lent = ev;
	if (code == RD_KAFKA_RESP_ERR__NO_OFFSET)
		return;
	for (int i = 0; list && i < list->cnt; i++) {
		if (list->elems[i].offset < 0)
			continue;
		code = code ? code : list->elems[i].err;
		kt_memberevents_tell_part(
			p, event, &list->elems[i], kt_memberevents_entry(p, &list->elems[i]), list->elems[i].offset);
	}
	if (code)
		kt_client_fail(p->client, code, &event->why, "committing an offset of group %s", p->group);
	event->passing = kt_offsetquery_is_passing(code);
	if (code || event->n_parts)
		event->kind = KT_MEMBER_COMMITTED;
}

/* About a connection: reported in one sentence for all of them by kt_client_take_trouble(). */
static bool is_of_connection(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
	       code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__SSL ||
	       code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

int kt_memberevents_take_error(struct kt_member *p, rd_kafka_resp_err_t code, const char *text, bool fatal,
	struct kt_member_event *event, struct kt_err *err)
{
	if (kt_unpacking_is_refusal(code))
		return 0;
	if (is_of_connection(code)) {
		kt_client_note(p->client, code, text ? text : "");
		return 0;
	}
	if (p->membership.leaving)
		return 0;
	if (fatal || kt_membership_is_over(code))
		return kt_membership_fail(p->client, p->group, code, p->topics.v[0], err);
	event->kind = KT_MEMBER_TROUBLE;
	kt_err_set(&event->why, KT_FAILED, "%s", text ? text : rd_kafka_err2str(code));
	return 0;
}

static int take_message(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	rd_kafka_message_t *m = (rd_kafka_message_t *)rd_kafka_event_message_next(ev);
	struct kt_partition *part = m && m->rkt ? kt_partitions_of(&p->parts, m) : NULL;
	int result = 0;
	if (m && m->err) {
		result = kt_memberevents_take_error(p, m->err, rd_kafka_message_errstr(m), false, event, err);
	} else if (part && part->assigned && !p->membership.leaving) {
		kt_memberheld_add(p, ev, m);
		p->held_bytes += m->len + m->key_len;
		return 0;
	}
	rd_kafka_event_destroy(ev);
	return result;
}

int kt_memberevents_take(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event, struct kt_err *err)
{
	int result = 0;
	switch (rd_kafka_event_type(ev)) {
	case RD_KAFKA_EVENT_FETCH:
		kt_client_note_answer(p->client);
		return take_message(p, ev, event, err);
	case RD_KAFKA_EVENT_REBALANCE:
		return take_rebalance(p, ev, event, err);
	case RD_KAFKA_EVENT_OFFSET_COMMIT:
		take_committed(p, ev, event);
		return 0;
	case RD_KAFKA_EVENT_ERROR:
		if (rd_kafka_event_error(ev) == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			kt_memberheld_add(p, ev, NULL);
			return 0;
		}
		result = kt_memberevents_take_error(p, rd_kafka_event_error(ev), rd_kafka_event_error_string(ev),
			rd_kafka_event_error_is_fatal(ev), event, err);
		break;
	default:
		break;
	}
	rd_kafka_event_destroy(ev);
	return result;
}
