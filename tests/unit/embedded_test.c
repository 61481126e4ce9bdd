#include "embedded.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"

/* A broker as far as its socket is concerned, served by a thread. */
struct fake {
	struct kt_embedded_server server;
	const char *bootstrap;
	pthread_t thread;
	atomic_bool stop;
};

static int handle(void *data, const char *line, char *answer, size_t size, struct kt_err *err)
{
	struct fake *fake = data;
	if (!strcmp(line, "bootstrap"))
		snprintf(answer, size, "%s", fake->bootstrap);
	else if (!strcmp(line, "fail")) {
		kt_err_set(err, KT_NOT_FOUND, "no such thing");
		return kt_err_hint(err, "make it");
	} else if (!strcmp(line, "long")) {
		memset(answer, 'x', size - 1);
		answer[size - 1] = '\0';
	}
	return 0;
}

static void *serve(void *data)
{
	struct fake *fake = data;
	while (!fake->stop) {
		struct pollfd fd = {.fd = fake->server.fd, .events = POLLIN};
		if (poll(&fd, 1, 10) > 0)
			kt_embedded_serve(&fake->server, handle, fake);
	}
	return NULL;
}

static bool start(struct fake *fake, int port, const char *bootstrap)
{
	struct kt_err err;
	fake->bootstrap = bootstrap;
	if (kt_embedded_open(&fake->server, port, &err) < 0) {
		printf("# %s\n", err.msg);
		return false;
	}
	return pthread_create(&fake->thread, NULL, serve, fake) == 0;
}

static void stop(struct fake *fake)
{
	fake->stop = true;
	pthread_join(fake->thread, NULL);
	kt_embedded_close(&fake->server);
}

/* A run-time directory for each test, removed by hand afterwards. */
static void fresh_dir(char *dir, size_t size)
{
	snprintf(dir, size, "/tmp/kt-local-test-XXXXXX");
	if (!mkdtemp(dir))
		abort();
	setenv("XDG_RUNTIME_DIR", dir, 1);
	setenv("TMPDIR", dir, 1);
}

static void remove_dir(const char *dir)
{
	char sub[128];
	snprintf(sub, sizeof(sub), "%s/kt", dir);
	CHECK(rmdir(sub) == 0);
	snprintf(sub, sizeof(sub), "%s/kt-%lu", dir, (unsigned long)geteuid());
	rmdir(sub);
	CHECK(rmdir(dir) == 0);
}

TEST(finds_the_newest_and_the_one_asked_for)
{
	char dir[64], bootstrap[64];
	struct kt_embedded found;
	struct fake one = {0}, two = {0};
	fresh_dir(dir, sizeof(dir));
	CHECK(start(&one, 9092, "127.0.0.1:9092"));
	usleep(20000);
	CHECK(start(&two, 9093, "127.0.0.1:9093,127.0.0.1:9094"));
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 1);
	CHECK_STR(bootstrap, "127.0.0.1:9093,127.0.0.1:9094");
	CHECK_INT(kt_embedded_broker(bootstrap, 10), 0);

	static const struct {
		const char *brokers, *bootstrap;
	} rows[] = {
		{"localhost:9092", "127.0.0.1:9092"},
		{"localhost", "127.0.0.1:9092"},
		{"PLAINTEXT://127.0.0.1:9094", "127.0.0.1:9093,127.0.0.1:9094"},
		{"elsewhere:9092, 127.0.0.1:9094", "127.0.0.1:9093,127.0.0.1:9094"},
		{"elsewhere:9092", NULL},
		{"localhost:9095", NULL},
		{"localhost.example.org:9092", NULL},
		{"127.0.0.11:9092", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		int there = kt_embedded_find(rows[i].brokers, &found);
		CHECK_STR(there ? found.bootstrap : NULL, rows[i].bootstrap);
	}
	stop(&two);
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 1);
	CHECK_STR(bootstrap, "127.0.0.1:9092");
	stop(&one);
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 0);
	remove_dir(dir);
}

