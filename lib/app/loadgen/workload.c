#include "workload.h"

#include "mem.h"
#include "num.h"
#include "say.h"
#include "when.h"

/* TURN_US: deliveries are served that often. TALLIES: so many are kept, if rounds repeat. HELD: events are handed over
 * when they are so many, since the library's thread is awake then anyway. */
enum { TURN_US = 2000, IDLE_MS = 1000, TELL_US = 1000000, TALLIES = 20000, HELD = 1000 };

struct kt_run {
	struct kt_experiment *experiment; /* NULL: not begun, or ended */
	size_t load, tally;
	int64_t offset_us; /* of its start in the round */
	int64_t due_us;    /* of the next step, if nothing keeps it */
	int64_t configured_us, stabilization_us, started_us;
	bool failed; /* a stage's event did */
};

/* An index + 1, so that 0 is none. The tag of a record is the number of its flight. */
struct kt_flight {
	uint32_t run, next_free;
	enum kt_event_kind kind;
	int64_t intended_us;
	int64_t open; /* deliveries to come, and one while its events are being sent */
	int64_t failed, maybe;
	char measurement[KT_UUID_LEN]; /* of KT_EVENT_MEASURED */
	char *values;                  /* of its events, one after the other: the producer borrows them */
};

struct kt_held {
	uint32_t flight;
	struct kt_bytes value; /* among the flight's */
};

static double wall_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool waits_for_time(const struct kt_workload *w)
{
	return w->how.speed > 0;
}

static int64_t scaled_us(const struct kt_workload *w, int64_t ms)
{
	return waits_for_time(w) ? (int64_t)((double)ms * 1000 / w->how.speed) : ms * 1000;
}

static void add_runs(struct kt_workload *w, size_t load)
{
	const struct kt_load *l = &w->how.loads->v[load];
	for (int64_t copy = 0; copy < l->copies; copy++)
		w->runs[w->n_runs++] = (struct kt_run){
			.load = load,
			.offset_us = scaled_us(w, l->start_s * 1000 + copy * l->stagger_ms),
		};
}

int kt_workload_init(struct kt_workload *w, const struct kt_workload_how *how, struct kt_err *err)
{
	size_t n = 0;
	*w = (struct kt_workload){.how = *how, .pace.rate = how->rate};
	w->how.open |= !waits_for_time(w);
	if (kt_measurementhash_new(&w->hash, how->secret_key, err) < 0)
		return -1;
	kt_event_writer_init(&w->writer);
	for (size_t i = 0; i < how->loads->n; i++)
		n += (size_t)how->loads->v[i].copies;
	w->runs = kt_calloc(n, sizeof(*w->runs));
	for (size_t i = 0; i < how->loads->n; i++)
		add_runs(w, i);
	return 0;
}

/* Counters must not fall, so what is no longer told apart is kept as a sum. */
static void drop_tallies(struct kt_workload *w)
{
	if (w->n_tallies <= TALLIES)
		return;
	for (size_t i = 0; i < w->n_tallies; i++) {
		w->earlier.events += w->tallies[i].events;
		w->earlier.documents += w->tallies[i].documents;
	}
	w->n_tallies = 0;
}

static void begin_round(struct kt_workload *w, int64_t now_us)
{
	drop_tallies(w);
	w->rounds++;
	w->left = (int64_t)w->n_runs;
	for (size_t i = 0; i < w->n_runs; i++)
		kt_duequeue_push(&w->heap, now_us + w->runs[i].offset_us, (uint32_t)i);
}

static void begin_run(struct kt_workload *w, struct kt_run *r)
{
	struct kt_random random;
	size_t number = (size_t)(r - w->runs);
	if (w->how.seed)
		kt_random_seed(&random, *w->how.seed, (uint64_t)(w->rounds - 1) * w->n_runs + number);
	else
		kt_random_start(&random);
	r->experiment = kt_malloc(sizeof(*r->experiment));
	kt_experiment_init(r->experiment, &w->how.loads->v[r->load], &random, w->how.documents);
	w->tallies = kt_grow(w->tallies, &w->tallies_cap, w->n_tallies + 1, sizeof(*w->tallies));
	r->tally = w->n_tallies++;
	r->failed = false;
	w->tallies[r->tally] = (struct kt_tally){0};
	memcpy(w->tallies[r->tally].id, r->experiment->id, KT_UUID_LEN);
	w->running++;
}

static void free_experiment(struct kt_run *r)
{
	if (r->experiment)
		kt_experiment_fini(r->experiment);
	free(r->experiment);
	r->experiment = NULL;
}

