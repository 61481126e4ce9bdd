#include "flights.h"

#include "mem.h"
#include "num.h"
#include "say.h"
#include "when.h"

/* TALLIES: so many are kept, if rounds repeat. HELD: events are handed over when they are so many, since the library's
 * thread is awake then anyway. */
enum { TELL_US = 1000000, TALLIES = 20000, HELD = 1000 };

struct kt_held {
	uint32_t flight;
	struct kt_bytes value; /* among the flight's */
};

size_t kt_flights_tally(struct kt_flights *f, const char *id)
{
	f->tallies = kt_grow(f->tallies, &f->tallies_cap, f->n_tallies + 1, sizeof(*f->tallies));
	f->tallies[f->n_tallies] = (struct kt_tally){0};
	memcpy(f->tallies[f->n_tallies].id, id, KT_UUID_LEN);
	return f->n_tallies++;
}

/* Counters must not fall, so what is no longer told apart is kept as a sum. */
void kt_flights_drop_tallies(struct kt_flights *f)
{
	if (f->n_tallies <= TALLIES)
		return;
	for (size_t i = 0; i < f->n_tallies; i++) {
		f->earlier.events += f->tallies[i].events;
		f->earlier.documents += f->tallies[i].documents;
	}
	f->n_tallies = 0;
}

struct kt_flight *kt_flights_at(struct kt_flights *f, uint32_t number)
{
	return &f->v[number - 1];
}

uint32_t kt_flights_begin(struct kt_flights *f, const struct kt_flight *flight)
{
	uint32_t number = f->free;
	if (number) {
		f->free = f->v[number - 1].next_free;
	} else {
		f->v = kt_grow(f->v, &f->cap, f->n + 1, sizeof(*f->v));
		number = (uint32_t)++f->n;
	}
	f->v[number - 1] = *flight;
	f->v[number - 1].open = 1;
	return number;
}

static void note_failure(struct kt_flights *f, struct kt_flight *flight, const char *why, bool maybe)
{
	f->untold++;
	snprintf(f->why, sizeof(f->why), "%s", why);
	flight->failed++;
	flight->maybe += maybe;
}

void kt_flights_end(struct kt_flights *f, uint32_t number)
{
	struct kt_flight *flight = kt_flights_at(f, number);
	if (--flight->open)
		return;
	f->how.landed(f->how.landed_user, flight, f->why);
	free(flight->values);
	flight->values = NULL;
	flight->next_free = f->free;
	f->free = number;
}

void kt_flights_delivery(struct kt_flights *f, const struct kt_delivery *d)
{
	struct kt_flight *flight = kt_flights_at(f, (uint32_t)d->tag);
	if (d->failed) {
		f->counts[flight->kind].failed++;
		note_failure(f, flight, d->failed, d->maybe);
	} else {
		f->counts[flight->kind].delivered++;
		kt_histogram_add(&f->latency, d->at_us - flight->intended_us);
	}
	kt_flights_end(f, (uint32_t)d->tag);
}

static void hand_over(struct kt_flights *f, uint32_t number, struct kt_bytes value)
{
	struct kt_err err;
	struct kt_flight *flight = kt_flights_at(f, number);
	struct kt_tally *tally = &f->tallies[flight->tally];
	const char *name = kt_event_names[flight->kind];
	struct kt_header header = {{"record_name", 11}, {name, strlen(name)}};
	struct kt_record record = {
		.partition = -1, .key = {tally->id, KT_UUID_LEN}, .value = value, .headers = &header};
	bool document = flight->kind == KT_EVENT_DOCUMENT;
	record.n_headers = !document;
	/* Its delivery may come during the call, and the flight has to be there afterwards. */
	flight->open++;
	int sent = f->how.send(f->how.user, document, &record, number, &err);
	flight = kt_flights_at(f, number);
	if (sent <= 0) {
		flight->open--;
		f->counts[flight->kind].refused++;
		note_failure(f, flight, sent < 0 ? err.msg : "the producer's queue is full", false);
		return;
	}
	f->sent++;
	f->counts[flight->kind].sent++;
	tally->events += !document;
	tally->documents += document;
}

void kt_flights_hand_over(struct kt_flights *f)
{
	for (size_t i = 0; i < f->n_held; i++) {
		hand_over(f, f->held[i].flight, f->held[i].value);
		kt_flights_end(f, f->held[i].flight);
	}
	f->n_held = 0;
}

int64_t kt_flights_turn(struct kt_flights *f)
{
	int64_t left_us = f->held_us + f->how.gather_us - kt_clock_us();
	if (f->n_held && f->n_held < HELD && left_us > 0)
		return left_us / 1000 + 1;
	kt_flights_hand_over(f);
	return 0;
}

static void hold(struct kt_flights *f, uint32_t number, struct kt_bytes value)
{
	if (!f->n_held)
		f->held_us = kt_clock_us();
	f->held = kt_grow(f->held, &f->held_cap, f->n_held + 1, sizeof(*f->held));
	f->held[f->n_held++] = (struct kt_held){number, value};
	kt_flights_at(f, number)->open++;
}

void kt_flights_add(struct kt_flights *f, uint32_t number, struct kt_bytes value, size_t place, size_t n)
{
	struct kt_flight *flight = kt_flights_at(f, number);
	if (!flight->values)
		flight->values = kt_malloc(value.len * n);
	value.data = memcpy(flight->values + value.len * place, value.data, value.len);
	if (f->how.gather_us)
		hold(f, number, value);
	else
		hand_over(f, number, value);
}

void kt_flights_tell(struct kt_flights *f, bool always)
{
	char digits[32];
	int64_t now_us = kt_clock_us();
	if (!f->untold || (!always && now_us - f->told_us < TELL_US))
		return;
	kt_say(KT_WARNING, "%s event%s failed: %s", kt_group_digits(f->untold, digits), kt_plural(f->untold), f->why);
	f->untold = 0;
	f->told_us = now_us;
}

struct kt_event_counts kt_flights_total(const struct kt_flights *f)
{
	struct kt_event_counts total = {0};
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++) {
		total.sent += f->counts[kind].sent;
		total.delivered += f->counts[kind].delivered;
		total.failed += f->counts[kind].failed;
		total.refused += f->counts[kind].refused;
	}
	return total;
}

void kt_flights_fini(struct kt_flights *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].values);
	free(f->v);
	free(f->held);
	free(f->tallies);
}
