#include "instances.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "instances_own.h"
#include "mem.h"
#include "streams_own.h"
#include "when.h"

enum { AHEAD = 500, LOOK_MS = 1000 };

/* Takes the answer. */
static void answer_with(struct kt_instance *i, struct kt_answer *with)
{
	i->ask.wait = KT_INSTANCE_NOTHING;
	i->used_us = kt_clock_us();
	kt_httpd_answer(i->ask.httpd, i->ask.ticket, with);
}

static void say_done(struct kt_instance *i, unsigned status)
{
	struct kt_answer answer = {.status = status};
	if (status == 200) {
		answer.type = KT_SERVE_V2_TYPE;
		kt_buf_adds(&answer.body, "[]");
	}
	answer_with(i, &answer);
}

static void refuse(struct kt_instance *i, unsigned status, int64_t code, const char *why)
{
	struct kt_answer answer = {0};
	kt_serve_error_v2(&answer, status, code, why);
	answer_with(i, &answer);
}

static bool is_late(const struct kt_instance *i)
{
	return kt_clock_us() >= i->ask.until_us;
}

/* Its member can go on no more. */
static void refuse_for(struct kt_instance *i, const struct kt_err *why)
{
	if (why->status == KT_NOT_FOUND)
		refuse(i, 404, 40401, "Topic not found.");
	else if (why->status == KT_FAILED)
		refuse(i, 403, 40301, why->msg);
	else
		refuse(i, 503, 50301, why->msg);
}

static void look_for_records(struct kt_instance *i)
{
	struct kt_answer answer = {0};
	size_t bytes = 0, n = kt_instance_reads(i) ? kt_groupreader_waiting(i->reader, &bytes) : 0;
	int64_t least = i->config.least_bytes;
	bool enough = n && (n >= AHEAD || (int64_t)bytes >= least || bytes >= i->ask.most_bytes);
	if (!enough && !is_late(i) && !i->all->ending)
		return;
	kt_instance_write_records(i, i->ask.most_bytes, &answer);
	answer_with(i, &answer);
}

static void look_for_commit(struct kt_instance *i)
{
	struct kt_groupmarks marks = kt_groupreader_marks(i->reader);
	if (marks.lost != i->ask.lost)
		refuse(i, 409, 40903, "the group has taken a partition away before its commit was certain");
	else if (marks.settled >= i->ask.marks)
		say_done(i, 200);
	else if (is_late(i))
		refuse(i, 503, 50301, marks.why.status ? marks.why.msg : "the group has not taken the offsets in time");
}

/* Who waits for what a reader does. */
static void answer_by_reader(struct kt_instance *i, enum kt_groupreader_state state)
{
	if (i->ask.wait == KT_INSTANCE_RECORDS)
		look_for_records(i);
	else if (i->leaving)
		return;
	else if (i->ask.wait == KT_INSTANCE_JOINS && state == KT_GROUPREADER_READS)
		say_done(i, 204);
	else if (i->ask.wait == KT_INSTANCE_COMMITS)
		look_for_commit(i);
}

/* Nobody waits for an answer any more. What has been taken for it has not been sent. */
static void look_at_client(struct kt_instance *i)
{
	if (i->ask.wait != KT_INSTANCE_NOTHING && i->ask.wait != KT_INSTANCE_ENDS &&
		kt_httpd_has_closed(i->ask.httpd, i->ask.ticket))
		refuse(i, 503, 0, "the client has gone");
}

static void begin_reader(struct kt_instance *i)
{
	struct kt_instances *all = i->all;
	struct kt_err err = {0};
	const struct kt_groupreader_how how = {
		.settings = i->config.uncommitted ? &all->settings : &all->serve->streams->settings,
		.topics = &i->topics,
		.group = i->group,
		.window = AHEAD,
		.reset = i->config.reset,
		.timeout_ms = all->serve->how.timeout_ms,
		.wake_fd = all->wake_fd,
		.marks = true,
		.v2 = true,
		.format = i->config.format};
	i->leaving = false;
	if (kt_groupreader_begin(&i->reader, &how, &err) == 0)
		return;
	i->why = err;
	kt_strs_fini(&i->topics);
	if (i->ask.wait != KT_INSTANCE_NOTHING)
		refuse(i, 503, 0, err.msg);
}

bool kt_instance_reads(const struct kt_instance *i)
{
	return i->reader && !i->leaving;
}

void kt_instance_leave(struct kt_instance *i)
{
	if (!kt_instance_reads(i))
		return;
	i->leaving = true;
	kt_groupreader_end(i->reader);
}

/* The thread has ended. */
static void end_reader(struct kt_instance *i, const struct kt_err *why)
{
	kt_groupreader_free(kt_steal(i->reader));
	if (i->leaving)
		return;
	i->why = *why;
	kt_strs_fini(&i->topics);
	if (i->ask.wait != KT_INSTANCE_NOTHING && i->ask.wait != KT_INSTANCE_ENDS)
		refuse_for(i, why);
}

static void end_idle(struct kt_instance *i)
{
	int64_t idle_us = i->all->serve->how.limits.consumer_idle_ms * 1000;
	if (i->over || i->ask.wait != KT_INSTANCE_NOTHING || kt_clock_us() - i->used_us < idle_us)
		return;
	i->over = true;
	kt_instance_leave(i);
}

