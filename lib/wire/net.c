#include "net.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "diagnosis.h"
#include "mem.h"
#include "num.h"
#include "when.h"

/* How long the other addresses still have once the first is connected. */
enum { GRACE_US = 300000, DEFAULT_PORT = 9092 };

static int left_ms(int64_t deadline_us)
{
	int64_t left_us = deadline_us - kt_clock_us();
	return left_us <= 0 ? 0 : (int)((left_us + 999) / 1000);
}

static int stopped(struct kt_err *err)
{
	return kt_err_set(err, KT_SIGNAL, "interrupted");
}

/* poll() that starts again after a signal, and notices the stop. -1 after a stop, else how many are ready. fds has room
 * for one more after its n. */
static int wait_any(struct pollfd *fds, nfds_t n, int64_t deadline_us, int stop_fd)
{
	fds[n] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
	int ready;
	do
		ready = poll(fds, n + 1, left_ms(deadline_us));
	while (ready < 0 && errno == EINTR);
	if (fds[n].revents)
		return -1;
	return ready;
}

int kt_net_wait(int fd, short events, const struct kt_limit *limit, struct kt_err *err)
{
	struct pollfd fds[2] = {{.fd = fd, .events = events}};
	int ready = wait_any(fds, 1, limit->deadline_us, limit->stop_fd);
	if (ready < 0)
		return stopped(err);
	/* Whoever sends a byte now and then gains no time by that. */
	if (ready > 0 && kt_clock_us() < limit->deadline_us)
		return 0;
	const struct kt_diagnosis *silent = kt_diagnosis(KT_DIAGNOSIS_SILENT);
	kt_err_set(err, silent->status, "%s", silent->text);
	return kt_err_hint(err, "%s", silent->hint);
}

static void name_endpoint(struct kt_endpoint *e)
{
	bool v6 = strchr(e->host, ':') != NULL;
	snprintf(e->name, sizeof(e->name), "%s%s%s:%d", v6 ? "[" : "", e->host, v6 ? "]" : "", e->port);
}

static int no_address(const char *text, struct kt_err *err)
{
	kt_err_set(err, KT_USAGE, "\"%.200s\" is not a broker's address", text);
	return kt_err_hint(err, "it reads HOST or HOST:PORT, and [ADDRESS]:PORT with IPv6");
}

int kt_endpoint_parse(struct kt_endpoint *out, const char *text, struct kt_err *err)
{
	struct kt_endpoint e = {.port = DEFAULT_PORT};
	struct kt_err ignored;
	const char *scheme = strstr(text, "://"), *host = scheme ? scheme + 3 : text, *rest;
	size_t len;
	if (*host == '[') {
		host++;
		len = strcspn(host, "]");
		rest = host + len + (host[len] == ']');
	} else {
		/* Without brackets, several colons are an IPv6 address alone. */
		const char *colon = strchr(host, ':');
		len = colon && !strchr(colon + 1, ':') ? (size_t)(colon - host) : strlen(host);
		rest = host + len;
	}
	int64_t port = DEFAULT_PORT;
	if (!len || len >= sizeof(e.host) ||
		(*rest && (*rest != ':' || kt_parse_i64(rest + 1, 1, 65535, &port, &ignored) < 0)))
		return no_address(text, err);
	memcpy(e.host, host, len);
	e.port = (int)port;
	name_endpoint(&e);
	*out = e;
	return 0;
}

int kt_endpoint_make(struct kt_endpoint *out, const char *host, int port, struct kt_err *err)
{
	struct kt_endpoint e = {.port = port};
	for (const char *c = host; *c; c++)
		if (!isgraph((unsigned char)*c))
			port = 0;
	if (!*host || strlen(host) >= sizeof(e.host) || port < 1 || port > 65535) {
		kt_err_set(err, KT_UNREACHABLE, "it is advertised as \"%.100s\", port %d, which is not an address",
			host, e.port);
		return kt_err_hint(err, "the cluster's operator has to set advertised.listeners");
	}
	snprintf(e.host, sizeof(e.host), "%s", host);
	name_endpoint(&e);
	*out = e;
	return 0;
}

/* getaddrinfo() on a thread of its own: it cannot be interrupted, and a DNS server that does not answer keeps it for
 * half a minute. Whichever is last, thread or caller, frees this. */
struct lookup {
	atomic_int users;
	char *host, *service;
	struct addrinfo hints, *result;
	int code, saved_errno, done_fd;
};

static void lookup_release(struct lookup *l)
{
	if (atomic_fetch_sub(&l->users, 1) > 1)
		return;
	if (l->result)
		freeaddrinfo(l->result);
	close(l->done_fd);
	free(l->host);
	free(l->service);
	free(l);
}

static void *look_up(void *data)
{
	struct lookup *l = data;
	l->code = getaddrinfo(l->host, l->service, &l->hints, &l->result);
	l->saved_errno = errno;
	eventfd_write(l->done_fd, 1);
	lookup_release(l);
	return NULL;
}

static void collect(struct kt_addresses *out, const struct addrinfo *found)
{
	out->n = 0;
	for (; found && out->n < KT_ADDRESSES; found = found->ai_next) {
		struct kt_address *a = &out->v[out->n++];
		*a = (struct kt_address){.len = found->ai_addrlen, .error = -1};
		memcpy(&a->at, found->ai_addr, found->ai_addrlen);
		getnameinfo(found->ai_addr, found->ai_addrlen, a->text, sizeof(a->text), NULL, 0, NI_NUMERICHOST);
	}
}

