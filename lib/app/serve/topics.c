/* The topics that requests name. */
#include "mem.h"
#include "serve_own.h"
#include "when.h"

/* TOPICS: that are remembered; those that could not be had make room. ASKED: at once, so that what else brokers are
 * asked for does not wait for names that somebody makes up. */
enum { AGAIN_US = 1000000, TOPICS = 1000, ASKED = 50 };

static void forget(struct kt_serve_topic *topic)
{
	free(topic->name);
	free(topic);
}

/* A topic that nobody waits for, and of which nothing is counted, goes; false when there is none. */
static bool make_room(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_topics; i++) {
		struct kt_serve_topic *t = s->topics[i];
		if (t->handle >= 0 || t->asked || t->jobs || t->delivered || t->failed)
			continue;
		s->topics[i] = s->topics[--s->n_topics];
		forget(t);
		return true;
	}
	return false;
}

struct kt_serve_topic *kt_serve_topic(struct kt_serve *s, const char *name)
{
	for (size_t i = 0; i < s->n_topics; i++) {
		struct kt_serve_topic *t = s->topics[i];
		if (strcmp(t->name, name) != 0)
			continue;
		/* Those that are asked for again and again come to the front, whatever names there are besides. */
		s->topics[i] = s->topics[i / 2];
		s->topics[i / 2] = t;
		return t;
	}
	if (s->n_topics >= TOPICS && !make_room(s))
		return NULL;
	struct kt_serve_topic *t = kt_calloc(1, sizeof(*t));
	*t = (struct kt_serve_topic){.name = kt_strdup(name), .handle = -1};
	s->topics = kt_grow(s->topics, &s->cap_topics, s->n_topics + 1, sizeof(*s->topics));
	s->topics[s->n_topics++] = t;
	return t;
}

/* For a second. */
static int refuse(struct kt_serve_topic *t, unsigned status)
{
	t->handle = -1;
	t->there = false;
	t->refused = status;
	t->again_us = kt_clock_us() + AGAIN_US;
	return -1;
}

/* The producer's own first look would make it on brokers that make what they are asked for. */
static int ask_whether_there(struct kt_serve *s, struct kt_serve_topic *t)
{
	const struct kt_lookup_question question = {.kind = KT_LOOKUP_EXISTS, .topic = t->name, .data = t};
	if (t->asked || s->n_asked >= ASKED)
		return 0;
	t->asked = kt_lookup_ask(s->lookup, &question);
	s->n_asked += t->asked;
	if (t->asked)
		return 0;
	t->refused = 503;
	return kt_err_set(&t->why, KT_FAILED, "too many requests wait for the brokers");
}

void kt_serve_topic_answered(struct kt_serve *s, struct kt_serve_topic *t, struct kt_answer *answer)
{
	t->asked = false;
	s->n_asked--;
	t->there = answer->status == 200;
	if (!t->there) {
		kt_err_set(&t->why, KT_FAILED, "%s", kt_buf_cstr(&answer->body));
		refuse(t, answer->status);
	}
	kt_answer_fini(answer);
}

int kt_serve_topic_there(struct kt_serve *s, struct kt_serve_topic *t)
{
	if (t->handle >= 0 || t->there)
		return 1;
	return t->again_us > kt_clock_us() ? -1 : ask_whether_there(s, t);
}

int kt_serve_topic_find(struct kt_serve *s, struct kt_serve_topic *t)
{
	int there = kt_serve_topic_there(s, t);
	if (there <= 0)
		return there;
	if (t->handle < 0)
		t->handle = kt_producer_topic(s->producer, t->name, &t->why);
	int found = t->handle < 0 ? -1 : kt_producer_found(s->producer, t->handle, &t->why);
	return found < 0 ? refuse(t, t->why.status == KT_NOT_FOUND ? 404 : 503) : found;
}

void kt_serve_topics_fini(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_topics; i++)
		forget(s->topics[i]);
	free(s->topics);
}