static void end_now(struct kt_instance *i)
{
	if (i->ask.wait == KT_INSTANCE_JOINS || i->ask.wait == KT_INSTANCE_LEAVES)
		refuse(i, 503, 0, "the server ends");
	if (i->ask.wait == KT_INSTANCE_RECORDS && !kt_instance_reads(i))
		refuse(i, 503, 0, "the server ends");
	if (i->ask.wait == KT_INSTANCE_COMMITS)
		return;
	i->over = true;
	kt_instance_leave(i);
}

static void without_reader(struct kt_instance *i)
{
	if (i->ask.wait == KT_INSTANCE_LEAVES)
		say_done(i, 204);
	if (i->topics.n && !i->over)
		begin_reader(i);
	if (i->over && i->ask.wait == KT_INSTANCE_ENDS)
		say_done(i, 204);
}

/* False: it is over. */
static bool go_on(struct kt_instance *i)
{
	struct kt_err why = {0};
	look_at_client(i);
	if (i->reader) {
		enum kt_groupreader_state state = kt_groupreader_state(i->reader, &why);
		if (state == KT_GROUPREADER_OVER)
			end_reader(i, &why);
		else
			answer_by_reader(i, state);
	}
	if (i->all->ending)
		end_now(i);
	end_idle(i);
	if (!i->reader)
		without_reader(i);
	return i->reader || !i->over;
}

static void free_instance(struct kt_instance *i)
{
	if (i->reader)
		kt_groupreader_free(i->reader);
	kt_strs_fini(&i->topics);
	free(i->group);
	free(i);
}

static int serve(void *user, short revents, struct kt_err *err)
{
	struct kt_instances *all = user;
	eventfd_t ignored;
	(void)revents, (void)err;
	eventfd_read(all->wake_fd, &ignored);
	for (struct kt_instance **at = &all->list; *at;) {
		struct kt_instance *i = *at;
		if (go_on(i)) {
			at = &i->next;
			continue;
		}
		*at = i->next;
		all->n--;
		free_instance(i);
	}
	return 0;
}

static int64_t wait(void *user, struct pollfd *fd)
{
	const struct kt_instances *all = user;
	int64_t wait_ms = all->list ? LOOK_MS : INT64_MAX;
	*fd = (struct pollfd){.fd = all->wake_fd, .events = POLLIN};
	for (const struct kt_instance *i = all->list; i; i = i->next) {
		bool limited = i->ask.wait == KT_INSTANCE_RECORDS || i->ask.wait == KT_INSTANCE_COMMITS;
		int64_t left_ms = limited ? kt_until_ms(i->ask.until_us) : LOOK_MS;
		wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
	}
	return wait_ms;
}

struct kt_instances *kt_instances_of(struct kt_serve *s)
{
	int fd = s->instances ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return s->instances;
	struct kt_instances *all = kt_calloc(1, sizeof(*all));
	*all = (struct kt_instances){.serve = s,
		.wake_fd = fd,
		.source = (struct kt_loop_source){.user = all, .wait = wait, .serve = serve}};
	kt_settings_copy(&all->settings, &s->streams->settings);
	kt_settings_put(&all->settings, KT_RANK_FLAG, "isolation.level", "read_uncommitted", "isolation.level");
	kt_loop_add(s->streams->loop, &all->source);
	s->instances = all;
	return all;
}

struct kt_instance *kt_instance_add(
	struct kt_instances *all, const char *group, const void *owner, const struct kt_instance_config *config)
{
	struct kt_instance *i = kt_calloc(1, sizeof(*i));
	*i = (struct kt_instance){.all = all,
		.next = all->list,
		.group = kt_strdup(group),
		.owner = owner,
		.config = *config,
		.used_us = kt_clock_us()};
	all->list = i;
	all->n++;
	return i;
}

struct kt_instance *kt_instance_find(
	const struct kt_instances *all, const char *group, const char *name, const void *owner, bool any)
{
	struct kt_instance *i = all ? all->list : NULL;
	while (i && (i->over || strcmp(i->config.name, name) != 0 || strcmp(i->group, group) != 0 ||
			    (!any && i->owner != owner)))
		i = i->next;
	return i;
}

bool kt_instance_wait(struct kt_instance *i, struct kt_serve_listener *at, struct kt_http_request *request,
	struct kt_instance_ask ask, struct kt_answer *answer)
{
	look_at_client(i);
	if (i->ask.wait != KT_INSTANCE_NOTHING && ask.wait != KT_INSTANCE_ENDS) {
		kt_serve_error_v2(answer, 409, 40903, "another request of this instance is not answered yet");
		return false;
	}
	if (i->ask.wait != KT_INSTANCE_NOTHING)
		refuse(i, 404, 40403, KT_INSTANCE_NOT_FOUND);
	ask.httpd = at->httpd;
	ask.ticket = kt_httpd_defer(request);
	i->ask = ask;
	eventfd_write(i->all->wake_fd, 1);
	return true;
}

void kt_instances_end(struct kt_serve *s)
{
	if (!s->instances)
		return;
	s->instances->ending = true;
	eventfd_write(s->instances->wake_fd, 1);
}

size_t kt_instances_count(const struct kt_serve *s)
{
	return s->instances ? s->instances->n : 0;
}

void kt_instances_fini(struct kt_serve *s)
{
	struct kt_instances *all = s->instances;
	if (!all)
		return;
	for (struct kt_instance *i = all->list, *next; i; i = next) {
		next = i->next;
		if (i->reader)
			kt_groupreader_end(i->reader);
		free_instance(i);
	}
	close(all->wake_fd);
	kt_settings_fini(&all->settings);
	free(all);
}
