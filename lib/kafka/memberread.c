/* A member's partitions one by one: records from the queue of each, and commits for the owner it was told of. */
#include "member_own.h"

/* The partition that an owner was told of, while it is still that owner's. */
static struct kt_partition *owned(struct kt_member *p, const struct kt_member_part *at)
{
	struct kt_partition *part = at->place < p->parts.n ? &p->parts.v[at->place] : NULL;
	return part && part->assigned && part->taken == at->assignment ? part : NULL;
}

int kt_member_commit_part(struct kt_member *p, const struct kt_member_part *at, int64_t offset, struct kt_err *err)
{
	const struct kt_partition *part = owned(p, at);
	if (!part || p->membership.state == KT_MEMBERSHIP_LOST)
		return 0;
	return kt_membership_commit_at(&p->membership, part->topic, part->partition, offset, err) < 0 ? -1 : 1;
}

/* A message that is not a record: 1, with end set, when it says that the partition's end was reached. */
static int read_other(struct kt_member *p, struct kt_partition *part, rd_kafka_message_t *m,
	struct kt_member_read *read, struct kt_err *err)
{
	struct kt_member_event event = {0};
	int result = 0;
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		read->end = true;
		read->record = (struct kt_record){
			.topic = {part->topic, part->topic_len}, .partition = part->partition, .offset = m->offset};
		result = 1;
	} else {
		result = kt_memberevents_take_error(p, m->err, rd_kafka_message_errstr(m), false, &event, err);
		p->trouble = event.kind == KT_MEMBER_TROUBLE ? event.why : p->trouble;
	}
	rd_kafka_message_destroy(m);
	return result;
}

int kt_member_read(
	struct kt_member *p, const struct kt_member_part *at, struct kt_member_read *read, struct kt_err *err)
{
	struct kt_partition *part = owned(p, at);
	rd_kafka_message_t *m;
	*read = (struct kt_member_read){0};
	if (!part || !part->queue || p->rebalance || p->membership.leaving)
		return 0;
	if (rd_kafka_consume_batch_queue(part->queue, 0, &m, 1) != 1)
		return 0;
	if (m->err)
		return read_other(p, part, m, read, err);
	kt_message_record(&read->record, m, part, &read->headers);
	if (part->next != KT_NO_OFFSET && m->offset > part->next)
		kt_partition_tell_gap(part, m->offset, m->offset, p->client);
	read->message = m;
	part->next = m->offset + 1;
	kt_fetchnudge_read(&p->refill, p->rk, part, m->len);
	return 1;
}

int64_t kt_member_end(const struct kt_member *p, const struct kt_member_part *part)
{
	int64_t low, high;
	if (rd_kafka_get_watermark_offsets(p->rk, part->topic, part->partition, &low, &high))
		return KT_NO_OFFSET;
	return high >= 0 ? high : KT_NO_OFFSET;
}

void kt_member_read_fini(struct kt_member_read *read)
{
	if (read->message)
		rd_kafka_message_destroy(read->message);
	kt_message_headers_fini(&read->headers);
	*read = (struct kt_member_read){0};
}
