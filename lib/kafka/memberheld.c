/* What a member holds back: records that came before something that had to be reported at once. */
#include "mem.h"
#include "member_own.h"

enum { HELD_MOST = 1000, HELD_BYTES = 8 << 20 };

size_t kt_memberheld_waiting(const struct kt_member *p)
{
	return p->n_held - p->given_held;
}

void kt_memberheld_drop(struct kt_member *p)
{
	for (size_t i = p->given_held; i < p->n_held; i++)
		rd_kafka_event_destroy(p->held[i].event);
	p->n_held = p->given_held = p->held_bytes = 0;
}

bool kt_memberheld_is_enough(const struct kt_member *p)
{
	return kt_memberheld_waiting(p) >= HELD_MOST || p->held_bytes >= HELD_BYTES;
}

static rd_kafka_topic_partition_list_t *assigned_list(const struct kt_member *p)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)p->parts.n + 1);
	for (size_t i = 0; i < p->parts.n; i++)
		if (p->parts.v[i].assigned)
			rd_kafka_topic_partition_list_add(list, p->parts.v[i].topic, p->parts.v[i].partition)->offset =
				p->parts.v[i].next;
	return list;
}

void kt_memberheld_seek(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	for (int i = list->cnt - 1; i >= 0; i--)
		if (list->elems[i].offset == KT_NO_OFFSET)
			rd_kafka_topic_partition_list_del_by_idx(list, i);
	rd_kafka_error_t *error = list->cnt ? rd_kafka_seek_partitions(p->rk, list, 0) : NULL;
	if (error)
		rd_kafka_error_destroy(error);
}

void kt_memberheld_stop(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_pause_partitions(p->rk, list);
	p->stopped = true;
}

void kt_memberheld_go_on(struct kt_member *p)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = assigned_list(p);
	rd_kafka_resume_partitions(p->rk, list);
	p->stopped = false;
}

void kt_memberheld_add(struct kt_member *p, rd_kafka_event_t *ev, rd_kafka_message_t *m)
{
	if (p->given_held > HELD_MOST) {
		memmove(p->held, p->held + p->given_held, kt_memberheld_waiting(p) * sizeof(*p->held));
		p->n_held -= p->given_held;
		p->given_held = 0;
	}
	p->held = kt_grow(p->held, &p->held_cap, p->n_held + 1, sizeof(*p->held));
	p->held[p->n_held++] = (struct kt_member_held){ev, m};
}

void kt_memberheld_store(struct kt_member *p, struct kt_partition *part, int64_t offset)
{
	struct kt_err ignored;
	if (!p->auto_commit)
		return;
	part->written = offset;
	p->membership.read_any = true;
	(void)!kt_membership_store(&p->membership, part, true, &ignored);
}

/* To be reported after this record. */
static void note_new_log(struct kt_member *p, const struct kt_partition *part, const rd_kafka_message_t *m)
{
	if (part->next != KT_NO_OFFSET && m->offset < part->next)
		kt_err_set(&p->trouble, KT_FAILED, KT_LOG_BEGAN_ANEW, part->topic, (int)part->partition,
			(long long)m->offset, (long long)part->next);
}

static void give_record(struct kt_member *p, rd_kafka_message_t *m, struct kt_member_event *event)
{
	struct kt_partition *part = kt_partitions_of(&p->parts, m);
	note_new_log(p, part, m);
	p->held_bytes -= m->len + m->key_len;
	part->next = m->offset + 1;
	kt_memberheld_store(p, part, part->next);
	event->kind = KT_MEMBER_RECORD;
	kt_message_record(&event->record, m, part, &p->headers);
}

/* The end of a partition that was given up meanwhile is of no interest. */
static void give_end(struct kt_member *p, rd_kafka_event_t *ev, struct kt_member_event *event)
{
	rd_kafka_topic_partition_t *end = rd_kafka_event_topic_partition(ev);
	const struct kt_partition *part = end ? kt_memberevents_entry(p, end) : NULL;
	if (part && part->assigned) {
		event->kind = KT_MEMBER_END;
		kt_memberevents_tell_part(p, event, end, part, end->offset);
	}
	if (end)
		rd_kafka_topic_partition_destroy(end);
}

void kt_memberheld_give_out(struct kt_member *p, struct kt_member_event *event)
{
	struct kt_member_held *held = &p->held[p->given_held++];
	p->lent = held->event;
	if (held->message)
		give_record(p, held->message, event);
	else
		give_end(p, held->event, event);
	if (!kt_memberheld_waiting(p))
		p->n_held = p->given_held = 0;
}
