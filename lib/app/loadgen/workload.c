#include "workload.h"

#include "mem.h"
#include "when.h"

/* TURN_US: deliveries are served that often. */
enum { TURN_US = 2000, IDLE_MS = 1000 };

struct kt_run {
	struct kt_experiment *experiment; /* NULL: not begun, or ended */
	size_t load, tally;
	int64_t offset_us; /* of its start in the round */
	int64_t due_us;    /* of the next step, if nothing keeps it */
	int64_t configured_us, stabilization_us, started_us;
	bool failed; /* a stage's event did */
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

static void on_landed(void *user, const struct kt_flight *flight, const char *why)
{
	struct kt_workload *w = user;
	struct kt_run *r = &w->runs[flight->run];
	bool stage = flight->kind != KT_EVENT_MEASURED;
	if (flight->failed && w->how.loadlog)
		kt_loadlog_failure(w->how.loadlog, w->flights.tallies[flight->tally].id,
			stage ? NULL : flight->measurement, flight->kind, flight->failed, flight->maybe, why);
	if (flight->failed && stage && !r->failed) {
		r->failed = true;
		w->failed_runs++;
	}
	if (r->experiment && !w->how.open && !w->stopped) {
		int64_t now_us = kt_clock_us();
		kt_duequeue_push(&w->heap, r->due_us > now_us ? r->due_us : now_us, flight->run);
	}
}

void kt_workload_delivery(void *user, const struct kt_delivery *d)
{
	struct kt_workload *w = user;
	kt_flights_delivery(&w->flights, d);
}

int kt_workload_init(struct kt_workload *w, const struct kt_workload_how *how, struct kt_err *err)
{
	size_t n = 0;
	*w = (struct kt_workload){.how = *how, .pace.rate = how->rate};
	w->how.open |= !waits_for_time(w);
	w->flights.how = (struct kt_flights_how){
		.user = how->user,
		.send = how->send,
		.landed_user = w,
		.landed = on_landed,
		.gather_us = how->gather_us,
	};
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

static void begin_round(struct kt_workload *w, int64_t now_us)
{
	kt_flights_drop_tallies(&w->flights);
	w->rounds++;
	w->round_us = now_us;
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
	r->tally = kt_flights_tally(&w->flights, r->experiment->id);
	r->failed = false;
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

static void send(
	struct kt_workload *w, struct kt_run *r, uint32_t number, struct kt_bytes value, size_t place, size_t n)
{
	const struct kt_flight *flight = kt_flights_at(&w->flights, number);
	if (w->how.loadlog)
		kt_loadlog_message(w->how.loadlog, r->experiment->id,
			flight->kind == KT_EVENT_MEASURED ? flight->measurement : NULL, flight->kind, value);
	kt_flights_add(&w->flights, number, value, place, n);
}

static int send_sample(
	struct kt_workload *w, struct kt_run *r, uint32_t number, const struct kt_sample *sample, struct kt_err *err)
{
	size_t n = (size_t)r->experiment->load->sensors;
	w->text.len = w->sealed.len = 0;
	kt_event_hash_text(&w->text, r->experiment, sample);
	if (kt_measurementhash_seal(w->hash, &w->sealed, w->text.data, w->text.len, err) < 0)
		return -1;
	if (w->how.loadlog)
		kt_loadlog_sample(w->how.loadlog, r->experiment, sample);
	memcpy(kt_flights_at(&w->flights, number)->measurement, sample->measurement, KT_UUID_LEN);
	kt_event_sample(&w->writer, r->experiment, sample, (struct kt_bytes){w->sealed.data, w->sealed.len});
	for (size_t i = 0; i < n; i++)
		send(w, r, number, kt_event_sensor(&w->writer, r->experiment, sample, i), i, n);
	return 0;
}

/* What the log says of a stage, and when it began. */
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
	uint32_t number =
		kt_flights_begin(&w->flights, &(struct kt_flight){
						      .run = (uint32_t)(r - w->runs),
						      .tally = r->tally,
						      .kind = kind,
						      .intended_us = w->how.open && waits_for_time(w) ? due_us : now_us,
					      });
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
	kt_flights_end(&w->flights, number);
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

/* 0: the next step may be taken now; else for how many milliseconds there is nothing to do but wait for deliveries. */
static int64_t must_wait_ms(struct kt_workload *w, int64_t now_us)
{
	if (!w->heap.n)
		return IDLE_MS;
	int64_t left_us = w->heap.v[0].at - now_us;
	if (waits_for_time(w) && left_us > 0)
		return left_us / 1000 + 1;
	int64_t sent = w->flights.sent + (int64_t)w->flights.n_held;
	if (w->how.rate && sent >= kt_ratelimit_due(&w->pace, sent))
		return kt_ratelimit_wait_ms(&w->pace);
	return !waits_for_time(w) && kt_workload_waiting(w) >= w->how.in_flight ? IDLE_MS : 0;
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
	if (!w->left && !w->flights.n_held && !kt_workload_over(w) && !kt_workload_waiting(w))
		begin_round(w, kt_clock_us());
	if (take_steps(w, wait_ms, err) < 0)
		return -1;
	int64_t held_ms = kt_flights_turn(&w->flights);
	if (held_ms && held_ms < *wait_ms)
		*wait_ms = held_ms;
	return 0;
}

bool kt_workload_over(const struct kt_workload *w)
{
	return w->stopped || (!w->left && !w->flights.n_held && w->how.repeat && w->rounds >= w->how.repeat);
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

int64_t kt_workload_waiting(const struct kt_workload *w)
{
	return w->how.waiting ? w->how.waiting(w->how.user) : 0;
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
	kt_flights_fini(&w->flights);
	free(w->runs);
}
