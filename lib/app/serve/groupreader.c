#include "groupreader.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mem.h"
#include "member.h"
#include "recordjson.h"
#include "when.h"

/* READ: records of a partition in its turn. COMMIT_END_MS: for the last commits. AGAIN_MS: before a commit
 * that was refused is asked for again. HEARD: acknowledgements that the thread has not looked at, at most. */
enum { WAIT_MS = 1000, READ = 100, COMMIT_END_MS = 5000, AGAIN_MS = 1000, HEARD = 1 << 16 };

/* A partition that it has, or had. */
struct part {
	struct kt_member_part at;
	bool owned;
	int64_t top;       /* behind the last record that was given out; KT_NO_OFFSET: none was */
	int64_t committed; /* or asked for */
	bool asking;
	int64_t again_us; /* not before that is it asked again */
};

/* A record that was given out and not acknowledged. */
struct given {
	uint64_t number;
	size_t place;
	int64_t offset;
	size_t size;
};

struct heard {
	struct kt_groupack ack;
	uint64_t number;
};

struct kt_groupreader {
	struct kt_groupreader_how how;
	struct kt_settings settings;
	char *topic, *group;
	struct kt_stop stop;
	struct kt_owner owner;
	pthread_t thread;
	int event_fd; /* wakes the thread */
	atomic_bool quit;
	/* The thread's own. */
	struct kt_member *member;
	struct part *parts;
	size_t n_parts, cap_parts, turn;
	struct given *given;
	size_t n_given, cap_given, bytes;
	uint64_t number;
	int rejoining; /* rebalances of a cooperative group that follow, in which nothing is committed */
	bool left;
	/* Under the lock. */
	pthread_mutex_t lock;
	enum kt_groupreader_state state;
	struct kt_err why;
	struct kt_groupframe *first, **end;
	struct heard *heard;
	size_t n_heard, cap_heard;
};

static void wake_loop(const struct kt_groupreader *g)
{
	eventfd_write(g->how.wake_fd, 1);
}

static void set_state(struct kt_groupreader *g, enum kt_groupreader_state state, const struct kt_err *why)
{
	pthread_mutex_lock(&g->lock);
	g->state = state;
	if (why)
		g->why = *why;
	pthread_mutex_unlock(&g->lock);
	wake_loop(g);
}

static void add_part(struct kt_groupreader *g, const struct kt_member_part *at)
{
	size_t i = 0;
	while (i < g->n_parts && g->parts[i].owned)
		i++;
	if (i == g->n_parts)
		g->parts = kt_grow(g->parts, &g->cap_parts, ++g->n_parts, sizeof(*g->parts));
	g->parts[i] = (struct part){.at = *at, .owned = true, .top = KT_NO_OFFSET, .committed = at->offset};
}

static struct part *find(struct kt_groupreader *g, const struct kt_member_part *at)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].owned && g->parts[i].at.place == at->place)
			return &g->parts[i];
	return NULL;
}

/* Keeps what fits nothing of the ack, or of the part that is given up (ack NULL). */
static void forget(struct kt_groupreader *g, size_t place, const struct kt_groupack *ack, uint64_t number)
{
	size_t kept = 0;
	for (size_t i = 0; i < g->n_given; i++) {
		const struct given *r = &g->given[i];
		bool goes = r->place == place && r->number <= number &&
			    (!ack || (ack->only ? r->offset + 1 == ack->next : r->offset < ack->next));
		if (goes)
			g->bytes -= r->size;
		else
			g->given[kept++] = *r;
	}
	g->n_given = kept;
}

static void take_acks(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	struct heard *heard = kt_steal(g->heard);
	size_t n = g->n_heard;
	g->n_heard = g->cap_heard = 0;
	pthread_mutex_unlock(&g->lock);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < g->n_parts; k++)
			if (g->parts[k].owned && g->parts[k].at.partition == heard[i].ack.partition)
				forget(g, k, &heard[i].ack, heard[i].number);
	free(heard);
}

