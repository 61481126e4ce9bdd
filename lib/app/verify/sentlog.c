#include "sentlog.h"

#include "json.h"
#include "mem.h"

enum { SECOND = 19 }; /* characters of "2026-01-31T12:00:00" */

static const struct {
	const char *name;
	enum kt_event_kind kind;
} stages[] = {
	{"configuration", KT_EVENT_CONFIGURED},
	{"stabilization", KT_EVENT_STABILIZATION},
	{"carry out", KT_EVENT_STARTED},
	{"carryout", KT_EVENT_STARTED},
	{"terminated", KT_EVENT_TERMINATED},
};

static struct kt_sentlog_experiment *experiment_of(struct kt_sentlog *t, const struct kt_uuid *id)
{
	uint32_t *number = kt_idmap_put(&t->by_id, id);
	if (*number == KT_IDMAP_NEW) {
		t->v = kt_grow(t->v, &t->cap, t->n + 1, sizeof(*t->v));
		t->v[t->n] = (struct kt_sentlog_experiment){.id = *id};
		*number = (uint32_t)t->n++;
	}
	return &t->v[*number];
}

static struct kt_sentlog_sample *sample_of(
	struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_uuid *measurement)
{
	uint32_t *number = kt_idmap_put(&t->by_sample, measurement);
	if (*number == KT_IDMAP_NEW) {
		t->samples = kt_grow(t->samples, &t->samples_cap, t->n_samples + 1, sizeof(*t->samples));
		t->samples[t->n_samples] = (struct kt_sentlog_sample){
			.id = *measurement,
			.experiment = (uint32_t)(x - t->v),
			.carries_out = x->carries_out,
			.rank = x->ranks++,
		};
		*number = (uint32_t)t->n_samples++;
		x->samples = kt_grow(x->samples, &x->cap, x->n_samples + 1, sizeof(*x->samples));
		x->samples[x->n_samples++] = *number;
	}
	return &t->samples[*number];
}

static void begin_event(struct kt_buf *out, const struct kt_log_entry *e, const char *type)
{
	kt_buf_adds(out, out->len ? ",\n  {\n    \"timestamp\": " : "  {\n    \"timestamp\": ");
	if (e->timestamp.data)
		kt_json_string(out, e->timestamp.data, e->timestamp.len);
	else
		kt_buf_adds(out, "null");
	kt_buf_addf(out, ",\n    \"event_type\": \"%s\",\n    \"value\": ", type);
}

static void begin_value(struct kt_buf *out, const struct kt_log_entry *e, const char *name)
{
	char id[37];
	kt_buf_addf(
		out, "{\n      \"measurement_id\": \"%s\",\n      \"%s\": ", kt_uuid_show(&e->measurement, id), name);
}

static void log_stage(struct kt_sentlog_experiment *x, const struct kt_log_entry *e)
{
	begin_event(&x->events, e, "new_stage");
	kt_json_string(&x->events, e->text.data, e->text.len);
	kt_buf_adds(&x->events, "\n  }");
	if (e->researcher.data && !x->researcher)
		x->researcher = kt_strndup(e->researcher.data, e->researcher.len);
	for (size_t i = 0; i < KT_LEN(stages); i++) {
		struct kt_sentlog_stage *stage = &x->stages[stages[i].kind];
		if (!kt_bytes_are(e->text, stages[i].name) || stage->logged)
			continue;
		stage->logged = true;
		stage->rank = x->ranks++;
		x->carries_out |= stages[i].kind == KT_EVENT_STARTED;
	}
}

static void log_average(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_log_entry *e)
{
	struct kt_sentlog_sample *s = sample_of(t, x, &e->measurement);
	s->has_average = true;
	s->average = e->value;
	begin_event(&x->events, e, "avg_temperature");
	begin_value(&x->events, e, "average");
	kt_buf_add(&x->events, e->number.data, e->number.len);
	kt_buf_adds(&x->events, "\n    }\n  }");
}

static void log_range(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_log_entry *e)
{
	struct kt_sentlog_sample *s = sample_of(t, x, &e->measurement);
	for (enum kt_range_event range = KT_RANGE_STABILIZED; range <= KT_RANGE_OUT; range++)
		if (kt_bytes_are(e->text, kt_range_names[range]))
			s->range = range;
	begin_event(&x->events, e, "range_event");
	begin_value(&x->events, e, "event");
	kt_json_string(&x->events, e->text.data, e->text.len);
	kt_buf_adds(&x->events, "\n    }\n  }");
}

