#include "ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local struct kt_ports *lent;

/* The mock cluster binds each broker to a port that the system chooses, and has no setting for it. A symbol of the
 * program itself, if it is visible, goes before libc's for every shared library, so this is what librdkafka calls. The
 * socket in its hand is replaced by one that listens on the right port already: that a port is taken is thus found
 * earlier, when it can still be reported, whereas a failure in here would make the library abort. Nothing else in the
 * process notices: it happens on one thread, between two calls of kt_ports_lend(). */
__attribute__((visibility("default"))) int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	if (lent && lent->used < lent->n) {
		int ours = lent->fd[lent->used++], result = dup3(ours, fd, O_CLOEXEC);
		close(ours);
		return result < 0 ? -1 : 0;
	}
	return (int)syscall(SYS_bind, fd, address.__sockaddr__, len);
}

int kt_port_listen(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 16) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int kt_ports_open(struct kt_ports *ports, int first, int n, struct kt_err *err)
{
	for (; ports->n < n; ports->n++) {
		int port = first + ports->n, fd = kt_port_listen(port);
		if (fd < 0) {
			bool taken = errno == EADDRINUSE;
			kt_err_sys(err, "listening on 127.0.0.1:%d", port);
			return taken ? kt_err_hint(err, "choose another --port; without it the system takes a free one")
				     : -1;
		}
		ports->fd[ports->n] = fd;
	}
	return 0;
}

void kt_ports_lend(struct kt_ports *ports)
{
	lent = ports;
}

void kt_ports_fini(struct kt_ports *ports)
{
	for (int i = ports->used; i < ports->n; i++)
		close(ports->fd[i]);
	*ports = (struct kt_ports){0};
}
