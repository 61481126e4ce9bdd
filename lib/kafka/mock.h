/* librdkafka's mock cluster as a thing of its own: brokers on 127.0.0.1 that this process runs, and their faults.
 *
 *   struct kt_mock *mock;
 *   if (kt_mock_start(&mock, 1, 9092, owner, err) < 0)
 *           return -1;
 *   puts(kt_mock_bootstrap(mock));
 *   if (kt_mock_tell(mock, "create client58 16", answer, sizeof(answer), err) < 0) …
 *   kt_mock_stop(mock);
 *
 * Produce, fetch, groups with commits, idempotence and transactions work. Admin requests, TLS, SASL, time in
 * ListOffsets and persistence do not, and a partition silently drops its oldest records beyond about 5 MB. A topic
 * that is asked for springs into being with 4 partitions.
 */
#ifndef KT_MOCK_H
#define KT_MOCK_H

#include "owner.h"
#include "ports.h"

enum {
	KT_MOCK_MAX_BROKERS = KT_PORTS_MAX,
	KT_MOCK_MAX_PARTITIONS = 10000,
	KT_MOCK_MAX_ERRORS = 100000,
};

struct kt_mock;

/* Starts brokers 1 to `brokers`. With port > 0 they listen on port, port + 1, …; with 0 on free ports. A port that is
 * taken is KT_FAILED and named. kt_sig_block() comes first: the library's threads inherit the mask. */
int kt_mock_start(
	struct kt_mock **out, int brokers, int port, const struct kt_owner *owner, struct kt_err *err) kt_must_check;

/* "127.0.0.1:9092,127.0.0.1:9093". Borrowed. */
const char *kt_mock_bootstrap(const struct kt_mock *mock);

/* The port of the first broker. */
int kt_mock_port(const struct kt_mock *mock);

/* Carries out one line of words between blanks and fills answer (size bytes; "" when there is nothing to say):
 *
 *   bootstrap                 the address
 *   create TOPIC PARTITIONS [if-not-exists]     a topic; answers "exists" when the last word allows that
 *   down ID|all               disconnects a broker and refuses connections; partitions keep their leader
 *   up ID|all                 accepts them again
 *   delay DURATION            every answer of every broker comes that much later; 0 ends it
 *   error API CODE COUNT      the next COUNT requests of a kind fail; _TRANSPORT as CODE cuts the connection
 *
 * API and CODE are names (any letter case) or CODE a number. Unknown names are KT_USAGE with the nearest one as hint.
 */
int kt_mock_tell(struct kt_mock *mock, const char *line, char *answer, size_t size, struct kt_err *err) kt_must_check;

/* Ends the brokers and with them all that they hold; NULL is allowed. */
void kt_mock_stop(struct kt_mock *mock);

#endif
