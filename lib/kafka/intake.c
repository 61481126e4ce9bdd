#include "intake.h"

#include "mem.h"

void kt_intake_fail(struct kt_consumer *c, const struct kt_err *err)
{
	if (!c->failed)
		c->err = *err;
	c->failed = true;
}

void kt_intake_tell_end(struct kt_consumer *c, struct kt_partition *part)
{
	if (!c->how.exit_at_end || part->told_end || !part->done)
		return;
	part->told_end = true;
	bool last = true;
	for (size_t i = 0; i < c->parts.n; i++)
		last = last && (!c->parts.v[i].assigned || c->parts.v[i].told_end);
	if (c->how.at_end)
		c->how.at_end(c->how.user, part, last);
}

void kt_intake_tell_assigned(struct kt_consumer *c, struct kt_partition *const *parts, size_t n)
{
	if (c->how.assigned)
		c->how.assigned(c->how.user, &c->parts);
	for (size_t i = 0; i < n; i++)
		kt_intake_tell_end(c, parts[i]);
}

void kt_intake_drop(struct kt_consumer *c, size_t at)
{
	rd_kafka_message_destroy(kt_steal(c->batch[at]));
}

void kt_intake_release(struct kt_consumer *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->batch[i])
			kt_intake_drop(c, i);
	c->n = c->given = c->written = 0;
}

static size_t take_queue(struct kt_consumer *c, size_t most)
{
	ssize_t got = rd_kafka_consume_batch_queue(c->wake.queue, 0, c->batch + c->n, most);
	if (got <= 0)
		return 0;
	kt_fetchnudge(&c->refill, c->rk, c->wake.queue, c->batch + c->n, (size_t)got, &c->parts);
	c->n += (size_t)got;
	return (size_t)got;
}

int kt_intake_take(struct kt_consumer *c, size_t most, struct kt_err *err)
{
	kt_queuefd_clear(&c->wake);
	if (!c->how.group)
		rd_kafka_poll(c->rk, 0);
	size_t got = c->merge ? kt_merge_take(c, most) : take_queue(c, most);
	if (got)
		kt_client_note_answer(c->client);
	kt_client_note_trouble(c->client, -1);
	if (!c->failed && c->how.group && kt_membership_is_shut_out(&c->member))
		return kt_client_unreachable(c->client, err);
	if (!c->failed)
		return got > 0;
	*err = c->err;
	return -1;
}
