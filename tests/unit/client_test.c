/* A client against the embedded broker, and without one; librdkafka's threads call back into it. */
#include "aside.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "mock.h"
#include "sig.h"
#include "tap.h"
#include "when.h"

struct heard {
	int notes;
	enum kt_note kind;
	struct kt_err last;
	atomic_int lines; /* of librdkafka's log, on its own threads */
};

static void note(void *user, enum kt_note kind, const struct kt_err *what)
{
	struct heard *h = user;
	h->notes++;
	h->kind = kind;
	h->last = *what;
}

static void log_line(void *user, bool important, const char *line)
{
	struct heard *h = user;
	(void)important;
	atomic_fetch_add(&h->lines, *line != '\0');
}

static void set(struct kt_settings *s, const char *key, const char *value)
{
	kt_settings_put(s, KT_RANK_FLAG, key, value, "test");
}

static void stand_still(int sig)
{
	(void)sig;
	raise(SIGSTOP);
}

/* Tries to reach somebody who does not answer for two seconds, and stands still for two more soon after it began: how
 * long that took. */
static int64_t tried_us(const char *address)
{
	const struct kt_owner owner = {0};
	struct kt_err err = {0};
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	struct kt_client *c;
	set(&s, "bootstrap.servers", address);
	if (kt_client_open(&c, KT_ROLE_ADMIN, &s, &owner, &err) < 0)
		return -1;
	signal(SIGALRM, stand_still);
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 50000}, NULL);
	int64_t begun_us = kt_clock_us();
	return kt_client_reach(c, 2000, &err) == -1 && err.status == KT_UNREACHABLE ? kt_clock_us() - begun_us : -1;
}

/* Before there is a broker of this process, whose clock forgives (standstill.h). */
TEST(what_is_stood_still_for_is_no_time_to_answer_in)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	char address[64];
	int64_t us = -1;
	int ends[2], mute = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(mute >= 0 && pipe(ends) == 0 && bind(mute, (struct sockaddr *)&at, len) == 0 && listen(mute, 100) == 0);
	CHECK(getsockname(mute, (struct sockaddr *)&at, &len) == 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		us = tried_us(address);
		_exit(write(ends[1], &us, sizeof(us)) != sizeof(us));
	}
	CHECK(waitpid(pid, NULL, WUNTRACED) == pid);
	sleep(2);
	kill(pid, SIGCONT);
	CHECK(read(ends[0], &us, sizeof(us)) == sizeof(us));
	CHECK(waitpid(pid, NULL, 0) == pid);
	/* No slice of two seconds is longer than 800 ms. */
	CHECK(us >= 3000000);
	close(ends[0]);
	close(ends[1]);
	close(mute);
}

TEST(what_is_there)
{
	struct heard heard = {0};
	struct kt_stop stop = {0};
	const struct kt_owner owner = {.stop = &stop, .user = &heard, .note = note, .log = log_line};
	struct kt_err err = {0};
	struct kt_mock *mock;
	char answer[64];
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	const struct rd_kafka_metadata *metadata;
	kt_sig_block();
	CHECK_INT(kt_mock_start(&mock, 1, 0, &owner, &err), 0);
	CHECK_INT(kt_mock_tell(mock, "create orders 3", answer, sizeof(answer), &err), 0);
	set(&s, "bootstrap.servers", kt_mock_bootstrap(mock));
	set(&s, "debug", "broker,topic");
	CHECK_INT(kt_client_open(&c, KT_ROLE_ADMIN, &s, &owner, &err), 0);
	CHECK(kt_client_owner(c) == &owner);
	CHECK_STR(kt_client_brokers(c), kt_mock_bootstrap(mock));
	CHECK_INT(kt_client_reach(c, 10000, &err), 0);
	CHECK_INT(kt_client_topic(c, "orders", 10000, &metadata, &err), 0);
	CHECK_INT(metadata->topics[0].partition_cnt, 3);
	CHECK_INT(kt_client_check_partition(&metadata->topics[0], 2, &err), 0);
	CHECK_INT(kt_client_check_partition(&metadata->topics[0], 3, &err), -1);
	CHECK_INT(err.status, KT_NOT_FOUND);
	rd_kafka_metadata_destroy(metadata);
	CHECK_INT(kt_client_topic_error(c, "order", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, &err), -1);
	CHECK_INT(err.status, KT_NOT_FOUND);
	CHECK(strstr(err.hint, "did you mean orders?"));
	/* The last broker goes away: that is noted, once. */
	CHECK_INT(kt_mock_tell(mock, "down all", answer, sizeof(answer), &err), 0);
	for (int64_t since_us = kt_clock_us(); !heard.notes && kt_clock_us() - since_us < 60000000;) {
		rd_kafka_poll(kt_client_handle(c), 20);
		kt_client_note_trouble(c, -1);
	}
	CHECK_INT(heard.notes, 1);
	CHECK_INT(heard.kind, KT_NOTE_CONNECTION);
	CHECK(strstr(heard.last.msg, "can be reached any more"));
	CHECK_STR(heard.last.hint, "trying on");
	kt_client_note_trouble(c, -1);
	CHECK_INT(heard.notes, 1);
	CHECK(atomic_load(&heard.lines) > 0);
	kt_client_close(kt_steal(c));
	kt_mock_stop(mock);
}

