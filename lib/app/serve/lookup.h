/* What only the brokers know and a loop cannot wait for: topics, partitions, offsets, and whether anybody answers. A
 * thread of its own asks, one question after another, with a handle of its own.
 *
 *   kt_lookup_open(&l, &settings, 5000, err)
 *   if (!kt_lookup_ask(l, &question)) … 503: too many wait …        its texts are copied
 *   … kt_lookup_fd(l) becomes readable …
 *   while (kt_lookup_take(l, &question, &answer))
 *           kt_httpd_answer(question.httpd, question.ticket, &answer);
 *   kt_lookup_close(l);
 *
 * No question makes a topic, whatever the brokers do with names that they do not know: whether one exists is read from
 * the list of all of them, which serves all who asked before it was asked for.
 */
#ifndef KT_LOOKUP_H
#define KT_LOOKUP_H

#include "httpd.h"
#include "list.h"
#include "settings.h"
#include "tokens.h"

enum { KT_LOOKUP_WAITING = 1000 }; /* questions at once; more are refused */

enum kt_lookup_kind {
	KT_LOOKUP_READY,      /* 200 {"ready":true,"why":[]}, or 503 with a reason */
	KT_LOOKUP_TOPICS,     /* ["a","b"], none that begins with __ */
	KT_LOOKUP_TOPIC,      /* {"name":…,"configs":{},"partitions":[…]} */
	KT_LOOKUP_PARTITIONS, /* those alone, or one of them */
	KT_LOOKUP_OFFSETS,    /* {"beginning_offset":0,"end_offset":9} of one */
	KT_LOOKUP_EXISTS,     /* 200 and no text; or 403, 404, 503 and the reason alone as the text */
};

struct kt_lookup_question {
	enum kt_lookup_kind kind;
	const char *topic;             /* not read after kt_lookup_ask() */
	int32_t partition;             /* -1: all */
	const struct kt_strs *allowed; /* patterns of topics that there are for the client; none: all. Borrowed */
	const struct kt_token *who;    /* has rights; NULL: anybody. Borrowed */
	struct kt_httpd *httpd;        /* whoever asks finds these again */
	uint64_t ticket;
	void *data;
};

struct kt_lookup;

/* Begins, without waiting for a broker. timeout_ms: for each question, the time in which it waits for others included.
 */
int kt_lookup_open(struct kt_lookup **out, const struct kt_settings *settings, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

bool kt_lookup_ask(struct kt_lookup *l, const struct kt_lookup_question *question);

/* Readable when there is an answer to take. */
int kt_lookup_fd(const struct kt_lookup *l);

/* The next answer, which passes to the caller, and its question, whose topic is NULL; false: none yet. */
bool kt_lookup_take(struct kt_lookup *l, struct kt_lookup_question *question, struct kt_answer *answer);

/* What waits is not answered. Does nothing for NULL. */
void kt_lookup_close(struct kt_lookup *l);

/* A topic that is one of the patterns', or any when there are none; never one that begins with __. */
bool kt_lookup_allows(const struct kt_strs *patterns, const char *topic);

#endif
