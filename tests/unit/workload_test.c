/* Experiments with a list in place of the producer, at speed 0 and, where an order in time matters, so fast that it
 * takes milliseconds. */
#include "workload.h"

#include "mem.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

enum { MOST = 4000 };

/* What was sent, in order, and what becomes of it. */
struct sink {
	struct kt_workload w;
	struct kt_loads loads;
	struct {
		int64_t tag;
		bool document;
		const char *value;
		char first; /* of the value when it came */
		char key[KT_UUID_LEN + 1], name[32];
	} v[MOST];
	size_t n, delivered, most; /* most: waited at once */
	bool at_once;              /* deliveries come during the call */
	size_t room;               /* so many may wait; 0: any number */
	size_t refuse_at, fail_at; /* the n-th one is refused, or fails; 0: none */
};

static void deliver(struct sink *s)
{
	size_t at = s->delivered++;
	struct kt_delivery d = {.tag = s->v[at].tag, .partition = 0, .offset = (int64_t)at, .at_us = kt_clock_us()};
	if (s->fail_at == at + 1)
		d = (struct kt_delivery){.tag = s->v[at].tag, .failed = "no", .maybe = true};
	/* The bytes have stayed where they were. */
	CHECK(s->v[at].value[0] == s->v[at].first);
	kt_workload_delivery(&s->w, &d);
}

static int take(void *user, bool document, const struct kt_record *record, int64_t tag, struct kt_err *err)
{
	struct sink *s = user;
	if (s->n == MOST || (s->room && s->n - s->delivered >= s->room))
		return 0;
	if (s->refuse_at == s->n + 1) {
		s->refuse_at = 0;
		return kt_err_set(err, KT_FAILED, "too large");
	}
	s->v[s->n].tag = tag;
	s->v[s->n].document = document;
	s->v[s->n].value = record->value.data;
	s->v[s->n].first = record->value.data[0];
	snprintf(s->v[s->n].key, sizeof(s->v[s->n].key), "%.*s", (int)record->key.len, record->key.data);
	snprintf(s->v[s->n].name, sizeof(s->v[s->n].name), "%.*s",
		record->n_headers ? (int)record->headers[0].value.len : 0,
		record->n_headers ? record->headers[0].value.data : "");
	s->n++;
	s->most = s->n - s->delivered > s->most ? s->n - s->delivered : s->most;
	if (s->at_once)
		deliver(s);
	return 1;
}

static int64_t waiting(void *user)
{
	const struct sink *s = user;
	return (int64_t)(s->n - s->delivered);
}

static struct sink *start(const char *load, struct kt_workload_how how)
{
	static const uint64_t seed = 7;
	struct sink *s = kt_calloc(1, sizeof(*s));
	struct kt_err err = {0};
	CHECK_INT(kt_loads_read(&s->loads, load, strlen(load), "x.json", &err), 0);
	how.user = s;
	how.send = take;
	how.waiting = waiting;
	how.loads = &s->loads;
	how.secret_key = KT_MEASUREMENTHASH_KEY;
	how.seed = &seed;
	how.in_flight = how.in_flight ? how.in_flight : 1000;
	CHECK_INT(kt_workload_init(&s->w, &how, &err), 0);
	return s;
}

static void finish(struct sink *s)
{
	while (s->delivered < s->n)
		deliver(s);
	kt_workload_fini(&s->w);
	kt_loads_fini(&s->loads);
	free(s);
}

/* Turns until it is over; what was sent is delivered after each turn. */
static void run(struct sink *s)
{
	struct kt_err err = {0};
	int64_t wait_ms;
	while (!kt_workload_over(&s->w)) {
		CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
		bool any = s->delivered < s->n;
		while (s->delivered < s->n)
			deliver(s);
		if (!any && wait_ms)
			kt_wait(NULL, 0, wait_ms < 5 ? wait_ms : 5);
	}
}

static size_t count(const struct sink *s, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += !strcmp(s->v[i].name, name);
	return n;
}

