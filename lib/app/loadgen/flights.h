/* The events of experiments on their way to the broker. Those of one step are a flight: it has landed when each of them
 * was delivered, or has failed.
 *
 *   struct kt_flights f = {.how = how};                how.send is a producer's, or a test's
 *   tally = kt_flights_tally(&f, experiment_id)
 *   number = kt_flights_begin(&f, &(struct kt_flight){.run = …, .tally = tally, .kind = …, .intended_us = …})
 *   kt_flights_add(&f, number, value, i, n)            for each of its events
 *   kt_flights_end(&f, number)
 *   kt_flights_delivery(&f, delivery)                  how.landed follows the last of a flight
 *
 * With how.gather_us events are held and handed over together.
 */
#ifndef KT_FLIGHTS_H
#define KT_FLIGHTS_H

#include "experiment_event.h"
#include "histogram.h"
#include "producer.h"

struct kt_flight {
	uint32_t run; /* which experiment of the load it belongs to, for how.landed */
	size_t tally; /* from kt_flights_tally() */
	enum kt_event_kind kind;
	int64_t intended_us;           /* when its events were to be sent: latency counts from then */
	char measurement[KT_UUID_LEN]; /* of KT_EVENT_MEASURED */
	int64_t failed, maybe;         /* events; of those that failed: may be written nevertheless */
	/* Below: flights.c's. */
	uint32_t next_free; /* an index + 1, so that 0 is none, as a flight's number is */
	int64_t open;       /* deliveries to come, and one while its events are being sent */
	char *values;       /* of its events, one after the other: the producer borrows them */
};

struct kt_flights_how {
	void *user;
	/* Takes an event, whose value stays where it is until kt_flights_delivery() is called with the tag, later or
	 * during the call: 1; 0: there is no room; -1: err says why it can never be sent. document: it is one, and not
	 * an event of the stream. */
	int (*send)(void *user, bool document, const struct kt_record *record, int64_t tag, struct kt_err *err);
	/* All events of the flight are accounted for; why is that of the last failure. */
	void (*landed)(void *landed_user, const struct kt_flight *flight, const char *why);
	void *landed_user;
	int64_t gather_us; /* events wait that long for others; 0: they do not */
};

/* What became of the events of a kind. */
struct kt_event_counts {
	int64_t sent, delivered, failed;
	int64_t refused; /* never handed over, for want of room or because they are too large */
};

/* The events of one experiment, which outlive it. */
struct kt_tally {
	char id[KT_UUID_LEN];
	int64_t events, documents; /* handed to the producer */
};

struct kt_held;

struct kt_flights {
	struct kt_flights_how how;
	struct kt_flight *v;
	size_t n, cap;
	uint32_t free;        /* first of a list, by number; 0: none */
	struct kt_held *held; /* events that wait to be handed over, since held_us */
	size_t n_held, held_cap;
	int64_t held_us;
	struct kt_tally *tallies;
	size_t n_tallies, tallies_cap;
	struct kt_tally earlier; /* the sum of those that were dropped; no id */
	struct kt_event_counts counts[KT_EVENT_KINDS];
	struct kt_histogram latency; /* of deliveries, in microseconds */
	int64_t sent;                /* events of all kinds */
	int64_t untold, told_us;     /* failures that were not said yet */
	char why[512];
};

/* A new experiment's tally. drop: what too many of them have counted is added up, into earlier; not while a flight is
 * open. */
size_t kt_flights_tally(struct kt_flights *f, const char *id);
void kt_flights_drop_tallies(struct kt_flights *f);

/* Its number, which is the tag of its records; valid until it has landed. */
uint32_t kt_flights_begin(struct kt_flights *f, const struct kt_flight *flight);

/* For what is entered later; until the next kt_flights_begin(). */
struct kt_flight *kt_flights_at(struct kt_flights *f, uint32_t number);

/* The event of that place among n, all of one length. value is copied. */
void kt_flights_add(struct kt_flights *f, uint32_t number, struct kt_bytes value, size_t place, size_t n);

/* All of its events were added. */
void kt_flights_end(struct kt_flights *f, uint32_t number);

void kt_flights_delivery(struct kt_flights *f, const struct kt_delivery *delivery);

/* Hands over what is held, when it is time or at once; how many milliseconds it still waits, 0: nothing does. */
int64_t kt_flights_turn(struct kt_flights *f);
void kt_flights_hand_over(struct kt_flights *f);

/* Says what failed since the last time, once a second; always: whenever something did. */
void kt_flights_tell(struct kt_flights *f, bool always);

struct kt_event_counts kt_flights_total(const struct kt_flights *f);

void kt_flights_fini(struct kt_flights *f);

#endif
