/* Topics as they grow: the records that come from now on, of all partitions, for whoever passes them on to many. One
 * handle reads all topics that are followed, and never waits.
 *
 *   kt_follow_open(&f, &settings, owner, err)
 *   struct kt_followed *t = kt_follow_begin(f, "chat");          which exists
 *   … when kt_follow_fd(f) is readable, and after kt_follow_wait_ms(f) at the latest …
 *   kt_follow_serve(f);
 *   while (kt_followed_take(t, 1000, each, user) > 0) …          not called: nothing is read beyond a few megabytes
 *   kt_follow_end(t);
 *   kt_follow_close(f);
 *
 * A partition is read from the end that its log has when it is asked for the first time, one that appears later from
 * its beginning. What was not taken is kept by the library, which fetches no more when that is much; nothing is paused.
 * Every few seconds it is looked whether the topic has new partitions, or is gone; one that comes back was recreated,
 * and is read from its beginning. Whether one was recreated in between is for the caller to find out (topicwatch.h):
 * the library notices only where the new log is shorter than the old one was. A broker that is away is waited for.
 */
#ifndef KT_FOLLOW_H
#define KT_FOLLOW_H

#include "owner.h"
#include "record.h"
#include "settings.h"

enum { KT_FOLLOW_UNKNOWN = -1 };

struct kt_follow;

struct kt_followed_part {
	int64_t next; /* of the record that comes next; KT_FOLLOW_UNKNOWN: the end of its log is not known yet */
	int error;    /* what came last in place of a record, and was said; 0: nothing */
};

struct kt_followed {
	char *topic;
	struct kt_followed_part *parts; /* by their numbers */
	size_t n_parts, cap_parts;
	bool found;   /* its partitions are known */
	bool gone;    /* the brokers do not have it at the moment */
	unsigned era; /* counts the times that positions went back: records before and after are of different logs */
	struct kt_followed_own *own;
};

/* Makes the handle, without waiting for a broker. Borrows settings and owner. */
int kt_follow_open(struct kt_follow **out, const struct kt_settings *settings, const struct kt_owner *owner,
	struct kt_err *err) kt_must_check;

struct kt_followed *kt_follow_begin(struct kt_follow *f, const char *topic);

/* All its partitions' ends are known. */
bool kt_followed_is_ready(const struct kt_followed *t);

int kt_follow_fd(const struct kt_follow *f);
int64_t kt_follow_wait_ms(const struct kt_follow *f);

/* Looks for partitions, when it is time to. Before the topics are taken from. */
void kt_follow_serve(struct kt_follow *f);

/* Gives out what came, in the order of each partition, at most max records: how many messages there were, records or
 * not; 0: none are left for now. t's position of the partition is behind the record already. */
size_t kt_followed_take(
	struct kt_followed *t, size_t max, void (*each)(void *user, const struct kt_record *record), void *user);

/* It was deleted and recreated: all its partitions are read from their beginnings as soon as the brokers have told how
 * many there are. What was given out of the new logs a moment ago is not given out again. */
void kt_followed_restart(struct kt_followed *t);

void kt_follow_end(struct kt_followed *t);

/* Ends those that are followed still. Does nothing for NULL. */
void kt_follow_close(struct kt_follow *f);

#endif
