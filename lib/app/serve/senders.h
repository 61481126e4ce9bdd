/* WebSockets of those who write: each message is a record, and is answered in their order with what became of it.
 *
 *   kt_senders_begin(at, request, found, answer)     one more is there
 *   kt_senders_turn(s)                               from the loop: hands records over, and answers
 *   kt_senders_delivery(s, delivery)                 of what is tagged with KT_SENDERS_JOB
 *   kt_senders_end(s)                                nothing more is read; who has all answers is said goodbye to
 *   kt_senders_fini(s)
 *
 * Of one who has KT_SENDERS_WINDOW records without an answer that is on its way, nothing more is read before some of
 * them have theirs; nor of anybody while there is too much in flight. So there is no queue that grows.
 */
#ifndef KT_SENDERS_H
#define KT_SENDERS_H

#include "serve_own.h"

enum { KT_SENDERS_WINDOW = 1000, KT_SENDERS_MESSAGE_BYTES = 1 << 20 };

/* In place of a job's number in the tags of records, as KT_CHANNEL_JOB. */
enum { KT_SENDERS_JOB = (1 << 24) - 2 };

void kt_senders_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);
void kt_senders_turn(struct kt_serve *s);
void kt_senders_delivery(struct kt_serve *s, const struct kt_delivery *delivery);
void kt_senders_end(struct kt_serve *s);

/* Clients, and records that none of them has an answer for yet. */
size_t kt_senders_count(const struct kt_serve *s);
size_t kt_senders_waiting(const struct kt_serve *s);

/* After the connections that are left. */
void kt_senders_fini(struct kt_serve *s);

#endif
