#include "sentcheck.h"

#include <math.h>
#include <stdarg.h>

#include "esc.h"
#include "mem.h"

enum { WHAT = 128 }; /* bytes of the name of a sensor's value */

/* Between the average that was sent and what a service made of it; the course's own checker takes as much. */
#define TOLERANCE 0.001

const char *const kt_finding_names[KT_FINDINGS] = {
	"missing", "repeated", "out of order", "different", "not in the log"};

void kt_sentlog_finding(
	struct kt_sentlog *t, struct kt_sentlog_experiment *x, enum kt_finding kind, const char *format, ...)
{
	kt_auto(kt_free_ptr) char *text = NULL;
	char id[37];
	va_list args;
	if (++x->counts[kind] > KT_SENTLOG_FINDINGS)
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	kt_strs_take(&t->findings,
		kt_asprintf("%s: %s: %s", kt_uuid_show(&x->id, id), kt_finding_names[kind], text ? text : ""));
}

/* "0:42", or "line 17". */
static const char *show_place(int32_t partition, int64_t offset, char out[40])
{
	if (partition < 0)
		snprintf(out, 40, "line %lld", (long long)offset);
	else
		snprintf(out, 40, "%d:%lld", (int)partition, (long long)offset);
	return out;
}

/* Ids as they were read, which may be anything. */
static void show_sensor(char out[WHAT], struct kt_bytes measurement, struct kt_bytes sensor)
{
	char ids[2][48];
	const struct kt_bytes texts[] = {measurement, sensor};
	for (size_t i = 0; i < KT_LEN(texts); i++) {
		struct kt_uuid id;
		if (texts[i].data && kt_uuid_read(&id, texts[i].data, texts[i].len))
			kt_uuid_show(&id, ids[i]);
		else
			kt_quote(ids[i], sizeof(ids[i]), texts[i]);
	}
	snprintf(out, WHAT, "measurement %s%s%s", ids[0], sensor.data ? ", sensor " : "", sensor.data ? ids[1] : "");
}

/* Notes that it is there; false when it was before. */
static bool note(struct kt_sentlog *t, struct kt_sentlog_experiment *x, struct kt_found *found, const char *what,
	int32_t partition, int64_t offset)
{
	char here[40], first[40];
	if (found->count++ == 0) {
		found->partition = partition;
		found->offset = offset;
		return true;
	}
	kt_sentlog_finding(t, x, KT_FINDING_REPEATED, "%s at %s, first at %s", what,
		show_place(partition, offset, here), show_place(found->partition, found->offset, first));
	return false;
}

static void check_order(struct kt_sentlog *t, struct kt_sentlog_experiment *x, size_t rank, const char *what,
	const struct kt_arrival *a)
{
	char here[40];
	if (rank + 1 >= x->arrived)
		x->arrived = rank + 1;
	else
		kt_sentlog_finding(t, x, KT_FINDING_ORDER, "%s at %s comes after something later", what,
			show_place(a->partition, a->offset, here));
}

static int compare_ids(const struct kt_uuid *a, const struct kt_uuid *b)
{
	if (a->high != b->high)
		return a->high > b->high ? 1 : -1;
	return (a->low > b->low) - (a->low < b->low);
}

/* Those of one id in the order of the log. */
static int by_id(const void *a, const void *b, void *sample)
{
	const struct kt_sentlog_sample *s = sample;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = compare_ids(&s->sensors[x].id, &s->sensors[y].id);
	return order ? order : (x > y) - (x < y);
}

static void sort_sensors(struct kt_sentlog_sample *s)
{
	s->by_id = kt_calloc(s->n_sensors, sizeof(*s->by_id));
	for (size_t i = 0; i < s->n_sensors; i++)
		s->by_id[i] = (uint32_t)i;
	qsort_r(s->by_id, s->n_sensors, sizeof(*s->by_id), by_id, s);
	for (size_t i = 0, first = 0; i < s->n_sensors; i++) {
		struct kt_sentlog_sensor *sensor = &s->sensors[s->by_id[i]];
		if (compare_ids(&sensor->id, &s->sensors[s->by_id[first]].id) != 0)
			first = i;
		s->sensors[s->by_id[first]].turn += sensor->found.count > 0;
	}
}