static void log_sensor(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_log_entry *e)
{
	struct kt_sentlog_sample *s = sample_of(t, x, &e->measurement);
	struct kt_sentlog_sensor sensor = {.temperature = (float)e->value};
	if (!kt_uuid_read(&sensor.id, e->text.data, e->text.len))
		return;
	s->sensors = kt_grow(s->sensors, &s->cap, s->n_sensors + 1, sizeof(*s->sensors));
	s->sensors[s->n_sensors++] = sensor;
}

static void log_failure(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_log_entry *e)
{
	if (e->has_measurement) {
		sample_of(t, x, &e->measurement)->failed += e->count;
		return;
	}
	for (int kind = 0; kind < KT_EVENT_KINDS; kind++)
		if (kt_bytes_are(e->text, kt_event_names[kind]))
			x->stages[kind].failed += e->count;
}

/* Whole seconds of the printed time count, as in the original's tool. */
static bool is_late_enough(const struct kt_log_entry *e, const char *time)
{
	return !time || (e->timestamp.len >= SECOND && memcmp(e->timestamp.data, time, SECOND) >= 0);
}

void kt_sentlog_log(struct kt_sentlog *t, const struct kt_log_entry *e, const char *time)
{
	if (!e->has_experiment)
		return;
	struct kt_sentlog_experiment *x = experiment_of(t, &e->experiment);
	x->wanted |= e->in_experiment && is_late_enough(e, time);
	switch (e->kind) {
	case KT_LOG_STAGE:
		log_stage(x, e);
		break;
	case KT_LOG_AVERAGE:
		log_average(t, x, e);
		break;
	case KT_LOG_RANGE:
		log_range(t, x, e);
		break;
	case KT_LOG_SENSOR:
		log_sensor(t, x, e);
		break;
	case KT_LOG_FAILURE:
		log_failure(t, x, e);
		break;
	case KT_LOG_OTHER:
		break;
	}
}

static int by_id(const void *a, const void *b, void *sent)
{
	const struct kt_sentlog *t = sent;
	const struct kt_uuid *x = &t->v[*(const uint32_t *)a].id, *y = &t->v[*(const uint32_t *)b].id;
	return x->high != y->high ? (x->high > y->high ? 1 : -1) : (x->low > y->low) - (x->low < y->low);
}

void kt_sentlog_sort(struct kt_sentlog *t)
{
	t->order = kt_realloc(t->order, (t->n + 1) * sizeof(*t->order));
	for (size_t i = 0; i < t->n; i++)
		t->order[i] = (uint32_t)i;
	qsort_r(t->order, t->n, sizeof(*t->order), by_id, t);
}

void kt_sentlog_print(const struct kt_sentlog *t, size_t experiment, struct kt_buf *out)
{
	static const char stars[] = "*******************************************************\n";
	const struct kt_sentlog_experiment *x = &t->v[experiment];
	char id[37];
	kt_buf_addf(out, "\n%s%s*** EXPERIMENT %s ***\n%s%s\n", stars, stars, kt_uuid_show(&x->id, id), stars, stars);
	if (!x->events.len) {
		kt_buf_adds(out, "[]\n");
		return;
	}
	kt_buf_adds(out, "[\n");
	kt_buf_add(out, x->events.data, x->events.len);
	kt_buf_adds(out, "\n]\n");
}

struct kt_sentlog_experiment *kt_sentlog_find(struct kt_sentlog *t, const struct kt_uuid *id)
{
	const uint32_t *number = kt_idmap_get(&t->by_id, id);
	return number && t->v[*number].wanted ? &t->v[*number] : NULL;
}

struct kt_sentlog_sample *kt_sentlog_sample(
	struct kt_sentlog *t, const struct kt_sentlog_experiment *x, struct kt_bytes measurement)
{
	struct kt_uuid id;
	if (!measurement.data || !kt_uuid_read(&id, measurement.data, measurement.len))
		return NULL;
	const uint32_t *number = kt_idmap_get(&t->by_sample, &id);
	return number && &t->v[t->samples[*number].experiment] == x ? &t->samples[*number] : NULL;
}

void kt_sentlog_fini(struct kt_sentlog *t)
{
	for (size_t i = 0; i < t->n; i++) {
		kt_buf_fini(&t->v[i].events);
		free(t->v[i].researcher);
		free(t->v[i].samples);
	}
	for (size_t i = 0; i < t->n_samples; i++) {
		free(t->samples[i].sensors);
		free(t->samples[i].by_id);
	}
	free(t->v);
	free(t->order);
	free(t->samples);
	kt_idmap_fini(&t->by_id);
	kt_idmap_fini(&t->by_sample);
	kt_strs_fini(&t->findings);
}
