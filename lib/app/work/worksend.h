/* What is written of a record that was worked on, before it counts as finished: results (--out), its dead letter
 * (--dlq), and a notice of what became of it (--notify), each acknowledged by all replicas before the next is sent.
 *
 *   kt_worksend_open(&s, &settings, &how, err)             the topics have to exist
 *   kt_worksend_begin(s, item, KT_WORKITEM_LETTER, err)    how.over is called when all that follows is acknowledged
 *   kt_worksend_serve(s, err)                              when kt_worksend_fd(s) is readable, and each second
 *   kt_worksend_close(s)
 *
 * A dead letter is the record as it was: key, value, timestamp, headers. Its own headers, in place of those of an
 * earlier time: kt.errors.topic, .partition, .offset, .timestamp, .group, .attempts, .reason, .exit, .stderr, .time.
 * What is too large for its topic with them goes there without kt.errors.stderr, and then with the first three alone.
 *
 * A notice is a JSON object with the record's key:
 * {"topic":…,"partition":…,"offset":…,"state":"done","attempt":1,"exit":0,"reason":null,"started":…,"ended":…}
 */
#ifndef KT_WORKSEND_H
#define KT_WORKSEND_H

#include "owner.h"
#include "settings.h"
#include "workitems.h"

struct kt_worksend;

/* Topics may be NULL. Borrows all but the settings. */
struct kt_worksend_how {
	const struct kt_owner *owner;
	const char *out, *dlq, *notify;
	const char *group;
	bool out_lines;     /* each line of a result is a record */
	int64_t timeout_ms; /* to find the topics */
	int64_t ack_ms;     /* until a record has to be acknowledged, or the run cannot go on */
	const struct kt_workitems *items;
	/* All of the item is acknowledged. */
	void (*over)(void *user, struct kt_workitem *item);
	void *user;
};

int kt_worksend_open(struct kt_worksend **out, const struct kt_settings *settings, const struct kt_worksend_how *how,
	struct kt_err *err) kt_must_check;

/* Begins with that stage, whose topic, and those of the later ones, may be none. */
void kt_worksend_begin(struct kt_worksend *s, struct kt_workitem *item, enum kt_workitem_stage stage);

/* -1: something was refused for good, or not acknowledged in time. Nothing is sent any more after that: what has
 * something to send is never over. */
int kt_worksend_serve(struct kt_worksend *s, struct kt_err *err) kt_must_check;

int kt_worksend_fd(const struct kt_worksend *s);

/* Records that are on their way or have to wait for room; none when something has failed. */
int64_t kt_worksend_waiting(const struct kt_worksend *s);

/* Whether it has: serve tells it. */
bool kt_worksend_has_failed(const struct kt_worksend *s);

/* NULL is allowed. */
void kt_worksend_close(struct kt_worksend *s);

/* The word for what became of it: done, dead, skipped. */
const char *kt_worksend_state(const struct kt_workitem *item);

#endif
