/* The course's chat: whoever has its page open sees what anybody writes. A message goes into a topic, partition 0, and
 * comes back only from there, so that all copies of the server show one order. With the topic "none" it goes to those
 * who are connected to this process, and needs no broker.
 *
 *   kt_chats_open(s)                                 a chat for each of the rows, whose topic is read from now on
 *   kt_chat_begin(at, request, found, answer)        one more is there
 *   kt_chats_turn(s)                                 from the loop
 *   kt_chat_delivery(s, delivery)                    of what is tagged with KT_CHAT_JOB
 *   kt_chats_fini(s)
 *
 * Nobody is let in before it is known where the topic ends, or a first message could come back before it is read.
 */
#ifndef KT_CHAT_H
#define KT_CHAT_H

#include "serve_own.h"

/* In place of a job's number in the tags of records: there are never so many jobs. */
enum { KT_CHAT_JOB = (1 << 24) - 1 };

#define KT_CHAT_NO_TOPIC "none"

void kt_chats_open(struct kt_serve *s);

void kt_chat_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

void kt_chats_turn(struct kt_serve *s);

/* NULL, or why one of them lets nobody in so far. */
const char *kt_chats_wait_for(const struct kt_serve *s);

void kt_chat_delivery(struct kt_serve *s, const struct kt_delivery *delivery);

/* After the connections that are left. */
void kt_chats_fini(struct kt_serve *s);

/* What is sent of a message: newlines are blanks, and none stand around it. Appends; false: nothing is left. */
bool kt_chat_clean(struct kt_buf *out, struct kt_bytes text);

/* The page, with the name of the pod. */
void kt_chat_page(struct kt_buf *out, const char *pod);

#endif
