/* The web services of the course's documents as rows of routes: their paths and records. What an action
 * answers is in the files that serve_own.h lists.
 *
 *   const struct kt_lab *lab = kt_lab_find("game", err);
 *   if (!lab || kt_lab_routes(lab, NULL, &routes, err) < 0)
 *           return -1;
 *
 * Their environment counts as theirs did: PORT moves ping, KAFKA_TOPIC its topic, TOPIC that of chat and socketio.
 */
#ifndef KT_LABS_H
#define KT_LABS_H

#include "routes.h"

struct kt_lab {
	const char *name;
	const char *host, *port; /* where it listens */
	const char *port_from;   /* an environment variable that has another port; NULL: none */
	const char *app;         /* its name as Flask says it at the start; NULL: it is not Flask's */
	const char *with;        /* another lab that is served besides, unless it is named; NULL: none */
	const char *hosts; /* names that it takes besides those of its machine, comma between; "*": all; NULL: none */
	const char *rows;  /* $NAME(DEFAULT) is a variable of the environment, or else its default */
	const char *help;
};

/* Ended by a NULL name. */
extern const struct kt_lab kt_labs[];

/* NULL with KT_USAGE when there is none of that name. */
const struct kt_lab *kt_lab_find(const char *name, struct kt_err *err);

/* The variable that the topic of a lab comes from whose records go to all. */
#define KT_LAB_TOPIC "TOPIC"

bool kt_lab_has_topic(const struct kt_lab *lab);

/* Adds its rows. topic: in place of the variable; NULL: that, or its default. */
int kt_lab_routes(
	const struct kt_lab *lab, const char *topic, struct kt_routes *routes, struct kt_err *err) kt_must_check;

/* HOST:PORT, allocated. */
char *kt_lab_address(const struct kt_lab *lab);

#endif