static void end_run(struct kt_workload *w, struct kt_run *r)
{
	free_experiment(r);
	w->running--;
	w->left--;
	w->ended++;
}

static uint32_t new_flight(struct kt_workload *w)
{
	uint32_t number = w->free_flight;
	if (number) {
		w->free_flight = w->flights[number - 1].next_free;
	} else {
		w->flights = kt_grow(w->flights, &w->flights_cap, w->n_flights + 1, sizeof(*w->flights));
		number = (uint32_t)++w->n_flights;
	}
	return number;
}

static void note_failure(struct kt_workload *w, struct kt_flight *f, const char *why, bool maybe)
{
	w->untold++;
	snprintf(w->why, sizeof(w->why), "%s", why);
	f->failed++;
	f->maybe += maybe;
}

/* All events of the flight are accounted for. */
static void land(struct kt_workload *w, uint32_t number)
{
	struct kt_flight *f = &w->flights[number - 1];
	struct kt_run *r = &w->runs[f->run];
	bool stage = f->kind != KT_EVENT_MEASURED;
	if (f->failed && w->how.loadlog)
		kt_loadlog_failure(w->how.loadlog, w->tallies[r->tally].id, stage ? NULL : f->measurement, f->kind,
			f->failed, f->maybe, w->why);
	if (f->failed && stage && !r->failed) {
		r->failed = true;
		w->failed_runs++;
	}
	if (r->experiment && !w->how.open && !w->stopped) {
		int64_t now_us = kt_clock_us();
		kt_duequeue_push(&w->heap, r->due_us > now_us ? r->due_us : now_us, f->run);
	}
	free(f->values);
	f->values = NULL;
	f->next_free = w->free_flight;
	w->free_flight = number;
}

static void let_go(struct kt_workload *w, uint32_t number)
{
	if (--w->flights[number - 1].open == 0)
		land(w, number);
}

void kt_workload_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_workload *w = user;
	struct kt_flight *f = &w->flights[d->tag - 1];
	if (d->failed) {
		w->counts[f->kind].failed++;
		note_failure(w, f, d->failed, d->maybe);
	} else {
		w->counts[f->kind].delivered++;
		kt_histogram_add(&w->latency, d->at_us - f->intended_us);
	}
	let_go(w, (uint32_t)d->tag);
}

/* The event of that place among n of one length. */
static struct kt_bytes keep(struct kt_flight *f, struct kt_bytes value, size_t place, size_t n)
{
	if (!f->values)
		f->values = kt_malloc(value.len * n);
	return (struct kt_bytes){memcpy(f->values + value.len * place, value.data, value.len), value.len};
}

static void hand_over(struct kt_workload *w, uint32_t number, struct kt_bytes value)
{
	struct kt_err err;
	struct kt_flight *f = &w->flights[number - 1];
	struct kt_tally *tally = &w->tallies[w->runs[f->run].tally];
	const char *name = kt_event_names[f->kind];
	struct kt_header header = {{"record_name", 11}, {name, strlen(name)}};
	struct kt_record record = {
		.partition = -1, .key = {tally->id, KT_UUID_LEN}, .value = value, .headers = &header};
	bool document = f->kind == KT_EVENT_DOCUMENT;
	record.n_headers = !document;
	/* Its delivery may come during the call, and the flight has to be there afterwards. */
	f->open++;
	int sent = w->how.send(w->how.user, document, &record, number, &err);
	f = &w->flights[number - 1];
	if (sent <= 0) {
		f->open--;
		w->counts[f->kind].refused++;
		note_failure(w, f, sent < 0 ? err.msg : "the producer's queue is full", false);
		return;
	}
	w->sent++;
	w->counts[f->kind].sent++;
	tally->events += !document;
	tally->documents += document;
}

void kt_workload_hand_over(struct kt_workload *w)
{
	for (size_t i = 0; i < w->n_held; i++) {
		hand_over(w, w->held[i].flight, w->held[i].value);
		let_go(w, w->held[i].flight);
	}
	w->n_held = 0;
}

static void hold(struct kt_workload *w, uint32_t number, struct kt_bytes value)
{
	if (!w->n_held)
		w->held_us = kt_clock_us();
	w->held = kt_grow(w->held, &w->held_cap, w->n_held + 1, sizeof(*w->held));
	w->held[w->n_held++] = (struct kt_held){number, value};
	w->flights[number - 1].open++;
}

