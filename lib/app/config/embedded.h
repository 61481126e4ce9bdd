/* How the commands of one user find and reach the embedded brokers (`kt broker`) that this user is running.
 *
 * Each running broker listens on a UNIX stream socket of its own, broker-PORT.sock, in $XDG_RUNTIME_DIR/kt or, where
 * that does not work, in kt-UID in $TMPDIR or /tmp; a directory that is not the user's alone (owner, mode 0700) is not
 * used. The protocol is one line each way per connection: a command ("create t 4"), and "ok", "ok TEXT" or
 * "error STATUS TEXT", with a hint after a tab where there is one.
 *
 *   struct kt_embedded broker;
 *   if (kt_embedded_find("127.0.0.1:9092", &broker) &&
 *       kt_embedded_ask(&broker, "create t 4", answer, sizeof(answer), err))
 *           return -1;
 */
#ifndef KT_EMBEDDED_H
#define KT_EMBEDDED_H

#include "err.h"
#include "settings.h"

enum {
	KT_EMBEDDED_PATH = 108,       /* sizeof(sockaddr_un.sun_path) */
	KT_EMBEDDED_BOOTSTRAP = 1024, /* enough for 48 times 127.0.0.1:PORT */
	KT_EMBEDDED_LINE = 1536,      /* longest line either way, with its end */
};

/* A running broker. */
struct kt_embedded {
	char path[KT_EMBEDDED_PATH];
	char bootstrap[KT_EMBEDDED_BOOTSTRAP];
};

/* Looks for an embedded broker that listens on one of the addresses in `brokers` ("localhost:9092,…"); with NULL, for
 * the one that was started last. Returns 1 and fills *found, or 0. Removes the sockets of brokers that died. A broker
 * that does not answer within two seconds is passed over. */
int kt_embedded_find(const char *brokers, struct kt_embedded *found);

/* The bootstrap address of the embedded broker that was started last into bootstrap (size bytes) and 1, or 0 when
 * this user runs none. */
int kt_embedded_broker(char *bootstrap, size_t size);

/* Makes the settings of a reader fit an embedded broker, where that is among their brokers. It is told to look at all
 * topics before it asks for one, which the mock of librdkafka 2.0.2 would make. The session of a group's member is
 * shortened when no other was asked for: after the last member has left, the mock keeps the next one waiting for almost
 * a session timeout, by default 44 seconds. */
void kt_embedded_tune(struct kt_settings *settings);

/* Changes this process's environment so that commands started from now on see the brokers at bootstrap, and nothing
 * that was set for another cluster. */
void kt_embedded_environment(const char *bootstrap);

/* Sends one command line (without newline). The text of the answer goes into answer (size bytes, may be 0). The
 * broker's refusal arrives in err as the broker wrote it, status and hint included. */
int kt_embedded_ask(const struct kt_embedded *broker, const char *line, char *answer, size_t size,
	struct kt_err *err) kt_must_check;

/* Makes a topic. 0; 1 when it was there already, which without if_not_exists is an error. KT_USAGE for a name that
 * cannot be one. */
int kt_embedded_create(const struct kt_embedded *broker, const char *name, int64_t partitions, bool if_not_exists,
	struct kt_err *err) kt_must_check;

/* The other end: the socket of a broker. Poll fd for input and call kt_embedded_serve(). */
struct kt_embedded_server {
	int fd; /* -1: not open */
	char path[KT_EMBEDDED_PATH];
};

/* Opens the socket of the broker whose first port is `port`, which the caller holds: a socket that stands under its
 * name belonged to a broker that is gone, and is replaced. */
int kt_embedded_open(struct kt_embedded_server *server, int port, struct kt_err *err) kt_must_check;

/* Carries out one command line; fills answer (size bytes, "" at the start) or err. */
typedef int kt_embedded_handler(void *data, const char *line, char *answer, size_t size, struct kt_err *err);

/* Takes one waiting connection, hands its line to the handler and answers. A client that sends nothing for a second is
 * dropped. */
void kt_embedded_serve(struct kt_embedded_server *server, kt_embedded_handler *handler, void *data);

/* Closes and removes the socket; does nothing when it is not open. */
void kt_embedded_close(struct kt_embedded_server *server);

#endif
