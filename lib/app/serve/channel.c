#include "channel.h"

#include "mem.h"
#include "say.h"

struct kt_hub *kt_channel_hub(const struct kt_channel *channel)
{
	return channel->stream ? channel->stream->hub : channel->hub;
}

bool kt_channel_may(const struct kt_channel *channel, const struct kt_http_request *request)
{
	const struct kt_serve *s = channel->serve;
	return !channel->stream || (kt_access_may(s, request, KT_RIGHT_PRODUCE, channel->name) &&
					   kt_access_may(s, request, KT_RIGHT_CONSUME, channel->name));
}

bool kt_channel_is_open(const struct kt_channel *channel)
{
	return !channel->stream ||
	       (kt_stream_is_ready(channel->stream) && kt_serve_topic_find(channel->serve, channel->topic) > 0);
}

const char *kt_channels_wait_for(const struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_channels; i++)
		if (s->channels[i].stream && !kt_stream_is_ready(s->channels[i].stream))
			return "it is not known yet where the topic of the chat ends";
	return NULL;
}

bool kt_channel_send(struct kt_channel *channel, const struct kt_record *record)
{
	struct kt_serve *s = channel->serve;
	struct kt_err err = {0};
	struct kt_record copy = *record;
	copy.partition = 0;
	copy.offset = -1;
	if (!channel->stream) {
		kt_hub_put(channel->hub, &copy);
		kt_hub_wake(channel->hub);
		return true;
	}
	int64_t tag = (int64_t)KT_CHANNEL_JOB << 24 | (channel - s->channels);
	int result = kt_producer_send(s->producer, channel->topic->handle, &copy, tag, 0, &err);
	if (result < 0)
		kt_say(KT_WARNING, "a message of the chat was not sent to topic %s: %s", channel->name, err.msg);
	s->chatting += result > 0;
	return result > 0;
}

void kt_channel_delivery(struct kt_serve *s, const struct kt_delivery *d)
{
	const struct kt_channel *channel = &s->channels[d->tag & ((1 << 24) - 1)];
	s->chatting--;
	channel->topic->failed += d->failed != NULL;
	channel->topic->delivered += !d->failed;
	if (d->failed)
		kt_say(KT_WARNING, "a message of the chat did not come into topic %s: %s", channel->name, d->failed);
}

struct kt_channel *kt_channel_find(struct kt_serve *s, const char *name)
{
	for (size_t i = 0; i < s->n_channels; i++)
		if (!strcmp(s->channels[i].name, name))
			return &s->channels[i];
	return NULL;
}

static struct kt_channel *open_one(struct kt_serve *s, const char *name)
{
	struct kt_channel *channel = kt_channel_find(s, name);
	if (channel)
		return channel;
	channel = &s->channels[s->n_channels++];
	*channel = (struct kt_channel){.serve = s, .name = name};
	if (!strcmp(name, KT_CHANNEL_NO_TOPIC)) {
		channel->hub = kt_hub_new(NULL, NULL);
		return channel;
	}
	channel->topic = kt_serve_topic(s, name);
	channel->topic->jobs++;
	channel->stream = kt_streams_topic(s->streams, name);
	channel->stream->n++;
	return channel;
}

static void open_row(struct kt_serve *s, const struct kt_route *route)
{
	enum kt_text which = route->action->id == KT_ROUTE_CHAT ? KT_TEXT_CHAT : KT_TEXT_SOCKETIO;
	if (route->action->id != KT_ROUTE_CHAT && route->action->id != KT_ROUTE_SOCKETIO)
		return;
	if (s->n_channels == KT_STREAMS_TOPICS && !kt_channel_find(s, route->words.v[0]))
		return;
	struct kt_channel *channel = open_one(s, route->words.v[0]);
	(channel->stream ? channel->stream->texts : channel->hub->texts)[which] = true;
}

void kt_channels_open(struct kt_serve *s)
{
	s->channels = kt_calloc(KT_STREAMS_TOPICS, sizeof(*s->channels));
	for (size_t i = 0; i < s->how.n_listen; i++)
		for (size_t k = 0; k < s->how.listen[i].routes->n; k++)
			open_row(s, &s->how.listen[i].routes->v[k]);
}

void kt_channels_fini(struct kt_serve *s)
{
	for (size_t i = 0; i < s->n_channels; i++) {
		if (s->channels[i].topic)
			s->channels[i].topic->jobs--;
		if (!s->channels[i].stream)
			kt_hub_free(s->channels[i].hub);
	}
	free(s->channels);
}
