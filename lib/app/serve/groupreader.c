#include "groupreader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "groupreader_own.h"
#include "mem.h"
#include "recordjson.h"
#include "resttext.h"
#include "when.h"

/* READ: records of a partition in its turn. COMMIT_END_MS: for the last commits. HEARD: acknowledgements that
 * the thread has not looked at, at most. */
enum { WAIT_MS = 1000, READ = 100, COMMIT_END_MS = 5000, HEARD = 1 << 16 };

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
	pthread_mutex_lock(&g->lock);
	if (i == g->n_parts)
		g->parts = kt_grow(g->parts, &g->cap_parts, ++g->n_parts, sizeof(*g->parts));
	g->parts[i] = (struct kt_groupreader_part){.at = *at,
		.owned = true,
		.top = KT_NO_OFFSET,
		.committed = at->offset,
		.taken = KT_NO_OFFSET,
		.mark = KT_NO_OFFSET,
		.stored = at->why == KT_START_COMMITTED ? at->offset : KT_NO_OFFSET};
	pthread_mutex_unlock(&g->lock);
}

static struct kt_groupreader_part *find(struct kt_groupreader *g, const struct kt_member_part *at)
{
	for (size_t i = 0; i < g->n_parts; i++)
		if (g->parts[i].owned && g->parts[i].at.place == at->place)
			return &g->parts[i];
	return NULL;
}

/* With the lock. */
static void count_out(struct kt_groupreader *g, const struct kt_groupframe *f)
{
	g->n_waiting--;
	g->waiting_bytes -= f->text.len;
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
		count_out(g, f);
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
	kt_groupreader_hear(g);
	for (size_t i = 0; i < event->n_parts; i++) {
		struct kt_groupreader_part *part = find(g, &event->parts[i]);
		if (!part)
			continue;
		size_t place = (size_t)(part - g->parts);
		if (event->kind == KT_MEMBER_REVOKED && kt_groupreader_commit(g, place, true, err) < 0)
			return -1;
		drop_frames(g, place);
		kt_groupreader_forget(g, place, NULL, UINT64_MAX);
		pthread_mutex_lock(&g->lock);
		part->owned = false;
		g->marks.lost += part->mark != KT_NO_OFFSET && part->mark != part->stored;
		pthread_mutex_unlock(&g->lock);
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
			kt_groupreader_committed(g, &event);
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
	*f = (struct kt_groupframe){
		.refs = 1, .number = ++g->number, .place = place, .next_offset = record->offset + 1};
	if (g->how.v2)
		f->unreadable = !kt_resttext_write(&f->text, record, g->how.format);
	else
		kt_recordjson_write(&f->text, record, KT_ENC_UTF8);
	if (!g->how.marks) {
		g->given = kt_grow(g->given, &g->cap_given, g->n_given + 1, sizeof(*g->given));
		g->given[g->n_given++] = (struct kt_groupreader_given){f->number, place, record->offset, f->text.len};
		g->bytes += f->text.len;
	}
	g->parts[place].top = record->offset + 1;
	pthread_mutex_lock(&g->lock);
	*g->end = f;
	g->end = &f->next;
	g->n_waiting++;
	g->waiting_bytes += f->text.len;
	pthread_mutex_unlock(&g->lock);
}

static bool fits(const struct kt_groupreader *g, size_t n, size_t bytes)
{
	return n < g->how.window && bytes < KT_GROUPREADER_UNACKED_BYTES;
}

static bool has_room(struct kt_groupreader *g)
{
	if (!g->how.marks)
		return fits(g, g->n_given, g->bytes);
	pthread_mutex_lock(&g->lock);
	bool room = fits(g, g->n_waiting, g->waiting_bytes);
	g->full = !room;
	pthread_mutex_unlock(&g->lock);
	return room;
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

/* Commits what was acknowledged, and leaves. */
static void leave(struct kt_groupreader *g)
{
	struct kt_err err = {0};
	int64_t until_us = kt_clock_us() + COMMIT_END_MS * 1000;
	kt_groupreader_hear(g);
	while (kt_groupreader_commit_all(g, &err) == 0 && kt_groupreader_is_asking(g) && kt_until_ms(until_us) > 0) {
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
	kt_groupreader_hear(g);
	uint64_t made = kt_groupreader_made(g);
	if (kt_groupreader_commit_all(g, err) < 0 || read_records(g, err) < 0)
		return -1;
	if (g->how.marks && !kt_groupreader_is_asking(g) && kt_groupreader_settle(g, made))
		wake_loop(g);
	wait(g, WAIT_MS);
	return 0;
}

static int read_on(struct kt_groupreader *g, struct kt_err *err)
{
	const struct kt_member_how how = {.owner = &g->owner,
		.topics = &g->topics,
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

/* Whose topics are the member's. */
static void forget_parts(struct kt_groupreader *g)
{
	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->n_parts; i++)
		g->parts[i].owned = false;
	pthread_mutex_unlock(&g->lock);
}

static void *run(void *user)
{
	struct kt_groupreader *g = user;
	struct kt_err err = {0};
	int result = read_on(g, &err);
	forget_parts(g);
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
	kt_strs_fini(&g->topics);
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
	for (size_t i = 0; i < how->topics->n; i++)
		kt_strs_add(&g->topics, how->topics->v[i]);
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

/* Wakes the thread once there is room for as much again as it reads ahead by half. With the lock. */
static void make_room(struct kt_groupreader *g)
{
	if (!g->full || g->n_waiting > g->how.window / 2 || g->waiting_bytes > KT_GROUPREADER_UNACKED_BYTES / 2)
		return;
	g->full = false;
	eventfd_write(g->event_fd, 1);
}

struct kt_groupframe *kt_groupreader_take(struct kt_groupreader *g, size_t most, bool unreadable)
{
	pthread_mutex_lock(&g->lock);
	struct kt_groupframe *f = g->first;
	if (f && (f->text.len > most || (f->unreadable && !unreadable)))
		f = NULL;
	if (f) {
		g->first = f->next;
		g->end = g->first ? g->end : &g->first;
		f->next = NULL;
		count_out(g, f);
		g->parts[f->place].taken = f->next_offset;
		make_room(g);
	}
	pthread_mutex_unlock(&g->lock);
	return f;
}

size_t kt_groupreader_waiting(struct kt_groupreader *g, size_t *bytes)
{
	pthread_mutex_lock(&g->lock);
	size_t n = g->n_waiting;
	*bytes = g->waiting_bytes;
	pthread_mutex_unlock(&g->lock);
	return n;
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
		g->heard[g->n_heard++] = (struct kt_groupreader_heard){*ack, number};
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
