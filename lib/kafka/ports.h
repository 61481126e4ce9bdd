/* Fixed ports for the mock cluster, which itself only knows ports that the system chooses.
 *
 *   kt_auto(kt_ports_fini) struct kt_ports ports = {0};
 *   if (kt_ports_open(&ports, 9092, 3, err) < 0)
 *           return -1;
 *   kt_ports_lend(&ports);
 *   cluster = rd_kafka_mock_cluster_new(handle, 3);        its brokers listen on 9092, 9093, 9094
 *   kt_ports_lend(NULL);
 */
#ifndef KT_PORTS_H
#define KT_PORTS_H

#include "err.h"

enum { KT_PORTS_MAX = 48 };

/* Sockets that listen on 127.0.0.1. */
struct kt_ports {
	int fd[KT_PORTS_MAX];
	int n, used;
};

/* A socket that listens on 127.0.0.1:port, or -1 and errno. */
int kt_port_listen(int port);

/* Listens on n ports (at most KT_PORTS_MAX) from `first` on. A port that is taken is KT_FAILED and named. */
int kt_ports_open(struct kt_ports *ports, int first, int n, struct kt_err *err) kt_must_check;

/* From now on, each bind() that this thread calls, in whichever library, takes the next of these sockets instead of
 * what it asks for, until they are used up; NULL ends that. Borrows ports. */
void kt_ports_lend(struct kt_ports *ports);

/* Closes those that were not taken. */
void kt_ports_fini(struct kt_ports *ports);

#endif
