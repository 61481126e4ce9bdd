/* Where a run starts: at the places of its store, which the logs of the topics still have to have. */
#include "mem.h"
#include "num.h"
#include "say.h"
#include "sinkrun_own.h"

void kt_sinkstart_choose(struct kt_sinkrun *run)
{
	struct kt_consumer_how *how = &run->how.reading->how;
	size_t n = run->how.n_places;
	run->starts = kt_calloc(n + how->n_starts + 1, sizeof(*run->starts));
	for (size_t i = 0; i < n; i++)
		run->starts[i] = (struct kt_start){.topic = run->how.places[i].topic,
			.partition = run->how.places[i].partition,
			.place = {KT_AT_OFFSET, run->how.places[i].next}};
	/* Behind them, since the first one that fits counts. */
	if (how->n_starts)
		memcpy(run->starts + n, how->starts, how->n_starts * sizeof(*run->starts));
	how->starts = run->starts;
	how->n_starts += n;
}

static const struct kt_sinkplace *place_of(const struct kt_sinkrun *run, const struct kt_partition *part)
{
	for (size_t i = 0; i < run->how.n_places; i++)
		if (run->how.places[i].partition == part->partition && !strcmp(run->how.places[i].topic, part->topic))
			return &run->how.places[i];
	return NULL;
}

/* Waiting does not bring back what retention took: the run goes on, and nobody is left to believe that all is there. */
static void say_missed(struct kt_sinkrun *run, const struct kt_partition *part, int64_t next)
{
	char digits[32];
	int64_t missed = part->begin - next;
	run->counts.missed += missed;
	kt_say(KT_WARNING,
		"%s [%d]: %s offset%s from %lld on were deleted before the sink came to them: it goes on at %lld",
		part->topic, (int)part->partition, kt_group_digits(missed, digits), kt_plural(missed), (long long)next,
		(long long)part->begin);
}

int kt_sinkstart_refuse(const struct kt_sinkrun *run, const char *topic, struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "%s was deleted and recreated: its offsets in %s are those of other records", topic,
		run->how.name);
	return kt_err_hint(err, "what the topic holds now belongs into another %s", run->how.store_word);
}

/* A topic that was recreated since may have grown past the place of the store: nothing but its id tells. */
static int check_ids(struct kt_sinkrun *run, struct kt_err *err)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	unsigned char id[KT_TOPIC_ID];
	if (!run->how.store.topic_id || kt_settings_get(run->how.settings, "kt.embedded"))
		return 0;
	for (size_t i = 0; i < parts->n; i++) {
		const char *topic = parts->v[i].topic;
		if (i && !strcmp(topic, parts->v[i - 1].topic))
			continue;
		if (!kt_topicwatch_ask(run->how.settings, topic, id))
			continue;
		const struct kt_bytes bytes = {(const char *)id, sizeof(id)};
		int other = run->how.store.topic_id(run->how.store.user, topic, bytes, err);
		if (other)
			return other < 0 ? -1 : kt_sinkstart_refuse(run, topic, err);
	}
	return 0;
}

int kt_sinkstart_check(struct kt_sinkrun *run, struct kt_err *err)
{
	const struct kt_partitions *parts = kt_consumer_parts(run->consumer);
	for (size_t i = 0; i < parts->n; i++) {
		const struct kt_partition *part = &parts->v[i];
		const struct kt_sinkplace *place = place_of(run, part);
		if (!place)
			continue;
		if (place->next > part->log_end + part->held) {
			kt_err_set(err, KT_FAILED,
				"%s [%d] ends at offset %lld, and %s has come to %lld: the topic was recreated or cut",
				part->topic, (int)part->partition, (long long)part->log_end, run->how.name,
				(long long)place->next);
			return kt_err_hint(
				err, "what the topic holds now belongs into another %s", run->how.store_word);
		}
		if (place->next < part->begin)
			say_missed(run, part, place->next);
	}
	return check_ids(run, err);
}