/* Where the partition goes on for the next member. */
static int64_t position(const struct kt_groupreader *g, size_t place)
{
	int64_t least = g->parts[place].top;
	for (size_t i = 0; i < g->n_given; i++)
		if (g->given[i].place == place && g->given[i].offset < least)
			least = g->given[i].offset;
	return least;
}

/* last: the answer of an earlier one is not waited for. -1: the member can go on no more. */
static int commit(struct kt_groupreader *g, size_t place, bool last, struct kt_err *err)
{
	struct part *part = &g->parts[place];
	int64_t now_us = kt_clock_us(), at = part->owned ? position(g, place) : KT_NO_OFFSET;
	if (at == KT_NO_OFFSET || at == part->committed || (!last && (part->asking || g->rejoining)) ||
		(!last && now_us < part->again_us))
		return 0;
	int asked = kt_member_commit_part(g->member, &part->at, at, err);
	if (asked <= 0)
		return asked;
	part->asking = true;
	part->committed = at;
	return 0;
}

static int commit_all(struct kt_groupreader *g, struct kt_err *err)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (commit(g, i, false, err) < 0)
			return -1;
	return 0;
}

static void on_committed(struct kt_groupreader *g, const struct kt_member_event *event)
{
	for (size_t i = 0; i < g->n_parts; i++) {
		struct part *part = &g->parts[i];
		bool named = !event->n_parts;
		for (size_t k = 0; k < event->n_parts && !named; k++)
			named = part->owned && event->parts[k].place == part->at.place;
		if (!named || !part->asking)
			continue;
		part->asking = false;
		if (!event->why.status)
			continue;
		part->committed = KT_NO_OFFSET;
		part->again_us = kt_clock_us() + AGAIN_MS * 1000;
	}
}

/* What has not been sent of a partition comes from its next owner. */
static void drop_frames(struct kt_groupreader *g, size_t place)
{
	pthread_mutex_lock(&g->lock);
	for (struct kt_groupframe **at = &g->first; *at;) {
		struct kt_groupframe *f = *at;
		if (f->place != place) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		kt_groupframe_unref(f);
	}
	g->end = &g->first;
	while (*g->end)
		g->end = &(*g->end)->next;
	pthread_mutex_unlock(&g->lock);
}

static int on_gone(struct kt_groupreader *g, const struct kt_member_event *event, struct kt_err *err)
{
	size_t n_owned = 0;
	take_acks(g);
	for (size_t i = 0; i < event->n_parts; i++) {
		struct part *part = find(g, &event->parts[i]);
		if (!part)
			continue;
		size_t place = (size_t)(part - g->parts);
		if (event->kind == KT_MEMBER_REVOKED && commit(g, place, true, err) < 0)
			return -1;
		drop_frames(g, place);
		forget(g, place, NULL, UINT64_MAX);
		part->owned = false;
	}
	for (size_t i = 0; i < g->n_parts; i++)
		n_owned += g->parts[i].owned;
	bool again = event->kind == KT_MEMBER_REVOKED && n_owned && kt_member_is_cooperative(g->member);
	g->rejoining = again ? 2 : 0;
	return 0;
}

static int serve_events(struct kt_groupreader *g, struct kt_err *err)
{
	struct kt_member_event event;
	for (;;) {
		if (kt_member_next(g->member, &event, err) < 0)
			return -1;
		switch (event.kind) {
		case KT_MEMBER_NOTHING:
			return 0;
		case KT_MEMBER_ASSIGNED:
			for (size_t i = 0; i < event.n_parts; i++)
				add_part(g, &event.parts[i]);
			g->rejoining -= g->rejoining > 0;
			break;
		case KT_MEMBER_REVOKED:
		case KT_MEMBER_LOST:
			if (on_gone(g, &event, err) < 0)
				return -1;
			break;
		case KT_MEMBER_COMMITTED:
			on_committed(g, &event);
			break;
		case KT_MEMBER_LEFT:
			g->left = true;
			return 0;
		case KT_MEMBER_RECORD:
		case KT_MEMBER_END:
		case KT_MEMBER_TROUBLE:
			break;
		}
	}
}

