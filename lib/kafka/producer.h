/* Records to topics: zero-copy batches for plain ones, one at a time for those with headers, a timestamp or another
 * topic, and an account of every one of them.
 *
 *   kt_producer_open(&p, &settings, &how, err)
 *   kt_producer_add(p, &piece, err)  … kt_producer_hand_over(p)    plain records of how.topic; 0: full, wait and serve
 *   kt_producer_send(p, topic, &record, tag, 0, err)               any record of any topic
 *   kt_producer_serve(p, err)                                      when kt_producer_fd(p) is readable
 *   kt_producer_drain(p, timeout_ms, grace_ms, err)                until everything is acknowledged or has failed
 *
 * Each record that was accepted ends in exactly one call of how.done, with the tag that it was given. A batch that is
 * larger than its topic takes is sent again in smaller ones; a record that is itself too large fails alone.
 */
#ifndef KT_PRODUCER_H
#define KT_PRODUCER_H

#include "input.h"
#include "owner.h"
#include "record.h"
#include "settings.h"

struct kt_producer;

/* Why a record is refused that is over kt_producer_max_record(), or over what is left of it for the record itself. */
#define KT_TOO_LARGE "larger than message.max.bytes, which -X message.max.bytes=N raises"

/* A tag is whatever its owner likes, from 0 to this: 48 of the 64 bits that the library carries for us. The line of an
 * input, a number of a table, microseconds of almost nine years. */
#define KT_TAG_MOST INT64_C(0xffffffffffff)

/* The topic of kt_producer_how. */
enum { KT_PRODUCER_TOPIC = 0 };

/* For kt_producer_send(): the value stays where it is until its delivery, and is not copied. */
enum { KT_SEND_BORROWED = 1 };

/* What became of a record. */
enum kt_failure {
	KT_FAILURE_PASSING,   /* the same record may go through later */
	KT_FAILURE_FINAL,     /* a broker refused it, and will again */
	KT_FAILURE_FORBIDDEN, /* this client has no right to write there */
};

struct kt_delivery {
	int64_t tag;
	int32_t partition;
	int64_t offset;          /* -1 when not known */
	int64_t ts_ms;           /* -1 when not known */
	int64_t at_us;           /* of an acknowledged one: kt_clock_us() when its report came */
	const char *failed;      /* NULL: acknowledged; else why not, */
	enum kt_failure failure; /* and what may be hoped for */
	bool maybe;              /* it failed, but may have been written all the same */
};

struct kt_producer_how {
	const struct kt_owner *owner; /* borrowed; NULL: nobody stops it, nobody hears its notes */
	const char *topic;            /* of plain records; borrowed. NULL: none, and then open waits for nothing */
	int32_t partition;            /* of records that name none; -1: the partitioner's choice */
	bool idempotent;              /* unless the settings forbid it, which is said once */
	bool transactional;           /* transaction.h is used; else the settings may have no transactional.id */
	bool prompt;                  /* someone is typing: no linger, unless the settings have one */
	struct kt_bytes key;          /* of plain records without one of their own; data NULL: null */
	int64_t timeout_ms;           /* to reach a broker and find a topic */
	struct kt_pool *pool;         /* where blocks of plain records are released; borrowed */
	void (*done)(void *user, const struct kt_delivery *delivery);
	bool every_delivery; /* call done for acknowledged records too, else for failures only */
	bool rtt;            /* kt_producer_rtt_us() is asked */
	void *user;
};

struct kt_producer_counts {
	int64_t accepted, delivered, failed;
};

/* Connects, and waits until how.topic is found: kt_producer_await(). KT_USAGE (settings), and what that returns. */
int kt_producer_open(struct kt_producer **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err) kt_must_check;

/* The largest record that is accepted: message.max.bytes of the configuration. */
size_t kt_producer_max_record(const struct kt_settings *settings);

/* Begins to find another topic, and returns its handle without waiting. -1 with err: the name cannot be one. The same
 * name gets the same handle. */
int kt_producer_topic(struct kt_producer *p, const char *name, struct kt_err *err) kt_must_check;

/* 1: records may be sent to it. 0: it is being looked for; kt_producer_fd() becomes readable when that ends. -1: err
 * says why it cannot be used (KT_NOT_FOUND, KT_UNREACHABLE, KT_FAILED); the handle is gone. */
int kt_producer_found(struct kt_producer *p, int topic, struct kt_err *err) kt_must_check;

/* How many partitions a topic has that was found. */
int32_t kt_producer_partitions(const struct kt_producer *p, int topic);

/* Waits for that, how.timeout_ms at most. Errors as kt_producer_found(), or KT_SIGNAL. */
int kt_producer_await(struct kt_producer *p, int topic, struct kt_err *err) kt_must_check;

/* Takes a plain record into the current batch: its block reference passes to the producer. 1: taken. 0: the batch is
 * full and the queue does not take it; serve and try again. -1: piece->line is not a tag. */
int kt_producer_add(struct kt_producer *p, const struct kt_piece *piece, struct kt_err *err) kt_must_check;

/* Hands the current batch to the library; call before waiting. */
void kt_producer_hand_over(struct kt_producer *p);

/* Sends one record of any kind to a topic that was found; copies it, but for what flags (KT_SEND_…) say. 1: accepted.
 * 0: the queue is full, serve and try again. -1: err tells why this record cannot be sent at all (too large, no such
 * partition, a timestamp of 0, a NUL in a header name, a tag out of range), or, with KT_FAILED, that
 * this client has no right to write there, or, with KT_NOT_FOUND, that the topic was deleted, or, with KT_UNREACHABLE,
 * that the producer can go on no more, which kt_producer_serve() says too; the caller counts it. */
int kt_producer_send(struct kt_producer *p, int topic, const struct kt_record *record, int64_t tag, unsigned flags,
	struct kt_err *err) kt_must_check;

/* Readable when there is something to serve. */
int kt_producer_fd(const struct kt_producer *p);

/* Handles what has arrived: delivery reports, errors. To be called at least once a second while records wait, so that a
 * broker that does not answer is noticed. -1 when the producer can go on no more (err). */
int kt_producer_serve(struct kt_producer *p, struct kt_err *err) kt_must_check;

/* Hurries what is waiting for more company, which takes a millisecond. */
void kt_producer_nudge(struct kt_producer *p);

/* The same without taking that time, for those who do it often; on a busy machine it may come to nothing. */
void kt_producer_hurry(struct kt_producer *p);

/* How long records have waited without any of them being acknowledged or failing; 0 when none waits. */
int64_t kt_producer_silent_ms(const struct kt_producer *p);

/* Waits for all accepted records, at most timeout_ms (-1: as long as message.timeout.ms lets them wait). What is left
 * then, or when the owner's stop was called more than grace_ms ago, fails as not acknowledged; when its time ran out, a
 * second without any acknowledgement is enough. Returns -1 like serve. */
int kt_producer_drain(struct kt_producer *p, int64_t timeout_ms, int64_t grace_ms, struct kt_err *err) kt_must_check;

struct kt_producer_counts kt_producer_counts(const struct kt_producer *p);

/* How long the slowest broker took to answer, on average in the last ten seconds in which there was something to
 * answer; -1: that is not known. */
int64_t kt_producer_rtt_us(const struct kt_producer *p);

/* Accepted and not yet acknowledged or failed. */
int64_t kt_producer_waiting(const struct kt_producer *p);

void kt_producer_close(struct kt_producer *p);

#endif