TEST(answers_and_refusals_arrive)
{
	char dir[64], answer[KT_EMBEDDED_LINE], line[2 * KT_EMBEDDED_LINE];
	struct kt_err err = {0};
	struct kt_embedded found;
	struct fake fake = {0};
	fresh_dir(dir, sizeof(dir));
	CHECK(start(&fake, 9092, "127.0.0.1:9092"));
	CHECK_INT(kt_embedded_find(NULL, &found), 1);
	CHECK_INT(kt_embedded_ask(&found, "anything", answer, sizeof(answer), &err), 0);
	CHECK_STR(answer, "");
	CHECK_INT(kt_embedded_ask(&found, "long", answer, sizeof(answer), &err), 0);
	CHECK(strlen(answer) > 1000);
	CHECK_INT(kt_embedded_ask(&found, "fail", answer, sizeof(answer), &err), -1);
	CHECK_INT(err.status, KT_NOT_FOUND);
	CHECK_STR(err.msg, "no such thing");
	CHECK_STR(err.hint, "make it");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	CHECK_INT(kt_embedded_ask(&found, line, answer, sizeof(answer), &err), -1);
	CHECK(strstr(err.msg, "127.0.0.1:9092"));
	stop(&fake);
	remove_dir(dir);
}

TEST(a_dead_brokers_socket_is_removed)
{
	char dir[64], path[KT_EMBEDDED_PATH], bootstrap[64];
	struct kt_err err;
	struct fake fake = {0};
	fresh_dir(dir, sizeof(dir));
	CHECK_INT(kt_embedded_open(&fake.server, 9092, &err), 0);
	snprintf(path, sizeof(path), "%s", fake.server.path);
	close(fake.server.fd); /* as after SIGKILL: the name stays */
	CHECK_INT(access(path, F_OK), 0);
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 0);
	CHECK_INT(access(path, F_OK), -1);
	remove_dir(dir);
}

TEST(only_a_socket_gives_way_to_a_new_one)
{
	char dir[64], path[KT_EMBEDDED_PATH];
	struct kt_err err;
	struct stat info;
	struct kt_embedded_server server;
	fresh_dir(dir, sizeof(dir));
	CHECK_INT(kt_embedded_open(&server, 9092, &err), 0);
	snprintf(path, sizeof(path), "%s", server.path);
	kt_embedded_close(&server);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(kt_embedded_open(&server, 9092, &err), -1);
	CHECK_INT(lstat(path, &info), 0);
	CHECK(S_ISFIFO(info.st_mode));
	CHECK_INT(unlink(path), 0);
	remove_dir(dir);
}

TEST(a_client_that_says_nothing_holds_nobody_up)
{
	char dir[64], bootstrap[64];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct fake fake = {0};
	fresh_dir(dir, sizeof(dir));
	CHECK(start(&fake, 9092, "127.0.0.1:9092"));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fake.server.path);
	int silent = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_INT(connect(silent, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 1);
	close(silent);
	stop(&fake);
	remove_dir(dir);
}

/* As a broker does whose client was held up before it could say anything. */
static void *close_one(void *data)
{
	struct fake *fake = data;
	struct pollfd fd = {.fd = fake->server.fd, .events = POLLIN};
	poll(&fd, 1, -1);
	close(accept(fake->server.fd, NULL, NULL));
	return serve(fake);
}

TEST(who_was_taken_for_silent_asks_again)
{
	char dir[64], bootstrap[64];
	struct fake one = {.bootstrap = "127.0.0.1:9092"};
	struct kt_err err;
	fresh_dir(dir, sizeof(dir));
	CHECK(kt_embedded_open(&one.server, 9092, &err) == 0);
	CHECK(pthread_create(&one.thread, NULL, close_one, &one) == 0);
	CHECK_INT(kt_embedded_broker(bootstrap, sizeof(bootstrap)), 1);
	CHECK_STR(bootstrap, "127.0.0.1:9092");
	stop(&one);
	remove_dir(dir);
}

TEST(a_directory_that_others_can_enter_is_not_used)
{
	char dir[64], sub[80], bootstrap[64];
	struct kt_err err = {0};
	struct fake fake = {0};
	fresh_dir(dir, sizeof(dir));
	snprintf(sub, sizeof(sub), "%s/kt", dir);
	CHECK(start(&fake, 9092, "127.0.0.1:9092"));
	CHECK_INT(chmod(sub, 0755), 0);
	int there = kt_embedded_broker(bootstrap, sizeof(bootstrap));
	CHECK(!there || strcmp(bootstrap, "127.0.0.1:9092") != 0);
	/* The next one is in $TMPDIR/kt-UID. */
	struct kt_embedded_server other;
	CHECK_INT(kt_embedded_open(&other, 65535, &err), 0);
	CHECK(!strncmp(other.path, dir, strlen(dir)) && !strncmp(other.path + strlen(dir), "/kt-", 4));
	kt_embedded_close(&other);
	stop(&fake);
	remove_dir(dir);
}
