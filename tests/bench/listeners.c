/* Many who listen to one stream, as WebSockets or by Server-Sent Events, and one who writes to it: when what is written
 * reaches the last of them, and how long each delivery takes.
 *
 *   listeners ws|sse N URL ALONE RATE SECONDS [POST]
 *
 * URL and POST are HOST:PORT/PATH; without POST the first listener writes, over its WebSocket. It says "open" when all
 * are there, and goes on after a line of stdin: with so many messages alone, each after all have the one before it
 * ("alone MS" for each of them); and after one more line with RATE messages a second for SECONDS ("load DELIVERIES LOST
 * P50 P99 MOST", in ms, from when a message was due). */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base.h"
#include "mem.h"
#include "num.h"
#include "when.h"

/* A message is MARK, when it was due in microseconds, which of them it is, and what fills it up. */
enum { EVENTS = 512, READ = 64 << 10, MARK = 2, DUE = 16, MESSAGE = 100, PATIENCE_MS = 20000, COMING = 100 };

struct place {
	struct sockaddr_in address;
	char path[200];
};

struct listener {
	int fd;
	bool open;
	unsigned char kept;     /* the length of carry */
	char carry[MARK + DUE]; /* the beginning of a mark whose rest has not come */
};

static struct listener *them;
static int n_them, n_open, epoll, poster = -1;
static bool sse;
static struct place to, post;
static uint32_t *delays;
static size_t n_delays, max_delays;

