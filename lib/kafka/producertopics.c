#include "producertopics.h"

#include "mem.h"
#include "topic.h"
#include "topicask.h"

enum state { FREE, WAITING, ASKED, FOUND, REFUSED };

struct kt_producertopic {
	enum state state;
	char *name;
	rd_kafka_topic_t *handle;
	struct kt_topicask *ask;
	int32_t *partitions; /* with leaders */
	size_t n_partitions;
	int32_t count;
	struct kt_err why; /* of REFUSED */
	bool stuck;        /* its thread did not come back */
};

static void end_ask(struct kt_producertopics *t, struct kt_producertopic *topic)
{
	if (topic->ask && !kt_topicask_free(kt_steal(topic->ask), kt_client_end_ms(t->client)))
		topic->stuck = true;
	if (topic->state == ASKED)
		t->asked--;
}

static void forget(struct kt_producertopics *t, struct kt_producertopic *topic)
{
	end_ask(t, topic);
	if (topic->handle && !topic->stuck)
		rd_kafka_topic_destroy(topic->handle);
	free(topic->name);
	free(topic->partitions);
	*topic = (struct kt_producertopic){.stuck = topic->stuck};
}

static int start_asking(struct kt_producertopics *t, struct kt_producertopic *topic, struct kt_err *err)
{
	if (t->asked >= KT_PRODUCERTOPICS_ASKED)
		return 0;
	if (kt_topicask_start(
		    &topic->ask, kt_client_handle(t->client), topic->handle, t->timeout_ms, t->wake->fd, err) < 0)
		return -1;
	topic->state = ASKED;
	t->asked++;
	return 0;
}

/* The handle of that name, or of a free place, which may be a new one. */
static int place_of(struct kt_producertopics *t, const char *name)
{
	size_t free_place = t->n;
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].state != FREE && !strcmp(t->v[i].name, name))
			return (int)i;
		if (t->v[i].state == FREE && !t->v[i].stuck && free_place == t->n)
			free_place = i;
	}
	if (free_place == t->n) {
		t->v = kt_grow(t->v, &t->cap, t->n + 1, sizeof(*t->v));
		t->v[t->n++] = (struct kt_producertopic){0};
	}
	return (int)free_place;
}

int kt_producertopics_add(struct kt_producertopics *t, const char *name, struct kt_err *err)
{
	if (kt_topic_check(name, err) < 0)
		return -1;
	int place = place_of(t, name);
	struct kt_producertopic *topic = &t->v[place];
	if (topic->state != FREE)
		return place;
	topic->handle = rd_kafka_topic_new(kt_client_handle(t->client), name, NULL);
	if (!topic->handle)
		return kt_client_fail(t->client, rd_kafka_last_error(), err, "topic %s", name);
	topic->name = kt_strdup(name);
	topic->state = WAITING;
	t->open++;
	kt_producertopics_serve(t);
	return place;
}

static int keep(struct kt_producertopics *t, struct kt_producertopic *topic, const struct rd_kafka_metadata_topic *m,
	struct kt_err *err)
{
	if (m->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return kt_err_set(err, KT_NOT_FOUND, "topic %s does not exist", topic->name);
	if (m->err)
		return kt_client_topic_error(t->client, topic->name, m->err, err);
	topic->count = m->partition_cnt;
	topic->partitions = kt_calloc((size_t)m->partition_cnt, sizeof(*topic->partitions));
	for (int i = 0; i < m->partition_cnt; i++)
		if (m->partitions[i].leader >= 0)
			topic->partitions[topic->n_partitions++] = m->partitions[i].id;
	if (!topic->n_partitions)
		return kt_err_set(err, KT_UNREACHABLE, "no partition of topic %s has a leader", topic->name);
	return 0;
}

/* What the answer means: 1, 0 or -1 as kt_producertopics_state(). */
static int look(struct kt_producertopics *t, struct kt_producertopic *topic, struct kt_err *err)
{
	rd_kafka_resp_err_t code;
	const struct rd_kafka_metadata *metadata;
	/* That a broker is final says something only once a request has failed: another one may be answering it now. */
	if (!kt_topicask_answer(topic->ask, &code, &metadata))
		return code && kt_client_is_final(t->client) ? kt_client_unreachable(t->client, err) : 0;
	if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT)
		return kt_client_unreachable(t->client, err);
	if (code)
		return kt_client_fail(t->client, code, err, "asking %s for metadata", kt_client_brokers(t->client));
	return keep(t, topic, &metadata->topics[0], err) < 0 ? -1 : 1;
}

/* Takes the answer if there is one, or begins to ask if it is its turn. */
static void serve(struct kt_producertopics *t, struct kt_producertopic *topic)
{
	int answer = 0;
	if (topic->state == WAITING)
		answer = start_asking(t, topic, &topic->why);
	else if (topic->state == ASKED)
		answer = look(t, topic, &topic->why);
	if (!answer)
		return;
	end_ask(t, topic);
	topic->state = answer > 0 ? FOUND : REFUSED;
	t->open--;
}

void kt_producertopics_serve(struct kt_producertopics *t)
{
	for (size_t i = 0; t->open && i < t->n; i++)
		serve(t, &t->v[i]);
}

int kt_producertopics_state(struct kt_producertopics *t, int topic, struct kt_err *err)
{
	struct kt_producertopic *it = &t->v[topic];
	kt_producertopics_serve(t);
	if (it->state != REFUSED)
		return it->state == FOUND;
	*err = it->why;
	forget(t, it);
	return -1;
}

const char *kt_producertopics_name(const struct kt_producertopics *t, int topic)
{
	return t->v[topic].name;
}

rd_kafka_topic_t *kt_producertopics_handle(const struct kt_producertopics *t, int topic)
{
	return t->v[topic].handle;
}

const int32_t *kt_producertopics_partitions(const struct kt_producertopics *t, int topic, size_t *n)
{
	*n = t->v[topic].n_partitions;
	return t->v[topic].partitions;
}

int32_t kt_producertopics_count(const struct kt_producertopics *t, int topic)
{
	return t->v[topic].count;
}

bool kt_producertopics_fini(struct kt_producertopics *t)
{
	bool stuck = false;
	for (size_t i = 0; i < t->n; i++) {
		forget(t, &t->v[i]);
		stuck = stuck || t->v[i].stuck;
	}
	free(t->v);
	*t = (struct kt_producertopics){0};
	return !stuck;
}