static void send(
	struct kt_workload *w, struct kt_run *r, uint32_t number, struct kt_bytes value, size_t place, size_t n)
{
	struct kt_flight *f = &w->flights[number - 1];
	if (w->how.loadlog)
		kt_loadlog_message(w->how.loadlog, r->experiment->id,
			f->kind == KT_EVENT_MEASURED ? f->measurement : NULL, f->kind, value);
	value = keep(f, value, place, n);
	if (w->how.gather_us)
		hold(w, number, value);
	else
		hand_over(w, number, value);
}

static int send_sample(
	struct kt_workload *w, struct kt_run *r, uint32_t number, const struct kt_sample *sample, struct kt_err *err)
{
	struct kt_flight *f = &w->flights[number - 1];
	size_t n = (size_t)r->experiment->load->sensors;
	w->text.len = w->sealed.len = 0;
	kt_event_hash_text(&w->text, r->experiment, sample);
	if (kt_measurementhash_seal(w->hash, &w->sealed, w->text.data, w->text.len, err) < 0)
		return -1;
	if (w->how.loadlog)
		kt_loadlog_sample(w->how.loadlog, r->experiment, sample);
	memcpy(f->measurement, sample->measurement, KT_UUID_LEN);
	kt_event_sample(&w->writer, r->experiment, sample, (struct kt_bytes){w->sealed.data, w->sealed.len});
	for (size_t i = 0; i < n; i++)
		send(w, r, number, kt_event_sensor(&w->writer, r->experiment, sample, i), i, n);
	return 0;
}

/* What the log tells of a stage, and when it began. */
static void note_stage(struct kt_workload *w, struct kt_run *r, enum kt_event_kind kind, int64_t now_us)
{
	static const char *const stages[KT_EVENT_KINDS] = {
		[KT_EVENT_STABILIZATION] = KT_STAGE_STABILIZATION,
		[KT_EVENT_STARTED] = KT_STAGE_CARRY_OUT,
	};
	struct kt_loadlog *j = w->how.loadlog;
	if (kind == KT_EVENT_CONFIGURED)
		r->configured_us = r->stabilization_us = r->started_us = now_us;
	if (kind == KT_EVENT_STABILIZATION)
		r->stabilization_us = r->started_us = now_us;
	if (kind == KT_EVENT_STARTED)
		r->started_us = now_us;
	if (j && kind == KT_EVENT_CONFIGURED)
		kt_loadlog_configuration(j, r->experiment);
	if (j && stages[kind])
		kt_loadlog_stage(j, r->experiment->id, stages[kind]);
	if (j && kind == KT_EVENT_TERMINATED)
		kt_loadlog_terminated(j, r->experiment->id, (now_us - r->configured_us) / 1000,
			(r->started_us - r->stabilization_us) / 1000, (now_us - r->started_us) / 1000);
}

/* Sends one step's events; more: there was one. */
static int send_step(struct kt_workload *w, struct kt_run *r, int64_t due_us, bool *more, struct kt_err *err)
{
	struct kt_sample sample;
	int64_t now_us = kt_clock_us();
	double now = wall_clock();
	int result = 0;
	enum kt_event_kind kind = r->failed ? KT_EVENT_NONE : kt_experiment_step(r->experiment, now, &sample);
	*more = kind != KT_EVENT_NONE;
	if (!*more)
		return 0;
	uint32_t number = new_flight(w);
	w->flights[number - 1] = (struct kt_flight){
		.run = (uint32_t)(r - w->runs),
		.kind = kind,
		.intended_us = w->how.open && waits_for_time(w) ? due_us : now_us,
		.open = 1,
	};
	r->due_us = (w->how.open ? due_us : now_us) +
		    (kind == KT_EVENT_MEASURED ? scaled_us(w, r->experiment->load->sample_ms) : 0);
	note_stage(w, r, kind, now_us);
	if (kind == KT_EVENT_MEASURED)
		result = send_sample(w, r, number, &sample, err);
	else if (kind == KT_EVENT_CONFIGURED)
		send(w, r, number, kt_event_configured(&w->writer, r->experiment), 0, 1);
	else if (kind == KT_EVENT_DOCUMENT)
		send(w, r, number, kt_event_document(&w->writer, r->experiment), 0, 1);
	else
		send(w, r, number, kt_event_stage(&w->writer, kind, r->experiment, now), 0, 1);
	let_go(w, number);
	return result;
}

static int step(struct kt_workload *w, struct kt_due due, struct kt_err *err)
{
	struct kt_run *r = &w->runs[due.item];
	bool more;
	if (!r->experiment)
		begin_run(w, r);
	if (waits_for_time(w))
		kt_histogram_add(&w->late, kt_clock_us() - due.at);
	if (send_step(w, r, due.at, &more, err) < 0)
		return -1;
	if (!more)
		end_run(w, r);
	else if (w->how.open)
		kt_duequeue_push(&w->heap, r->due_us, due.item);
	return 0;
}