#define LOAD(more)                                                                                                     \
	"[{\"start_time\":0,\"researcher\":\"r\",\"num_sensors\":3,\"sample_rate\":10,\"stabilization_samples\":2,"    \
	"\"carry_out_samples\":4" more "}]"

TEST(every_event_once)
{
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .documents = true});
	run(s);
	CHECK_INT(s->n, 4 + 6 * 3 + 1);
	CHECK_INT(count(s, "experiment_configured"), 1);
	CHECK_INT(count(s, "stabilization_started"), 1);
	CHECK_INT(count(s, "experiment_started"), 1);
	CHECK_INT(count(s, "sensor_temperature_measured"), 18);
	CHECK_INT(count(s, "experiment_terminated"), 1);
	CHECK(s->v[s->n - 1].document && !s->v[s->n - 1].name[0]);
	for (size_t i = 1; i < s->n; i++)
		CHECK_STR(s->v[i].key, s->v[0].key);
	struct kt_event_counts total = kt_flights_total(&s->w.flights);
	CHECK_INT(total.sent, 23);
	CHECK_INT(total.delivered, 23);
	CHECK_INT(total.failed + total.refused, 0);
	CHECK_INT(s->w.ended, 1);
	CHECK_INT(s->w.failed_runs, 0);
	CHECK_INT(s->w.running, 0);
	CHECK_INT(s->w.flights.latency.n, 23);
	CHECK_INT(s->w.flights.tallies[0].events, 22);
	CHECK_INT(s->w.flights.tallies[0].documents, 1);
	finish(s);
}

TEST(deliveries_during_the_call)
{
	for (int pace = 0; pace < 3; pace++) {
		struct sink *s = start(
			LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = pace ? 10 : 0, .open = pace == 1});
		s->at_once = true;
		run(s);
		CHECK_INT(kt_flights_total(&s->w.flights).delivered, 22);
		CHECK_INT(s->w.ended, 1);
		finish(s);
	}
}

TEST(rounds_and_copies)
{
	struct sink *s = start(LOAD(",\"copies\":3,\"stagger\":5"), (struct kt_workload_how){.repeat = 4});
	run(s);
	CHECK_INT(s->w.rounds, 4);
	CHECK_INT(s->w.ended, 12);
	CHECK_INT(s->n, 12 * 22);
	CHECK_INT(s->w.flights.n_tallies, 12);
	for (size_t i = 0; i < s->w.flights.n_tallies; i++)
		CHECK_INT(s->w.flights.tallies[i].events, 22);
	finish(s);
}

/* With speed 0: no more events than that are on their way, except for the sample that reaches it. */
TEST(in_flight)
{
	struct kt_err err = {0};
	int64_t wait_ms = 0;
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .in_flight = 5});
	for (int i = 0; i < 50; i++)
		CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
	CHECK(s->n >= 5 && s->n < 5 + 3);
	CHECK(wait_ms > 0);
	run(s);
	CHECK_INT(s->n, 22);
	CHECK(s->most < 5 + 3);
	finish(s);
}

/* A sample's events for which there is no room are counted, and the samples go on; an event of a stage ends its
 * experiment. */
TEST(no_room)
{
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = 10});
	s->room = 2;
	run(s);
	struct kt_event_counts total = kt_flights_total(&s->w.flights);
	CHECK_INT(total.delivered, 4 + 6 * 2);
	CHECK_INT(total.refused, 6);
	CHECK_INT(s->w.failed_runs, 0);
	CHECK_STR(s->w.flights.why, "the producer's queue is full");
	finish(s);
	/* All at once: two stages, two samples, and then the next stage finds the queue full. */
	s = start(LOAD(""), (struct kt_workload_how){.repeat = 1});
	s->room = 8;
	run(s);
	total = kt_flights_total(&s->w.flights);
	CHECK_INT(total.delivered, 8);
	CHECK_INT(total.refused, 1);
	CHECK_INT(s->w.failed_runs, 1);
	finish(s);
}