static int no_such_name(const struct lookup *l, struct kt_err *err)
{
	const struct kt_diagnosis *cause = kt_diagnosis(KT_DIAGNOSIS_NO_SUCH_NAME);
	if (l->code == EAI_NONAME || l->code == EAI_NODATA || l->code == EAI_ADDRFAMILY)
		kt_err_set(err, cause->status, "%s", cause->text);
	else
		kt_err_set(err, cause->status, "the name cannot be looked up: %s",
			l->code == EAI_SYSTEM ? strerror(l->saved_errno) : gai_strerror(l->code));
	return kt_err_hint(err, "%s", cause->hint);
}

int kt_net_resolve(struct kt_addresses *out, const struct kt_endpoint *at, const char *instead, enum kt_family family,
	const struct kt_limit *limit, struct kt_err *err)
{
	static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
	struct lookup *l = kt_calloc(1, sizeof(*l));
	pthread_t thread;
	l->hints = (struct addrinfo){.ai_family = families[family], .ai_socktype = SOCK_STREAM};
	l->host = kt_strdup(instead ? instead : at->host);
	l->service = kt_asprintf("%d", at->port);
	l->done_fd = eventfd(0, EFD_CLOEXEC);
	atomic_init(&l->users, 2);
	if (l->done_fd < 0 || pthread_create(&thread, NULL, look_up, l) != 0) {
		kt_err_sys(err, "looking up %s", l->host);
		atomic_store(&l->users, 1);
		lookup_release(l);
		return -1;
	}
	pthread_detach(thread);
	eventfd_t done;
	int result = kt_net_wait(l->done_fd, POLLIN, limit, err);
	if (result == 0)
		eventfd_read(l->done_fd, &done);
	if (result == 0 && l->code) {
		result = no_such_name(l, err);
	} else if (result == 0) {
		collect(out, l->result);
	} else if (err->status == KT_UNREACHABLE) {
		kt_err_set(err, KT_UNREACHABLE, "no answer from the name service");
		kt_err_hint(err, "is this machine's DNS server up? --resolve NAME=ADDRESS does without it");
	}
	lookup_release(l);
	return result;
}

const char *kt_address_result(const struct kt_address *address)
{
	switch (address->error) {
	case 0:
		return "connected";
	case -1:
		return kt_diagnosis(KT_DIAGNOSIS_SILENT)->text;
	case ECONNREFUSED:
		return kt_diagnosis(KT_DIAGNOSIS_REFUSED)->text;
	default:
		return strerror(address->error);
	}
}

static int start_connecting(struct kt_address *a)
{
	int fd = socket(a->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (connect(fd, (struct sockaddr *)&a->at, a->len) == 0 || errno == EINPROGRESS)) {
		/* Requests and answers are small: nothing is gained by waiting for more. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		a->error = -1;
		return fd;
	}
	a->error = errno;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Takes in what has been decided. Returns how many are still open, and sets *connected when one is. */
static size_t look(struct kt_addresses *all, int *fds, const struct pollfd *polled, bool *connected)
{
	size_t open = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct kt_address *a = &all->v[i];
		if (fds[i] < 0 || a->error != -1)
			continue;
		if (!polled[i].revents) {
			open++;
			continue;
		}
		socklen_t size = sizeof(a->error);
		getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &a->error, &size);
		*connected |= a->error == 0;
	}
	return open;
}

/* Keeps the first that is connected, closes the others. */
static int keep_first(struct kt_addresses *all, const int *fds)
{
	int kept = -1;
	for (size_t i = 0; i < all->n; i++) {
		if (fds[i] < 0)
			continue;
		if (kept < 0 && all->v[i].error == 0)
			kept = fds[i];
		else
			close(fds[i]);
	}
	return kept;
}

/* The first address's reason, which is given for all of them; where others differ, they are named beside it. */
static int tell_failure(const struct kt_addresses *all, struct kt_err *err)
{
	int error = all->n ? all->v[0].error : -1;
	const struct kt_diagnosis *cause =
		kt_diagnosis(error == ECONNREFUSED ? KT_DIAGNOSIS_REFUSED : KT_DIAGNOSIS_SILENT);
	kt_err_set(err, KT_UNREACHABLE, "%s", all->n ? kt_address_result(&all->v[0]) : cause->text);
	return kt_err_hint(err, "%s",
		error == ECONNREFUSED || error == -1 ? cause->hint : "is there a route to that network from here?");
}

static int give_up(struct kt_addresses *all, const int *fds, struct kt_err *err)
{
	for (size_t i = 0; i < all->n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return stopped(err);
}

int kt_net_connect(struct kt_addresses *all, const struct kt_limit *limit, struct kt_err *err)
{
	int fds[KT_ADDRESSES];
	struct pollfd polled[KT_ADDRESSES + 1];
	int64_t deadline_us = limit->deadline_us;
	bool connected = false, had_one = false;
	for (size_t i = 0; i < all->n; i++) {
		fds[i] = start_connecting(&all->v[i]);
		polled[i] = (struct pollfd){.fd = fds[i]};
	}
	for (int ready = 1; ready > 0 && look(all, fds, polled, &connected);) {
		if (connected && !had_one && kt_clock_us() + GRACE_US < deadline_us)
			deadline_us = kt_clock_us() + GRACE_US;
		had_one = connected;
		for (size_t i = 0; i < all->n; i++)
			polled[i] = (struct pollfd){.fd = all->v[i].error == -1 ? fds[i] : -1, .events = POLLOUT};
		ready = wait_any(polled, all->n, deadline_us, limit->stop_fd);
		if (ready < 0)
			return give_up(all, fds, err);
	}
	look(all, fds, polled, &connected);
	int kept = keep_first(all, fds);
	return kept < 0 ? tell_failure(all, err) : kept;
}
