/* The course's chat: whoever has its page open sees what anybody writes, see channel.h.
 *
 *   kt_chat_begin(at, request, found, answer)        one more is there
 *   kt_chats_turn(s)                                 from the loop
 */
#ifndef KT_CHAT_H
#define KT_CHAT_H

#include "serve_own.h"

void kt_chat_begin(struct kt_serve_listener *at, struct kt_http_request *request, const struct kt_route_found *found,
	struct kt_answer *answer);

void kt_chats_turn(struct kt_serve *s);

/* What is sent of a message: newlines are blanks, and none stand around it. Appends; false: nothing is left. */
bool kt_chat_clean(struct kt_buf *out, struct kt_bytes text);

/* The same for a record; false: it has no value. */
bool kt_chat_of_record(struct kt_buf *out, const struct kt_record *record);

/* The page, with the name of the pod. */
void kt_chat_page(struct kt_buf *out, const char *pod);

#endif
