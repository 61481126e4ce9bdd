#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"
#include "num.h"

enum { BACKLOG = 128, TRIES = 100, PORT_MAX = 65535 };

struct place {
	char *host; /* NULL: all addresses */
	int64_t port;
};

static int not_an_address(const char *text, struct kt_err *err)
{
	kt_err_set(err, KT_USAGE, "\"%.80s\" is not an address to listen on", text);
	return kt_err_hint(err, "for example 127.0.0.1:3001, [::1]:3001, :3001 for all addresses, or 3001");
}

/* A colon in brackets belongs to the host. */
static int read_place(const char *text, int port, struct place *out, struct kt_err *err)
{
	struct kt_err ignored;
	const char *bracket = strrchr(text, ']'), *colon = strrchr(bracket ? bracket : text, ':');
	bool only_port = !colon && text[0] && !text[strspn(text, "0123456789")];
	const char *number = colon ? colon + 1 : only_port ? text : "";
	const char *host = text;
	size_t len = colon ? (size_t)(colon - text) : only_port ? 0 : strlen(text);
	out->port = port;
	if ((*number || colon || !port || !*text) && kt_parse_i64(number, 0, PORT_MAX, &out->port, &ignored) < 0)
		return not_an_address(text, err);
	if (len > 1 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len)) {
		return not_an_address(text, err);
	}
	out->host = only_port ? kt_strdup("127.0.0.1") : len ? kt_strndup(host, len) : NULL;
	return 0;
}

/* The descriptor, or -1 with errno. */
static int listen_on(const struct addrinfo *a)
{
	int on = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int cause = errno;
	close(fd);
	errno = cause;
	return -1;
}

static int try_port(const char *host, int64_t port, struct kt_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *list;
	char service[24];
	snprintf(service, sizeof(service), "%lld", (long long)port);
	int code = getaddrinfo(host, service, &hints, &list);
	if (code)
		return kt_err_set(
			err, KT_FAILED, "cannot listen on %s:%s: %s", host ? host : "", service, gai_strerror(code));
	int fd = listen_on(list);
	int cause = errno;
	freeaddrinfo(list);
	errno = cause;
	return fd >= 0 ? fd : kt_err_sys(err, "cannot listen on %s:%s", host ? host : "", service);
}

static void show(int fd, char *shown)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[64] = "", port[8] = "";
	getsockname(fd, (struct sockaddr *)&address, &len);
	getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(shown, KT_LISTEN_TEXT, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

int kt_listen(const char *text, int port, bool next_free, char *shown, struct kt_err *err)
{
	struct place place = {0};
	if (read_place(text, port, &place, err) < 0)
		return -1;
	kt_auto(kt_free_ptr) char *host = place.host;
	int fd = -1;
	for (int64_t i = 0; fd < 0 && i < (next_free ? TRIES : 1) && place.port + i <= PORT_MAX; i++) {
		fd = try_port(host, place.port + i, err);
		if (fd < 0 && errno != EADDRINUSE)
			return -1;
	}
	if (fd < 0)
		return -1;
	show(fd, shown);
	return fd;
}
