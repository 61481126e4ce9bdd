/* Records to a topic: zero-copy batches for plain ones, one at a time for those with headers or a timestamp, and an
 * account of every one of them.
 *
 *   kt_producer_open(&p, &settings, &how, err)
 *   kt_producer_add(p, &piece)  … kt_producer_hand_over(p)     plain records; false: full, wait and serve
 *   kt_producer_send(p, &record, line, err)                    any record
 *   kt_producer_serve(p)                                       when kt_producer_fd(p) is readable
 *   kt_producer_drain(p, timeout_ms, err)                      until everything is acknowledged or has failed
 *
 * Each record that was accepted ends in exactly one call of how.done, with the line it came from.
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

/* What became of a record. */
struct kt_delivery {
	int64_t line;
	int32_t partition;
	int64_t offset;     /* -1 when not known */
	int64_t ts_ms;      /* -1 when not known */
	int64_t at_us;      /* of an acknowledged one: kt_clock_us() when its report came */
	const char *failed; /* NULL: acknowledged; else why not */
	bool maybe;         /* it failed, but may have been written all the same */
};

struct kt_producer_how {
	const struct kt_owner *owner;
	const char *topic;
	int32_t partition;    /* -1: the partitioner's choice */
	bool idempotent;      /* unless the settings forbid it, which is said once */
	bool borrows;         /* values given to kt_producer_send() stay where they are until their delivery */
	bool prompt;          /* someone is typing: no linger, unless the settings have one */
	struct kt_bytes key;  /* of plain records without one of their own; data NULL: null */
	int64_t timeout_ms;   /* to reach a broker */
	struct kt_pool *pool; /* where blocks of plain records are released; borrowed */
	void (*done)(void *user, const struct kt_delivery *delivery);
	bool every_delivery; /* call done for acknowledged records too, else for failures only */
	void *user;
};

struct kt_producer_counts {
	int64_t accepted, delivered, failed;
};

/* Connects and finds the topic. KT_UNREACHABLE, KT_NOT_FOUND (topic, partition), KT_FAILED, KT_USAGE (settings). */
int kt_producer_open(struct kt_producer **out, const struct kt_settings *settings, const struct kt_producer_how *how,
	struct kt_err *err) kt_must_check;

/* The largest record that is accepted: message.max.bytes of the configuration. */
size_t kt_producer_max_record(const struct kt_settings *settings);

/* Takes a plain record into the current batch: its block reference passes to the producer. False when the batch is full
 * and the queue does not take it: nothing was taken, serve and try again. */
bool kt_producer_add(struct kt_producer *p, const struct kt_piece *piece) kt_must_check;

/* Hands the current batch to the library; call before waiting. */
void kt_producer_hand_over(struct kt_producer *p);

/* Copies (how.borrows: all but the value) and sends one record of any kind. 1: accepted. 0: the queue is full, serve
 * and try again. -1: err tells why this record cannot be sent at all (too large, no such partition, a timestamp of 0, a
 * NUL in a header name); the caller counts it. */
int kt_producer_send(
	struct kt_producer *p, const struct kt_record *record, int64_t line, struct kt_err *err) kt_must_check;

/* Finds another topic for some of the records, as kt_producer_open() finds the first. At most once. */
int kt_producer_second(struct kt_producer *p, const char *topic, struct kt_err *err) kt_must_check;

/* kt_producer_send() to that one. */
int kt_producer_send_second(
	struct kt_producer *p, const struct kt_record *record, int64_t line, struct kt_err *err) kt_must_check;

/* Readable when there is something to serve. */
int kt_producer_fd(const struct kt_producer *p);

/* Handles what has arrived: delivery reports, errors. -1 when the producer can go on no more (err). */
int kt_producer_serve(struct kt_producer *p, struct kt_err *err) kt_must_check;

/* Hurries what is waiting for more company, without waiting itself. */
void kt_producer_nudge(struct kt_producer *p);

/* Waits for all accepted records, at most timeout_ms (-1: as long as message.timeout.ms lets them wait). What is left
 * then, or when a signal came more than grace_ms ago, fails as not acknowledged. Returns -1 like serve. */
int kt_producer_drain(struct kt_producer *p, int64_t timeout_ms, int64_t grace_ms, struct kt_err *err) kt_must_check;

struct kt_producer_counts kt_producer_counts(const struct kt_producer *p);

/* Accepted and not yet acknowledged or failed. */
int64_t kt_producer_waiting(const struct kt_producer *p);

void kt_producer_close(struct kt_producer *p);

#endif