TEST(a_stage_that_fails_ends_its_experiment)
{
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = 10});
	s->fail_at = 2;
	run(s);
	CHECK_INT(s->n, 2);
	CHECK_INT(s->w.failed_runs, 1);
	CHECK_INT(s->w.ended, 1);
	CHECK_INT(s->w.flights.counts[KT_EVENT_STABILIZATION].failed, 1);
	CHECK_STR(s->w.flights.why, "no");
	finish(s);
}

TEST(a_sample_that_fails_does_not)
{
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = 10});
	s->fail_at = 4;
	s->refuse_at = 6;
	run(s);
	struct kt_event_counts total = kt_flights_total(&s->w.flights);
	CHECK_INT(total.delivered, 20);
	CHECK_INT(total.failed, 1);
	CHECK_INT(total.refused, 1);
	CHECK_INT(s->w.failed_runs, 0);
	CHECK_INT(s->w.ended, 1);
	finish(s);
}

/* Closed pacing: nothing follows before everything that was sent is acknowledged, however late it is. */
TEST(closed_pacing_waits)
{
	struct kt_err err = {0};
	int64_t wait_ms;
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = 1000});
	for (int i = 0; i < 5; i++) {
		CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
		kt_wait(NULL, 0, 2);
	}
	CHECK_INT(s->n, 1);
	run(s);
	CHECK_INT(s->n, 22);
	CHECK(s->most <= 3);
	finish(s);
}

/* Open pacing: everything is sent at its time, whatever became of what was sent before. */
TEST(open_pacing_does_not)
{
	struct kt_err err = {0};
	int64_t wait_ms;
	struct sink *s = start(LOAD(""), (struct kt_workload_how){.repeat = 1, .speed = 100, .open = true});
	while (!kt_workload_over(&s->w)) {
		CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
		kt_wait(NULL, 0, wait_ms < 5 ? wait_ms : 5);
	}
	CHECK_INT(s->n, 22);
	CHECK_INT(s->delivered, 0);
	finish(s);
}

/* Held events are handed over together, and none is forgotten. */
TEST(gathered)
{
	struct kt_err err = {0};
	int64_t wait_ms;
	struct sink *s = start(LOAD(",\"copies\":20"),
		(struct kt_workload_how){.repeat = 1, .speed = 1000, .open = true, .gather_us = 3600 * 1000000LL});
	while (s->w.left || !s->w.rounds) {
		CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
		kt_wait(NULL, 0, 1);
	}
	CHECK_INT(s->n, 0);
	CHECK_INT(s->w.flights.n_held, 20 * 22);
	CHECK(!kt_workload_over(&s->w));
	kt_flights_hand_over(&s->w.flights);
	CHECK_INT(s->n, 20 * 22);
	CHECK(kt_workload_over(&s->w));
	finish(s);
}

TEST(stopped)
{
	struct kt_err err = {0};
	int64_t wait_ms;
	struct sink *s = start(LOAD(",\"copies\":2,\"stagger\":3600000"), (struct kt_workload_how){.speed = 1});
	CHECK_INT(kt_workload_turn(&s->w, &wait_ms, &err), 0);
	CHECK_INT(s->n, 1);
	CHECK_INT(kt_workload_stop(&s->w, &err), 0);
	CHECK(kt_workload_over(&s->w));
	CHECK_INT(s->n, 2);
	CHECK_STR(s->v[1].name, "experiment_terminated");
	CHECK_INT(s->w.running, 0);
	finish(s);
}

TEST(the_same_seed_is_the_same_load)
{
	struct sink *a = start(LOAD(""), (struct kt_workload_how){.repeat = 2}),
		    *b = start(LOAD(""), (struct kt_workload_how){.repeat = 2});
	run(a);
	run(b);
	CHECK_INT(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		CHECK_STR(a->v[i].key, b->v[i].key);
	CHECK(strcmp(a->v[0].key, a->v[a->n - 1].key) != 0);
	finish(a);
	finish(b);
}

TEST(a_bad_key)
{
	struct kt_workload w;
	struct kt_loads loads = {0};
	struct kt_err err = {0};
	struct kt_workload_how how = {.loads = &loads, .secret_key = "short"};
	CHECK_INT(kt_workload_init(&w, &how, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
}