/* Where the sensors of an id begin, or of those after it. */
static size_t lower_bound(const struct kt_sentlog_sample *s, const struct kt_uuid *id, bool behind)
{
	size_t from = 0, to = s->n_sensors;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (compare_ids(&s->sensors[s->by_id[middle]].id, id) < (behind ? 1 : 0))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct kt_sentlog_sensor *find_sensor(struct kt_sentlog_sample *s, struct kt_bytes sensor)
{
	struct kt_uuid id;
	if (!s->n_sensors || !sensor.data || !kt_uuid_read(&id, sensor.data, sensor.len))
		return NULL;
	/* They mostly come in the order of the log. */
	size_t next = s->next % s->n_sensors;
	if (!s->by_id && compare_ids(&s->sensors[next].id, &id) == 0) {
		s->next = next + 1;
		return &s->sensors[next];
	}
	if (!s->by_id)
		sort_sensors(s);
	size_t first = lower_bound(s, &id, false), n = lower_bound(s, &id, true) - first;
	if (!n)
		return NULL;
	uint32_t turn = s->sensors[s->by_id[first]].turn++;
	return &s->sensors[s->by_id[first + turn % n]];
}

static void check_measured(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_arrival *a)
{
	struct kt_sentlog_sample *s = kt_sentlog_sample(t, x, a->measurement);
	struct kt_sentlog_sensor *sensor = s ? find_sensor(s, a->sensor) : NULL;
	char what[WHAT], here[40];
	show_sensor(what, a->measurement, a->sensor);
	if (!s || (s->n_sensors && !sensor)) {
		kt_sentlog_finding(
			t, x, KT_FINDING_UNKNOWN, "%s at %s", what, show_place(a->partition, a->offset, here));
		return;
	}
	/* A log without sensors knows nothing of single events. */
	if (sensor && !note(t, x, &sensor->found, what, a->partition, a->offset))
		return;
	check_order(t, x, s->rank, what, a);
	if (sensor && !(fabsf(sensor->temperature - a->temperature) <= 0))
		kt_sentlog_finding(t, x, KT_FINDING_DIFFERENT, "%s at %s is %.9g, in the log %.9g", what,
			show_place(a->partition, a->offset, here), (double)a->temperature, (double)sensor->temperature);
}

void kt_sentlog_arrived(struct kt_sentlog *t, const struct kt_arrival *a)
{
	struct kt_sentlog_experiment *x = kt_sentlog_find(t, &a->experiment);
	char here[40];
	if (!x)
		return;
	if (a->unlike)
		kt_sentlog_finding(t, x, KT_FINDING_DIFFERENT, "%s at %s: %s", kt_event_names[a->kind],
			show_place(a->partition, a->offset, here), a->unlike);
	if (a->kind == KT_EVENT_MEASURED) {
		check_measured(t, x, a);
		return;
	}
	struct kt_sentlog_stage *stage = &x->stages[a->kind];
	const char *name = kt_event_names[a->kind];
	if (!stage->logged)
		kt_sentlog_finding(
			t, x, KT_FINDING_UNKNOWN, "%s at %s", name, show_place(a->partition, a->offset, here));
	else if (note(t, x, &stage->found, name, a->partition, a->offset))
		check_order(t, x, stage->rank, name, a);
}

bool kt_sentlog_has_sensors(
	const struct kt_sentlog *t, const struct kt_sentlog_experiment *x, const struct kt_idmap *sensors)
{
	size_t most = 0;
	for (size_t i = 0; i < x->n_samples; i++) {
		const struct kt_sentlog_sample *s = &t->samples[x->samples[i]];
		most = s->n_sensors > most ? s->n_sensors : most;
		for (size_t k = 0; k < s->n_sensors; k++)
			if (!kt_idmap_get(sensors, &s->sensors[k].id))
				return false;
	}
	return !most || most == sensors->n;
}

void kt_sentlog_stored(struct kt_sentlog *t, struct kt_sentlog_experiment *x, struct kt_bytes measurement,
	struct kt_bytes sensor, double value, int64_t line)
{
	struct kt_sentlog_sample *s = kt_sentlog_sample(t, x, measurement);
	struct kt_sentlog_sensor *one = s && sensor.data ? find_sensor(s, sensor) : NULL;
	char what[WHAT];
	show_sensor(what, measurement, sensor);
	if (!s || (sensor.data && !one)) {
		kt_sentlog_finding(t, x, KT_FINDING_UNKNOWN, "%s at line %lld", what, (long long)line);
		return;
	}
	double expected = one ? (double)one->temperature : s->average;
	if (note(t, x, one ? &one->found : &s->found, what, -1, line) && !(fabs(value - expected) <= TOLERANCE))
		kt_sentlog_finding(t, x, KT_FINDING_DIFFERENT, "%s at line %lld is %.9g, in the log %.9g", what,
			(long long)line, value, expected);
}

/* Counts one that should be there as there, or missing; *excused: how many may be missing. */
static void settle_one(struct kt_sentlog *t, struct kt_sentlog_experiment *x, const struct kt_found *found,
	int64_t *excused, const char *what)
{
	x->expected++;
	if (found->count) {
		x->there++;
	} else if (*excused > 0) {
		--*excused;
		x->unacknowledged++;
	} else {
		kt_sentlog_finding(t, x, KT_FINDING_MISSING, "%s", what);
	}
}

/* One line in place of many: of an experiment that did not come at all, each of its events says the same. */
static void say_all_missing(struct kt_sentlog *t, const struct kt_sentlog_experiment *x, size_t from)
{
	char id[37];
	while (t->findings.n > from)
		free(t->findings.v[--t->findings.n]);
	kt_strs_take(&t->findings, kt_asprintf("%s: missing: all of its %lld", kt_uuid_show(&x->id, id),
					   (long long)x->counts[KT_FINDING_MISSING]));
}

static void settle_sample(
	struct kt_sentlog *t, struct kt_sentlog_experiment *x, struct kt_sentlog_sample *s, enum kt_sentlog_scope scope)
{
	char what[WHAT], measurement[37], sensor[37];
	int64_t excused = s->failed;
	kt_uuid_show(&s->id, measurement);
	if (scope == KT_SENTLOG_SAMPLES) {
		snprintf(what, sizeof(what), "measurement %s", measurement);
		if (s->has_average)
			settle_one(t, x, &s->found, &excused, what);
		return;
	}
	for (size_t i = 0; i < s->n_sensors; i++) {
		snprintf(what, sizeof(what), "measurement %s, sensor %s", measurement,
			kt_uuid_show(&s->sensors[i].id, sensor));
		settle_one(t, x, &s->sensors[i].found, &excused, what);
	}
}

void kt_sentlog_settle(struct kt_sentlog *t, enum kt_sentlog_scope scope, bool carry_out)
{
	for (size_t i = 0; i < t->n; i++) {
		struct kt_sentlog_experiment *x = &t->v[t->order ? t->order[i] : i];
		if (!x->wanted)
			continue;
		size_t from = t->findings.n;
		for (int kind = 0; scope == KT_SENTLOG_EVENTS && kind < KT_EVENT_KINDS; kind++) {
			int64_t excused = x->stages[kind].failed;
			if (x->stages[kind].logged)
				settle_one(t, x, &x->stages[kind].found, &excused, kt_event_names[kind]);
		}
		for (size_t k = 0; k < x->n_samples; k++) {
			struct kt_sentlog_sample *s = &t->samples[x->samples[k]];
			if (!carry_out || s->carries_out)
				settle_sample(t, x, s, scope);
		}
		if (!x->there && x->counts[KT_FINDING_MISSING] > 1)
			say_all_missing(t, x, from);
	}
}
