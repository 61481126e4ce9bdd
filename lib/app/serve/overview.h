/* What there is, for a page that shows it: topics with how many records they hold and have got so far, groups with how
 * far behind they are. However many pages ask, brokers are asked once for all of them, and at most a tenth of the time:
 * in between everybody gets what is known. A thread of its own asks.
 *
 *   kt_overview_open(&o, &settings, &patterns, err)
 *   kt_overview_ask(o, httpd, request, who, answer)       answers at once, or defers it
 *   source = kt_overview_source(o)                            answers those that wait, in a loop
 *   kt_overview_close(o)
 *
 *   {"at":1700000000123,"again_ms":2000,
 *    "topics":[{"topic":"t","partitions":4,"records":10,"written":12,"bytes":840,"consume":true,
 *      "produce":false}],
 *    "groups":[{"group":"g","state":"Stable","members":2,"lag":3,"topics":[{"topic":"t","lag":3}]}]}
 *
 * records: between the beginnings and the ends of its logs; written: those ends added up, so that two answers tell a
 * rate. Both are null where a partition has no leader. bytes: what the leaders' logs take, which is one copy whatever
 * the number of replicas, asked for every half minute; null where some broker does not tell. Of a group those topics
 * count that there are for who asks, and one without any is not shown; a partition that it has committed nothing in
 * counts whole. groups is null where brokers do not tell.
 */
#ifndef KT_OVERVIEW_H
#define KT_OVERVIEW_H

#include "httpd.h"
#include "list.h"
#include "settings.h"
#include "tokens.h"

struct kt_overview;

/* Begins, without waiting for a broker. topics: patterns of those that there are; none: all. Borrowed. */
int kt_overview_open(struct kt_overview **out, const struct kt_settings *settings, const struct kt_strs *topics,
	struct kt_err *err) kt_must_check;

/* who: NULL: anybody. Borrowed until the answer. */
void kt_overview_ask(struct kt_overview *o, struct kt_httpd *httpd, struct kt_http_request *request,
	const struct kt_token *who, struct kt_answer *answer);

/* Answers those that are done. */
struct kt_loop_source kt_overview_source(struct kt_overview *o);

/* The server ends: brokers are not waited for any more. */
void kt_overview_end(struct kt_overview *o);

/* What waits is not answered. Does nothing for NULL. */
void kt_overview_close(struct kt_overview *o);

#endif