static void fail(const char *what)
{
	fprintf(stderr, "listeners: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct place place_of(const char *text)
{
	struct place p = {.address = {.sin_family = AF_INET}};
	char host[64];
	unsigned port;
	if (sscanf(text, "%63[^:]:%u%199s", host, &port, p.path) != 3 || !inet_aton(host, &p.address.sin_addr))
		fail(text);
	p.address.sin_port = htons((uint16_t)port);
	return p;
}

static int connected(const struct place *p)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0 || connect(fd, (const struct sockaddr *)&p->address, sizeof(p->address)) < 0)
		fail(p->path);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void put(int fd, const char *data, size_t len)
{
	for (ssize_t got; len; data += got, len -= (size_t)got)
		if ((got = send(fd, data, len, MSG_NOSIGNAL)) < 0)
			fail("sending");
}

static void come(struct listener *l)
{
	char head[600];
	int n = snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", to.path,
		sse ? "Accept: text/event-stream\r\n"
		    : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
	l->fd = connected(&to);
	put(l->fd, head, (size_t)n);
	fcntl(l->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &event);
}

static void say(int64_t due_us)
{
	char text[MESSAGE + 1], request[800];
	snprintf(text, sizeof(text), "@@%0*lld%0*d", DUE, (long long)due_us, MESSAGE - MARK - DUE, 0);
	if (poster >= 0) {
		int n = snprintf(request, sizeof(request),
			"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", post.path, MESSAGE,
			text);
		put(poster, request, (size_t)n);
		while (recv(poster, request, sizeof(request), MSG_DONTWAIT) > 0)
			;
		return;
	}
	/* A mask of zeros. */
	char frame[6 + MESSAGE] = {(char)0x81, (char)(0x80 | MESSAGE)};
	memcpy(frame + 6, text, MESSAGE);
	put(them[0].fd, frame, sizeof(frame));
}

static void take(struct listener *l, char *text, size_t len, int64_t now_us)
{
	const char *at = text, *end = text + len;
	l->kept = 0;
	while ((at = memchr(at, '@', (size_t)(end - at)))) {
		if (end - at < MARK + DUE) {
			l->kept = (unsigned char)(end - at);
			memcpy(l->carry, at, l->kept);
			return;
		}
		if (at[1] == '@' && n_delays < max_delays) {
			char digits[DUE + 1] = {0};
			memcpy(digits, at + MARK, DUE);
			delays[n_delays++] = (uint32_t)(now_us - strtoll(digits, NULL, 10));
		}
		at += MARK + DUE;
	}
}

static void hear(struct listener *l)
{
	static char text[sizeof(l->carry) + READ + 1];
	memcpy(text, l->carry, l->kept);
	ssize_t got = recv(l->fd, text + l->kept, READ, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0)
		fail("a listener was let go");
	size_t len = l->kept + (size_t)got;
	if (!l->open) {
		/* An SSE stream of kt begins with its position, one of others maybe with nothing. */
		text[len] = 0;
		if (!strstr(text, "\r\n\r\n") || !strstr(text, sse ? " 200 " : " 101 "))
			fail(text);
		l->open = true;
		n_open++;
	}
	take(l, text, len, kt_clock_us());
}

static void turn(int64_t wait_ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(epoll, events, EVENTS, (int)wait_ms);
	for (int i = 0; i < n; i++)
		hear(events[i].data.ptr);
}

static bool until(size_t n)
{
	int64_t end_us = kt_clock_us() + PATIENCE_MS * 1000;
	while (n_delays < n && kt_clock_us() < end_us)
		turn(100);
	return n_delays >= n;
}

static void wait_for_a_line(void)
{
	char c;
	while (read(0, &c, 1) == 1 && c != '\n')
		;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static double delay_ms(double share)
{
	return n_delays ? delays[(size_t)((double)(n_delays - 1) * share)] / 1e3 : 0;
}

/* Anew for each phase: a server does not wait for ever for what comes next on a connection. */
static void reach_post(void)
{
	if (!post.address.sin_port)
		return;
	if (poster >= 0)
		close(poster);
	poster = connected(&post);
}

static void run_alone(int count)
{
	reach_post();
	for (int i = 0; i < count; i++) {
		uint32_t last = 0;
		n_delays = 0;
		say(kt_clock_us());
		if (!until((size_t)n_them))
			fail("a message did not come to all");
		for (size_t k = 0; k < n_delays; k++)
			last = last > delays[k] ? last : delays[k];
		printf("alone %.1f\n", last / 1e3);
		for (int64_t end_us = kt_clock_us() + 500000; kt_clock_us() < end_us;)
			turn(100);
	}
}

static void run_load(int rate, int seconds)
{
	reach_post();
	int64_t begin_us = kt_clock_us();
	size_t all = (size_t)rate * (size_t)seconds;
	n_delays = 0;
	for (size_t i = 0; i < all;) {
		int64_t due_us = begin_us + (int64_t)i * 1000000 / rate, left_us = due_us - kt_clock_us();
		if (left_us <= 0) {
			say(due_us);
			i++;
		}
		turn(left_us > 1000 ? left_us / 1000 : 0);
	}
	until(all * (size_t)n_them);
	qsort(delays, n_delays, sizeof(*delays), ascending);
	printf("load %zu %zu %.1f %.1f %.1f\n", n_delays, all * (size_t)n_them - n_delays, delay_ms(0.5),
		delay_ms(0.99), delay_ms(1));
}

static int number(const char *text)
{
	int64_t n;
	struct kt_err err = {0};
	if (kt_parse_i64(text, 0, 1000000, &n, &err) < 0)
		fail(err.msg);
	return (int)n;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (argc < 7)
		return 2;
	sse = !strcmp(argv[1], "sse");
	n_them = number(argv[2]);
	to = place_of(argv[3]);
	int alone = number(argv[4]), rate = number(argv[5]), seconds = number(argv[6]);
	if (argc > 7)
		post = place_of(argv[7]);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	them = kt_calloc((size_t)n_them, sizeof(*them));
	max_delays = (size_t)n_them * (size_t)(rate * seconds + 1);
	delays = kt_calloc(max_delays, sizeof(*delays));
	for (int i = 0; i < n_them; i++) {
		come(&them[i]);
		while (i - n_open >= COMING)
			turn(100);
	}
	while (n_open < n_them)
		turn(100);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("open");
	wait_for_a_line();
	run_alone(alone);
	puts("quiet");
	wait_for_a_line();
	run_load(rate, seconds);
	return 0;
}