static void give_out(struct kt_groupreader *g, size_t place, const struct kt_record *record)
{
	struct kt_groupframe *f = kt_calloc(1, sizeof(*f));
	*f = (struct kt_groupframe){.refs = 1, .number = ++g->number, .place = place};
	kt_recordjson_write(&f->text, record, KT_ENC_UTF8);
	g->given = kt_grow(g->given, &g->cap_given, g->n_given + 1, sizeof(*g->given));
	g->given[g->n_given++] = (struct given){f->number, place, record->offset, f->text.len};
	g->bytes += f->text.len;
	g->parts[place].top = record->offset + 1;
	pthread_mutex_lock(&g->lock);
	*g->end = f;
	g->end = &f->next;
	pthread_mutex_unlock(&g->lock);
}

static bool has_room(const struct kt_groupreader *g)
{
	return g->n_given < g->how.window && g->bytes < KT_GROUPREADER_UNACKED_BYTES;
}

/* How many records; -1: the member can go on no more. */
static int read_part(struct kt_groupreader *g, size_t place, struct kt_err *err)
{
	int n = 0;
	for (; n < READ && has_room(g); n++) {
		struct kt_member_read read;
		int got = kt_member_read(g->member, &g->parts[place].at, &read, err);
		if (got <= 0)
			return got < 0 ? -1 : n;
		give_out(g, place, &read.record);
		kt_member_read_fini(&read);
	}
	return n;
}

static int read_records(struct kt_groupreader *g, struct kt_err *err)
{
	size_t idle = 0, n = 0;
	while (idle < g->n_parts && has_room(g)) {
		size_t place = g->turn++ % g->n_parts;
		int got = g->parts[place].owned ? read_part(g, place, err) : 0;
		if (got < 0)
			return -1;
		idle = got ? 0 : idle + 1;
		n += (size_t)got;
	}
	if (n)
		wake_loop(g);
	return 0;
}

static void wait(struct kt_groupreader *g, int64_t most_ms)
{
	int64_t wait_ms = kt_member_poll_ms(g->member);
	struct pollfd fds[] = {
		{.fd = g->event_fd, .events = POLLIN}, {.fd = kt_member_fd(g->member), .events = POLLIN}};
	eventfd_t ignored;
	wait_ms = wait_ms < most_ms ? wait_ms : most_ms;
	poll(fds, KT_LEN(fds), (int)(wait_ms < WAIT_MS ? wait_ms : WAIT_MS));
	eventfd_read(g->event_fd, &ignored);
}

static bool is_asking(const struct kt_groupreader *g)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].owned && (g->parts[i].asking || position(g, i) != g->parts[i].committed) &&
			position(g, i) != KT_NO_OFFSET)
			return true;
	return false;
}

/* Commits what was acknowledged, and leaves. */
static void leave(struct kt_groupreader *g)
{
	struct kt_err err = {0};
	int64_t until_us = kt_clock_us() + COMMIT_END_MS * 1000;
	take_acks(g);
	while (commit_all(g, &err) == 0 && is_asking(g) && kt_until_ms(until_us) > 0) {
		wait(g, 100);
		if (serve_events(g, &err) < 0)
			return;
	}
	until_us = kt_clock_us() + kt_member_leave_ms(g->member, false) * 1000;
	kt_member_leave(g->member);
	while (!g->left && kt_until_ms(until_us) > 0) {
		if (serve_events(g, &err) < 0)
			return;
		if (!g->left)
			wait(g, 100);
	}
}

static int turn(struct kt_groupreader *g, struct kt_err *err)
{
	if (serve_events(g, err) < 0)
		return -1;
	take_acks(g);
	if (commit_all(g, err) < 0 || read_records(g, err) < 0)
		return -1;
	wait(g, WAIT_MS);
	return 0;
}