/* 0: the next step may be taken now; else how many milliseconds there is nothing to do but wait for deliveries. */
static int64_t must_wait_ms(struct kt_workload *w, int64_t now_us)
{
	if (!w->heap.n)
		return IDLE_MS;
	int64_t left_us = w->heap.v[0].at - now_us;
	if (waits_for_time(w) && left_us > 0)
		return left_us / 1000 + 1;
	int64_t sent = w->sent + (int64_t)w->n_held;
	if (w->how.rate && sent >= kt_ratelimit_due(&w->pace, sent))
		return kt_ratelimit_wait_ms(&w->pace);
	return !waits_for_time(w) && kt_workload_waiting(w) >= w->how.in_flight ? IDLE_MS : 0;
}

/* 0: what is held has waited long enough, or there is nothing; else how many milliseconds it still waits. */
static int64_t hold_ms(const struct kt_workload *w)
{
	int64_t left_us = w->held_us + w->how.gather_us - kt_clock_us();
	return w->n_held && w->n_held < HELD && left_us > 0 ? left_us / 1000 + 1 : 0;
}

static int take_steps(struct kt_workload *w, int64_t *wait_ms, struct kt_err *err)
{
	int64_t now_us = kt_clock_us(), end_us = now_us + TURN_US;
	while (!(*wait_ms = must_wait_ms(w, now_us))) {
		if (step(w, kt_duequeue_pop(&w->heap), err) < 0)
			return -1;
		now_us = kt_clock_us();
		if (now_us > end_us)
			return 0;
	}
	return 0;
}

int kt_workload_turn(struct kt_workload *w, int64_t *wait_ms, struct kt_err *err)
{
	if (!w->start_us)
		w->start_us = kt_clock_us();
	if (!w->left && !w->n_held && !kt_workload_over(w) && !kt_workload_waiting(w))
		begin_round(w, kt_clock_us());
	if (take_steps(w, wait_ms, err) < 0)
		return -1;
	int64_t held_ms = hold_ms(w);
	if (!held_ms)
		kt_workload_hand_over(w);
	else if (held_ms < *wait_ms)
		*wait_ms = held_ms;
	return 0;
}

bool kt_workload_over(const struct kt_workload *w)
{
	return w->stopped || (!w->left && !w->n_held && w->how.repeat && w->rounds >= w->how.repeat);
}

int kt_workload_stop(struct kt_workload *w, struct kt_err *err)
{
	bool more;
	w->stopped = true;
	w->heap.n = 0;
	for (size_t i = 0; i < w->n_runs; i++) {
		struct kt_run *r = &w->runs[i];
		if (!r->experiment)
			continue;
		kt_experiment_stop(r->experiment);
		do
			if (send_step(w, r, kt_clock_us(), &more, err) < 0)
				return -1;
		while (more);
		end_run(w, r);
	}
	return 0;
}

void kt_workload_tell(struct kt_workload *w, bool always)
{
	char digits[32];
	int64_t now_us = kt_clock_us();
	if (!w->untold || (!always && now_us - w->told_us < TELL_US))
		return;
	kt_say(KT_NORMAL, "%s event%s failed: %s", kt_group_digits(w->untold, digits), w->untold == 1 ? "" : "s",
		w->why);
	w->untold = 0;
	w->told_us = now_us;
}

int64_t kt_workload_waiting(const struct kt_workload *w)
{
	return w->how.waiting ? w->how.waiting(w->how.user) : 0;
}

struct kt_event_counts kt_workload_total(const struct kt_workload *w)
{
	struct kt_event_counts total = {0};
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++) {
		total.sent += w->counts[kind].sent;
		total.delivered += w->counts[kind].delivered;
		total.failed += w->counts[kind].failed;
		total.refused += w->counts[kind].refused;
	}
	return total;
}

void kt_workload_fini(struct kt_workload *w)
{
	for (size_t i = 0; i < w->n_runs; i++)
		free_experiment(&w->runs[i]);
	kt_event_writer_fini(&w->writer);
	kt_measurementhash_free(&w->hash);
	kt_duequeue_fini(&w->heap);
	kt_buf_fini(&w->text);
	kt_buf_fini(&w->sealed);
	for (size_t i = 0; i < w->n_flights; i++)
		free(w->flights[i].values);
	free(w->runs);
	free(w->held);
	free(w->flights);
	free(w->tallies);
}
