#include "embedded.h"

#include <dirent.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "list.h"
#include "mem.h"
#include "ownkeys.h"
#include "topic.h"

enum {
	MAX_BROKERS = 64, /* sockets looked at; more than anybody has */
	FIND_MS = 2000,
	SILENT_MS = 1000, /* shorter, so that a client that is held up by a silent one is still answered */
	ANSWER_MS = 5000,
	SLICE_MS = 100, /* waits for lines are made of these: a machine that stands still takes one, however long it
			   does */
	MOST_TRIES = 3,
};

#define PREFIX "broker-"
#define SUFFIX ".sock"

struct candidate {
	char path[KT_EMBEDDED_PATH];
	struct timespec started;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* The directories in which sockets may be, best first. False when there is no such directory, or when the name of a
 * socket in it would not fit into an address. */
static bool nth_dir(int n, char *dir, size_t size)
{
	const char *run = getenv("XDG_RUNTIME_DIR"), *tmp = getenv("TMPDIR");
	int len = n == 0 ? (run && run[0] == '/' ? snprintf(dir, size, "%s/kt", run) : -1)
			 : snprintf(dir, size, "%s/kt-%lu", tmp && tmp[0] == '/' ? tmp : "/tmp",
				   (unsigned long)geteuid());
	return len > 0 && (size_t)len + sizeof("/" PREFIX "65535" SUFFIX) <= KT_EMBEDDED_PATH;
}

static bool is_private(const char *dir)
{
	struct stat st;
	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

static bool has_limits(int fd, int timeout_ms)
{
	const struct timeval slice = {.tv_usec = SLICE_MS * 1000};
	const struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof(slice)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0;
}

static int connect_to(const char *path, int timeout_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (has_limits(fd, timeout_ms) && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int send_line(int fd, const char *line)
{
	char buf[KT_EMBEDDED_LINE];
	int len = snprintf(buf, sizeof(buf), "%s\n", line);
	if (len < 0 || (size_t)len >= sizeof(buf)) {
		errno = EMSGSIZE;
		return -1;
	}
	for (size_t sent = 0; sent < (size_t)len;) {
		ssize_t n = send(fd, buf + sent, (size_t)len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		sent += (size_t)n;
	}
	return 0;
}

/* Reads up to a newline, which is taken off. */
static int receive_line(int fd, int timeout_ms, char *line, size_t size)
{
	size_t len = 0;
	for (int slices = timeout_ms / SLICE_MS;;) {
		ssize_t n = recv(fd, line + len, size - 1 - len, 0);
		if (n < 0 && (errno == EINTR || (errno == EAGAIN && --slices > 0)))
			continue;
		if (n < 0)
			return -1;
		char *end = memchr(line + len, '\n', (size_t)n);
		len += (size_t)n;
		if (end) {
			*end = '\0';
			return 0;
		}
		if (n == 0 || len == size - 1) {
			errno = n == 0 ? ECONNRESET : EMSGSIZE;
			return -1;
		}
	}
}

static int try_exchange(const char *path, const char *line, int timeout_ms, char *reply, size_t size)
{
	kt_auto(close_fd) int fd = connect_to(path, timeout_ms);
	if (fd < 0 || send_line(fd, line) < 0)
		return -1;
	return receive_line(fd, timeout_ms, reply, size);
}

/* One line each way. A broker that closes without an answer has waited for the line for too long: whoever was held up
 * between the two tries again. */
static int exchange(const char *path, const char *line, int timeout_ms, char *reply, size_t size)
{
	int result;
	for (int tries = 0; (result = try_exchange(path, line, timeout_ms, reply, size)) < 0 && ++tries < MOST_TRIES;)
		if (errno != EPIPE && errno != ECONNRESET)
			break;
	return result;
}

static bool is_socket_name(const char *name)
{
	size_t digits = strncmp(name, PREFIX, strlen(PREFIX)) ? 0 : strspn(name + strlen(PREFIX), "0123456789");
	return digits >= 1 && digits <= 5 && !strcmp(name + strlen(PREFIX) + digits, SUFFIX);
}

static size_t add_candidates(const char *dir, struct candidate *list, size_t n)
{
	DIR *d = is_private(dir) ? opendir(dir) : NULL;
	if (!d)
		return n;
	for (struct dirent *entry; n < MAX_BROKERS && (entry = readdir(d));) {
		struct stat st;
		if (!is_socket_name(entry->d_name))
			continue;
		int len = snprintf(list[n].path, sizeof(list[n].path), "%s/%s", dir, entry->d_name);
		if (len < 0 || (size_t)len >= sizeof(list[n].path) || lstat(list[n].path, &st) < 0)
			continue;
		list[n++].started = st.st_mtim;
	}
	closedir(d);
	return n;
}

static int newest_first(const void *a, const void *b)
{
	const struct timespec *x = &((const struct candidate *)a)->started,
			      *y = &((const struct candidate *)b)->started;
	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

/* The port of a loopback address at the start of text, or 0: "localhost:9092,…", "127.0.0.1:9092". */
static int loopback_port(const char *text)
{
	static const char *const names[] = {"127.0.0.1", "localhost"};
	text += strspn(text, " ");
	const char *scheme = strstr(text, "://");
	if (scheme && scheme < text + strcspn(text, ","))
		text = scheme + 3;
	for (size_t i = 0; i < KT_LEN(names); i++) {
		size_t len = strlen(names[i]);
		if (strncmp(text, names[i], len) == 0 && (!text[len] || strchr(":, ", text[len])))
			return text[len] == ':' ? (int)strtol(text + len + 1, NULL, 10) : 9092;
	}
	return 0;
}

/* True when both lists have a loopback address in common. */
static bool share_address(const char *wanted, const char *bootstrap)
{
	for (const char *a = wanted; a; a = strchr(a, ',') ? strchr(a, ',') + 1 : NULL) {
		int port = loopback_port(a);
		for (const char *b = bootstrap; port && b; b = strchr(b, ',') ? strchr(b, ',') + 1 : NULL)
			if (loopback_port(b) == port)
				return true;
	}
	return false;
}

int kt_embedded_find(const char *brokers, struct kt_embedded *found)
{
	struct candidate list[MAX_BROKERS];
	char dir[KT_EMBEDDED_PATH];
	size_t n = 0;
	for (int i = 0; i < 2; i++)
		if (nth_dir(i, dir, sizeof(dir)))
			n = add_candidates(dir, list, n);
	qsort(list, n, sizeof(*list), newest_first);
	for (size_t i = 0; i < n; i++) {
		char reply[KT_EMBEDDED_LINE];
		if (exchange(list[i].path, "bootstrap", FIND_MS, reply, sizeof(reply)) < 0) {
			/* Nobody is listening: its broker was killed and could not tidy up. */
			if (errno == ECONNREFUSED)
				unlink(list[i].path);
			continue;
		}
		if (strncmp(reply, "ok ", 3) || strlen(reply + 3) >= sizeof(found->bootstrap))
			continue;
		if (brokers && !share_address(brokers, reply + 3))
			continue;
		snprintf(found->path, sizeof(found->path), "%s", list[i].path);
		snprintf(found->bootstrap, sizeof(found->bootstrap), "%s", reply + 3);
		return 1;
	}
	return 0;
}

int kt_embedded_broker(char *bootstrap, size_t size)
{
	struct kt_embedded broker;
	if (!kt_embedded_find(NULL, &broker) || strlen(broker.bootstrap) >= size)
		return 0;
	snprintf(bootstrap, size, "%s", broker.bootstrap);
	return 1;
}

void kt_embedded_tune(struct kt_settings *settings)
{
	const char *brokers = kt_settings_text(settings, "bootstrap.servers", "");
	struct kt_embedded broker;
	if (!kt_embedded_find(brokers, &broker))
		return;
	kt_settings_put(settings, KT_RANK_BUILTIN, "kt.embedded", "true", "kt broker");
	if (kt_settings_get(settings, "session.timeout.ms") || kt_settings_get(settings, "heartbeat.interval.ms"))
		return;
	kt_settings_put(settings, KT_RANK_BUILTIN, "session.timeout.ms", "3000", "kt broker");
	kt_settings_put(settings, KT_RANK_BUILTIN, "heartbeat.interval.ms", "500", "kt broker");
}

/* Sets each variable of this row, which beats whatever the child's own configuration says, or takes them away. */
static void set_variables(const struct kt_ownkey *own, const char *value)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	kt_strs_split(&names, own->env, " ");
	for (size_t i = 0; i < names.n; i++)
		(void)(value ? setenv(names.v[i], value, 1) : unsetenv(names.v[i]));
}

void kt_embedded_environment(const char *bootstrap)
{
	kt_auto(kt_strs_fini) struct kt_strs properties = {0};
	for (char **entry = environ; *entry; entry++)
		if (!strncmp(*entry, "KT_X_", 5))
			kt_strs_take(&properties, kt_strndup(*entry, strcspn(*entry, "=")));
	for (size_t i = 0; i < properties.n; i++)
		unsetenv(properties.v[i]);
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key && own->env && own->connection)
			set_variables(own, strcmp(own->key, "bootstrap.servers") ? NULL : bootstrap);
	unsetenv("KT_PROFILE");
	setenv("KT_CONFIG", "/dev/null", 1);
}

int kt_embedded_ask(const struct kt_embedded *broker, const char *line, char *answer, size_t size, struct kt_err *err)
{
	char reply[KT_EMBEDDED_LINE];
	if (exchange(broker->path, line, ANSWER_MS, reply, sizeof(reply)) < 0)
		return kt_err_sys(err, "asking the embedded broker at %s", broker->bootstrap);
	if (!strcmp(reply, "ok") || !strncmp(reply, "ok ", 3)) {
		snprintf(answer, size, "%s", reply[2] ? reply + 3 : "");
		return 0;
	}
	char *text = reply;
	long status = strncmp(reply, "error ", 6) ? 0 : strtol(reply + 6, &text, 10);
	if (status < 1 || status > 255 || *text != ' ')
		return kt_err_set(err, KT_FAILED, "the embedded broker at %s answered with neither ok nor error",
			broker->bootstrap);
	char *hint = strchr(text, '\t');
	if (hint)
		*hint++ = '\0';
	kt_err_set(err, (int)status, "%s", text + 1);
	return hint ? kt_err_hint(err, "%s", hint) : -1;
}

int kt_embedded_create(
	const struct kt_embedded *broker, const char *name, int64_t partitions, bool if_not_exists, struct kt_err *err)
{
	char line[KT_EMBEDDED_LINE], answer[KT_EMBEDDED_LINE];
	if (kt_topic_check(name, err) < 0)
		return -1;
	snprintf(line, sizeof(line), "create %s %lld%s", name, (long long)partitions,
		if_not_exists ? " if-not-exists" : "");
	if (kt_embedded_ask(broker, line, answer, sizeof(answer), err) < 0)
		return -1;
	return !strcmp(answer, "exists");
}

/* The first directory that can be used, made if need be. */
static int make_dir(char *dir, size_t size, struct kt_err *err)
{
	char last[KT_EMBEDDED_PATH] = "";
	for (int i = 0; i < 2; i++) {
		if (!nth_dir(i, dir, size))
			continue;
		if ((mkdir(dir, 0700) == 0 || errno == EEXIST) && is_private(dir))
			return 0;
		snprintf(last, sizeof(last), "%s", dir);
	}
	return kt_err_set(err, KT_FAILED, "%s is not a directory of this user alone (mode 0700)", last);
}

/* A dead broker's socket gives way to a new one; nothing else does. */
static bool may_stand_at(const char *path)
{
	struct stat info;
	if (lstat(path, &info) < 0)
		return errno == ENOENT;
	errno = EEXIST;
	return S_ISSOCK(info.st_mode);
}

/* Bound under another name first: a socket that a client sees is always listened on, or its broker is dead. */
static int listen_at(const char *dir, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/new-%ld", dir, (long)getpid());
	if (len < 0 || (size_t)len >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 16) == 0 && may_stand_at(path) &&
		rename(address.sun_path, path) == 0)
		return fd;
	int saved = errno;
	unlink(address.sun_path);
	close(fd);
	errno = saved;
	return -1;
}

int kt_embedded_open(struct kt_embedded_server *server, int port, struct kt_err *err)
{
	char dir[KT_EMBEDDED_PATH];
	server->fd = -1;
	if (make_dir(dir, sizeof(dir), err) < 0)
		return kt_err_wrap(err, "opening the control socket");
	int len = snprintf(server->path, sizeof(server->path), "%s/" PREFIX "%d" SUFFIX, dir, port);
	if (len < 0 || (size_t)len >= sizeof(server->path))
		return kt_err_set(err, KT_FAILED, "the name of the control socket in %s is too long", dir);
	server->fd = listen_at(dir, server->path);
	return server->fd < 0 ? kt_err_sys(err, "opening the control socket %s", server->path) : 0;
}

void kt_embedded_serve(struct kt_embedded_server *server, kt_embedded_handler *handler, void *data)
{
	char line[KT_EMBEDDED_LINE], answer[KT_EMBEDDED_LINE - 16] = "", reply[KT_EMBEDDED_LINE];
	struct kt_err err = {0};
	kt_auto(close_fd) int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || !has_limits(fd, SILENT_MS) || receive_line(fd, SILENT_MS, line, sizeof(line)) < 0)
		return;
	if (handler(data, line, answer, sizeof(answer), &err) < 0)
		snprintf(reply, sizeof(reply), "error %d %s%s%s", err.status, err.msg, err.hint[0] ? "\t" : "",
			err.hint);
	else
		snprintf(reply, sizeof(reply), "ok%s%s", answer[0] ? " " : "", answer);
	/* A client that is gone by now has lost its answer, which concerns nobody else. */
	(void)!send_line(fd, reply);
}

void kt_embedded_close(struct kt_embedded_server *server)
{
	if (server->fd < 0)
		return;
	unlink(server->path);
	close(server->fd);
	server->fd = -1;
}