static int read_on(struct kt_groupreader *g, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs topics = {0};
	kt_strs_add(&topics, g->topic);
	const struct kt_member_how how = {.owner = &g->owner,
		.topics = &topics,
		.group = g->group,
		.reset = g->how.reset,
		.split = true,
		.timeout_ms = g->how.timeout_ms};
	if (kt_member_open(&g->member, &g->settings, &how, err) < 0)
		return -1;
	set_state(g, KT_GROUPREADER_READS, NULL);
	int result = 0;
	while (result == 0 && !atomic_load(&g->quit))
		result = turn(g, err);
	if (result == 0)
		leave(g);
	return result;
}

static void *run(void *user)
{
	struct kt_groupreader *g = user;
	struct kt_err err = {0};
	int result = read_on(g, &err);
	kt_member_free(&g->member);
	set_state(g, KT_GROUPREADER_OVER, result < 0 ? &err : NULL);
	return NULL;
}

static void free_reader(struct kt_groupreader *g)
{
	for (struct kt_groupframe *f = g->first, *next; f; f = next) {
		next = f->next;
		kt_groupframe_unref(f);
	}
	pthread_mutex_destroy(&g->lock);
	close(g->event_fd);
	kt_settings_fini(&g->settings);
	free(g->topic);
	free(g->group);
	free(g->parts);
	free(g->given);
	free(g->heard);
	free(g);
}

int kt_groupreader_begin(struct kt_groupreader **out, const struct kt_groupreader_how *how, struct kt_err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return kt_err_sys(err, "preparing a member of a group");
	struct kt_groupreader *g = kt_calloc(1, sizeof(*g));
	g->how = *how;
	g->event_fd = fd;
	g->topic = kt_strdup(how->topic);
	g->group = kt_strdup(how->group);
	g->owner.stop = &g->stop;
	g->end = &g->first;
	kt_settings_copy(&g->settings, how->settings);
	pthread_mutex_init(&g->lock, NULL);
	if (pthread_create(&g->thread, NULL, run, g) != 0) {
		free_reader(g);
		return kt_err_set(err, KT_FAILED, "there is no thread for a member of a group");
	}
	*out = g;
	return 0;
}

enum kt_groupreader_state kt_groupreader_state(struct kt_groupreader *g, struct kt_err *why)
{
	pthread_mutex_lock(&g->lock);
	enum kt_groupreader_state state = g->state;
	*why = g->why;
	pthread_mutex_unlock(&g->lock);
	return state;
}

struct kt_groupframe *kt_groupreader_take(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	struct kt_groupframe *f = g->first;
	if (f) {
		g->first = f->next;
		g->end = g->first ? g->end : &g->first;
		f->next = NULL;
	}
	pthread_mutex_unlock(&g->lock);
	return f;
}

void kt_groupframe_unref(struct kt_groupframe *f)
{
	if (--f->refs)
		return;
	kt_buf_fini(&f->text);
	free(f);
}

bool kt_groupreader_ack(struct kt_groupreader *g, const struct kt_groupack *ack, uint64_t number)
{
	pthread_mutex_lock(&g->lock);
	bool taken = g->n_heard < HEARD;
	if (taken) {
		g->heard = kt_grow(g->heard, &g->cap_heard, g->n_heard + 1, sizeof(*g->heard));
		g->heard[g->n_heard++] = (struct heard){*ack, number};
	}
	pthread_mutex_unlock(&g->lock);
	eventfd_write(g->event_fd, 1);
	return taken;
}

void kt_groupreader_end(struct kt_groupreader *g)
{
	struct kt_err ignored;
	atomic_store(&g->quit, true);
	if (kt_groupreader_state(g, &ignored) == KT_GROUPREADER_OPENS)
		kt_stop_call(&g->stop, KT_FAILED);
	eventfd_write(g->event_fd, 1);
}

void kt_groupreader_free(struct kt_groupreader *g)
{
	pthread_join(g->thread, NULL);
	free_reader(g);
}
