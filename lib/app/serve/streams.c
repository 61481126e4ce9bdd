#include "streams_own.h"

#include "chat.h"
#include "embedded.h"
#include "mem.h"
#include "socketio.h"
#include "topicwatch.h"
#include "when.h"

/* LINGER_MS: a topic is read on for so long when nobody listens, so that those who come again find what they missed.
 * PATIENCE_MS: for partitions whose leader is away, before a stream begins without them. */
enum { TURN_MS = 1000, LINGER_MS = 60000, PATIENCE_MS = 5000 };

struct kt_streams *kt_streams_new(struct kt_serve *s)
{
	struct kt_streams *x = kt_calloc(1, sizeof(*x));
	x->serve = s;
	kt_settings_copy(&x->settings, s->how.settings);
	kt_embedded_tune(&x->settings);
	return x;
}

static void free_stream(struct kt_stream *stream)
{
	stream->topic->jobs--;
	kt_hub_free(stream->hub);
	free(stream);
}

static void drop(struct kt_streams *x, size_t i)
{
	kt_topicwatch_remove(x->watch, x->v[i]->topic->name);
	free_stream(x->v[i]);
	x->v[i] = x->v[--x->n];
}

static bool make_room(struct kt_streams *x)
{
	for (size_t i = 0; i < x->n && x->n == KT_STREAMS_TOPICS; i++)
		if (!x->v[i]->n)
			drop(x, i);
	return x->n < KT_STREAMS_TOPICS;
}

struct kt_stream *kt_streams_topic(struct kt_streams *x, const char *name)
{
	struct kt_serve_topic *topic = kt_serve_topic(x->serve, name);
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i]->topic == topic)
			return x->v[i];
	if (!topic || !make_room(x))
		return NULL;
	struct kt_stream *stream = kt_calloc(1, sizeof(*stream));
	*stream = (struct kt_stream){.streams = x, .topic = topic};
	topic->jobs++;
	x->v[x->n++] = stream;
	return stream;
}

bool kt_stream_is_ready(const struct kt_stream *stream)
{
	const struct kt_followed *t = stream->hub ? stream->hub->followed : NULL;
	return t && (kt_followed_is_ready(t) || (t->found && kt_clock_us() - stream->since_us > PATIENCE_MS * 1000));
}

/* False: it cannot be read. */
static bool begin(struct kt_stream *stream, unsigned *status, const char **why)
{
	struct kt_streams *x = stream->streams;
	struct kt_err err = {0};
	int there = kt_serve_topic_there(x->serve, stream->topic);
	if (there < 0) {
		*status = stream->topic->refused;
		*why = stream->topic->why.msg;
	}
	if (there <= 0)
		return there == 0;
	if (!x->follow && kt_follow_open(&x->follow, &x->settings, x->serve->how.owner, &err) < 0) {
		*status = 503;
		*why = "the topic cannot be read now";
		return false;
	}
	if (!x->watch)
		x->watch = kt_topicwatch_new(&x->settings);
	kt_topicwatch_add(x->watch, stream->topic->name);
	stream->hub = kt_hub_new(x->follow, stream->topic->name);
	memcpy(stream->hub->texts, stream->texts, sizeof(stream->texts));
	stream->since_us = kt_clock_us();
	return true;
}

/* False: it is to go. */
static bool turn(struct kt_stream *stream)
{
	unsigned status;
	const char *why;
	kt_events_let_go(stream);
	if (!stream->hub && !begin(stream, &status, &why)) {
		kt_events_refuse(stream, status, why);
		return stream->n > 0;
	}
	if (!stream->hub)
		return true;
	bool more = kt_hub_turn(stream->hub) || stream->stirred;
	stream->stirred = false;
	kt_events_turn(stream);
	if (more)
		kt_hub_wake(stream->hub);
	if (more)
		kt_httpd_wake(stream->streams->serve->listeners[0].httpd, &stream->feed);
	if (stream->n || !stream->idle_us)
		return true;
	return kt_clock_us() - stream->idle_us < LINGER_MS * 1000;
}

/* A topic that was recreated begins anew for all who listen. */
static void hear_watch(struct kt_streams *x)
{
	kt_auto(kt_free_ptr) char *anew = kt_topicwatch_take(x->watch);
	for (size_t i = 0; anew && i < x->n; i++)
		if (x->v[i]->hub && !strcmp(x->v[i]->topic->name, anew))
			kt_followed_restart(x->v[i]->hub->followed);
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_streams *x = user;
	(void)revents, (void)err;
	hear_watch(x);
	if (x->follow)
		kt_follow_serve(x->follow);
	for (size_t i = 0; i < x->n;) {
		if (turn(x->v[i]))
			i++;
		else
			drop(x, i);
	}
	kt_chats_turn(x->serve);
	kt_socketio_turn(x->serve->socketio);
	return 0;
}

static int64_t wait(void *user, struct pollfd *fd)
{
	const struct kt_streams *x = user;
	int64_t wait_ms = x->follow ? kt_follow_wait_ms(x->follow) : x->n ? TURN_MS : INT64_MAX;
	int64_t sessions_ms = kt_socketio_wait_ms(x->serve->socketio);
	wait_ms = sessions_ms < wait_ms ? sessions_ms : wait_ms;
	*fd = (struct pollfd){.fd = x->follow ? kt_follow_fd(x->follow) : -1, .events = POLLIN};
	for (size_t i = 0; i < x->n; i++) {
		int64_t soon_ms = kt_events_wait_ms(x->v[i]);
		bool eager = x->v[i]->hub && kt_hub_is_eager(x->v[i]->hub);
		wait_ms = eager ? 0 : soon_ms < wait_ms ? soon_ms : wait_ms;
	}
	return wait_ms;
}

void kt_streams_run(struct kt_streams *x, struct kt_loop *loop)
{
	x->loop = loop;
	x->topics = (struct kt_loop_source){.user = x, .wait = wait, .serve = serve};
	kt_loop_add(loop, &x->topics);
	if (x->sockets)
		kt_loop_add(loop, &x->waits);
}

struct kt_streams_counts kt_streams_counts(const struct kt_streams *x)
{
	struct kt_streams_counts counts = x->counts;
	struct kt_websockets_dropped dropped = kt_websockets_dropped(x->sockets);
	counts.silent = dropped.silent;
	counts.stuck = dropped.stuck;
	for (size_t i = 0; i < x->n; i++) {
		uint64_t lag = x->v[i]->hub ? kt_hub_lag(x->v[i]->hub) : 0;
		counts.lag = lag > counts.lag ? lag : counts.lag;
	}
	return counts;
}

void kt_streams_end(struct kt_streams *x)
{
	x->ending = true;
	for (size_t i = 0; i < x->n; i++) {
		kt_events_refuse(x->v[i], 503, "the server ends");
		kt_httpd_wake(x->serve->listeners[0].httpd, &x->v[i]->feed);
	}
	if (x->sockets)
		kt_websockets_end(x->sockets, KT_WEBSOCKET_GOING_AWAY);
}

size_t kt_streams_open(const struct kt_streams *x)
{
	return kt_websockets_count(x->sockets);
}

void kt_streams_drop(struct kt_streams *x)
{
	if (x)
		kt_websockets_close(kt_steal(x->sockets));
}

void kt_streams_close(struct kt_streams *x)
{
	if (!x)
		return;
	while (x->n)
		drop(x, x->n - 1);
	kt_topicwatch_free(&x->watch);
	kt_follow_close(x->follow);
	kt_settings_fini(&x->settings);
	free(x);
}
