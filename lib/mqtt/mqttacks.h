/* Messages on their way, in the order in which they came: the acknowledgements of MQTT have to leave in that order
 * (3.1.1, section 4.6), whichever of them is through first.
 *
 *   int64_t tag = kt_mqttacks_tag(&acks);                     -1: as many as there may be are on their way
 *   … the record is sent with that tag …
 *   kt_mqttacks_add(&acks, message.id, message.bytes);
 *   kt_mqttacks_done(&acks, tag);                             its report came
 *   while (kt_mqttacks_take(&acks, &id))                      it, and all before it, are through
 *           if (id) …                                         and this is owed
 */
#ifndef KT_MQTTACKS_H
#define KT_MQTTACKS_H

#include "base.h"

/* As many as there are identifiers, and a power of two; and so many bytes of packets. */
enum { KT_MQTTACKS_MOST = 1 << 16, KT_MQTTACKS_BYTES = 64 << 20 };

struct kt_mqttack {
	uint32_t bytes;
	uint16_t id;
	bool done;
};

/* Starts as {0}. */
struct kt_mqttacks {
	struct kt_mqttack *v;
	int64_t first, end; /* tags: of the oldest, and of the next */
	int64_t connected;  /* the first of this connection: what came before it is not acknowledged any more */
	size_t bytes;
};

int64_t kt_mqttacks_tag(const struct kt_mqttacks *a);

/* id 0: nothing is owed for it. */
void kt_mqttacks_add(struct kt_mqttacks *a, uint16_t id, size_t bytes);
void kt_mqttacks_done(struct kt_mqttacks *a, int64_t tag);

/* The oldest, if it is done; *id is 0 where nothing is owed. */
bool kt_mqttacks_take(struct kt_mqttacks *a, uint16_t *id);

/* The connection is gone: what is on its way comes again on the next one, with identifiers of that. */
void kt_mqttacks_lost(struct kt_mqttacks *a);

/* Of those that are still there: which come again, and which do not: of QoS 0, and not through. */
void kt_mqttacks_left(const struct kt_mqttacks *a, int64_t *again, int64_t *lost);

static inline bool kt_mqttacks_is_empty(const struct kt_mqttacks *a)
{
	return a->first == a->end;
}

void kt_mqttacks_fini(struct kt_mqttacks *a);

#endif