static void *call_soon(void *stop)
{
	kt_wait(NULL, 0, 50);
	kt_stop_call(stop, KT_PARTIAL);
	return NULL;
}

/* Nobody has 192.0.2.0/24 (RFC 5737); where packets to it are refused at once, the reason differs. */
TEST(a_stop_ends_a_wait)
{
	struct kt_stop stop = {0};
	const struct kt_owner owner = {.stop = &stop};
	struct kt_err err = {0};
	pthread_t thread;
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	set(&s, "bootstrap.servers", "192.0.2.1:9092");
	CHECK_INT(kt_client_open(&c, KT_ROLE_ADMIN, &s, &owner, &err), 0);
	CHECK_INT(pthread_create(&thread, NULL, call_soon, &stop), 0);
	CHECK_INT(kt_client_reach(c, 3600 * 1000, &err), -1);
	pthread_join(thread, NULL);
	CHECK_INT(err.status, KT_PARTIAL);
	CHECK_STR(err.msg, "interrupted while connecting to 192.0.2.1:9092");
	/* The same client again, in a new run, with a limit. */
	kt_stop_begin(&stop, 100);
	CHECK_INT(kt_client_reach(c, 3600 * 1000, &err), -1);
	CHECK_INT(err.status, KT_RUN_ENDED);
}

/* A call that comes back when it is told to. */
struct held {
	struct kt_aside aside;
	int until_fd;
	atomic_bool *dropped;
};

static void wait_for_it(struct kt_aside *aside)
{
	eventfd_t value;
	eventfd_read(((struct held *)aside)->until_fd, &value);
}

static void drop_held(struct kt_aside *aside)
{
	struct held *held = (struct held *)aside;
	close(held->until_fd);
	atomic_store(held->dropped, true);
	free(held);
}

static struct held *hold(int until_fd, atomic_bool *dropped)
{
	struct held *held = kt_calloc(1, sizeof(*held));
	*held = (struct held){{.call = wait_for_it, .drop = drop_held}, .until_fd = until_fd, .dropped = dropped};
	return held;
}

TEST(a_stop_does_not_wait_for_a_call)
{
	static atomic_bool dropped;
	struct kt_stop stop = {0};
	const struct kt_owner owner = {.stop = &stop};
	struct kt_err err = {0};
	struct kt_waiting wait = {.owner = &owner};
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	struct kt_client *c;
	int until_fd = eventfd(0, EFD_CLOEXEC);
	set(&s, "bootstrap.servers", "127.0.0.1:1");
	CHECK_INT(kt_client_open(&c, KT_ROLE_ADMIN, &s, &owner, &err), 0);
	struct held *held = hold(until_fd, &dropped);
	kt_stop_call(&stop, KT_PARTIAL);
	CHECK_INT(kt_aside(&held->aside, c, &wait), -1);
	CHECK(!atomic_load(&dropped));
	eventfd_write(until_fd, 1);
	while (!atomic_load(&dropped))
		kt_wait(NULL, 0, 1);
	/* One that comes back in time is the caller's. */
	kt_stop_begin(&stop, 0);
	held = hold(eventfd(1, EFD_CLOEXEC), &dropped);
	CHECK_INT(kt_aside(&held->aside, c, &wait), 0);
	drop_held(&held->aside);
	kt_client_close(c);
}

TEST(nobody_listens)
{
	struct heard heard = {0};
	const struct kt_owner owner = {.user = &heard, .note = note, .log = log_line};
	struct kt_err err = {0};
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	set(&s, "bootstrap.servers", "127.0.0.1:1");
	CHECK_INT(kt_client_open(&c, KT_ROLE_ADMIN, &s, &owner, &err), 0);
	CHECK_INT(kt_client_reach(c, 300, &err), -1);
	CHECK_INT(err.status, KT_UNREACHABLE);
	CHECK_STR(err.msg, "cannot reach any broker of 127.0.0.1:1 (127.0.0.1:1: connection refused)");
	CHECK_INT(kt_client_stopped(c), 0);
	for (int64_t since_us = kt_clock_us(); !heard.notes && kt_clock_us() - since_us < 60000000;) {
		rd_kafka_poll(kt_client_handle(c), 20);
		kt_client_note_trouble(c, -1);
	}
	CHECK_STR(heard.last.msg, "no broker of 127.0.0.1:1 can be reached");
	set(&s, "linger.ms", "-5");
	kt_client_close(kt_steal(c));
	CHECK_INT(kt_client_open(&c, KT_ROLE_PRODUCER, &s, NULL, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
}
